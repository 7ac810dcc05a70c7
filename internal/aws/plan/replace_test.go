package plan_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

const (
	sgFilter = "SecurityGroupConfigChanges"
	sgAlarm  = "SecurityGroupConfigChangesAlarm"
)

// taken is an account in which someone else's filter and alarm stand under our
// names.
func taken(t *testing.T) account.Snapshot {
	t.Helper()
	s := baseline(t)
	ours(&s)
	dropFilter(&s, "security-group")
	f := *filterOf(&s, "nacl")
	f.Name, f.Metric, f.Namespace = sgFilter, "theirs", "LogMetrics"
	home(&s).MetricFilters.Value = append(home(&s).MetricFilters.Value, f)
	a := *alarmOf(&s, "nacl")
	a.Name, a.Metric, a.Namespace = sgAlarm, "CPUUtilization", "CISBenchmark"
	a.ARN = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:" + a.Name
	home(&s).Alarms.Value.Metric = append(home(&s).Alarms.Value.Metric, a)
	home(&s).AlarmTags = map[string]*account.Read[map[string]string]{sgAlarm: {Value: map[string]string{"owner": "them"}}}
	return s
}

// TestReplace holds --replace from both sides: what it names is replaced, and
// nothing else; what this version could not write back is not.
func TestReplace(t *testing.T) {
	both := []string{"update metric filter " + sgFilter + " on " + group, "update alarm " + sgAlarm + " on CloudTrailMetrics/SecurityGroupEventCount"}
	tests := []struct {
		name    string
		replace []string
		change  func(*account.Snapshot)
		want    []string // actions
		reasons []string // of the conflicts that are left
	}{
		{"nothing named", nil, nil, nil, []string{"a metric filter of that name was not created by monitorctl", "it lacks the tag"}},
		{"only the filter", []string{sgFilter}, nil, nil, []string{"it lacks the tag"}},
		{"another name", []string{"Other"}, nil, nil, []string{"a metric filter of that name", "it lacks the tag"}},
		{"both", []string{sgAlarm, sgFilter}, nil, both, nil},
		{"a filter with an unknown setting", []string{sgFilter, sgAlarm}, func(s *account.Snapshot) { filterOf(s, sgFilter).Unknown = []string{"newField"} },
			nil, []string{"it cannot be replaced: it has settings that this version does not know: newField"}},
		{"an alarm with an unknown setting", []string{sgFilter, sgAlarm}, func(s *account.Snapshot) { alarmOf(s, sgAlarm).Unknown = []string{"WarmUpConfiguration"} },
			nil, []string{"it cannot be replaced: it has settings that this version does not know: WarmUpConfiguration"}},
		{"an alarm with a setting that would be lost", []string{sgFilter, sgAlarm}, func(s *account.Snapshot) { alarmOf(s, sgAlarm).Unwritten = []string{"ActionConfiguration"} },
			nil, []string{"it cannot be replaced: it has settings that this version does not know: ActionConfiguration"}},
		{"an alarm on an expression", []string{sgFilter, sgAlarm}, func(s *account.Snapshot) { alarmOf(s, sgAlarm).Queries = []account.MetricQuery{{ID: "e"}} },
			nil, []string{"it cannot be replaced: it watches an expression"}},
		{"an alarm whose tags are denied", []string{sgFilter, sgAlarm}, func(s *account.Snapshot) {
			home(s).AlarmTags[sgAlarm] = &account.Read[map[string]string]{Failure: &account.Failure{Operation: "cloudwatch:ListTagsForResource", Code: "AccessDenied"}}
		}, nil, []string{"it cannot be replaced: its tags are not known"}},
		{"a log alarm", []string{sgFilter, sgAlarm}, func(s *account.Snapshot) {
			dropAlarm(s, sgAlarm)
			home(s).Alarms.Value.Log = []account.LogAlarm{{Name: sgAlarm, ARN: "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:" + sgAlarm, Query: "fields @message"}}
		}, nil, []string{"a log alarm of that name was not created by monitorctl"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := taken(t)
			if tt.change != nil {
				tt.change(&snap)
			}
			o := plan.Options{Replace: tt.replace, Tags: map[string]string{"team": "sec"}}
			p := planFor(t, snap, catalogOf(t, "security-group-changes"), o)
			if got := lines(p.Actions); len(p.Conflicts) == 0 && !slices.Equal(got, tt.want) {
				t.Errorf("actions %v, want %v", got, tt.want)
			}
			if len(p.Conflicts) != len(tt.reasons) {
				t.Fatalf("conflicts %+v, want %v", p.Conflicts, tt.reasons)
			}
			for i, reason := range tt.reasons {
				x := p.Conflicts[i]
				if !strings.Contains(x.Reason, reason) || x.Replaceable == (strings.Contains(reason, "cannot") || strings.Contains(reason, "a log alarm")) {
					t.Errorf("conflict %+v, want %q", x, reason)
				}
			}
			if len(tt.want) == 0 {
				return
			}
			put := p.Actions[1].(action.PutAlarm)
			if put.Tags["owner"] != "them" || put.Tags["team"] != "sec" || put.Tags[desired.ManagedTag] != "true" || put.Before.Namespace != "CISBenchmark" {
				t.Errorf("the alarm is replaced by %+v", put)
			}
			again(t, snap, p, o)
		})
	}
}

