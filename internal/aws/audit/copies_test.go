package audit_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// stackSet returns accounts with the same chain each, as a stack set makes it: a filter,
// an alarm and its time of day for every control that a filter can be for.
func stackSet(tb testing.TB, n int, cat *catalog.Catalog) ([]account.Account, []catalog.Control) {
	tb.Helper()
	data, err := os.ReadFile(judgingDir + "/baseline.json")
	if err != nil {
		tb.Fatal(err)
	}
	var controls []catalog.Control
	for _, c := range cat.Controls {
		if c.Type != catalog.State {
			controls = append(controls, c)
		}
	}
	var list []account.Account
	for i := range n {
		snap, err := account.Decode(strings.NewReader(strings.ReplaceAll(string(data), "111122223333", fmt.Sprintf("3%011d", i))))
		if err != nil {
			tb.Fatal(err)
		}
		a := snap.Dated().Accounts[0]
		a.Scope = seventeen
		for k := range a.Regions {
			r := &a.Regions[k]
			filters, _ := r.MetricFilters.Got()
			alarms, _ := r.Alarms.Got()
			if len(filters) == 0 || len(alarms.Metric) == 0 {
				continue
			}
			f, m := filters[0], alarms.Metric[0]
			filters, alarms.Metric = nil, nil
			at := m.TransitionAt.Add(time.Duration(i) * time.Minute)
			for _, c := range controls {
				f.Name, f.Pattern, f.Metric = c.ID, c.Writes(catalog.DefaultBenchmark).Text, c.ID
				m.Name, m.ARN, m.Namespace, m.Metric, m.TransitionAt = c.ID, strings.Replace(m.ARN, ":alarm:"+m.Name, ":alarm:"+c.ID, 1), f.Namespace, c.ID, &at
				filters, alarms.Metric = append(filters, f), append(alarms.Metric, m)
			}
			r.MetricFilters.Value, r.Alarms.Value = filters, alarms
		}
		list = append(list, a)
	}
	return list, controls
}

// BenchmarkCopies judges accounts that each have a chain of their own, as one stack set
// makes it: 40, or as many as MONITORCTL_COPIES says. The first one pays for what is
// decided about the texts of all.
func BenchmarkCopies(b *testing.B) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		b.Fatal(err)
	}
	copies := 40
	if text := os.Getenv("MONITORCTL_COPIES"); text != "" {
		if copies, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	list, controls := stackSet(b, copies, cat)
	before := processor()
	for b.Loop() {
		w := audit.NewWorld(nil, nil)
		for i := range list {
			if _, err := w.Judge(context.Background(), &list[i], controls, audit.Options{Benchmark: catalog.DefaultBenchmark, Now: list[i].ReadAt, Workers: 1}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*copies), "ms/copy")
	b.ReportMetric(float64((processor()-before).Milliseconds())/float64(b.N*copies), "cpu-ms/copy")
}

// processor is the time that the process has had of all processors.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestMemo judges accounts with and without what was decided for others: the findings are
// the same, byte for byte, and decisions about the same texts are made once.
func TestMemo(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	list, controls := stackSet(t, 2, cat)
	controls = controls[:6]
	for i := range list { // what tells accounts apart, and what misses some events
		list[i].Scope = seventeen[:3]
		for k := range list[i].Regions {
			filters, _ := list[i].Regions[k].MetricFilters.Got()
			for n := range filters {
				if body := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(filters[n].Pattern), "{"), "}"); n%2 == 0 {
					filters[n].Pattern = "{ (" + body + ") && (" + []string{
						`$.userIdentity.arn != "*:role/ci"`, `$.userAgent != "terraform"`, `$.recipientAccountId != "300000000001"`, `$.sourceIPAddress != "192.0.2.*"`, `$.userIdentity.principalId = "*"`, `$.errorCode NOT EXISTS`,
					}[n/2%6] + ") }"
				}
			}
		}
	}
	o := audit.Options{Benchmark: catalog.DefaultBenchmark, Workers: 1}
	together := audit.NewWorld(nil, nil)
	for i := range list {
		o.Now = list[i].ReadAt
		alone := audit.NewWorld(nil, nil)
		audit.Forget(alone)
		want, err := alone.Judge(context.Background(), &list[i], controls, o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := together.Judge(context.Background(), &list[i], controls, o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Findings, got.Findings); diff != "" {
			t.Errorf("account %s (-without +with): %s", list[i].ID, diff)
		}
	}
	if kept, hits := audit.Kept(together); kept == 0 || hits < kept/2 {
		t.Errorf("%d decisions kept, %d taken", kept, hits)
	}
}
