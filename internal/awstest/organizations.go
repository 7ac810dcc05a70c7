package awstest

import (
	"cmp"
	"fmt"
	"slices"
)

// organizationsService is AWS Organizations, API 2016-11-28.
var organizationsService = &service{
	name: "organizations", iam: "organizations", global: true, target: "AWSOrganizationsV20161128",
	errors: jsonFamily.with(family{throttled: {Code: "TooManyRequestsException"}, internal: {Code: "ServiceException"}, invalid: {Code: "InvalidInputException"}}),
	ops: map[string]handler{
		"DescribeOrganization": reads(describeOrganization),
		"ListAccounts":         reads(listAccounts),

		"ListAWSServiceAccessForOrganization": reads(listServiceAccess),
	},
}

type organization struct {
	id         string
	management string
	members    []string // account ids, the management account included
	trusted    []string // principals of services that have trusted access
}

// TrustService gives a service trusted access to the organization of an account.
func (c *Cloud) TrustService(account *Account, principal string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o := c.organizationOf(account.id); o != nil {
		o.trusted = append(o.trusted, principal)
	}
}

type serviceAccessInput struct {
	NextToken  string `json:"NextToken,omitempty"`
	MaxResults int32  `json:"MaxResults,omitempty" range:"1-20"`
}

type serviceAccessOutput struct {
	EnabledServicePrincipals []enabledService `json:"EnabledServicePrincipals"`
}

type enabledService struct {
	ServicePrincipal string `json:"ServicePrincipal"`
}

// listServiceAccess answers the management account only, in one page.
func listServiceAccess(c *call, _ *serviceAccessInput) (*serviceAccessOutput, error) {
	o := c.organizationOf(c.account.id)
	switch {
	case o == nil:
		return nil, errNoOrganization()
	case o.management != c.account.id:
		return nil, apiError("AccessDeniedException", "You don't have permissions to access this resource.")
	}
	out := &serviceAccessOutput{EnabledServicePrincipals: []enabledService{}}
	for _, p := range o.trusted {
		out.EnabledServicePrincipals = append(out.EnabledServicePrincipals, enabledService{p})
	}
	return out, nil
}

// Organization makes an organization of accounts that exist.
func (c *Cloud) Organization(management *Account, members ...*Account) {
	c.NamedOrganization("", management, members...)
}

// NamedOrganization is Organization with an id; "" makes one up.
func (c *Cloud) NamedOrganization(id string, management *Account, members ...*Account) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id == "" {
		id = fmt.Sprintf("o-test%06d", c.nextID())
	}
	org := &organization{id: id, management: management.id, members: []string{management.id}}
	for _, m := range members {
		org.members = append(org.members, m.id)
	}
	slices.Sort(org.members)
	c.orgs = append(c.orgs, org)
}

// organizationOf returns the organization of an account, nil if it is in none.
func (c *Cloud) organizationOf(account string) *organization {
	for _, o := range c.orgs {
		if slices.Contains(o.members, account) {
			return o
		}
	}
	return nil
}

func errNoOrganization() error {
	return apiError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

type describeOrganizationOutput struct {
	Organization organizationDescription `json:"Organization"`
}

type organizationDescription struct {
	ID                 string `json:"Id"`
	ARN                string `json:"Arn"`
	FeatureSet         string `json:"FeatureSet"`
	MasterAccountARN   string `json:"MasterAccountArn"`
	MasterAccountID    string `json:"MasterAccountId"`
	MasterAccountEmail string `json:"MasterAccountEmail"`
}

func describeOrganization(c *call, _ *none) (*describeOrganizationOutput, error) {
	o := c.organizationOf(c.account.id)
	if o == nil {
		return nil, errNoOrganization()
	}
	arn := fmt.Sprintf("arn:%s:organizations::%s:", c.account.partition, o.management)
	return &describeOrganizationOutput{organizationDescription{
		ID: o.id, ARN: arn + "organization/" + o.id, FeatureSet: "ALL",
		MasterAccountARN: arn + "account/" + o.id + "/" + o.management, MasterAccountID: o.management,
		MasterAccountEmail: "management@example.com",
	}}, nil
}

type listAccountsInput struct {
	NextToken  string `json:"NextToken,omitempty"`
	MaxResults int32  `json:"MaxResults,omitempty" range:"1-20"`
}

type listAccountsOutput struct {
	Accounts  []organizationAccount `json:"Accounts"`
	NextToken string                `json:"NextToken,omitempty"`
}

type organizationAccount struct {
	ID     string `json:"Id"`
	ARN    string `json:"Arn"`
	Name   string `json:"Name"`
	Email  string `json:"Email"`
	Status string `json:"Status"`
}

// listAccounts answers the management account only; delegated administrators
// are not simulated.
func listAccounts(c *call, in *listAccountsInput) (*listAccountsOutput, error) {
	o := c.organizationOf(c.account.id)
	if o == nil {
		return nil, errNoOrganization()
	}
	if o.management != c.account.id {
		return nil, apiError("AccessDeniedException", "You don't have permissions to access this resource.")
	}
	after, ok := readToken("ListAccounts", in.NextToken)
	if !ok {
		return nil, apiError("InvalidInputException", "You provided an invalid next token.")
	}
	cut, next := page(c.Cloud, o.members, func(id string) string { return id }, after, cmp.Or(int(in.MaxResults), 20))
	out := &listAccountsOutput{Accounts: []organizationAccount{}, NextToken: newToken("ListAccounts", next)}
	for _, id := range cut {
		out.Accounts = append(out.Accounts, organizationAccount{
			ID: id, ARN: fmt.Sprintf("arn:%s:organizations::%s:account/%s/%s", c.account.partition, o.management, o.id, id),
			Name: cmp.Or(c.accounts[id].alias, id), Email: id + "@example.com", Status: "ACTIVE",
		})
	}
	return out, nil
}
