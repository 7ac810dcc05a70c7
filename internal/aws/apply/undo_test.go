package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/aws/undo"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/patterns"
)

// An undoLab is a lab with the real catalog: undo knows filters by their
// patterns.
type undoLab struct {
	*lab
	controls []catalog.Control
	path     string // of the journal
}

func newUndoLab(t *testing.T) *undoLab {
	t.Helper()
	l := &undoLab{lab: newLab(t), path: filepath.Join(t.TempDir(), "journal.jsonl")}
	cat, err := catalog.Load(patterns.FS)
	l.must(err)
	l.controls, err = cat.Select(nil, "core", catalog.DefaultBenchmark)
	l.must(err)
	return l
}

// read is the account as plan reads it, as bytes.
func (l *undoLab) read() (account.Snapshot, string) {
	l.t.Helper()
	own := &collect.Own{Topics: []string{desired.DefaultTopicName}}
	for _, c := range l.controls {
		own.Alarms = append(own.Alarms, c.Names.Alarm)
	}
	snap, err := collect.Run(context.Background(), l.session(), collect.Options{Controls: l.controls, Own: own, Salt: "5a17", Now: noon})
	l.must(err)
	data, err := json.MarshalIndent(snap, "", " ")
	l.must(err)
	return snap, string(data)
}

// plan is the repair of the account, with two subscribers.
func (l *undoLab) plan() change.Plan {
	l.t.Helper()
	snap, _ := l.read()
	p, err := plan.For(context.Background(), snap, l.controls, plan.Options{
		Audit:       audit.Options{Benchmark: catalog.DefaultBenchmark, Now: noon()},
		Subscribers: []plan.Subscriber{{Protocol: "sms", Endpoint: "+491701234567"}, {Protocol: "email", Endpoint: "a@example.com"}},
	})
	l.must(err)
	return p
}

// apply carries the plan out with the journal.
func (l *undoLab) apply(p change.Plan) error {
	l.t.Helper()
	w, err := journal.Open[action.State](l.path, journal.Header{Account: acct, Partition: "aws", Salt: "5a17", Tool: "test"}, noon)
	l.must(err)
	_, err = l.run(p, Options{Journal: w})
	l.must(w.Close())
	return err
}

// undoing plans the undoing of a journal.
func (l *undoLab) undoing(text []byte) undo.Plan {
	l.t.Helper()
	j, err := journal.Read[action.State](bytes.NewReader(text))
	l.must(err)
	now, err := Look(context.Background(), l.session(), j)
	l.must(err)
	return undo.For(j, now, l.controls)
}

func (l *undoLab) journal() []byte {
	l.t.Helper()
	data, err := os.ReadFile(l.path)
	l.must(err)
	return data
}

// TestUndo takes a whole apply back: the account reads as before, byte for byte,
// and undoing again does nothing.
func TestUndo(t *testing.T) {
	l := newUndoLab(t)
	_, before := l.read()
	l.must(l.apply(l.plan()))
	if _, now := l.read(); now == before {
		t.Fatal("apply did nothing")
	}
	info, err := os.Stat(l.path)
	l.must(err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the journal: %v", info.Mode())
	}
	if strings.Contains(string(l.journal()), "a@example.com") {
		t.Error("the journal holds the address of a subscriber")
	}
	u := l.undoing(l.journal())
	if len(u.Left) > 0 {
		t.Errorf("left: %v", u.Left)
	}
	_, err = l.run(change.Plan{Actions: u.Actions}, Options{})
	l.must(err)
	_, after := l.read()
	diff(t, "account", after, before)
	if again := l.undoing(l.journal()); len(again.Actions)+len(again.Left) > 0 {
		t.Errorf("undoing again: %v, left %v", again.Actions, again.Left)
	}
}

