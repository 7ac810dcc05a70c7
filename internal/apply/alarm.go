package apply

import (
	"context"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/monitorctl/monitorctl/internal/account"
	"github.com/monitorctl/monitorctl/internal/collect"
	"github.com/monitorctl/monitorctl/internal/plan"
)

func (r *runner) putAlarm(ctx context.Context, a plan.PutAlarm) (Outcome, error) {
	have, err := r.alarmsNow(ctx, a.Region, []plan.PutAlarm{a})
	if err != nil {
		return Outcome{}, err
	}
	if there, err := r.compareAlarm(ctx, have, a); there || err != nil {
		return Outcome{ARN: a.Alarm.ARN}, err
	}
	ctx, cancel := writing(ctx)
	defer cancel()
	api := r.clients.alarms(a.Region)
	if _, err := api.PutMetricAlarm(ctx, alarmInput(a)); err != nil {
		return Outcome{}, failedWrite("cloudwatch:PutMetricAlarm", err)
	}
	if a.Before != nil && len(a.Tags) > 0 {
		// PutMetricAlarm ignores the tags of an alarm that exists.
		_, err := api.TagResource(ctx, &cloudwatch.TagResourceInput{ResourceARN: aws.String(a.Before.ARN), Tags: alarmTags(a.Tags)})
		if err != nil {
			w := failedWrite("cloudwatch:TagResource", err)
			w.Before = "the alarm was replaced"
			return Outcome{}, w
		}
	}
	return Outcome{Written: true, ARN: a.Alarm.ARN}, nil
}

// compareAlarm holds what stands under the alarm's name now against the plan:
// true when it is what the plan would write and ours, an error when it is
// neither that nor what the plan replaces.
func (r *runner) compareAlarm(ctx context.Context, have account.Alarms, a plan.PutAlarm) (there bool, err error) {
	for _, c := range have.Composite {
		if c.Name == a.Alarm.Name {
			return false, changedAlarm(a, "appeared as a composite alarm")
		}
	}
	for _, m := range have.Metric {
		if m.Name != a.Alarm.Name {
			continue
		}
		switch {
		case a.Before != nil && sameAlarm(m, *a.Before):
			return sameAlarm(m, a.Alarm), nil
		case sameAlarm(m, a.Alarm):
			return r.isOurs(ctx, m, a)
		case a.Before == nil:
			return false, changedAlarm(a, "appeared")
		}
		return false, changedAlarm(a, "was changed")
	}
	if a.Before != nil {
		return false, changedAlarm(a, "disappeared")
	}
	return false, nil
}

// isOurs tells an alarm of an earlier run, cut short, from a stranger's twin.
func (r *runner) isOurs(ctx context.Context, m account.MetricAlarm, a plan.PutAlarm) (bool, error) {
	out, err := r.clients.alarms(a.Region).ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String(m.ARN)})
	if err != nil {
		return false, collect.Explain("cloudwatch:ListTagsForResource", err)
	}
	for _, t := range out.Tags {
		if aws.ToString(t.Key) == plan.ManagedTag && aws.ToString(t.Value) == "true" {
			return true, nil
		}
	}
	return false, changedAlarm(a, "appeared")
}

func changedAlarm(a plan.PutAlarm, change string) error {
	return &ChangedError{Resource: fmt.Sprintf("alarm %q", a.Alarm.Name), Change: change}
}

// sameAlarm compares the settings of two alarms, not their states.
func sameAlarm(a, b account.MetricAlarm) bool {
	return reflect.DeepEqual(settings(a), settings(b))
}

// settings returns the alarm without its state, the values that mean the same
// written in one way.
func settings(a account.MetricAlarm) account.MetricAlarm {
	a.ARN, a.State, a.StateReason, a.Evaluation = "", "", "", ""
	a.TransitionAt, a.UpdatedAt = nil, nil
	if a.DatapointsToAlarm == 0 {
		a.DatapointsToAlarm = a.EvaluationPeriods
	}
	if a.MissingData == "" {
		a.MissingData = "missing"
	}
	a.AlarmActions, a.OKActions, a.NoDataActions = list(a.AlarmActions), list(a.OKActions), list(a.NoDataActions)
	a.Unknown = list(a.Unknown)
	if len(a.Dimensions) == 0 {
		a.Dimensions = nil
	}
	if len(a.Queries) == 0 {
		a.Queries = nil
	}
	return a
}

func list(l []string) []string {
	if len(l) == 0 {
		return nil
	}
	return l
}

// writable refuses alarms that alarmInput cannot express: writing them would
// drop settings.
func writable(a account.MetricAlarm) error {
	switch {
	case len(a.Queries) > 0 || a.ThresholdMetricID != "":
		return fmt.Errorf("alarm %q uses metric math, which this build does not write", a.Name)
	case len(a.Unknown) > 0:
		return fmt.Errorf("alarm %q has settings that this build does not know: %s", a.Name, a.Unknown[0])
	}
	return nil
}

func alarmInput(p plan.PutAlarm) *cloudwatch.PutMetricAlarmInput {
	a := p.Alarm
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName:                        aws.String(a.Name),
		AlarmDescription:                 text(a.Description),
		ActionsEnabled:                   aws.Bool(a.ActionsEnabled),
		AlarmActions:                     a.AlarmActions,
		OKActions:                        a.OKActions,
		InsufficientDataActions:          a.NoDataActions,
		Namespace:                        text(a.Namespace),
		MetricName:                       text(a.Metric),
		Unit:                             types.StandardUnit(a.Unit),
		Statistic:                        types.Statistic(a.Statistic),
		ExtendedStatistic:                text(a.ExtendedStatistic),
		EvaluationPeriods:                aws.Int32(a.EvaluationPeriods),
		DatapointsToAlarm:                number(a.DatapointsToAlarm),
		Period:                           number(a.Period),
		Threshold:                        a.Threshold,
		ComparisonOperator:               types.ComparisonOperator(a.Comparison),
		TreatMissingData:                 text(a.MissingData),
		EvaluateLowSampleCountPercentile: text(a.LowSample),
	}
	for _, name := range sortedKeys(a.Dimensions) {
		in.Dimensions = append(in.Dimensions, types.Dimension{Name: aws.String(name), Value: aws.String(a.Dimensions[name])})
	}
	if p.Before == nil {
		in.Tags = alarmTags(p.Tags)
	}
	return in
}

func alarmTags(tags map[string]string) []types.Tag {
	var l []types.Tag
	for _, k := range sortedKeys(tags) {
		l = append(l, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return l
}

// text is nil for "", which the API does not take.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// number is nil for 0, which stands for "not set".
func number(n int32) *int32 {
	if n == 0 {
		return nil
	}
	return &n
}
