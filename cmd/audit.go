package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newAudit builds "monitorctl audit".
func newAudit(e *env) *cobra.Command {
	var f scopeFlags
	var g gateFlags
	var out outputFlags
	var fleet fleetFlags
	formats := report.Formats()
	c := &cobra.Command{
		Use:   "audit [CONTROL...]",
		Short: "Check whether anyone would be alerted",
		Long: `audit reads an account (or a saved snapshot) and checks for each control whether
anyone would be alerted if one of its events happened now, in every region. With
--subscription it reads Azure instead, and checks the controls of Azure; with
--profile, --role-arn or --region as well it checks both and writes one report.

A CONTROL is an id such as security-group-changes or a number of the benchmark
such as 4.10. It exits with 0 when nothing fails, 3 when a control fails, and 1
when nothing fails but something could not be checked. With --baseline, failures of
an earlier report do not count again unless their cause has changed.

The last line of the table shows how much of the benchmark was checked; the line
before it shows the command that fixes the failures.`,
		Example: `  monitorctl audit
  monitorctl audit security-group-changes 4.11 --region eu-central-1,us-east-1
  monitorctl audit --set cis --benchmark cis-5.0.0 -o table -o json=audit.json
  monitorctl audit --snapshot account.json
  monitorctl audit --subscription acme-prod
  monitorctl audit --subscription acme-prod --profile audit
  monitorctl audit --baseline main.json --fail-on high -o github -o markdown=summary.md`,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := out.sinks(formats)
			if err != nil {
				return err
			}
			q, err := f.request(e, c, args, &out)
			if err != nil {
				return err
			}
			q.Strict = g.strict
			q.Origin = slices.ContainsFunc(sinks, func(s sink) bool { return s.format == "html" })
			q.Repairs = q.Origin
			if many, err := fleet.given(c, q.Source.Files); err != nil {
				return err
			} else if many {
				return fleet.audit(e, c, q, &out, sinks, &g)
			}
			controls, cloud := q.Selection.Controls, q.Selection.Cloud
			if q.Azure != nil {
				controls, cloud = slices.Concat(controls, q.Azure.Controls), catalog.Azure
			}
			if err := placeFor(cloud, sinks); err != nil {
				return err
			}
			gate, err := g.gate(e, controls)
			if err != nil {
				return err
			}
			ctx, cancel := q.Limit.Context(c.Context())
			defer cancel()
			earlier, err := run.ReadBaseline(ctx, g.baseline)
			if err != nil {
				return err
			}
			r, err := e.run.Audit(ctx, &q, false)
			if err != nil {
				return err
			}
			o := report.Options{Config: q.Scope.Config.Identity(), Strict: g.strict, Controls: controls}
			gate, o.Baseline = e.run.Against(earlier, r, gate)
			if err := e.each(ctx, &out, sinks, o, auditWriter(r)); err != nil {
				return err
			}
			return gate.Verdict(r, nil)
		},
	}
	f.addJudging(c)
	out.add(c, formats)
	out.addShowWaived(c)
	f.addMapping(c)
	f.satisfy.addPeers(c, "also report what other auditors would say about the filters, comma-separated")
	g.add(c)
	fleet.add(c)
	fleet.view.add(c)
	return c
}
