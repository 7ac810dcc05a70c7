package run

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/apply"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	"github.com/monitorctl/monitorctl/internal/aws/undo"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/fleet/waves"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// A FleetUndo is what the journals of a folder take back, looked up but not yet carried
// out.
type FleetUndo struct {
	Waves   [][]string               // accounts with something to take back: the last wave of apply first
	Owners  []string                 // behind them, the last first
	Actions map[string]int           // by account
	Left    map[string][]change.Left // what stays, by account

	q           FleetPlanRequest
	dir         string
	journals    map[string]journal.Journal[action.State]
	maxFailures int
}

// Accounts is how many accounts are written to.
func (u *FleetUndo) Accounts() int { return len(u.Owners) + len(slices.Concat(u.Waves...)) }

// Radius says in words what is taken back, and where.
func (u *FleetUndo) Radius() string {
	n := 0
	for _, k := range u.Actions {
		n += k
	}
	return fmt.Sprintf("%s taken back in %s (%s)", Plural(n, "change"), Plural(u.Accounts(), "account"), Plural(len(u.Waves)+min(len(u.Owners), 1), "wave"))
}

// Expected refuses another number of accounts than a script expects; nothing was written.
func (u *FleetUndo) Expected(n int) error {
	if n == u.Accounts() {
		return nil
	}
	return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s would be written to, but --expect-accounts expects %d; nothing was written", Plural(u.Accounts(), "account"), n)}
}

// LookFleet reads the journals of a folder, and what of them is still so in the accounts.
func (r *Runner) LookFleet(ctx context.Context, q FleetPlanRequest, dir string, limits FleetLimits) (*FleetUndo, error) {
	u := &FleetUndo{q: q, dir: dir, Actions: map[string]int{}, Left: map[string][]change.Left{}, maxFailures: limits.MaxFailures}
	sizes, err := waves.Parse(limits.Waves)
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("--waves: %w", err))
	}
	if u.journals, err = readJournals(ctx, filepath.Join(dir, journalDir)); err != nil {
		return nil, err
	}
	f, err := r.openFleet(ctx, &q, permissions.Undo, "")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	owners := logOwners(f)
	ids := slices.Sorted(maps.Keys(u.journals))
	var mu sync.Mutex
	d := waves.Driver{Do: func(ctx context.Context, id string) error {
		_, _, x, err := u.look(ctx, f, id)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			u.Actions[id], u.Left[id] = len(x.Actions), x.Left
		}
		return err
	}}
	if result := d.Run(ctx, [][]string{ids}); len(result.Failed) > 0 {
		for _, err := range result.Failed {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var members []string
	for _, id := range ids {
		switch {
		case slices.Contains(owners, id):
			if u.Actions[id] > 0 {
				u.Owners = append([]string{id}, u.Owners...)
			}
		default:
			members = append(members, id)
		}
	}
	split, err := waves.Split(members, sizes)
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("--waves: %w", err))
	}
	for _, w := range waves.Reversed(split) {
		if w = slices.DeleteFunc(w, func(id string) bool { return u.Actions[id] == 0 }); len(w) > 0 {
			u.Waves = append(u.Waves, w)
		}
	}
	return u, nil
}

// readJournals reads the journals of a folder, by account.
func readJournals(ctx context.Context, dir string) (map[string]journal.Journal[action.State], error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, exit.Hinted(exit.Usage(fmt.Errorf("opening the folder of the journals %s: %w", dir, bareError(err))), "--journal-dir takes the folder of 'apply --plan' or 'apply --org --journal-dir'")
	}
	defer root.Close() //nolint:errcheck // read only
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("reading the folder %s: %w", dir, bareError(err))
	}
	out := map[string]journal.Journal[action.State]{}
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".jsonl")
		if !ok || !targets.IsID(id) || !e.Type().IsRegular() {
			continue
		}
		j, err := ReadJournal[action.State](ctx, filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if j.Header.Account != id {
			return nil, fmt.Errorf("reading the journal %s: it is for account %s", filepath.Join(dir, e.Name()), j.Header.Account)
		}
		out[id] = j
	}
	if len(out) == 0 {
		return nil, exit.Usage(fmt.Errorf("the folder %s holds no journal", dir))
	}
	return out, nil
}

