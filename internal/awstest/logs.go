package awstest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// logsService is CloudWatch Logs, API 2014-03-28.
var logsService = &service{
	name: "logs", iam: "logs", target: "Logs_20140328",
	errors: jsonFamily.with(family{invalid: {Code: "InvalidParameterException"}}),
	ops: map[string]handler{
		"CreateLogGroup":        writes(createLogGroup),
		"DeleteLogGroup":        writes(deleteLogGroup),
		"DescribeLogGroups":     reads(describeLogGroups),
		"PutMetricFilter":       writes(putMetricFilter),
		"DeleteMetricFilter":    writes(deleteMetricFilter),
		"DescribeMetricFilters": reads(describeMetricFilters),
		"TestMetricFilter":      reads(testMetricFilter),
		"PutRetentionPolicy":    writes(putRetentionPolicy),
		"DescribeLogStreams":    reads(describeLogStreams),
		"ListTagsForResource":   reads(listGroupTags),
		"GetTransformer":        reads(getTransformer),

		"DescribeAccountPolicies": reads(describeAccountPolicies),
	},
}

// A logGroup is a log group with its metric filters.
type logGroup struct {
	name    string
	class   string // STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS
	kmsKey  string // ARN, "" for none
	created time.Time
	filters map[string]*metricFilter // by name; replaced as a whole

	tags      map[string]string
	retention int32    // in days, 0 for ever
	streams   []string // names, sorted

	transformer time.Time // when a transformer was put on the group; zero for none
}

// CreateLogGroupInput is the input of logs:CreateLogGroup.
type CreateLogGroupInput struct {
	LogGroupName  string            `json:"logGroupName,omitempty" required:"" length:"1-512" pattern:"[\\.\\-_/#A-Za-z0-9]+"`
	KmsKeyID      string            `json:"kmsKeyId,omitempty" length:"1-256"`
	LogGroupClass string            `json:"logGroupClass,omitempty" enum:"STANDARD|INFREQUENT_ACCESS|DELIVERY|ESSENTIALS"`
	Tags          map[string]string `json:"tags,omitempty" length:"1-50"`
}

// CreateLogGroup creates a log group.
func (r *Region) CreateLogGroup(in CreateLogGroupInput) error {
	return seedOnly[none](r, logsService, "CreateLogGroup", &in)
}

