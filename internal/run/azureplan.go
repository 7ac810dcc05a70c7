package run

import (
	"context"
	"errors"
	"fmt"
	"slices"

	azureaction "github.com/monitorctl/monitorctl/internal/azure/action"
	azureapply "github.com/monitorctl/monitorctl/internal/azure/apply"
	"github.com/monitorctl/monitorctl/internal/azure/arm"
	azureaudit "github.com/monitorctl/monitorctl/internal/azure/audit"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/internal/planfile"
)

// An AzurePlanRequest is what plan and apply are asked for of Azure.
type AzurePlanRequest struct {
	Request
	Options azureplan.Options // the wishes; what is about the audit is not set

	// Saved is the plan that apply is to carry out exactly; nil for a new one.
	Saved *planfile.File[azureplan.Wishes]
}

// An AzurePlanning is a plan for subscriptions with what it was made from.
type AzurePlanning struct {
	AzurePlanRequest
	Plan change.Plan

	options azureplan.Options // as the plan was made with
	snap    subscription.Snapshot
	client  *arm.Client // nil for a saved snapshot
}

// PlanAzure reads the subscriptions or the snapshot and plans their repair. With a saved
// plan the error says where the subscription is not as that was made for.
func (r *Runner) PlanAzure(ctx context.Context, q AzurePlanRequest) (*AzurePlanning, error) {
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	p := &AzurePlanning{AzurePlanRequest: q, options: q.Options}
	if err := azureplan.Check(q.Options); err != nil {
		return nil, exit.Usage(err)
	}
	var err error
	if len(q.Source.Subscriptions) == 0 {
		p.snap, err = r.subscriptions(ctx, &p.Request)
	} else if p.client, err = r.connectAzure(&p.Request); err == nil {
		p.snap, err = r.collectAzure(ctx, p.client, &p.Request, p.needs)
	}
	if err != nil {
		return nil, err
	}
	p.options.Audit = p.auditOptions(p.snap)
	p.Plan, err = Await(ctx, func() (change.Plan, error) { return azureplan.For(ctx, p.snap, q.Selection.Controls, p.options) })
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	return p, r.compareAzurePlan(p)
}

// needs asks for what a plan needs to know besides what judging does.
func (p *AzurePlanning) needs(o *azurecollect.Options) {
	o.Plan = true
	if p.Options.ResourceGroup != "" {
		o.ResourceGroups = []string{p.Options.ResourceGroup}
	}
	if p.Options.ActionGroup != "" {
		o.ActionGroups = []string{p.Options.ActionGroup}
	}
}

// auditOptions are those of an audit of a snapshot, as of the time it was taken.
func (p *AzurePlanning) auditOptions(snap subscription.Snapshot) azureaudit.Options {
	return azureAuditOptions(snap, &p.Selection, &p.Scope.Config, p.Strict)
}

// SaveAzurePlan writes a plan for one subscription into a file that apply --plan carries
// out, which only its owner can read.
func (r *Runner) SaveAzurePlan(ctx context.Context, path string, p *AzurePlanning) error {
	file, err := azureplan.Save(p.snap, p.Plan, p.options, r.madeBy(&p.Scope.Config), r.Now())
	if err != nil {
		return err
	}
	return writePlan(ctx, r, &p.Request, path, file)
}

// LoadAzurePlan reads a saved plan for a subscription, which must have been made with the
// same configuration.
func (r *Runner) LoadAzurePlan(ctx context.Context, path string, conf *Config) (*planfile.File[azureplan.Wishes], error) {
	file, err := readPlan[azureplan.Wishes](ctx, path)
	if err != nil {
		return nil, err
	}
	return &file, sameConfig(file.Config, r.madeBy(conf).Config)
}

// compareAzurePlan refuses a saved plan that is not what would be planned now.
func (r *Runner) compareAzurePlan(p *AzurePlanning) error {
	if p.Saved == nil {
		return nil
	}
	now := planfile.File[azureplan.Wishes]{Account: p.snap.Subscriptions[0].ID}
	if len(p.Plan.Conflicts) == 0 {
		var err error
		if now, err = azureplan.Save(p.snap, p.Plan, p.options, r.madeBy(&p.Scope.Config), r.Now()); err != nil {
			return err
		}
	}
	return r.differs(p.Plan, planfile.Compare(*p.Saved, now, azureplan.Facts(p.snap)), p.Saved.Tool.Version)
}

