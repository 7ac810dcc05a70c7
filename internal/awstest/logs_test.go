package awstest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// putFilter is a request that works.
func putFilter(name string) *cloudwatchlogs.PutMetricFilterInput {
	return &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName: aws.String("g"), FilterName: aws.String(name), FilterPattern: aws.String(`{ $.a = "b" }`),
		MetricTransformations: []types.MetricTransformation{{MetricName: aws.String("M"), MetricNamespace: aws.String("N"), MetricValue: aws.String("1")}},
	}
}

func newLogsLab(t *testing.T, opts awstest.Options) (*lab, *cloudwatchlogs.Client) {
	l := newLab(t, opts)
	must(t, l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "g"}))
	return l, l.logs()
}

func TestPutMetricFilterReplacesByName(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	in := putFilter("f")
	in.MetricTransformations[0].DefaultValue = aws.Float64(0)
	in.MetricTransformations[0].Unit = types.StandardUnitCount
	get(client.PutMetricFilter(ctx, in))(t)
	l.cloud.Advance(time.Second)
	get(client.PutMetricFilter(ctx, putFilter("f")))(t)
	out := get(client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("g")}))(t)
	if len(out.MetricFilters) != 1 {
		t.Fatalf("got %d filters, want 1", len(out.MetricFilters))
	}
	f := out.MetricFilters[0]
	if tr := f.MetricTransformations[0]; tr.DefaultValue != nil || tr.Unit != "" || tr.Dimensions != nil {
		t.Errorf("settings of the old filter survive: %+v", tr)
	}
	if *f.CreationTime != start.UnixMilli()+1000 || *f.FilterPattern != `{ $.a = "b" }` || *f.LogGroupName != "g" {
		t.Errorf("got filter %+v", f)
	}
}

func TestPutMetricFilterErrors(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	must(t, l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "ia", LogGroupClass: "INFREQUENT_ACCESS"}))
	tests := []struct {
		name string
		edit func(in *cloudwatchlogs.PutMetricFilterInput, tr *types.MetricTransformation)
		want string
	}{
		{"missing group", func(in *cloudwatchlogs.PutMetricFilterInput, _ *types.MetricTransformation) {
			in.LogGroupName = aws.String("x")
		}, "ResourceNotFoundException"},
		{"class", func(in *cloudwatchlogs.PutMetricFilterInput, _ *types.MetricTransformation) {
			in.LogGroupName = aws.String("ia")
		}, "InvalidOperationException"},
		{"pattern", func(in *cloudwatchlogs.PutMetricFilterInput, _ *types.MetricTransformation) {
			in.FilterPattern = aws.String("{ $.a == 1 }")
		}, "InvalidParameterException"},
		{"long pattern", func(in *cloudwatchlogs.PutMetricFilterInput, _ *types.MetricTransformation) {
			in.FilterPattern = aws.String(strings.Repeat("a", 1025))
		}, "InvalidParameterException"},
		{"name", func(in *cloudwatchlogs.PutMetricFilterInput, _ *types.MetricTransformation) {
			in.FilterName = aws.String("a:b")
		}, "InvalidParameterException"},
		{"two transformations", func(in *cloudwatchlogs.PutMetricFilterInput, tr *types.MetricTransformation) {
			in.MetricTransformations = append(in.MetricTransformations, *tr)
		}, "InvalidParameterException"},
		{"metric name", func(_ *cloudwatchlogs.PutMetricFilterInput, tr *types.MetricTransformation) {
			tr.MetricName = aws.String("a$")
		}, "InvalidParameterException"},
		{"metric value", func(_ *cloudwatchlogs.PutMetricFilterInput, tr *types.MetricTransformation) {
			tr.MetricValue = aws.String("banana")
		}, "InvalidParameterException"},
		{"default and dimensions", func(_ *cloudwatchlogs.PutMetricFilterInput, tr *types.MetricTransformation) {
			tr.DefaultValue, tr.Dimensions = aws.Float64(0), map[string]string{"d": "$.a"}
		}, "InvalidParameterException"},
		{"four dimensions", func(_ *cloudwatchlogs.PutMetricFilterInput, tr *types.MetricTransformation) {
			tr.Dimensions = map[string]string{"a": "$.a", "b": "$.b", "c": "$.c", "d": "$.d"}
		}, "InvalidParameterException"},
		{"dimension of terms", func(in *cloudwatchlogs.PutMetricFilterInput, tr *types.MetricTransformation) {
			in.FilterPattern, tr.Dimensions = aws.String("ERROR"), map[string]string{"d": "$.a"}
		}, "InvalidParameterException"},
		{"constant dimension", func(_ *cloudwatchlogs.PutMetricFilterInput, tr *types.MetricTransformation) {
			tr.Dimensions = map[string]string{"d": "x"}
		}, "InvalidParameterException"},
		{"transformed logs", func(in *cloudwatchlogs.PutMetricFilterInput, _ *types.MetricTransformation) {
			in.ApplyOnTransformedLogs = true
		}, "InvalidParameterException"},
		{"criteria", func(in *cloudwatchlogs.PutMetricFilterInput, _ *types.MetricTransformation) {
			in.FieldSelectionCriteria = aws.String(`@aws.region ~ "x"`)
		}, "InvalidParameterException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := putFilter("f")
			tt.edit(in, &in.MetricTransformations[0])
			_, err := client.PutMetricFilter(ctx, in)
			wantCode(t, err, tt.want)
		})
	}
	if out := get(client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{}))(t); len(out.MetricFilters) != 0 {
		t.Errorf("%d filters were written", len(out.MetricFilters))
	}
}

