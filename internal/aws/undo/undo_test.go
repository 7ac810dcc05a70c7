package undo

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/aws/account"
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
	given = `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:Publish"],"Resource":"` + ours + `","Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}}]}`
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

func managed1() *map[string]string { return tags(desired.ManagedTag, "true") }

func text(s string) *string { return &s }

func filterState(name, metric, pattern string) *action.State {
	return &action.State{Filter: &account.MetricFilter{LogGroup: "g", Name: name, Namespace: desired.DefaultNamespace, Metric: metric, Pattern: pattern, Value: "1"}}
}

func alarmState(name string, period int32, t *map[string]string) *action.State {
	one := 1.0
	return &action.State{Alarm: &account.MetricAlarm{Name: name, Period: period, Threshold: &one, EvaluationPeriods: 1}, Tags: t}
}

func topicState(arn, doc string, t *map[string]string) *action.State {
	return &action.State{Topic: &action.Topic{ARN: arn}, Policy: &doc, Tags: t}
}

var (
	filter = change.Object{Kind: action.FilterKind, Region: region, LogGroup: "g", Name: "NetworkAclConfigChanges"}
	alarm  = change.Object{Kind: action.AlarmKind, Region: region, Name: "NetworkAclConfigChangesAlarm"}
	topic  = change.Object{Kind: action.TopicKind, Region: region, Name: ours}
	sub    = change.Object{Kind: action.SubscriptionKind, Region: region, Name: theirs, Endpoint: "email 12"}
)

func subState() *action.State {
	return &action.State{Subscription: &action.Subscription{Protocol: "email", Endpoint: "a***@example.com"}}
}

