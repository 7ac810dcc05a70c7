package collect

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// An OwnTrail holds the names under which plan would create a trail and its parts.
type OwnTrail struct {
	Home   string // region; "" is that of a trail with the name, or else of the configuration
	Name   string
	Bucket string // "" is made of account and region by BucketOf
	Group  string // name of the log group
	Role   string // name
	Key    string // ARN, "" for none

	BucketOf func(account, region string) string

	Organization bool // of the organization
	Removal      bool // what holds something is to be known
}

// ownTrail is what a plan for a trail needs to know; nil where none is asked for.
func (r *run) ownTrail() *OwnTrail {
	if r.o.Own == nil {
		return nil
	}
	return r.o.Own.Trail
}

// trailHome is the region of a new trail, "" where none is asked for.
func (r *run) trailHome() string {
	o := r.ownTrail()
	if o == nil {
		return ""
	}
	for _, t := range r.account.Trails {
		if arn, ok := account.ParseARN(t.ARN); ok && o.Home == "" && t.Name == o.Name && arn.Account == r.caller.Account {
			return t.HomeRegion
		}
	}
	return cmp.Or(o.Home, r.s.Region())
}

// groupRegions are the regions in which a trail may get our log group: its home, and those
// of trails of this account without one. None where no trail is asked for.
func (r *run) groupRegions() []string {
	if r.ownTrail() == nil {
		return nil
	}
	regions := []string{r.trailHome()}
	for _, t := range r.account.Trails {
		if arn, ok := account.ParseARN(t.ARN); ok && arn.Account == r.caller.Account && t.LogGroupARN == "" {
			regions = append(regions, t.HomeRegion)
		}
	}
	return distinct(regions)
}

// makeRoomForTrail adds the log group of a trail to those that are looked up: what stands
// around it has to be known, too.
func (r *run) makeRoomForTrail(groups map[string][]string) {
	for _, region := range r.groupRegions() {
		if name := r.ownTrail().Group; !slices.Contains(groups[region], name) {
			groups[region] = append(groups[region], name)
			slices.Sort(groups[region])
		}
	}
}

// readTrailParts reads what stands under the names of a trail that plan may create, and
// the trails that it may mend.
func (r *run) readTrailParts(ctx context.Context, regions map[string]*account.Region) {
	o := r.ownTrail()
	if o == nil {
		return
	}
	home := r.trailHome()
	parts := &account.TrailParts{Home: home, Trails: map[string]*account.Read[*account.OwnTrail]{}}
	bucket := cmp.Or(o.Bucket, o.BucketOf(r.caller.Account, home))
	var arns []string
	for _, t := range r.account.Trails {
		if arn, ok := account.ParseARN(t.ARN); ok && arn.Account == r.caller.Account {
			arns = append(arns, t.ARN)
		}
	}
	trails := make([]*account.Read[*account.OwnTrail], len(arns))
	where := r.groupRegions()
	groups := make([]*account.Read[*account.TrailGroup], len(where))
	both(
		func() { r.readTrailRoles(ctx, o.Role) },
		func() {
			both(
				func() {
					each(ctx, len(where), func(i int) {
						groups[i] = readingOf(TrailGroup(ctx, r.s.Logs(where[i]), o.Group, o.Removal))
					})
					parts.Bucket = readingOf(Bucket(ctx, r.s.S3(home), bucket, r.caller.Account, o.Removal))
				},
				func() {
					each(ctx, len(arns), func(i int) {
						arn, _ := account.ParseARN(arns[i])
						trails[i] = readingOf(Trail(ctx, r.s.CloudTrail(arn.Region), arns[i]))
					})
				},
			)
		},
	)
	if ctx.Err() != nil {
		return // slots that were never filled
	}
	for i, arn := range arns {
		parts.Trails[arn] = trails[i]
	}
	parts.Groups = map[string]*account.Read[*account.TrailGroup]{}
	for i, region := range where {
		parts.Groups[region] = groups[i]
	}
	r.readTrailRoles(ctx, roleNames(parts)...)
	if o.Key != "" {
		if arn, ok := account.ParseARN(o.Key); ok && regions[arn.Region] != nil {
			r.readKeys(ctx, regions[arn.Region], []string{o.Key}, true)
		}
	}
	if o.Organization {
		r.readOrganizationAccess(ctx, parts)
	}
	r.account.TrailParts = parts
}