// TestOtherTools holds that whose objects stand in the way is named.
func TestOtherTools(t *testing.T) {
	p := planFor(t, taken(t), catalogOf(t, "security-group-changes"), plan.Options{})
	for i, want := range []string{"Security Hub's automated response", "the Terraform modules for the CIS benchmark"} {
		if !strings.Contains(p.Conflicts[i].Reason, want) {
			t.Errorf("conflict %d: %s, want %q", i, p.Conflicts[i].Reason, want)
		}
	}
	snap := taken(t)
	filterOf(&snap, sgFilter).Namespace = "Mine"
	if p := planFor(t, snap, catalogOf(t, "security-group-changes"), plan.Options{}); strings.Contains(p.Conflicts[0].Reason, "namespace") {
		t.Errorf("a namespace of nobody's is said to be %s", p.Conflicts[0].Reason)
	}
}

// TestReplaceDrift holds the edited object of ours: shown field by field, and
// restored only if it is named.
func TestReplaceDrift(t *testing.T) {
	made := func() account.Snapshot {
		snap := baseline(t)
		ours(&snap)
		dropFilter(&snap, "security-group")
		after, err := plan.Simulate(snap, planFor(t, snap, catalogOf(t, "security-group-changes"), plan.Options{}).Actions, true)
		if err != nil {
			t.Fatal(err)
		}
		return after
	}
	tests := []struct {
		name   string
		object string
		change func(*account.Snapshot)
		why    string // why it cannot be replaced
	}{
		{"filter", sgFilter, func(s *account.Snapshot) { filterOf(s, sgFilter).Value = "0" }, ""},
		{"filter with an unknown setting", sgFilter, func(s *account.Snapshot) {
			f := filterOf(s, sgFilter)
			f.Value, f.Unknown = "0", []string{"x"}
		}, "does not know: x"},
		{"alarm", sgAlarm, func(s *account.Snapshot) { alarmOf(s, sgAlarm).ActionsEnabled = false }, ""},
		{"alarm without action", sgAlarm, func(s *account.Snapshot) { alarmOf(s, sgAlarm).AlarmActions = nil }, ""},
		{"alarm that still tells", sgAlarm, func(s *account.Snapshot) { alarmOf(s, sgAlarm).Period = 60 }, ""},
		{"filter that still tells", sgFilter, func(s *account.Snapshot) { filterOf(s, sgFilter).Value = "2" }, ""},
		{"alarm with a setting that would be lost", sgAlarm, func(s *account.Snapshot) {
			a := alarmOf(s, sgAlarm)
			a.ActionsEnabled, a.Unwritten = false, []string{"ActionConfiguration"}
		}, "does not know: ActionConfiguration"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := made()
			tt.change(&snap)
			sg := catalogOf(t, "security-group-changes")
			p := planFor(t, snap, sg, plan.Options{})
			if len(p.Actions) > 0 || len(p.Drifts) != 1 || p.Drifts[0].Name != tt.object || !strings.Contains(p.Drifts[0].Why, tt.why) || (tt.why == "") != (p.Drifts[0].Why == "") {
				t.Fatalf("actions %v, drifts %+v", lines(p.Actions), p.Drifts)
			}
			o := plan.Options{Replace: []string{tt.object}}
			p = planFor(t, snap, sg, o)
			if tt.why != "" {
				if len(p.Actions) > 0 || len(p.Drifts) != 1 {
					t.Errorf("with --replace: actions %v, drifts %+v", lines(p.Actions), p.Drifts)
				}
				return
			}
			if got := lines(p.Actions); len(got) != 1 || !strings.HasPrefix(got[0], "update") || len(p.Drifts) > 0 {
				t.Fatalf("with --replace: actions %v, drifts %+v", got, p.Drifts)
			}
			again(t, snap, p, o)
		})
	}
}

