package collect

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// AlarmsAPI is the part of CloudWatch that this package calls.
type AlarmsAPI interface {
	DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error)
	DescribeAlarmHistory(context.Context, *cloudwatch.DescribeAlarmHistoryInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmHistoryOutput, error)
	ListAlarmMuteRules(context.Context, *cloudwatch.ListAlarmMuteRulesInput, ...func(*cloudwatch.Options)) (*cloudwatch.ListAlarmMuteRulesOutput, error)
	GetAlarmMuteRule(context.Context, *cloudwatch.GetAlarmMuteRuleInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetAlarmMuteRuleOutput, error)
	ListTagsForResource(context.Context, *cloudwatch.ListTagsForResourceInput, ...func(*cloudwatch.Options)) (*cloudwatch.ListTagsForResourceOutput, error)
}

var _ AlarmsAPI = (*cloudwatch.Client)(nil)

// alarms lists all alarms of a region.
func alarms(ctx context.Context, api AlarmsAPI) *account.Read[account.Alarms] {
	list, err := Alarms(ctx, api, nil)
	return answer("cloudwatch:DescribeAlarms", list, err)
}

// DescribeAlarmsAPI is what Alarms calls.
type DescribeAlarmsAPI interface {
	DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error)
}

// Alarms lists the metric, composite and log alarms of those names (at most 100, the
// API's limit), or all when there are no names; all pages, sorted by name. The
// error is the SDK's.
func Alarms(ctx context.Context, api DescribeAlarmsAPI, names []string) (account.Alarms, error) {
	in := &cloudwatch.DescribeAlarmsInput{
		AlarmNames: names,
		// Without this AWS lists metric alarms only.
		AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm, types.AlarmTypeLogAlarm},
	}
	list := account.Alarms{Metric: []account.MetricAlarm{}}
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		in.NextToken = token
		page, err := api.DescribeAlarms(ctx, in)
		if err != nil {
			return nil, false, err
		}
		for _, a := range page.MetricAlarms {
			list.Metric = append(list.Metric, alarmFrom(a))
		}
		for _, a := range page.CompositeAlarms {
			list.Composite = append(list.Composite, compositeFrom(a))
		}
		for _, a := range page.LogAlarms {
			list.Log = append(list.Log, logAlarmFrom(a))
		}
		return page.NextToken, false, nil
	})
	if err != nil {
		return account.Alarms{}, err
	}
	list.Metric = lastOfEach(list.Metric, func(a, b account.MetricAlarm) int { return cmp.Compare(a.Name, b.Name) })
	list.Composite = lastOfEach(list.Composite, func(a, b account.CompositeAlarm) int { return cmp.Compare(a.Name, b.Name) })
	list.Log = lastOfEach(list.Log, func(a, b account.LogAlarm) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

func alarmFrom(a types.MetricAlarm) account.MetricAlarm {
	return account.MetricAlarm{
		ARN:               aws.ToString(a.AlarmArn),
		Name:              aws.ToString(a.AlarmName),
		Description:       aws.ToString(a.AlarmDescription),
		ActionsEnabled:    actionsEnabled(a.ActionsEnabled),
		AlarmActions:      some(a.AlarmActions),
		OKActions:         some(a.OKActions),
		NoDataActions:     some(a.InsufficientDataActions),
		Namespace:         aws.ToString(a.Namespace),
		Metric:            aws.ToString(a.MetricName),
		Dimensions:        dimensions(a.Dimensions),
		Unit:              string(a.Unit),
		Statistic:         string(a.Statistic),
		ExtendedStatistic: aws.ToString(a.ExtendedStatistic),
		Period:            aws.ToInt32(a.Period),
		EvaluationPeriods: aws.ToInt32(a.EvaluationPeriods),
		DatapointsToAlarm: aws.ToInt32(a.DatapointsToAlarm),
		Threshold:         a.Threshold,
		Comparison:        string(a.ComparisonOperator),
		MissingData:       aws.ToString(a.TreatMissingData),
		LowSample:         aws.ToString(a.EvaluateLowSampleCountPercentile),
		ThresholdMetricID: aws.ToString(a.ThresholdMetricId),
		Queries:           queries(a.Metrics),
		State:             string(a.StateValue),
		StateReason:       aws.ToString(a.StateReason),
		Evaluation:        string(a.EvaluationState),
		TransitionAt:      utc(a.StateTransitionedTimestamp),
		UpdatedAt:         utc(a.AlarmConfigurationUpdatedTimestamp),
		PromQL:            promQL(a.EvaluationCriteria),
		Unknown:           unknownSettings(a),
		Unwritten:         unwrittenSettings(a),
	}
}

// actionsEnabled reads a flag that AWS always sends and that is on when it is
// not sent: the default of PutMetricAlarm.
func actionsEnabled(flag *bool) bool { return flag == nil || *flag }

// usualInterval is how often CloudWatch evaluates an alarm unless told
// otherwise, in seconds. Shorter is no worse.
const usualInterval = 60

// unwrittenSettings names what decides nothing, but would be lost if the alarm
// were written without it.
func unwrittenSettings(a types.MetricAlarm) []string {
	var names []string
	if a.ActionConfiguration != nil {
		names = append(names, "ActionConfiguration")
	}
	if n := aws.ToInt32(a.EvaluationInterval); n > 0 && n < usualInterval {
		names = append(names, "EvaluationInterval")
	}
	return names
}

// unknownSettings names what decides whether the alarm fires and is not part of
// account.MetricAlarm. ActionConfiguration is not among it: it only adds tags to
// the message.
func unknownSettings(a types.MetricAlarm) []string {
	var names []string
	if a.EvaluationCriteria != nil {
		names = append(names, "EvaluationCriteria")
	}
	if aws.ToInt32(a.EvaluationInterval) > usualInterval {
		names = append(names, "EvaluationInterval")
	}
	if _, sliding := a.EvaluationWindow.(*types.EvaluationWindowMemberSlidingWindow); a.EvaluationWindow != nil && !sliding {
		names = append(names, "EvaluationWindow")
	}
	if a.WarmUpConfiguration != nil {
		names = append(names, "WarmUpConfiguration")
	}
	return names
}

// promQL returns the query of PromQL criteria, "" for any other.
func promQL(c types.EvaluationCriteria) string {
	if p, ok := c.(*types.EvaluationCriteriaMemberPromQLCriteria); ok {
		return aws.ToString(p.Value.Query)
	}
	return ""
}

func logAlarmFrom(a types.LogAlarm) account.LogAlarm {
	out := account.LogAlarm{
		ARN:            aws.ToString(a.AlarmArn),
		Name:           aws.ToString(a.AlarmName),
		ActionsEnabled: actionsEnabled(a.ActionsEnabled),
		AlarmActions:   some(a.AlarmActions),
		State:          string(a.StateValue),
	}
	if q := a.ScheduledQueryConfiguration; q != nil {
		out.LogGroups, out.Query = sorted(q.LogGroupIdentifiers), aws.ToString(q.QueryString)
	}
	return out
}

func dimensions(list []types.Dimension) map[string]string {
	if len(list) == 0 {
		return nil
	}
	m := make(map[string]string, len(list))
	for _, d := range list {
		m[aws.ToString(d.Name)] = aws.ToString(d.Value)
	}
	return m
}

func queries(list []types.MetricDataQuery) []account.MetricQuery {
	var qs []account.MetricQuery
	for _, q := range list {
		m := account.MetricQuery{
			ID:         aws.ToString(q.Id),
			Expression: aws.ToString(q.Expression),
			AccountID:  aws.ToString(q.AccountId),
			Period:     aws.ToInt32(q.Period),
			ReturnData: q.ReturnData == nil || *q.ReturnData, // MetricDataQuery: true unless set
		}
		if s := q.MetricStat; s != nil {
			m.Statistic, m.Unit, m.Period = aws.ToString(s.Stat), string(s.Unit), aws.ToInt32(s.Period)
			if s.Metric != nil {
				m.Namespace, m.Metric = aws.ToString(s.Metric.Namespace), aws.ToString(s.Metric.MetricName)
				m.Dimensions = dimensions(s.Metric.Dimensions)
			}
		}
		qs = append(qs, m)
	}
	return qs
}

func compositeFrom(a types.CompositeAlarm) account.CompositeAlarm {
	return account.CompositeAlarm{
		ARN:            aws.ToString(a.AlarmArn),
		Name:           aws.ToString(a.AlarmName),
		Rule:           aws.ToString(a.AlarmRule),
		ActionsEnabled: actionsEnabled(a.ActionsEnabled),
		AlarmActions:   some(a.AlarmActions),
		OKActions:      some(a.OKActions),
		NoDataActions:  some(a.InsufficientDataActions),
		Suppressor:     aws.ToString(a.ActionsSuppressor),
		State:          string(a.StateValue),
		TransitionAt:   utc(a.StateTransitionedTimestamp),
	}
}

// alarmTags returns the tags of an alarm; nil when it has none.
func alarmTags(ctx context.Context, api AlarmsAPI, arn string) *account.Read[map[string]string] {
	out, err := api.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String(arn)})
	var tags map[string]string
	if err == nil && len(out.Tags) > 0 {
		tags = map[string]string{}
		for _, t := range out.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return answer("cloudwatch:ListTagsForResource", tags, err)
}
