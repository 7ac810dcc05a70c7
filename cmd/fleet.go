package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// fleetFlags say which accounts of many are audited, and how they are entered.
type fleetFlags struct {
	q     run.FleetRequest
	shard string
	view  fleetView
}

// fleetSources are the flags that make a run one over many accounts.
var fleetSources = []string{"org", "accounts", "profiles", "ou", "account-tag"}

func (f *fleetFlags) add(c *cobra.Command) {
	fl, q := c.Flags(), &f.q
	fl.BoolVar(&q.Org, "org", false, "every active account of the organization, from its management account or a delegated administrator")
	fl.StringVar(&q.Accounts, "accounts", "", "these accounts: comma-separated ids, or a file: ids, the output of 'aws organizations list-accounts', or accounts.yml of c7n-org; - is standard input")
	fl.StringVar(&q.Profiles, "profiles", "", "the accounts of the profiles that match this pattern, such as 'acme-*'")
	fl.StringSliceVar(&q.Filter.Units, "ou", nil, "only accounts of this organizational unit and those below it: an id, or a path of names such as /Workloads/Prod; repeatable")
	fl.StringSliceVar(&q.Filter.Exclude, "exclude", nil, "skip this account or organizational unit, by id, name or path; repeatable")
	fl.StringSliceVar(&q.Filter.Tags, "account-tag", nil, "only accounts with this tag in Organizations, KEY or KEY=VALUE; repeatable: all must match")
	fl.BoolVar(&q.Filter.Suspended, "include-suspended", false, "include accounts that are suspended or about to be closed")
	fl.StringVar(&q.Role, "account-role", "", "role to assume in each account: a name, a path, or an ARN with {Id} for the account")
	fl.StringVar(&q.ManagementProfile, "management-profile", "", "profile that lists the accounts, if not that of --profile")
	fl.StringVar(&q.ManagementRole, "management-role", "", "ARN of the role that lists the accounts")
	fl.StringVar(&q.SessionPolicy, "session-policy", "auto", "limit the role to what an audit reads: on, off, auto (for OrganizationAccountAccessRole and AWSControlTowerExecution)")
	fl.BoolVar(&q.TrustOrg, "trust-org", false, "do not read accounts that the organization's trail should cover: assume their results")
	fl.BoolVar(&q.Thorough, "thorough", false, "read every account in full, covered or not")
	fl.BoolVar(&q.KeepGoing, "keep-going", false, "keep going even if the first 25 accounts all refuse for the same reason")
	fl.StringVar(&q.DeniedRegions, "denied-regions", "unknown", "regions that a service control policy denies, where no multi-region trail records: unknown, or skip to leave them out")
	fl.IntVar(&q.Parallel, "parallel", run.DefaultParallel, "number of accounts to read at once")
	fl.IntVar(&q.Connections, "connections", collect.DefaultConnections, "number of requests at once, and of connections kept open")
	fl.IntVar(&q.AllowUnreadable, "allow-unreadable", 0, "how many accounts may be unreadable before the exit code is 1")
	fl.StringVar(&q.Dir, "dir", "", "new folder for what is read: --snapshot audits it again, --resume continues it")
	fl.StringVar(&q.Resume, "resume", "", "folder of an earlier run: accounts that it holds are not read again")
	fl.DurationVar(&q.MaxAge, "max-age", time.Hour, "how old a result of --resume may be, such as 30m or 12h")
	fl.StringVar(&f.shard, "shard", "", "only part i of n of the accounts, such as 2/5; 'monitorctl merge' combines the parts")
	complete(c, "denied-regions", func() []string { return []string{"unknown", "skip"} })
	complete(c, "session-policy", func() []string { return []string{"auto", "on", "off"} })
}

// fleetOnly are the flags that say nothing about a single account.
var fleetOnly = []string{
	"exclude", "include-suspended", "account-role", "management-profile", "management-role", "session-policy", "trust-org", "thorough",
	"keep-going", "denied-regions", "parallel", "connections", "dir", "resume", "max-age", "shard",
}

// fleetShown are the flags that say how a report on many accounts is shown, wherever they
// come from.
var fleetShown = []string{"worst", "by"}

