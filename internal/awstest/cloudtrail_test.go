package awstest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

func trailNames(list []types.Trail) string {
	text := ""
	for _, t := range list {
		text += fmt.Sprintf("%s@%s ", *t.Name, *t.HomeRegion)
	}
	return text
}

func TestDescribeTrails(t *testing.T) {
	l := newLab(t, awstest.Options{})
	multi := get(l.home.Trail("multi", ""))(t)
	regional := get(l.home.CreateTrail(awstest.CreateTrailInput{Name: "regional", S3BucketName: "b"}))(t)
	tests := []struct {
		name   string
		region string
		in     cloudtrail.DescribeTrailsInput
		want   string
	}{
		{"home shows both", home, cloudtrail.DescribeTrailsInput{}, "multi@eu-central-1 regional@eu-central-1 "},
		{"elsewhere the shadow", "eu-west-1", cloudtrail.DescribeTrailsInput{}, "multi@eu-central-1 "},
		{"elsewhere without shadows", "eu-west-1", cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)}, ""},
		{"by name at home", home, cloudtrail.DescribeTrailsInput{TrailNameList: []string{"regional", "nosuch"}}, "regional@eu-central-1 "},
		{"by name elsewhere", "eu-west-1", cloudtrail.DescribeTrailsInput{TrailNameList: []string{"multi"}}, ""},
		{"by ARN elsewhere", "eu-west-1", cloudtrail.DescribeTrailsInput{TrailNameList: []string{regional, multi}}, "regional@eu-central-1 multi@eu-central-1 "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := get(l.trails(tt.region).DescribeTrails(ctx, &tt.in))(t)
			if got := trailNames(out.TrailList); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	out := get(l.trails(home).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{TrailNameList: []string{"multi"}}))(t)
	if trail := out.TrailList[0]; !*trail.IsMultiRegionTrail || !*trail.IncludeGlobalServiceEvents || *trail.HasCustomEventSelectors ||
		*trail.CloudWatchLogsLogGroupArn != "arn:aws:logs:eu-central-1:111122223333:log-group:/cloudtrail/multi:*" || *trail.TrailARN != multi {
		t.Errorf("got trail %+v", trail)
	}
	_, err := l.trails(home).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{TrailNameList: []string{"a b"}})
	wantCode(t, err, "InvalidTrailNameException")
}

func TestListTrails(t *testing.T) {
	l := newLab(t, awstest.Options{PageSize: 1})
	get(l.home.Trail("multi", ""))(t)
	get(l.acct.Region("us-east-1").CreateTrail(awstest.CreateTrailInput{Name: "regional", S3BucketName: "b"}))(t)
	got := ""
	for p := cloudtrail.NewListTrailsPaginator(l.trails("eu-west-1"), &cloudtrail.ListTrailsInput{}); p.HasMorePages(); {
		for _, t := range get(p.NextPage(ctx))(t).Trails {
			got += *t.Name + "@" + *t.HomeRegion + " "
		}
	}
	if got != "multi@eu-central-1 regional@us-east-1 " {
		t.Errorf("got trails %s", got)
	}
}

// TestPartitions: ARNs, default region and the region of global services follow
// the partition.
func TestPartitions(t *testing.T) {
	for partition, regions := range map[string][2]string{"aws-cn": {"cn-north-1", "cn-northwest-1"}, "aws-us-gov": {"us-gov-east-1", "us-gov-west-1"}} {
		l := newLab(t, awstest.Options{})
		a := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: regions[:]})
		arn := get(a.Region(regions[0]).Trail("main", ""))(t)
		if want := "arn:" + partition + ":cloudtrail:" + regions[0] + ":444455556666:trail/main"; arn != want {
			t.Errorf("got %s, want %s", arn, want)
		}
		get(l.cloud.Emit(a.ID(), regions[0], a.Region(regions[0]).Event("iam.amazonaws.com", "DeleteRole", nil)))(t)
		if s := l.cloud.Story()[0]; s.Region != regions[1] {
			t.Errorf("%s: IAM records in %s, want %s", partition, s.Region, regions[1])
		}
	}
}

func TestTrailByNameOnlyAtHome(t *testing.T) {
	l := newLab(t, awstest.Options{})
	arn := get(l.home.Trail("main", ""))(t)
	away := l.trails("eu-west-1")
	_, err := away.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String("main")})
	wantCode(t, err, "TrailNotFoundException")
	if !*get(away.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &arn}))(t).IsLogging {
		t.Error("the trail is not logging")
	}
	if s := get(away.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &arn}))(t); len(s.EventSelectors) != 1 || s.EventSelectors[0].ReadWriteType != "All" || !*s.EventSelectors[0].IncludeManagementEvents {
		t.Errorf("a new trail has selectors %+v", s.EventSelectors)
	}
	_, err = away.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: &arn})
	wantCode(t, err, "InvalidHomeRegionException")
	_, err = away.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: aws.String("arn:aws:sns:eu-central-1:111122223333:x")})
	wantCode(t, err, "CloudTrailARNInvalidException")
}