// look looks up what the journal of one account takes back.
func (u *FleetUndo) look(ctx context.Context, f *fleet.Fleet, id string) (*collect.Session, journal.Journal[action.State], undo.Plan, error) {
	j := u.journals[id]
	s, err := f.Open(ctx, id)
	if err != nil {
		return nil, j, undo.Plan{}, err
	}
	now, err := apply.Look(ctx, s, j)
	if err != nil {
		return nil, j, undo.Plan{}, fmt.Errorf("reading account %s: %w", id, err)
	}
	return s, j, undo.For(j, now, u.q.Selection.Controls), nil
}

// UndoFleet takes the journals of a folder back: the waves of apply in reverse, the owners
// last. What is done is shown by tell. The error is the verdict on what was done, or says
// why nothing was begun.
func (r *Runner) UndoFleet(ctx context.Context, u *FleetUndo, tell func(format string, args ...any)) error {
	unlock, err := (&FleetApply{journals: filepath.Join(u.dir, journalDir), lock: filepath.Join(u.dir, lockFile)}).begin()
	if err != nil {
		return err
	}
	defer unlock()
	f, err := r.openFleet(ctx, &u.q, permissions.Undo, "")
	if err != nil {
		return err
	}
	defer f.Close()
	var mu sync.Mutex
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		tell(format, args...)
	}
	list := slices.Clone(u.Waves)
	for _, id := range u.Owners {
		list = append(list, []string{id})
	}
	d := waves.Driver{
		MaxFailures: u.maxFailures,
		Do:          func(ctx context.Context, id string) error { return r.undoOne(ctx, u, f, id, say) },
		OnWave:      func(n, of int, ids []string) { say("wave %d of %d: %s", n, of, Plural(len(ids), "account")) },
	}
	result := d.Run(ctx, list)
	for _, id := range slices.Sorted(maps.Keys(result.Failed)) {
		tell("failed: %v", result.Failed[id])
	}
	again := "run it again: it continues where this run stopped"
	switch {
	case ctx.Err() != nil:
		return &exit.Error{Code: exit.Interrupted, Err: fmt.Errorf("interrupted: %s taken back", Plural(len(result.Done), "account")), Then: again}
	case len(result.Failed) > 0:
		return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s failed, %d taken back, %d not started", Plural(len(result.Failed), "account"), len(result.Done), len(result.Left)), Then: again}
	}
	return u.leftVerdict()
}

// undoOne takes back what was done in one account.
func (r *Runner) undoOne(ctx context.Context, u *FleetUndo, f *fleet.Fleet, id string, say func(string, ...any)) error {
	s, j, x, err := u.look(ctx, f, id)
	if err != nil || len(x.Actions) == 0 {
		return err
	}
	w, err := continueJournal[action.State](r, filepath.Join(u.dir, journalDir, id+".jsonl"), j.Header)
	if err != nil {
		return err
	}
	done := 0
	o := apply.Options{Pause: r.Pause, OnDone: func(a action.Outcome) {
		done++
		say("  %s %d/%d %s", id, done, len(x.Actions), a.Action)
		if a.Kept != "" {
			say("  %s %s is kept: %s", id, a.Action.Name(), a.Kept)
		}
	}}
	if w != nil {
		defer w.Close() //nolint:errcheck // every record is on the disk already
		o.Journal = w
	}
	if _, err := apply.Run(ctx, s, change.Plan{Actions: x.Actions}, o); err != nil {
		return fmt.Errorf("account %s: %d of %d changes taken back: %w", id, done, len(x.Actions), err)
	}
	return nil
}

// leftVerdict is the error of something of ours that stays.
func (u *FleetUndo) leftVerdict() error {
	n, first := 0, ""
	for _, id := range slices.Sorted(maps.Keys(u.Left)) {
		for _, l := range u.Left[id] {
			if l.Foreign || l.Kept {
				continue
			}
			if n++; n == 1 {
				first = fmt.Sprintf("%s of account %s: %s", l.Object, id, l.Why)
			}
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%s left; the first is %s", Plural(n, "object"), first)
}
