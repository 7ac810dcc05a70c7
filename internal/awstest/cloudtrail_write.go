package awstest

import (
	"cmp"
	"slices"
	"strings"
)

// maxTrails is the number of trails per region. Source: "Quotas in AWS
// CloudTrail".
const maxTrails = 5

// CreateTrailInput is the input of cloudtrail:CreateTrail. Where a test makes the trail
// itself, any bucket name is taken for an existing bucket, any role ARN for a role that may
// write; a request over the wire is checked (cloudtrail_access.go).
type CreateTrailInput struct {
	Name                       string `json:"Name,omitempty" required:""`
	S3BucketName               string `json:"S3BucketName,omitempty" required:""`
	S3KeyPrefix                string `json:"S3KeyPrefix,omitempty"`
	IncludeGlobalServiceEvents *bool  `json:"IncludeGlobalServiceEvents,omitempty"` // default true
	IsMultiRegionTrail         bool   `json:"IsMultiRegionTrail,omitempty"`
	EnableLogFileValidation    bool   `json:"EnableLogFileValidation,omitempty"`
	CloudWatchLogsLogGroupARN  string `json:"CloudWatchLogsLogGroupArn,omitempty"`
	CloudWatchLogsRoleARN      string `json:"CloudWatchLogsRoleArn,omitempty"`
	KmsKeyID                   string `json:"KmsKeyId,omitempty"`
	IsOrganizationTrail        bool   `json:"IsOrganizationTrail,omitempty"`
	TagsList                   []Tag  `json:"TagsList,omitempty" length:"0-200"`
}

// A Tag is a tag of a resource.
type Tag struct {
	Key   string `json:"Key" required:"" length:"1-128"`
	Value string `json:"Value" length:"0-256"`
}

type createTrailOutput struct {
	Name                       string `json:"Name"`
	S3BucketName               string `json:"S3BucketName"`
	S3KeyPrefix                string `json:"S3KeyPrefix,omitempty"`
	IncludeGlobalServiceEvents bool   `json:"IncludeGlobalServiceEvents"`
	IsMultiRegionTrail         bool   `json:"IsMultiRegionTrail"`
	TrailARN                   string `json:"TrailARN"`
	LogFileValidationEnabled   bool   `json:"LogFileValidationEnabled"`
	CloudWatchLogsLogGroupARN  string `json:"CloudWatchLogsLogGroupArn,omitempty"`
	CloudWatchLogsRoleARN      string `json:"CloudWatchLogsRoleArn,omitempty"`
	KmsKeyID                   string `json:"KmsKeyId,omitempty"`
	IsOrganizationTrail        bool   `json:"IsOrganizationTrail"`
}

// CreateTrail creates a trail, which does not log yet, and returns its ARN.
func (r *Region) CreateTrail(in CreateTrailInput) (arn string, err error) {
	out, err := seed[createTrailOutput](r, cloudtrailService, "CreateTrail", &in)
	return out.TrailARN, err
}

func createTrail(c *call, in *CreateTrailInput) (*createTrailOutput, error) {
	if err := checkTrailName(in.Name); err != nil {
		return nil, err
	}
	home := c.homeOf(in)
	if home.trails[in.Name] != nil {
		return nil, apiError("TrailAlreadyExistsException", "Trail %s already exists for customer: %s", in.Name, c.account.id)
	}
	if len(home.trails) >= maxTrails {
		return nil, apiError("MaximumNumberOfTrailsExceededException", "User: %s already has %d trails in %s.", c.account.id, maxTrails, c.region.name)
	}
	t := &trail{
		TrailDescription: TrailDescription{
			Name: in.Name, S3BucketName: in.S3BucketName, S3KeyPrefix: in.S3KeyPrefix,
			IncludeGlobalServiceEvents: in.IncludeGlobalServiceEvents == nil || *in.IncludeGlobalServiceEvents,
			IsMultiRegionTrail:         in.IsMultiRegionTrail,
			HomeRegion:                 c.region.name,
			TrailARN:                   home.arn("cloudtrail", "trail/"+in.Name),
			LogFileValidationEnabled:   in.EnableLogFileValidation,
			CloudWatchLogsLogGroupARN:  in.CloudWatchLogsLogGroupARN,
			CloudWatchLogsRoleARN:      in.CloudWatchLogsRoleARN,
			KmsKeyID:                   in.KmsKeyID,
			IsOrganizationTrail:        in.IsOrganizationTrail,
		},
		home: home, selectors: defaultSelectors(), tags: slices.Clone(in.TagsList),
	}
	if len(in.TagsList) > 0 && !c.allows("cloudtrail:AddTags") {
		return nil, apiError("AccessDeniedException", "User: %s is not authorized to perform: cloudtrail:AddTags", c.by.arn)
	}
	if err := c.checkTrail(t); err != nil {
		return nil, err
	}
	home.trails[t.Name] = t
	return t.created(), nil
}