func TestTrailStatusFollowsDelivery(t *testing.T) {
	l := newLab(t, awstest.Options{})
	get(l.home.Trail("main", group))(t)
	status := func() *cloudtrail.GetTrailStatusOutput {
		return get(l.trails(home).GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String("main")}))(t)
	}
	if s := status(); s.LatestCloudWatchLogsDeliveryTime != nil || !s.StartLoggingTime.Equal(start) {
		t.Errorf("at first the status is %+v", s)
	}
	l.cloud.Advance(7 * time.Minute)
	if s := status(); s.LatestCloudWatchLogsDeliveryTime == nil || !s.LatestCloudWatchLogsDeliveryTime.Equal(start.Add(7*time.Minute)) {
		t.Errorf("after 7 minutes the last delivery is %v", s.LatestCloudWatchLogsDeliveryTime)
	}
	must(t, l.home.DeleteLogGroup(group))
	l.cloud.Advance(time.Minute)
	if s := status(); s.LatestCloudWatchLogsDeliveryError == nil || !s.LatestCloudWatchLogsDeliveryTime.Equal(start.Add(7*time.Minute)) {
		t.Errorf("without its log group the trail has no delivery error: %+v", s)
	}
	must(t, l.home.StopLogging("main"))
	if s := status(); *s.IsLogging || !s.StopLoggingTime.Equal(start.Add(8*time.Minute)) {
		t.Errorf("after StopLogging the status is %+v", s)
	}
}

func TestCreateTrailErrors(t *testing.T) {
	l := newLab(t, awstest.Options{})
	must(t, l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "g"}))
	must(t, l.acct.Region("us-east-1").CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "away"}))
	role := aws.String("arn:aws:iam::111122223333:role/r")
	tests := []struct {
		name string
		in   cloudtrail.CreateTrailInput
		want string
	}{
		{"name", cloudtrail.CreateTrailInput{Name: aws.String("-x")}, "InvalidTrailNameException"},
		{"group without role", cloudtrail.CreateTrailInput{CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:eu-central-1:111122223333:log-group:g:*")}, "InvalidCloudWatchLogsRoleArnException"},
		{"missing group", cloudtrail.CreateTrailInput{CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:eu-central-1:111122223333:log-group:x:*"), CloudWatchLogsRoleArn: role}, "InvalidCloudWatchLogsLogGroupArnException"},
		{"group elsewhere", cloudtrail.CreateTrailInput{CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:us-east-1:111122223333:log-group:away:*"), CloudWatchLogsRoleArn: role}, "InvalidCloudWatchLogsLogGroupArnException"},
		{"multi-region without global events", cloudtrail.CreateTrailInput{IsMultiRegionTrail: aws.Bool(true), IncludeGlobalServiceEvents: aws.Bool(false)}, "InvalidParameterCombinationException"},
		{"organization", cloudtrail.CreateTrailInput{IsOrganizationTrail: aws.Bool(true)}, "OrganizationsNotInUseException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.in.Name == nil {
				tt.in.Name = aws.String("trail")
			}
			tt.in.S3BucketName = aws.String("b")
			_, err := l.trails(home).CreateTrail(ctx, &tt.in)
			wantCode(t, err, tt.want)
		})
	}
	for i := range 5 {
		get(l.home.CreateTrail(awstest.CreateTrailInput{Name: fmt.Sprintf("trail%d", i), S3BucketName: "b"}))(t)
	}
	_, err := l.trails(home).CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("trail0"), S3BucketName: aws.String("b")})
	wantCode(t, err, "TrailAlreadyExistsException")
	_, err = l.trails(home).CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("trail5"), S3BucketName: aws.String("b")})
	wantCode(t, err, "MaximumNumberOfTrailsExceededException")
}

