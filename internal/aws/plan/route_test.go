package plan_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

const pagerTopic = "arn:aws:sns:eu-central-1:111122223333:acme-pager"

var pager = plan.Subscriber{Protocol: "sms", Endpoint: "+4915112345678"}

// routed are wishes in which a severity and a control have topics of their own.
func routed() plan.Options {
	return plan.Options{
		Subscribers: []plan.Subscriber{person},
		Routes: []plan.Route{
			{Severities: []catalog.Severity{catalog.High}, TopicName: "acme-pager", Subscribers: []plan.Subscriber{pager}},
			{Controls: []string{"nacl-changes"}, TopicARN: theirTopic},
		},
	}
}

// TestFor holds that a control beats a severity, and a severity the wishes for all.
func TestFor(t *testing.T) {
	o := routed()
	o.KeyARN = "arn:aws:kms:eu-central-1:111122223333:key/k"
	for _, tt := range []struct {
		c    catalog.Control
		want []string
	}{
		{catalog.Control{ID: "other", Severity: catalog.Low}, []string{"monitorctl-alerts"}},
		{catalog.Control{ID: "other", Severity: catalog.High}, []string{"acme-pager"}},
		{catalog.Control{ID: "nacl-changes", Severity: catalog.High}, []string{theirTopic}},
	} {
		var got []string
		for _, w := range o.For(tt.c) {
			arns, _ := plan.Options{TopicARN: w.TopicARN, TopicName: w.TopicName}.Topics()
			_, names := plan.Options{TopicARN: w.TopicARN, TopicName: w.TopicName}.Topics()
			got = append(got, append(arns, names...)...)
			if w.TopicARN != "" && w.KeyARN != "" {
				t.Errorf("%s: a key for a topic that exists", tt.c.ID)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s (%s): got %v, want %v", tt.c.ID, tt.c.Severity, got, tt.want)
		}
	}
	o.Routes = append(o.Routes, plan.Route{Controls: []string{"nacl-changes"}, TopicName: "second"})
	if got := o.For(catalog.Control{ID: "nacl-changes"}); len(got) != 2 {
		t.Errorf("two routes for one control: %d topics", len(got))
	}
	arns, names := o.Topics()
	if !slices.Equal(arns, []string{theirTopic}) || !slices.Equal(names, []string{"acme-pager", "monitorctl-alerts", "second"}) {
		t.Errorf("topics %v, %v", arns, names)
	}
}

// absentTopic says that a topic was looked for and is not there.
func absentTopic(s *account.Snapshot, arn string) {
	home(s).Topics[arn] = &account.Topic{ARN: arn, Attributes: &account.Read[*account.TopicAttributes]{}}
}

// actionsOf are the topics of our alarm in a plan.
func actionsOf(actions []action.Action, alarm string) []string {
	for _, a := range actions {
		if put, ok := a.(action.PutAlarm); ok && put.Alarm.Name == alarm {
			return put.Alarm.AlarmActions
		}
	}
	return nil
}

func TestRoutes(t *testing.T) {
	snap := baseline(t)
	dropFilter(&snap, "security-group")
	dropFilter(&snap, "nacl")
	absentTopic(&snap, pagerTopic)
	o := routed()
	o.Routes[1].Subscribers = nil
	p := planFor(t, snap, catalogOf(t), o)
	got := lines(p.Actions)
	for _, want := range []string{"create topic acme-pager", "subscribe sms +49***78 to topic acme-pager"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %v", want, got)
		}
	}
	for _, line := range got {
		if strings.Contains(line, "monitorctl-alerts") {
			t.Errorf("nothing is routed to the topic for all: %s", line)
		}
	}
	actions, err := action.Of(p.Actions)
	if err != nil {
		t.Fatal(err)
	}
	if to := actionsOf(actions, "SecurityGroupConfigChangesAlarm"); !slices.Equal(to, []string{pagerTopic}) {
		t.Errorf("security-group-changes is high, and its alarm notifies %v", to)
	}
	if to := actionsOf(actions, "NetworkAclConfigChangesAlarm"); !slices.Equal(to, []string{theirTopic}) {
		t.Errorf("nacl-changes is routed by name, and its alarm notifies %v", to)
	}
	if p.After.Summary().Fail > 0 {
		t.Errorf("expected result: %+v", p.After.Summary())
	}
	again(t, snap, p, o)

	// The same wishes come out of a saved plan.
	if back := plan.WishesOf(o, nil).Options(); !reflect.DeepEqual(back.Routes, o.Routes) {
		t.Errorf("saved and read: %+v, want %+v", back.Routes, o.Routes)
	}
}

// TestReroute changes the route of an alarm that apply made: its actions are updated and
// nothing else, unless someone has edited it.
func TestReroute(t *testing.T) {
	snap := baseline(t)
	dropFilter(&snap, "security-group")
	absentTopic(&snap, pagerTopic)
	first := planFor(t, snap, catalogOf(t, "security-group-changes"), plan.Options{Subscribers: []plan.Subscriber{pager}})
	after, err := plan.Simulate(snap, first.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	absentTopic(&after, pagerTopic)
	const alarm = "SecurityGroupConfigChangesAlarm"
	p := planFor(t, after, catalogOf(t, "security-group-changes"), routed())
	want := []string{"create topic acme-pager", "subscribe sms +49***78 to topic acme-pager", "update alarm " + alarm + " on CloudTrailMetrics/SecurityGroupEventCount"}
	if got := lines(p.Actions); !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	put, ok := p.Actions[2].(action.PutAlarm)
	if !ok || put.Before == nil || !slices.Equal(put.Before.AlarmActions, []string{ourTopic}) || !slices.Equal(put.Alarm.AlarmActions, []string{pagerTopic}) {
		t.Fatalf("got %+v", p.Actions[2])
	}
	changed := put.Alarm
	if changed.Threshold == nil || *changed.Threshold != *put.Before.Threshold || changed.Period != put.Before.Period || changed.Metric != put.Before.Metric {
		t.Errorf("more than the actions changed: %+v, before %+v", put.Alarm, *put.Before)
	}
	again(t, after, p, routed())

	edited := after
	alarmOf(&edited, alarm).AlarmActions = append(alarmOf(&edited, alarm).AlarmActions, "arn:aws:sns:eu-central-1:111122223333:someone")
	for _, line := range lines(planFor(t, edited, catalogOf(t, "security-group-changes"), routed()).Actions) {
		if strings.Contains(line, alarm) {
			t.Errorf("an alarm with an action of someone else is changed: %s", line)
		}
	}
}
