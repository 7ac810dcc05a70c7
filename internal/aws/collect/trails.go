package collect

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// TrailsAPI is the part of CloudTrail that this package calls.
type TrailsAPI interface {
	DescribeTrails(context.Context, *cloudtrail.DescribeTrailsInput, ...func(*cloudtrail.Options)) (*cloudtrail.DescribeTrailsOutput, error)
	GetTrailStatus(context.Context, *cloudtrail.GetTrailStatusInput, ...func(*cloudtrail.Options)) (*cloudtrail.GetTrailStatusOutput, error)
	LookupEvents(context.Context, *cloudtrail.LookupEventsInput, ...func(*cloudtrail.Options)) (*cloudtrail.LookupEventsOutput, error)
	GetEventSelectors(context.Context, *cloudtrail.GetEventSelectorsInput, ...func(*cloudtrail.Options)) (*cloudtrail.GetEventSelectorsOutput, error)
}

var _ TrailsAPI = (*cloudtrail.Client)(nil)

// describeTrails returns the trails that a region shows, shadows of
// multi-region and organization trails included, sorted by ARN. The reply has
// no pages.
func describeTrails(ctx context.Context, api TrailsAPI) *account.Read[[]account.Trail] {
	out, err := api.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
	var trails []account.Trail
	if err == nil {
		for _, t := range out.TrailList {
			trails = append(trails, trailFrom(t))
		}
		slices.SortFunc(trails, func(a, b account.Trail) int { return cmp.Compare(a.ARN, b.ARN) })
	}
	return answer("cloudtrail:DescribeTrails", trails, err)
}

func trailFrom(t types.Trail) account.Trail {
	return account.Trail{
		ARN:                 aws.ToString(t.TrailARN),
		Name:                aws.ToString(t.Name),
		HomeRegion:          aws.ToString(t.HomeRegion),
		MultiRegion:         aws.ToBool(t.IsMultiRegionTrail),
		Organization:        aws.ToBool(t.IsOrganizationTrail),
		GlobalServiceEvents: aws.ToBool(t.IncludeGlobalServiceEvents),
		LogGroupARN:         aws.ToString(t.CloudWatchLogsLogGroupArn),
		Bucket:              aws.ToString(t.S3BucketName),
		BucketPrefix:        aws.ToString(t.S3KeyPrefix),
	}
}

// trailStatus asks at the trail's home region, by ARN: the name alone is not
// known elsewhere.
func trailStatus(ctx context.Context, api TrailsAPI, arn string) *account.Read[account.TrailStatus] {
	out, err := api.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String(arn)})
	var s account.TrailStatus
	if err == nil {
		s = account.TrailStatus{
			Logging:                 aws.ToBool(out.IsLogging),
			LatestLogsDeliveryTime:  utc(out.LatestCloudWatchLogsDeliveryTime),
			LatestLogsDeliveryError: aws.ToString(out.LatestCloudWatchLogsDeliveryError),
		}
	}
	return answer("cloudtrail:GetTrailStatus", s, err)
}

func trailSelectors(ctx context.Context, api TrailsAPI, arn string) *account.Read[account.Selectors] {
	out, err := api.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: aws.String(arn)})
	var s account.Selectors
	if err == nil {
		for _, b := range out.EventSelectors {
			s.Basic = append(s.Basic, basicFrom(b))
		}
		for _, a := range out.AdvancedEventSelectors {
			s.Advanced = append(s.Advanced, advancedFrom(a))
		}
	}
	return answer("cloudtrail:GetEventSelectors", s, err)
}

// basicFrom fills in what a selector leaves out with the defaults of
// CloudTrail's EventSelector: management events, reads and writes.
func basicFrom(b types.EventSelector) account.EventSelector {
	s := account.EventSelector{
		ManagementEvents: b.IncludeManagementEvents == nil || *b.IncludeManagementEvents,
		ReadWriteType:    string(b.ReadWriteType),
		ExcludeSources:   some(b.ExcludeManagementEventSources),
	}
	if s.ReadWriteType == "" {
		s.ReadWriteType = string(types.ReadWriteTypeAll)
	}
	return s
}

func advancedFrom(a types.AdvancedEventSelector) account.AdvancedSelector {
	s := account.AdvancedSelector{Name: aws.ToString(a.Name), Fields: []account.FieldSelector{}}
	for _, f := range a.FieldSelectors {
		s.Fields = append(s.Fields, account.FieldSelector{
			Field:         aws.ToString(f.Field),
			Equals:        some(f.Equals),
			NotEquals:     some(f.NotEquals),
			StartsWith:    some(f.StartsWith),
			NotStartsWith: some(f.NotStartsWith),
			EndsWith:      some(f.EndsWith),
			NotEndsWith:   some(f.NotEndsWith),
		})
	}
	return s
}