func TestEventSelectors(t *testing.T) {
	l := newLab(t, awstest.Options{})
	get(l.home.Trail("main", ""))(t)
	client := l.trails(home)
	_, err := client.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: aws.String("main"), AdvancedEventSelectors: []types.AdvancedEventSelector{
		{FieldSelectors: []types.AdvancedFieldSelector{{Field: aws.String("eventCategory"), Equals: []string{"Management"}}, {Field: aws.String("eventSource"), NotEquals: []string{"kms.amazonaws.com"}}}},
	}})
	must(t, err)
	s := get(client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("main")}))(t)
	if len(s.EventSelectors) != 0 || len(s.AdvancedEventSelectors) != 1 || s.AdvancedEventSelectors[0].FieldSelectors[1].NotEquals[0] != "kms.amazonaws.com" {
		t.Errorf("got selectors %+v", s)
	}
	if out := get(client.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: aws.String("main")}))(t); !*out.Trail.HasCustomEventSelectors {
		t.Error("the trail has no custom event selectors")
	}
	_, err = client.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: aws.String("main"), AdvancedEventSelectors: []types.AdvancedEventSelector{
		{FieldSelectors: []types.AdvancedFieldSelector{{Field: aws.String("eventCategory"), Equals: []string{"Management"}}, {Field: aws.String("awsRegion"), Equals: []string{"x"}}}},
	}})
	wantCode(t, err, "InvalidEventSelectorsException")
}

func TestOrganizationTrail(t *testing.T) {
	l := newLab(t, awstest.Options{})
	member := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{home, "us-east-1"}})
	stranger := l.cloud.Account("777788889999", awstest.AccountOptions{Regions: []string{home}})
	l.cloud.Organization(l.acct, member)
	must(t, l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "g"}))
	arn := get(l.home.CreateTrail(awstest.CreateTrailInput{
		Name: "org", S3BucketName: "b", IsMultiRegionTrail: true, IsOrganizationTrail: true,
		CloudWatchLogsLogGroupARN: "arn:aws:logs:eu-central-1:111122223333:log-group:g:*", CloudWatchLogsRoleARN: "arn:aws:iam::111122223333:role/r",
	}))(t)
	must(t, l.home.StartLogging("org"))

	seen := get(cloudtrail.NewFromConfig(l.config(member, "us-east-1")).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{}))(t)
	if got := trailNames(seen.TrailList); got != "org@eu-central-1 " || *seen.TrailList[0].TrailARN != arn {
		t.Errorf("the member sees %q", got)
	}
	memberTrails := cloudtrail.NewFromConfig(l.config(member, home))
	if s := get(memberTrails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &arn}))(t); !*s.IsLogging {
		t.Error("the member does not see that the trail logs")
	}
	_, err := memberTrails.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: &arn})
	wantCode(t, err, "NotOrganizationMasterAccountException")
	_, err = memberTrails.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("own"), S3BucketName: aws.String("b"), IsOrganizationTrail: aws.Bool(true)})
	wantCode(t, err, "NotOrganizationMasterAccountException")
	_, err = cloudtrail.NewFromConfig(l.config(stranger, home)).GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &arn})
	wantCode(t, err, "TrailNotFoundException")

	get(l.cloud.Emit("444455556666", "us-east-1", member.Region("us-east-1").Event("ec2.amazonaws.com", "DeleteVpc", nil)))(t)
	l.cloud.Advance(6 * time.Minute)
	if links := linksOf(l.cloud, true); links != "event trail log group" {
		t.Errorf("the member's event gets to %s:\n%s", links, story(l.cloud))
	}
}