func TestFilterQuotas(t *testing.T) {
	_, client := newLogsLab(t, awstest.Options{})
	for i := range 5 {
		in := putFilter(fmt.Sprintf("re%d", i))
		in.FilterPattern = aws.String(`{ $.a = %b% }`)
		get(client.PutMetricFilter(ctx, in))(t)
	}
	sixth := putFilter("re5")
	sixth.FilterPattern = aws.String(`{ $.a = %b% }`)
	_, err := client.PutMetricFilter(ctx, sixth)
	wantCode(t, err, "LimitExceededException")
	for i := range 95 {
		get(client.PutMetricFilter(ctx, putFilter(fmt.Sprintf("f%02d", i))))(t)
	}
	_, err = client.PutMetricFilter(ctx, putFilter("more"))
	wantCode(t, err, "LimitExceededException")
	get(client.PutMetricFilter(ctx, putFilter("f00")))(t) // replacing needs no room
}

func TestDescribeMetricFilters(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{PageSize: 2})
	must(t, l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "h"}))
	for _, name := range []string{"c", "a", "ab", "b"} {
		get(client.PutMetricFilter(ctx, putFilter(name)))(t)
	}
	other := putFilter("a")
	other.LogGroupName, other.MetricTransformations[0].MetricName = aws.String("h"), aws.String("Other")
	get(client.PutMetricFilter(ctx, other))(t)
	tests := []struct {
		name  string
		in    cloudwatchlogs.DescribeMetricFiltersInput
		want  string
		pages int
	}{
		{"whole region", cloudwatchlogs.DescribeMetricFiltersInput{}, "g/a h/a g/ab g/b g/c", 3},
		{"one group", cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("g")}, "g/a g/ab g/b g/c", 2},
		{"prefix", cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("g"), FilterNamePrefix: aws.String("a")}, "g/a g/ab", 1},
		{"prefix without group is ignored", cloudwatchlogs.DescribeMetricFiltersInput{FilterNamePrefix: aws.String("b")}, "g/a h/a g/ab g/b g/c", 3},
		{"metric", cloudwatchlogs.DescribeMetricFiltersInput{MetricName: aws.String("Other"), MetricNamespace: aws.String("N")}, "h/a", 1},
		{"limit", cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("g"), Limit: aws.Int32(1)}, "g/a g/ab g/b g/c", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			pages := 0
			for p := cloudwatchlogs.NewDescribeMetricFiltersPaginator(client, &tt.in); p.HasMorePages(); pages++ {
				for _, f := range get(p.NextPage(ctx))(t).MetricFilters {
					got = append(got, *f.LogGroupName+"/"+*f.FilterName)
				}
			}
			if strings.Join(got, " ") != tt.want || pages != tt.pages {
				t.Errorf("got %v in %d pages, want %s in %d", got, pages, tt.want, tt.pages)
			}
		})
	}
	_, err := client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{MetricName: aws.String("M")})
	wantCode(t, err, "InvalidParameterException")
	_, err = client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{NextToken: aws.String("junk")})
	wantCode(t, err, "InvalidParameterException")
	_, err = client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{Limit: aws.Int32(51)})
	wantCode(t, err, "InvalidParameterException")
}