// homeOf returns where a new trail will stand: what a delegated administrator makes for
// the organization belongs to the management account.
// Source: CloudTrail user guide, "Organization delegated administrator".
func (c *call) homeOf(in *CreateTrailInput) *Region {
	if org := c.organizationOf(c.account.id); in.IsOrganizationTrail && org != nil && org.delegates(c.account) {
		return c.accounts[org.management].regionOr(c.region.name)
	}
	return c.region
}

// delegates reports whether an account is a delegated administrator.
func (o *organization) delegates(a *Account) bool {
	_, ok := o.delegated[a.id]
	return ok
}

func (t *trail) created() *createTrailOutput {
	return &createTrailOutput{
		t.Name, t.S3BucketName, t.S3KeyPrefix, t.IncludeGlobalServiceEvents, t.IsMultiRegionTrail, t.TrailARN,
		t.LogFileValidationEnabled, t.CloudWatchLogsLogGroupARN, t.CloudWatchLogsRoleARN, t.KmsKeyID, t.IsOrganizationTrail,
	}
}

// checkTrail refuses combinations that CloudTrail refuses.
func (c *call) checkTrail(t *trail) error {
	if t.IsMultiRegionTrail && !t.IncludeGlobalServiceEvents {
		return apiError("InvalidParameterCombinationException", "Multi-Region trail must include global service events.")
	}
	if t.IsOrganizationTrail {
		switch org := c.organizationOf(c.account.id); {
		case org == nil:
			return apiError("OrganizationsNotInUseException", "The account %s does not belong to an organization", c.account.id)
		case org.management != c.account.id && !org.delegates(c.account):
			return apiError("NotOrganizationMasterAccountException", "The account %s is not the management account", c.account.id)
		case !c.seeding && !slices.Contains(org.trusted, cloudtrailPrincipal):
			return apiError("CloudTrailAccessNotEnabledException", "Trusted access for CloudTrail is not enabled in the organization %s", org.id)
		}
	}
	if err := c.checkTrailLogGroup(t); err != nil || c.seeding {
		return err
	}
	return c.checkTrailAccess(t)
}

func (c *call) checkTrailLogGroup(t *trail) error {
	if t.CloudWatchLogsLogGroupARN == "" && t.CloudWatchLogsRoleARN == "" {
		return nil
	}
	if t.CloudWatchLogsRoleARN == "" {
		return apiError("InvalidCloudWatchLogsRoleArnException", "You must specify a role ARN as well as a log group.")
	}
	p, ok := splitARN(t.CloudWatchLogsLogGroupARN)
	name, isGroup := strings.CutPrefix(p.resource, "log-group:")
	if !ok || p.service != "logs" || !isGroup {
		return apiError("InvalidCloudWatchLogsLogGroupArnException", "CloudTrail cannot validate the specified log group ARN: %s", t.CloudWatchLogsLogGroupARN)
	}
	// The log group must stand in the trail's home region, in the caller's
	// account or, for a trail of an organization, in one of its accounts.
	home := c.locate(p)
	foreign := p.account != c.account.id && (!t.IsOrganizationTrail || c.organizationOf(p.account) != c.organizationOf(c.account.id))
	if home == nil || foreign || p.region != t.HomeRegion || home.groups[strings.TrimSuffix(name, ":*")] == nil {
		return apiError("InvalidCloudWatchLogsLogGroupArnException", "CloudTrail cannot validate the specified log group ARN: %s", t.CloudWatchLogsLogGroupARN)
	}
	return nil
}

// UpdateTrailInput is the input of cloudtrail:UpdateTrail; nil leaves a
// setting as it is.
type UpdateTrailInput struct {
	Name                       string  `json:"Name,omitempty" required:""` // or ARN
	S3BucketName               *string `json:"S3BucketName,omitempty"`
	S3KeyPrefix                *string `json:"S3KeyPrefix,omitempty"`
	IncludeGlobalServiceEvents *bool   `json:"IncludeGlobalServiceEvents,omitempty"`
	IsMultiRegionTrail         *bool   `json:"IsMultiRegionTrail,omitempty"`
	EnableLogFileValidation    *bool   `json:"EnableLogFileValidation,omitempty"`
	CloudWatchLogsLogGroupARN  *string `json:"CloudWatchLogsLogGroupArn,omitempty"`
	CloudWatchLogsRoleARN      *string `json:"CloudWatchLogsRoleArn,omitempty"`
	KmsKeyID                   *string `json:"KmsKeyId,omitempty"`
	IsOrganizationTrail        *bool   `json:"IsOrganizationTrail,omitempty"`
}

