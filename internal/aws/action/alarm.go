package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Limits of an alarm that AWS does not raise. Sources: "CloudWatch service
// quotas", PutMetricAlarm, CreateTopic (tags).
const (
	maxAlarmName   = 255
	maxDescription = 1024
	maxActions     = 5 // per state
	maxTags        = 50
)

// alarmUSD is the list price of a standard-resolution alarm on one metric for a
// month, in US dollars, in US East (N. Virginia); other regions differ. Source:
// Amazon CloudWatch pricing, as of 2026.
const alarmUSD = 0.10

// freeAlarms is the number of alarm metrics that an account has free of charge
// (Amazon CloudWatch pricing, free tier).
const freeAlarms = 10

func alarmLimits(a account.MetricAlarm, tags map[string]string) error {
	return first(
		within("actions for the state ALARM", len(a.AlarmActions), maxActions),
		within("actions for the state OK", len(a.OKActions), maxActions),
		within("actions for the state INSUFFICIENT_DATA", len(a.NoDataActions), maxActions),
		within("characters in the name", len([]rune(a.Name)), maxAlarmName),
		within("characters in the description", len([]rune(a.Description)), maxDescription),
		within("tags", len(tags), maxTags),
	)
}

// AlarmSettings are the settings of an alarm in words.
func AlarmSettings(a account.MetricAlarm) []change.Setting {
	return []change.Setting{
		{Name: "description", Value: a.Description},
		{Name: "metric", Value: a.Namespace + "/" + a.Metric},
		{Name: "dimensions", Value: pairs(a.Dimensions)},
		{Name: "unit", Value: a.Unit},
		{Name: "statistic", Value: a.Statistic + a.ExtendedStatistic},
		{Name: "condition", Value: strings.TrimSpace(a.Comparison + " " + number(a.Threshold))},
		{Name: "period", Value: fmt.Sprintf("%d s", a.Period)},
		{Name: "evaluation", Value: evaluation(a)},
		{Name: "missing data", Value: missingData(a)},
		{Name: "low sample", Value: a.LowSample},
		{Name: "band", Value: a.ThresholdMetricID},
		{Name: "metric math", Value: queries(a.Queries)},
		{Name: "actions", Value: alarmActions(a)},
		{Name: "ok actions", Value: strings.Join(a.OKActions, ", ")},
		{Name: "no data actions", Value: strings.Join(a.NoDataActions, ", ")},
		{Name: "other", Value: strings.Join(slices.Concat(a.Unknown, a.Unwritten), ", ")},
	}
}

// evaluation returns "1 of 1 periods".
func evaluation(a account.MetricAlarm) string {
	m := a.DatapointsToAlarm
	if m == 0 {
		m = a.EvaluationPeriods
	}
	return fmt.Sprintf("%d of %d periods", m, a.EvaluationPeriods)
}

// missingData names CloudWatch's default, so that it can be told from a change.
func missingData(a account.MetricAlarm) string {
	if a.MissingData == "" {
		return "missing"
	}
	return a.MissingData
}

// alarmActions returns the alarm's actions and whether they are switched off.
func alarmActions(a account.MetricAlarm) string {
	text := strings.Join(a.AlarmActions, ", ")
	if !a.ActionsEnabled {
		text = strings.TrimSpace(text + " (disabled)")
	}
	return text
}

func queries(list []account.MetricQuery) string {
	var parts []string
	for _, q := range list {
		what := q.Expression
		if what == "" {
			what = strings.TrimSpace(q.Statistic + " " + q.Namespace + "/" + q.Metric)
		}
		parts = append(parts, q.ID+" = "+what)
	}
	return strings.Join(parts, "; ")
}

// RestoreAlarm is the action that brings an alarm from what it is to what it was
// before a journal's runs; target is nil for one that was not there. Both states
// hold the alarm and its tags.
func RestoreAlarm(m change.Meta, now State, target *State) Action {
	if target == nil {
		m.Why = whyMade
		return DeleteAlarm{Meta: m, Alarm: *now.Alarm, Tags: *now.Tags}
	}
	m.Why = whyReplaced
	return PutAlarm{Meta: m, Alarm: *target.Alarm, Before: now.Alarm, Tags: *target.Tags, TagsBefore: *now.Tags}
}

// alarmsNow lists the alarms of some names.
func alarmsNow(ctx context.Context, c Calls, region string, names ...string) (account.Alarms, error) {
	have, err := c.Alarms(ctx, region, names...)
	if err != nil {
		return have, fmt.Errorf("looking for alarms with the plan's names: %w", err)
	}
	return have, nil
}
