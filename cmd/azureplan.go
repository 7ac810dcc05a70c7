package cmd

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// azureWishFlags are the wishes of plan and apply that only Azure knows.
type azureWishFlags struct {
	resourceGroup, createIn, actionGroup string
	once, oneRule, register              bool
}

func (f *azureWishFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.resourceGroup, "resource-group", "", "on Azure: resource group for the alert rules and the action group (default: where the action group that apply created is)")
	fl.StringVar(&f.createIn, "create-resource-group", "", "on Azure: LOCATION such as westeurope, to create that resource group if it does not exist")
	fl.StringVar(&f.actionGroup, "action-group", "", "on Azure: id of an existing action group for the alert rules; it is checked first")
	fl.BoolVar(&f.once, "once", false, "on Azure: alert only on calls that succeed: one message for each change instead of two or three; no longer the exact benchmark text")
	fl.BoolVar(&f.oneRule, "one-rule", false, "on Azure: one alert rule for all operations of a control, for a subscription near its limit of rules; other tools fail it")
	fl.BoolVar(&f.register, "register-provider", false, "on Azure: register Microsoft.Insights in a subscription that has never used it")
}

// azureOptions are those of a plan for Azure.
func (f *wishFlags) azureOptions(conf *config.File) (azureplan.Options, error) {
	o := azureplan.Options{
		ResourceGroup: f.azure.resourceGroup, CreateIn: f.azure.createIn, ActionGroup: f.azure.actionGroup, Complete: f.complete,
		Once: f.azure.once, OneRule: f.azure.oneRule, Register: f.azure.register, NamePrefix: f.names.prefix, Replace: f.replace,
	}
	for _, text := range f.subscribe {
		r, err := azureplan.ParseReceiver(text)
		if err != nil {
			return o, exit.Usage(err)
		}
		o.Receivers = append(o.Receivers, r)
	}
	var err error
	o.Tags, err = tagsOf(conf, f.tags)
	return o, err
}

// planAzure is plan for subscriptions.
func (e *env) planAzure(c *cobra.Command, f *wishFlags, q run.Request, out *outputFlags, sinks []sink, save string, exitCode bool) error {
	o, err := f.azureOptions(&q.Scope.Config.File)
	if err != nil {
		return err
	}
	p, err := e.run.PlanAzure(c.Context(), run.AzurePlanRequest{Request: q, Options: o})
	if err != nil {
		return err
	}
	if save != "" && p.Plan.Separate {
		return exit.Usage(errors.New("a plan can be saved for only one subscription"))
	}
	if err := e.showPlan(c, out, sinks, p.Plan, &p.Scope.Config); err != nil {
		return err
	}
	if save != "" && len(p.Plan.Conflicts) == 0 {
		if err := e.run.SaveAzurePlan(c.Context(), save, p); err != nil {
			return err
		}
	}
	return run.PlanVerdict(p.Plan, exitCode)
}

// azureSaved is what apply --plan is asked for, where the saved plan is for a subscription.
func (f *wishFlags) azureSaved(e *env, c *cobra.Command, names []string, out *outputFlags, path string) (run.AzurePlanRequest, error) {
	var q run.AzurePlanRequest
	ctx, cancel, err := f.savedRequest(c, names, out, &q.Request)
	defer cancel()
	if err != nil {
		return q, err
	}
	if q.Saved, err = e.run.LoadAzurePlan(ctx, path, &q.Scope.Config); err != nil {
		return q, err
	}
	q.Options = q.Saved.Wishes.Options()
	q.Source.Subscriptions = []string{q.Saved.Account}
	q.Scope.Names, q.Scope.Benchmark = q.Saved.Wishes.Controls, q.Saved.Wishes.Benchmark
	q.Selection, err = q.Scope.Select(catalog.Azure)
	return q, err
}

// applyAzure is apply for subscriptions.
func (e *env) applyAzure(c *cobra.Command, q run.AzurePlanRequest, a *applyFlags, out *outputFlags, sinks []sink) error {
	p, err := e.run.PlanAzure(c.Context(), q)
	if err != nil {
		return err
	}
	// In a plan for several subscriptions a conflict keeps only its own from being written.
	blocked, err := e.showOrNote(c, a, out, sinks, p.Plan, &p.Scope.Config)
	if err != nil || a.dryRun || blocked != nil && (!p.Plan.Separate || len(p.Plan.Actions) == 0) {
		return cmp.Or(err, blocked)
	}
	ctx := c.Context()
	if done, err := e.nothingOrConfirm(a, p.Plan); done || err != nil {
		return err
	}
	tell := e.teller(sinks)
	codes, failed := e.run.ApplyAzure(ctx, p, a.journal, tell)
	if failed != nil && !run.GoesOn(failed) {
		return failed
	}
	if codes > 0 {
		tell("")
		tell("Azure sends a code to each new e-mail address, unless the tenant already knows it: its owner must enter the code within 30 minutes.")
	}
	r, err := e.run.VerifyAzure(ctx, p, failed == nil)
	if err != nil {
		return err
	}
	verdict := e.verified(out, sinks, p.Plan, &p.Scope.Config, r)
	return cmp.Or(failed, blocked, verdict)
}

// undoAzure takes back what a journal about subscriptions records; id is its first one.
func (e *env) undoAzure(ctx context.Context, c *cobra.Command, f *removeFlags, sinks []sink, path, id string) error {
	only := f.source.Subscriptions
	if len(only) == 0 {
		f.source.Subscriptions = []string{id}
	}
	q, err := f.request(e, c, nil, &f.out)
	if err != nil {
		return err
	}
	m, err := e.run.UndoAzure(ctx, q, path, only)
	if err != nil {
		return err
	}
	return e.remove(ctx, f, sinks, m)
}

// errJournalOfAWS is the error of an undo that names a subscription.
var errJournalOfAWS = exit.Usage(errors.New("the journal is for an AWS account, but --subscription names an Azure subscription"))
