package undo

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/patterns"
)

const (
	region = "eu-central-1"
	ours   = "arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"
	theirs = "arn:aws:sns:eu-central-1:111122223333:security"
)

// The policy that SNS gives, and one that anybody could have written.
const (
	given = `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[]}`
	open  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:*","Resource":"*"}]}`
)

func controls(t *testing.T) []catalog.Control {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	return cat.Controls
}

func control(t *testing.T, id string) catalog.Control {
	t.Helper()
	for _, c := range controls(t) {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no control %s", id)
	return catalog.Control{}
}

func tags(kv ...string) *map[string]string {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return &m
}

func managed1() *map[string]string { return tags(plan.ManagedTag, "true") }

func text(s string) *string { return &s }

func filterState(name, metric, pattern string) *journal.State {
	return &journal.State{Filter: &account.MetricFilter{LogGroup: "g", Name: name, Namespace: plan.DefaultNamespace, Metric: metric, Pattern: pattern, Value: "1"}}
}

func alarmState(name string, period int32, t *map[string]string) *journal.State {
	one := 1.0
	return &journal.State{Alarm: &account.MetricAlarm{Name: name, Period: period, Threshold: &one, EvaluationPeriods: 1}, Tags: t}
}

func topicState(arn, doc string, t *map[string]string) *journal.State {
	return &journal.State{Topic: &journal.Topic{ARN: arn}, Policy: &doc, Tags: t}
}

var (
	filter = journal.Object{Kind: journal.Filter, Region: region, LogGroup: "g", Name: "NetworkAclConfigChanges"}
	alarm  = journal.Object{Kind: journal.Alarm, Region: region, Name: "NetworkAclConfigChangesAlarm"}
	topic  = journal.Object{Kind: journal.TopicKind, Region: region, Name: ours}
	sub    = journal.Object{Kind: journal.Subscriber, Region: region, Name: theirs, Endpoint: "email 12"}
)

func subState() *journal.State {
	return &journal.State{Subscription: &journal.Subscription{Protocol: "email", Endpoint: "a***@example.com"}}
}

// TestFor holds one object at a time to every situation that it can be in.
func TestFor(t *testing.T) {
	nacl := control(t, "nacl-changes")
	pattern := nacl.Writes(catalog.DefaultBenchmark).Text
	mine := filterState(filter.Name, nacl.Names.Metric, pattern)
	other := filterState(filter.Name, nacl.Names.Metric, "{ $.other = 1 }")
	ourPolicy := policy.TopicPolicy(ours, "111122223333", "aws")
	statement := `{"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sns:Publish","Resource":"` + theirs + `"}]}`
	extended, err := policy.ExtendTopicPolicy(statement, theirs, "111122223333", "aws")
	if err != nil {
		t.Fatal(err)
	}
	foreign := journal.Object{Kind: journal.TopicKind, Region: region, Name: theirs}
	entry := func(o journal.Object, before, after *journal.State, r journal.Result) journal.Entry {
		return journal.Entry{Object: o, Before: before, After: after, Result: r}
	}
	created := []journal.Entry{
		entry(topic, nil, &journal.State{Topic: &journal.Topic{ARN: ours}, Tags: managed1()}, journal.Done),
		entry(topic, &journal.State{Policy: text("")}, &journal.State{Policy: &ourPolicy}, journal.Done),
	}
	tests := []struct {
		name    string
		entries []journal.Entry
		now     Account
		want    string // the action, or the reason why it is left, or "nothing"
	}{
		{"made, as it was made", []journal.Entry{entry(filter, nil, mine, journal.Done)}, Account{filter: {State: mine}}, "delete metric filter"},
		{"made, gone since", []journal.Entry{entry(filter, nil, mine, journal.Done)}, Account{filter: {}}, "nothing"},
		{"made, changed since", []journal.Entry{entry(filter, nil, mine, journal.Done)}, Account{filter: {State: other}}, "it was changed since: filter.pattern"},
		{"not made", []journal.Entry{entry(filter, nil, mine, journal.Failed)}, Account{filter: {State: mine}}, "nothing"},
		{"cut off, made", []journal.Entry{entry(filter, nil, mine, journal.None)}, Account{filter: {State: mine}}, "delete metric filter"},
		{"cut off, not made", []journal.Entry{entry(filter, nil, mine, journal.None)}, Account{filter: {}}, "nothing"},
		{"no answer, somebody else's since", []journal.Entry{entry(filter, nil, mine, journal.Uncertain)}, Account{filter: {State: other}}, "it was changed since"},
		{"replaced", []journal.Entry{entry(filter, other, mine, journal.Done)}, Account{filter: {State: mine}}, "replace metric filter"},
		{"replaced, put back since", []journal.Entry{entry(filter, other, mine, journal.Done)}, Account{filter: {State: other}}, "it was changed since"},
		{"replaced, gone since", []journal.Entry{entry(filter, other, mine, journal.Done)}, Account{filter: {}}, "it was removed since"},
		{"cut off, not replaced", []journal.Entry{entry(filter, other, mine, journal.None)}, Account{filter: {State: other}}, "nothing"},
		{"made, then replaced", []journal.Entry{entry(filter, nil, mine, journal.Done), entry(filter, mine, mine, journal.Done)}, Account{filter: {State: mine}}, "delete metric filter"},
		{"unreadable", []journal.Entry{entry(filter, nil, mine, journal.Done)}, Account{filter: {Failure: "AccessDenied"}}, "it could not be read: AccessDenied"},
		{"before unknown", []journal.Entry{{Object: sub, After: subState(), Result: journal.Done, BeforeUnknown: true}},
			Account{sub: {State: subState(), ARN: "x"}}, "whether it was there before is not known"},

		{"alarm made", []journal.Entry{entry(alarm, nil, alarmState(alarm.Name, 300, managed1()), journal.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, managed1())}}, "delete alarm"},
		{"alarm made, tagged since", []journal.Entry{entry(alarm, nil, alarmState(alarm.Name, 300, managed1()), journal.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags(plan.ManagedTag, "true", "a", "b"))}}, "it was changed since: tags.a"},
		{"alarm replaced", []journal.Entry{
			entry(alarm, &journal.State{Tags: tags()}, &journal.State{Tags: managed1()}, journal.Done),
			entry(alarm, alarmState(alarm.Name, 60, nil), alarmState(alarm.Name, 300, nil), journal.Done),
		}, Account{alarm: {State: alarmState(alarm.Name, 300, managed1())}}, "replace alarm"},
		{"alarm tagged, then cut off", []journal.Entry{
			entry(alarm, &journal.State{Tags: tags()}, &journal.State{Tags: managed1()}, journal.Done),
			entry(alarm, alarmState(alarm.Name, 60, nil), alarmState(alarm.Name, 300, nil), journal.None),
		}, Account{alarm: {State: alarmState(alarm.Name, 60, managed1())}}, "replace alarm"},

		{"topic made", created, Account{topic: {State: topicState(ours, ourPolicy, managed1())}}, "delete topic"},
		{"topic made, policy not yet set", created[:1], Account{topic: {State: topicState(ours, given, managed1())}}, "delete topic"},
		{"topic made, policy edited", created, Account{topic: {State: topicState(ours, open, managed1())}}, "it was changed since: policy"},
		{"policy extended", []journal.Entry{entry(foreign, &journal.State{Policy: &statement}, &journal.State{Policy: &extended}, journal.Done)},
			Account{foreign: {State: topicState(theirs, extended, nil)}}, "set the policy of topic security"},

		{"subscribed, confirmed", []journal.Entry{entry(sub, nil, subState(), journal.Done)}, Account{sub: {State: subState(), ARN: "arn:sub"}}, "unsubscribe email"},
		{"subscribed, pending", []journal.Entry{entry(sub, nil, subState(), journal.Done)}, Account{sub: {State: subState(), Pending: true}}, "a pending subscription cannot be deleted"},

		// journals that were edited
		{"a filter that no control ships", []journal.Entry{entry(filter, nil, other, journal.Done)}, Account{filter: {State: other}}, "no control has that name and pattern"},
		{"an alarm without our tag", []journal.Entry{entry(alarm, nil, alarmState(alarm.Name, 300, tags()), journal.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags())}}, "it lacks the tag"},
		{"an alarm without our tag, to be overwritten", []journal.Entry{entry(alarm, alarmState(alarm.Name, 60, nil), alarmState(alarm.Name, 300, nil), journal.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags())}}, "it lacks the tag"},
		{"an alarm without our tag, by its tags", []journal.Entry{entry(alarm, nil, &journal.State{Tags: tags("a", "b")}, journal.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags("a", "b"))}}, "it lacks the tag"},
		{"tags of an alarm without our tag", []journal.Entry{entry(alarm, &journal.State{Tags: tags("a", "c")}, &journal.State{Tags: tags("a", "b")}, journal.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags("a", "b"))}}, "it lacks the tag"},
		{"a topic without our tag, by its policy", []journal.Entry{entry(topic, nil, &journal.State{Policy: text("")}, journal.Done)},
			Account{topic: {State: topicState(ours, given, tags())}}, "it lacks the tag"},
		{"a topic without our tag", []journal.Entry{entry(topic, nil, &journal.State{Topic: &journal.Topic{ARN: ours}}, journal.Done)},
			Account{topic: {State: topicState(ours, given, tags())}}, "it lacks the tag"},
		{"a policy to be opened", []journal.Entry{entry(topic, &journal.State{Policy: text(open)}, &journal.State{Policy: &ourPolicy}, journal.Done)},
			Account{topic: {State: topicState(ours, ourPolicy, managed1())}}, "not the old one with one statement more"},
		{"a foreign policy to be opened", []journal.Entry{entry(foreign, &journal.State{Policy: text(open)}, &journal.State{Policy: &statement}, journal.Done)},
			Account{foreign: {State: topicState(theirs, statement, nil)}}, "not the old one with one statement more"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := For(journal.Journal{Header: journal.Header{Account: "111122223333", Partition: "aws"}, Entries: tt.entries}, tt.now, controls(t))
			got := []string{}
			for _, a := range p.Actions {
				got = append(got, a.String())
			}
			for _, l := range p.Left {
				got = append(got, l.Object+": "+l.Why)
			}
			if len(got) == 0 && p.Gone == 1 {
				got = append(got, "nothing")
			}
			if len(got) != 1 || !strings.Contains(got[0], tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// What depends on something goes before it.
func TestOrder(t *testing.T) {
	nacl := control(t, "nacl-changes")
	mine := filterState(filter.Name, nacl.Names.Metric, nacl.Writes(catalog.DefaultBenchmark).Text)
	a := alarmState(alarm.Name, 300, managed1())
	a.Alarm.AlarmActions = []string{ours}
	onOurs := sub
	onOurs.Name = ours
	j := journal.Journal{Header: journal.Header{Account: "111122223333", Partition: "aws"}, Entries: []journal.Entry{
		{Object: topic, After: &journal.State{Topic: &journal.Topic{ARN: ours}, Tags: managed1()}, Result: journal.Done},
		{Object: onOurs, After: subState(), Result: journal.Done},
		{Object: filter, After: mine, Result: journal.Done},
		{Object: alarm, After: a, Result: journal.Done},
	}}
	now := Account{
		topic: {State: topicState(ours, given, managed1()), Alarms: []string{alarm.Name}, Subscribers: []Subscriber{{Key: onOurs.Endpoint, ARN: "arn:sub"}}},
		alarm: {State: a}, filter: {State: mine}, onOurs: {State: subState(), ARN: "arn:sub"},
	}
	var got []string
	for _, x := range For(j, now, controls(t)).Actions {
		got = append(got, strings.TrimPrefix(fmt.Sprintf("%T", x), "plan."))
	}
	if want := "DeleteAlarm DeleteFilter Unsubscribe DeleteTopic"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
