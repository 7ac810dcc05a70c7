package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/lint"
	"github.com/monitorctl/monitorctl/internal/run"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// newPatternLint builds "monitorctl pattern lint".
func newPatternLint(e *env) *cobra.Command {
	var f lintFlags
	c := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Check the patterns in infrastructure code, scripts and text",
		Long: `lint reads filter patterns and event patterns from files, reports where each goes
wrong, and which controls it covers or nearly covers:

  Terraform        modules of *.tf and *.tf.json as Terraform evaluates them,
                   *.tfvars, Terragrunt, plans and states in JSON
  CloudFormation   templates, also of SAM, the CDK (cdk.out) and others
  Azure            activity log alert rules, action groups and alert processing
                   rules in Terraform (azurerm, azapi), templates of Azure
                   Resource Manager in JSON, policies and Bicep
  YAML, JSON, TOML of any other tool: values that look like a filter pattern, or
                   whose key is named like one
  text             scripts, code, Markdown: the same in quotes and code blocks
  lines            *.txt, *.patterns, and - for standard input: one pattern a
                   line; blank lines and those that begin with # are skipped

A directory means all of its files. docs/lint.md says what is followed.

It exits with 0 when nothing was found, 3 when something was, and 1 when a pattern
was not checked, a file could not be read, or one that was named has no pattern;
--allow-unjudged turns unchecked patterns and files without one into notes. With
--control or --set it also checks that all patterns together cover these controls,
and exits with 3 when they do not.`,
		Example: `  monitorctl pattern lint infra/
  monitorctl pattern lint monitoring.tf template.yaml -o json
  monitorctl pattern lint infra/ --set cis
  monitorctl pattern lint infra/ -o sarif > lint.sarif`,
		PreRunE: e.fromEnvironment,
		RunE:    func(c *cobra.Command, args []string) error { return f.run(c.Context(), e, args) },
	}
	c.Flags().StringVar(&f.benchmark, "benchmark", string(catalog.DefaultBenchmark), "version of the CIS AWS Foundations Benchmark")
	c.Flags().StringArrayVar(&f.asked, "control", nil, "control id or number that all patterns together must cover (repeatable)")
	c.Flags().StringVar(&f.askedSet, "set", "", "set of controls that all patterns together must cover: "+strings.Join(catalog.Sets(), ", "))
	c.Flags().StringVar(&f.format, "format", lint.FormatAuto, "how files are read: auto, lines (one pattern a line)")
	c.Flags().BoolVar(&f.allowUnjudged, "allow-unjudged", false, "exit with 0 even if patterns were not checked or files have none")
	c.Flags().StringVarP(&f.output, "output", "o", lintText, strings.Join(lintFormats, ", "))
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "only findings and what was not checked: no notes, no summary")
	f.addCatalog(c)
	return c
}

// lintFlags are the flags of "monitorctl pattern lint".
type lintFlags struct {
	scopeFlags

	asked         []string // of --control
	askedSet      string   // of --set; "" when it was not given
	format        string
	output        string
	quiet         bool
	allowUnjudged bool
}

// A run is short, and most of what it makes is soon garbage: memory is collected
// less often than by default, unless there is much of it.
const (
	lintGCPercent = 800
	lintMemory    = 512 << 20
)

// run checks the files and writes the report.
func (f *lintFlags) run(ctx context.Context, e *env, args []string) error {
	o, err := f.options(args)
	if err != nil {
		return err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(lintGCPercent))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(lintMemory))
	r, err := lint.Run(ctx, args, e.In, o)
	if err != nil {
		return err
	}
	if err := f.write(e.Out, r); err != nil {
		return err
	}
	return lintVerdict(r, f.allowUnjudged)
}

// The values of --output.
const (
	lintText   = "text"
	lintJSON   = "json"
	lintSARIF  = "sarif"
	lintGitHub = "github"
)

var lintFormats = []string{lintText, lintJSON, lintSARIF, lintGitHub}

