package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/report"
)

// judgeFlags are what audit, explain and plan share.
type judgeFlags struct {
	source
	azureFlags
	controlFlags
	outputFlags

	strict    bool   // judge as audit --strict does; no flag of explain and plan
	transport string // --transport of audit and explain; "" elsewhere
}

// transports are the values of --transport, the default first.
var transports = []string{"any", audit.MetricTransport, audit.RuleTransport}

// addTransport adds --transport.
func (f *judgeFlags) addTransport(c *cobra.Command) {
	c.Flags().StringVar(&f.transport, "transport", transports[0], "what may carry events to a person: metric (filter and alarm, as benchmark tools look), eventbridge (rules), any")
	complete(c, "transport", func() []string { return transports })
}

// carriers returns the transport to judge by. Security Hub's own controls look for
// metric filters, so that a judgement in its terms does too.
func (f *judgeFlags) carriers() (string, error) {
	framework, _ := f.framework()
	hub := framework.ID == "aws-security-hub"
	switch {
	case f.transport != "" && !slices.Contains(transports, f.transport):
		return "", usage(fmt.Errorf("--transport %q: expected any, metric or eventbridge", f.transport))
	case hub && f.transport == audit.RuleTransport:
		return "", hinted(usage(errors.New("--transport eventbridge with --mapping aws-security-hub: Security Hub looks for metric filters only")), "leave one of them out")
	case hub:
		return audit.MetricTransport, nil
	case f.transport == transports[0]:
		return audit.AnyTransport, nil
	}
	return f.transport, nil
}

func (f *judgeFlags) add(c *cobra.Command, formats []string) {
	f.accountFlags.add(c)
	c.Flags().StringArrayVar(&f.files, "snapshot", nil, "judge a saved snapshot instead of an account, repeatable: several are judged together; - is standard input")
	f.controlFlags.add(c)
	f.config.add(c)
	c.Flags().BoolVar(&f.showWaived, "show-waived", false, "show what is wrong with waived controls, beside their waiver")
	f.outputFlags.add(c, formats)
}

// gateFlags decide what counts as a failure.
type gateFlags struct {
	strict   bool
	failOn   string
	baseline string // path of an earlier JSON report; "" for none
}

func (f *gateFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.strict, "strict", false, "count warnings as failures, and warn of evidence that could not be read and of waivers that are wider than needed")
	c.Flags().StringVar(&f.failOn, "fail-on", "", "count only failures of this severity and above: low, medium, high, critical")
	c.Flags().StringVar(&f.baseline, "baseline", "", "JSON report of an earlier run: count only failures, and causes of failures, that it does not have")
	complete(c, "fail-on", func() []string { return []string{"low", "medium", "high", "critical"} })
}

func (f *gateFlags) gate() (gate, error) {
	g := gate{strict: f.strict}
	if f.failOn == "" {
		return g, nil
	}
	s, err := catalog.ParseSeverity(f.failOn)
	g.failOn = s
	return g, err
}

// newAudit builds "monitorctl audit".
func newAudit(e *env) *cobra.Command {
	var f judgeFlags
	var g gateFlags
	c := &cobra.Command{
		Use:   "audit [CONTROL...]",
		Short: "Judge whether a person would be told",
		Long: `audit reads an account (or a saved snapshot) and says for each control whether a
person would be told if one of its events happened now, in every region. With
--subscription it reads Azure instead, and judges the controls of Azure.

A CONTROL is an id such as security-group-changes or a number of the benchmark
such as 4.10. It exits with 0 when nothing fails, 3 when a control fails, and 1
when nothing fails but something could not be seen. With --baseline, what failed
in an earlier report does not count again, unless it has another cause now.

The last line of the table says how much of the benchmark was checked, and the one
before it which command repairs what fails.`,
		Example: `  monitorctl audit
  monitorctl audit security-group-changes 4.11 --region eu-central-1,us-east-1
  monitorctl audit --set cis --benchmark cis-5.0.0 -o table -o json=audit.json
  monitorctl audit --snapshot account.json
  monitorctl audit --subscription acme-prod
  monitorctl audit --baseline main.json --fail-on high -o github -o markdown=summary.md`,
		PreRunE:           e.configured(&f.controlFlags, &f.source),
		ValidArgsFunction: completeControls(&f.controlFlags),
		RunE: func(c *cobra.Command, args []string) error {
			gate, err := g.gate()
			if err != nil {
				return err
			}
			if err := e.settle(c.Context(), c, &f.azureFlags, &f.source, &f.controlFlags); err != nil {
				return err
			}
			sinks, err := f.sinks(tableFirst())
			if err != nil {
				return err
			}
			if f.cloud == catalog.Azure && slices.ContainsFunc(sinks, func(s sink) bool { return s.format == "asff" }) {
				return usage(errors.New("asff is AWS's own format: it has no place for Azure"))
			}
			f.strict, f.warningsFail = g.strict, g.strict
			controls, _, err := f.selection(args)
			if err != nil {
				return err
			}
			if text := gate.idle(controls); text != "" {
				fmt.Fprintln(e.err, "monitorctl: warning: "+text)
			}
			ctx, cancel := f.deadline(c.Context())
			defer cancel()
			earlier, err := g.earlier(ctx)
			if err != nil {
				return err
			}
			r, err := e.judge(ctx, &f, args, request{})
			if err != nil {
				return err
			}
			f.baseline = e.against(earlier, r, &gate)
			if err := e.reports(ctx, &f.outputFlags, r, controls); err != nil {
				return err
			}
			return gate.verdict(r, nil)
		},
	}
	f.add(c, tableFirst())
	f.azureFlags.add(c)
	c.Flags().StringSliceVar(&f.regions, "region", nil, "regions to probe, repeatable or comma-separated (default all enabled ones)")
	f.addMapping(c)
	f.addTransport(c)
	g.add(c)
	completeRegions(c, "region")
	return c
}

