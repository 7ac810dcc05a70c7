package plan_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/channel"
)

const (
	callRole = "arn:aws:iam::111122223333:role/monitorctl-events-destinations"
	hookURL  = "https://hooks.slack.com/services/T0/B0/s3cret"
)

var (
	hook   = plan.Subscriber{Protocol: "webhook", Endpoint: hookURL}
	ticket = plan.Subscriber{Protocol: "servicenow", Endpoint: "https://u:s3cret@acme.service-now.com", Reference: "env:SN"}
)

// callable is withRules where it was also looked for API destinations of ours.
func callable(t *testing.T) account.Snapshot {
	t.Helper()
	snap := withRules(t)
	h := home(&snap)
	h.OwnDestinations, h.OwnConnections = &account.Read[[]string]{}, &account.Read[[]string]{}
	snap.Accounts[0].Roles[callRole] = &account.Role{Trust: &account.Read[*string]{}}
	return snap
}

func nameOf(t *testing.T, s plan.Subscriber) string {
	t.Helper()
	d, err := desired.Names{}.Destination(channel.Channel{Form: channel.Form(s.Protocol), Address: s.Endpoint})
	if err != nil {
		t.Fatal(err)
	}
	return d.Name
}

// TestCalledSubscribers plans rules that call a webhook and a ticket system beside a
// topic: connection before destination, both before the rule, all on paper good, and no
// secret in anything that is shown or saved.
func TestCalledSubscribers(t *testing.T) {
	snap := callable(t)
	o := plan.Options{Transport: audit.RuleTransport, Subscribers: []plan.Subscriber{person, hook, ticket}}
	p := planFor(t, snap, catalogOf(t, "nacl-changes"), o)
	got := summaries(p)
	place := func(line string) int {
		i := slices.IndexFunc(got, func(have string) bool { return strings.HasPrefix(have, line) })
		if i < 0 {
			t.Fatalf("no %q in %v", line, got)
		}
		return i
	}
	for _, s := range []plan.Subscriber{hook, ticket} {
		name := nameOf(t, s)
		id := strings.TrimPrefix(name, "monitorctl-")
		order := []int{place("create connection " + name), place("create API destination " + name), place("create rule " + ourRule), place("add target " + id + " to rule " + ourRule)}
		if !slices.IsSorted(order) {
			t.Errorf("%s: order %v of %v", name, order, got)
		}
	}
	place("create role monitorctl-events-destinations")
	if p.After.Summary().Pass != 1 {
		t.Errorf("expected result: %+v", p.After.Summary())
	}
	file, err := json.Marshal(plan.WishesOf(plan.Options{Subscribers: []plan.Subscriber{ticket}}, nil))
	if err != nil {
		t.Fatal(err)
	}
	shown := []any{string(file), p.Before, p.After}
	for _, a := range p.Actions {
		if k := a.Kind(); k != "subscribe" { // a whole endpoint, by design
			shown = append(shown, a.String(), a.Fields(true), a.Saved().After)
		}
	}
	text, err := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "s3cret") {
		t.Errorf("a secret is shown: %s", text)
	}
	again(t, snap, p, o)
}

// Only those who are called: no topic is made that nobody would listen to.
func TestCalledSubscribersAlone(t *testing.T) {
	snap := callable(t)
	o := plan.Options{Transport: audit.RuleTransport, Subscribers: []plan.Subscriber{hook}}
	p := planFor(t, snap, catalogOf(t, "nacl-changes"), o)
	for _, line := range summaries(p) {
		if strings.Contains(line, "topic") {
			t.Errorf("a topic for nobody: %s", line)
		}
	}
	if p.After.Summary().Pass != 1 {
		t.Errorf("expected result: %+v, %v", p.After.Summary(), summaries(p))
	}
	again(t, snap, p, o)
}

