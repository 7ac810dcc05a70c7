package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
)

// fleetView is what a table on many accounts shows.
type fleetView struct {
	worst int
	by    string
}

func (f *fleetView) add(c *cobra.Command) {
	c.Flags().IntVar(&f.worst, "worst", 0, "how many causes and accounts the table names (default 10 on a terminal, all in a file)")
	c.Flags().StringVar(&f.by, "by", "", "sum up the table by one thing: "+strings.Join(report.FleetGroups(), ", "))
	complete(c, "by", report.FleetGroups)
}

// check finds wrong usage.
func (f *fleetView) check() error {
	switch {
	case f.worst < 0:
		return exit.Usage(errors.New("--worst takes a number above 0"))
	case f.by != "" && !slices.Contains(report.FleetGroups(), f.by):
		return exit.Usage(fmt.Errorf("--by %q: expected one of %s", f.by, strings.Join(report.FleetGroups(), ", ")))
	}
	return nil
}

// over returns the options of a report with what the flags say.
func (f *fleetView) over(o report.Options) report.Options {
	o.Worst, o.By = f.worst, f.by
	return o
}