// TestWhatTrailsRecord checks scope and selectors of trails on single events.
func TestWhatTrailsRecord(t *testing.T) {
	management := awstest.AdvancedFieldSelector{Field: "eventCategory", Equals: []string{"Management"}}
	advanced := func(fields ...awstest.AdvancedFieldSelector) awstest.PutEventSelectorsInput {
		return awstest.PutEventSelectorsInput{AdvancedEventSelectors: []awstest.AdvancedEventSelector{{FieldSelectors: append(fields, management)}}}
	}
	basic := func(s ...awstest.EventSelector) awstest.PutEventSelectorsInput {
		return awstest.PutEventSelectorsInput{EventSelectors: s}
	}
	tests := []struct {
		name         string
		home         string // of the trail
		multi        bool
		global       *bool
		selectors    awstest.PutEventSelectorsInput
		region       string // of the event
		source, call string
		want         bool
	}{
		{name: "everything", home: home, multi: true, region: "us-east-1", source: "ec2.amazonaws.com", call: "DeleteVpc", want: true},
		{name: "own region", home: home, region: home, source: "ec2.amazonaws.com", call: "DeleteVpc", want: true},
		{name: "other region", home: home, region: "eu-west-1", source: "ec2.amazonaws.com", call: "DeleteVpc"},
		{name: "global service, regional trail", home: home, region: home, source: "iam.amazonaws.com", call: "DeleteRole"},
		{name: "global service, global region", home: "us-east-1", region: home, source: "iam.amazonaws.com", call: "DeleteRole", want: true},
		{name: "global service left out", home: "us-east-1", global: new(false), region: home, source: "iam.amazonaws.com", call: "DeleteRole"},
		{name: "write only, write", home: home, selectors: basic(awstest.EventSelector{ReadWriteType: "WriteOnly"}), region: home, source: "ec2.amazonaws.com", call: "DeleteVpc", want: true},
		{name: "write only, read", home: home, selectors: basic(awstest.EventSelector{ReadWriteType: "WriteOnly"}), region: home, source: "ec2.amazonaws.com", call: "DescribeVpcs"},
		{name: "no management events", home: home, selectors: basic(awstest.EventSelector{IncludeManagementEvents: new(false)}), region: home, source: "ec2.amazonaws.com", call: "DeleteVpc"},
		{name: "excluded source", home: home, selectors: basic(awstest.EventSelector{ExcludeManagementEventSources: []string{"kms.amazonaws.com"}}), region: home, source: "kms.amazonaws.com", call: "DisableKey"},
		{name: "union of selectors", home: home, selectors: basic(awstest.EventSelector{ReadWriteType: "ReadOnly"}, awstest.EventSelector{ReadWriteType: "WriteOnly"}), region: home, source: "ec2.amazonaws.com", call: "DeleteVpc", want: true},
		{name: "advanced, all", home: home, selectors: advanced(), region: home, source: "ec2.amazonaws.com", call: "DeleteVpc", want: true},
		{name: "advanced, writes", home: home, selectors: advanced(awstest.AdvancedFieldSelector{Field: "readOnly", Equals: []string{"false"}}), region: home, source: "ec2.amazonaws.com", call: "DescribeVpcs"},
		{name: "advanced, prefix", home: home, selectors: advanced(awstest.AdvancedFieldSelector{Field: "eventName", StartsWith: []string{"Create", "Delete"}}), region: home, source: "ec2.amazonaws.com", call: "DeleteVpc", want: true},
		{name: "advanced, not suffix", home: home, selectors: advanced(awstest.AdvancedFieldSelector{Field: "eventName", NotEndsWith: []string{"Vpc"}}), region: home, source: "ec2.amazonaws.com", call: "DeleteVpc"},
		{name: "advanced, identity", home: home, selectors: advanced(awstest.AdvancedFieldSelector{Field: "userIdentity.arn", NotEquals: []string{"arn:aws:iam::111122223333:user/operator"}}), region: home, source: "ec2.amazonaws.com", call: "DeleteVpc"},
		{name: "advanced, missing field", home: home, selectors: advanced(awstest.AdvancedFieldSelector{Field: "errorCode", Equals: []string{"AccessDenied"}}), region: home, source: "ec2.amazonaws.com", call: "DeleteVpc"},
		{name: "advanced, missing field negated", home: home, selectors: advanced(awstest.AdvancedFieldSelector{Field: "errorCode", NotEquals: []string{"AccessDenied"}}), region: home, source: "ec2.amazonaws.com", call: "DeleteVpc", want: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			r := l.acct.Region(tt.home)
			must(t, r.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "g"}))
			get(r.CreateTrail(awstest.CreateTrailInput{
				Name: "main", S3BucketName: "b", IsMultiRegionTrail: tt.multi, IncludeGlobalServiceEvents: tt.global,
				CloudWatchLogsLogGroupARN: "arn:aws:logs:" + tt.home + ":111122223333:log-group:g:*", CloudWatchLogsRoleARN: "arn:aws:iam::111122223333:role/r",
			}))(t)
			must(t, r.StartLogging("main"))
			if len(tt.selectors.EventSelectors)+len(tt.selectors.AdvancedEventSelectors) > 0 {
				tt.selectors.TrailName = "main"
				must(t, r.PutEventSelectors(tt.selectors))
			}
			get(l.cloud.Emit(acctID, tt.region, l.acct.Region(tt.region).Event(tt.source, tt.call, nil)))(t)
			l.cloud.Advance(5 * time.Minute)
			links := linksOf(l.cloud, true)
			if got := links == "event trail log group"; got != tt.want {
				t.Errorf("delivered %v, want %v:\n%s", got, tt.want, story(l.cloud))
			}
		})
	}
}

func TestEmitRefusesJunk(t *testing.T) {
	l := newLab(t, awstest.Options{})
	for _, raw := range []string{"", "[]", "{", `{"eventName":"X"}`, `{"eventName":1,"eventSource":"x"}`} {
		if _, err := l.cloud.Emit(acctID, home, []byte(raw)); err == nil {
			t.Errorf("the record %q was taken", raw)
		}
	}
	if _, err := l.cloud.Emit(acctID, "mars-1", []byte(`{"eventName":"A","eventSource":"b"}`)); err == nil {
		t.Error("an event in an unknown region was taken")
	}
}
