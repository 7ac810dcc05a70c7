package collect

import (
	"cmp"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// LogsAPI is the part of CloudWatch Logs that this package calls.
type LogsAPI interface {
	DescribeLogGroups(context.Context, *cloudwatchlogs.DescribeLogGroupsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeLogGroupsOutput, error)
	DescribeMetricFilters(context.Context, *cloudwatchlogs.DescribeMetricFiltersInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeMetricFiltersOutput, error)
	GetTransformer(context.Context, *cloudwatchlogs.GetTransformerInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.GetTransformerOutput, error)
	DescribeAccountPolicies(context.Context, *cloudwatchlogs.DescribeAccountPoliciesInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeAccountPoliciesOutput, error)
}

var _ LogsAPI = (*cloudwatchlogs.Client)(nil)

// logGroup looks a log group up by its exact name; the value is nil when there
// is none. Groups come sorted by name, so the page that holds it is almost
// always the first.
func logGroup(ctx context.Context, api LogsAPI, name string) *account.Read[*account.LogGroup] {
	const operation = "logs:DescribeLogGroups"
	var group *account.LogGroup
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := api.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(name), NextToken: token})
		if err != nil {
			return nil, false, err
		}
		for _, g := range page.LogGroups {
			if aws.ToString(g.LogGroupName) == name {
				group = groupFrom(g)
			}
		}
		return page.NextToken, group != nil, nil
	})
	return found(operation, group, err)
}

func groupFrom(g types.LogGroup) *account.LogGroup {
	return &account.LogGroup{
		Name:  aws.ToString(g.LogGroupName),
		ARN:   strings.TrimSuffix(cmp.Or(aws.ToString(g.LogGroupArn), aws.ToString(g.Arn)), ":*"),
		Class: string(g.LogGroupClass),
		KeyID: aws.ToString(g.KmsKeyId),
	}
}

// metricFilters lists all metric filters of a region, or those of one log group
// (group "" is all), sorted by log group and name.
func metricFilters(ctx context.Context, api LogsAPI, group string) *account.Read[[]account.MetricFilter] {
	filters, err := Filters(ctx, api, group, "")
	return answer("logs:DescribeMetricFilters", filters, err)
}

// FiltersAPI is what Filters calls.
type FiltersAPI interface {
	DescribeMetricFilters(context.Context, *cloudwatchlogs.DescribeMetricFiltersInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.DescribeMetricFiltersOutput, error)
}

// Filters lists the metric filters of one log group, or of the whole region
// when group is "", all pages, sorted by log group and name. A prefix narrows
// the names and needs a group: AWS ignores it otherwise. The error is the
// SDK's.
func Filters(ctx context.Context, api FiltersAPI, group, prefix string) ([]account.MetricFilter, error) {
	in := &cloudwatchlogs.DescribeMetricFiltersInput{}
	if group != "" {
		in.LogGroupName = aws.String(group)
	}
	if prefix != "" {
		in.FilterNamePrefix = aws.String(prefix)
	}
	var filters []account.MetricFilter
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		in.NextToken = token
		page, err := api.DescribeMetricFilters(ctx, in)
		if err != nil {
			return nil, false, err
		}
		for _, f := range page.MetricFilters {
			filters = append(filters, filterFrom(f))
		}
		return page.NextToken, false, nil
	})
	if err != nil {
		return nil, err
	}
	return lastOfEach(filters, func(a, b account.MetricFilter) int {
		return cmp.Or(cmp.Compare(a.LogGroup, b.LogGroup), cmp.Compare(a.Name, b.Name))
	}), nil
}

func filterFrom(f types.MetricFilter) account.MetricFilter {
	m := account.MetricFilter{
		LogGroup:         aws.ToString(f.LogGroupName),
		Name:             aws.ToString(f.FilterName),
		Pattern:          aws.ToString(f.FilterPattern),
		OnTransformed:    f.ApplyOnTransformedLogs,
		FieldSelection:   aws.ToString(f.FieldSelectionCriteria),
		SystemDimensions: sorted(f.EmitSystemFieldDimensions),
	}
	written := map[metric]bool{}
	for i, t := range f.MetricTransformations { // the API's model allows exactly one
		part := transformationFrom(t)
		written[metric{part.Namespace, part.Metric}] = true
		if i > 0 {
			m.Also = append(m.Also, part)
			continue
		}
		m.Namespace, m.Metric, m.Value, m.Default, m.Unit, m.Dimensions = part.Namespace, part.Metric, part.Value, part.Default, part.Unit, part.Dimensions
	}
	if len(written) == 0 || len(written) < len(f.MetricTransformations) { // none, or one metric twice
		m.Unknown = []string{"metricTransformations"}
	}
	return m
}

func transformationFrom(t types.MetricTransformation) account.Transformation {
	out := account.Transformation{
		Namespace: aws.ToString(t.MetricNamespace),
		Metric:    aws.ToString(t.MetricName),
		Value:     aws.ToString(t.MetricValue),
		Default:   t.DefaultValue,
		Unit:      string(t.Unit),
	}
	if len(t.Dimensions) > 0 {
		out.Dimensions = t.Dimensions
	}
	return out
}
