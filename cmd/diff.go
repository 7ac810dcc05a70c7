package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// diffFlags say how snapshots are judged before they are compared, and how the
// result is shown.
type diffFlags struct {
	controlFlags
	outputFlags
}

// diffFormats are the formats of diff.
var diffFormats = []string{"text", "json"}

// newDiff builds "monitorctl diff".
func newDiff(e *env) *cobra.Command {
	var f diffFlags
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Compare two reports or two snapshots",
		Long: `diff says what changed between two JSON reports (audit -o json) or two snapshots:
new failures, what was fixed, other changes of status, and reasons that came (+) or
went (-). Snapshots are judged first, both by the same --benchmark, --set, --catalog
and --config, each as of the time it was taken; reports say what they said. OLD or
NEW can be -, standard input.

It exits with 0 when nothing got worse and 3 when something did: a new failure, a
new cause of a failure, or a verdict that fell from pass to warn or unknown, or from
warn to unknown.`,
		Example: `  monitorctl diff yesterday.json today.json
  monitorctl snapshot --file - | monitorctl diff before.json - --set cis -o json`,
		Args:    twoFiles,
		PreRunE: e.configured(&f.controlFlags, &source{}),
		RunE: func(cmd *cobra.Command, args []string) error {
			sinks, err := f.sinks(diffFormats)
			if err != nil {
				return err
			}
			if b, err := catalog.ParseBenchmark(f.benchmark); err == nil {
				f.cloud = b.Cloud()
			}
			if _, _, err := f.selection(nil); err != nil {
				return err // wrong flags, before any file is read
			}
			c, err := e.compare(cmd.Context(), &f, args[0], args[1])
			if err != nil {
				return err
			}
			for _, s := range sinks {
				o := e.options(&f.outputFlags, s)
				if err := e.write(cmd.Context(), s, func(w io.Writer) error {
					if s.format == "json" {
						return report.DiffJSON(w, c, e.now(), o)
					}
					return report.DiffText(w, c, o)
				}); err != nil {
					return err
				}
			}
			if c.Worse() {
				return &codeError{code: exitControlsFailed}
			}
			return nil
		},
	}
	f.controlFlags.add(c)
	f.config.add(c)
	f.outputFlags.add(c, diffFormats)
	return c
}

// twoFiles demands two files. One may be standard input.
func twoFiles(c *cobra.Command, args []string) error {
	hint := fmt.Sprintf("see '%s --help'", c.CommandPath())
	if len(args) != 2 {
		return hinted(usage(fmt.Errorf("%s takes two files, got %d arguments", c.CommandPath(), len(args))), hint)
	}
	if args[0] == "-" && args[1] == "-" {
		return hinted(usage(errors.New("standard input cannot be both files")), hint)
	}
	return nil
}

// compare reads both files, judges them where they are snapshots, and compares
// them.
func (e *env) compare(ctx context.Context, f *diffFlags, oldPath, newPath string) (report.Comparison, error) {
	old, err := e.side(ctx, f, oldPath)
	if err != nil {
		return report.Comparison{}, err
	}
	now, err := e.side(ctx, f, newPath)
	if err != nil {
		return report.Comparison{}, err
	}
	if old.Schema != now.Schema {
		err := usage(fmt.Errorf("comparing %s with %s: one is a report, the other a snapshot", oldPath, newPath))
		return report.Comparison{}, hinted(err, "'monitorctl audit --snapshot FILE -o json' makes a report of a snapshot")
	}
	return report.Compare(old, now), nil
}

// side reads one file, whose schema says what it is.
func (e *env) side(ctx context.Context, f *diffFlags, path string) (report.Side, error) {
	s, err := e.readSide(ctx, f, path)
	if err == nil {
		return s, nil
	}
	return s, hinted(fmt.Errorf("reading %s: %w", path, err), "'monitorctl audit -o json' writes a report, 'monitorctl snapshot' a snapshot")
}

func (e *env) readSide(ctx context.Context, f *diffFlags, path string) (report.Side, error) {
	data, err := e.readInput(ctx, path)
	if err != nil {
		return report.Side{}, err
	}
	s := report.Side{Path: path}
	s.Schema, err = strictjson.Schema(data)
	if err != nil {
		return s, err
	}
	switch s.Schema {
	case account.SchemaV1:
		if subscription.IsSnapshot(data) {
			s.Report, err = auditSubscriptions(ctx, f.controlFlags, data)
			return s, err
		}
		snap, err := collect.DecodeSnapshot(data)
		if err != nil {
			return s, err
		}
		k := f.controlFlags
		k.cloud = catalog.AWS
		controls, benchmark, err := k.selection(nil)
		if err != nil {
			return s, err
		}
		s.Report, err = e.audit(ctx, snap, controls, f.auditOptions(benchmark, controls, snap))
		s.Report.GeneratedAt = snap.TakenAt
		return s, err
	case report.AuditSchema:
		s.Report, err = report.ReadJSON(bytes.NewReader(data))
		return s, err
	}
	return s, &strictjson.Error{Msg: fmt.Sprintf("it is neither a report nor a snapshot: its schema is %q", s.Schema)}
}

// readInput reads a file, or standard input for "-".
func (e *env) readInput(ctx context.Context, path string) ([]byte, error) {
	if path == "-" {
		return files.ReadAll(ctx, e.in, account.MaxFile)
	}
	return files.Read(ctx, path, account.MaxFile)
}
