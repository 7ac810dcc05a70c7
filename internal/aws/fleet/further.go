package fleet

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
)

// A further is an account that no owner of the organization's chain names, and a member
// does: that of the topic of its alarms, for example. It is read once for all members.
type further struct {
	mu   sync.Mutex // held while it is read
	want wish       // what was asked for
	done bool
	snap *account.Snapshot // nil: it is not in the organization, or nobody lets us in
}

// furthers are the further accounts by id.
type furthers struct {
	mu   sync.Mutex
	list map[string]*further
}

func (f *furthers) of(id string) *further {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.list == nil {
		f.list = map[string]*further{}
	}
	if f.list[id] == nil {
		f.list[id] = &further{}
	}
	return f.list[id]
}

// around returns the world as a member that was read in full needs it: with the accounts
// that it names and nobody else did, and those that they name. The error is why the run ends.
func (f *Fleet) around(ctx context.Context, a *account.Account) (*audit.World, error) {
	w := f.world.world
	asked := map[string]wish{}
	named := []*account.Account{a}
	for range rounds {
		wanted := map[string]wish{}
		for _, x := range named {
			owners(x, wanted)
		}
		named = nil
		for _, id := range slices.Sorted(maps.Keys(wanted)) {
			want := wanted[id]
			if have, ok := asked[id]; id == a.ID || ok && want.within(have) || f.knows(id, want) {
				continue
			}
			asked[id] = want
			snap, err := f.readFurther(ctx, id, want)
			if err != nil {
				return nil, err
			}
			if snap != nil {
				x := &snap.Dated().Accounts[0]
				w, named = w.With(x), append(named, x)
			}
		}
		if len(named) == 0 {
			break
		}
	}
	return w, nil
}

// knows reports whether the world has all that is wanted of an account, or nobody could read
// it.
func (f *Fleet) knows(id string, want wish) bool {
	if _, failed := f.world.failed[id]; failed {
		return true
	}
	snap := f.world.accounts[id]
	return snap != nil && want.readIn(&snap.Accounts[0])
}

// readFurther reads a further account, unless that was done; nil where it stays unknown. An
// account of another organization, or of none, is not asked: it would refuse, and its own
// alarms would ring.
func (f *Fleet) readFurther(ctx context.Context, id string, want wish) (*account.Snapshot, error) {
	x := f.furthers.of(id)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.done && want.within(x.want) {
		return x.snap, nil
	}
	if !x.done { // what the world has read of it stays
		x.want = f.wishFor(id)
	}
	for _, arn := range want.topics {
		x.want.topics = with(x.want.topics, arn)
	}
	if f.base != nil && !f.ours(ctx, id) {
		x.done = true
		return nil, nil //nolint:nilnil // it stays unknown
	}
	w := &world{accounts: map[string]*account.Snapshot{}, failed: map[string]account.Failure{}}
	if err := f.readOwner(ctx, w, id, x.want); err != nil {
		return nil, err
	}
	x.snap, x.done = w.accounts[id], true
	return x.snap, nil
}

// wishFor is what the world has asked of an account beside its own chain.
func (f *Fleet) wishFor(id string) wish {
	var w wish
	snap := f.world.accounts[id]
	if snap == nil {
		return w
	}
	for i := range snap.Accounts[0].Regions {
		r := &snap.Accounts[0].Regions[i]
		for _, arn := range slices.Sorted(maps.Keys(r.Topics)) {
			if parsed, ok := account.ParseARN(arn); ok && parsed.Account == id {
				w.topics = append(w.topics, arn)
			}
		}
		if r.Alarms != nil {
			w.monitors = append(w.monitors, r.Name)
		}
	}
	return w
}

// ours reports whether an account is one of those that the run is about: of the organization
// that lists them, or of a list.
func (f *Fleet) ours(ctx context.Context, id string) bool {
	if _, listed := f.known[id]; listed {
		return true
	}
	return f.directory != nil && f.directory.Has(ctx, id)
}
