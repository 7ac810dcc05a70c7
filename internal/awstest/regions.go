package awstest

import (
	"cmp"
	"slices"
)

// accountService is Account Management, API 2021-02-01.
var accountService = &service{
	name: "account", iam: "account", global: true,
	errors: jsonFamily.with(family{
		denied: {Code: "AccessDeniedException", Status: 403}, throttled: {Code: "TooManyRequestsException", Status: 429},
		internal: {Code: "InternalServerException"}, unknownKey: {Code: "UnrecognizedClientException", Status: 403},
		expired: {Code: "ExpiredTokenException", Status: 403},
	}),
	ops: map[string]handler{"ListRegions": reads(listRegions)},
}

type listRegionsInput struct {
	AccountID               string   `json:"AccountId,omitempty" pattern:"[0-9]{12}"`
	MaxResults              int32    `json:"MaxResults,omitempty" range:"1-50"`
	NextToken               string   `json:"NextToken,omitempty"`
	RegionOptStatusContains []string `json:"RegionOptStatusContains,omitempty" enum:"ENABLED|ENABLING|DISABLING|DISABLED|ENABLED_BY_DEFAULT"`
}

type listRegionsOutput struct {
	Regions   []regionOpt `json:"Regions"`
	NextToken string      `json:"NextToken,omitempty"`
}

type regionOpt struct {
	RegionName      string `json:"RegionName"`
	RegionOptStatus string `json:"RegionOptStatus"`
}

func listRegions(c *call, in *listRegionsInput) (*listRegionsOutput, error) {
	if in.AccountID != "" && in.AccountID != c.account.id {
		return nil, errorWithStatus(403, "AccessDeniedException", "User: %s is not authorized to perform: account:ListRegions on another account", c.by.arn)
	}
	after, ok := readToken("ListRegions", in.NextToken)
	if !ok {
		return nil, apiError("ValidationException", "Invalid NextToken")
	}
	list := c.account.regionOpts()
	if len(in.RegionOptStatusContains) > 0 {
		list = slices.DeleteFunc(list, func(r regionOpt) bool { return !slices.Contains(in.RegionOptStatusContains, r.RegionOptStatus) })
	}
	cut, next := page(c.Cloud, list, func(r regionOpt) string { return r.RegionName }, after, cmp.Or(int(in.MaxResults), 50))
	return &listRegionsOutput{Regions: append([]regionOpt{}, cut...), NextToken: newToken("ListRegions", next)}, nil
}

// regionOpts returns the regions of the account's partition with their status,
// sorted by name.
func (a *Account) regionOpts() []regionOpt {
	var list []regionOpt
	for _, name := range a.regionNames() {
		status := "ENABLED_BY_DEFAULT"
		if slices.Contains(optInRegions, name) {
			status = "ENABLED"
		}
		list = append(list, regionOpt{name, status})
	}
	if a.partition == "aws" {
		for _, name := range optInRegions {
			if a.regions[name] == nil {
				list = append(list, regionOpt{name, "DISABLED"})
			}
		}
	}
	slices.SortFunc(list, func(x, y regionOpt) int { return cmp.Compare(x.RegionName, y.RegionName) })
	return list
}

// ec2Service is EC2, API 2016-11-15, as far as it lists regions.
var ec2Service = &service{
	name: "ec2", iam: "ec2", version: "2016-11-15", xmlns: "http://ec2.amazonaws.com/doc/2016-11-15/",
	errors: queryFamily.with(family{
		denied: {Code: "UnauthorizedOperation"}, throttled: {Code: "RequestLimitExceeded", Status: 503}, expired: {Code: "RequestExpired", Status: 400},
		unknownKey: {Code: "AuthFailure", Status: 401, Message: "AWS was not able to validate the provided access credentials"},
		internal:   {Code: "InternalError"}, unavailable: {Code: "Unavailable"}, invalid: {Code: "InvalidParameterValue"},
	}),
	ops: map[string]handler{"DescribeRegions": reads(describeRegions)},
}

type describeRegionsInput struct {
	RegionName []string    `json:"RegionName,omitempty"`
	AllRegions bool        `json:"AllRegions,omitempty"`
	DryRun     bool        `json:"DryRun,omitempty"`
	Filter     []ec2Filter `json:"Filter,omitempty"`
}

type ec2Filter struct {
	Name  string   `json:"Name"`
	Value []string `json:"Value"`
}

type describeRegionsOutput struct {
	RegionInfo []ec2Region `json:"regionInfo"`
}

type ec2Region struct {
	RegionName     string `json:"regionName"`
	RegionEndpoint string `json:"regionEndpoint"`
	OptInStatus    string `json:"optInStatus"`
}

func describeRegions(c *call, in *describeRegionsInput) (*describeRegionsOutput, error) {
	out := &describeRegionsOutput{RegionInfo: []ec2Region{}}
	for _, r := range c.account.regionOpts() {
		e := ec2Region{r.RegionName, "ec2." + r.RegionName + ".amazonaws.com", optInStatus[r.RegionOptStatus]}
		chosen := len(in.RegionName) == 0 && (in.AllRegions || r.RegionOptStatus != "DISABLED") || slices.Contains(in.RegionName, r.RegionName)
		for _, f := range in.Filter {
			if f.Name != "opt-in-status" {
				return nil, apiError("InvalidParameterValue", "The filter '%s' is invalid", f.Name)
			}
			chosen = chosen && slices.Contains(f.Value, e.OptInStatus)
		}
		if chosen {
			out.RegionInfo = append(out.RegionInfo, e)
		}
	}
	return out, nil
}

var optInStatus = map[string]string{"ENABLED_BY_DEFAULT": "opt-in-not-required", "ENABLED": "opted-in", "DISABLED": "not-opted-in"}

// iamService is IAM, API 2010-05-08, as far as it knows account aliases and reads
// roles.
var iamService = &service{
	name: "iam", iam: "iam", global: true, errors: queryFamily.with(family{internal: {Code: "ServiceFailure"}}),
	version: "2010-05-08", xmlns: "https://iam.amazonaws.com/doc/2010-05-08/",
	ops: map[string]handler{
		"ListAccountAliases":       reads(listAccountAliases),
		"GetRole":                  reads(getRole),
		"ListRolePolicies":         reads(listRolePolicies),
		"GetRolePolicy":            reads(getRolePolicy),
		"ListAttachedRolePolicies": reads(listAttachedRolePolicies),
		"CreateRole":               writes(createRole),
		"PutRolePolicy":            writes(putRolePolicy),
		"DeleteRolePolicy":         writes(deleteRolePolicy),
		"DeleteRole":               writes(deleteRole),
	},
}

type listAccountAliasesInput struct {
	Marker   string `json:"Marker,omitempty"`
	MaxItems int32  `json:"MaxItems,omitempty" range:"1-1000"`
}

type listAccountAliasesOutput struct {
	IsTruncated    bool     `json:"IsTruncated"`
	AccountAliases []string `json:"AccountAliases"`
}

func listAccountAliases(c *call, _ *listAccountAliasesInput) (*listAccountAliasesOutput, error) {
	out := &listAccountAliasesOutput{AccountAliases: []string{}}
	if c.account.alias != "" {
		out.AccountAliases = append(out.AccountAliases, c.account.alias)
	}
	return out, nil
}
