package apply

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

// TestUndoAfterAnySequence carries out applies and undoes over one journal.
// Each may be cut off before or after any of its writes. A last undo gives back
// the account before, and none of them finds anything to leave.
func TestUndoAfterAnySequence(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := newUndoLab(t)
			theirs, policyBefore := l.occupied()
			_, before := l.read()
			r := rand.New(rand.NewPCG(seed, 1))
			var story []string
			for range 3 + r.IntN(3) {
				run, name := l.applyAll(theirs, policyBefore), "apply"
				if len(story) > 0 && r.IntN(2) == 0 {
					run, name = l.undoAll(), "undo"
				}
				switch n, took := r.IntN(12), r.IntN(2) == 0; {
				case r.IntN(4) == 0:
					l.must(run())
				case l.cutOff(run, n, took):
					name += fmt.Sprintf(" cut off at write %d, took effect %t", n+1, took)
				}
				story = append(story, name)
			}
			l.must(l.undoAll()())
			_, after := l.read()
			if after != before || l.policy(theirs) != policyBefore {
				t.Errorf("after %s and undo:", strings.Join(story, ", "))
				diff(t, "account", after, before)
				diff(t, "policy", l.policy(theirs), policyBefore)
			}
			if again := l.undoing(l.journal()); len(again.Actions)+len(again.Left) > 0 {
				t.Errorf("after %s, undoing once more: %v, left %v", strings.Join(story, ", "), again.Actions, again.Left)
			}
		})
	}
}

// occupied puts objects of others under the names of a control, and a topic beside
// them. It returns the topic and its policy.
func (l *undoLab) occupied() (topic, doc string) {
	l.t.Helper()
	sg := l.controls[1]
	l.putFilter(account.MetricFilter{LogGroup: group, Name: sg.Names.Filter, Pattern: "{ $.eventName = Old }", Namespace: "Theirs", Metric: "theirs", Value: "2"})
	l.putAlarm(account.MetricAlarm{
		Name: sg.Names.Alarm, Namespace: "Theirs", Metric: "theirs", Statistic: "Maximum", Period: 60, EvaluationPeriods: 2,
		Threshold: new(float64), Comparison: "GreaterThanThreshold",
	}, awstest.Tag{Key: "owner", Value: "them"}, awstest.Tag{Key: "team", Value: "a"})
	_, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "security"})
	l.must(err)
	topic = strings.Replace(topicARN, "monitorctl-alerts", "security", 1)
	return topic, l.policy(topic)
}

func (l *undoLab) policy(topic string) string {
	l.t.Helper()
	attributes, err := l.session().SNS(region).GetTopicAttributes(context.Background(), topicInput(topic))
	l.must(err)
	return attributes.Attributes["Policy"]
}

// applyAll plans the account as it is, with everything replaced that is in the
// way, and one statement more in the policy of a topic; it returns what carries
// that out.
func (l *undoLab) applyAll(topic, doc string) func() error {
	l.t.Helper()
	snap, _ := l.read()
	sg := l.controls[1]
	p, err := plan.For(context.Background(), snap, l.controls, plan.Options{
		Audit:       audit.Options{Benchmark: catalog.DefaultBenchmark, Now: noon()},
		Subscribers: []plan.Subscriber{{Protocol: "sms", Endpoint: "+491701234567"}, {Protocol: "email", Endpoint: "a@example.com"}},
		Replace:     []string{sg.Names.Filter, sg.Names.Alarm, "monitorctl-alerts"},
	})
	l.must(err)
	if len(p.Conflicts) > 0 {
		l.t.Fatalf("conflicts: %+v", p.Conflicts)
	}
	set := action.SetTopicPolicy{Meta: meta(), TopicARN: topic, Before: doc, Policy: extended(l.t, doc, topic)}
	p.Actions = append([]change.Action{set}, p.Actions...)
	return func() error { return l.apply(p) }
}

// undoAll plans the undoing of the journal, which must find everything as its runs
// left it, and returns what carries it out.
func (l *undoLab) undoAll() func() error {
	l.t.Helper()
	u := l.undoing(l.journal())
	if len(u.Left) > 0 {
		l.t.Errorf("left: %v", u.Left)
	}
	return func() error { return l.apply(change.Plan{Actions: u.Actions}) }
}

// cutOff begins a run that comes to its n-th write, from 0, which takes effect or
// not and is not answered: what is in the journal then is what a kill leaves. It
// reports whether the run came so far.
func (l *undoLab) cutOff(run func() error, n int, took bool) bool {
	l.t.Helper()
	kind := awstest.Denied
	if took {
		kind = awstest.Reset
	}
	l.cloud.Fault(awstest.Fault{Writes: true, Kind: kind, After: n})
	err := run()
	l.cloud.ClearFaults()
	if err == nil {
		return false
	}
	lines := bytes.SplitAfter(l.journal(), []byte("\n")) // the last one is empty
	text := append(bytes.Join(lines[:len(lines)-2], nil), lines[len(lines)-2][:20]...)
	l.must(os.WriteFile(l.path, text, 0o600))
	return true
}
