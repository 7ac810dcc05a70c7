package planfile_test

import (
	"bytes"
	"context"
	"errors"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/planfile"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
	"github.com/monitorctl/monitorctl/patterns"
)

const (
	region   = "eu-central-1"
	ourTopic = "arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"
)

func saved() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// account1 is the account of the judged situations without one of its filters.
func account1(t *testing.T) account.Snapshot {
	t.Helper()
	f, err := os.Open("../../testdata/judging/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	snap, err := account.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	r := home(&snap)
	r.Topics[ourTopic] = &account.Topic{ARN: ourTopic, Attributes: &account.Read[*account.TopicAttributes]{}}
	r.MetricFilters.Value = slices.DeleteFunc(r.MetricFilters.Value, func(f account.MetricFilter) bool { return f.Name == "security-group" })
	return snap
}

func home(s *account.Snapshot) *account.Region { return s.Accounts[0].Region(region) }

func options(snap account.Snapshot) plan.Options {
	o := plan.Options{
		TopicName: desired.DefaultTopicName, NamePrefix: "x-", Tags: map[string]string{"team": "a&b <c>"},
		Subscribers: []plan.Subscriber{{Protocol: "email", Endpoint: "a@example.com"}, {Protocol: "https", Endpoint: "https://example.com/hook?a=1&b=2"}},
	}
	o.Audit.Benchmark, o.Audit.Now = catalog.DefaultBenchmark, snap.TakenAt
	return o
}

// fileOf plans the repair of an account and saves the plan.
func fileOf(t *testing.T, snap account.Snapshot, o plan.Options) planfile.File[plan.Wishes] {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	controls, err := cat.Select([]string{"security-group-changes"}, "core", catalog.DefaultBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.For(context.Background(), snap, controls, o)
	if err != nil {
		t.Fatal(err)
	}
	f, err := plan.Save(snap, p, o, planfile.MadeBy{Version: "v1", Config: &planfile.Config{Path: "monitorctl.yaml", SHA256: "abc"}}, saved())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func text(t *testing.T, f planfile.File[plan.Wishes]) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A file that was written and read is the same file, with the same wishes.
func TestRoundTrip(t *testing.T) {
	snap := account1(t)
	f := fileOf(t, snap, options(snap))
	if len(f.Actions) != 5 || len(f.Basis) == 0 {
		t.Fatalf("%d actions, want topic, two subscribers, filter and alarm; %d facts", len(f.Actions), len(f.Basis))
	}
	first := text(t, f)
	back, err := planfile.Decode[plan.Wishes](strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if again := text(t, back); again != first {
		t.Errorf("read and written again (-first +again):\n%s", cmp.Diff(first, again))
	}
	want := options(snap)
	want.Audit.Now = time.Time{}
	if d := cmp.Diff(want, back.Wishes.Options()); d != "" {
		t.Errorf("wishes (-want +got):\n%s", d)
	}
	if diffs := planfile.Compare(back, f, action.Facts(snap)); len(diffs) != 0 {
		t.Errorf("differences in an account that did not change: %v", diffs)
	}
}

// TestSchema holds the file to its published schema, which is closed.
func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/schema/saved-plan-v1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	snap := account1(t)
	plain := options(snap)
	plain.Tags, plain.Subscribers = nil, nil
	for _, o := range []plan.Options{options(snap), plain} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text(t, fileOf(t, snap, o))))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Error(err)
		}
	}
}

