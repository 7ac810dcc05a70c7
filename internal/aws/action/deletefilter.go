package action

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteFilter removes a metric filter of ours.
type DeleteFilter struct {
	change.Meta
	Filter account.MetricFilter // as it was read
}

func (DeleteFilter) sealed() {}

// String returns "delete metric filter SecurityGroupConfigChanges on
// /aws/cloudtrail (eu-central-1)".
func (a DeleteFilter) String() string {
	return fmt.Sprintf("delete metric filter %s on %s (%s)", a.Filter.Name, a.Filter.LogGroup, a.Region)
}

// Kind returns "delete-metric-filter".
func (DeleteFilter) Kind() string { return "delete-metric-filter" }

// Name returns the filter's name.
func (a DeleteFilter) Name() string { return a.Filter.Name }

// New returns false.
func (DeleteFilter) New() bool { return false }

// Place is behind the alarms on the filter's metric.
func (DeleteFilter) Place() Place { return deletesFilter }

// Object returns the filter.
func (a DeleteFilter) Object() change.Object {
	return FilterObject(a.Region, a.Filter.LogGroup, a.Filter.Name)
}

// Closing sets the controls that the action is about.
func (a DeleteFilter) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (DeleteFilter) Calls() []string { return []string{"logs:DeleteMetricFilter"} }

// Cost is nothing.
func (DeleteFilter) Cost() change.Cost { return change.Cost{} }

// Fields has the filter's settings.
func (a DeleteFilter) Fields(bool) []change.Field { return change.Gone(FilterSettings(a.Filter)) }

// Saved holds the filter as in snapshots.
func (a DeleteFilter) Saved() change.Saved {
	return change.Saved{Name: a.Filter.LogGroup + ":" + a.Filter.Name, Before: a.Filter}
}

func (a DeleteFilter) simulate(d *draft) {
	if region := d.of(a); region.MetricFilters != nil {
		region.MetricFilters.Value = withoutFilter(region.MetricFilters.Value, a.Filter)
	}
}

func (a DeleteFilter) rests(b *basis) { b.filter(a.Filter.LogGroup, a.Filter.Name) }

func (DeleteFilter) limits() error { return nil }

func (a DeleteFilter) check(ctx context.Context, s *sight) error {
	_, err := a.look(ctx, s.calls)
	return err
}

func (a DeleteFilter) apply(ctx context.Context, r *Run) (Outcome, error) {
	e := change.Record[State]{Object: a.Object(), Before: &State{Filter: &a.Filter}}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error {
		return r.Calls.DeleteFilter(ctx, a.Region, a.Filter.LogGroup, a.Filter.Name)
	})
}

// look reports whether the filter is there, as the plan saw it.
func (a DeleteFilter) look(ctx context.Context, c Calls) (bool, error) {
	have, err := c.Filters(ctx, a.Region, a.Filter.LogGroup, a.Filter.Name)
	if errors.Is(err, ErrNotThere) {
		return false, nil // the log group is gone, and its filters with it
	}
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(have, func(f account.MetricFilter) bool { return f.Name == a.Filter.Name })
	if i >= 0 && !have[i].Same(a.Filter) {
		return false, changedFilter(a.Filter, "was changed")
	}
	return i >= 0, nil
}