// TestUndoAfterAKill cuts the run off behind each line of the journal, before and
// after the write that the line announces: undo brings the account back each
// time. The calls are cut off by a fault that loses the reply.
func TestUndoAfterAKill(t *testing.T) {
	whole := newUndoLab(t)
	whole.must(whole.apply(whole.plan()))
	writes := 0
	for _, c := range whole.cloud.Calls() {
		if !c.Read {
			writes++
		}
	}
	if writes < 10 {
		t.Fatalf("%d writes are no whole run", writes)
	}
	for n := range writes {
		for _, took := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d, took effect %t", n+1, took), func(t *testing.T) {
				l := newUndoLab(t)
				_, before := l.read()
				l.killAt(n, took)
				// What a kill leaves: the intent, no result, and half a line.
				text := l.journal()
				lines := bytes.SplitAfter(text, []byte("\n"))
				text = append(bytes.Join(lines[:len(lines)-2], nil), lines[len(lines)-2][:20]...)
				u := l.undoing(text)
				if len(u.Left) > 0 {
					t.Errorf("left: %v", u.Left)
				}
				_, err := l.run(change.Plan{Actions: u.Actions}, Options{})
				l.must(err)
				_, after := l.read()
				diff(t, "account", after, before)
			})
		}
	}
}

// killAt carries out the plan up to write n, which takes effect or not and is not
// answered.
func (l *undoLab) killAt(n int, took bool) {
	l.t.Helper()
	p := l.plan()
	l.cloud.ResetCalls()
	kind := awstest.Denied
	if took {
		kind = awstest.Reset
	}
	order := l.order(p)
	seen := map[string]int{}
	for _, op := range order[:n] {
		seen[op]++
	}
	l.cloud.Fault(awstest.Fault{Operation: order[n], Kind: kind, After: seen[order[n]]})
	if err := l.apply(p); err == nil {
		l.t.Fatalf("write %d, %s, did not fail", n, order[n])
	}
}

// order lists the write calls of a plan.
func (l *undoLab) order(p change.Plan) []string {
	var ops []string
	for _, a := range p.Actions {
		switch a.(type) {
		case action.CreateTopic:
			ops = append(ops, "sns:CreateTopic", "sns:SetTopicAttributes")
		case action.Subscribe:
			ops = append(ops, "sns:Subscribe")
		case action.PutFilter:
			ops = append(ops, "logs:PutMetricFilter")
		case action.PutAlarm:
			ops = append(ops, "cloudwatch:PutMetricAlarm")
		}
	}
	return ops
}

