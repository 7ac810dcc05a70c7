package fleet

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// A memory is a store that keeps what a run reads.
type memory struct {
	mu       sync.Mutex
	accounts map[string]*account.Snapshot
	central  map[string]*account.Snapshot
}

func (m *memory) Account(id string) *account.Snapshot { return m.accounts[id] }
func (m *memory) Central(id string) *account.Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.central[id]
}
func (*memory) Failure(string) *account.Failure { return nil }
func (m *memory) KeepCentral(id string, s account.Snapshot) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.central[id] = &s
	return nil
}

// An account that members alone name is entered once for all of them, and never where it is
// in no organization; what was read of it is kept, so that a saved run says the same.
func TestFurtherAccounts(t *testing.T) {
	for name, leaves := range map[string]bool{"in the organization": false, "outside": true} {
		s := newShape(t)
		s.ownChains()
		want := 5 // the logs', the topic's twice: for the members and as a member, and two members
		if leaves {
			s.accounts[notify].LeaveOrganization()
			want = 3
		}
		store := &memory{accounts: map[string]*account.Snapshot{}, central: map[string]*account.Snapshot{}}
		read := s.audited(management, store)
		if n := s.cloud.CallCounts()["sts:AssumeRole"]; n != want {
			t.Errorf("%s: %d roles assumed, want %d", name, n, want)
		}
		if _, have := store.central[notify]; have == leaves {
			t.Errorf("%s: kept %v", name, have)
		}
		for id, out := range read {
			store.accounts[id] = out.Snapshot
		}
		saved := s.saved(store, read)
		for id := range read {
			if d := cmp.Diff(read[id].findings(), saved[id]); d != "" {
				t.Errorf("%s: account %s (-read +saved):\n%s", name, id, d)
			}
		}
	}
}

// saved judges what a store has of the accounts that were read.
func (s *shape) saved(store Store, read map[string]Outcome) map[string][]finding.Finding {
	s.t.Helper()
	ctx := context.Background()
	f := Saved(collect.Caller{Account: management, Partition: "aws"}, nil, s.options(), store)
	s.must(f.ReadWorld(ctx))
	var list []targets.Target
	for id := range read {
		list = append(list, targets.Target{ID: id, State: targets.ActiveState})
	}
	sink := &outcomes{of: map[string]Outcome{}}
	s.must(f.Run(ctx, targets.Of(list), sink))
	out := map[string][]finding.Finding{}
	for id, o := range sink.of {
		out[id] = o.findings()
	}
	return out
}
