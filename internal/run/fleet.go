package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A FleetRequest is what a run over many accounts is asked for, beside what one over a
// single account is.
type FleetRequest struct {
	Request

	Org      bool   // the accounts of the caller's organization
	Accounts string // ids, or a file of them; "-" is standard input
	Profiles string // glob
	Filter   targets.Filter
	Shard    targets.Shard
	Only     string // id of the one account that matters; "" for all

	Role, ExternalID                  string
	ManagementProfile, ManagementRole string // who lists accounts; "" is the base
	SessionPolicy                     string // auto, on, off

	TrustOrg, Thorough, KeepGoing bool
	Parallel, Connections         int
	AllowUnreadable               int
	DeniedRegions                 string // by a service control policy: unknown, skip

	Dir, Resume string
	MaxAge      time.Duration // of snapshots that are not read again

	command permissions.Command // what accounts are entered for; the zero value is audit
	wishes  plan.Options        // of plan and apply

	needs  Needs        // what else accounts are read for
	also   fleet.Sink   // is told of every outcome, too; nil for nobody
	scopes *fleetScopes // set by the run
}

// ForPlan makes the run also read what a plan with these names reads.
func (q *FleetRequest) ForPlan(names plan.Options, s Selection) {
	q.needs, q.wishes, q.command = Needs{Own: withOthers(Names(names, s), names, s)}, names, permissions.Plan
}

// A FleetRun is a run over many accounts that has ended, with its report.
type FleetRun struct {
	Report   *report.Fleet
	Controls []catalog.Control // all that were judged, in any account
	Err      error             // why it is not complete; nil when it is

	spool *os.File
	dir   *fleetDir

	excused map[string]bool // accounts that may be unreadable
}

// Close gives the spool back.
func (f *FleetRun) Close() {
	f.spool.Close() //nolint:errcheck // it was read; what was written has been flushed
	if f.dir == nil {
		os.Remove(f.spool.Name()) //nolint:errcheck // a temporary file
	} else {
		f.dir.close()
	}
}

// clipped are the roles that are administrators, and clipped without being asked to.
var clipped = []string{"OrganizationAccountAccessRole", "AWSControlTowerExecution"}

// sessionPolicy returns the session policy for the accounts' role; "" for none.
func (q *FleetRequest) sessionPolicy() (string, error) {
	auto := q.SessionPolicy == "auto" && slices.Contains(clipped, path.Base(q.Role)) // of a name, a path or an ARN
	if q.SessionPolicy != "on" && !auto {
		return "", nil
	}
	return permissions.Session(permissions.Request{Command: q.command, Controls: q.Selection.Controls, Wishes: q.wishes})
}

// skipRegions is the word of --denied-regions that leaves them out.
const skipRegions = "skip"

// DefaultParallel is how many accounts are read at once.
const DefaultParallel = fleet.DefaultParallel

// Check finds wrong usage before the first call. shard is the part of the accounts, "" for
// all.
func (q *FleetRequest) Check(shard string) error {
	if shard != "" {
		var err error
		if q.Shard, err = targets.ParseShard(shard); err != nil {
			return exit.Usage(err)
		}
	}
	return cmp.Or(q.checkSources(), q.checkOptions())
}

// checkSources finds out where the accounts come from: filters alone are about the
// organization.
func (q *FleetRequest) checkSources() error {
	var sources []string
	for name, given := range map[string]bool{"--org": q.Org, "--accounts": q.Accounts != "", "--profiles": q.Profiles != ""} {
		if given {
			sources = append(sources, name)
		}
	}
	slices.Sort(sources)
	if len(sources) > 1 {
		return exit.Hinted(exit.Usage(fmt.Errorf("%s cannot be combined", strings.Join(sources, " and "))), "use one of them; --ou, --exclude and --account-tag filter the accounts of any")
	}
	q.Org = q.Org || len(sources) == 0
	return nil
}

