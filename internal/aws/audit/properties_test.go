package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/patterns"
)

// rejudge judges a changed copy of a case's accounts.
func (v *verdict) rejudge(t *testing.T, snap account.Snapshot, strict bool) finding.Finding {
	t.Helper()
	o := audit.Options{Benchmark: v.benchmark, Now: snap.TakenAt, Central: v.central, Strict: strict, Accepts: v.accepts, Declared: v.declared}
	r, err := audit.Run(context.Background(), snap, []catalog.Control{v.control}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r.Findings[0]
}

// copyOf returns a deep copy of a snapshot.
func copyOf(t *testing.T, snap account.Snapshot) account.Snapshot {
	t.Helper()
	var b bytes.Buffer
	if err := account.Encode(&b, snap); err != nil {
		t.Fatal(err)
	}
	out, err := account.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// eachCase runs a test for the case of every file.
func eachCase(t *testing.T, test func(t *testing.T, c judgingCase, v verdict)) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range caseFiles(t) {
		t.Run(caseName(file), func(t *testing.T) { test(t, readCase(t, file), judgedFile(t, cat, file)) })
	}
}

// TestOrderNeverMatters shuffles every list of an account in which order means
// nothing, statements of policies included, and demands the same verdict.
func TestOrderNeverMatters(t *testing.T) {
	eachCase(t, func(t *testing.T, c judgingCase, v verdict) {
		snap := copyOf(t, v.snap)
		r := random{rand.New(rand.NewPCG(7, uint64(len(c.Case))))}
		for i := range snap.Accounts {
			r.shuffleAccount(t, &snap.Accounts[i])
		}
		got := v.rejudge(t, snap, c.Strict)
		if diff := cmp.Diff(orderless(v.finding), orderless(got)); diff != "" {
			t.Errorf("shuffled accounts are judged otherwise (-before +after):\n%s", diff)
		}
	})
}

// orderless is what a finding says, without the order in which the chain is
// drawn and equal reasons stand.
func orderless(f finding.Finding) any {
	reasons := slices.Clone(f.Reasons)
	for i := range reasons {
		reasons[i].Message = statementNumber.ReplaceAllString(reasons[i].Message, "statement N")
	}
	slices.SortFunc(reasons, func(a, b finding.Reason) int { return strings.Compare(a.Resource+a.Message, b.Resource+b.Message) })
	return []any{f.Status, reasons, f.Missed, f.Narrowed, f.Stages, f.Literal, f.BlindSpots}
}

// statementNumber is how a reason names a statement of a policy: by its place.
var statementNumber = regexp.MustCompile(`statement \d+`)

func shuffle[T any](r *random, list []T) {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

func (r *random) shuffleAccount(t *testing.T, a *account.Account) {
	shuffle(r, a.Trails)
	for i := range a.Trails {
		if s := a.Trails[i].Selectors; s != nil {
			shuffle(r, s.Value.Basic)
			shuffle(r, s.Value.Advanced)
			for _, e := range s.Value.Advanced {
				shuffle(r, e.Fields)
			}
		}
	}
	for i := range a.Regions {
		r.shuffleRegion(t, &a.Regions[i])
	}
}

func (r *random) shuffleRegion(t *testing.T, region *account.Region) {
	if region.MetricFilters != nil {
		shuffle(r, region.MetricFilters.Value)
	}
	if region.Alarms != nil {
		shuffle(r, region.Alarms.Value.Metric)
		shuffle(r, region.Alarms.Value.Composite)
		shuffle(r, region.Alarms.Value.Log)
		for _, a := range region.Alarms.Value.Metric {
			shuffle(r, a.AlarmActions)
			shuffle(r, a.Queries)
		}
	}
	if region.MuteRules != nil {
		shuffle(r, region.MuteRules.Value)
	}
	if region.ActionHistory != nil {
		shuffle(r, region.ActionHistory.Value.Actions)
	}
	for _, topic := range region.Topics {
		if topic.Subscriptions != nil {
			shuffle(r, topic.Subscriptions.Value)
		}
		if a, _ := topic.Attributes.Got(); a != nil {
			a.Policy = r.shuffleStatements(t, a.Policy)
		}
	}
}

// shuffleStatements shuffles the statements of a policy that is JSON.
func (r *random) shuffleStatements(t *testing.T, text string) string {
	t.Helper()
	var doc map[string]any
	if json.Unmarshal([]byte(text), &doc) != nil {
		return text
	}
	if list, ok := doc["Statement"].([]any); ok {
		shuffle(r, list)
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// renames are new names for what the cases name. None is part of another.
var renames = strings.NewReplacer(
	"/aws/cloudtrail/org", "/logs/of/everything", "trail/org", "trail/orb", `"name": "org"`, `"name": "orb"`,
	"alarm:security-group", "alarm:a-quite-other", `"name": "security-group"`, `"name": "a-quite-other"`, `"alarm": "security-group"`, `"alarm": "a-quite-other"`,
	`\"security-group\"`, `\"a-quite-other\"`, `"security-group"`, `"a-quite-other"`,
	":111122223333:security", ":111122223333:pager", ":444455556666:security", ":444455556666:pager", "security-group-events", "count_of_things",
	`"namespace": "Security"`, `"namespace": "Zoo/Keeping"`, `FROM \"Security\"`, `FROM \"Zoo/Keeping\"`,
	"any-change", "zz top", "maintenance", "carnival",
)

// TestNamesNeverMatter renames trail, log group, filters, metrics, alarms and
// topics and demands the same verdict but for the names.
func TestNamesNeverMatter(t *testing.T) {
	eachCase(t, func(t *testing.T, c judgingCase, v verdict) {
		if strings.HasSuffix(t.Name(), "/subfilter-body-prefix") {
			t.Skip("the subscription's filter policy is about the beginning of a name")
		}
		all := v.world()
		var b bytes.Buffer
		if err := account.Encode(&b, all); err != nil {
			t.Fatal(err)
		}
		snap, err := account.Decode(strings.NewReader(renames.Replace(b.String())))
		if err != nil {
			t.Fatal(err)
		}
		renamed := v
		renamed.central = snap.Accounts[len(v.snap.Accounts):]
		snap.Accounts = snap.Accounts[:len(v.snap.Accounts)]
		got := renamed.rejudge(t, snap, c.Strict)
		if diff := cmp.Diff(nameless(v.finding), nameless(got)); diff != "" {
			t.Errorf("renamed accounts are judged otherwise (-before +after):\n%s", diff)
		}
	})
}

// nameless is what a finding says without naming anything of the account.
func nameless(f finding.Finding) any {
	var reasons []string
	for _, r := range f.Reasons {
		if r.Code == audit.CodeOrphanAlarm {
			continue // a note on names
		}
		reasons = append(reasons, fmt.Sprintf("%s %s %s", r.Status, r.Code, r.Link))
	}
	slices.Sort(reasons)
	var narrowed []string
	for _, n := range f.Narrowed {
		narrowed = append(narrowed, n.By+" "+n.Text)
	}
	slices.Sort(narrowed)
	return []any{f.Status, reasons, f.Missed, narrowed, f.Stages, f.Literal, f.BlindSpots}
}

// worse orders statuses, best first.
var worse = []finding.Status{finding.NotApplicable, finding.Pass, finding.Waived, finding.Warn, finding.Unknown, finding.Fail}

// TestAnotherGoodChainNeverHarms adds a complete chain of its own, from a trail
// of all events to a confirmed subscriber, and demands that no verdict gets
// worse. Only the warning that events are delivered twice would be its own, so
// the chain has a log group of its own.
func TestAnotherGoodChainNeverHarms(t *testing.T) {
	base := (&judgingCase{}).snapshot(t)
	eachCase(t, func(t *testing.T, c judgingCase, v verdict) {
		if v.control.Type == catalog.State {
			t.Skip("no chain has to do with it")
		}
		if v.finding.Status == finding.Waived {
			t.Skip("what is wrong is set aside: no verdict could be worse")
		}
		snap := copyOf(t, v.snap)
		addChain(t, &snap.Accounts[0], &base.Accounts[0], v)
		got := v.rejudge(t, snap, c.Strict)
		if slices.Index(worse, got.Status) > slices.Index(worse, v.finding.Status) {
			t.Errorf("the verdict went from %s to %s: %+v", v.finding.Status, got.Status, got.Reasons)
		}
		if v.finding.Status == finding.Fail && got.Status == finding.Fail {
			t.Errorf("a complete chain does not help: %+v", got.Reasons)
		}
	})
}

// addChain adds a chain that covers the control, under names of its own, at a
// region that holds no other part of a chain.
func addChain(t *testing.T, a, good *account.Account, v verdict) {
	t.Helper()
	const region, group = "sa-east-1", "/whole"
	arn := func(service, rest string) string {
		return fmt.Sprintf("arn:%s:%s:%s:%s:%s", a.Partition, service, region, a.ID, rest)
	}
	like := good.Region("eu-central-1")
	trail := good.Trails[0]
	trail.ARN, trail.Name, trail.HomeRegion = arn("cloudtrail", "trail/whole"), "whole", region
	trail.LogGroupARN = arn("logs", "log-group:"+group+":*")
	a.Trails = append(a.Trails, trail)
	alarm := like.Alarms.Value.Metric[0]
	alarm.ARN, alarm.Name, alarm.Namespace, alarm.Metric = arn("cloudwatch", "alarm:whole"), "whole", "Whole", "events"
	alarm.AlarmActions = []string{arn("sns", "whole")}
	var topic account.Topic
	for _, one := range like.Topics {
		topic = *one
	}
	topic.ARN = alarm.AlarmActions[0]
	attributes := *topic.Attributes.Value
	attributes.Policy = strings.ReplaceAll(attributes.Policy, "arn:aws:sns:eu-central-1:111122223333:security", topic.ARN)
	topic.Attributes = &account.Read[*account.TopicAttributes]{Value: &attributes}
	var filters []account.MetricFilter
	for i, text := range covering(t, v) {
		filters = append(filters, account.MetricFilter{
			LogGroup: group, Name: fmt.Sprintf("whole-%d", i), Pattern: text, Namespace: alarm.Namespace, Metric: alarm.Metric, Value: "1", Default: new(0.0),
		})
	}
	a.Regions = append(a.Regions, account.Region{
		Name: region, Trails: &account.Read[[]string]{Value: []string{trail.ARN}},
		LogGroups:     map[string]*account.Read[*account.LogGroup]{group: {Value: &account.LogGroup{Name: group, ARN: arn("logs", "log-group:"+group), Class: "STANDARD"}}},
		MetricFilters: &account.Read[[]account.MetricFilter]{Value: filters},
		Alarms:        &account.Read[account.Alarms]{Value: account.Alarms{Metric: []account.MetricAlarm{alarm}}},
		Topics:        map[string]*account.Topic{topic.ARN: &topic},
	})
	slices.SortFunc(a.Regions, func(x, y account.Region) int { return strings.Compare(x.Name, y.Name) })
}

// covering returns patterns that together match all that a case's control
// requires.
func covering(t *testing.T, v verdict) []string {
	t.Helper()
	if v.control.Type == catalog.Condition {
		return []string{v.control.Condition}
	}
	var list []string
	for _, e := range v.control.Required(v.benchmark) {
		text := fmt.Sprintf("{ $.eventSource = %q && $.eventName = %q }", e.Source, e.Name)
		if _, err := pattern.Parse(text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	return list
}
