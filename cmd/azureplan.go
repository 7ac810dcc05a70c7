package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	azureaction "github.com/monitorctl/monitorctl/internal/azure/action"
	azureapply "github.com/monitorctl/monitorctl/internal/azure/apply"
	"github.com/monitorctl/monitorctl/internal/azure/arm"
	azureaudit "github.com/monitorctl/monitorctl/internal/azure/audit"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/internal/planfile"
)

// azureWishFlags are the wishes of plan and apply that only Azure knows.
type azureWishFlags struct {
	resourceGroup, createIn, actionGroup string
	once, oneRule, register              bool
}

func (f *azureWishFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.resourceGroup, "resource-group", "", "Azure: resource group for our alert rules and action group (default: where our action group is)")
	fl.StringVar(&f.createIn, "create-resource-group", "", "Azure: LOCATION such as westeurope, to create that resource group if it does not exist")
	fl.StringVar(&f.actionGroup, "action-group", "", "Azure: id of an existing action group for our alert rules, checked before it is used")
	fl.BoolVar(&f.once, "once", false, "Azure: alert on calls that succeed only, one message for each change instead of two or three; no longer the exact benchmark text")
	fl.BoolVar(&f.oneRule, "one-rule", false, "Azure: one alert rule for all operations of a control, where there is no room for more; other tools fail it")
	fl.BoolVar(&f.register, "register-provider", false, "Azure: register Microsoft.Insights in a subscription that never used it")
}

// azureOptions turns the flags into the options of a plan for Azure.
func (f *wishFlags) azureOptions() (azureplan.Options, error) {
	o := azureplan.Options{
		ResourceGroup: f.azure.resourceGroup, CreateIn: f.azure.createIn, ActionGroup: f.azure.actionGroup, Complete: f.complete,
		Once: f.azure.once, OneRule: f.azure.oneRule, Register: f.azure.register, NamePrefix: f.prefix, Replace: f.replace,
	}
	for _, text := range f.subscribe {
		r, err := azureplan.ParseReceiver(text)
		if err != nil {
			return o, usage(err)
		}
		o.Receivers = append(o.Receivers, r)
	}
	return o, nil
}

// An azurePlanning is a plan for Azure with what it was made from.
type azurePlanning struct {
	plan      change.Plan
	options   azureplan.Options
	snap      subscription.Snapshot
	client    *arm.Client // nil for a saved snapshot
	controls  []catalog.Control
	benchmark catalog.Benchmark
	saved     *planfile.File[azureplan.Wishes] // apply --plan; nil otherwise
}

// planAzure is plan for subscriptions.
func (e *env) planAzure(c *cobra.Command, f *planFlags, names []string) error {
	j, err := e.planningAzure(c, f, names)
	if err != nil {
		return err
	}
	if err := e.showPlan(c.Context(), &f.outputFlags, j.plan); err != nil {
		return err
	}
	if f.save != "" && len(j.plan.Conflicts) == 0 {
		file, err := azureplan.Save(j.snap, j.plan, j.options, e.madeBy(), e.now())
		if err != nil {
			return err
		}
		if err := files.Write(c.Context(), f.save, files.Private, file.Encode); err != nil {
			return err
		}
		e.saidSaved(f, len(j.plan.Actions))
	}
	return planVerdict(j.plan, f.exitCode)
}

// planningAzure reads the subscriptions or the snapshot and plans their repair.
func (e *env) planningAzure(c *cobra.Command, f *planFlags, names []string) (*azurePlanning, error) {
	j := &azurePlanning{}
	ctx, cancel := f.deadline(c.Context())
	defer cancel()
	if err := e.wishAzure(ctx, c, f, j, names); err != nil {
		return nil, err
	}
	if err := azureplan.Check(j.options); err != nil {
		return nil, usage(err)
	}
	if err := e.readForPlan(ctx, f, j); err != nil {
		return nil, err
	}
	j.options.Audit = f.azureAudit(j.benchmark, j.snap)
	var err error
	j.plan, err = await(ctx, func() (change.Plan, error) { return azureplan.For(ctx, j.snap, j.controls, j.options) })
	var home *azureplan.NoHomeError
	if errors.As(err, &home) {
		return nil, usage(err)
	}
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	if j.saved == nil {
		return j, nil
	}
	now := planfile.File[azureplan.Wishes]{Account: j.snap.Subscriptions[0].ID}
	if len(j.plan.Conflicts) == 0 {
		if now, err = azureplan.Save(j.snap, j.plan, j.options, e.madeBy(), e.now()); err != nil {
			return nil, err
		}
	}
	return j, e.differs(j.plan, planfile.Compare(*j.saved, now, azureplan.Facts(j.snap)), j.saved.Tool.Version)
}

// wishAzure fills in what the plan is asked for, from the flags or the saved plan.
func (e *env) wishAzure(ctx context.Context, c *cobra.Command, f *planFlags, j *azurePlanning, names []string) (err error) {
	if f.planFile == "" {
		if j.controls, j.benchmark, err = f.selection(names); err != nil {
			return err
		}
		if j.options, err = f.azureOptions(); err != nil {
			return err
		}
		j.options.Tags, err = tagsOf(f.config.conf, f.tags)
		return err
	}
	if err := checkFixed(c, names); err != nil {
		return err
	}
	file, err := readPlan[azureplan.Wishes](ctx, f.planFile)
	if err != nil {
		return err
	}
	if err := sameConfig(file.Config, e.madeBy().Config); err != nil {
		return err
	}
	f.benchmark = file.Wishes.Benchmark
	j.saved, j.options = &file, file.Wishes.Options()
	j.controls, j.benchmark, err = f.selection(file.Wishes.Controls)
	return err
}

