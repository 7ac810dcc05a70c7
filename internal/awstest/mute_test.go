package awstest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestMuteRule: a muted alarm changes its state and notifies nobody; when the
// window ends while the state lasts, its actions run.
func TestMuteRule(t *testing.T) {
	for name, tt := range map[string]struct {
		expression, duration string
		after                time.Duration // the event until the message; 0: no message within 3 hours
	}{
		"all hours":          {"cron(0 * * * *)", "PT1H", 0},
		"over":               {"at(2026-01-05T08:00)", "PT1H", 6 * time.Minute},
		"another day":        {"cron(0 0 * * TUE-SAT)", "P1D", 6 * time.Minute},
		"until quarter past": {"at(2026-01-05T09:30)", "PT45M", 15 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChain(t, awstest.Options{})
			client := c.cloudwatch()
			get(client.PutAlarmMuteRule(ctx, &cloudwatch.PutAlarmMuteRuleInput{
				Name: aws.String("m"), MuteTargets: &types.MuteTargets{AlarmNames: []string{"sg-alarm"}},
				Rule: &types.Rule{Schedule: &types.Schedule{Expression: aws.String(tt.expression), Duration: aws.String(tt.duration)}},
			}))(t)
			c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", 3*time.Hour)
			inbox := c.cloud.Inbox(reader)
			switch {
			case tt.after == 0 && len(inbox) != 0:
				t.Errorf("the reader got %+v", inbox)
			case tt.after != 0 && (len(inbox) != 1 || !inbox[0].Time.Equal(start.Add(tt.after))):
				t.Errorf("the reader got %+v, want one message at %s; story:\n%s", inbox, start.Add(tt.after), story(c.cloud))
			}
			if tt.after != 0 {
				return
			}
			get(client.DeleteAlarmMuteRule(ctx, &cloudwatch.DeleteAlarmMuteRuleInput{AlarmMuteRuleName: aws.String("m")}))(t)
			c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", soon)
			if got := len(c.cloud.Inbox(reader)); got != 1 {
				t.Errorf("without the rule the reader got %d messages, want 1", got)
			}
		})
	}
}

func TestMuteRuleOperations(t *testing.T) {
	c := newChain(t, awstest.Options{PageSize: 1})
	client := c.cloudwatch()
	put := func(name, expression string, expire time.Time) error {
		in := &cloudwatch.PutAlarmMuteRuleInput{
			Name: aws.String(name), MuteTargets: &types.MuteTargets{AlarmNames: []string{"sg-alarm"}},
			Rule: &types.Rule{Schedule: &types.Schedule{Expression: aws.String(expression), Duration: aws.String("PT1H"), Timezone: aws.String("Europe/Berlin")}},
		}
		if !expire.IsZero() {
			in.ExpireDate = &expire
		}
		_, err := client.PutAlarmMuteRule(ctx, in)
		return err
	}
	must(t, put("hourly", "cron(0 * * * *)", start.Add(time.Hour)))
	must(t, put("nightly", "cron(0 3 * * *)", time.Time{}))
	must(t, put("once", "at(2026-01-05T10:59)", time.Time{}))
	for _, bad := range []string{"cron(0 99 * * *)", "cron(0 3 * *)", "rate(1 hour)", "at(soon)"} {
		wantCode(t, put("bad", bad, time.Time{}), "ValidationError")
	}
	list := func(status types.AlarmMuteRuleStatus) string {
		text := ""
		for p := cloudwatch.NewListAlarmMuteRulesPaginator(client, &cloudwatch.ListAlarmMuteRulesInput{Statuses: []types.AlarmMuteRuleStatus{status}}); p.HasMorePages(); {
			for _, s := range get(p.NextPage(ctx))(t).AlarmMuteRuleSummaries {
				text += *s.AlarmMuteRuleArn + " " + *s.MuteType + "\n"
			}
		}
		return text
	}
	const arn = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm-mute-rule:"
	if got, want := list("ACTIVE"), arn+"hourly RECURRING\n"+arn+"once ONE_TIME\n"; got != want {
		t.Errorf("active rules: got\n%swant\n%s", got, want)
	}
	if got, want := list("SCHEDULED"), arn+"nightly RECURRING\n"; got != want {
		t.Errorf("scheduled rules: got\n%swant\n%s", got, want)
	}
	c.cloud.Advance(2 * time.Hour)
	if got, want := list("EXPIRED"), arn+"hourly RECURRING\n"+arn+"once ONE_TIME\n"; got != want {
		t.Errorf("expired rules: got\n%swant\n%s", got, want)
	}
	rule := get(client.GetAlarmMuteRule(ctx, &cloudwatch.GetAlarmMuteRuleInput{AlarmMuteRuleName: aws.String("hourly")}))(t)
	if s := rule.Rule.Schedule; *s.Expression != "cron(0 * * * *)" || *s.Timezone != "Europe/Berlin" || !rule.ExpireDate.Equal(start.Add(time.Hour)) || rule.MuteTargets.AlarmNames[0] != "sg-alarm" {
		t.Errorf("got rule %+v", rule)
	}
	_, err := client.GetAlarmMuteRule(ctx, &cloudwatch.GetAlarmMuteRuleInput{AlarmMuteRuleName: aws.String("nosuch")})
	wantCode(t, err, "ResourceNotFoundException")
}
