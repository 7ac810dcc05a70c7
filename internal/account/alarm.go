package account

import (
	"slices"
	"strings"
)

// Searches says whether a log alarm can search one of the log groups, given by
// name. An alarm that lists none names its groups in the query.
func (a *LogAlarm) Searches(groups []string) bool {
	if len(a.LogGroups) == 0 {
		return true
	}
	return slices.ContainsFunc(a.LogGroups, func(id string) bool {
		if arn, ok := ParseARN(id); ok {
			id, _ = arn.LogGroupName()
		}
		return slices.Contains(groups, id)
	})
}

// Mentions says whether an alarm that is no plain metric alarm has a query that
// may be about a metric: Metrics Insights or PromQL that names it, or criteria
// that were not kept.
func (a *MetricAlarm) Mentions(metric string) bool {
	if a.PromQL != "" {
		return strings.Contains(a.PromQL, metric)
	}
	if slices.Contains(a.Unknown, "EvaluationCriteria") {
		return true
	}
	return slices.ContainsFunc(a.Queries, func(q MetricQuery) bool {
		fields := strings.Fields(q.Expression)
		return len(fields) > 0 && strings.EqualFold(fields[0], "SELECT") && strings.Contains(q.Expression, metric)
	})
}
