package cmd

import (
	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/run"
)

// gateFlags decide what counts as a failure.
type gateFlags struct {
	strict   bool
	failOn   string
	baseline string // path of an earlier JSON report; "" for none
}

func (f *gateFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.strict, "strict", false, "count warnings as failures, and warn about unreadable evidence and waivers that are wider than needed")
	c.Flags().StringVar(&f.failOn, "fail-on", "", "count only failures of this severity and above: low, medium, high, critical")
	c.Flags().StringVar(&f.baseline, "baseline", "", "JSON report of an earlier run: count only failures, and causes of failures, that it does not have")
}

// gate returns the gate for these controls, and warns of one that can never close.
func (f *gateFlags) gate(e *env, controls []catalog.Control) (run.Gate, error) {
	g := run.Gate{Strict: f.strict}
	if f.failOn == "" {
		return g, nil
	}
	var err error
	if g.FailOn, err = catalog.ParseSeverity(f.failOn); err != nil {
		return g, err
	}
	if text := g.Idle(controls); text != "" {
		e.Say("monitorctl: warning: %s", text)
	}
	return g, nil
}
