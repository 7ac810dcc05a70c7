package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/lint"
)

// newPatternLint builds "monitorctl pattern lint".
func newPatternLint(e *env) *cobra.Command {
	f := controlFlags{set: "all"}
	var output string
	var quiet bool
	c := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Check the patterns in Terraform, CloudFormation or text",
		Long: `lint reads filter patterns from files, says where each goes wrong, and which
controls it covers or nearly covers:

  Terraform        resource "aws_cloudwatch_log_metric_filter" of *.tf and *.tf.json
  CloudFormation   AWS::Logs::MetricFilter of *.yaml, *.yml, *.json and *.template
  plain text       any other file, and - for standard input: a pattern a line;
                   blank lines and those that begin with # are skipped

Of a directory the first two are read. It exits with 0 when nothing was found, 3
when something was, and 1 when a file could not be read.`,
		Example: `  monitorctl pattern lint infra/
  monitorctl pattern lint monitoring.tf template.yaml -o json`,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hinted(usage(errors.New("pattern lint takes files")), "see 'monitorctl pattern lint --help'")
			}
			if output != "text" && output != "json" {
				return unknownFormat(output)
			}
			controls, b, err := f.selection(nil)
			if err != nil {
				return err
			}
			r, err := lint.Run(c.Context(), args, e.in, lint.Options{Controls: controls, Benchmark: b})
			if err != nil {
				return err
			}
			if output == "json" {
				err = lint.WriteJSON(e.out, r)
			} else {
				err = lint.WriteText(e.out, r, quiet)
			}
			if err != nil {
				return err
			}
			return lintVerdict(r)
		},
	}
	c.Flags().StringVar(&f.benchmark, "benchmark", string(catalog.DefaultBenchmark), "version of the CIS AWS Foundations Benchmark")
	c.Flags().StringVarP(&output, "output", "o", "text", "text, json")
	c.Flags().BoolVar(&quiet, "quiet", false, "findings only: no notes, no summary")
	f.addCatalog(c)
	return c
}

// lintVerdict turns a report into the error of its exit code; findings weigh
// more than files that could not be read.
func lintVerdict(r lint.Report) error {
	switch {
	case r.Findings() > 0:
		return &codeError{code: exitControlsFailed}
	case r.Unread() > 0:
		return &codeError{code: exitFailed, err: fmt.Errorf("%d of %d files could not be read", r.Unread(), len(r.Files))}
	}
	return nil
}
