package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// SavedFleet judges folders that runs over many accounts have made, without calling
// anybody. Several folders are parts of one whole: of two readings of an account the newer
// counts.
func (r *Runner) SavedFleet(ctx context.Context, q Request, dirs []string) (*FleetRun, error) {
	return r.savedFleet(ctx, q, dirs, "", nil)
}

// SavedFleetOf does so for one account alone; "" is all.
func (r *Runner) SavedFleetOf(ctx context.Context, q Request, dirs []string, only string) (*FleetRun, error) {
	return r.savedFleet(ctx, q, dirs, only, nil)
}

// savedFleet is SavedFleetOf; also is told of every outcome, nil for nobody.
func (r *Runner) savedFleet(ctx context.Context, q Request, dirs []string, only string, also fleet.Sink) (*FleetRun, error) {
	s := &savedFleets{}
	defer s.close()
	list, err := s.open(dirs)
	if err != nil {
		return nil, err
	}
	if s.twice > 0 {
		r.Console.Say("monitorctl: note: %s in several folders; the newer reading of each counts", Plural(s.twice, "account"))
	}
	if only != "" {
		list = slices.DeleteFunc(list, func(t targets.Target) bool { return t.ID != only })
	}
	fq := FleetRequest{Request: q, Parallel: fleet.DefaultParallel, Only: only, also: also}
	if err := fq.scoped(); err != nil {
		return nil, err
	}
	f, o, err := r.savedRun(&fq, s, s)
	if err != nil {
		return nil, err
	}
	run, err := r.judgeFleet(ctx, &fq, f, targets.Of(list), nil, o)
	if err == nil && run.Err == nil {
		if run.Report.Why = s.missing(); run.Report.Why != "" {
			run.Report.Complete, run.Report.Notes, run.Err = false, nil, errors.New(run.Report.Why)
		}
	}
	return run, err
}

// savedRun returns a run over what folders hold, as store has it, and its options.
func (r *Runner) savedRun(q *FleetRequest, s *savedFleets, store fleet.Store) (*fleet.Fleet, fleet.Options, error) {
	head := s.dirs[0].head
	o, err := r.fleetOptions(q, head.Salt)
	if err != nil {
		return nil, o, err
	}
	o.Audit.Now, o.TrustOrg = s.now(), head.TrustOrg
	var org *account.Organization
	if head.Organization != "" {
		org = &account.Organization{ID: head.Organization, ManagementAccount: head.Management}
	}
	return fleet.Saved(collect.Caller{Account: head.Caller, Partition: head.Partition}, org, o, store), o, nil
}

// savedFleets are several folders as one store.
type savedFleets struct {
	dirs  []*fleetDir
	twice int // accounts that several of them have
}

func (s *savedFleets) close() {
	for _, d := range s.dirs {
		d.close()
	}
}

// open opens the folders, which must have been read for the same, and returns their
// targets, each once.
func (s *savedFleets) open(names []string) ([]targets.Target, error) {
	var list []targets.Target
	seen := map[string]int{}
	for _, name := range names {
		d, err := openFleetDir(name)
		if err != nil {
			return nil, err
		}
		s.dirs = append(s.dirs, d)
		first := s.dirs[0].head
		if d.head.Options != first.Options || d.head.Organization != first.Organization {
			return nil, exit.Hinted(exit.Usage(fmt.Errorf("the folders %s and %s were read for different controls, regions or organizations", names[0], name)), "merge only folders of the same kind")
		}
		own, err := d.load()
		if err != nil {
			return nil, err
		}
		for _, t := range own {
			if i, twice := seen[t.ID]; twice {
				s.twice++
				if list[i].Skipped != "" {
					list[i] = t
				}
				continue
			}
			seen[t.ID] = len(list)
			list = append(list, t)
		}
	}
	return list, nil
}

// now is the time of the verdicts: that of the last run.
func (s *savedFleets) now() time.Time {
	var at time.Time
	for _, d := range s.dirs {
		if d.head.Started.After(at) {
			at = d.head.Started
		}
	}
	return at.UTC().Truncate(time.Second)
}

// missing says what is not there of the whole, "" when nothing is.
func (s *savedFleets) missing() string {
	var parts []string
	have := map[string]bool{}
	count := 0
	for _, d := range s.dirs {
		h := d.head
		have[h.Shard] = true
		if shard, err := targets.ParseShard(h.Shard); err == nil {
			count = max(count, shard.Count)
		}
		if !h.Complete {
			why := strings.Join(strings.Fields(h.Why), " ") // a line of its own might be a command to a CI
			if h.Finished == nil {
				why = "the run was cut off"
			}
			parts = append(parts, "folder "+d.name+" is not complete: "+why)
		}
	}
	for i := 1; i <= count && !have[""]; i++ {
		if part := fmt.Sprintf("%d/%d", i, count); !have[part] {
			parts = append(parts, "part "+part+" is missing")
		}
	}
	return strings.Join(parts, "; ")
}

// newest returns the newest of the snapshots that the folders have.
func (s *savedFleets) newest(of func(*fleetDir) *account.Snapshot) *account.Snapshot {
	var best *account.Snapshot
	for _, d := range s.dirs {
		if snap := of(d); snap != nil && (best == nil || snap.TakenAt.After(best.TakenAt)) {
			best = snap
		}
	}
	return best
}

// Account implements fleet.Store.
func (s *savedFleets) Account(id string) *account.Snapshot {
	return s.newest(func(d *fleetDir) *account.Snapshot { return d.Account(id) })
}

// Central implements fleet.Store.
func (s *savedFleets) Central(id string) *account.Snapshot {
	return s.newest(func(d *fleetDir) *account.Snapshot { return d.Central(id) })
}

// Failure implements fleet.Store.
func (s *savedFleets) Failure(id string) *account.Failure {
	i := slices.IndexFunc(s.dirs, func(d *fleetDir) bool { return d.Failure(id) != nil })
	if i < 0 {
		return nil
	}
	return s.dirs[i].Failure(id)
}

// KeepCentral implements fleet.Store: what is saved stays as it is.
func (s *savedFleets) KeepCentral(string, account.Snapshot) error { return nil }

// OfFolders makes the scope that of folders of many accounts, unless a flag, an argument or
// the configuration names controls. fixed keeps the benchmark, which a flag names.
func (s *Scope) OfFolders(dirs []string, fixed bool) error {
	if s.FixedControls || len(s.Names) > 0 || len(s.Config.Controls) > 0 || s.Config.File.Set != "" {
		return nil
	}
	names, benchmark, err := FleetScope(dirs)
	if err != nil {
		return err
	}
	if s.Names = names; !fixed {
		s.Benchmark = benchmark
	}
	return nil
}

// FleetScope returns the controls that folders were read for, and the benchmark.
func FleetScope(dirs []string) (controls []string, benchmark string, err error) {
	d, err := openFleetDir(dirs[0])
	if err != nil {
		return nil, "", err
	}
	defer d.close()
	return d.head.Controls, d.head.Benchmark, nil
}
