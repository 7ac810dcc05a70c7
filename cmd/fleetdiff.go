package cmd

import (
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// diffFleets compares two reports on many accounts.
func diffFleets(e *env, c *cobra.Command, out *outputFlags, sinks []sink, scope run.Scope, paths []string) error {
	if slices.Contains(paths, "-") {
		return exit.Hinted(exit.Usage(errors.New("a report on many accounts cannot be compared with standard input")), "write it to a file first")
	}
	d, done, err := e.run.CompareFleets(c.Context(), scope, paths[0], paths[1])
	if err != nil {
		return err
	}
	defer done()
	o := report.Options{Config: scope.Config.Identity()}
	err = e.each(c.Context(), out, sinks, o, func(w io.Writer, format string, o report.Options) error {
		if format == "json" {
			return report.FleetDiffJSON(w, d, e.run.Now(), o)
		}
		return report.FleetDiffText(w, d, o)
	})
	if err == nil && d.Worse() {
		return &exit.Error{Code: exit.ControlsFailed}
	}
	return err
}