// TestFor holds one object at a time to every situation that it can be in.
func TestFor(t *testing.T) {
	nacl := control(t, "nacl-changes")
	pattern := nacl.Writes(catalog.DefaultBenchmark).Text
	mine := filterState(filter.Name, nacl.Names.Metric, pattern)
	other := filterState(filter.Name, nacl.Names.Metric, "{ $.other = 1 }")
	ourPolicy := policy.TopicPolicy(ours, "111122223333", "aws", policy.Alarms)
	statement := `{"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sns:Publish","Resource":"` + theirs + `"}]}`
	extended, err := policy.ExtendTopicPolicy(statement, theirs, "111122223333", "aws", policy.Alarms)
	if err != nil {
		t.Fatal(err)
	}
	foreign := change.Object{Kind: action.TopicKind, Region: region, Name: theirs}
	entry := func(o change.Object, before, after *action.State, r change.Result) change.Record[action.State] {
		return change.Record[action.State]{Object: o, Before: before, After: after, Result: r}
	}
	created := []change.Record[action.State]{
		entry(topic, nil, &action.State{Topic: &action.Topic{ARN: ours}, Tags: managed1()}, change.Done),
		entry(topic, &action.State{Policy: text("")}, &action.State{Policy: &ourPolicy}, change.Done),
	}
	whole := &action.State{Topic: &action.Topic{ARN: ours, KeyID: "k"}, Policy: text(given), Tags: managed1()}
	removed := action.RestoreTopic(change.Meta{}, ours, *whole, nil, nil).Saved().Before.(*action.State)
	begun := &action.State{Topic: &action.Topic{ARN: ours, KeyID: "k"}, Tags: managed1()}
	keyed := []change.Record[action.State]{entry(topic, nil, begun, change.Done), entry(topic, removed, nil, change.Done), entry(topic, nil, begun, change.Done)}
	tests := []struct {
		name    string
		entries []change.Record[action.State]
		now     Account
		want    string // the action, or the reason why it is left, or "nothing"
	}{
		{"made, as it was made", []change.Record[action.State]{entry(filter, nil, mine, change.Done)}, Account{filter: {State: mine}}, "delete metric filter"},
		{"made, gone since", []change.Record[action.State]{entry(filter, nil, mine, change.Done)}, Account{filter: {}}, "nothing"},
		{"made, changed since", []change.Record[action.State]{entry(filter, nil, mine, change.Done)}, Account{filter: {State: other}}, "it has been changed: filter.pattern"},
		{"not made", []change.Record[action.State]{entry(filter, nil, mine, change.Failed)}, Account{filter: {State: mine}}, "nothing"},
		{"cut off, made", []change.Record[action.State]{entry(filter, nil, mine, change.None)}, Account{filter: {State: mine}}, "delete metric filter"},
		{"cut off, not made", []change.Record[action.State]{entry(filter, nil, mine, change.None)}, Account{filter: {}}, "nothing"},
		{"no answer, someone else's since", []change.Record[action.State]{entry(filter, nil, mine, change.Uncertain)}, Account{filter: {State: other}}, "it has been changed"},
		{"replaced", []change.Record[action.State]{entry(filter, other, mine, change.Done)}, Account{filter: {State: mine}}, "update metric filter"},
		{"replaced, put back since", []change.Record[action.State]{entry(filter, other, mine, change.Done)}, Account{filter: {State: other}}, "nothing"},
		{"replaced, gone since", []change.Record[action.State]{entry(filter, other, mine, change.Done)}, Account{filter: {}}, "it has been removed since"},
		{"cut off, not replaced", []change.Record[action.State]{entry(filter, other, mine, change.None)}, Account{filter: {State: other}}, "nothing"},
		{"made, then replaced", []change.Record[action.State]{entry(filter, nil, mine, change.Done), entry(filter, mine, mine, change.Done)}, Account{filter: {State: mine}}, "delete metric filter"},
		{"made, and an alarm of someone else watches its metric", []change.Record[action.State]{entry(filter, nil, mine, change.Done)},
			Account{filter: {State: mine, Watchers: []desired.Watcher{{Alarm: "theirs", Owner: desired.OwnerByTags(nil)}}}}, "alarm theirs, which lacks the tag"},
		{"made, and code keeps the alarm on its metric", []change.Record[action.State]{entry(filter, nil, mine, change.Done)},
			Account{filter: {State: mine, Watchers: []desired.Watcher{{Alarm: "t", Owner: desired.OwnerByTags(*tags(desired.ManagedTag, "terraform"))}}}}, "it is kept by terraform"},
		{"made, and an alarm of another run watches its metric", []change.Record[action.State]{entry(filter, nil, mine, change.Done)},
			Account{filter: {State: mine, Watchers: []desired.Watcher{{Alarm: "ours", Owner: desired.OwnerByTags(*managed1())}}}}, "delete metric filter"},
		{"alarm kept by code since", []change.Record[action.State]{entry(alarm, alarmState(alarm.Name, 60, nil), alarmState(alarm.Name, 300, nil), change.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags(desired.ManagedTag, "cloudformation"))}}, "it is kept by cloudformation"},
		{"unreadable", []change.Record[action.State]{entry(filter, nil, mine, change.Done)}, Account{filter: {Failure: "AccessDenied"}}, "it could not be read: AccessDenied"},
		{"before unknown", []change.Record[action.State]{{Object: sub, After: subState(), Result: change.Done, BeforeUnknown: true}},
			Account{sub: {State: subState(), ARN: "x"}}, "it is not known whether it existed before"},

		{"alarm made", []change.Record[action.State]{entry(alarm, nil, alarmState(alarm.Name, 300, managed1()), change.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, managed1())}}, "delete alarm"},
		{"alarm made, tagged since", []change.Record[action.State]{entry(alarm, nil, alarmState(alarm.Name, 300, managed1()), change.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags(desired.ManagedTag, "true", "a", "b"))}}, "it has been changed: tags.a"},
		{"alarm replaced", []change.Record[action.State]{
			entry(alarm, &action.State{Tags: tags()}, &action.State{Tags: managed1()}, change.Done),
			entry(alarm, alarmState(alarm.Name, 60, nil), alarmState(alarm.Name, 300, nil), change.Done),
		}, Account{alarm: {State: alarmState(alarm.Name, 300, managed1())}}, "update alarm"},
		{"alarm tagged, then cut off", []change.Record[action.State]{
			entry(alarm, &action.State{Tags: tags()}, &action.State{Tags: managed1()}, change.Done),
			entry(alarm, alarmState(alarm.Name, 60, nil), alarmState(alarm.Name, 300, nil), change.None),
		}, Account{alarm: {State: alarmState(alarm.Name, 60, managed1())}}, "update alarm"},

		{"topic made", created, Account{topic: {State: topicState(ours, ourPolicy, managed1())}}, "delete topic"},
		{"topic with a key made, undone and made again", keyed, Account{topic: {State: &action.State{Topic: &action.Topic{ARN: ours, KeyID: "k"}, Policy: text(given), Tags: managed1()}}}, "delete topic"},
		{"topic made, policy not yet set", created[:1], Account{topic: {State: topicState(ours, given, managed1())}}, "delete topic"},
		{"topic made, policy edited", created, Account{topic: {State: topicState(ours, open, managed1())}}, "it has been changed: policy"},
		{"policy extended", []change.Record[action.State]{entry(foreign, &action.State{Policy: &statement}, &action.State{Policy: &extended}, change.Done)},
			Account{foreign: {State: topicState(theirs, extended, nil)}}, "set the policy of topic security"},

		{"subscribed, confirmed", []change.Record[action.State]{entry(sub, nil, subState(), change.Done)}, Account{sub: {State: subState(), ARN: "arn:sub"}}, "unsubscribe email"},
		{"subscribed, pending", []change.Record[action.State]{entry(sub, nil, subState(), change.Done)}, Account{sub: {State: subState(), Pending: true}}, "a pending subscription cannot be deleted"},

		// journals that were edited
		{"a filter that no control ships", []change.Record[action.State]{entry(filter, nil, other, change.Done)}, Account{filter: {State: other}}, "no control has that name and pattern"},
		{"an alarm without our tag", []change.Record[action.State]{entry(alarm, nil, alarmState(alarm.Name, 300, tags()), change.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags())}}, "it lacks the tag"},
		{"an alarm without our tag, to be overwritten", []change.Record[action.State]{entry(alarm, alarmState(alarm.Name, 60, nil), alarmState(alarm.Name, 300, nil), change.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags())}}, "it lacks the tag"},
		{"an alarm without our tag, by its tags", []change.Record[action.State]{entry(alarm, nil, &action.State{Tags: tags("a", "b")}, change.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags("a", "b"))}}, "it lacks the tag"},
		{"tags of an alarm without our tag", []change.Record[action.State]{entry(alarm, &action.State{Tags: tags("a", "c")}, &action.State{Tags: tags("a", "b")}, change.Done)},
			Account{alarm: {State: alarmState(alarm.Name, 300, tags("a", "b"))}}, "it lacks the tag"},
		{"a topic without our tag, by its policy", []change.Record[action.State]{entry(topic, nil, &action.State{Policy: text("")}, change.Done)},
			Account{topic: {State: topicState(ours, given, tags())}}, "it lacks the tag"},
		{"a topic without our tag", []change.Record[action.State]{entry(topic, nil, &action.State{Topic: &action.Topic{ARN: ours}}, change.Done)},
			Account{topic: {State: topicState(ours, given, tags())}}, "it lacks the tag"},
		{"a policy to be opened", []change.Record[action.State]{entry(topic, &action.State{Policy: text(open)}, &action.State{Policy: &ourPolicy}, change.Done)},
			Account{topic: {State: topicState(ours, ourPolicy, managed1())}}, "not the old one plus one statement"},
		{"a foreign policy to be opened", []change.Record[action.State]{entry(foreign, &action.State{Policy: text(open)}, &action.State{Policy: &statement}, change.Done)},
			Account{foreign: {State: topicState(theirs, statement, nil)}}, "not the old one plus one statement"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := For(journal.Journal[action.State]{Header: journal.Header{Account: "111122223333", Partition: "aws"}, Records: tt.entries}, tt.now, controls(t))
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

// An alarm that someone has changed stays, and with it what it needs to notify
// someone: its filter, its topic and the topic's subscriber.
func TestKeptAlarm(t *testing.T) {
	entry := func(o change.Object, after *action.State) change.Record[action.State] {
		return change.Record[action.State]{Object: o, After: after, Result: change.Done}
	}
	nacl := control(t, "nacl-changes")
	mine := filterState(filter.Name, nacl.Names.Metric, nacl.Writes(catalog.DefaultBenchmark).Text)
	written, edited := alarmState(alarm.Name, 300, managed1()), alarmState(alarm.Name, 300, managed1())
	written.Alarm.AlarmActions, edited.Alarm.AlarmActions = []string{ours}, []string{ours}
	five := 5.0
	edited.Alarm.Threshold = &five
	listener := change.Object{Kind: action.SubscriptionKind, Region: region, Name: ours, Endpoint: "email 12"}
	made := &action.State{Topic: &action.Topic{ARN: ours}, Tags: managed1()}
	j := journal.Journal[action.State]{Header: journal.Header{Account: "111122223333", Partition: "aws"}, Records: []change.Record[action.State]{
		entry(topic, made), entry(listener, subState()), entry(filter, mine), entry(alarm, written),
	}}
	for what, now := range map[string]*action.State{"edited": edited, "as it was written": written} {
		account := Account{
			topic:    {State: topicState(ours, given, managed1()), Alarms: []string{alarm.Name}, Subscribers: []Subscriber{{Key: "email 12", ARN: "arn:sub"}}},
			listener: {State: subState(), ARN: "arn:sub"},
			filter:   {State: mine, Watchers: []desired.Watcher{{Alarm: alarm.Name, Owner: desired.OwnerByTags(*managed1())}}},
			alarm:    {State: now},
		}
		p := For(j, account, controls(t))
		want := 4
		if what == "edited" {
			want = 0
		}
		if len(p.Actions) != want || len(p.Left) != 4-want {
			t.Errorf("%s: %v, left %v", what, p.Actions, p.Left)
		}
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
	j := journal.Journal[action.State]{Header: journal.Header{Account: "111122223333", Partition: "aws"}, Records: []change.Record[action.State]{
		{Object: topic, After: &action.State{Topic: &action.Topic{ARN: ours}, Tags: managed1()}, Result: change.Done},
		{Object: onOurs, After: subState(), Result: change.Done},
		{Object: filter, After: mine, Result: change.Done},
		{Object: alarm, After: a, Result: change.Done},
	}}
	now := Account{
		topic: {State: topicState(ours, given, managed1()), Alarms: []string{alarm.Name}, Subscribers: []Subscriber{{Key: onOurs.Endpoint, ARN: "arn:sub"}}},
		alarm: {State: a}, filter: {State: mine}, onOurs: {State: subState(), ARN: "arn:sub"},
	}
	var got []string
	for _, x := range For(j, now, controls(t)).Actions {
		got = append(got, strings.TrimPrefix(fmt.Sprintf("%T", x), "action."))
	}
	if want := "DeleteAlarm DeleteFilter Unsubscribe DeleteTopic"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