// closed is a policy that lets nobody but the account publish, as AWS writes it
// in the console.
const closed = `{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"own","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sns:*","Resource":"*"}]}`

// TestExtendTopicPolicy holds the one exception to never touching what is
// foreign, from both sides.
func TestExtendTopicPolicy(t *testing.T) {
	deny := strings.Replace(closed, `"Statement":[`, `"Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*"},`, 1)
	unknown := strings.Replace(closed, `"Statement":[`, `"Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*","Condition":{"StringEquals":{"aws:Unheard":"x"}}},`, 1)
	elsewhere := strings.ReplaceAll(theirTopic, "111122223333", "999999999999")
	const extend = "set the policy of topic security"
	beside := []string{"create alarm " + sgAlarm + " on Security/security-group-events"}
	set := func(doc string) func(*account.Snapshot) {
		return func(s *account.Snapshot) { home(s).Topics[theirTopic].Attributes.Value.Policy = doc }
	}
	tests := []struct {
		name   string
		o      plan.Options
		change func(*account.Snapshot)
		want   []string
		err    string // of a *TopicError
		manual string
	}{
		{"without the flag our alarm goes beside", plan.Options{}, set(closed), beside, "", ""},
		{"with it the statement is added", plan.Options{ExtendTopicPolicy: true}, set(closed), []string{extend}, "", ""},
		{"and a subscriber, where nobody has confirmed", plan.Options{ExtendTopicPolicy: true, Subscribers: []plan.Subscriber{person}}, func(s *account.Snapshot) {
			set(closed)(s)
			home(s).Topics[theirTopic].Subscriptions.Value = nil
		}, []string{extend, "subscribe email a@example.com to topic security"}, "", ""},
		{"a Deny decides", plan.Options{ExtendTopicPolicy: true}, set(deny), beside, "", "cannot be extended"},
		{"an unknown condition decides", plan.Options{ExtendTopicPolicy: true}, set(unknown), beside, "", "cannot be extended"},
		{"the key is wrong too", plan.Options{ExtendTopicPolicy: true}, func(s *account.Snapshot) {
			set(closed)(s)
			home(s).Topics[theirTopic].Attributes.Value.KeyID = "alias/aws/sns"
		}, beside, "", ""},

		{"given topic, without the flag", plan.Options{TopicARN: theirTopic}, set(closed), nil, "checking topic", ""},
		{"given topic, with it", plan.Options{TopicARN: theirTopic, ExtendTopicPolicy: true}, func(s *account.Snapshot) {
			set(closed)(s)
			dropAlarm(s, "security-group")
		}, []string{extend, "create alarm " + sgAlarm + " on Security/security-group-events"}, "", ""},
		{"given topic, a Deny decides", plan.Options{TopicARN: theirTopic, ExtendTopicPolicy: true}, func(s *account.Snapshot) {
			set(deny)(s)
			dropAlarm(s, "security-group")
		}, nil, "its policy cannot be extended", ""},
		{"given topic of another account", plan.Options{TopicARN: elsewhere, ExtendTopicPolicy: true}, func(s *account.Snapshot) {
			dropAlarm(s, "security-group")
			other := *home(s).Topics[theirTopic]
			attrs := *other.Attributes.Value
			attrs.Policy, attrs.Owner = closed, "999999999999"
			other.ARN, other.Attributes = elsewhere, &account.Read[*account.TopicAttributes]{Value: &attrs}
			home(s).Topics[elsewhere] = &other
		}, nil, "belongs to account 999999999999", ""},

		{"our topic, edited", plan.Options{}, func(s *account.Snapshot) {
			home(s).Topics[ourTopic].Attributes.Value.Policy = closed
			dropAlarm(s, "security-group")
		}, nil, "", "its policy was edited"},
		{"our topic, edited, extended", plan.Options{ExtendTopicPolicy: true}, func(s *account.Snapshot) {
			home(s).Topics[ourTopic].Attributes.Value.Policy = closed
			dropAlarm(s, "security-group")
		}, append([]string{"set the policy of topic monitorctl-alerts"}, beside...), "", ""},
		{"our topic, edited, restored", plan.Options{Replace: []string{"monitorctl-alerts"}}, func(s *account.Snapshot) {
			home(s).Topics[ourTopic].Attributes.Value.Policy = closed
			dropAlarm(s, "security-group")
		}, append([]string{"set the policy of topic monitorctl-alerts"}, beside...), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			ours(&snap)
			tt.change(&snap)
			o := tt.o
			o.Audit = audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}
			p, err := plan.For(context.Background(), snap, catalogOf(t, "security-group-changes"), o)
			if tt.err != "" {
				var bad *plan.TopicError
				if !errors.As(err, &bad) || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q", err, tt.err)
				}
				if bad.Extendable != (tt.name == "given topic, without the flag") {
					t.Errorf("extendable: %t", bad.Extendable)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := lines(p.Actions); !slices.Equal(got, tt.want) {
				t.Errorf("actions:\n%s\nwant:\n%s\nmanual: %v", strings.Join(got, "\n"), strings.Join(tt.want, "\n"), p.Manual)
			}
			notes := ""
			for _, m := range p.Manual {
				notes += m.Text + "\n"
			}
			if !strings.Contains(notes, tt.manual) {
				t.Errorf("manual %q, want %q", notes, tt.manual)
			}
			for _, a := range p.Actions {
				if a, ok := a.(action.SetTopicPolicy); ok && !keeps(a) && len(o.Replace) == 0 {
					t.Errorf("the old statements are not kept:\n%s\n%s", a.Before, a.Policy)
				}
			}
			again(t, snap, p, tt.o)
		})
	}
}

