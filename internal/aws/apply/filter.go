package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/journal"
)

func (r *runner) putFilter(ctx context.Context, a plan.PutFilter) (Outcome, error) {
	api := r.clients.logs(a.Region)
	have, err := collect.Filters(ctx, api, a.Filter.LogGroup, a.Filter.Name)
	if err != nil {
		return Outcome{}, collect.Explain("logs:DescribeMetricFilters", err)
	}
	if there, err := compareFilter(have, a); there || err != nil {
		return Outcome{}, err
	}
	ctx, cancel := writing(ctx)
	defer cancel()
	e := journal.Entry{Object: filterObject(a.Region, a.Filter), After: &journal.State{Filter: &a.Filter}}
	if a.Before != nil {
		e.Before = &journal.State{Filter: a.Before}
	}
	err = r.record(e, "logs:PutMetricFilter", func() (string, error) {
		_, err := api.PutMetricFilter(ctx, filterInput(a.Filter))
		return "", err
	})
	return Outcome{Written: err == nil}, err
}

// compareFilter holds what stands under the filter's name now against the plan:
// true when it is what the plan would write, an error when it is neither that
// nor what the plan replaces.
func compareFilter(have []account.MetricFilter, a plan.PutFilter) (there bool, err error) {
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
			return false, changedFilter(a, "appeared")
		case !f.Same(*a.Before):
			return false, changedFilter(a, "was changed")
		}
	}
	if free && a.Before != nil {
		return false, changedFilter(a, "disappeared")
	}
	return there, nil
}

func changedFilter(a plan.PutFilter, change string) error {
	return &ChangedError{Resource: fmt.Sprintf("metric filter %q of log group %s", a.Filter.Name, a.Filter.LogGroup), Change: change}
}

func filterInput(f account.MetricFilter) *cloudwatchlogs.PutMetricFilterInput {
	t := types.MetricTransformation{
		MetricNamespace: aws.String(f.Namespace),
		MetricName:      aws.String(f.Metric),
		MetricValue:     aws.String(f.Value),
		DefaultValue:    f.Default,
		Dimensions:      f.Dimensions,
		Unit:            types.StandardUnit(f.Unit),
	}
	in := &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName:              aws.String(f.LogGroup),
		FilterName:                aws.String(f.Name),
		FilterPattern:             aws.String(f.Pattern),
		MetricTransformations:     []types.MetricTransformation{t},
		ApplyOnTransformedLogs:    f.OnTransformed,
		EmitSystemFieldDimensions: f.SystemDimensions,
	}
	if f.FieldSelection != "" {
		in.FieldSelectionCriteria = aws.String(f.FieldSelection)
	}
	return in
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
