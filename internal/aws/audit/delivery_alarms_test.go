package audit_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

func (b *builder) addAlarms(to *awstest.Region, alarms account.Alarms) error {
	for _, a := range alarms.Metric {
		if err := b.metricAlarm(to, a); err != nil {
			return fmt.Errorf("alarm %s: %w", a.Name, err)
		}
	}
	for _, a := range alarms.Log {
		if err := b.logAlarm(to, a); err != nil {
			return fmt.Errorf("log alarm %s: %w", a.Name, err)
		}
	}
	return b.compositeAlarms(to, alarms.Composite)
}

// logAlarm makes a log alarm. Its query is not run.
func (b *builder) logAlarm(to *awstest.Region, a account.LogAlarm) error {
	return to.PutLogAlarm(awstest.PutLogAlarmInput{
		AlarmName: a.Name, ActionsEnabled: new(a.ActionsEnabled), AlarmActions: a.AlarmActions,
		ComparisonOperator: "GreaterThanThreshold", Threshold: new(0.0), QueryResultsToAlarm: 1, QueryResultsToEvaluate: 1,
		ScheduledQueryConfiguration: &awstest.ScheduledQueryInput{
			AggregationExpression: "count(*)", QueryString: a.Query, LogGroupIdentifiers: a.LogGroups, ScheduledQueryRoleARN: "arn:aws:iam::111122223333:role/query",
		},
	})
}

func (b *builder) metricAlarm(to *awstest.Region, a account.MetricAlarm) error {
	switch {
	case len(a.Unknown) > 0:
		return fmt.Errorf("it has unknown settings: %s", strings.Join(a.Unknown, ", "))
	case a.Evaluation != "":
		return fmt.Errorf("why CloudWatch evaluates it with %s is not in the snapshot", a.Evaluation)
	}
	if err := checkActions(a.AlarmActions); err != nil {
		return err
	}
	if err := to.PutMetricAlarm(alarmInput(a)); err != nil {
		return err
	}
	b.alarms = append(b.alarms, alarmRef{to, a.Name})
	b.patience = max(b.patience, reaction(a))
	window, longest := lookBack(a)
	if a.State == alarm.InAlarm && a.TransitionAt != nil && b.takenAt.Sub(*a.TransitionAt) > window+3*longest {
		b.ringing = append(b.ringing, a)
	}
	return to.SetAlarmState(a.Name, a.State, a.StateReason)
}

// checkActions refuses alarms whose actions only start programs: what those do
// with it is their secret.
func checkActions(actions []string) error {
	programs := slices.DeleteFunc(slices.Clone(actions), func(text string) bool {
		arn, _ := account.ParseARN(text)
		return arn.Service != "lambda" && !strings.HasPrefix(arn.Service, "ssm")
	})
	if len(programs) > 0 && len(programs) == len(actions) {
		return fmt.Errorf("what %s does is not simulated", programs[0])
	}
	return nil
}

// reaction is how long after an event an alarm can still go to ALARM: the
// delivery, all its periods and two more, as far as it looks back, and an hour
// if it is evaluated only hourly.
func reaction(a account.MetricAlarm) time.Duration {
	window, longest := lookBack(a)
	wait := 10*time.Minute + window + 2*longest
	if window > 24*time.Hour {
		wait += time.Hour
	}
	return wait
}

// lookBack returns the alarm's evaluation window and its longest period.
func lookBack(a account.MetricAlarm) (window, longest time.Duration) {
	seconds := a.Period
	for _, q := range a.Queries {
		seconds = max(seconds, q.Period)
	}
	longest = time.Duration(seconds) * time.Second
	return longest * time.Duration(a.EvaluationPeriods), longest
}

func alarmInput(a account.MetricAlarm) awstest.PutMetricAlarmInput {
	in := awstest.PutMetricAlarmInput{
		AlarmName: a.Name, AlarmDescription: a.Description, ActionsEnabled: new(a.ActionsEnabled),
		AlarmActions: a.AlarmActions, OKActions: a.OKActions, InsufficientDataActions: a.NoDataActions,
		Namespace: a.Namespace, MetricName: a.Metric, Dimensions: dimensionList(a.Dimensions), Unit: a.Unit,
		Statistic: a.Statistic, ExtendedStatistic: a.ExtendedStatistic, Period: a.Period,
		EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm, Threshold: a.Threshold,
		ComparisonOperator: a.Comparison, TreatMissingData: a.MissingData, LowSamplePercentile: a.LowSample, ThresholdMetricID: a.ThresholdMetricID,
	}
	for _, q := range a.Queries {
		out := awstest.MetricDataQuery{ID: q.ID, Expression: q.Expression, AccountID: q.AccountID, ReturnData: new(q.ReturnData)}
		if q.Expression == "" {
			out.MetricStat = &awstest.MetricStat{
				Metric: awstest.Metric{Namespace: q.Namespace, MetricName: q.Metric, Dimensions: dimensionList(q.Dimensions)},
				Period: q.Period, Stat: q.Statistic, Unit: q.Unit,
			}
		} else {
			out.Period = q.Period
		}
		in.Metrics = append(in.Metrics, out)
	}
	return in
}

func dimensionList(d map[string]string) []awstest.Dimension {
	var list []awstest.Dimension
	for _, name := range slices.Sorted(maps.Keys(d)) {
		list = append(list, awstest.Dimension{Name: name, Value: d[name]})
	}
	return list
}

func (b *builder) addMuteRules(to *awstest.Region, rules []account.MuteRule) error {
	for _, r := range rules {
		d, ok := r.Details.Got()
		if !ok {
			return fmt.Errorf("mute rule %s was not read", r.Name)
		}
		in := awstest.PutAlarmMuteRuleInput{
			Name: r.Name, MuteTargets: &awstest.MuteTargets{AlarmNames: d.Alarms},
			Rule: &awstest.MuteRule{Schedule: awstest.MuteSchedule{Expression: d.Expression, Duration: d.Duration, Timezone: d.Timezone}},
		}
		if err := to.PutAlarmMuteRule(in.Between(deref(d.Start), deref(r.Expire))); err != nil {
			return fmt.Errorf("mute rule %s: %w", r.Name, err)
		}
	}
	return nil
}

func deref(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// compositeAlarms makes the composite alarms of a region, children first as
// CloudWatch wants it.
func (b *builder) compositeAlarms(to *awstest.Region, list []account.CompositeAlarm) error {
	for len(list) > 0 {
		var left []account.CompositeAlarm
		var refused error
		for _, a := range list {
			if err := b.compositeAlarm(to, a); err != nil {
				left, refused = append(left, a), fmt.Errorf("composite alarm %s: %w", a.Name, err)
			}
		}
		if len(left) == len(list) {
			return refused
		}
		list = left
	}
	return nil
}

func (b *builder) compositeAlarm(to *awstest.Region, a account.CompositeAlarm) error {
	if err := checkActions(a.AlarmActions); err != nil {
		return err
	}
	err := to.PutCompositeAlarm(awstest.PutCompositeAlarmInput{
		AlarmName: a.Name, AlarmRule: a.Rule, ActionsEnabled: new(a.ActionsEnabled), AlarmActions: a.AlarmActions, ActionsSuppressor: a.Suppressor,
	})
	if err == nil {
		b.alarms = append(b.alarms, alarmRef{to, a.Name})
	}
	return err
}