// keeps reports whether a new policy begins with all statements of the old one.
func keeps(a action.SetTopicPolicy) bool {
	var before, after struct {
		ID        string
		Statement []json.RawMessage
	}
	if json.Unmarshal([]byte(a.Before), &before) != nil || json.Unmarshal([]byte(a.Policy), &after) != nil || before.ID != after.ID || len(after.Statement) != len(before.Statement)+1 {
		return false
	}
	return slices.EqualFunc(before.Statement, after.Statement[:len(before.Statement)], func(x, y json.RawMessage) bool { return string(x) == string(y) })
}

// TestKey holds --kms-key from both sides.
func TestKey(t *testing.T) {
	const key = "arn:aws:kms:eu-central-1:111122223333:key/k"
	root := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`
	good := strings.Replace(root, `"Statement":[`, `"Statement":[`+policy.KeyStatement("111122223333", testRegion, "aws", policy.Alarms)+",", 1)
	deny := strings.Replace(good, `"Statement":[`, `"Statement":[{"Effect":"Deny","Principal":"*","Action":"kms:Decrypt","Resource":"*"},`, 1)
	with := func(state, doc string) *account.Key {
		return &account.Key{
			Metadata: &account.Read[*account.KeyMetadata]{Value: &account.KeyMetadata{ARN: key, Manager: "CUSTOMER", State: state}},
			Policy:   &account.Read[string]{Value: doc},
		}
	}
	tests := []struct {
		name, arn string
		key       *account.Key
		topic     string // key of our topic, if that is there already; "-" if it is not
		want      string // error; "" for none
		statement bool
	}{
		{"usable", key, with("Enabled", good), "-", "", false},
		{"the topic has it already", key, with("Enabled", good), key, "", false},
		{"the topic has none", key, with("Enabled", good), "", "monitorctl's topic exists with no key", false},
		{"a root statement does not cover services", key, with("Enabled", root), "-", "the policy of its key", true},
		{"denied", key, with("Enabled", deny), "-", "denies", true},
		{"disabled", key, &account.Key{Metadata: with("Disabled", "").Metadata}, "-", "its key is Disabled", false},
		{"gone", key, &account.Key{Metadata: &account.Read[*account.KeyMetadata]{}}, "-", "its key does not exist", false},
		{"unreadable", key, &account.Key{Metadata: &account.Read[*account.KeyMetadata]{Failure: &account.Failure{Operation: "kms:DescribeKey", Code: "AccessDenied"}}}, "-", "could not be checked", false},
		{"not read", key, nil, "-", "could not be checked", false},
		{"another region", strings.Replace(key, "eu-central-1", "eu-west-1", 1), nil, "-", "only keys in its own region", false},
		{"another partition", strings.Replace(key, "arn:aws:", "arn:aws-cn:", 1), nil, "-", "partition aws-cn", false},
		{"no key", "arn:aws:sns:eu-central-1:111122223333:k", nil, "-", "not the ARN of a KMS key", false},
		{"an id", "1234", nil, "-", "not the ARN of a KMS key", false},
		{"AWS's own", "arn:aws:kms:eu-central-1:111122223333:alias/aws/sns", nil, "-", "alarms cannot use", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			if tt.topic != "-" {
				ours(&snap)
				home(&snap).Topics[ourTopic].Attributes.Value.KeyID = tt.topic
			}
			dropFilter(&snap, "security-group")
			home(&snap).Keys = map[string]*account.Key{}
			if tt.key != nil {
				home(&snap).Keys[tt.arn] = tt.key
			}
			o := plan.Options{KeyARN: tt.arn, Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}}
			p, err := plan.For(context.Background(), snap, catalogOf(t, "security-group-changes"), o)
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("error %v, want %q", err, tt.want)
				}
				var bad *plan.KeyError
				if errors.As(err, &bad) && (bad.Statement != "") != tt.statement {
					t.Errorf("statement %q, want one: %t", bad.Statement, tt.statement)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if topic, ok := p.Actions[0].(action.CreateTopic); ok && topic.KeyID != tt.arn {
				t.Errorf("topic %+v", topic)
			}
			again(t, snap, p, plan.Options{KeyARN: tt.arn})
		})
	}
}

// TestFIFO holds that FIFO topics are refused with the reason.
func TestFIFO(t *testing.T) {
	snap := baseline(t)
	dropFilter(&snap, "security-group")
	o := plan.Options{TopicARN: theirTopic, Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}}
	home(&snap).Topics[theirTopic].Attributes.Value.FIFO = true
	if _, err := plan.For(context.Background(), snap, catalogOf(t, "security-group-changes"), o); err == nil || !strings.Contains(err.Error(), "FIFO") {
		t.Errorf("error %v, want one about FIFO", err)
	}
	if err := plan.CheckNames(plan.Options{TopicName: "alerts.fifo"}); err == nil || !strings.Contains(err.Error(), "FIFO") {
		t.Errorf("error %v, want one about FIFO", err)
	}
}

// TestCost counts new alarms, and the metrics that filters add.
func TestCost(t *testing.T) {
	snap := baseline(t)
	ours(&snap)
	dropFilter(&snap, "security-group")
	p := planFor(t, snap, catalogOf(t, "security-group-changes"), plan.Options{Complete: true})
	if c := change.CostOf(p.Actions, testAccount); c.Alarms != 1 || len(c.Metrics) != 1 || c.USD != 0.10 {
		t.Errorf("%v: %+v, want one alarm and, supplements included, one metric", lines(p.Actions), c)
	}
	if c := change.CostOf(p.Actions, "999999999999"); c.Alarms+len(c.Metrics) != 0 || c.USD != 0 {
		t.Errorf("another account: %+v", c)
	}
}
