package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newExport builds "monitorctl export" and its formats.
func newExport(e *env) *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Write what apply would create as code",
		Long: `export plans an account (or a saved snapshot) as plan does, and writes the filters,
alarms, rules, topics and subscribers that the scope asks for as code, with
--create-trail also the trail. It writes nothing to AWS. Terraform and CloudFormation get all of it: what is missing, and what monitorctl
already created, with what it takes to import that. The shell script holds what is missing. Rules
in other regions come in files of their own; the script writes to all regions.

Endpoints that may be secrets (URLs, keys, phone numbers) are not written to the files:
they become inputs. DIR must be new or empty, or hold nothing but an earlier export.
docs/export.md has an example of each format.

It exits with 0 when the files are written, 1 when someone else's objects are in the
way or there is nothing to export, and 2 for wrong usage.`,
		Example: `  monitorctl export terraform --dir alarms --subscribe email:security@example.com
  monitorctl export cloudformation --dir alarms --stackset
  monitorctl export terraform --dir rules --transport eventbridge --per-region
  monitorctl export terraform --dir trail --create-trail --home-region eu-central-1
  monitorctl export shell --dir alarms --plan plan.json`,
		Args: noCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		newExportOf(e, run.Terraform, "Write the alarms as Terraform code", `terraform writes versions.tf and main.tf for the AWS provider from version 5 to 6,
variables.tf for secrets, and imports.tf with an import block for each object that
monitorctl created and keeps; delete that file after the first apply. Rules in other
regions are in REGION.tf, by the providers of providers.tf. The code refuses to run
in another account or region.`,
			`  monitorctl export terraform --dir alarms --set cis --complete --subscribe email:security@example.com
  monitorctl export terraform --snapshot account.json --dir alarms`),
		newExportOf(e, run.CloudFormation, "Write the alarms as a CloudFormation template", `cloudformation writes one template, and one more for each other region with rules
(template-REGION). For objects that monitorctl created and keeps it
also writes import.json and a template of those objects alone, for a change set of type
IMPORT. With --stackset nothing that differs between accounts has a default.`,
			`  monitorctl export cloudformation --dir alarms --format yaml
  monitorctl export cloudformation --dir alarms --set cis --stackset
  monitorctl export cloudformation --dir sets --stackset --org --account-role audit`),
		newExportOf(e, run.Shell, "Write the alarms as a script for the AWS CLI", `shell writes monitorctl-apply.sh for any POSIX shell and the AWS CLI. The script checks
everything before it writes anything, skips what exists, and refuses to run in another
account or if someone else's object has a name that it needs.`,
			`  monitorctl export shell --dir alarms && sh alarms/monitorctl-apply.sh
  monitorctl export shell --dir alarms --plan plan.json`),
	)
	return c
}

// newExportOf builds one format of "monitorctl export".
func newExportOf(e *env, format run.Format, short, long, example string) *cobra.Command {
	var f wishFlags
	var out outputFlags
	var many fleetFlags
	var saved, template string
	q := run.ExportRequest{Format: format}
	c := &cobra.Command{
		Use: string(format) + " [CONTROL...]", Short: short, Long: long, Example: example,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			q := q
			switch template {
			case "", "json":
			case "yaml":
				q.Template.YAML = true
			default:
				return exit.Usage(fmt.Errorf("--format %q: expected json or yaml", template))
			}
			if fleet, err := many.given(c, f.source.Files); err != nil {
				return err
			} else if fleet {
				return e.exportFleet(c, &f, &many, q, args, &out, saved)
			}
			var err error
			if q.PlanRequest, err = f.exported(e, c, args, &out, saved); err != nil {
				return err
			}
			done, err := e.run.Export(c.Context(), q)
			if err != nil {
				return err
			}
			return e.showExported(&out, done)
		},
	}
	f.addAccount(c)
	f.addSnapshot(c, "read a saved snapshot instead of an account; - is standard input")
	f.addControls(c)
	f.addConfig(c)
	f.addAWS(c)
	fl := c.Flags()
	fl.BoolVar(&out.noColor, "no-color", false, "no color, even on a terminal (also NO_COLOR)")
	fl.BoolVarP(&out.quiet, "quiet", "q", false, "print only the names of the files: no progress, no expected results")
	fl.BoolVar(&out.verbose, "verbose", false, "show the calls made on stderr")
	fl.StringVar(&q.Dir, "dir", "", "directory for the files: new, empty, or with an earlier export")
	fl.BoolVar(&q.Force, "force", false, "write to a directory that holds other files, and overwrite those with the same names")
	fl.StringVar(&saved, "plan", "", "file of plan --save: write that plan without reading an account")
	if format == run.CloudFormation {
		fl.StringVar(&template, "format", "json", "json or yaml")
		complete(c, "format", func() []string { return []string{"json", "yaml"} })
		fl.BoolVar(&q.Template.StackSet, "stackset", false, "for a StackSet: no defaults for what differs between accounts; with --org one for each group of accounts that lack the same objects")
		many.addSome(c, fleetExported)
	}
	return c
}

// exported makes of the flags, the environment and the configuration file what an export
// is asked for of the account.
func (f *wishFlags) exported(e *env, c *cobra.Command, args []string, out *outputFlags, saved string) (run.PlanRequest, error) {
	if saved != "" && len(f.source.Files) > 0 {
		return run.PlanRequest{}, exit.Usage(errors.New("--plan and --snapshot cannot be combined"))
	}
	return f.planOrSaved(e, c, args, out, saved)
}

// showExported lists the files, and what is expected of them.
func (e *env) showExported(out *outputFlags, done run.Exported) error {
	for _, path := range done.Files {
		if _, err := fmt.Fprintln(e.Out, report.Sanitize(path)); err != nil {
			return err
		}
	}
	if done.Plan == nil || out.quiet {
		return nil
	}
	return report.ExpectedText(e.Out, *done.Plan, report.Options{Color: e.Color(out.noColor), Width: e.Width()})
}