// readForPlan reads what a plan is made from.
func (e *env) readForPlan(ctx context.Context, f *planFlags, j *azurePlanning) (err error) {
	if len(f.subscriptions) == 0 {
		j.snap, err = e.subscriptions(ctx, &f.azureFlags, &f.source, f.quiet, f.verbose)
		return err
	}
	if j.client, err = e.connectAzure(&f.azureFlags, &f.source, f.verbose); err != nil {
		return err
	}
	j.snap, err = e.collectAzure(ctx, j.client, &f.azureFlags, f.quiet, f.verbose, j.planOptions)
	return err
}

// planOptions asks for what a plan needs besides.
func (j *azurePlanning) planOptions(o *azurecollect.Options) {
	o.Plan = true
	if j.options.ResourceGroup != "" {
		o.ResourceGroups = []string{j.options.ResourceGroup}
	}
	if j.options.ActionGroup != "" {
		o.ActionGroups = []string{j.options.ActionGroup}
	}
}

// azureAudit are the options of an audit of a snapshot, as of the time it was taken.
func (f *judgeFlags) azureAudit(b catalog.Benchmark, snap subscription.Snapshot) azureaudit.Options {
	framework, _ := f.framework() // the selection of the controls would have failed
	return azureaudit.Options{Benchmark: b, Framework: framework, Now: snap.TakenAt, Waivers: f.config.conf.Waivers, Accepts: f.config.conf.Accepts, Strict: f.strict}
}

// applyAzure is apply for a subscription.
func (e *env) applyAzure(c *cobra.Command, f *planFlags, names []string, yes, dryRun bool) error {
	j, err := e.planningAzure(c, f, names)
	if err != nil {
		return err
	}
	if n := len(j.snap.Subscriptions); n != 1 {
		return hinted(usage(fmt.Errorf("apply writes to one subscription at a time, not to %d", n)), "name one with --subscription")
	}
	if err := e.showOrNote(c.Context(), f, j.plan, yes, dryRun); err != nil {
		return err
	}
	if err := planVerdict(j.plan, false); err != nil || dryRun {
		return err
	}
	if len(j.plan.Actions) == 0 {
		return gate{}.verdict(j.plan.Before, nil)
	}
	if !yes {
		ok, err := e.confirm("Apply", len(j.plan.Actions), j.plan.Before.Accounts[0])
		if err != nil || !ok {
			return cancelled(err)
		}
	}
	f.begin() // whoever was asked took their time
	ctx, cancel := f.deadline(c.Context())
	defer cancel()
	if err := e.carryOutAzure(ctx, f, j); err != nil {
		return err
	}
	return e.auditAzureAgain(ctx, f, j)
}

// carryOutAzure carries a plan out.
func (e *env) carryOutAzure(ctx context.Context, f *planFlags, j *azurePlanning) error {
	done, codes := 0, 0
	options := azureapply.Options{Pause: e.pause, OnDone: func(o azureaction.Outcome) {
		done++
		e.note(&f.outputFlags, "%d/%d %s", done, len(j.plan.Actions), o.Action)
		codes += unverified(o)
	}}
	if f.journal != "" {
		h := journal.Header{Account: j.snap.Subscriptions[0].ID, Partition: string(catalog.Azure), Salt: j.snap.Salt}
		w, err := beginRun[azureaction.State](e, f.journal, h)
		if err != nil {
			return err
		}
		defer w.Close() //nolint:errcheck // every record is on the disk already
		options.Journal = w
	}
	if err := azureapply.Run(ctx, j.client, j.plan, options); err != nil {
		return e.partial(err, "apply", f.journal)
	}
	if codes > 0 {
		e.note(&f.outputFlags, "")
		e.note(&f.outputFlags, "Azure sends a code to each new e-mail address, unless the tenant knows it already: its owner must enter it within 30 minutes.")
	}
	return nil
}

// unverified counts the e-mail addresses that an action has added.
func unverified(o azureaction.Outcome) int {
	n := 0
	if put, ok := o.Action.(azureaction.PutGroup); ok && o.Written {
		for _, r := range put.Add {
			if r.Kind == subscription.Email {
				n++
			}
		}
	}
	return n
}

// auditAzureAgain audits the subscription as it is now, and says where it differs from
// what the plan predicted. What was written is read by its name: lists may lag behind.
func (e *env) auditAzureAgain(ctx context.Context, f *planFlags, j *azurePlanning) error {
	r, err := e.settledReport(ctx, f.quiet, j.plan.After, func() (finding.Report, error) {
		snap, err := e.collectAzure(ctx, j.client, &f.azureFlags, f.quiet, f.verbose, j.planOptions)
		if err == nil {
			err = azureapply.Refresh(ctx, j.client, &snap, j.plan)
		}
		if err != nil {
			return finding.Report{}, fmt.Errorf("auditing again: %w", err)
		}
		return azureaudit.Run(ctx, snap, j.controls, f.azureAudit(j.benchmark, snap))
	})
	if err != nil {
		return err
	}
	return e.verifiedVerdict(f, j.plan, r)
}

// accountOf returns whose account a saved plan or a journal is about, "" when the file
// does not tell: its reader says what is wrong with it.
func accountOf(ctx context.Context, path string) string {
	in, err := files.Open(ctx, path)
	if err != nil {
		return ""
	}
	defer in.Close() //nolint:errcheck // only read from
	head := make([]byte, sniffed)
	n, _ := in.Read(head)
	return textField(head[:n], "account")
}

// textField returns a text of the object that data begins with; "" for none.
func textField(data []byte, name string) string {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	for {
		key, err := d.Token()
		if err != nil {
			return ""
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return ""
		}
		var text string
		if key == name && json.Unmarshal(value, &text) == nil {
			return text
		}
	}
}