func (q *FleetRequest) checkOptions() error {
	switch {
	case q.Org && q.Role == "":
		return exit.Hinted(exit.Usage(errors.New("--org needs --account-role, the role to assume in each account")), "'monitorctl permissions org' prints a role; accounts created in an organization have OrganizationAccountAccessRole")
	case !slices.Contains([]string{"auto", "on", "off"}, q.SessionPolicy):
		return exit.Usage(fmt.Errorf("--session-policy %q: expected auto, on or off", q.SessionPolicy))
	case !slices.Contains([]string{"", "unknown", skipRegions}, q.DeniedRegions):
		return exit.Usage(fmt.Errorf("--denied-regions %q: expected unknown or skip", q.DeniedRegions))
	case q.Parallel < 1 || q.Connections < 1:
		return exit.Usage(errors.New("--parallel and --connections take a number above 0"))
	case q.AllowUnreadable < 0:
		return exit.Usage(errors.New("--allow-unreadable takes a number of 0 or more"))
	case q.Dir != "" && q.Resume != "":
		return exit.Usage(errors.New("--dir and --resume cannot be combined: --dir starts a new folder, --resume continues one"))
	}
	if q.Role != "" {
		if _, err := collect.RoleARN(q.Role, "aws", "111122223333"); err != nil {
			return exit.Usage(fmt.Errorf("--account-role: %w", err))
		}
	}
	return nil
}

// options are those of the run. Everything is judged as of its beginning.
func (r *Runner) fleetOptions(q *FleetRequest, salt string) (fleet.Options, error) {
	if q.scopes == nil { // of a plan, whose accounts were judged before
		if err := q.scoped(); err != nil {
			return fleet.Options{}, err
		}
	}
	policy, err := q.sessionPolicy()
	if err != nil {
		return fleet.Options{}, err
	}
	o := fleet.Options{
		Controls: q.Selection.Controls, Audit: q.auditOptions(account.Snapshot{TakenAt: r.Now().UTC().Truncate(time.Second)}), Regions: q.Source.Regions,
		Role: q.Role, ExternalID: q.ExternalID, Policy: policy, TrustOrg: q.TrustOrg, Thorough: q.Thorough, KeepGoing: q.KeepGoing,
		Terms: q.scopes.terms, Parallel: q.Parallel, NoRules: q.Transport == audit.MetricTransport, Own: q.needs.Own, Topics: q.needs.Topics, Keys: q.needs.Keys, Salt: salt, Now: r.Now,
		SkipDenied: q.DeniedRegions == skipRegions,
	}
	o.Audit.Strict, o.Audit.Transport = q.Strict, q.Transport
	return o, nil
}

// Fleet reads and judges many accounts. Without an error there is a report, complete or
// not; close it.
func (r *Runner) Fleet(ctx context.Context, q FleetRequest) (*FleetRun, error) {
	started := r.Now()
	salt, err := newSalt()
	if err == nil {
		err = q.scoped()
	}
	if err != nil {
		return nil, err
	}
	dir, err := q.resumed()
	if err != nil {
		return nil, err
	}
	if dir != nil {
		salt = dir.head.Salt
		dir.fresh = func(at time.Time) bool { return started.Sub(at) < q.MaxAge }
	}
	o, err := r.fleetOptions(&q, salt)
	if err != nil {
		return nil, err
	}
	base, management, err := r.fleetSessions(ctx, &q)
	if err != nil {
		return nil, err
	}
	var store fleet.Store
	if dir == nil && q.Dir != "" {
		if dir, err = newFleetDir(q.Dir, fleetHead{Schema: FleetSchema, Salt: salt, Options: q.hash(), Started: started.UTC()}); err != nil {
			return nil, err
		}
	}
	if dir != nil {
		store = dir
	}
	f, err := fleet.New(ctx, base, management, q.Connections, o, store)
	if err != nil {
		return nil, q.Source.unreachable(err)
	}
	defer f.Close()
	defer func() { r.calls(&q.Request, base, started) }()
	if dir != nil {
		if err := dir.fill(&q, f, r.Version); err != nil {
			return nil, err
		}
	}
	stream, err := r.stream(ctx, &q, f)
	if err != nil {
		return nil, err
	}
	return r.judgeFleet(ctx, &q, f, stream, dir, o)
}