func TestDeleteMetricFilter(t *testing.T) {
	_, client := newLogsLab(t, awstest.Options{})
	get(client.PutMetricFilter(ctx, putFilter("f")))(t)
	del := &cloudwatchlogs.DeleteMetricFilterInput{LogGroupName: aws.String("g"), FilterName: aws.String("f")}
	get(client.DeleteMetricFilter(ctx, del))(t)
	_, err := client.DeleteMetricFilter(ctx, del)
	wantCode(t, err, "ResourceNotFoundException")
}

func TestLogGroups(t *testing.T) {
	l := newLab(t, awstest.Options{PageSize: 1})
	client := l.logs()
	id, arn := l.home.CreateKey(awstest.KeyOptions{
		Policy: `{"Statement":[{"Effect":"Allow","Principal":{"Service":"logs.eu-central-1.amazonaws.com"},"Action":"kms:*","Resource":"*"}]}`,
	})
	get(client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/b/Two"), KmsKeyId: &arn}))(t)
	get(client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/a/one"), LogGroupClass: types.LogGroupClassInfrequentAccess}))(t)
	_, err := client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/a/one")})
	wantCode(t, err, "ResourceAlreadyExistsException")
	_, err = client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("bad name*")})
	wantCode(t, err, "InvalidParameterException")
	_, err = client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("x"), KmsKeyId: aws.String(id + "0")})
	wantCode(t, err, "InvalidParameterException")

	list := func(in cloudwatchlogs.DescribeLogGroupsInput) (groups []types.LogGroup) {
		for p := cloudwatchlogs.NewDescribeLogGroupsPaginator(client, &in); p.HasMorePages(); {
			groups = append(groups, get(p.NextPage(ctx))(t).LogGroups...)
		}
		return groups
	}
	all := list(cloudwatchlogs.DescribeLogGroupsInput{})
	if len(all) != 2 || *all[0].LogGroupName != "/a/one" || all[0].LogGroupClass != "INFREQUENT_ACCESS" || *all[1].KmsKeyId != arn ||
		*all[1].Arn != "arn:aws:logs:eu-central-1:111122223333:log-group:/b/Two:*" || *all[1].LogGroupArn != "arn:aws:logs:eu-central-1:111122223333:log-group:/b/Two" {
		t.Errorf("got groups %+v", all)
	}
	for name, in := range map[string]cloudwatchlogs.DescribeLogGroupsInput{
		"prefix":  {LogGroupNamePrefix: aws.String("/b")},
		"pattern": {LogGroupNamePattern: aws.String("two")},
		"class":   {LogGroupClass: types.LogGroupClassStandard},
	} {
		if got := list(in); len(got) != 1 || *got[0].LogGroupName != "/b/Two" {
			t.Errorf("%s: got %d groups", name, len(got))
		}
	}
	get(client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/a/one")}))(t)
	_, err = client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/a/one")})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestDeletedGroupTakesItsFilters(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	get(client.PutMetricFilter(ctx, putFilter("f")))(t)
	must(t, l.home.DeleteLogGroup("g"))
	must(t, l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "g"}))
	if out := get(client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{}))(t); len(out.MetricFilters) != 0 {
		t.Errorf("%d filters survive", len(out.MetricFilters))
	}
}