// tableFirst lists the formats, the default one first.
func tableFirst() []string {
	out := []string{"table"}
	for _, name := range report.Formats() {
		if name != "table" {
			out = append(out, name)
		}
	}
	return out
}

// judge reads the account or snapshot and audits it.
func (e *env) judge(ctx context.Context, f *judgeFlags, names []string, r request) (finding.Report, error) {
	if f.cloud == catalog.Azure {
		return e.judgeAzure(ctx, f, names)
	}
	controls, benchmark, err := f.selection(names)
	if err != nil {
		return finding.Report{}, err
	}
	if err := f.check(); err != nil {
		return finding.Report{}, err
	}
	transport, err := f.carriers()
	if err != nil {
		return finding.Report{}, err
	}
	r.noRules = transport == audit.MetricTransport
	r.controls, r.quiet = controls, f.quiet
	started := e.now()
	snaps, session, err := e.snapshots(ctx, &f.source, r)
	if err != nil {
		return finding.Report{}, err
	}
	if f.verbose {
		defer e.calls(session, started)
	}
	var all finding.Report
	for i, snap := range snaps {
		o := f.planOptions(benchmark, controls, snap)
		o.Audit.Strict, o.Audit.Transport, o.AssumeOurs = f.strict, transport, session != nil
		o.Audit.Central = slices.Concat(o.Audit.Central, others(snaps, i))
		r, err := e.advised(ctx, snap, controls, o)
		if err != nil {
			return finding.Report{}, err
		}
		if i == 0 {
			all = r
		} else {
			all.Join(r)
		}
	}
	return all, nil
}

// advised judges a snapshot, and says what a plan with these wishes would do next.
func (e *env) advised(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o plan.Options) (finding.Report, error) {
	r, err := await(ctx, func() (finding.Report, error) { return plan.Audit(ctx, snap, controls, o) })
	return e.judged(ctx, r, err)
}

// planOptions are those of a run on a snapshot, with the wishes of the configuration:
// what the audit says of the next step is what a plan with them would do.
func (f *controlFlags) planOptions(b catalog.Benchmark, controls []catalog.Control, snap account.Snapshot) plan.Options {
	conf := &f.config.conf
	o := plan.Options{
		Audit: f.auditOptions(b, controls, snap), Namespace: conf.Names.Namespace, NamePrefix: conf.Names.Prefix, TopicName: conf.Names.Topic,
		TopicARN: conf.Notify.TopicARN,
	}
	for _, text := range conf.Notify.Subscribe {
		if s, err := readSubscriber(text); err == nil { // the configuration was checked
			o.Subscribers = append(o.Subscribers, s)
		}
	}
	o.Routes, _ = routesOf(conf) // a secret that is not at hand matters to apply only
	return o
}

// auditOptions are those of a run on a snapshot. It is judged as of the time it
// was taken, so that judging it again later gives the same findings.
func (f *controlFlags) auditOptions(b catalog.Benchmark, controls []catalog.Control, snap account.Snapshot) audit.Options {
	framework, _ := f.framework() // the selection of the controls would have failed
	var checked catalog.Checked
	if cat, err := f.load(); err == nil { // likewise
		checked = cat.Checked(controls, b)
	}
	return audit.Options{Benchmark: b, Now: snap.TakenAt, Framework: framework, Checked: checked, Waivers: f.config.conf.Waivers, Accepts: f.config.conf.Accepts, Declared: f.config.conf.Declared, Central: f.config.central}
}

// audit judges a snapshot, unless ctx ends before.
func (e *env) audit(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o audit.Options) (finding.Report, error) {
	r, err := await(ctx, func() (finding.Report, error) { return audit.Run(ctx, snap, controls, o) })
	return e.judged(ctx, r, err)
}

// judged finishes a report, or says why there is none.
func (e *env) judged(ctx context.Context, r finding.Report, err error) (finding.Report, error) {
	if err != nil && ctx.Err() != nil {
		return r, fmt.Errorf("judging: %w", err)
	}
	r.GeneratedAt = e.now().UTC().Truncate(time.Second)
	return r, err
}

// reports writes a report in every format asked for. Formats that explain the
// controls take their texts from controls.
func (e *env) reports(ctx context.Context, f *outputFlags, r finding.Report, controls []catalog.Control) error {
	sinks, err := f.sinks(tableFirst())
	if err != nil {
		return err
	}
	for _, s := range sinks {
		format, err := report.Find(s.format)
		if err != nil {
			return err
		}
		o := e.options(f, s)
		o.Controls = controls
		if err := e.write(ctx, s, func(w io.Writer) error { return format(w, r, o) }); err != nil {
			return err
		}
	}
	return nil
}

// options are those of the report package for one sink.
func (e *env) options(f *outputFlags, s sink) report.Options {
	o := report.Options{Quiet: f.quiet, Verbose: f.verbose, ShowWaived: f.showWaived, Version: versionText(), Config: e.config, Baseline: f.baseline, Strict: f.warningsFail}
	if s.path == "" {
		o.Color, o.Width = e.color(f.noColor), e.width()
	}
	return o
}