// hash is of what decides the report beside the accounts.
func (q *FleetRequest) hash() string {
	var ids []string
	for _, c := range q.Selection.Controls {
		ids = append(ids, c.ID)
	}
	parts := []any{ids, q.Selection.Benchmark, q.Source.Regions, q.Transport, q.Thorough, q.TrustOrg, q.DeniedRegions == skipRegions}
	if q.scopes != nil && len(q.scopes.scopes) > 0 {
		parts = append(parts, q.scopes.scopes)
	}
	return hashOf(parts...)
}

// resumed opens the folder that is gone on with; nil for none.
func (q *FleetRequest) resumed() (*fleetDir, error) {
	if q.Resume == "" {
		return nil, nil //nolint:nilnil // a run without a folder
	}
	dir, err := openFleetDir(q.Resume)
	if err != nil {
		return nil, err
	}
	switch {
	case dir.head.Options != q.hash():
		err = exit.Hinted(exit.Usage(fmt.Errorf("the folder %s was written for other controls, regions or ways of reading", q.Resume)), "start a new one with --dir")
	case dir.head.Shard != q.Shard.String():
		err = exit.Usage(fmt.Errorf("the folder %s holds part %q, not %q", q.Resume, dir.head.Shard, q.Shard.String()))
	}
	if err != nil {
		dir.close()
		return nil, err
	}
	return dir, nil
}

// fill completes the head of the folder, and opens its lists.
func (d *fleetDir) fill(q *FleetRequest, f *fleet.Fleet, version string) error {
	h := &d.head
	h.Version, h.Benchmark, h.Shard, h.TrustOrg, h.Finished, h.Complete = version, string(q.Selection.Benchmark), q.Shard.String(), q.TrustOrg, nil, false
	h.Caller, h.Partition, h.Controls = f.Caller().Account, f.Caller().Partition, nil
	for _, c := range q.scopes.base {
		h.Controls = append(h.Controls, c.ID)
	}
	if org := f.Organization(); org != nil {
		if h.Organization != "" && h.Organization != org.ID {
			return exit.Usage(fmt.Errorf("the folder %s is of organization %s, but the credentials belong to %s", d.name, h.Organization, org.ID))
		}
		h.Organization, h.Management = org.ID, org.ManagementAccount
	}
	if h.Run == "" {
		h.Run = hashOf(h.Started, h.Salt)
	}
	if err := d.saveHead(); err != nil {
		return err
	}
	return d.begin()
}

// fleetSessions connects to the base, and to who lists accounts; that is nil when nobody
// does.
func (r *Runner) fleetSessions(ctx context.Context, q *FleetRequest) (base, management *collect.Session, err error) {
	source := q.Source
	if source.RoleARN == "" {
		source.ExternalID = ""
	}
	if q.Profiles != "" && source.Profile == "" && source.RoleARN == "" {
		base, err = r.firstProfile(ctx, q)
		return base, nil, err
	}
	base, err = r.connect(ctx, &source, func(c *collect.Config) { c.Connections = q.Connections })
	if err != nil || !q.Org {
		return base, nil, err
	}
	if q.ManagementProfile == "" && q.ManagementRole == "" {
		return base, base, nil
	}
	m := source
	m.RoleARN, m.ExternalID, m.ExpectAccount = q.ManagementRole, "", ""
	if q.ManagementProfile != "" {
		m.Profile = q.ManagementProfile
	}
	management, err = r.connect(ctx, &m, func(c *collect.Config) { c.Like = base })
	return base, management, err
}