func createLogGroup(c *call, in *CreateLogGroupInput) (*none, error) {
	if c.region.groups[in.LogGroupName] != nil {
		return nil, apiError("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	if in.KmsKeyID != "" && c.region.findKey(in.KmsKeyID) == nil {
		return nil, apiError("InvalidParameterException", "The specified KMS key does not exist or is not allowed to be used with LogGroup '%s'", in.LogGroupName)
	}
	if k := c.region.findKey(in.KmsKeyID); in.KmsKeyID != "" && !c.seeding && !k.lets("logs."+c.region.name+".amazonaws.com", "kms:Encrypt", nil) {
		return nil, apiError("InvalidParameterException", "The specified KMS key does not exist or is not allowed to be used with LogGroup '%s'", in.LogGroupName)
	}
	if len(in.Tags) > 0 && !c.allows("logs:TagResource") {
		return nil, apiError("AccessDeniedException", "User: %s is not authorized to perform: logs:TagResource", c.by.arn)
	}
	c.region.groups[in.LogGroupName] = &logGroup{
		name: in.LogGroupName, class: cmp.Or(in.LogGroupClass, "STANDARD"), kmsKey: in.KmsKeyID,
		created: c.now, filters: map[string]*metricFilter{}, tags: maps.Clone(in.Tags),
	}
	return &none{}, nil
}

type logGroupName struct {
	LogGroupName string `json:"logGroupName,omitempty" required:"" length:"1-512" pattern:"[\\.\\-_/#A-Za-z0-9]+"`
}

// DeleteLogGroup deletes a log group and its metric filters.
func (r *Region) DeleteLogGroup(name string) error {
	return seedOnly[none](r, logsService, "DeleteLogGroup", &logGroupName{name})
}

func deleteLogGroup(c *call, in *logGroupName) (*none, error) {
	if c.region.groups[in.LogGroupName] == nil {
		return nil, errNoLogGroup()
	}
	delete(c.region.groups, in.LogGroupName)
	return &none{}, nil
}

func errNoLogGroup() *APIError {
	return apiError("ResourceNotFoundException", "The specified log group does not exist.")
}

type describeLogGroupsInput struct {
	AccountIdentifiers    []string `json:"accountIdentifiers,omitempty" length:"0-20"`
	LogGroupNamePrefix    string   `json:"logGroupNamePrefix,omitempty" length:"1-512" pattern:"[\\.\\-_/#A-Za-z0-9]+"`
	LogGroupNamePattern   string   `json:"logGroupNamePattern,omitempty" length:"0-512" pattern:"[\\.\\-_/#A-Za-z0-9]*"`
	NextToken             string   `json:"nextToken,omitempty"`
	Limit                 int32    `json:"limit,omitempty" range:"1-50"`
	IncludeLinkedAccounts bool     `json:"includeLinkedAccounts,omitempty"`
	LogGroupClass         string   `json:"logGroupClass,omitempty" enum:"STANDARD|INFREQUENT_ACCESS|DELIVERY|ESSENTIALS"`
	LogGroupIdentifiers   []string `json:"logGroupIdentifiers,omitempty" length:"1-50"`
}

type describeLogGroupsOutput struct {
	LogGroups []logGroupDescription `json:"logGroups"`
	NextToken string                `json:"nextToken,omitempty"`
}

type logGroupDescription struct {
	LogGroupName      string `json:"logGroupName"`
	CreationTime      int64  `json:"creationTime"` // milliseconds
	MetricFilterCount int    `json:"metricFilterCount"`
	ARN               string `json:"arn"`         // ends in ":*"
	LogGroupARN       string `json:"logGroupArn"` // does not
	RetentionInDays   int32  `json:"retentionInDays,omitempty"`
	StoredBytes       int64  `json:"storedBytes"`
	KmsKeyID          string `json:"kmsKeyId,omitempty"`
	LogGroupClass     string `json:"logGroupClass"`
}

func describeLogGroups(c *call, in *describeLogGroupsInput) (*describeLogGroupsOutput, error) {
	if in.IncludeLinkedAccounts || len(in.AccountIdentifiers) > 0 {
		return nil, notSimulated("log groups of linked accounts")
	}
	if in.LogGroupNamePrefix != "" && in.LogGroupNamePattern != "" {
		return nil, apiError("InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	after, ok := readToken("DescribeLogGroups", in.NextToken)
	if !ok {
		return nil, errBadLogsToken()
	}
	var groups []*logGroup
	for _, name := range slices.Sorted(maps.Keys(c.region.groups)) {
		if g := c.region.groups[name]; in.selects(c.region, g) {
			groups = append(groups, g)
		}
	}
	cut, next := page(c.Cloud, groups, func(g *logGroup) string { return g.name }, after, cmp.Or(int(in.Limit), 50))
	out := &describeLogGroupsOutput{LogGroups: []logGroupDescription{}, NextToken: newToken("DescribeLogGroups", next)}
	for _, g := range cut {
		out.LogGroups = append(out.LogGroups, g.describe(c.region))
	}
	return out, nil
}

func errBadLogsToken() *APIError {
	return apiError("InvalidParameterException", "The specified nextToken is invalid.")
}

func (in *describeLogGroupsInput) selects(r *Region, g *logGroup) bool {
	if !strings.HasPrefix(g.name, in.LogGroupNamePrefix) || (in.LogGroupClass != "" && in.LogGroupClass != g.class) {
		return false
	}
	// The pattern is a case-insensitive substring. Source: DescribeLogGroups.
	if !strings.Contains(strings.ToLower(g.name), strings.ToLower(in.LogGroupNamePattern)) {
		return false
	}
	return len(in.LogGroupIdentifiers) == 0 || slices.Contains(in.LogGroupIdentifiers, g.name) ||
		slices.Contains(in.LogGroupIdentifiers, g.arn(r))
}

// arn returns the group's ARN without ":*".
func (g *logGroup) arn(r *Region) string { return r.arn("logs", "log-group:"+g.name) }

func (g *logGroup) describe(r *Region) logGroupDescription {
	return logGroupDescription{
		LogGroupName: g.name, CreationTime: g.created.UnixMilli(), MetricFilterCount: len(g.filters),
		ARN: g.arn(r) + ":*", LogGroupARN: g.arn(r), KmsKeyID: g.kmsKey, LogGroupClass: g.class, RetentionInDays: g.retention,
	}
}

type logGroupIdentifier struct {
	LogGroupIdentifier string `json:"logGroupIdentifier,omitempty" required:"" length:"1-2048"`
}

type transformerOutput struct {
	LogGroupIdentifier string           `json:"logGroupIdentifier"`
	CreationTime       int64            `json:"creationTime"` // milliseconds
	LastModifiedTime   int64            `json:"lastModifiedTime"`
	TransformerConfig  []map[string]any `json:"transformerConfig"`
}

// SetTransformer puts a transformer (the processor parseJSON) on a log group.
// What a transformer does to events is not simulated: a filter on transformed
// logs never matches.
func (r *Region) SetTransformer(group string) error {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	if r.groups[group] == nil {
		return errNoLogGroup()
	}
	g := *r.groups[group]
	g.transformer = r.cloud.now
	r.groups[group] = &g
	return nil
}

// RemoveTransformer takes the transformer off a log group. Filters on
// transformed logs read the original events from then on.
func (r *Region) RemoveTransformer(group string) error {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	if r.groups[group] == nil {
		return errNoLogGroup()
	}
	g := *r.groups[group]
	g.transformer = time.Time{}
	r.groups[group] = &g
	return nil
}

type describeAccountPoliciesInput struct {
	PolicyType         string   `json:"policyType,omitempty" required:"" enum:"DATA_PROTECTION_POLICY|SUBSCRIPTION_FILTER_POLICY|FIELD_INDEX_POLICY|TRANSFORMER_POLICY|METRIC_EXTRACTION_POLICY"`
	PolicyName         string   `json:"policyName,omitempty"`
	AccountIdentifiers []string `json:"accountIdentifiers,omitempty" length:"0-20"`
	NextToken          string   `json:"nextToken,omitempty"`
}

type describeAccountPoliciesOutput struct {
	AccountPolicies []none `json:"accountPolicies"`
}

// describeAccountPolicies says that there are none: there is no operation here to
// put one.
func describeAccountPolicies(*call, *describeAccountPoliciesInput) (*describeAccountPoliciesOutput, error) {
	return &describeAccountPoliciesOutput{[]none{}}, nil
}

func getTransformer(c *call, in *logGroupIdentifier) (*transformerOutput, error) {
	_, name, isARN := strings.Cut(in.LogGroupIdentifier, ":log-group:")
	if !isARN {
		name = in.LogGroupIdentifier
	}
	g := c.region.groups[strings.TrimSuffix(name, ":*")]
	if g == nil {
		return nil, errNoLogGroup()
	}
	if g.transformer.IsZero() {
		return nil, apiError("ResourceNotFoundException", "The specified transformer does not exist.")
	}
	made := g.transformer.UnixMilli()
	return &transformerOutput{g.arn(c.region), made, made, []map[string]any{{"parseJSON": map[string]any{}}}}, nil
}
