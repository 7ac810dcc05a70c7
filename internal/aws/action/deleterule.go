package action

import (
	"context"
	"fmt"
	"maps"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteRule removes a rule of ours that has no target any more.
type DeleteRule struct {
	change.Meta
	Rule    account.Rule // as it was read
	Tags    map[string]string
	Forward bool
}

func (DeleteRule) sealed() {}

// String returns "delete rule monitorctl-nacl-changes (eu-central-1)".
func (a DeleteRule) String() string { return fmt.Sprintf("delete rule %s (%s)", a.Rule.Name, a.Region) }

// Kind returns "delete-rule".
func (DeleteRule) Kind() string { return "delete-rule" }

// Name returns the rule's name.
func (a DeleteRule) Name() string { return a.Rule.Name }

// New returns false.
func (DeleteRule) New() bool { return false }

// Place is behind the targets and the role: by the rules it is known that there may be
// a role.
func (a DeleteRule) Place() Place {
	if a.Forward {
		return deletesForwarder
	}
	return deletesRule
}

// Object returns the rule.
func (a DeleteRule) Object() change.Object { return RuleObject(a.Region, a.Rule.Name) }

// Closing sets the controls that the action is about.
func (a DeleteRule) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (DeleteRule) Calls() []string { return []string{"events:DeleteRule"} }

// Cost is nothing.
func (DeleteRule) Cost() change.Cost { return change.Cost{} }

// Fields has the rule's settings.
func (a DeleteRule) Fields(bool) []change.Field { return change.Gone(RuleSettings(a.Rule)) }

// Saved holds the rule as in snapshots.
func (a DeleteRule) Saved() change.Saved {
	return change.Saved{Name: a.Rule.Name, Before: RuleState(a.Rule, a.Tags)}
}

func (a DeleteRule) simulate(d *draft) {
	region := d.of(a)
	if region.Rules != nil {
		region.Rules.Value = withoutRule(region.Rules.Value, a.Rule.Name)
	}
	delete(region.RuleTags, a.Rule.Name)
}

func (a DeleteRule) rests(b *basis) { b.rule(a.Rule.Name) }

func (DeleteRule) limits() error { return nil }

func (a DeleteRule) check(ctx context.Context, s *sight) error {
	_, err := a.look(ctx, s.calls)
	return err
}

func (a DeleteRule) apply(ctx context.Context, r *Run) (Outcome, error) {
	e := change.Record[State]{Object: a.Object(), Before: RuleState(a.Rule, a.Tags)}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.DeleteRule(ctx, a.Region, a.Rule.Name) })
}

// look reports whether the rule is there, as the plan saw it.
func (a DeleteRule) look(ctx context.Context, c Calls) (bool, error) {
	have, tags, err := ruleNow(ctx, c, a.Region, a.Rule.Name)
	switch {
	case err != nil || have == nil:
		return false, err
	case !have.Same(a.Rule):
		return false, changedRule(a.Rule.Name, "was changed")
	case !maps.Equal(tags, a.Tags):
		return false, changedRule(a.Rule.Name, "was given other tags")
	}
	return true, nil
}