// roleNames are those of the roles by which trails deliver to log groups.
func roleNames(parts *account.TrailParts) []string {
	var names []string
	for _, read := range parts.Trails {
		t, _ := read.Got()
		if t == nil {
			continue
		}
		if _, name, ok := strings.Cut(t.Delivery.RoleARN, ":role/"); ok {
			names = append(names, name[strings.LastIndexByte(name, '/')+1:])
		}
	}
	return distinct(names)
}

// readTrailRoles reads roles of this account by name, unless they are known.
func (r *run) readTrailRoles(ctx context.Context, names ...string) {
	for _, name := range names {
		arn := account.ARN{Partition: r.caller.Partition, Service: "iam", Account: r.caller.Account, Resource: "role/" + name}.String()
		if have := r.account.Roles[arn]; have != nil && have.Tags != nil {
			continue
		}
		role := r.s.taggedRole(ctx, r.caller, name)
		if ctx.Err() != nil {
			return
		}
		roles := maps.Clone(r.account.Roles)
		if roles == nil {
			roles = map[string]*account.Role{}
		}
		roles[arn] = role
		r.account.Roles = roles
	}
}

// readOrganizationAccess asks whether the organization lets CloudTrail in.
func (r *run) readOrganizationAccess(ctx context.Context, parts *account.TrailParts) {
	client := r.s.organizationsClient(r.caller)
	if r.account.Organization == nil {
		r.account.Organization = describeOrganization(ctx, client)
	}
	o, _ := r.account.Organization.Got()
	if o == nil || o.ManagementAccount != r.caller.Account {
		return // nobody else may ask
	}
	trusted := false
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := client.ListAWSServiceAccessForOrganization(ctx, &organizations.ListAWSServiceAccessForOrganizationInput{NextToken: token})
		if err != nil {
			return nil, false, err
		}
		for _, p := range page.EnabledServicePrincipals {
			trusted = trusted || aws.ToString(p.ServicePrincipal) == "cloudtrail.amazonaws.com"
		}
		return page.NextToken, trusted, nil
	})
	parts.OrganizationAccess = answer("organizations:ListAWSServiceAccessForOrganization", trusted, err)
}

// readingOf makes a reading of a value and the *CallError that stands for it.
func readingOf[T any](value *T, err error) *account.Read[*T] {
	var call *CallError
	switch {
	case err == nil:
		return &account.Read[*T]{Value: value}
	case errors.As(err, &call):
		return &account.Read[*T]{Failure: &account.Failure{Operation: call.Operation, Code: call.Code, Message: call.Message}}
	}
	return &account.Read[*T]{Failure: failure("", err)}
}

// TrailGroupAPI is what TrailGroup calls.
type TrailGroupAPI interface {
	DescribeLogGroups(context.Context, *cloudwatchlogs.DescribeLogGroupsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error)
	ListTagsForResource(context.Context, *cloudwatchlogs.ListTagsForResourceInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.ListTagsForResourceOutput, error)
	DescribeLogStreams(context.Context, *cloudwatchlogs.DescribeLogStreamsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogStreamsOutput, error)
}

// TrailGroup reads a log group by its name, nil when there is none; with contents also
// whether it has log streams. The error is a *CallError.
func TrailGroup(ctx context.Context, api TrailGroupAPI, name string, contents bool) (*account.TrailGroup, error) {
	var g *account.TrailGroup
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := api.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(name), NextToken: token})
		if err != nil {
			return nil, false, err
		}
		for _, x := range page.LogGroups {
			if have := groupFrom(x); have.Name == name {
				g = &account.TrailGroup{Name: name, ARN: have.ARN, Class: have.Class, KeyID: have.KeyID, Retention: aws.ToInt32(x.RetentionInDays)}
			}
		}
		return page.NextToken, g != nil, nil
	})
	if err != nil {
		return nil, Explain("logs:DescribeLogGroups", err)
	}
	if g == nil {
		return nil, nil //nolint:nilnil // there is none
	}
	out, err := api.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(g.ARN)})
	switch {
	case NotFound(err):
		return nil, nil //nolint:nilnil // it is gone meanwhile
	case err != nil:
		return nil, Explain("logs:ListTagsForResource", err)
	}
	if len(out.Tags) > 0 {
		g.Tags = out.Tags
	}
	if contents {
		streams, err := api.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(name), Limit: aws.Int32(1)})
		holds := err == nil && (len(streams.LogStreams) > 0 || streams.NextToken != nil)
		g.Holds = answer("logs:DescribeLogStreams", holds, err)
	}
	return g, nil
}

