package replay_test

import (
	"os"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/logs"
	"github.com/monitorctl/monitorctl/patterns"
)

// BenchmarkCount counts the records of the log files in MONITORCTL_BENCH_LOGS, such as
// those that BenchmarkRead of package logs leaves there, for the 15 controls of CIS.
func BenchmarkCount(b *testing.B) {
	dir := os.Getenv("MONITORCTL_BENCH_LOGS")
	if dir == "" {
		b.Skip("MONITORCTL_BENCH_LOGS is not set")
	}
	c, err := catalog.Load(patterns.FS)
	if err != nil {
		b.Fatal(err)
	}
	list, err := c.Select(nil, "cis", catalog.DefaultBenchmark)
	if err != nil {
		b.Fatal(err)
	}
	var l logs.Listing
	if err := l.List(b.Context(), dir, logs.Days{}); err != nil || len(l.Objects) == 0 {
		b.Fatal(len(l.Objects), err)
	}
	for b.Loop() {
		q := &replay.Question{Evidence: 3}
		if err := q.Ask(b.Context(), account.Snapshot{}, list, options(account.Snapshot{})); err != nil {
			b.Fatal(err)
		}
		counters := replay.NewCounters(q, 1)
		total, err := logs.Each(b.Context(), l.Objects, func() *logs.Reader { return counters.NewReader(logs.Options{}) }, counters.Sinks(), nil)
		if err != nil || len(total.Unreadable) > 0 {
			b.Fatal(total.Unreadable, err)
		}
		if r := counters.Answer(); r.Events == 0 {
			b.Fatal("nothing was counted")
		}
		b.SetBytes(total.Unpacked)
	}
}
