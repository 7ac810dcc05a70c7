package replay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/eventpattern/translate"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/scan"
	"github.com/monitorctl/monitorctl/patterns"
)

const topicForRules = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["events.amazonaws.com","cloudwatch.amazonaws.com"]},"Action":"sns:Publish","Resource":"arn:aws:sns:eu-central-1:111122223333:security"}]}`

const topicARN = "arn:aws:sns:eu-central-1:111122223333:security"

// aRule is a rule of eu-central-1 about security groups.
func aRule(name, detail, state string, targets ...account.Target) account.Rule {
	return account.Rule{Name: name, ARN: "arn:aws:events:eu-central-1:111122223333:rule/" + name, State: state, Targets: &account.Read[[]account.Target]{Value: targets},
		Pattern: `{"source":["aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":` + detail + `}`}
}

var (
	toTopic   = account.Target{ID: "topic", ARN: topicARN, Message: account.Message{Form: account.WholeEvent}}
	allGroups = `{"eventName":["AuthorizeSecurityGroupIngress","AuthorizeSecurityGroupEgress","RevokeSecurityGroupIngress","RevokeSecurityGroupEgress","CreateSecurityGroup","DeleteSecurityGroup"]}`
)

// withRules is the baseline with rules in eu-central-1, and without its filters unless
// they are kept.
func withRules(t *testing.T, keep bool, rules ...account.Rule) account.Snapshot {
	t.Helper()
	snap := baseline(t)
	r := snap.Accounts[0].Region("eu-central-1")
	if !keep {
		r.MetricFilters.Value = nil
	}
	r.Rules = &account.Read[[]account.Rule]{Value: rules}
	r.Topics[topicARN].Attributes.Value.Policy = topicForRules
	return snap
}

// askBy asks about a control by a transport.
func askBy(t *testing.T, snap account.Snapshot, transport string, names ...string) *replay.Question {
	t.Helper()
	q := ask(t, account.Snapshot{}, names...)
	*q = replay.Question{From: q.From, To: q.To, Evidence: q.Evidence}
	o := options(snap)
	o.Audit.Transport = transport
	if err := q.Ask(t.Context(), snap, controls(t, names...), o); err != nil {
		t.Fatal(err)
	}
	return q
}

// sent writes what the rules of an answer did on one line.
func sent(a replay.Answer) string {
	list := []string{fmt.Sprintf("%d events, %d alarms, %d messages", a.Events, a.Alarms(), a.Messages())}
	for _, m := range a.Sent {
		text := fmt.Sprintf("%s %d to %s", m.Rule.Name, m.Sent, strings.Join(m.Rule.Alerts, " "))
		if m.Rule.Broken != "" {
			text += "(" + m.Rule.Broken + ")"
		}
		list = append(list, text)
	}
	return strings.Join(append(list, "alerted: "+strings.Join(a.Alerted, " ")), "; ")
}

// TestRules replays rules of an account over records, as their state, region and pattern
// let them take them.
func TestRules(t *testing.T) {
	here := func(at, name string) event { return event{at: at, name: name, region: "eu-central-1"} }
	far := event{at: "09:05:00", name: "CreateSecurityGroup", region: "sa-east-1"}
	events := []event{here("09:00:10", "CreateSecurityGroup"), here("09:00:20", "DeleteSecurityGroup"), here("09:00:30", "CreateVpc"), far, here("09:00:10", "CreateSecurityGroup")}
	for _, tt := range []struct {
		name, transport string
		keep            bool
		rules           []account.Rule
		want            string
	}{
		{"one rule", audit.RuleTransport, false, []account.Rule{aRule("sg", allGroups, account.RuleEnabled, toTopic)},
			"2 events, 0 alarms, 2 messages; sg 2 to s***@example.com; alerted: s***@example.com"},
		{"beside a filter, rules alone", audit.RuleTransport, true, []account.Rule{aRule("sg", allGroups, account.RuleEnabled, toTopic)},
			"2 events, 0 alarms, 2 messages; sg 2 to s***@example.com; alerted: s***@example.com"},
		{"both in one pass", audit.AnyTransport, true, []account.Rule{aRule("sg", allGroups, account.RuleEnabled, toTopic)},
			"3 events, 1 alarms, 2 messages; sg 2 to s***@example.com; alerted: s***@example.com"},
		{"filters alone", audit.MetricTransport, true, []account.Rule{aRule("sg", allGroups, account.RuleEnabled, toTopic)},
			"3 events, 1 alarms, 0 messages; alerted: s***@example.com"},
		{"off", audit.RuleTransport, false, []account.Rule{aRule("sg", allGroups, account.RuleDisabled, toTopic)},
			"2 events, 0 alarms, 0 messages; sg 2 to (rule sg is disabled); alerted: "},
		{"no target", audit.RuleTransport, false, []account.Rule{aRule("sg", allGroups, account.RuleEnabled)},
			"2 events, 0 alarms, 0 messages; sg 2 to (rule sg has no target); alerted: "},
		{"a rule about more than the control", audit.RuleTransport, false, []account.Rule{aRule("sg", `{"eventName":[{"prefix":"Create"}],"userIdentity":{"type":["IAMUser"]}}`, account.RuleEnabled, toTopic)},
			"3 events, 0 alarms, 0 messages; security-group-changes 3 to (account 111122223333 has no rule for the control); alerted: "},
		{"two rules, each for a part", audit.RuleTransport, false, []account.Rule{
			aRule("create", `{"eventName":["CreateSecurityGroup"]}`, account.RuleEnabled, toTopic), aRule("delete", `{"eventName":["DeleteSecurityGroup"]}`, account.RuleEnabled, toTopic)},
			"2 events, 0 alarms, 2 messages; create 1 to s***@example.com; delete 1 to s***@example.com; alerted: s***@example.com"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := askBy(t, withRules(t, tt.keep, tt.rules...), tt.transport, "security-group-changes")
			r, _ := run(t, q, 2, file("a", events...))
			if got := sent(r.Controls[0]); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if r.Copies != 1 {
				t.Errorf("%d copies, want 1", r.Copies)
			}
		})
	}
}

// TestRuleReads: read events come to a rule in state ENABLED only if AWS's pages say so.
func TestRuleReads(t *testing.T) {
	record := func(name string, readOnly, management bool) string {
		text := event{at: "09:00:10", name: name, id: name}.record()
		text = strings.Replace(text, `"readOnly":false`, fmt.Sprintf(`"readOnly":%t`, readOnly), 1)
		return strings.Replace(text, `"managementEvent":true`, fmt.Sprintf(`"managementEvent":%t,"eventCategory":"%s"`, management, map[bool]string{true: "Management", false: "Data"}[management]), 1)
	}
	content := `{"Records":[` + strings.Join([]string{record("DescribeInstances", true, true), record("AssumeRole", true, true), record("RunInstances", false, true), record("GetObject", true, false)}, ",") + `]}`
	for _, tt := range []struct {
		reads bool
		want  string
	}{{true, "4 match, 0 in doubt"}, {false, "2 match, 1 in doubt"}} {
		p, err := eventpattern.Parse(`{"detail-type":["AWS API Call via CloudTrail"]}`)
		if err != nil {
			t.Fatal(err)
		}
		q := &replay.Question{Evidence: 9}
		q.AddRule("all", p)
		q.Rules[0].Steps[0].Reads = tt.reads
		r, _ := run(t, q, 1, object("x", content))
		if got := fmt.Sprintf("%d match, %d in doubt", r.Controls[0].Events, r.Controls[0].Doubt); got != tt.want {
			t.Errorf("reads %t: %s, want %s", tt.reads, got, tt.want)
		}
	}
}

// TestRulesMatch: over the sample logs, every control's event pattern takes exactly the
// records that EventBridge's language says it does, whatever is looked at first.
func TestRulesMatch(t *testing.T) {
	c, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{
		`{"detail":{"requestParameters":{"groupId":[{"exists":true}]}}}`, `{"detail":{"errorCode":[{"exists":false}],"eventName":[{"anything-but":{"prefix":["Get","List","Describe"]}}]}}`,
		`{"$or":[{"source":["aws.iam"]},{"detail":{"userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":["false"]}}}}}]}`, `{"detail":{"sourceIPAddress":[{"cidr":"0.0.0.0/1"}]}}`,
		`{"detail":{"eventName":[{"wildcard":"*Group*"}],"eventVersion":[{"anything-but":"x"}]}}`, `{"account":["111122223333"]}`, `{"detail-type":["AWS Console Signin via CloudTrail"]}`,
	}
	for _, control := range catalog.Repairable(c.Controls) {
		p, err := pattern.Parse(control.Writes(catalog.DefaultBenchmark).Text)
		if err != nil {
			t.Fatal(err)
		}
		text, _, ok := translate.FromFilterPattern(p)
		if !ok {
			t.Fatalf("%s has no event pattern", control.ID)
		}
		texts = append(texts, text)
	}
	names, err := filepath.Glob("../../../testdata/cloudtrail/*.json*")
	if err != nil || len(names) < 10 {
		t.Fatal(len(names), err)
	}
	q := &replay.Question{}
	want := make([]int64, len(texts))
	doubt := make([]int64, len(texts))
	var list []*eventpattern.Pattern
	for i, text := range texts {
		p, err := eventpattern.Parse(text)
		if err != nil {
			t.Fatal(text, err)
		}
		list = append(list, p)
		q.AddRule(fmt.Sprint(i), p)
	}
	if len(q.Controls) != len(texts) {
		t.Fatal("a rule has no control")
	}
	var objects []logs.Object
	seen := map[string]bool{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, object(name, string(data)))
		reader := logs.NewReader(scan.CompileFields(nil, []scan.Field{{"eventID"}, {"awsRegion"}, {"recipientAccountId"}, {"eventTime"}}), logs.Options{})
		_, err = reader.Read(strings.NewReader(string(data)), func(m *logs.Message) error {
			id := string(slices.Concat(m.Fields[0], m.Fields[1], m.Fields[2]))
			if m.Fields[3] == nil || len(m.Fields[0]) > 0 && seen[id] {
				return nil
			}
			seen[id] = true
			for i, p := range list {
				switch p.MatchRecord(m.Text) {
				case eventpattern.Match:
					want[i]++
				case eventpattern.Undetermined:
					doubt[i]++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(name, err)
		}
	}
	r, _ := run(t, q, 2, objects...)
	matched := 0
	for i, a := range r.Controls {
		if a.Events != want[i] || a.Doubt < doubt[i] && want[i] > 0 && doubt[i] == 0 {
			t.Errorf("%s: %d events, %d in doubt; want %d, %d", texts[i], a.Events, a.Doubt, want[i], doubt[i])
		}
		if want[i] > 0 {
			matched++
		}
	}
	if matched < 15 {
		t.Errorf("only %d of %d patterns match anything", matched, len(texts))
	}
}
