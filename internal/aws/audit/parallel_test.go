package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// TestWorkers judges accounts with one goroutine and with several, more than there
// are controls among them: the report is the same, byte for byte. The accounts are
// those of judged situations, which have all sorts of links; with -race the test says
// too that the goroutines share nothing that changes.
func TestWorkers(t *testing.T) {
	controls := controlsOf(t, "core")
	fleet := account.Snapshot{}
	for i, name := range []string{"filter-excludes-arn", "composite-suppressor-other", "rule-unites"} {
		c := readCase(t, filepath.Join(judgingDir, name+".yaml"))
		snap := c.snapshot(t)
		snap.Accounts[0].ID = fmt.Sprintf("%012d", i+1)
		fleet.Accounts, fleet.TakenAt = append(fleet.Accounts, snap.Accounts[0]), snap.TakenAt
	}
	one := account.Snapshot{Accounts: []account.Account{hostile(t, 1).Accounts[0]}, TakenAt: fleet.TakenAt}
	for what, snap := range map[string]account.Snapshot{"one account": one, "several": fleet} {
		var want []byte
		for _, workers := range []int{1, 2, 7} {
			r, err := audit.Run(context.Background(), snap, controls, audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt, Workers: workers})
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if want == nil {
				want = got
			}
			if string(got) != string(want) {
				t.Errorf("%s: with %d workers the report is another one than with one", what, workers)
			}
		}
	}
}

// TestInParallel counts: each number comes once, an error stops the rest, and the one
// of the lowest number is returned.
func TestInParallel(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 7, 100} {
		var seen [50]atomic.Int32
		if err := audit.InParallel(workers, len(seen), func(worker, i int) error {
			if worker < 0 || worker >= max(workers, 1) {
				t.Errorf("worker %d of %d", worker, workers)
			}
			seen[i].Add(1)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for i := range seen {
			if n := seen[i].Load(); n != 1 {
				t.Errorf("%d workers: number %d came %d times", workers, i, n)
			}
		}
		var after atomic.Int32
		err := audit.InParallel(workers, 50, func(_, i int) error {
			switch {
			case i == 3 || i == 4:
				return fmt.Errorf("number %d", i)
			case i > 3+max(workers, 1):
				after.Add(1)
			}
			return nil
		})
		if err == nil || err.Error() != "number 3" {
			t.Errorf("%d workers: %v", workers, err)
		}
		if workers < 2 && after.Load() > 0 {
			t.Errorf("%d numbers began after the error", after.Load())
		}
	}
	if err := audit.InParallel(4, 0, func(int, int) error { return errors.New("called") }); err != nil {
		t.Error(err)
	}
}