// ApplyAzure carries a plan out, one subscription after the other. What is done is shown
// by tell, line by line, and recorded in the journal of that path; "" for none. It
// returns how many e-mail addresses were added, whose owners have to enter a code. The
// error of an apply that began is an exit.Error that tells how far it came.
func (r *Runner) ApplyAzure(ctx context.Context, p *AzurePlanning, journalPath string, tell func(format string, args ...any)) (codes int, err error) {
	ctx, cancel := p.Limit.Anew().Context(ctx)
	defer cancel()
	done := 0
	where := inSubscription(p.Plan.Actions)
	options := azureapply.Options{Pause: r.Pause, OnDone: func(o azureaction.Outcome) {
		done++
		tell("%d/%d %s", done, len(p.Plan.Actions), where(o.Action))
		codes += addresses(o)
	}}
	if journalPath != "" && len(p.Plan.Actions) > 0 {
		h := journal.Header{Account: p.Plan.Actions[0].Common().Account, Partition: string(catalog.Azure), Salt: p.snap.Salt}
		w, err := beginRun[azureaction.State](r, journalPath, h)
		if err != nil {
			return 0, err
		}
		defer w.Close() //nolint:errcheck // every record is on the disk already
		options.Journal, options.OnSubscription = w, w.On
	}
	err = azureapply.RunEach(ctx, p.client, p.Plan, options)
	return codes, r.partialAzure(err, "apply", journalPath)
}

// GoesOn reports whether an apply that failed wrote to some subscriptions, and nobody
// interrupted it: then what it did is still audited.
func GoesOn(err error) bool {
	var several *azureapply.UnfinishedError
	return errors.As(err, &several) && len(several.Done) > 0 && exit.Code(err) != exit.Interrupted
}

// inSubscription returns what words an action: with its subscription where the actions
// are about several.
func inSubscription(list []change.Action) func(change.Action) string {
	several := slices.ContainsFunc(list, func(a change.Action) bool { return a.Common().Account != list[0].Common().Account })
	return func(a change.Action) string {
		if several {
			return a.String() + ", subscription " + a.Common().Account
		}
		return a.String()
	}
}

// partialAzure is partial for subscriptions.
func (r *Runner) partialAzure(err error, command, journal string) error {
	var several *azureapply.UnfinishedError
	if !errors.As(err, &several) {
		return r.partial(err, command, journal)
	}
	return r.stopped(err, several.Done, several.Left, command, journal, inSubscription(slices.Concat(several.Done, several.Left)))
}

// addresses counts the e-mail addresses that an action has added.
func addresses(o azureaction.Outcome) int {
	n := 0
	if put, ok := o.Action.(azureaction.PutGroup); ok && o.Written {
		for _, to := range put.Add {
			if to.Kind == subscription.Email {
				n++
			}
		}
	}
	return n
}

// VerifyAzure audits the subscriptions after their repair. What was written is read by its
// name: lists may lag behind. A repair that is not finished is not waited for.
func (r *Runner) VerifyAzure(ctx context.Context, p *AzurePlanning, finished bool) (finding.Report, error) {
	ctx, cancel := p.Limit.Anew().Context(ctx)
	defer cancel()
	predicted := p.Plan.After
	if !finished {
		predicted = finding.Report{}
	}
	return r.settled(ctx, &p.Request, predicted, func() (finding.Report, error) {
		snap, err := r.collectAzure(ctx, p.client, &p.Request, p.needs)
		if err == nil {
			err = azureapply.Refresh(ctx, p.client, &snap, p.Plan)
		}
		if err != nil {
			return finding.Report{}, fmt.Errorf("auditing again: %w", err)
		}
		return azureplan.Audit(ctx, snap, p.Selection.Controls, azureplan.Options{Audit: p.auditOptions(snap)})
	})
}

// AzureAccountOf returns the subscription that a saved plan or a journal is about; ""
// when it is about an account of AWS, or the file does not tell: its reader says what is
// wrong with it.
func AzureAccountOf(ctx context.Context, path string) string {
	in, err := files.Open(ctx, path)
	if err != nil {
		return ""
	}
	defer in.Close() //nolint:errcheck // only read from
	head := make([]byte, sniffed)
	n, _ := in.Read(head)
	if id := textField(head[:n], "account"); subscription.IsGUID(id) {
		return id
	}
	return ""
}