// TestUndoLeaves lets someone change each kind of object after the run: it is
// left, and everything else goes.
func TestUndoLeaves(t *testing.T) {
	const filter, alarm = "SecurityGroupConfigChanges", "SecurityGroupConfigChangesAlarm"
	tests := []struct {
		name   string
		change func(l *undoLab)
		want   []string // left
	}{
		{"filter", func(l *undoLab) {
			l.must(l.home.PutMetricFilter(awstest.PutMetricFilterInput{
				LogGroupName: group, FilterName: filter, FilterPattern: "{ $.eventName = Mine }",
				MetricTransformations: []awstest.MetricTransformation{{MetricName: "SecurityGroupEventCount", MetricNamespace: desired.DefaultNamespace, MetricValue: "1"}},
			}))
		}, []string{"metric filter " + filter + " on " + group + " (eu-central-1): it has been changed: filter.default"}},
		{"alarm", func(l *undoLab) {
			a := l.alarm(alarm)
			a.Period = 60
			l.putAlarm(a)
		}, []string{
			"alarm " + alarm + " (eu-central-1): it has been changed: alarm.period",
			"metric filter " + filter + " on " + group + " (eu-central-1): alarm " + alarm + ", which stays, watches its metric",
			"topic monitorctl-alerts (eu-central-1): alarm " + alarm + " notifies it",
			"email a***@example.com to topic monitorctl-alerts (eu-central-1): it is pending",
			"sms +49***67 to topic monitorctl-alerts (eu-central-1): alarm " + alarm + ", which stays, notifies its topic",
		}},
		{"topic's policy", func(l *undoLab) {
			l.must(l.home.SetTopicAttribute(topicARN, "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:Publish","Resource":"`+topicARN+`"}]}`))
		}, []string{"topic monitorctl-alerts (eu-central-1): it has been changed: policy", "it is pending"}},
		{"topic's setting", func(l *undoLab) { l.must(l.home.SetTopicAttribute(topicARN, "DisplayName", "alerts")) },
			[]string{"topic monitorctl-alerts (eu-central-1): it has been changed: it has the setting DisplayName", "it is pending"}},
		{"topic's key", func(l *undoLab) { l.must(l.home.SetTopicAttribute(topicARN, "KmsMasterKeyId", "alias/mine")) },
			[]string{"topic monitorctl-alerts (eu-central-1): it has been changed: topic.keyId", "it is pending"}},
		{"a subscriber of someone else", func(l *undoLab) {
			_, err := l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "sms", Endpoint: "+4915100000000"})
			l.must(err)
		}, []string{"topic monitorctl-alerts (eu-central-1): sms +49***00 subscribes to it", "it is pending"}},
		{"an alarm of someone else on a metric of ours", func(l *undoLab) {
			a := l.alarm(alarm)
			a.Name, a.AlarmActions = "theirs", nil
			l.putAlarm(a)
		}, []string{"metric filter " + filter + " on " + group + " (eu-central-1): it was not created by monitorctl: alarm theirs, which lacks the tag monitorctl:managed=true, watches its metric"}},
		{"another alarm of ours on a metric of ours", func(l *undoLab) {
			a := l.alarm(alarm)
			a.Name, a.AlarmActions = "ours", nil
			l.putAlarm(a, managed)
		}, nil},
		{"an alarm of someone else", func(l *undoLab) {
			a := l.alarm(alarm)
			a.Name, a.Metric = "theirs", "theirs"
			l.putAlarm(a)
		}, []string{"topic monitorctl-alerts (eu-central-1): alarm theirs notifies it", "it is pending"}},
		{"reads are denied", func(l *undoLab) { l.cloud.Deny("logs:DescribeMetricFilters") },
			[]string{"it could not be read: logs:DescribeMetricFilters: AccessDeniedException", "", "", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newUndoLab(t)
			l.must(l.apply(l.plan()))
			tt.change(l)
			u := l.undoing(l.journal())
			_, err := l.run(change.Plan{Actions: u.Actions}, Options{})
			l.must(err)
			var left []string
			for _, x := range u.Left {
				left = append(left, x.Object+": "+x.Why)
			}
			if len(left) != len(tt.want) {
				t.Errorf("left:\n%s\nwant %d", strings.Join(left, "\n"), len(tt.want))
			}
			for _, want := range tt.want {
				if !strings.Contains(strings.Join(left, "\n"), want) {
					t.Errorf("left:\n%s\nwant %s", strings.Join(left, "\n"), want)
				}
			}
			l.cloud.AllowAll()
			if again := l.undoing(l.journal()); tt.name != "reads are denied" && len(again.Actions) > 0 {
				t.Errorf("undoing again would do %v", again.Actions)
			}
		})
	}
}

func (l *undoLab) alarm(name string) account.MetricAlarm {
	l.t.Helper()
	snap, _ := l.read()
	for _, a := range snap.Accounts[0].Region(region).Alarms.Value.Metric {
		if a.Name == name {
			return a
		}
	}
	l.t.Fatalf("no alarm %s", name)
	return account.MetricAlarm{}
}

// TestUndoRestores replaces objects that stood there and puts them back, tags
// and policy included.
func TestUndoRestores(t *testing.T) {
	l := newUndoLab(t)
	sg := l.controls[1]
	old := account.MetricFilter{LogGroup: group, Name: sg.Names.Filter, Pattern: "{ $.eventName = Old }", Namespace: "Theirs", Metric: "theirs", Value: "2"}
	l.putFilter(old)
	l.putAlarm(account.MetricAlarm{
		Name: sg.Names.Alarm, Namespace: "Theirs", Metric: "theirs", Statistic: "Maximum", Period: 60, EvaluationPeriods: 2,
		Threshold: new(float64), Comparison: "GreaterThanThreshold",
	}, awstest.Tag{Key: "owner", Value: "them"}, awstest.Tag{Key: "team", Value: "a"})
	_, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "security"})
	l.must(err)
	theirs := strings.Replace(topicARN, "monitorctl-alerts", "security", 1)
	snap, _ := l.read()
	was := l.alarm(sg.Names.Alarm)
	attributes, err := l.session().SNS(region).GetTopicAttributes(context.Background(), topicInput(theirs))
	l.must(err)
	policyBefore := attributes.Attributes["Policy"]

	filter, alarm := filterOf("A"), alarmOf("A")
	filter.Filter.Name, filter.Filter.Metric, filter.Filter.Pattern, filter.Before = sg.Names.Filter, sg.Names.Metric, sg.Writes(catalog.DefaultBenchmark).Text, &old
	alarm.Alarm.Name, alarm.Alarm.ARN, alarm.Before = sg.Names.Alarm, was.ARN, &was
	alarm.Tags = map[string]string{desired.ManagedTag: "true", "owner": "them", "team": "b"}
	set := action.SetTopicPolicy{Meta: meta(), TopicARN: theirs, Before: policyBefore, Policy: extended(t, policyBefore, theirs)}
	l.must(l.apply(change.Plan{Actions: []change.Action{set, filter, alarm}}))
	if now := l.alarm(sg.Names.Alarm); now.Same(was) {
		t.Fatal("the alarm was not replaced")
	}

	u := l.undoing(l.journal())
	if len(u.Left) > 0 || len(u.Actions) != 3 {
		t.Fatalf("left %v, actions %v", u.Left, u.Actions)
	}
	_, err = l.run(change.Plan{Actions: u.Actions}, Options{})
	l.must(err)
	after, _ := l.read()
	diff(t, "filters", after.Accounts[0].Region(region).MetricFilters, snap.Accounts[0].Region(region).MetricFilters)
	diff(t, "alarm", l.alarm(sg.Names.Alarm).Settings(), was.Settings())
	diff(t, "tags", after.Accounts[0].Region(region).AlarmTags, snap.Accounts[0].Region(region).AlarmTags)
	attributes, err = l.session().SNS(region).GetTopicAttributes(context.Background(), topicInput(theirs))
	l.must(err)
	diff(t, "policy", attributes.Attributes["Policy"], policyBefore)
}

// TestUndoResumed undoes two runs of one journal. The first was cut off.
func TestUndoResumed(t *testing.T) {
	l := newUndoLab(t)
	_, before := l.read()
	l.killAt(5, true)
	l.cloud.ClearFaults()
	l.must(l.apply(l.plan()))
	u := l.undoing(l.journal())
	if len(u.Left) > 0 {
		t.Errorf("left: %v", u.Left)
	}
	_, err := l.run(change.Plan{Actions: u.Actions}, Options{})
	l.must(err)
	_, after := l.read()
	diff(t, "account", after, before)
}

// TestJournalComesFirst makes the journal unwritable: nothing is written to AWS.
func TestJournalComesFirst(t *testing.T) {
	l := newUndoLab(t)
	w, err := journal.Open[action.State](l.path, journal.Header{Account: acct, Partition: "aws", Salt: "5a17", Tool: "test"}, noon)
	l.must(err)
	l.must(w.Close())
	_, err = l.run(l.plan(), Options{Journal: w})
	if err == nil || !strings.Contains(err.Error(), "writing the journal") {
		t.Errorf("error: %v", err)
	}
	if writes := l.writes(); len(writes) > 0 {
		t.Errorf("writes without a journal: %v", writes)
	}
}

func topicInput(arn string) *sns.GetTopicAttributesInput {
	return &sns.GetTopicAttributesInput{TopicArn: &arn}
}

func extended(t *testing.T, doc, arn string) string {
	t.Helper()
	text, err := policy.ExtendTopicPolicy(doc, arn, acct, "aws", policy.Alarms)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