func TestTestMetricFilter(t *testing.T) {
	_, client := newLogsLab(t, awstest.Options{})
	out := get(client.TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{
		FilterPattern: aws.String(`{ $.a = "b" }`), LogEventMessages: []string{`{"a":"x"}`, `{"a":"b"}`, `a b`},
	}))(t)
	if len(out.Matches) != 1 || out.Matches[0].EventNumber != 2 || *out.Matches[0].EventMessage != `{"a":"b"}` {
		t.Errorf("got %+v", out.Matches)
	}
	_, err := client.TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{FilterPattern: aws.String("{"), LogEventMessages: []string{"x"}})
	wantCode(t, err, "InvalidParameterException")
	_, err = client.TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{FilterPattern: aws.String(""), LogEventMessages: make([]string, 51)})
	wantCode(t, err, "InvalidParameterException")
}

// TestMetricFilterValues checks what a match publishes, by the state of alarms
// on the metrics: value references, dimensions, units.
func TestMetricFilterValues(t *testing.T) {
	event := func(fields map[string]any) func(map[string]any) {
		return func(r map[string]any) {
			for k, v := range fields {
				r[k] = v
			}
		}
	}
	tests := []struct {
		name           string
		transformation awstest.MetricTransformation
		system         []string
		fields         map[string]any
		dimensions     []awstest.Dimension // of the alarm
		unit           string              // of the alarm
		threshold      float64
		want           string
	}{
		{name: "constant", transformation: awstest.MetricTransformation{MetricValue: "2.5"}, threshold: 2.5, want: "ALARM"},
		{name: "constant too small", transformation: awstest.MetricTransformation{MetricValue: "2.5"}, threshold: 2.6, want: "OK"},
		{name: "reference", transformation: awstest.MetricTransformation{MetricValue: "$.size"}, fields: map[string]any{"size": 7}, threshold: 7, want: "ALARM"},
		{name: "reference into a list", transformation: awstest.MetricTransformation{MetricValue: "$.l[1].n"}, fields: map[string]any{"l": []any{1, map[string]any{"n": 3}}}, threshold: 3, want: "ALARM"},
		{name: "reference to text", transformation: awstest.MetricTransformation{MetricValue: "$.eventName"}, threshold: 0, want: "INSUFFICIENT_DATA"},
		{name: "reference to text with default", transformation: awstest.MetricTransformation{MetricValue: "$.eventName", DefaultValue: new(5.0)}, threshold: 5, want: "ALARM"},
		{name: "dimension", transformation: awstest.MetricTransformation{MetricValue: "1", Dimensions: map[string]string{"who": "$.userIdentity.userName"}},
			dimensions: []awstest.Dimension{{Name: "who", Value: "operator"}}, threshold: 1, want: "ALARM"},
		{name: "dimension, alarm without", transformation: awstest.MetricTransformation{MetricValue: "1", Dimensions: map[string]string{"who": "$.userIdentity.userName"}},
			threshold: 1, want: "INSUFFICIENT_DATA"},
		{name: "missing dimension", transformation: awstest.MetricTransformation{MetricValue: "1", Dimensions: map[string]string{"who": "$.nosuch"}},
			threshold: 1, want: "ALARM"},
		{name: "system dimension", transformation: awstest.MetricTransformation{MetricValue: "1"}, system: []string{"@aws.region"},
			dimensions: []awstest.Dimension{{Name: "@aws.region", Value: home}}, threshold: 1, want: "ALARM"},
		{name: "system dimension, alarm without", transformation: awstest.MetricTransformation{MetricValue: "1"}, system: []string{"@aws.account"}, threshold: 1, want: "INSUFFICIENT_DATA"},
		{name: "same unit", transformation: awstest.MetricTransformation{MetricValue: "1", Unit: "Count"}, unit: "Count", threshold: 1, want: "ALARM"},
		{name: "other unit", transformation: awstest.MetricTransformation{MetricValue: "1"}, unit: "Count", threshold: 1, want: "INSUFFICIENT_DATA"},
		{name: "unit None", transformation: awstest.MetricTransformation{MetricValue: "1"}, unit: "None", threshold: 1, want: "ALARM"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain(t, awstest.Options{})
			tt.transformation.MetricName, tt.transformation.MetricNamespace = "SG", namespace
			c.filter.MetricTransformations = []awstest.MetricTransformation{tt.transformation}
			c.filter.EmitSystemFieldDimensions = tt.system
			must(t, c.home.PutMetricFilter(c.filter))
			c.alarm.Dimensions, c.alarm.Unit, c.alarm.Threshold, c.alarm.TreatMissingData = tt.dimensions, tt.unit, &tt.threshold, "missing"
			must(t, c.home.PutMetricAlarm(c.alarm))
			get(c.cloud.Emit(acctID, home, c.home.Event("ec2.amazonaws.com", "DeleteSecurityGroup", event(tt.fields))))(t)
			c.cloud.Advance(7 * time.Minute)
			if got := c.home.AlarmState("sg-alarm"); got != tt.want {
				t.Errorf("the alarm is %s, want %s:\n%s", got, tt.want, story(c.cloud))
			}
		})
	}
}