// given reports whether many accounts are asked for. Flags that are of use only then are
// wrong usage otherwise.
func (f *fleetFlags) given(c *cobra.Command, files []string) (bool, error) {
	if slices.ContainsFunc(fleetSources, func(name string) bool { return given(c, name) }) {
		return true, nil
	}
	alone := func(name string) bool { return given(c, name) && (name != "dir" || f.q.Dir != "") } // that of an export is its own
	if i := slices.IndexFunc(fleetOnly, alone); i >= 0 {
		return false, exit.Hinted(exit.Usage(fmt.Errorf("--%s is for many accounts, but no flag names any", fleetOnly[i])), "add --org, --accounts or --profiles")
	}
	dirs, err := run.FleetDirs(c.Context(), files)
	if i := slices.IndexFunc(fleetShown, func(name string) bool { return given(c, name) }); err == nil && len(dirs) == 0 && i >= 0 {
		return false, exit.Hinted(exit.Usage(fmt.Errorf("--%s is for many accounts, but no flag names any", fleetShown[i])), "add --org, --accounts or --profiles, or --snapshot with a folder")
	}
	return len(dirs) > 0, err
}

// audit audits many accounts.
func (f *fleetFlags) audit(e *env, c *cobra.Command, q run.Request, out *outputFlags, sinks []sink, g *gateFlags) error {
	if err := cmp.Or(fleetSinks(sinks), f.view.check()); err != nil {
		return err
	}
	if q.Azure != nil {
		return exit.Usage(errors.New("--org and the other flags for many accounts are for AWS: run monitorctl once for each cloud"))
	}
	gate, err := g.gate(e, q.Selection.Controls)
	if err != nil {
		return err
	}
	ctx, cancel := q.Limit.Context(c.Context())
	defer cancel()
	dirs, err := run.FleetDirs(ctx, q.Source.Files)
	if err != nil {
		return err
	}
	var earlier *run.FleetFile
	if g.baseline != "" {
		if earlier, err = run.OpenFleetReport(ctx, g.baseline); err != nil {
			return err
		}
		defer earlier.Close()
	}
	result, err := f.run(ctx, e, q, dirs)
	if err != nil {
		return err
	}
	defer result.Close()
	return f.write(e, c, result, earlier, out, sinks, gate)
}

// run judges the accounts that the flags name, or what folders have of them.
func (f *fleetFlags) run(ctx context.Context, e *env, q run.Request, dirs []string) (*run.FleetRun, error) {
	f.q.Request = q
	f.q.ExternalID = q.Source.ExternalID
	if len(dirs) > 0 {
		return e.run.SavedFleetOf(ctx, q, dirs, f.q.Only)
	}
	if len(q.Source.Files) > 0 {
		return nil, exit.Usage(errors.New("--snapshot is checked as it is: leave out the flags that name accounts"))
	}
	if err := f.q.Check(f.shard); err != nil {
		return nil, err
	}
	return e.run.Fleet(ctx, f.q)
}

// write writes the report, complete or not, and decides the exit code. A run that was told
// to end writes it all the same.
func (f *fleetFlags) write(e *env, c *cobra.Command, result *run.FleetRun, earlier *run.FleetFile, out *outputFlags, sinks []sink, gate run.Gate) error {
	q := &f.q
	o := f.view.over(report.Options{Config: q.Scope.Config.Identity(), Strict: q.Strict, Controls: result.Controls, Next: nextPlan(c)})
	ctx := context.WithoutCancel(c.Context())
	var err error
	if gate, o.Baseline, err = e.run.FleetAgainst(earlier, result.Report, gate); err != nil {
		return err
	}
	if err := e.fleetReports(ctx, out, sinks, o, result.Report); err != nil {
		return err
	}
	return gate.FleetVerdict(result, q.AllowUnreadable)
}

// fleetSinks refuses formats without a form for many accounts.
func fleetSinks(sinks []sink) error {
	for _, s := range sinks {
		if _, ok := report.FindFleet(s.format); !ok {
			return exit.Usage(fmt.Errorf("-o %s is not available for many accounts: use %s", s.format, strings.Join(report.FleetFormats(), ", ")))
		}
		if err := checkFolder(s); err != nil {
			return err
		}
	}
	return nil
}