// UpdateTrail changes settings of a trail.
func (r *Region) UpdateTrail(in UpdateTrailInput) error {
	return seedOnly[createTrailOutput](r, cloudtrailService, "UpdateTrail", &in)
}

func updateTrail(c *call, in *UpdateTrailInput) (*createTrailOutput, error) {
	old, err := c.findHome(in.Name)
	if err != nil {
		return nil, err
	}
	t := *old
	set(&t.S3BucketName, in.S3BucketName)
	set(&t.S3KeyPrefix, in.S3KeyPrefix)
	set(&t.IncludeGlobalServiceEvents, in.IncludeGlobalServiceEvents)
	set(&t.IsMultiRegionTrail, in.IsMultiRegionTrail)
	set(&t.LogFileValidationEnabled, in.EnableLogFileValidation)
	set(&t.CloudWatchLogsLogGroupARN, in.CloudWatchLogsLogGroupARN)
	set(&t.CloudWatchLogsRoleARN, in.CloudWatchLogsRoleARN)
	set(&t.KmsKeyID, in.KmsKeyID)
	set(&t.IsOrganizationTrail, in.IsOrganizationTrail)
	if err := c.checkTrail(&t); err != nil {
		return nil, err
	}
	c.region.trails[t.Name] = &t
	return t.created(), nil
}

func set[T any](target *T, value *T) {
	if value != nil {
		*target = *value
	}
}

// findHome finds a trail for a change, which is possible only at home and by
// its owner.
func (c *call) findHome(nameOrARN string) (*trail, error) {
	t, err := c.find(nameOrARN)
	if err != nil {
		return nil, err
	}
	if t.home.account != c.account {
		return nil, apiError("NotOrganizationMasterAccountException", "The account %s is not the management account", c.account.id)
	}
	if t.HomeRegion != c.region.name {
		return nil, apiError("InvalidHomeRegionException", "Trail %s must be modified in its home region %s", t.TrailARN, t.HomeRegion)
	}
	return t, nil
}

// DeleteTrail deletes a trail.
func (r *Region) DeleteTrail(name string) error {
	return seedOnly[empty](r, cloudtrailService, "DeleteTrail", &trailName{name})
}

func deleteTrail(c *call, in *trailName) (*empty, error) {
	t, err := c.findHome(in.Name)
	if err != nil {
		return nil, err
	}
	delete(c.region.trails, t.Name)
	return &empty{}, nil
}

// StartLogging starts a trail.
func (r *Region) StartLogging(name string) error {
	return seedOnly[empty](r, cloudtrailService, "StartLogging", &trailName{name})
}

func startLogging(c *call, in *trailName) (*empty, error) {
	old, err := c.findHome(in.Name)
	if err != nil {
		return nil, err
	}
	t := *old
	t.logging, t.started = true, c.now
	c.region.trails[t.Name] = &t
	return &empty{}, nil
}

// StopLogging stops a trail.
func (r *Region) StopLogging(name string) error {
	return seedOnly[empty](r, cloudtrailService, "StopLogging", &trailName{name})
}

func stopLogging(c *call, in *trailName) (*empty, error) {
	old, err := c.findHome(in.Name)
	if err != nil {
		return nil, err
	}
	t := *old
	t.logging, t.stopped = false, c.now
	c.region.trails[t.Name] = &t
	return &empty{}, nil
}

// Trail creates a trail with a log group of its own, starts it and returns its
// ARN: multi-region, with global service events. It is the usual beginning of a
// test; group is the name of the log group ("" makes "/cloudtrail/NAME").
func (r *Region) Trail(name, group string) (arn string, err error) {
	group = cmp.Or(group, "/cloudtrail/"+name)
	if err := r.CreateLogGroup(CreateLogGroupInput{LogGroupName: group}); err != nil {
		return "", err
	}
	arn, err = r.CreateTrail(CreateTrailInput{
		Name: name, S3BucketName: "trail-of-" + r.account.id, IsMultiRegionTrail: true,
		CloudWatchLogsLogGroupARN: r.arn("logs", "log-group:"+group+":*"),
		CloudWatchLogsRoleARN:     "arn:" + r.account.partition + ":iam::" + r.account.id + ":role/cloudtrail-to-logs",
	})
	if err != nil {
		return "", err
	}
	return arn, r.StartLogging(name)
}
