package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// fixedByPlan are the flags that a saved plan has answered.
var fixedByPlan = []string{
	"set", "mapping", "benchmark", "region", "home-region", "topic-arn", "topic-name", "subscribe", "complete", "tag", "name-prefix", "replace", "extend-topic-policy", "kms-key",
	"transport", "per-region", "events-role-arn", "central-bus", "create-trail", "trail", "bucket", "log-group", "retention", "key", "organization",
	"resource-group", "create-resource-group", "action-group", "once", "one-rule", "register-provider",
}

// planOrSaved is plan, but where a file with a saved plan is named: then that has
// settled what is asked for, and only the account is the flags' affair.
func (f *wishFlags) planOrSaved(e *env, c *cobra.Command, names []string, out *outputFlags, path string) (run.PlanRequest, error) {
	if path == "" {
		return f.plan(e, c, names, out)
	}
	var q run.PlanRequest
	ctx, cancel, err := f.savedRequest(c, names, out, &q.Request)
	defer cancel()
	if err != nil {
		return q, err
	}
	if q.Saved, err = e.run.LoadPlan(ctx, path, q.Source.ExpectAccount, &q.Scope.Config); err != nil {
		return q, err
	}
	wishes := q.Saved.Wishes
	q.Options = wishes.Options()
	if err := q.Options.Resolve(run.ReadSubscriber); err != nil {
		return q, exit.Usage(err)
	}
	q.Source.ExpectAccount = q.Saved.Account
	if q.Source.Regions = q.Options.Scope; len(q.Source.Regions) == 0 {
		q.Source.Regions = q.Scope.Config.File.Regions
	}
	q.Scope.Names, q.Scope.Benchmark = wishes.Controls, wishes.Benchmark
	if q.Selection, err = q.Scope.Select(catalog.AWS); err != nil {
		return q, err
	}
	return q, q.Source.Check()
}

// checkFixed refuses flags and arguments that a saved plan has answered.
func checkFixed(c *cobra.Command, names []string) error {
	if len(names) > 0 {
		return exit.Usage(fmt.Errorf("--plan already says which controls to use; leave out %q", names[0]))
	}
	for _, flag := range fixedByPlan {
		if c.Flags().Changed(flag) {
			return exit.Hinted(exit.Usage(fmt.Errorf("--plan and --%s cannot be combined: the saved plan already says so", flag)),
				"save another plan with 'monitorctl plan --save'; see also "+envName(flag))
		}
	}
	return nil
}

// savedRequest begins the request of a saved plan: all that the flags and the
// configuration still say beside it. The context ends with the limit of the run.
func (f *wishFlags) savedRequest(c *cobra.Command, names []string, out *outputFlags, q *run.Request) (context.Context, context.CancelFunc, error) {
	*q = run.Request{Source: f.source, Limit: run.NewLimit(f.timeout), Quiet: out.quiet, Verbose: out.verbose}
	ctx, cancel := q.Limit.Context(c.Context())
	err := checkFixed(c, names)
	if err == nil {
		q.Scope, err = f.scope(ctx, c, nil)
	}
	return ctx, cancel, err
}
