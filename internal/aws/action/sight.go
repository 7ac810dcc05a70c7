package action

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Check makes sure, without writing, that the actions can be carried out: within
// AWS's limits, every name free or as the plan saw it, room in the log groups,
// patterns that AWS takes. It returns the failure of a check that was left out
// because the caller may not make it or the endpoint lacks it; the writes do not
// depend on that one.
func Check(ctx context.Context, c Calls, actions []Action) (skipped, err error) {
	for _, a := range actions {
		if err := a.limits(); err != nil {
			return nil, fmt.Errorf("%s: %w", a, err)
		}
	}
	s := &sight{calls: c, actions: actions, filters: map[place][]account.MetricFilter{}, alarms: map[string]account.Alarms{}, rules: map[string][]account.Rule{}}
	for _, a := range actions {
		if err := a.check(ctx, s); err != nil {
			return nil, err
		}
	}
	return s.patterns(ctx)
}

// A sight is what is read of an account to check the actions of one plan. What
// several actions need is read once.
type sight struct {
	calls   Calls
	actions []Action

	filters map[place][]account.MetricFilter
	alarms  map[string]account.Alarms // of the names that the plan writes, by region
	rules   map[string][]account.Rule // of the default buses, by region
}

// A place is a log group of a region.
type place struct{ region, group string }

// filtersOf lists the filters of a log group.
func (s *sight) filtersOf(ctx context.Context, p place) ([]account.MetricFilter, error) {
	if have, ok := s.filters[p]; ok {
		return have, nil
	}
	have, err := s.calls.Filters(ctx, p.region, p.group, "")
	if errors.Is(err, ErrNotThere) && s.makesGroup(p) {
		have, err = nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing metric filters of %s: %w", p.group, err)
	}
	s.filters[p] = have
	return have, nil
}

// makesGroup reports whether the plan creates a log group.
func (s *sight) makesGroup(p place) bool {
	return slices.ContainsFunc(s.actions, func(a Action) bool {
		g, ok := a.(CreateLogGroup)
		return ok && g.Region == p.region && g.Group.Name == p.group
	})
}

// rulesOf lists the rules of the default bus of a region.
func (s *sight) rulesOf(ctx context.Context, region string) ([]account.Rule, error) {
	if have, ok := s.rules[region]; ok {
		return have, nil
	}
	have, err := s.calls.Rules(ctx, region, "")
	if err != nil {
		return nil, fmt.Errorf("listing the rules of %s: %w", region, err)
	}
	s.rules[region] = have
	return have, nil
}

// alarmNames is the number of names that DescribeAlarms takes at once.
const alarmNames = 100

// alarmsOf lists the alarms of a region that have a name which the plan writes.
func (s *sight) alarmsOf(ctx context.Context, region string) (account.Alarms, error) {
	if have, ok := s.alarms[region]; ok {
		return have, nil
	}
	var names []string
	for _, a := range s.actions {
		if p, ok := a.(PutAlarm); ok && p.Region == region {
			names = append(names, p.Alarm.Name)
		}
	}
	var all account.Alarms
	for chunk := range slices.Chunk(names, alarmNames) {
		have, err := alarmsNow(ctx, s.calls, region, chunk...)
		if err != nil {
			return all, err
		}
		all.Metric = append(all.Metric, have.Metric...)
		all.Composite = append(all.Composite, have.Composite...)
		all.Log = append(all.Log, have.Log...)
	}
	s.alarms[region] = all
	return all, nil
}

// patterns lets AWS parse the patterns. Only AWS's refusal counts: the managed
// auditor policies do not allow the call, emulators lack it, and the write says
// the same, only later.
func (s *sight) patterns(ctx context.Context) (skipped, err error) {
	gone := map[string]bool{} // kinds whose call cannot be made: the others would fail the same way
	for _, a := range s.actions {
		err := s.pattern(ctx, a, gone)
		var refused *PatternError
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.As(err, &refused):
			return nil, fmt.Errorf("testing the pattern of %s %s: %w", patterned(a), a.Name(), err)
		default:
			gone[a.Kind()] = true
			skipped = err
		}
	}
	return skipped, nil
}

// patterned names what has the pattern of an action.
func patterned(a Action) string {
	if _, ok := a.(PutRule); ok {
		return "rule"
	}
	return "metric filter"
}

// pattern lets AWS parse the pattern of an action that has one.
func (s *sight) pattern(ctx context.Context, a Action, gone map[string]bool) error {
	if gone[a.Kind()] {
		return nil
	}
	switch x := a.(type) { //nolint:gochecksumtype // the others have no pattern
	case PutFilter:
		return s.calls.TestPattern(ctx, x.Region, x.Filter.Pattern)
	case PutRule:
		if x.Rule.Pattern != "" {
			return s.calls.TestEventPattern(ctx, x.Region, x.Rule.Pattern)
		}
	}
	return nil
}

// within is the failure of an object that has more of something than AWS allows.
func within(what string, have, most int) error {
	if have <= most {
		return nil
	}
	return fmt.Errorf("%d %s, but AWS allows %d", have, what, most)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
