package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// putAlarm creates an alarm, or replaces one: its tags first, so that a run that
// dies in between leaves something that is known as ours.
func (r *runner) putAlarm(ctx context.Context, a plan.PutAlarm) (Outcome, error) {
	have, err := r.alarmsNow(ctx, a.Region, a.Alarm.Name)
	if err != nil {
		return Outcome{}, err
	}
	there, err := r.compareAlarm(ctx, have, a)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{ARN: a.Alarm.ARN}
	if a.Before != nil {
		if out.Written, err = r.retag(ctx, a); err != nil {
			return Outcome{}, err
		}
	}
	if there {
		return out, nil
	}
	if err := r.writeAlarm(ctx, a); err != nil {
		var w *WriteError
		if out.Written && errors.As(err, &w) {
			w.Before = "the alarm's tags were changed"
		}
		return Outcome{}, err
	}
	out.Written = true
	return out, nil
}

func (r *runner) writeAlarm(ctx context.Context, a plan.PutAlarm) error {
	ctx, cancel := writing(ctx)
	defer cancel()
	e := journal.Entry{Object: alarmObject(a.Region, a.Alarm), After: alarmState(a.Alarm, nil)}
	if a.Before == nil {
		e.After = alarmState(a.Alarm, a.Tags)
	} else {
		e.Before = alarmState(*a.Before, nil)
	}
	return r.record(e, "cloudwatch:PutMetricAlarm", func() (string, error) {
		_, err := r.clients.alarms(a.Region).PutMetricAlarm(ctx, alarmInput(a))
		return "", err
	})
}

// retag gives an alarm that exists the tags of the plan: PutMetricAlarm ignores
// them. It reads the tags first, and says whether it changed any. Tags that the
// plan did not see and does not want stay.
func (r *runner) retag(ctx context.Context, a plan.PutAlarm) (bool, error) {
	have, err := r.alarmTags(ctx, a.Region, a.Alarm.ARN)
	if err != nil {
		return false, err
	}
	add, drop, after := map[string]string{}, []string(nil), maps.Clone(have)
	for key, value := range a.Tags {
		if old, ok := have[key]; !ok || old != value {
			add[key], after[key] = value, value
		}
	}
	for _, key := range sortedKeys(a.TagsBefore) {
		if _, keep := a.Tags[key]; !keep && have[key] == a.TagsBefore[key] {
			drop = append(drop, key)
			delete(after, key)
		}
	}
	if len(add)+len(drop) == 0 {
		return false, nil
	}
	ctx, cancel := writing(ctx)
	defer cancel()
	api, arn := r.clients.alarms(a.Region), aws.String(a.Alarm.ARN)
	if len(add) > 0 {
		between := maps.Clone(have)
		maps.Copy(between, add)
		e := journal.Entry{Object: alarmObject(a.Region, a.Alarm), Before: &journal.State{Tags: &have}, After: &journal.State{Tags: &between}}
		err := r.record(e, "cloudwatch:TagResource", func() (string, error) {
			_, err := api.TagResource(ctx, &cloudwatch.TagResourceInput{ResourceARN: arn, Tags: alarmTags(add)})
			return "", err
		})
		if err != nil {
			return false, err
		}
		have = between
	}
	if len(drop) > 0 {
		e := journal.Entry{Object: alarmObject(a.Region, a.Alarm), Before: &journal.State{Tags: &have}, After: &journal.State{Tags: &after}}
		err := r.record(e, "cloudwatch:UntagResource", func() (string, error) {
			_, err := api.UntagResource(ctx, &cloudwatch.UntagResourceInput{ResourceARN: arn, TagKeys: drop})
			return "", err
		})
		if err != nil {
			return false, err
		}
	}
	return true, nil
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
	for _, c := range have.Log {
		if c.Name == a.Alarm.Name {
			return false, changedAlarm(a, "appeared as a log alarm")
		}
	}
	for _, m := range have.Metric {
		if m.Name != a.Alarm.Name {
			continue
		}
		switch {
		case a.Before != nil && m.Same(*a.Before):
			return m.Same(a.Alarm), nil
		case m.Same(a.Alarm):
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
	tags, err := r.alarmTags(ctx, a.Region, m.ARN)
	if err != nil {
		return false, err
	}
	if tags[plan.ManagedTag] == "true" {
		return true, nil
	}
	return false, changedAlarm(a, "appeared")
}

// alarmTags reads the tags of an alarm; never nil without an error.
func (r *runner) alarmTags(ctx context.Context, region, arn string) (map[string]string, error) {
	out, err := r.clients.alarms(region).ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String(arn)})
	if err != nil {
		return nil, collect.Explain("cloudwatch:ListTagsForResource", err)
	}
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}

func changedAlarm(a plan.PutAlarm, change string) error {
	return &ChangedError{Resource: fmt.Sprintf("alarm %q", a.Alarm.Name), Change: change}
}

// writable refuses alarms that alarmInput cannot express: writing them would
// drop settings.
func writable(a account.MetricAlarm) error {
	switch {
	case len(a.Queries) > 0 || a.ThresholdMetricID != "":
		return fmt.Errorf("alarm %q uses metric math, which this build does not write", a.Name)
	case len(a.Unknown)+len(a.Unwritten) > 0:
		return fmt.Errorf("alarm %q has settings that this build does not know: %s", a.Name, slices.Concat(a.Unknown, a.Unwritten)[0])
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