// write writes the report in the format that was asked for.
func (f *lintFlags) write(w io.Writer, r lint.Report) error {
	switch f.output {
	case lintJSON:
		return lint.WriteJSON(w, r)
	case lintSARIF:
		return lint.WriteSARIF(w, r, versionText(), f.allowUnjudged)
	case lintGitHub:
		return lint.WriteGitHub(w, r, f.allowUnjudged)
	default:
		return lint.WriteText(w, r, f.quiet)
	}
}

// options checks the flags and returns what they ask for.
func (f *lintFlags) options(args []string) (lint.Options, error) {
	known := []string{lint.FormatAuto, lint.FormatLines}
	switch {
	case len(args) == 0:
		return lint.Options{}, exit.Hinted(exit.Usage(errors.New("pattern lint takes files")), "see 'monitorctl pattern lint --help'")
	case !slices.Contains(lintFormats, f.output):
		return lint.Options{}, spelling.Unknown("output format", f.output, lintFormats)
	case !slices.Contains(known, f.format):
		return lint.Options{}, spelling.Unknown("format", f.format, known)
	case len(f.asked) > 0 && f.askedSet != "":
		return lint.Options{}, exit.Usage(errors.New("--control and --set cannot be combined"))
	}
	scope := run.Scope{Catalogs: run.NewCatalogs(f.catalogDir), Benchmark: f.benchmark, Set: catalog.SetAll}
	all, err := scope.Select(catalog.AWS)
	if err != nil {
		return lint.Options{}, err
	}
	o := lint.Options{Controls: all.Controls, Benchmark: all.Benchmark, Format: f.format}
	rest, err := f.azure(&o, scope.Catalogs)
	if err != nil {
		return lint.Options{}, err
	}
	if len(rest) > 0 || f.askedSet != "" {
		scope.Names, scope.Set = rest, f.askedSet
		asked, err := scope.Select(catalog.AWS)
		if err != nil {
			return lint.Options{}, err
		}
		o.Asked = asked.Controls
	}
	return o, nil
}

// azure sets what alert rules of Azure are judged by, and returns the names of the other
// controls that were asked for.
func (f *lintFlags) azure(o *lint.Options, catalogs *run.Catalogs) (rest []string, err error) {
	all, err := run.Scope{Catalogs: catalogs, Set: catalog.SetAll}.Select(catalog.Azure)
	if err != nil {
		return nil, err
	}
	o.Azure = lint.AzureScope{Controls: all.Controls, Benchmark: all.Benchmark}
	for _, name := range f.asked {
		i := slices.IndexFunc(all.Controls, func(c catalog.Control) bool { return c.ID == name })
		if i < 0 {
			rest = append(rest, name)
			continue
		}
		o.Azure.Asked = append(o.Azure.Asked, all.Controls[i])
	}
	return rest, nil
}

// lintVerdict turns a report into the error of its exit code. Findings and
// controls that are not covered weigh more than what was not looked at.
func lintVerdict(r lint.Report, allowUnjudged bool) error {
	var unseen []string
	note := func(n int, one, several string) {
		switch {
		case n == 1:
			unseen = append(unseen, one)
		case n > 1:
			unseen = append(unseen, fmt.Sprintf(several, n))
		}
	}
	note(r.Unread(), fmt.Sprintf("1 of %s could not be read", run.Plural(len(r.Files), "file")), fmt.Sprintf("%%d of %d files could not be read", len(r.Files)))
	if !allowUnjudged {
		note(r.NotJudged(), "1 pattern was not checked", "%d patterns were not checked")
		note(r.Empty(), "1 file has no pattern", "%d files have no pattern")
		if len(r.Files) == 0 {
			unseen = append(unseen, "no file has a pattern")
		}
	}
	switch {
	case r.Findings() > 0 || r.Uncovered() > 0:
		return &exit.Error{Code: exit.ControlsFailed}
	case len(unseen) > 0:
		return &exit.Error{Code: exit.Failed, Err: errors.New(strings.Join(unseen, ", "))}
	}
	return nil
}
