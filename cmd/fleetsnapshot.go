package cmd

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// checkSnapshot finds wrong usage of a snapshot of many accounts, which is a folder.
func (f *fleetFlags) checkSnapshot(file string) error {
	switch {
	case file != "":
		return exit.Hinted(exit.Usage(errors.New("--file holds one account, but the flags name many")), "give --dir with a new folder")
	case f.q.Dir == "" && f.q.Resume == "":
		return exit.Hinted(exit.Usage(errors.New("a snapshot of many accounts needs --dir, a new folder")), "--resume continues one")
	}
	return nil
}

// snapshot reads many accounts into a folder, with what a plan with these names reads, and
// says how many.
func (f *fleetFlags) snapshot(e *env, c *cobra.Command, q run.Request, names plan.Options) error {
	f.q.ForPlan(names, q.Selection)
	ctx, cancel := q.Limit.Context(c.Context())
	defer cancel()
	result, err := f.run(ctx, e, q, nil)
	if err != nil {
		return err
	}
	defer result.Close()
	dir := f.q.Dir + f.q.Resume // one of them
	if !q.Quiet {
		e.Say("monitorctl: %s: %s; 'monitorctl audit --snapshot %s' checks it", dir, result.Summary(), dir)
	}
	return result.ReadVerdict(f.q.AllowUnreadable)
}