// BucketAPI is what Bucket calls.
type BucketAPI interface {
	HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error)
	GetBucketTagging(context.Context, *s3.GetBucketTaggingInput, ...func(*s3.Options)) (*s3.GetBucketTaggingOutput, error)
	GetPublicAccessBlock(context.Context, *s3.GetPublicAccessBlockInput, ...func(*s3.Options)) (*s3.GetPublicAccessBlockOutput, error)
	GetBucketOwnershipControls(context.Context, *s3.GetBucketOwnershipControlsInput, ...func(*s3.Options)) (*s3.GetBucketOwnershipControlsOutput, error)
	GetBucketVersioning(context.Context, *s3.GetBucketVersioningInput, ...func(*s3.Options)) (*s3.GetBucketVersioningOutput, error)
	GetBucketEncryption(context.Context, *s3.GetBucketEncryptionInput, ...func(*s3.Options)) (*s3.GetBucketEncryptionOutput, error)
	GetBucketPolicy(context.Context, *s3.GetBucketPolicyInput, ...func(*s3.Options)) (*s3.GetBucketPolicyOutput, error)
	ListObjectVersions(context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error)
}

// Codes by which S3 says that a bucket has no setting of a kind.
var noSetting = []string{
	"NoSuchTagSet", "NoSuchPublicAccessBlockConfiguration", "OwnershipControlsNotFoundError", "ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucketPolicy",
}

// Bucket reads a bucket, nil when there is none; with contents also whether it holds
// objects. Every call names the account that has to own it: somebody else may have taken
// the name, which can be guessed. The error is a *CallError.
func Bucket(ctx context.Context, api BucketAPI, name, owner string, contents bool) (*account.Bucket, error) {
	b := &bucketReader{ctx: ctx, api: api, name: aws.String(name), owner: aws.String(owner)}
	_, err := api.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: b.name, ExpectedBucketOwner: b.owner})
	switch status := statusOf(err); {
	case status == http.StatusNotFound:
		return nil, nil //nolint:nilnil // there is none
	case status == http.StatusForbidden:
		return &account.Bucket{Name: name, Foreign: true}, nil
	case err != nil:
		return nil, Explain("s3:HeadBucket", err)
	}
	out := &account.Bucket{Name: name}
	b.read(out)
	if b.err != nil {
		return nil, b.err
	}
	if contents {
		list, err := api.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: b.name, ExpectedBucketOwner: b.owner, MaxKeys: aws.Int32(1)})
		holds := err == nil && len(list.Versions)+len(list.DeleteMarkers) > 0
		out.Holds = answer("s3:ListObjectVersions", holds, err)
	}
	return out, nil
}

// statusOf is the HTTP status of a failed call, 0 for none: replies to HEAD have nothing
// else.
func statusOf(err error) int {
	var reply *smithyhttp.ResponseError
	if errors.As(err, &reply) {
		return reply.HTTPStatusCode()
	}
	return 0
}

// A bucketReader reads the settings of one bucket until a call fails.
type bucketReader struct {
	ctx         context.Context
	api         BucketAPI
	name, owner *string
	err         error
}

// ok reports whether a call has answered; the bucket may lack the setting.
func (b *bucketReader) ok(operation string, err error) bool {
	if err != nil && !slices.Contains(noSetting, Code(err)) {
		b.err = cmp.Or(b.err, Explain(operation, err))
	}
	return err == nil
}

