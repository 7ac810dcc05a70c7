package audit_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

// A copyChange makes one copy of a stack set differ from the others in its home region.
type copyChange struct {
	name string
	make func(a *account.Account, r *account.Region, f *account.MetricFilter, m *account.MetricAlarm, t *account.Topic)

	// silent changes are about what a finding need not show.
	silent bool
}

// copyChanges are about one judged field, one time, one state, an id in a name, an ARN or a
// policy, or another masking of the subscriber.
var copyChanges = []copyChange{
	{name: "state", make: func(a *account.Account, _ *account.Region, _ *account.MetricFilter, m *account.MetricAlarm, _ *account.Topic) {
		at := a.ReadAt.AddDate(0, -1, 0)
		m.State, m.TransitionAt = "ALARM", &at
	}},
	{name: "a recent state", make: func(a *account.Account, _ *account.Region, _ *account.MetricFilter, m *account.MetricAlarm, _ *account.Topic) {
		at := a.ReadAt.Add(-time.Minute)
		m.State, m.TransitionAt = "ALARM", &at
	}},
	{name: "time", silent: true, make: func(_ *account.Account, _ *account.Region, _ *account.MetricFilter, m *account.MetricAlarm, _ *account.Topic) {
		at := m.TransitionAt.AddDate(0, 0, 3)
		m.TransitionAt = &at
	}},
	{name: "threshold", make: func(_ *account.Account, _ *account.Region, _ *account.MetricFilter, m *account.MetricAlarm, _ *account.Topic) {
		five := 5.0
		m.Threshold = &five
	}},
	{name: "missing data", silent: true, make: func(_ *account.Account, _ *account.Region, _ *account.MetricFilter, m *account.MetricAlarm, _ *account.Topic) {
		m.MissingData = "breaching"
	}},
	{name: "actions", make: func(_ *account.Account, _ *account.Region, _ *account.MetricFilter, m *account.MetricAlarm, _ *account.Topic) {
		m.ActionsEnabled = false
	}},
	{name: "narrower pattern", make: func(_ *account.Account, _ *account.Region, f *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		narrow(f, `$.userAgent != "terraform"`)
	}},
	{name: "own id in the pattern", silent: true, make: func(a *account.Account, _ *account.Region, f *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		narrow(f, `$.recipientAccountId = "`+a.ID+`"`)
	}},
	{name: "the first copy's id in the pattern", make: func(_ *account.Account, _ *account.Region, f *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		narrow(f, `$.recipientAccountId = "300000000000"`)
	}},
	{name: "the sample's id in the pattern", make: func(_ *account.Account, _ *account.Region, f *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		narrow(f, `$.userIdentity.accountId != "770077007700"`)
	}},
	{name: "a part of the id", silent: true, make: func(a *account.Account, _ *account.Region, f *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		narrow(f, `$.recipientAccountId = "*`+a.ID[9:]+`"`)
	}},
	{name: "an id in a name", make: func(a *account.Account, _ *account.Region, f *account.MetricFilter, m *account.MetricAlarm, _ *account.Topic) {
		f.Name, m.Name = a.ID+"-"+f.Name, a.ID+"-"+m.Name
		m.ARN = strings.Replace(m.ARN, ":alarm:", ":alarm:"+a.ID+"-", 1)
	}},
	{name: "region in the pattern", make: func(_ *account.Account, r *account.Region, f *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		narrow(f, `$.awsRegion = "`+r.Name+`"`)
	}},
	{name: "value", make: func(_ *account.Account, _ *account.Region, f *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		f.Value = "$.eventName"
	}},
	{name: "policy", make: func(_ *account.Account, _ *account.Region, _ *account.MetricFilter, _ *account.MetricAlarm, t *account.Topic) {
		t.Attributes.Value.Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"300000000000"}}}]}`
	}},
	{name: "masking", make: func(_ *account.Account, _ *account.Region, _ *account.MetricFilter, _ *account.MetricAlarm, t *account.Topic) {
		for i := range t.Subscriptions.Value {
			t.Subscriptions.Value[i].Endpoint, t.Subscriptions.Value[i].EndpointHash = "x***@example.org", "another salt"
		}
	}},
	{name: "subscriber", make: func(_ *account.Account, _ *account.Region, _ *account.MetricFilter, _ *account.MetricAlarm, t *account.Topic) {
		for i := range t.Subscriptions.Value {
			t.Subscriptions.Value[i].State = account.Pending
		}
	}},
	{name: "trail", make: func(a *account.Account, _ *account.Region, _ *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		a.Trails[0].Status.Value.Logging = false
	}},
	{name: "selectors", make: func(a *account.Account, _ *account.Region, _ *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		a.Trails[0].Selectors.Value.Basic[0].ReadWriteType = "ReadOnly"
	}},
	{name: "regions", make: func(a *account.Account, _ *account.Region, _ *account.MetricFilter, _ *account.MetricAlarm, _ *account.Topic) {
		a.Scope = a.Scope[:1]
	}},
}

// narrow adds a condition to a filter's pattern.
func narrow(f *account.MetricFilter, condition string) {
	body := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(f.Pattern), "{"), "}")
	f.Pattern = "{ (" + body + ") && (" + condition + ") }"
}

// alterCopy applies changes to a copy: to the filter and the alarm of one control.
func alterCopy(tb testing.TB, a *account.Account, control string, list ...copyChange) {
	tb.Helper()
	for k := range a.Regions {
		r := &a.Regions[k]
		filters, _ := r.MetricFilters.Got()
		alarms, _ := r.Alarms.Got()
		i := slices.IndexFunc(filters, func(f account.MetricFilter) bool { return f.Metric == control })
		if i < 0 {
			continue
		}
		n := slices.IndexFunc(alarms.Metric, func(m account.MetricAlarm) bool { return m.Metric == control })
		for _, c := range list {
			c.make(a, r, &filters[i], &alarms.Metric[n], r.Topics[alarms.Metric[n].AlarmActions[0]])
		}
		return
	}
	tb.Fatalf("account %s has no filter for %s", a.ID, control)
}

// TestMemoOfCopies judges the copies of a stack set in a shuffled order. Each
// differs in one thing, some in several. Findings and evidence are what each
// account has by itself, byte for byte. Every change but the silent ones shows.
func TestMemoOfCopies(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(20, 16))
	list, all := stackSet(t, len(copyChanges)+5, cat)
	var controls []catalog.Control
	for _, c := range all {
		if slices.Contains([]string{"nacl-changes", "console-auth-failures", "root-usage"}, c.ID) {
			controls = append(controls, c)
		}
	}
	changes := map[string]string{list[0].ID: "nothing"}
	for i := range list {
		list[i].Scope = seventeen[:2]
		keepFilters(&list[i], controls)
		control := controls[random.IntN(len(controls))].ID
		switch {
		case i == 0:
		case i <= len(copyChanges):
			alterCopy(t, &list[i], control, copyChanges[i-1])
			changes[list[i].ID] = copyChanges[i-1].name
		default:
			one, other := copyChanges[random.IntN(len(copyChanges))], copyChanges[random.IntN(len(copyChanges))]
			alterCopy(t, &list[i], control, one, other)
			changes[list[i].ID] = one.name + " and " + other.name
		}
	}
	together, alone := audit.NewWorld(list, nil), audit.NewWorld(list, nil)
	audit.Forget(alone)
	found := map[string][]finding.Finding{}
	for _, i := range random.Perm(len(list)) {
		a := &list[i]
		o := audit.Options{Benchmark: catalog.DefaultBenchmark, Now: list[0].ReadAt, Workers: 1}
		want, err := alone.Judge(context.Background(), a, controls, o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := together.Judge(context.Background(), a, controls, o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("account %s, changed in %s (-without +with): %s", a.ID, changes[a.ID], diff)
		}
		found[a.ID] = got.Findings
	}
	for i, c := range copyChanges {
		id := list[i+1].ID
		if same := cmp.Equal(found[list[0].ID], movedTo(found[id], list[0].ID)); same && !c.silent {
			t.Errorf("a copy changed in %s has the findings of one that is not", c.name)
		}
	}
	if kept, hits := audit.Kept(together); hits < 5*kept {
		t.Errorf("%d decisions kept, %d taken", kept, hits)
	}
}

// keepFilters leaves an account the filters and alarms of some controls.
func keepFilters(a *account.Account, controls []catalog.Control) {
	of := func(metric string) bool {
		return slices.ContainsFunc(controls, func(c catalog.Control) bool { return c.ID == metric })
	}
	for k := range a.Regions {
		if r := &a.Regions[k]; r.MetricFilters != nil && r.Alarms != nil {
			r.MetricFilters.Value = slices.DeleteFunc(r.MetricFilters.Value, func(f account.MetricFilter) bool { return !of(f.Metric) })
			r.Alarms.Value.Metric = slices.DeleteFunc(r.Alarms.Value.Metric, func(m account.MetricAlarm) bool { return !of(m.Metric) })
		}
	}
}

// movedTo are findings as another account would have them.
func movedTo(list []finding.Finding, id string) []finding.Finding {
	out := make([]finding.Finding, len(list))
	for i, f := range list {
		out[i] = f.At(id)
	}
	return out
}