// stream returns the targets, filtered. With a filter the whole list is read first: one
// that fits nothing is wrong usage, before anybody is asked anything.
func (r *Runner) stream(ctx context.Context, q *FleetRequest, f *fleet.Fleet) (targets.Stream, error) {
	source, err := r.source(ctx, q, f)
	if err != nil {
		return nil, err
	}
	source = filtered(ctx, q, f, source)
	if len(q.Filter.Units)+len(q.Filter.Exclude)+len(q.Filter.Tags) == 0 {
		return source, nil
	}
	var list []targets.Target
	for t, err := range source {
		switch {
		case err != nil && len(list) == 0:
			return nil, fmt.Errorf("listing accounts: %w", err)
		case err != nil: // which filters fit nothing is not known
			return endingWith(list, err), nil
		}
		list = append(list, t)
	}
	if unused := q.Filter.Unused(); len(unused) > 0 {
		return nil, exit.Hinted(exit.Usage(fmt.Errorf("%s matches no account", strings.Join(unused, " and "))), "unit ids begin with ou-; paths of names begin with /")
	}
	return targets.Of(list), nil
}

// endingWith is a list that ended early.
func endingWith(list []targets.Target, err error) targets.Stream {
	return func(yield func(targets.Target, error) bool) {
		for _, t := range list {
			if !yield(t, nil) {
				return
			}
		}
		yield(targets.Target{}, err)
	}
}

// source returns where targets come from.
func (r *Runner) source(ctx context.Context, q *FleetRequest, f *fleet.Fleet) (targets.Stream, error) {
	switch {
	case q.Org:
		return f.Directory().Accounts(ctx), nil
	case q.Profiles != "":
		return r.profiles(ctx, q, f)
	}
	if list, ok := targets.IDs(q.Accounts); ok {
		f.Know(list)
		return targets.Of(list), nil
	}
	data, err := r.readInput(ctx, q.Accounts)
	if err != nil {
		return nil, exit.Hinted(exit.Usage(fmt.Errorf("reading --accounts: %w", err)), "give comma-separated 12-digit ids, or a file")
	}
	list, err := targets.Parse(q.Accounts, data)
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("reading --accounts: %w", err))
	}
	for _, n := range list.Notes {
		r.Console.Say("monitorctl: note: %s: %s", q.Accounts, n)
	}
	f.Know(list.Targets)
	return targets.Of(list.Targets), nil
}

// filtered applies the filters and the shard. Tags cost a call for each account, so that
// they come last.
func filtered(ctx context.Context, q *FleetRequest, f *fleet.Fleet, source targets.Stream) targets.Stream {
	byUnits, byNames, byTags := q.scopes.asks()
	byUnits, byNames, byTags = byUnits || q.Filter.ByUnits(), byNames || q.Filter.ByNames(), byTags || len(q.Filter.Tags) > 0
	return func(yield func(targets.Target, error) bool) {
		var units *collect.Units
		for t, err := range source {
			if err == nil && f.Directory() != nil && units == nil && (byNames || byUnits && t.Path == "") {
				units, err = f.Directory().ReadUnits(ctx, t.Path == "")
			}
			if err != nil {
				yield(targets.Target{}, err)
				return
			}
			if units != nil {
				units.Place(&t)
			}
			if !q.Filter.Keep(&t) || !q.Shard.Has(t.ID) || q.Only != "" && t.ID != q.Only {
				continue
			}
			if byTags && t.Skipped == "" && t.Tags == nil && f.Directory() != nil {
				if t.Tags, err = f.Directory().Tags(ctx, t.ID); err != nil {
					yield(targets.Target{}, err)
					return
				}
			}
			if t.Skipped == "" && !q.Filter.Tagged(&t) {
				continue
			}
			if !yield(t, nil) {
				return
			}
		}
	}
}