func (b *bucketReader) read(out *account.Bucket) {
	s := &out.Settings
	if x, err := b.api.GetBucketTagging(b.ctx, &s3.GetBucketTaggingInput{Bucket: b.name, ExpectedBucketOwner: b.owner}); b.ok("s3:GetBucketTagging", err) {
		out.Tags = map[string]string{}
		for _, t := range x.TagSet {
			out.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	if x, err := b.api.GetPublicAccessBlock(b.ctx, &s3.GetPublicAccessBlockInput{Bucket: b.name, ExpectedBucketOwner: b.owner}); b.ok("s3:GetPublicAccessBlock", err) && x.PublicAccessBlockConfiguration != nil {
		p := x.PublicAccessBlockConfiguration
		s.BlockPublic = aws.ToBool(p.BlockPublicAcls) && aws.ToBool(p.IgnorePublicAcls) && aws.ToBool(p.BlockPublicPolicy) && aws.ToBool(p.RestrictPublicBuckets)
	}
	if x, err := b.api.GetBucketOwnershipControls(b.ctx, &s3.GetBucketOwnershipControlsInput{Bucket: b.name, ExpectedBucketOwner: b.owner}); b.ok("s3:GetBucketOwnershipControls", err) && x.OwnershipControls != nil {
		for _, rule := range x.OwnershipControls.Rules {
			s.Ownership = string(rule.ObjectOwnership)
		}
	}
	if x, err := b.api.GetBucketVersioning(b.ctx, &s3.GetBucketVersioningInput{Bucket: b.name, ExpectedBucketOwner: b.owner}); b.ok("s3:GetBucketVersioning", err) {
		s.Versioning = string(x.Status)
	}
	if x, err := b.api.GetBucketEncryption(b.ctx, &s3.GetBucketEncryptionInput{Bucket: b.name, ExpectedBucketOwner: b.owner}); b.ok("s3:GetBucketEncryption", err) && x.ServerSideEncryptionConfiguration != nil {
		for _, rule := range x.ServerSideEncryptionConfiguration.Rules {
			if d := rule.ApplyServerSideEncryptionByDefault; d != nil {
				s.Encryption = string(d.SSEAlgorithm)
			}
		}
	}
	if x, err := b.api.GetBucketPolicy(b.ctx, &s3.GetBucketPolicyInput{Bucket: b.name, ExpectedBucketOwner: b.owner}); b.ok("s3:GetBucketPolicy", err) {
		s.Policy = aws.ToString(x.Policy)
	}
}

// OwnTrailAPI is what Trail calls.
type OwnTrailAPI interface {
	TrailsAPI
	GetTrail(context.Context, *cloudtrail.GetTrailInput, ...func(*cloudtrail.Options)) (*cloudtrail.GetTrailOutput, error)
	ListTags(context.Context, *cloudtrail.ListTagsInput, ...func(*cloudtrail.Options)) (*cloudtrail.ListTagsOutput, error)
}

// Trail reads a trail of the caller's account at its home region, nil when there is none.
// The error is a *CallError.
func Trail(ctx context.Context, api OwnTrailAPI, arn string) (*account.OwnTrail, error) {
	out, err := api.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: aws.String(arn)})
	switch {
	case err != nil && Code(err) == "TrailNotFoundException":
		return nil, nil //nolint:nilnil // there is none
	case err != nil:
		return nil, Explain("cloudtrail:GetTrail", err)
	}
	x := out.Trail
	t := &account.OwnTrail{
		Name: aws.ToString(x.Name), ARN: aws.ToString(x.TrailARN), Bucket: aws.ToString(x.S3BucketName), KeyID: aws.ToString(x.KmsKeyId),
		MultiRegion: aws.ToBool(x.IsMultiRegionTrail), Global: aws.ToBool(x.IncludeGlobalServiceEvents),
		Validation: aws.ToBool(x.LogFileValidationEnabled), Org: aws.ToBool(x.IsOrganizationTrail),
		Delivery: account.TrailDelivery{LogGroupARN: aws.ToString(x.CloudWatchLogsLogGroupArn), RoleARN: aws.ToString(x.CloudWatchLogsRoleArn)},
	}
	tags, err := api.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{arn}})
	if err != nil {
		return nil, Explain("cloudtrail:ListTags", err)
	}
	for _, r := range tags.ResourceTagList {
		for _, tag := range r.TagsList {
			if t.Tags == nil {
				t.Tags = map[string]string{}
			}
			t.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	status, selectors := trailStatus(ctx, api, arn), trailSelectors(ctx, api, arn)
	for _, f := range []*account.Failure{status.Failed(), selectors.Failed()} {
		if f != nil {
			return nil, &CallError{Operation: f.Operation, Code: f.Code, Message: f.Message}
		}
	}
	t.Logging, t.Selectors = status.Value.Logging, selectors.Value
	return t, nil
}

// FirstDelivery returns when a trail has last delivered to its log group; nil for never.
func FirstDelivery(ctx context.Context, api TrailsAPI, arn string) (*time.Time, error) {
	read := trailStatus(ctx, api, arn)
	if f := read.Failed(); f != nil {
		return nil, &CallError{Operation: f.Operation, Code: f.Code, Message: f.Message}
	}
	return read.Value.LatestLogsDeliveryTime, nil
}
