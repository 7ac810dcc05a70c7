package cmd

import (
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
}

// fleetSources are the flags that make a run one over many accounts.
var fleetSources = []string{"org", "accounts", "profiles", "ou", "account-tag"}

func (f *fleetFlags) add(c *cobra.Command) {
	fl, q := c.Flags(), &f.q
	fl.BoolVar(&q.Org, "org", false, "audit every active account of the organization, from its management account or a delegated administrator")
	fl.StringVar(&q.Accounts, "accounts", "", "audit these accounts: ids with commas between them, or a file of ids, of 'aws organizations list-accounts', or accounts.yml of c7n-org; - is standard input")
	fl.StringVar(&q.Profiles, "profiles", "", "audit the accounts of the profiles that fit this pattern, such as 'acme-*'")
	fl.StringSliceVar(&q.Filter.Units, "ou", nil, "only accounts of this organizational unit and those below it: an id, or a path of names such as /Workloads/Prod; repeatable")
	fl.StringSliceVar(&q.Filter.Exclude, "exclude", nil, "without this account or organizational unit, by id, name or path; repeatable")
	fl.StringSliceVar(&q.Filter.Tags, "account-tag", nil, "only accounts with this tag of Organizations, KEY or KEY=VALUE; repeatable: all of them")
	fl.BoolVar(&q.Filter.Suspended, "include-suspended", false, "also accounts that are suspended or about to be closed")
	fl.StringVar(&q.Role, "account-role", "", "role to assume in each account: a name, a path, or an ARN with {Id} for the account")
	fl.StringVar(&q.ManagementProfile, "management-profile", "", "profile that lists the accounts, if not that of --profile")
	fl.StringVar(&q.ManagementRole, "management-role", "", "ARN of the role that lists the accounts")
	fl.StringVar(&q.SessionPolicy, "session-policy", "auto", "limit the role to what an audit reads: on, off, auto (for OrganizationAccountAccessRole and AWSControlTowerExecution)")
	fl.BoolVar(&q.TrustOrg, "trust-org", false, "do not look into accounts that the organization's trail should cover: their verdicts are assumed")
	fl.BoolVar(&q.Thorough, "thorough", false, "read every account in full, covered or not")
	fl.BoolVar(&q.KeepGoing, "keep-going", false, "go on when the first 25 accounts all refuse alike")
	fl.IntVar(&q.Parallel, "parallel", run.DefaultParallel, "number of accounts to read at once")
	fl.IntVar(&q.Connections, "connections", collect.DefaultConnections, "number of requests under way at once, and of connections kept")
	fl.IntVar(&q.AllowUnreadable, "allow-unreadable", 0, "how many accounts may be unreadable without an exit code of 1")
	fl.StringVar(&q.Dir, "dir", "", "new folder for what is read: it can be audited again with --snapshot, and gone on with")
	fl.StringVar(&q.Resume, "resume", "", "folder of an earlier run: accounts that it has are not read again")
	fl.DurationVar(&q.MaxAge, "max-age", time.Hour, "how old what --resume has may be, such as 30m or 12h")
	fl.StringVar(&f.shard, "shard", "", "only part i of n of the accounts, such as 2/5; 'monitorctl merge' puts the parts together")
	complete(c, "session-policy", func() []string { return []string{"auto", "on", "off"} })
}

// fleetOnly are the flags that say nothing about a single account.
var fleetOnly = []string{
	"exclude", "include-suspended", "account-role", "management-profile", "management-role", "session-policy", "trust-org", "thorough",
	"keep-going", "parallel", "connections", "dir", "resume", "max-age", "shard",
}

// given reports whether many accounts are asked for. Flags that are of use only then are
// wrong usage otherwise.
func (f *fleetFlags) given(c *cobra.Command, q *run.Request) (bool, error) {
	if slices.ContainsFunc(fleetSources, func(name string) bool { return given(c, name) }) {
		return true, nil
	}
	if i := slices.IndexFunc(fleetOnly, func(name string) bool { return given(c, name) }); i >= 0 {
		return false, exit.Hinted(exit.Usage(fmt.Errorf("--%s is about many accounts, and no flag names them", fleetOnly[i])), "add --org, --accounts or --profiles")
	}
	dirs, err := run.FleetDirs(c.Context(), q.Source.Files)
	return len(dirs) > 0, err
}

// audit audits many accounts.
func (f *fleetFlags) audit(e *env, c *cobra.Command, q run.Request, out *outputFlags, sinks []sink, g *gateFlags) error {
	if err := fleetSinks(sinks); err != nil {
		return err
	}
	switch {
	case g.baseline != "":
		return exit.Usage(errors.New("--baseline takes a report on one account or a few: it cannot be held against many accounts yet"))
	case q.Azure != nil:
		return exit.Usage(errors.New("--org and its like are about AWS: run once for each cloud"))
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
	f.q.Request = q
	f.q.ExternalID = q.Source.ExternalID
	if len(dirs) > 0 {
		result, err := e.run.SavedFleet(ctx, q, dirs)
		return f.write(e, c, result, err, out, sinks, gate)
	}
	if len(q.Source.Files) > 0 {
		return exit.Usage(errors.New("--snapshot is judged as it is: leave the flags that name accounts out"))
	}
	if err := f.q.Check(f.shard); err != nil {
		return err
	}
	result, err := e.run.Fleet(ctx, f.q)
	return f.write(e, c, result, err, out, sinks, gate)
}

// write writes the report, complete or not, and decides the exit code. A run that was told
// to end writes it all the same.
func (f *fleetFlags) write(e *env, c *cobra.Command, result *run.FleetRun, err error, out *outputFlags, sinks []sink, gate run.Gate) error {
	if err != nil {
		return err
	}
	defer result.Close()
	q := &f.q
	o := report.Options{Config: q.Scope.Config.Identity(), Strict: q.Strict, Controls: q.Selection.Controls}
	ctx := context.WithoutCancel(c.Context())
	if err := e.fleetReports(ctx, out, sinks, o, result.Report); err != nil {
		return err
	}
	return gate.FleetVerdict(result, q.AllowUnreadable)
}

// fleetSinks refuses formats without a form for many accounts.
func fleetSinks(sinks []sink) error {
	for _, s := range sinks {
		if _, ok := report.FindFleet(s.format); !ok {
			return exit.Usage(fmt.Errorf("-o %s has no form for many accounts: use %s", s.format, strings.Join(report.FleetFormats(), ", ")))
		}
	}
	return nil
}