// judgeFleet runs, and opens the report.
func (r *Runner) judgeFleet(ctx context.Context, q *FleetRequest, f *fleet.Fleet, stream targets.Stream, dir *fleetDir, o fleet.Options) (*FleetRun, error) {
	if err := f.ReadWorld(ctx); err != nil {
		return nil, fmt.Errorf("reading the accounts that own the organization's trail: %w", q.Source.unreachable(err))
	}
	r.worldNotes(f)
	out := &FleetRun{dir: dir, Controls: o.Controls}
	var err error
	if dir != nil {
		out.spool, err = dir.spool()
	} else {
		out.spool, err = os.CreateTemp("", "monitorctl-*.jsonl")
	}
	if err != nil {
		return nil, fmt.Errorf("making the spool: %w", err)
	}
	header := fleetHeader(q, f, o)
	w, err := report.NewFleetWriter(out.spool, header, report.Options{Version: r.Version, Config: q.Scope.Config.Identity()})
	if err != nil {
		return nil, fmt.Errorf("writing the spool: %w", err)
	}
	s := &fleetSink{w: w, dir: dir, also: q.also, scopes: q.scopes, unused: newUnusedEntries(&o.Audit, o.Controls)}
	counted := &counting{}
	stop := r.watch(q, f, counted)
	out.Err = f.Run(ctx, counted.stream(stream, dir), s)
	stop()
	end := report.FleetEnd{Complete: out.Err == nil, Listed: counted.n()}
	if out.Err != nil {
		end.Why = whyIncomplete(out.Err, counted, f)
	} else if q.Only == "" && q.Shard.Count == 0 { // other accounts may use them
		end.Notes = s.unused.notes()
	}
	if err := w.End(end); err != nil {
		return nil, fmt.Errorf("writing the spool: %w", err)
	}
	if dir != nil {
		if err := dir.finish(r.Now(), end); err != nil {
			return nil, err
		}
	}
	info, err := out.spool.Stat()
	if err == nil {
		out.Report, err = report.OpenFleet(out.spool, info.Size(), header)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the spool: %w", err)
	}
	r.excuse(out, q.Scope.Config.File.Unreadable, o.Audit.Now)
	return out, nil
}

// finish notes how the run ended.
func (d *fleetDir) finish(now time.Time, end report.FleetEnd) error {
	at := now.UTC()
	d.head.Finished, d.head.Complete, d.head.Why = &at, end.Complete, end.Why
	return d.saveHead()
}

// whyIncomplete says why not all accounts were judged, in words.
func whyIncomplete(err error, c *counting, f *fleet.Fleet) string {
	var refused *fleet.RefusedError
	switch p := f.Progress(); {
	case errors.As(err, &refused):
		return fmt.Sprintf("%v; %d not tried", refused, c.n()-p.Judged-p.Skipped)
	case errors.Is(err, context.Canceled):
		return "interrupted"
	default:
		return err.Error()
	}
}

// worldNotes shows which accounts own something and could not be read.
func (r *Runner) worldNotes(f *fleet.Fleet) {
	_, failed := f.World()
	for _, id := range slices.Sorted(maps.Keys(failed)) {
		why := failed[id]
		r.Console.Say("monitorctl: note: account %s owns part of the chain and could not be read: %s: %s", id, why.Operation, why.Cause())
	}
}

// fleetHeader is what the report says of all accounts.
func fleetHeader(q *FleetRequest, f *fleet.Fleet, o fleet.Options) report.FleetHeader {
	h := report.FleetHeader{Report: audit.NewReport(q.Selection.Controls, o.Audit), Shard: q.Shard.String(), Principal: f.Caller().ARN}
	if org := f.Organization(); org != nil {
		h.Organization, h.Management = org.ID, org.ManagementAccount
	}
	for _, t := range f.Trails() {
		arn, _ := account.ParseARN(t.ARN)
		group, _ := account.ParseARN(t.LogGroupARN)
		name, _ := group.LogGroupName()
		h.Trails = append(h.Trails, report.FleetTrail{Name: t.Name, Account: arn.Account, LogGroup: name, Owner: group.Account, Region: group.Region})
	}
	return h
}
