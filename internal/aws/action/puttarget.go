package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// PutTarget adds a target to a rule of the default bus, or replaces the one with its
// id. Other targets of the rule stay as they are.
type PutTarget struct {
	change.Meta
	Rule   string
	Target account.WholeTarget
	Before *account.Target // nil: the target is new

	// Forward means that the rule is one that sends events to another region.
	Forward bool

	// Exact means that dead-letter queue and retries are written as they stand in
	// Target; else those that the target has are kept.
	Exact bool
}

func (PutTarget) sealed() {}

// String returns "add target topic to rule monitorctl-nacl-changes (eu-central-1)", or
// "update target ...".
func (a PutTarget) String() string {
	if a.Before == nil {
		return fmt.Sprintf("add target %s to rule %s (%s)", a.Target.ID, a.Rule, a.Region)
	}
	return fmt.Sprintf("update target %s of rule %s (%s)", a.Target.ID, a.Rule, a.Region)
}

// Kind returns "put-target".
func (PutTarget) Kind() string { return "put-target" }

// Name returns the rule's name and the id of the target: RULE/ID.
func (a PutTarget) Name() string { return a.Rule + "/" + a.Target.ID }

// New reports whether the target is not there yet.
func (a PutTarget) New() bool { return a.Before == nil }

// Place is behind the rules.
func (a PutTarget) Place() Place {
	if a.Forward {
		return putsForwardTarget
	}
	return putsTarget
}

// Object returns the target.
func (a PutTarget) Object() change.Object { return TargetObject(a.Region, a.Rule, a.Target.ID) }

// Closing sets the controls that the action helps.
func (a PutTarget) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (PutTarget) Calls() []string { return []string{"events:PutTargets"} }

// Cost is nothing.
func (PutTarget) Cost() change.Cost { return change.Cost{} }

// Fields has the target's settings; the text of the message only if all is asked for.
func (a PutTarget) Fields(all bool) []change.Field {
	if a.Before != nil {
		return change.Differences(TargetSettings(*a.Before), TargetSettings(a.Target.Target()))
	}
	settings := wholeSettings(a.Target)
	if !all && a.Target.Transformer != nil {
		settings = settings[:2]
		settings = append(settings, change.Setting{Name: "message", Value: "who did what, where, and from where (--verbose shows the text)"})
	}
	return change.Created(settings)
}

// Saved holds the target with its text; one that is replaced as in snapshots.
func (a PutTarget) Saved() change.Saved {
	s := change.Saved{Name: a.Name(), After: a.Target}
	if a.Before != nil {
		s.Before = *a.Before
	}
	return s
}

func (a PutTarget) simulate(d *draft) {
	changeTargets(d.of(a), a.Rule, func(list []account.Target) []account.Target {
		return append(withoutTarget(list, a.Target.ID), a.Target.Target())
	})
}

// changeTargets replaces the targets of a rule of a region that may be changed.
func changeTargets(region *account.Region, rule string, change func([]account.Target) []account.Target) {
	if region.Rules == nil {
		return
	}
	for i := range region.Rules.Value {
		x := &region.Rules.Value[i]
		if x.Name != rule {
			continue
		}
		have, _ := x.Targets.Got()
		list := change(slices.Clone(have))
		slices.SortFunc(list, func(a, b account.Target) int { return cmp.Compare(a.ID, b.ID) })
		x.Targets = &account.Read[[]account.Target]{Value: list}
	}
}

func withoutTarget(list []account.Target, id string) []account.Target {
	return slices.DeleteFunc(list, func(t account.Target) bool { return t.ID == id })
}

func (a PutTarget) rests(b *basis) {
	b.target(a.Rule, a.Target.ID)
	if a.Target.RoleARN != "" {
		b.role(a.Target.RoleARN)
	}
}

func (a PutTarget) limits() error { return targetLimits(a.Target) }

func (a PutTarget) check(ctx context.Context, s *sight) error {
	whole, err := a.found(ctx, s.calls)
	if err == nil {
		_, _, err = whole.now(ctx, s.calls)
	}
	return err
}

// now reads what has the target's id, and reports whether it is what the plan would
// write; an error when it is neither that nor what the plan replaces.
func (a PutTarget) now(ctx context.Context, c Calls) (have *account.WholeTarget, there bool, err error) {
	have, list, err := targetNow(ctx, c, a.Region, a.Rule, a.Target.ID)
	switch {
	case err != nil:
		return nil, false, err
	case have == nil && a.Before == nil:
		return nil, false, within("targets of the rule", len(list)+1, MaxTargets)
	case have == nil:
		return nil, false, changedTarget(a.Rule, a.Target.ID, "disappeared")
	case have.Same(a.written(have)):
		return have, true, nil
	case a.Before == nil:
		return have, false, changedTarget(a.Rule, a.Target.ID, "appeared")
	case !have.Target().Same(*a.Before):
		return have, false, changedTarget(a.Rule, a.Target.ID, "was changed")
	case len(have.Unknown) > 0:
		return have, false, fmt.Errorf("target %q of rule %q has settings that this version cannot write: %s", a.Target.ID, a.Rule, have.Unknown[0])
	}
	return have, false, nil
}

// found returns the action with the ARN of an API destination that was planned before it
// was there. One that is still not there leaves it as it is.
func (a PutTarget) found(ctx context.Context, c Calls) (PutTarget, error) {
	name, ok := desired.NewDestination(a.Target.ARN)
	if !ok {
		return a, nil
	}
	whole := a
	d, err := destinationNow(ctx, c, a.Region, name, "")
	if d != nil {
		whole.Target.ARN = d.ARN
	}
	return whole, err
}

// written is the target as it is written over what is there.
func (a PutTarget) written(have *account.WholeTarget) account.WholeTarget {
	t := a.Target
	if have != nil && !a.Exact {
		t.DeadLetterARN, t.RetryAttempts, t.RetryAge = have.DeadLetterARN, have.RetryAttempts, have.RetryAge
	}
	return t
}

func (a PutTarget) apply(ctx context.Context, r *Run) (Outcome, error) {
	whole, err := a.found(ctx, r.Calls)
	if err != nil {
		return Outcome{}, err
	}
	if name, missing := desired.NewDestination(whole.Target.ARN); missing {
		return Outcome{}, changedDestination(name, "disappeared")
	}
	have, there, err := whole.now(ctx, r.Calls)
	if there || err != nil {
		return Outcome{}, err
	}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	target := whole.written(have)
	e := change.Record[State]{Object: a.Object(), After: &State{Target: &target}}
	if have != nil {
		e.Before = &State{Target: have}
	}
	err = r.write(e, func() (string, error) { return "", r.Calls.PutTarget(ctx, a.Region, a.Rule, target) })
	return Outcome{Written: err == nil}, err
}