// What was edited, damaged or made for something else is refused with its place.
func TestDecodeRefuses(t *testing.T) {
	snap := account1(t)
	f := fileOf(t, snap, options(snap))
	whole := text(t, f)
	resigned := func(change func(*planfile.File[plan.Wishes])) string {
		g := f
		g.Wishes.Subscribers = slices.Clone(f.Wishes.Subscribers)
		change(&g)
		g.Resign()
		return text(t, g)
	}
	tests := []struct{ name, in, want string }{
		{"an action was edited", strings.Replace(whole, "CreateSecurityGroup", "CreateSecurityGroupX", 1), "line 3, column 3: its digest does not match its contents"},
		{"an action was removed", strings.Replace(whole, `"kind": "subscribe"`, `"kind": "none"`, 1), "its digest does not match"},
		{"the digest is missing", strings.Replace(whole, f.Digest, "", 1), "its digest does not match"},
		{"unknown field", strings.Replace(whole, `"savedAt"`, `"savedBy": "x", "savedAt"`, 1), `does not know the field "savedBy"`},
		{"cut off", whole[:len(whole)/2], "it is cut off"},
		{"newer", strings.Replace(whole, "saved-plan/v1", "saved-plan/v2", 1), "newer than this version"},
		{"plan for reading", `{"schema":"` + report.PlanSchema + `"}`, "a plan for reading"},
		{"snapshot", `{"schema":"monitorctl/snapshot/v1"}`, "it is not a saved plan"},
		{"nothing", "", "it is empty"},
		{"digest made anew, unknown benchmark", resigned(func(g *planfile.File[plan.Wishes]) { g.Wishes.Benchmark = "cis-0.0.0" }), "cis-0.0.0"},
		{"digest made anew, a tag that is reserved", resigned(func(g *planfile.File[plan.Wishes]) { g.Wishes.Tags = map[string]string{desired.ManagedTag: "false"} }), "is reserved"},
		{"digest made anew, a hostile prefix", resigned(func(g *planfile.File[plan.Wishes]) { g.Wishes.NamePrefix = "$(id)\n" }), "name prefix"},
		{"digest made anew, a subscriber that no flag takes", resigned(func(g *planfile.File[plan.Wishes]) { g.Wishes.Subscribers[0].Protocol = "application" }), "--subscribe does not support subscribers"},
		{"digest made anew, no control", resigned(func(g *planfile.File[plan.Wishes]) { g.Wishes.Controls = nil }), "names no control"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := planfile.Decode[plan.Wishes](strings.NewReader(tt.in))
			var bad *strictjson.Error
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// What the account's owner changes between plan and apply is found and named;
// what changes by itself is not.
func TestCompare(t *testing.T) {
	tests := []struct {
		name   string
		change func(*account.Snapshot)
		want   []string // parts of the differences; nil for none
	}{
		{"an alarm's state", func(s *account.Snapshot) {
			at := s.TakenAt
			home(s).Alarms.Value.Metric[0].UpdatedAt = &at
		}, nil},
		{"an unrelated filter", func(s *account.Snapshot) {
			home(s).MetricFilters.Value = append(home(s).MetricFilters.Value, account.MetricFilter{LogGroup: "z", Name: "z", Metric: "m", Namespace: "n", Value: "1"})
		}, nil},
		{"the trail was stopped", func(s *account.Snapshot) { s.Accounts[0].Trails[0].Status.Value.Logging = false },
			[]string{"logging: was true, is false", "put-metric-filter"}},
		{"the selectors were changed", func(s *account.Snapshot) {
			s.Accounts[0].Trails[0].Selectors.Value.Basic[0].ExcludeSources = []string{"kms.amazonaws.com"}
		}, []string{"event selectors: was"}},
		{"our topic's name was taken", func(s *account.Snapshot) {
			home(s).Topics[ourTopic] = &account.Topic{
				ARN: ourTopic, Attributes: &account.Read[*account.TopicAttributes]{Value: &account.TopicAttributes{Policy: "{}"}},
				Tags: &account.Read[map[string]string]{Value: map[string]string{desired.ManagedTag: "true"}},
			}
		}, []string{ourTopic + ", topic: was none", "create-topic monitorctl-alerts"}},
		{"another filter of that name", func(s *account.Snapshot) {
			home(s).MetricFilters.Value = append(home(s).MetricFilters.Value, account.MetricFilter{LogGroup: "/aws/cloudtrail/org", Name: "x-SecurityGroupConfigChanges"})
		}, []string{"metric filter /aws/cloudtrail/org:x-SecurityGroupConfigChanges, settings: was none, is {"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			was := account1(t)
			file := fileOf(t, was, options(was))
			is := account1(t)
			tt.change(&is)
			var got []string
			for _, d := range planfile.Compare(file, fileOf(t, is, options(is)), action.Facts(is)) {
				got = append(got, d.String())
			}
			all := strings.Join(got, "\n")
			if len(tt.want) == 0 && len(got) > 0 {
				t.Errorf("differences:\n%s", all)
			}
			for _, want := range tt.want {
				if !strings.Contains(all, want) {
					t.Errorf("no difference with %q among:\n%s", want, all)
				}
			}
		})
	}
}

// Each field of an action counts, whoever made the digest.
func TestCompareActions(t *testing.T) {
	snap := account1(t)
	now := fileOf(t, snap, options(snap))
	for _, text := range []string{"300", "x-SecurityGroupEventCount", "notBreaching", `"a\u0026b`, "CreateSecurityGroup", "hook?a=1", "sns:Publish"} {
		forged := fileOf(t, snap, options(snap))
		changed := false
		for i := range forged.Actions {
			after := bytes.Replace(forged.Actions[i].After, []byte(strings.ReplaceAll(text, `\u0026`, "&")), []byte("7"), 1)
			changed = changed || !bytes.Equal(after, forged.Actions[i].After)
			forged.Actions[i].After = after
		}
		if !changed {
			t.Fatalf("no action holds %s", text)
		}
		if len(planfile.Compare(forged, now, action.Facts(snap))) == 0 {
			t.Errorf("a plan in which %s was edited is taken for the same", text)
		}
	}
	shuffled := fileOf(t, snap, options(snap))
	slices.Reverse(shuffled.Actions)
	if len(planfile.Compare(shuffled, now, action.Facts(snap))) == 0 {
		t.Error("a plan in another order is taken for the same")
	}
}

func TestOneAccountOnly(t *testing.T) {
	snap := account1(t)
	snap.Accounts = append(snap.Accounts, snap.Accounts[0])
	if _, err := plan.Save(snap, change.Plan{}, plan.Options{}, planfile.MadeBy{}, saved()); err == nil {
		t.Error("a plan for two accounts was saved")
	}
}