// A rule that is there and good gets what the wishes add.
func TestCalledLater(t *testing.T) {
	snap := callable(t)
	p := planFor(t, snap, catalogOf(t, "nacl-changes"), byRules())
	after, err := plan.Simulate(snap, p.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	o := plan.Options{Transport: audit.RuleTransport, Subscribers: []plan.Subscriber{person, hook}}
	later := planFor(t, after, catalogOf(t, "nacl-changes"), o)
	name := nameOf(t, hook)
	want := []string{
		"create role monitorctl-events-destinations", "create connection " + name + " (eu-central-1)", "create API destination " + name + " (eu-central-1)",
		"add target " + strings.TrimPrefix(name, "monitorctl-") + " to rule " + ourRule + " (eu-central-1)",
	}
	if got := summaries(later); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// TestDestinationsInTheWay is what is not overwritten, and what was not read.
func TestDestinationsInTheWay(t *testing.T) {
	name := nameOf(t, hook)
	arn := "arn:aws:events:eu-central-1:111122223333:api-destination/" + name + "/1"
	there := func(d account.APIDestination) func(*account.Region) {
		return func(r *account.Region) {
			d.ARN, d.Name, d.State = arn, name, "ACTIVE"
			r.OwnDestinations = &account.Read[[]string]{Value: []string{arn}}
			r.APIDestinations = map[string]*account.Read[*account.APIDestination]{arn: {Value: &d}}
		}
	}
	for _, tt := range []struct {
		name  string
		seed  func(*account.Region)
		want  string
		notes bool
	}{
		{"someone's", there(account.APIDestination{}), "an API destination of that name was not created by monitorctl", false},
		{"ours with another URL", there(account.APIDestination{Description: desired.ManagedDescription, EndpointHash: "x"}), "someone gave it another URL", true},
		{"not looked for", func(r *account.Region) { r.OwnDestinations = nil }, "the snapshot does not show whether the API destination exists", false},
		{"denied", func(r *account.Region) {
			r.OwnConnections = &account.Read[[]string]{Failure: &account.Failure{Operation: "events:ListConnections", Code: "AccessDenied"}}
		}, "events:ListConnections failed: AccessDenied", false},
		{"someone's connection", func(r *account.Region) {
			c := "arn:aws:events:eu-central-1:111122223333:connection/" + name + "/1"
			r.Connections = map[string]*account.Read[*account.Connection]{c: {Value: &account.Connection{ARN: c, Name: name}}}
		}, "a connection of that name was not created by monitorctl", false},
	} {
		snap := callable(t)
		tt.seed(home(&snap))
		p := planFor(t, snap, catalogOf(t, "nacl-changes"), plan.Options{Transport: audit.RuleTransport, Subscribers: []plan.Subscriber{hook}})
		var got []string
		for _, c := range p.Conflicts {
			got = append(got, c.Reason)
		}
		if tt.notes {
			for _, m := range p.Manual {
				got = append(got, m.Text)
			}
		}
		if !slices.ContainsFunc(got, func(text string) bool { return strings.Contains(text, tt.want) }) {
			t.Errorf("%s: %v, want %q", tt.name, got, tt.want)
		}
		for _, line := range summaries(p) {
			if strings.Contains(line, "API destination") {
				t.Errorf("%s: %s", tt.name, line)
			}
		}
	}
}

// By alarms a rule on their state calls a webhook, and none calls PagerDuty, which reads
// messages of SNS. Names of rules are shorter than those of alarms may be.
func TestCalledByAlarms(t *testing.T) {
	pager := plan.Subscriber{Protocol: "pagerduty", Endpoint: "0123456789abcdef0123456789abcdef"}
	for _, tt := range []struct {
		sub       plan.Subscriber
		transport string
		calls     bool
	}{{hook, "", true}, {hook, audit.MetricTransport, true}, {hook, plan.BothTransports, true}, {pager, "", false}, {pager, audit.MetricTransport, false}, {pager, plan.BothTransports, true}, {person, "", false}} {
		o := plan.Options{Transport: tt.transport, Subscribers: []plan.Subscriber{tt.sub}}
		if err := plan.CheckNames(o); err != nil || o.Calls() != tt.calls {
			t.Errorf("%s by %q: calls %v, %v", tt.sub, tt.transport, o.Calls(), err)
		}
		o.NamePrefix = "a/"
		if err := plan.CheckNames(o); (err != nil) != (tt.calls || tt.transport == plan.BothTransports) {
			t.Errorf("%s by %q with the prefix a/: %v", tt.sub, tt.transport, err)
		}
	}
}

// TestDestroyDestinations removes what apply made for callers, the target before the
// rule, the rule before the destination, that before its connection, and the role last.
func TestDestroyDestinations(t *testing.T) {
	snap := callable(t)
	sg := catalogOf(t, "nacl-changes")
	o := plan.Options{Transport: audit.RuleTransport, Subscribers: []plan.Subscriber{hook}}
	p := planFor(t, snap, sg, o)
	after, err := plan.Simulate(snap, p.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Destroy(after, sg, plan.Options{Transport: audit.RuleTransport})
	var got []string
	for _, a := range r.Actions {
		got = append(got, a.Kind())
	}
	want := []string{"remove-target", "delete-role", "delete-rule", "remove-target", "delete-rule", "delete-api-destination", "delete-connection", "delete-role"}
	if !slices.Equal(got, want) { // the first three are of the forwarder
		for _, a := range r.Actions {
			t.Log(a)
		}
		t.Errorf("got %v, left %v", got, r.Left)
	}
	gone, err := plan.Simulate(after, r.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	if list, _ := home(&gone).OwnDestinations.Got(); len(list) > 0 {
		t.Errorf("left on paper: %v", list)
	}

	// A rule of someone else that calls the destination keeps it.
	rules := home(&after).Rules
	rules.Value = append(rules.Value, account.Rule{Name: "theirs", State: account.RuleEnabled, Targets: &account.Read[[]account.Target]{Value: []account.Target{
		{ID: "x", ARN: home(&after).OwnDestinations.Value[0]},
	}}})
	r = plan.Destroy(after, sg, plan.Options{Transport: audit.RuleTransport})
	for _, a := range r.Actions {
		if k := a.Kind(); k == "delete-api-destination" || k == "delete-connection" {
			t.Errorf("%s, which is in use", a)
		}
	}
	if !slices.ContainsFunc(r.Left, func(l change.Left) bool { return strings.Contains(l.Why, "rule theirs, which stays, calls it") }) {
		t.Errorf("left: %v", r.Left)
	}
}

// TestRuleRoutes gives rules the topics of their routes, and moves a target when the route
// changes; a target that someone edited besides stays.
func TestRuleRoutes(t *testing.T) {
	snap := withRules(t)
	absentTopic(&snap, pagerTopic)
	o := routed()
	o.Transport, o.Routes = audit.RuleTransport, o.Routes[:1]
	sg := catalogOf(t, "security-group-changes", "nacl-changes")
	p := planFor(t, snap, sg, o)
	to := func(p change.Plan, rule string) (out []string) {
		for _, a := range p.Actions {
			if put, ok := a.(action.PutTarget); ok && put.Rule == rule {
				out = append(out, put.Target.ID+" "+put.Target.ARN)
			}
		}
		return out
	}
	if got := to(p, "monitorctl-security-group-changes"); !slices.Equal(got, []string{"topic " + pagerTopic}) {
		t.Errorf("a control of high severity: %v", got)
	}
	if !slices.Contains(summaries(p), "subscribe sms +49***78 to topic acme-pager (eu-central-1)") {
		t.Errorf("no subscriber: %v", summaries(p))
	}
	again(t, snap, p, o)
	after, err := plan.Simulate(snap, p.Actions, true)
	if err != nil {
		t.Fatal(err)
	}

	second := "arn:aws:sns:eu-central-1:111122223333:second"
	absentTopic(&after, second)
	o.Routes = append(o.Routes, plan.Route{Controls: []string{"security-group-changes"}, TopicName: "second", Subscribers: []plan.Subscriber{person}})
	later := planFor(t, after, sg, o)
	if got := to(later, "monitorctl-security-group-changes"); !slices.Equal(got, []string{"topic " + second}) {
		t.Errorf("after its route changed: %v, %v", got, summaries(later))
	}
	if len(later.Drifts) > 0 {
		t.Errorf("a new route is no edit: %v", later.Drifts)
	}

	o.Routes = append(o.Routes, plan.Route{Controls: []string{"security-group-changes"}, TopicName: "acme-pager"})
	absentTopic(&snap, second)
	if got := to(planFor(t, snap, sg, o), "monitorctl-security-group-changes"); !slices.Equal(got, []string{"topic " + second, "topic-2 " + pagerTopic}) {
		t.Errorf("two routes: %v", got)
	}

	edited := ruleIn(&after, "eu-central-1", "monitorctl-security-group-changes").Targets
	edited.Value[0].ARN = theirTopic
	drifted := planFor(t, after, sg, routedTo(o, catalog.High))
	if got := to(drifted, "monitorctl-security-group-changes"); len(got) > 0 {
		t.Errorf("a topic that nobody wishes: %v", got)
	}
}

// A message that an earlier version wrote is brought up to date without being asked for;
// one that someone edited is drift.
func TestEarlierMessage(t *testing.T) {
	c := catalogOf(t, "nacl-changes")[0]
	// As the first version wrote it, word for word.
	text := `"monitorctl: ` + c.Title + `"` + "\n\"\"\n" + `"What:   <what> (<svc>)"` + "\n" + `"Who:    <kind> <who>"` + "\n" + `"Where:  account <acct>, region <where>"` + "\n" +
		`"When:   <when>"` + "\n" + `"From:   <from>"` + "\n" + `"Error:  <err>"` + "\n\"\"\n" + `"https://<where>.console.aws.amazon.com/cloudtrailv2/home?region=<where>#/events/<id>"`
	paths := map[string]string{
		"what": "$.detail.eventName", "svc": "$.detail.eventSource", "kind": "$.detail.userIdentity.type", "who": "$.detail.userIdentity.arn", "acct": "$.account",
		"where": "$.detail.awsRegion", "when": "$.detail.eventTime", "from": "$.detail.sourceIPAddress", "err": "$.detail.errorCode", "id": "$.detail.eventID",
	}
	for _, tt := range []struct {
		name, text string
		update     bool
	}{{"an earlier version's", text, true}, {"someone's", text + "\n\"edited\"", false}} {
		snap := made(t)
		target := &ruleIn(&snap, "eu-central-1", ourRule).Targets.Value[0]
		*target = account.WholeTarget{ID: target.ID, ARN: target.ARN, Transformer: &account.Transformed{Paths: paths, Template: tt.text}}.Target()
		p := planFor(t, snap, catalogOf(t, "nacl-changes"), byRules())
		want := []string(nil)
		if tt.update {
			want = []string{"update target topic of rule " + ourRule + " (eu-central-1)"}
		}
		if got := summaries(p); !slices.Equal(got, want) || (len(p.Drifts) == 0) != tt.update {
			t.Errorf("%s text: %v, drifts %v", tt.name, got, p.Drifts)
		}
	}
}

// routedTo are wishes with one route, for a severity.
func routedTo(o plan.Options, s catalog.Severity) plan.Options {
	o.Routes = []plan.Route{{Severities: []catalog.Severity{s}, TopicName: "acme-pager", Subscribers: []plan.Subscriber{pager}}}
	return o
}
