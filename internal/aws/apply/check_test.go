package apply

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// before lets a plan's filter replace one with another pattern.
func before(a action.PutFilter) action.PutFilter {
	old := a.Filter
	old.Pattern = "{ $.eventName = Old }"
	a.Before = &old
	return a
}

// replacing lets a plan's alarm replace one with another threshold.
func replacing(a action.PutAlarm) action.PutAlarm {
	old := a.Alarm
	five := 5.0
	old.Threshold = &five
	a.Before = &old
	return a
}

// TestRefusals prepares accounts in which something is not as the plan says: it
// must be found before the first write.
func TestRefusals(t *testing.T) {
	rest := []change.Action{theTopic(), theSubscription()}
	with := func(a ...change.Action) change.Plan { return change.Plan{Actions: append(rest[:2:2], a...)} }
	tests := []struct {
		name  string
		build func(l *lab)
		plan  change.Plan
		want  string
	}{
		{
			"a foreign filter appeared",
			func(l *lab) { f := filterOf("A").Filter; f.Pattern = "x"; l.putFilter(f) },
			with(filterOf("A")), `metric filter "A" of log group /cloudtrail/org appeared since the plan was made`,
		},
		{
			"the filter to replace was edited",
			func(l *lab) { f := filterOf("A").Filter; f.Pattern = "x"; l.putFilter(f) },
			with(before(filterOf("A"))), `metric filter "A" of log group /cloudtrail/org was changed since`,
		},
		{
			"the filter to replace is gone", func(*lab) {},
			with(before(filterOf("A"))), `metric filter "A" of log group /cloudtrail/org disappeared since`,
		},
		{
			"a foreign alarm appeared",
			func(l *lab) { a := alarmOf("A").Alarm; a.Metric = "Other"; l.putAlarm(a, managed) },
			with(filterOf("A"), alarmOf("A")), `alarm "AAlarm" appeared since`,
		},
		{
			"a stranger's twin of our alarm appeared",
			func(l *lab) { l.putAlarm(alarmOf("A").Alarm) },
			with(filterOf("A"), alarmOf("A")), `alarm "AAlarm" appeared since`,
		},
		{
			"a composite alarm took the name",
			func(l *lab) {
				l.must(l.home.PutCompositeAlarm(awstest.PutCompositeAlarmInput{AlarmName: "AAlarm", AlarmRule: "FALSE"}))
			},
			with(filterOf("A"), alarmOf("A")), `alarm "AAlarm" appeared as a composite alarm since`,
		},
		{
			"the alarm to replace was edited",
			func(l *lab) { a := alarmOf("A").Alarm; a.Period = 60; l.putAlarm(a, managed) },
			with(replacing(alarmOf("A"))), `alarm "AAlarm" was changed since`,
		},
		{
			"the alarm to replace is gone", func(*lab) {},
			with(replacing(alarmOf("A"))), `alarm "AAlarm" disappeared since`,
		},
		{
			"a foreign topic appeared",
			func(l *lab) {
				_, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts"})
				l.must(err)
			},
			with(), `topic "monitorctl-alerts" appeared since`,
		},
		{
			"our topic has a policy of its own",
			func(l *lab) {
				_, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts", Tags: []awstest.Tag{managed}})
				l.must(err)
				l.must(l.home.SetTopicAttribute(topicARN, "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"`+topicARN+`"}]}`))
			},
			with(), `topic "monitorctl-alerts" was given another policy since`,
		},
		{
			"the log group is full",
			func(l *lab) {
				for i := range 99 {
					f := filterOf("A").Filter
					f.Name = fmt.Sprintf("F%02d", i)
					l.putFilter(f)
				}
			},
			with(filterOf("A"), filterOf("B")), "log group /cloudtrail/org has 99 metric filters and the plan adds 2, but AWS allows only 100",
		},
		{
			"the log group is gone",
			func(l *lab) { l.must(l.home.DeleteLogGroup(group)) },
			with(filterOf("A")), "listing metric filters of /cloudtrail/org: logs:DescribeMetricFilters: ResourceNotFoundException: ",
		},
		{
			"AWS does not take the pattern", func(*lab) {},
			with(func() change.Action { f := filterOf("A"); f.Filter.Pattern = "{ $.a = "; return f }()),
			"testing the pattern of metric filter A: logs:TestMetricFilter: InvalidParameterException: ",
		},
		{
			"another account's plan", func(*lab) {},
			with(func() change.Action { f := filterOf("A"); f.Account = "444455556666"; return f }()),
			"it is for account 444455556666, but the credentials are for 111122223333",
		},
		{
			"conflicts", func(*lab) {},
			change.Plan{Actions: rest, Conflicts: []change.Conflict{{Resource: "arn:x"}}}, "it has 1 unresolved conflicts, the first about arn:x",
		},
		{
			"an alarm that this version cannot write", func(*lab) {},
			with(func() change.Action {
				a := alarmOf("A")
				a.Alarm.Queries = []account.MetricQuery{{ID: "m"}}
				return a
			}()), `alarm "AAlarm" uses metric math, which this version cannot write`,
		},
		{
			"an alarm with unknown settings", func(*lab) {},
			with(func() change.Action { a := alarmOf("A"); a.Alarm.Unknown = []string{"WarmUpConfiguration"}; return a }()),
			`alarm "AAlarm" has settings that this version does not know: WarmUpConfiguration`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			tt.build(l)
			l.cloud.ResetCalls()
			_, err := l.run(tt.plan, Options{OnStart: func(int, int, action.Action) { t.Error("an action was begun") }})
			var e *change.StoppedError
			if !errors.As(err, &e) || len(e.Done) != 0 || len(e.Left) != len(tt.plan.Actions) || e.Action != nil {
				t.Fatalf("got %v, want a refusal before the first action", err)
			}
			if text := err.Error(); !strings.HasPrefix(text, "checking the plan: "+tt.want) || !strings.HasSuffix(text, "(nothing was written)") {
				t.Errorf("got  %v\nwant checking the plan: %s", err, tt.want)
			}
			if w := l.writes(); len(w) != 0 {
				t.Errorf("written: %v", w)
			}
		})
	}
}

// The 100th filter still fits, and one that is there already takes no room.
func TestQuotaIsExact(t *testing.T) {
	l := newLab(t)
	for i := range 98 {
		f := filterOf("A").Filter
		f.Name = fmt.Sprintf("F%02d", i)
		l.putFilter(f)
	}
	l.putFilter(filterOf("A").Filter)
	_, err := l.run(change.Plan{Actions: []change.Action{filterOf("A"), filterOf("B")}}, Options{})
	l.must(err)
	diff(t, "writes", l.writes(), []string{"logs:PutMetricFilter"})
}

// Every read that the checks make can fail: then nothing is written either.
func TestChecksThatCannotBeMade(t *testing.T) {
	for _, operation := range []string{"sns:GetTopicAttributes", "logs:DescribeMetricFilters", "cloudwatch:DescribeAlarms"} {
		l := newLab(t)
		l.cloud.Deny(operation)
		_, err := l.run(thePlan(), Options{})
		if err == nil || !strings.Contains(err.Error(), operation+": A") || !strings.HasSuffix(err.Error(), "(nothing was written)") {
			t.Errorf("without %s: %v", operation, err)
		}
		if w := l.writes(); len(w) != 0 {
			t.Errorf("without %s: written %v", operation, w)
		}
	}
	for operation, build := range map[string]func(l *lab){
		"sns:ListTagsForResource": func(l *lab) {
			_, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts", Tags: []awstest.Tag{managed}})
			l.must(err)
		},
		"cloudwatch:ListTagsForResource": func(l *lab) { l.putAlarm(alarmOf("A").Alarm, managed) },
	} {
		l := newLab(t)
		build(l)
		l.cloud.Deny(operation)
		_, err := l.run(thePlan(), Options{})
		if err == nil || !strings.Contains(err.Error(), operation+": A") {
			t.Errorf("without %s: %v", operation, err)
		}
		if w := l.writes(); len(w) != 0 {
			t.Errorf("without %s: written %v", operation, w)
		}
	}
}

// TestRaces lets something foreign appear under a name after the checks and
// right before its write: it survives, and the run says where it stopped.
func TestRaces(t *testing.T) {
	foreignFilter := filterOf("B").Filter
	foreignFilter.Pattern = "foreign"
	foreignAlarm := alarmOf("A").Alarm
	foreignAlarm.Description = "foreign"
	tests := []struct {
		name    string
		at      string // the action before which it appears
		build   func(l *lab)
		want    string
		done    int
		survive func(r *account.Region) bool
	}{
		{
			"topic", "topic",
			func(l *lab) {
				_, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts", Tags: []awstest.Tag{{Key: "owner", Value: "them"}}})
				l.must(err)
			},
			`topic "monitorctl-alerts" appeared since the plan was made (0 of 6 actions done)`, 0,
			func(r *account.Region) bool { return r.Topics[topicARN].Tags.Value["owner"] == "them" },
		},
		{
			"filter", "filter B", func(l *lab) { l.putFilter(foreignFilter) },
			`metric filter "B" of log group /cloudtrail/org appeared since the plan was made (3 of 6 actions done)`, 3,
			func(r *account.Region) bool { return r.MetricFilters.Value[1].Pattern == "foreign" },
		},
		{
			"alarm", "alarm AAlarm", func(l *lab) { l.putAlarm(foreignAlarm) },
			`alarm "AAlarm" appeared since the plan was made (4 of 6 actions done)`, 4,
			func(r *account.Region) bool { return r.Alarms.Value.Metric[0].Description == "foreign" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			_, err := l.run(thePlan(), Options{OnStart: func(_, _ int, a action.Action) {
				if names([]change.Action{a})[0] == tt.at {
					tt.build(l)
				}
			}})
			var e *change.StoppedError
			var changed *action.ChangedError
			if !errors.As(err, &e) || !errors.As(err, &changed) || len(e.Done) != tt.done || !strings.HasSuffix(err.Error(), tt.want) {
				t.Fatalf("got  %v\nwant ...%s", err, tt.want)
			}
			if !tt.survive(l.snapshot().Accounts[0].Region(region)) {
				t.Error("the foreign object was overwritten")
			}
		})
	}
}

// Between the read and the write of a topic there is a gap: CreateTopic itself
// tells whose topic it found, by its tags.
func TestTopicAppearsInTheGap(t *testing.T) {
	// A stale read does not show what is there.
	gap := awstest.Fault{Operation: "sns:GetTopicAttributes", Kind: awstest.Delay, Stale: 1, Times: 2}
	t.Run("a stranger's", func(t *testing.T) {
		l := newLab(t)
		_, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts"})
		l.must(err)
		l.cloud.Fault(gap)
		_, err = l.run(thePlan(), Options{})
		if err == nil || !strings.Contains(err.Error(), `topic "monitorctl-alerts" appeared since`) {
			t.Errorf("got %v", err)
		}
		diff(t, "writes", l.writes(), []string{"sns:CreateTopic InvalidParameter"})
	})
	t.Run("ours", func(t *testing.T) {
		l := newLab(t)
		_, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts", Tags: []awstest.Tag{managed}})
		l.must(err)
		l.cloud.Fault(gap)
		_, err = l.run(thePlan(), Options{})
		l.must(err)
		if p := l.snapshot().Accounts[0].Region(region).Topics[topicARN].Attributes.Value.Policy; p != theTopic().Policy {
			t.Errorf("policy: %s", p)
		}
	})
}

// Objects of ours are replaced, with all their settings and their tags.
func TestReplace(t *testing.T) {
	l := newLab(t)
	f, a := before(filterOf("A")), replacing(alarmOf("A"))
	l.putFilter(*f.Before)
	l.putAlarm(*a.Before, awstest.Tag{Key: "old", Value: "tag"})
	a.Before.ARN = a.Alarm.ARN
	_, err := l.run(change.Plan{Actions: []change.Action{f, a}}, Options{})
	l.must(err)
	diff(t, "writes", l.writes(), []string{"logs:PutMetricFilter", "cloudwatch:TagResource", "cloudwatch:PutMetricAlarm"})
	r := l.snapshot().Accounts[0].Region(region)
	diff(t, "filters", r.MetricFilters.Value, []account.MetricFilter{f.Filter})
	if n := len(r.Alarms.Value.Metric); n != 1 || *r.Alarms.Value.Metric[0].Threshold != 1 {
		t.Errorf("alarms: %+v", r.Alarms.Value.Metric)
	}
	diff(t, "tags", r.AlarmTags["AAlarm"].Value, map[string]string{desired.ManagedTag: "true", "team": "x", "old": "tag"})

	l = newLab(t)
	l.putAlarm(*a.Before, managed)
	l.cloud.Deny("cloudwatch:TagResource")
	_, err = l.run(change.Plan{Actions: []change.Action{a}}, Options{})
	if err == nil || !strings.Contains(err.Error(), "cloudwatch:TagResource: AccessDenied") {
		t.Errorf("without the permission to tag: %v", err)
	}
	if have := l.snapshot().Accounts[0].Region(region).Alarms.Value.Metric[0]; !have.Same(*a.Before) {
		t.Errorf("an alarm that cannot be tagged as ours was replaced: %+v", have)
	}
}