func TestFieldSelectionCriteria(t *testing.T) {
	for text, want := range map[string]bool{
		`@aws.region = "eu-central-1"`:                                true,
		`@aws.region != "eu-central-1"`:                               false,
		`@aws.account IN ["999999999999", "111122223333"]`:            true,
		`@aws.account NOT IN ["111122223333"]`:                        false,
		`@aws.region IN ("us-east-1", "eu-central-1")`:                true,
		`@aws.account = "x" OR @aws.region = "eu-central-1"`:          true,
		`@aws.account = "111122223333" AND @aws.region = "us-east-1"`: false,
		`@aws.account = "a OR b" OR @aws.account not in ["a AND b"]`:  true,
	} {
		c := newChain(t, awstest.Options{})
		c.filter.FieldSelectionCriteria = text
		must(t, c.home.PutMetricFilter(c.filter))
		c.happens("eu-west-1", "ec2.amazonaws.com", "DeleteSecurityGroup", soon)
		if got := len(c.cloud.Inbox(reader)) == 1; got != want {
			t.Errorf("%s: told %v, want %v", text, got, want)
		}
	}
	_, client := newLogsLab(t, awstest.Options{})
	for _, bad := range []string{"x", `@aws.region = eu`, `@aws.region IN "a"`, `@aws.region = ("a")`, `@aws.region IN ("a"]`, `@aws.region = "a" AND`} {
		in := putFilter("f")
		in.FieldSelectionCriteria = &bad
		_, err := client.PutMetricFilter(ctx, in)
		wantCode(t, err, "InvalidParameterException")
	}
}

func TestTransformer(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	ask := &cloudwatchlogs.GetTransformerInput{LogGroupIdentifier: aws.String("arn:aws:logs:eu-central-1:111122223333:log-group:g")}
	_, err := client.GetTransformer(ctx, ask)
	wantCode(t, err, "ResourceNotFoundException")
	must(t, l.home.SetTransformer("g"))
	if out := get(client.GetTransformer(ctx, ask))(t); len(out.TransformerConfig) != 1 || out.TransformerConfig[0].ParseJSON == nil {
		t.Errorf("got %+v", out)
	}
	in := putFilter("f")
	in.ApplyOnTransformedLogs = true
	get(client.PutMetricFilter(ctx, in))(t)
	if f := get(client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{}))(t).MetricFilters[0]; !f.ApplyOnTransformedLogs {
		t.Error("the setting is lost")
	}
}
