package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A FleetPlanRequest is what plan and apply over many accounts are asked for.
type FleetPlanRequest struct {
	FleetRequest
	Options plan.Options // the wishes

	// Dirs are folders that hold what was read; none: the accounts are read.
	Dirs []string

	// Each is told of each account that a plan changes, in no order; nil for nobody. The
	// planning does not keep those plans: identical ones are in the report once.
	Each func(FleetChange) error
}

// A FleetChange is the plan of one account of many.
type FleetChange struct {
	Ref   report.FleetRef
	Tags  map[string]string // that the configuration asks for
	Owner bool
	Snap  account.Snapshot
	Plan  change.Plan

	// What the plan was made for, and with; Audit.Central is the world.
	Controls []catalog.Control
	Options  plan.Options
}

// A FleetPlanning is a plan for many accounts, with what it was made from.
type FleetPlanning struct {
	Plan report.FleetPlan

	q         FleetPlanRequest
	owners    []FleetChange      // with actions or without
	seen      []account.Snapshot // accounts that stand for those which fail by the shared chain
	dirs      []string
	failsThen bool // something fails with the owners' plans carried out alone

	temp string // folder that goes with the planning; "" for none
	org  *account.Organization
}

// Close removes what the planning kept.
func (p *FleetPlanning) Close() {
	if p.temp != "" {
		os.RemoveAll(p.temp) //nolint:errcheck // a temporary folder
	}
}

// CheckWishes refuses wishes that many accounts do not have, before the first call.
func (q *FleetPlanRequest) CheckWishes() error {
	switch o := &q.Options; {
	case o.Bootstrap != nil:
		return exit.Hinted(exit.Usage(errors.New("--create-trail is for one account: no trail is made in many accounts")), "'monitorctl apply --create-trail --organization' in the management account makes one trail for all of them")
	case o.Transport != "" && o.Transport != "metric":
		return exit.Hinted(exit.Usage(fmt.Errorf("--transport %s: a rule sees only the events of its own account, but many accounts share a log group", o.Transport)),
			"leave out --transport, or run 'monitorctl apply --transport "+o.Transport+" --role-arn ARN' for each account that is to have rules, with the ARN of a role in it")
	}
	return nil
}

// PlanFleet reads many accounts, or takes the folders, and plans their repair: first in the
// accounts that own the chain which all share, and then, with that done on paper, in the
// accounts that still fail. Close the planning.
func (r *Runner) PlanFleet(ctx context.Context, q FleetPlanRequest) (*FleetPlanning, error) {
	p := &FleetPlanning{q: q, dirs: q.Dirs}
	before := &fleetTally{}
	if err := r.readForPlan(ctx, p, before); err != nil {
		p.Close()
		return nil, err
	}
	err := r.planFleet(ctx, p, before)
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// readForPlan reads and judges all accounts, into a folder.
func (r *Runner) readForPlan(ctx context.Context, p *FleetPlanning, before *fleetTally) error {
	var done *FleetRun
	var err error
	if len(p.dirs) > 0 {
		done, err = r.savedFleet(ctx, p.q.Request, p.dirs, "", before)
	} else {
		q := p.q.FleetRequest
		if q.Dir == "" && q.Resume == "" {
			if p.temp, err = os.MkdirTemp("", "monitorctl-plan-*"); err != nil {
				return fmt.Errorf("making a folder for what is read: %w", err)
			}
			q.Dir = p.temp
		}
		p.dirs = []string{q.Dir + q.Resume} // one of them is empty
		pr := PlanRequest{Request: q.Request, Options: p.q.Options}
		q.needs, q.wishes, q.also = pr.needs(), p.q.Options, before
		q.command = max(q.command, permissions.Plan)
		done, err = r.Fleet(ctx, q)
	}
	if err != nil {
		return err
	}
	defer done.Close()
	if done.Err != nil {
		return (Gate{}).incomplete(done)
	}
	return nil
}

// incomplete is the error of a run that did not get through all accounts: no plan is made of
// a part.
func (Gate) incomplete(done *FleetRun) error {
	code := exit.Failed
	if errors.Is(done.Err, context.Canceled) {
		code = exit.Interrupted
	}
	return &exit.Error{Code: code, Err: fmt.Errorf("not all accounts were read, and a plan needs all of them: %s", done.Report.Why)}
}

// planFleet plans from the folders.
func (r *Runner) planFleet(ctx context.Context, p *FleetPlanning, before *fleetTally) error {
	s := &savedFleets{}
	defer s.close()
	list, err := s.open(p.dirs)
	if err != nil {
		return err
	}
	x := &fleetPlanner{runner: r, p: p, store: s, list: list, before: before}
	for _, number := range slices.Sorted(maps.Keys(before.seen)) {
		p.seen = append(p.seen, before.seen[number])
	}
	if err := x.planOwners(ctx); err != nil {
		return err
	}
	x.report()
	return nil
}
