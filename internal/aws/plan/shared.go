package plan

import (
	"context"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// shared plans what accounts lack whose events reach a log group of this one: a filter may
// leave out the records of some accounts, and then they fail where the owner passes. Ours
// looks at no account.
func (b *builder) shared(ctx context.Context, seen []account.Account) error {
	if b.chosen == nil {
		return nil
	}
	b.way = b.o.ways()[0]
	for i := range seen {
		for _, c := range b.controls {
			if c.Type == catalog.State {
				continue
			}
			if err := b.sharedControl(ctx, &seen[i], c); err != nil {
				return err
			}
		}
	}
	return nil
}

// sharedControl plans our chain for a control that an account fails, if it then fails less.
func (b *builder) sharedControl(ctx context.Context, a *account.Account, c catalog.Control) error {
	b.turnTo(c)
	now, err := b.judgedFrom(ctx, a, c, b.actions)
	if err != nil || now.Status != finding.Fail {
		return err
	}
	s, err := b.ownChain(c, verdict{Finding: now})
	if err != nil {
		return err
	}
	b.note(s.notes)
	b.keepDrifts(s.drifts)
	if len(s.conflicts) > 0 {
		b.take(s)
		return nil
	}
	// Our alarm may be planned on the metric of a filter that serves only the owner.
	rest := slices.DeleteFunc(slices.Clone(b.actions), func(x action.Action) bool {
		put, ok := x.(action.PutAlarm)
		return ok && slices.ContainsFunc(s.actions, func(y action.Action) bool {
			ours, ok := y.(action.PutAlarm)
			return ok && ours.Alarm.Name == put.Alarm.Name && ours.Alarm.Metric != put.Alarm.Metric
		})
	})
	then, err := b.judgedFrom(ctx, a, c, slices.Concat(rest, s.actions))
	if err != nil || worth(then) <= worth(now) {
		return err
	}
	b.actions = rest
	b.take(step{actions: s.actions})
	return nil
}

// judgedFrom judges another account on a control, with the owner as it would be after the
// actions, once subscribers have answered.
func (b *builder) judgedFrom(ctx context.Context, a *account.Account, c catalog.Control, actions []action.Action) (finding.Finding, error) {
	owner, err := action.Simulate(b.account, momentOf(b.snap), actions, true)
	if err != nil {
		return finding.Finding{}, err
	}
	r, err := b.world.With(owner).Judge(ctx, a, []catalog.Control{c}, b.o.along(b.way))
	if err != nil {
		return finding.Finding{}, err
	}
	return r.Findings[0], nil
}
