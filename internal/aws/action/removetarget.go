package action

import (
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// RemoveTarget removes a target of ours from a rule.
type RemoveTarget struct {
	change.Meta
	Rule    string
	Target  account.WholeTarget // as it was read; without its text where a snapshot told of it
	Seen    *account.Target     // as a snapshot holds it; nil when Target is whole
	Forward bool
}

func (RemoveTarget) sealed() {}

// String returns "remove target topic from rule monitorctl-nacl-changes (eu-central-1)".
func (a RemoveTarget) String() string {
	return fmt.Sprintf("remove target %s from rule %s (%s)", a.Target.ID, a.Rule, a.Region)
}

// Kind returns "remove-target".
func (RemoveTarget) Kind() string { return "remove-target" }

// Name returns the rule's name and the id of the target: RULE/ID.
func (a RemoveTarget) Name() string { return a.Rule + "/" + a.Target.ID }

// New returns false.
func (RemoveTarget) New() bool { return false }

// Place is before the rules; what is forwarded stops first.
func (a RemoveTarget) Place() Place {
	if a.Forward {
		return removesForwardTarget
	}
	return removesTarget
}

// Object returns the target.
func (a RemoveTarget) Object() change.Object { return TargetObject(a.Region, a.Rule, a.Target.ID) }

// Closing sets the controls that the action is about.
func (a RemoveTarget) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (RemoveTarget) Calls() []string { return []string{"events:RemoveTargets"} }

// Cost is nothing.
func (RemoveTarget) Cost() change.Cost { return change.Cost{} }

// seen is the target as snapshots hold it.
func (a RemoveTarget) seen() account.Target {
	if a.Seen != nil {
		return *a.Seen
	}
	return a.Target.Target()
}

// Fields has the target's settings but for the paths of its message.
func (a RemoveTarget) Fields(bool) []change.Field { return change.Gone(TargetSettings(a.seen())[:3]) }

// Saved holds the target as in snapshots.
func (a RemoveTarget) Saved() change.Saved {
	return change.Saved{Name: a.Name(), Before: a.seen()}
}

func (a RemoveTarget) simulate(d *draft) {
	changeTargets(d.of(a), a.Rule, func(list []account.Target) []account.Target { return withoutTarget(list, a.Target.ID) })
}

func (a RemoveTarget) rests(b *basis) { b.target(a.Rule, a.Target.ID) }

func (RemoveTarget) limits() error { return nil }

func (a RemoveTarget) check(ctx context.Context, s *sight) error {
	_, err := a.look(ctx, s.calls)
	return err
}

// apply records the target with its text, which the plan may not know.
func (a RemoveTarget) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil || have == nil {
		return Outcome{}, err
	}
	e := change.Record[State]{Object: a.Object(), Before: &State{Target: have}}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.RemoveTarget(ctx, a.Region, a.Rule, a.Target.ID) })
}

// look reports whether the target is there, as the plan saw it.
func (a RemoveTarget) look(ctx context.Context, c Calls) (bool, error) {
	have, err := a.now(ctx, c)
	return have != nil, err
}

func (a RemoveTarget) now(ctx context.Context, c Calls) (*account.WholeTarget, error) {
	have, _, err := targetNow(ctx, c, a.Region, a.Rule, a.Target.ID)
	if err == nil && have != nil && !have.Target().Same(a.seen()) {
		return nil, changedTarget(a.Rule, a.Target.ID, "was changed")
	}
	return have, err
}
