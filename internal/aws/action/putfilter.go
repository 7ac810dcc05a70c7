package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// PutFilter creates a metric filter, or replaces one.
type PutFilter struct {
	change.Meta
	Filter account.MetricFilter
	Before *account.MetricFilter // nil: the filter is new
}

func (PutFilter) sealed() {}

// String returns "create metric filter SecurityGroupConfigChanges on
// /aws/cloudtrail (eu-central-1)", or "update metric filter ...".
func (a PutFilter) String() string {
	return fmt.Sprintf("%s metric filter %s on %s (%s)", verb(a.Before == nil), a.Filter.Name, a.Filter.LogGroup, a.Region)
}

// Kind returns "put-metric-filter".
func (PutFilter) Kind() string { return "put-metric-filter" }

// Name returns the filter's name.
func (a PutFilter) Name() string { return a.Filter.Name }

// New reports whether the filter is not there yet.
func (a PutFilter) New() bool { return a.Before == nil }

// Place is before the alarms.
func (PutFilter) Place() Place { return putsFilter }

// Object returns the filter.
func (a PutFilter) Object() change.Object {
	return FilterObject(a.Region, a.Filter.LogGroup, a.Filter.Name)
}

// Closing sets the controls that the action helps.
func (a PutFilter) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (PutFilter) Calls() []string { return []string{"logs:PutMetricFilter"} }

// Cost is a metric for a new filter.
func (a PutFilter) Cost() change.Cost {
	if a.Before != nil {
		return change.Cost{}
	}
	return change.Cost{Metrics: []string{a.Account + a.Region + a.Filter.Namespace + "/" + a.Filter.Metric}}
}

// Fields has the filter's settings.
func (a PutFilter) Fields(bool) []change.Field {
	if a.Before == nil {
		return change.Created(FilterSettings(a.Filter))
	}
	return change.Differences(FilterSettings(*a.Before), FilterSettings(a.Filter))
}

// Saved holds the filter as in snapshots.
func (a PutFilter) Saved() change.Saved {
	s := change.Saved{Name: a.Filter.LogGroup + ":" + a.Filter.Name, After: a.Filter}
	if a.Before != nil {
		s.Before = *a.Before
	}
	return s
}

func (a PutFilter) simulate(d *draft) {
	region := d.of(a)
	if region.MetricFilters == nil {
		region.MetricFilters = &account.Read[[]account.MetricFilter]{}
	}
	list := append(withoutFilter(region.MetricFilters.Value, a.Filter), a.Filter)
	slices.SortFunc(list, func(a, b account.MetricFilter) int {
		return cmp.Or(cmp.Compare(a.LogGroup, b.LogGroup), cmp.Compare(a.Name, b.Name))
	})
	region.MetricFilters.Value = list
}

// withoutFilter removes the filter of that name from a list.
func withoutFilter(list []account.MetricFilter, f account.MetricFilter) []account.MetricFilter {
	return slices.DeleteFunc(list, func(have account.MetricFilter) bool {
		return have.LogGroup == f.LogGroup && have.Name == f.Name
	})
}

func (a PutFilter) rests(b *basis) {
	b.filter(a.Filter.LogGroup, a.Filter.Name)
	b.feeders(a.Filter.Namespace, a.Filter.Metric)
}

func (a PutFilter) limits() error { return filterLimits(a.Filter) }

// check holds the filter against what is there, and all new ones of the log group
// against its quota.
func (a PutFilter) check(ctx context.Context, s *sight) error {
	group := place{a.Region, a.Filter.LogGroup}
	have, err := s.filtersOf(ctx, group)
	if err != nil {
		return err
	}
	if _, err := a.compare(have); err != nil {
		return err
	}
	added := 0
	for _, x := range s.actions {
		if p, ok := x.(PutFilter); ok && p.Before == nil && group == (place{p.Region, p.Filter.LogGroup}) {
			if there, err := p.compare(have); err == nil && !there {
				added++
			}
		}
	}
	if len(have)+added > FilterQuota {
		return &QuotaError{LogGroup: group.group, Have: len(have), Add: added}
	}
	return nil
}

// A QuotaError says that a log group has no room for the plan's filters.
type QuotaError struct {
	LogGroup  string
	Have, Add int // metric filters
}

func (e *QuotaError) Error() string {
	return fmt.Sprintf("log group %s has %d metric filters and the plan adds %d, but AWS allows only %d",
		e.LogGroup, e.Have, e.Add, FilterQuota)
}

func (a PutFilter) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := r.Calls.Filters(ctx, a.Region, a.Filter.LogGroup, a.Filter.Name)
	if err != nil {
		return Outcome{}, err
	}
	if there, err := a.compare(have); there || err != nil {
		return Outcome{}, err
	}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	e := change.Record[State]{Object: a.Object(), After: &State{Filter: &a.Filter}}
	if a.Before != nil {
		e.Before = &State{Filter: a.Before}
	}
	err = r.write(e, func() (string, error) { return "", r.Calls.PutFilter(ctx, a.Region, a.Filter) })
	return Outcome{Written: err == nil}, err
}

// compare holds what stands under the filter's name now against the plan: true
// when it is what the plan would write, an error when it is neither that nor what
// the plan replaces.
func (a PutFilter) compare(have []account.MetricFilter) (there bool, err error) {
	// Emulators keep several filters of one name; then each must fit.
	free := true
	for _, f := range have {
		if f.LogGroup != a.Filter.LogGroup || f.Name != a.Filter.Name {
			continue
		}
		free = false
		switch {
		case f.Same(a.Filter):
			there = true
		case a.Before == nil:
			return false, changedFilter(a.Filter, "appeared")
		case !f.Same(*a.Before):
			return false, changedFilter(a.Filter, "was changed")
		}
	}
	if free && a.Before != nil {
		return false, changedFilter(a.Filter, "disappeared")
	}
	return there, nil
}

func changedFilter(f account.MetricFilter, what string) error {
	return &ChangedError{Resource: fmt.Sprintf("metric filter %q of log group %s", f.Name, f.LogGroup), Change: what}
}
