package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// seventeen are the regions that every account has.
var seventeen = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
	"eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// A size says how much more an account holds than the baseline.
type size struct{ filters, alarms, math, composites int }

// times multiplies a size.
func (s size) times(n int) size {
	return size{s.filters * n, s.alarms * n, s.math * n, s.composites * n}
}

// widened is the baseline in seventeen regions, with filters about other events and
// alarms on other metrics and on the baseline's own. A fresh account lacks the
// filters of the baseline.
func widened(tb testing.TB, s size, fresh bool) account.Snapshot {
	tb.Helper()
	f, err := os.Open(judgingDir + "/baseline.json")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	snap, err := account.Decode(f)
	if err != nil {
		tb.Fatal(err)
	}
	a := &snap.Accounts[0]
	a.Scope = seventeen
	home := &a.Regions[0]
	filter, alarm := home.MetricFilters.Value[0], home.Alarms.Value.Metric[0]
	if fresh {
		home.MetricFilters.Value = nil
	}
	for i := range s.filters {
		g := filter
		g.Name, g.Metric = fmt.Sprintf("other-%04d", i), fmt.Sprintf("other-metric-%04d", i)
		g.Pattern = fmt.Sprintf(`{ ($.eventSource = "lambda.amazonaws.com") && ($.eventName = "CreateFunction%d") }`, i)
		home.MetricFilters.Value = append(home.MetricFilters.Value, g)
	}
	name := func(kind string, i int) (string, string) {
		n := fmt.Sprintf("%s-%05d", kind, i)
		return n, "arn:aws:cloudwatch:" + home.Name + ":" + a.ID + ":alarm:" + n
	}
	list := &home.Alarms.Value
	for i := range s.alarms {
		m := alarm
		m.Name, m.ARN = name("many", i)
		m.Metric = fmt.Sprintf("other-metric-%04d", i%max(s.filters, 1))
		list.Metric = append(list.Metric, m)
	}
	for i := range s.math {
		m := alarm
		m.Name, m.ARN = name("math", i)
		m.Metric, m.Namespace, m.Statistic, m.Period = "", "", "", 0
		m.Queries = []account.MetricQuery{
			{ID: "m1", Namespace: alarm.Namespace, Metric: fmt.Sprintf("other-metric-%04d", i%max(s.filters, 1)), Statistic: "Sum", Period: 300},
			{ID: "e1", Expression: "FILL(m1,0)", ReturnData: true},
		}
		list.Metric = append(list.Metric, m)
	}
	for i := range s.composites {
		c := account.CompositeAlarm{ActionsEnabled: true, AlarmActions: alarm.AlarmActions, State: "OK"}
		c.Name, c.ARN = name("composite", i)
		c.Rule = fmt.Sprintf(`ALARM("%s") OR ALARM("many-%05d")`, alarm.Name, i%max(s.alarms, 1))
		list.Composite = append(list.Composite, c)
	}
	return snap
}

// large is the account that judging must bear.
var large = size{filters: 100, alarms: 4800, math: 500, composites: 100}

func controlsOf(tb testing.TB, set string) []catalog.Control {
	tb.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		tb.Fatal(err)
	}
	controls, err := cat.Select(nil, set, catalog.DefaultBenchmark)
	if err != nil {
		tb.Fatal(err)
	}
	return controls
}

// TestWorkGrowsWithWhatMatches judges accounts that hold 4 and 16 times as much
// about other things: what is decided and judged for the control does not grow with
// them, but for one decision about each filter.
func TestWorkGrowsWithWhatMatches(t *testing.T) {
	controls := controlsOf(t, "core")
	o := audit.Options{Benchmark: catalog.DefaultBenchmark}
	base := size{filters: 6, alarms: 300, math: 30, composites: 6}
	var first audit.Work
	for _, n := range []int{1, 4, 16} {
		snap := widened(t, base.times(n), false)
		o.Now = snap.TakenAt
		w, err := audit.WorkOn(&snap.Accounts[0], controls, o)
		if err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			first = w
			continue
		}
		t.Logf("x%d: %+v, x1: %+v", n, w, first)
		more := base.filters * (n - 1)
		if limit := first.Unions + 2*more*len(controls); w.Unions > limit {
			t.Errorf("x%d: %d unions decided, at most %d are needed", n, w.Unions, limit)
		}
		// The composite alarms over the control's own alarm are judged for each probe.
		if w.Verdicts > n*first.Verdicts {
			t.Errorf("x%d: %d verdicts, more than %d times the %d of x1", n, w.Verdicts, n, first.Verdicts)
		}
	}
}

// BenchmarkAccounts judges the large account, and fresh ones in which no filter
// matches.
func BenchmarkAccounts(b *testing.B) {
	for _, bb := range []struct {
		name  string
		set   string
		size  size
		fresh bool
	}{
		{"large/core", "core", large, false},
		{"large/cis", "cis", large, false},
		{"fresh/15", "core", size{filters: 15}, true},
		{"fresh/100", "core", size{filters: 100}, true},
	} {
		controls := controlsOf(b, bb.set)
		snap := widened(b, bb.size, bb.fresh)
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := audit.Run(context.Background(), snap, controls, audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// hostile is the baseline with filters that are as hard to decide on as their
// length allows: every one may be about the events of a control.
func hostile(tb testing.TB, filters int) account.Snapshot {
	tb.Helper()
	snap := widened(tb, size{}, false)
	home := &snap.Accounts[0].Regions[0]
	for i := range filters {
		g := home.MetricFilters.Value[0]
		g.Name, g.Metric = fmt.Sprintf("hostile-%03d", i), fmt.Sprintf("hostile-metric-%03d", i)
		var b strings.Builder
		for n := 0; b.Len() < 950; n++ {
			fmt.Fprintf(&b, []string{
				` || ($.userAgent = "*%c%c%[3]d*")`,
				` && ($.requestParameters.a%[3]d != "x%[1]c%[2]c")`,
				` || ($.requestParameters.n%[3]d > %[3]d) && ($.resources[%[3]d] = "%[1]c%[2]c")`,
			}[i%3], 'a'+(i+n)%26, 'a'+n*7%26, (i*n)%97)
		}
		g.Pattern = `{ ($.eventName = "*Security*")` + b.String() + " }"
		home.MetricFilters.Value = append(home.MetricFilters.Value, g)
	}
	return snap
}

func BenchmarkHostileFilters(b *testing.B) {
	for _, n := range []int{0, 20, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			snap := hostile(b, n)
			controls := controlsOf(b, "core")[:1]
			for b.Loop() {
				if _, err := audit.Run(context.Background(), snap, controls, audit.Options{Benchmark: catalog.DefaultBenchmark}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestRunEndsWithItsContext judges nothing once the context has ended.
func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	snap := widened(t, size{}, false)
	_, err := audit.Run(ctx, snap, controlsOf(t, "core"), audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
