package plan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

const (
	ourRule = "monitorctl-nacl-changes"
	ourRole = "arn:aws:iam::111122223333:role/monitorctl-events-forwarder"
	forward = "monitorctl-forward-1"
)

// withRules is the baseline as a plan of rules reads it: no rule is anywhere, and
// neither our role nor our topic.
func withRules(t *testing.T) account.Snapshot {
	t.Helper()
	snap := baseline(t)
	a := &snap.Accounts[0]
	for i := range a.Regions {
		a.Regions[i].Rules = &account.Read[[]account.Rule]{}
	}
	a.Roles = map[string]*account.Role{ourRole: {Trust: &account.Read[*string]{}}}
	return snap
}

// byRules are the wishes for rules that a person gets the messages of.
func byRules() plan.Options {
	return plan.Options{Transport: audit.RuleTransport, Subscribers: []plan.Subscriber{person}}
}

// made is the account after a plan of rules for one control.
func made(t *testing.T) account.Snapshot {
	t.Helper()
	snap := withRules(t)
	p := planFor(t, snap, catalogOf(t, "nacl-changes"), byRules())
	after, err := plan.Simulate(snap, p.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// ruleIn is a rule of a region, to be changed.
func ruleIn(s *account.Snapshot, region, name string) *account.Rule {
	list := s.Accounts[0].Region(region).Rules.Value
	return &list[slices.IndexFunc(list, func(r account.Rule) bool { return r.Name == name })]
}

func summaries(p change.Plan) []string {
	var out []string
	for _, a := range p.Actions {
		out = append(out, a.String())
	}
	return out
}

// TestRulePlan plans rules where there are none: the order is that in which nothing is
// loud before it is whole, and nothing of the metric chain is among it.
func TestRulePlan(t *testing.T) {
	snap := withRules(t)
	p := planFor(t, snap, catalogOf(t, "nacl-changes"), byRules())
	got := summaries(p)
	away := len(snap.Accounts[0].Scope) - 1
	if away < 1 || len(got) != 5+2*away {
		t.Fatalf("%d actions, and %d other regions:\n%s", len(got), away, strings.Join(got, "\n"))
	}
	want := []string{
		"create topic monitorctl-alerts (eu-central-1)", "subscribe email a@example.com to topic monitorctl-alerts (eu-central-1)", "create role monitorctl-events-forwarder",
		"create rule monitorctl-nacl-changes (eu-central-1)", "add target topic to rule monitorctl-nacl-changes (eu-central-1)",
	}
	if !slices.Equal(got[:5], want) || !strings.HasPrefix(got[5], "create rule "+forward) || !strings.HasPrefix(got[5+away], "add target home to rule "+forward) {
		t.Errorf("actions:\n%s", strings.Join(got, "\n"))
	}
	if c := change.CostOf(p.Actions, ""); c.Forwarders != away || c.Alarms != 0 {
		t.Errorf("cost: %+v", c)
	}
	if p.Confirmed == nil || p.Confirmed.Findings[0].Status != "pass" || p.Before.Findings[0].Status != "fail" {
		t.Errorf("now %s, afterwards %+v", p.Before.Findings[0].Status, p.Confirmed)
	}
	if again := planFor(t, made(t), catalogOf(t, "nacl-changes"), byRules()); len(again.Actions)+len(again.Conflicts)+len(again.Drifts) != 0 {
		t.Errorf("a second plan: %v, %+v, %+v", summaries(again), again.Conflicts, again.Drifts)
	}
}

// TestRuleLayouts holds the layouts to where they put things.
func TestRuleLayouts(t *testing.T) {
	perRegion := byRules()
	perRegion.PerRegion = true
	snap := withRules(t)
	for i := range snap.Accounts[0].Regions {
		r := &snap.Accounts[0].Regions[i]
		arn := strings.Replace(ourTopic, testRegion, r.Name, 1)
		if r.Topics == nil {
			r.Topics = map[string]*account.Topic{}
		}
		r.Topics[arn] = &account.Topic{ARN: arn, Attributes: &account.Read[*account.TopicAttributes]{}}
	}
	count := func(p change.Plan, prefix string) (n int) {
		for _, s := range summaries(p) {
			if strings.HasPrefix(s, prefix) {
				n++
			}
		}
		return n
	}
	p := planFor(t, snap, catalogOf(t, "nacl-changes"), perRegion)
	regions := len(snap.Accounts[0].Scope)
	if count(p, "create rule "+ourRule) != regions || count(p, "create topic") != regions || count(p, "create role") != 0 {
		t.Errorf("--per-region:\n%s", strings.Join(summaries(p), "\n"))
	}
	one := withRules(t)
	one.Accounts[0].Scope = []string{testRegion}
	if p := planFor(t, one, catalogOf(t, "nacl-changes"), byRules()); count(p, "create rule") != 1 || count(p, "create role") != 0 {
		t.Errorf("one region:\n%s", strings.Join(summaries(p), "\n"))
	}
	// Events of global services arrive in us-east-1 whatever the scope.
	if p := planFor(t, one, catalogOf(t, "iam-policy-changes"), byRules()); count(p, "create rule") != 1 || p.Actions[len(p.Actions)-1].Common().Region != "us-east-1" && testRegion != "us-east-1" {
		t.Errorf("a global service:\n%s", strings.Join(summaries(p), "\n"))
	}
}

// TestRulesThatAreThere holds every state of our names to what is planned.
func TestRulesThatAreThere(t *testing.T) {
	edited := func(s *account.Snapshot) { ruleIn(s, testRegion, ourRule).State = account.RuleDisabled }
	tests := []struct {
		name     string
		change   func(*account.Snapshot)
		o        func(*plan.Options)
		want     []string // actions
		conflict string
		drift    string
	}{
		{name: "as they were made", change: func(*account.Snapshot) {}},
		{name: "switched off", change: edited, drift: ourRule},
		{name: "switched off, replaced", change: edited, o: func(o *plan.Options) { o.Replace = []string{ourRule} }, want: []string{"update rule " + ourRule + " (eu-central-1)"}},
		{name: "narrowed", change: func(s *account.Snapshot) {
			ruleIn(s, testRegion, ourRule).Pattern = `{"source":["aws.ec2"],"detail":{"userIdentity":{"type":["Root"]}}}`
		}, drift: ourRule},
		{name: "a name removed from the list of a forwarder", change: func(s *account.Snapshot) {
			r := ruleIn(s, "us-east-1", forward)
			r.Pattern = strings.Replace(r.Pattern, `"CreateNetworkAcl",`, "", 1)
		}, want: []string{"update rule " + forward + " (us-east-1)"}},
		{name: "without a target", change: func(s *account.Snapshot) { ruleIn(s, testRegion, ourRule).Targets.Value = nil }, want: []string{"add target topic to rule " + ourRule + " (eu-central-1)"}},
		{name: "another text", change: func(s *account.Snapshot) { ruleIn(s, testRegion, ourRule).Targets.Value[0].Message.Digest = "00" }, drift: ourRule},
		{name: "another text, replaced", change: func(s *account.Snapshot) { ruleIn(s, testRegion, ourRule).Targets.Value[0].Message.Digest = "00" },
			o: func(o *plan.Options) { o.Replace = []string{ourRule} }, want: []string{"update target topic of rule " + ourRule + " (eu-central-1)"}},
		{name: "someone's target beside ours", change: func(s *account.Snapshot) {
			r := ruleIn(s, testRegion, ourRule).Targets
			r.Value = append(r.Value, account.Target{ID: "z", ARN: "arn:aws:lambda:eu-central-1:111122223333:function:x", Message: account.Message{Form: account.WholeEvent}})
		}},
		{name: "foreign rule", change: func(s *account.Snapshot) {
			edited(s)
			home(s).RuleTags[ourRule].Value = nil
		}, conflict: "was not created by monitorctl: it lacks the tag"},
		{name: "a rule that code keeps", change: func(s *account.Snapshot) {
			edited(s)
			home(s).RuleTags[ourRule].Value = map[string]string{desired.ManagedTag: "terraform"}
		}},
		{name: "tags denied", change: func(s *account.Snapshot) {
			edited(s)
			home(s).RuleTags[ourRule] = &account.Read[map[string]string]{Failure: &account.Failure{Operation: "events:ListTagsForResource", Code: "AccessDenied"}}
		}, conflict: "events:ListTagsForResource failed: AccessDenied"},
		{name: "managed by a service", change: func(s *account.Snapshot) { edited(s); ruleIn(s, testRegion, ourRule).ManagedBy = "x.amazonaws.com" }, conflict: "is managed by x.amazonaws.com"},
		{name: "rules unreadable in one region", change: func(s *account.Snapshot) {
			edited(s)
			s.Accounts[0].Region("us-east-1").Rules = &account.Read[[]account.Rule]{Failure: &account.Failure{Operation: "events:ListRules", Code: "AccessDenied"}}
		}, conflict: "us-east-1 events:ListRules failed: AccessDenied", drift: ourRule},
		{name: "full bus", change: func(s *account.Snapshot) {
			var list []account.Rule
			for i := range 300 {
				list = append(list, account.Rule{Name: fmt.Sprintf("a%03d", i), State: account.RuleEnabled, Pattern: `{"source":["x"]}`})
			}
			home(s).Rules.Value = list
		}, conflict: "has at most 300 rules"},
		{name: "a bus with a raised quota", change: func(s *account.Snapshot) {
			var list []account.Rule
			for i := range 301 {
				list = append(list, account.Rule{Name: fmt.Sprintf("a%03d", i), State: account.RuleEnabled, Pattern: `{"source":["x"]}`})
			}
			home(s).Rules.Value = list
		}, want: []string{"create rule " + ourRule + " (eu-central-1)", "add target topic to rule " + ourRule + " (eu-central-1)"}},
		{name: "role gone", change: func(s *account.Snapshot) {
			s.Accounts[0].Roles[ourRole] = &account.Role{Trust: &account.Read[*string]{}}
		}, want: []string{"create role monitorctl-events-forwarder"}},
		{name: "role without its policy", change: func(s *account.Snapshot) {
			r := s.Accounts[0].Roles[ourRole]
			r.Inline, r.Policies = nil, &account.Read[[]string]{}
		}, want: []string{"create role monitorctl-events-forwarder"}},
		{name: "role with another policy", change: func(s *account.Snapshot) {
			s.Accounts[0].Roles[ourRole].Inline["monitorctl-events-forwarder"].Value = `{"Statement":[{"Effect":"Allow","Action":"events:PutEvents","Resource":"arn:aws:events:eu-west-1:111122223333:event-bus/default"}]}`
		}, conflict: "policies were edited or are for another region"},
		{name: "foreign role", change: func(s *account.Snapshot) {
			s.Accounts[0].Roles[ourRole].Tags.Value = nil
			s.Accounts[0].Roles[ourRole].Inline = nil
			s.Accounts[0].Roles[ourRole].Policies = &account.Read[[]string]{}
		}, conflict: "use it with --events-role-arn"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := made(t)
			tt.change(&snap)
			o := byRules()
			if tt.o != nil {
				tt.o(&o)
			}
			p := planFor(t, snap, catalogOf(t, "nacl-changes"), o)
			if got := summaries(p); tt.conflict == "" && !slices.Equal(got, tt.want) {
				t.Errorf("actions: %q, want %q", got, tt.want)
			}
			conflicts, drifts := "", ""
			for _, c := range p.Conflicts {
				conflicts += c.Name + " " + c.Reason
			}
			for _, d := range p.Drifts {
				drifts += d.Name
			}
			if !strings.Contains(conflicts, tt.conflict) || (tt.conflict == "") != (conflicts == "") {
				t.Errorf("conflicts: %q, want %q", conflicts, tt.conflict)
			}
			if drifts != tt.drift {
				t.Errorf("drifts: %q, want %q", drifts, tt.drift)
			}
		})
	}
}

// TestRuleRefusals are wishes that cannot be met: the plan fails, naming the reason.
func TestRuleRefusals(t *testing.T) {
	key := "arn:aws:kms:eu-central-1:111122223333:key/1"
	keyed := func(statements ...string) func(*account.Snapshot) {
		return func(s *account.Snapshot) {
			if home(s).Keys == nil {
				home(s).Keys = map[string]*account.Key{}
			}
			home(s).Keys[key] = &account.Key{
				Metadata: &account.Read[*account.KeyMetadata]{Value: &account.KeyMetadata{ARN: key, State: "Enabled", Manager: "CUSTOMER"}},
				Policy:   &account.Read[string]{Value: `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`},
			}
		}
	}
	alarms := policy.KeyStatement(testAccount, testRegion, "aws", policy.Alarms)
	rules := policy.KeyStatement(testAccount, testRegion, "aws", policy.Rules)
	given := "arn:aws:iam::111122223333:role/given"
	tests := []struct {
		name   string
		change func(*account.Snapshot)
		o      func(*plan.Options)
		want   string // "" for none
	}{
		{"a key that CloudWatch may use and EventBridge may not", keyed(alarms), func(o *plan.Options) { o.KeyARN = key }, "does not let EventBridge use it"},
		{"a key that both may use", keyed(alarms, rules), func(o *plan.Options) { o.KeyARN, o.Transport = key, plan.BothTransports }, ""},
		{"a key that only EventBridge may use, for both", keyed(rules), func(o *plan.Options) { o.KeyARN, o.Transport = key, plan.BothTransports }, ""}, // the baseline's alarms need no topic of ours
		{"a member whose events are forwarded", func(s *account.Snapshot) {
			home(s).Rules.Value = []account.Rule{{Name: "central", State: account.RuleEnabled, Pattern: `{"detail-type":["AWS API Call via CloudTrail"]}`,
				Targets: &account.Read[[]account.Target]{Value: []account.Target{{ID: "1", ARN: "arn:aws:events:eu-central-1:999999999999:event-bus/central", RoleARN: given}}}}}
		}, func(o *plan.Options) { o.PerRegion = true }, "rule central in eu-central-1 forwards events to account 999999999999"},
		{"a topic of another region", func(*account.Snapshot) {}, func(o *plan.Options) { o.TopicARN = "arn:aws:sns:us-east-1:111122223333:x" }, "only to topics in their own region"},
		{"a topic that alarms may use and rules may not", func(*account.Snapshot) {}, func(o *plan.Options) { o.TopicARN = theirTopic }, "does not let EventBridge publish"},
		{"a role of another account", func(*account.Snapshot) {}, func(o *plan.Options) { o.RoleARN = "arn:aws:iam::999999999999:role/x" }, "belongs to account 999999999999"},
		{"a role that is not there", func(s *account.Snapshot) { s.Accounts[0].Roles[given] = &account.Role{Trust: &account.Read[*string]{}} }, func(o *plan.Options) { o.RoleARN = given }, "does not exist"},
		{"a role that may not", func(s *account.Snapshot) {
			trust := desired.RoleTrust()
			s.Accounts[0].Roles[given] = &account.Role{Trust: &account.Read[*string]{Value: &trust}, Policies: &account.Read[[]string]{}, Attached: &account.Read[[]string]{}}
		}, func(o *plan.Options) { o.RoleARN = given }, "may not use events:PutEvents"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap, o := withRules(t), byRules()
			tt.change(&snap)
			tt.o(&o)
			o.Audit.Benchmark, o.Audit.Now = catalog.DefaultBenchmark, snap.TakenAt
			if err := plan.CheckNames(o); err != nil {
				t.Fatal(err)
			}
			_, err := plan.For(context.Background(), snap, catalogOf(t, "nacl-changes"), o)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			var bad *plan.KeyError
			if errors.As(err, &bad) && bad.Statement != rules {
				t.Errorf("the statement that is missing: %s", bad.Statement)
			}
		})
	}
}

