package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// fleetExplain is explain over many accounts: one of them, or one cause.
type fleetExplain struct {
	fleetFlags
	account, cause string
}

func (f *fleetExplain) add(c *cobra.Command) {
	f.fleetFlags.add(c)
	fl := c.Flags()
	fl.StringVar(&f.account, "account", "", "account to explain among many, by its 12-digit id")
	fl.StringVar(&f.cause, "cause", "", "cause to explain among many accounts: its number in audit's table, or its id in other formats")
	fl.IntVar(&f.view.worst, "worst", 0, "how many accounts of a cause to name (default 10 on a terminal, all in a file)")
}

// args demands a control, but for a cause, which names its own.
func (f *fleetExplain) args(c *cobra.Command, args []string) error {
	if given(c, "cause") && len(args) == 0 {
		return nil
	}
	return oneArg("control")(c, args)
}

var accountForm = regexp.MustCompile(`^[0-9]{12}$`)

// given reports whether many accounts are asked about.
func (f *fleetExplain) given(c *cobra.Command, s *scopeFlags) (bool, error) {
	if f.account != "" && !accountForm.MatchString(f.account) {
		return false, exit.Usage(fmt.Errorf("--account %q is not a 12-digit account id", f.account))
	}
	many, err := f.fleetFlags.given(c, s.source.Files)
	asked := given(c, "account") || given(c, "cause")
	switch {
	case err != nil:
		return false, err
	case given(c, "account") && given(c, "cause"):
		return false, exit.Usage(errors.New("--account and --cause cannot be combined"))
	case many && !asked:
		return false, exit.Hinted(exit.Usage(errors.New("explain draws one chain, but the flags name many accounts")), "add --account ID, or --cause N from the table of 'monitorctl audit'")
	case asked && !many:
		return false, exit.Hinted(exit.Usage(errors.New("--account and --cause are for many accounts, but no flag names any")), "add --snapshot with a folder of 'monitorctl audit --dir', or --org")
	}
	return many, f.view.check()
}

// explain judges the accounts and draws what is asked for.
func (f *fleetExplain) explain(e *env, c *cobra.Command, s *scopeFlags, args []string, out *outputFlags, sinks []sink) error {
	dirs, err := run.FleetDirs(c.Context(), s.source.Files)
	if err != nil {
		return err
	}
	q, err := s.request(e, c, args, out)
	if err != nil {
		return err
	}
	if q.Azure != nil {
		return exit.Usage(errors.New("--org and the other flags for many accounts are for AWS: run monitorctl once for each cloud"))
	}
	ctx, cancel := q.Limit.Context(c.Context())
	defer cancel()
	f.q.Only = f.account
	result, err := f.run(ctx, e, q, dirs)
	if err != nil {
		return err
	}
	defer result.Close()
	return f.write(context.WithoutCancel(ctx), e, result, &q, out, sinks)
}

func (f *fleetExplain) write(ctx context.Context, e *env, result *run.FleetRun, q *run.Request, out *outputFlags, sinks []sink) error {
	o := f.view.over(report.Options{Config: q.Scope.Config.Identity(), Controls: result.Controls})
	var cause report.FleetCause
	var err error
	if f.cause != "" {
		if cause, err = result.Report.Cause(f.cause); err != nil {
			return exit.Usage(err)
		}
		result.Report = cause.Fleet
	} else if err := found(result.Report, f.account); err != nil {
		return err
	}
	err = e.each(ctx, out, sinks, o, func(w io.Writer, format string, o report.Options) error {
		switch {
		case format == "json":
			form, _ := report.FindFleet(format) // there is one
			return form.Write(w, result.Report, o)
		case f.cause != "":
			return report.WriteFleetCause(w, cause, o)
		}
		return report.FleetTrees(w, result.Report, o)
	})
	if err != nil {
		return err
	}
	return run.Gate{}.FleetVerdict(result, 0)
}

// found says why there is nothing to draw of an account.
func found(f *report.Fleet, id string) error {
	if len(f.Accounts) > 0 {
		return nil
	}
	if i := slices.IndexFunc(f.Skipped, func(a report.FleetAccount) bool { return a.ID == id }); i >= 0 {
		return exit.Usage(fmt.Errorf("account %s was not read: %s", id, f.Skipped[i].Skipped))
	}
	return exit.Usage(fmt.Errorf("account %s is not one of the accounts", id))
}
