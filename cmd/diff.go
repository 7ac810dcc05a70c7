package cmd

import (
	"errors"
	"fmt"
	"io"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
	"github.com/spf13/cobra"
)

// diffFormats are the formats of diff.
var diffFormats = []string{"text", "json"}

// newDiff builds "monitorctl diff".
func newDiff(e *env) *cobra.Command {
	var f scopeFlags
	var out outputFlags
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Compare two reports or two snapshots",
		Long: `diff says what changed between two JSON reports (audit -o json) or two snapshots:
new failures, what was fixed, other changes of status, and reasons that appeared (+)
or disappeared (-). Snapshots are checked first, both by the same --benchmark, --set, --catalog,
--config and --transport, each as of the time it was taken; reports are compared as they are. OLD or
NEW can be -, standard input.

For many accounts, OLD and NEW are reports (-o json, -o jsonl) or folders (--dir). What
changed is shown by cause first. An account that joined is new, and one that left is
gone, not fixed. A cause that breaks more accounts than before is worse.

It exits with 0 when nothing got worse and 3 when something did: a new failure, a
new cause of a failure, or a status that fell from pass to warn or unknown, or from
warn to unknown.`,
		Example: `  monitorctl diff yesterday.json today.json
  monitorctl snapshot --file - | monitorctl diff before.json - --set cis -o json
  monitorctl diff last-week.jsonl this-week.jsonl`,
		Args:    twoFiles,
		PreRunE: e.fromEnvironment,
		RunE: func(cmd *cobra.Command, args []string) error {
			sinks, err := out.sinks(diffFormats)
			if err != nil {
				return err
			}
			scope, err := f.scope(cmd.Context(), cmd, nil)
			if err != nil {
				return err
			}
			if err := scope.Check(); err != nil {
				return err // wrong flags, before any file is read
			}
			if run.IsFleet(args[0]) || run.IsFleet(args[1]) {
				return diffFleets(e, cmd, &out, sinks, scope, args)
			}
			q := run.Request{Scope: scope}
			if q.Transport, err = f.carriers(""); err != nil {
				return err
			}
			d, err := e.run.Compare(cmd.Context(), q, args[0], args[1])
			if err != nil {
				return err
			}
			o := report.Options{Config: scope.Config.Identity()}
			err = e.each(cmd.Context(), &out, sinks, o, func(w io.Writer, format string, o report.Options) error {
				if format == "json" {
					return report.DiffJSON(w, d, e.run.Now(), o)
				}
				return report.DiffText(w, d, o)
			})
			if err == nil && d.Worse() {
				return &exit.Error{Code: exit.ControlsFailed}
			}
			return err
		},
	}
	f.addControls(c)
	f.addConfig(c)
	f.addTransport(c)
	out.add(c, diffFormats)
	return c
}

// twoFiles demands two files. One may be standard input.
func twoFiles(c *cobra.Command, args []string) error {
	hint := formOf(c)
	if len(args) != 2 {
		return exit.Hinted(exit.Usage(fmt.Errorf("%s takes two files, got %s", c.CommandPath(), run.Plural(len(args), "argument"))), hint)
	}
	if args[0] == "-" && args[1] == "-" {
		return exit.Hinted(exit.Usage(errors.New("standard input can be only one of the two files")), hint)
	}
	return nil
}