// Our topic is made for the transports that are asked for, and a further one is let in
// without a word about an edit.
func TestTopicOfSeveralTransports(t *testing.T) {
	snap := withRules(t)
	ours(&snap) // for alarms
	p := planFor(t, snap, catalogOf(t, "nacl-changes"), byRules())
	i := slices.IndexFunc(p.Actions, func(a change.Action) bool { return a.Kind() == "set-topic-policy" })
	if i < 0 {
		t.Fatalf("actions: %q", summaries(p))
	}
	set := p.Actions[i].(action.SetTopicPolicy)
	if by, ok := policy.PublishersOf(set.Policy, ourTopic, testAccount, "aws"); !ok || by != policy.Alarms|policy.Rules {
		t.Errorf("policy afterwards: %s", set.Policy)
	}
}

// Wrong wishes about transports are refused before anything is read.
func TestCheckTransport(t *testing.T) {
	for want, o := range map[string]plan.Options{
		"expected metric, eventbridge or both": {Transport: "mail"},
		"rules in every region are for":        {PerRegion: true},
		"a role of forwarders is for":          {RoleARN: ourRole, Transport: audit.MetricTransport},
		"need no role":                         {RoleARN: ourRole, Transport: audit.RuleTransport, PerRegion: true},
		"rule names can have only":             {Transport: audit.RuleTransport, NamePrefix: "a/b"},
		"is not the ARN of an IAM role":        {Transport: audit.RuleTransport, RoleARN: "arn:aws:iam::111122223333:user/x"},
	} {
		if err := plan.CheckNames(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
}

// TestRuleAdvice: an audit by one transport names the plan that repairs it by that.
func TestRuleAdvice(t *testing.T) {
	snap := withRules(t)
	o := plan.Options{AssumeOurs: true, Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt, Transport: audit.RuleTransport}}
	r, err := plan.Audit(context.Background(), snap, catalogOf(t, "nacl-changes"), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Findings[0].Command, "monitorctl plan nacl-changes --transport eventbridge --subscribe email:ADDRESS"; got != want {
		t.Errorf("next step %q, want %q", got, want)
	}
}
