package audit_test

import (
	"context"
	"os"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/patterns"
)

// BenchmarkRun judges the baseline account, widened to the seventeen regions
// that every account has, against the core controls and against all.
func BenchmarkRun(b *testing.B) {
	f, err := os.Open(judgingDir + "/baseline.json")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	snap, err := account.Decode(f)
	if err != nil {
		b.Fatal(err)
	}
	snap.Accounts[0].Scope = seventeen
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		b.Fatal(err)
	}
	for _, set := range []string{"core", "cis"} {
		controls, err := cat.Select(nil, set, catalog.DefaultBenchmark)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(set, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := audit.Run(context.Background(), snap, controls, audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCover decides for each control of the catalog whether the text that
// apply writes covers it, and what it matches beside it.
func BenchmarkCover(b *testing.B) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range cat.Controls {
		p, err := pattern.Parse(c.Writes(catalog.DefaultBenchmark).Text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.ID, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := audit.Cover(context.Background(), []*pattern.Pattern{p}, c, catalog.DefaultBenchmark); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "us/control")
		})
	}
}
