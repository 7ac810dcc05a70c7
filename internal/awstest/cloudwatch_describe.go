package awstest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

type describeAlarmsInput struct {
	AlarmNames          []string `json:"AlarmNames,omitempty" length:"0-100"`
	AlarmNamePrefix     string   `json:"AlarmNamePrefix,omitempty" length:"1-255"`
	AlarmTypes          []string `json:"AlarmTypes,omitempty" enum:"CompositeAlarm|MetricAlarm|LogAlarm"`
	ChildrenOfAlarmName string   `json:"ChildrenOfAlarmName,omitempty" length:"1-255"`
	ParentsOfAlarmName  string   `json:"ParentsOfAlarmName,omitempty" length:"1-255"`
	StateValue          string   `json:"StateValue,omitempty" enum:"OK|ALARM|INSUFFICIENT_DATA"`
	ActionPrefix        string   `json:"ActionPrefix,omitempty" length:"1-1024"`
	MaxRecords          int32    `json:"MaxRecords,omitempty" range:"1-100"`
	NextToken           string   `json:"NextToken,omitempty"`
}

type describeAlarmsOutput struct {
	MetricAlarms    []metricAlarmDescription    `json:"MetricAlarms"`
	CompositeAlarms []compositeAlarmDescription `json:"CompositeAlarms"`
	LogAlarms       []logAlarmDescription       `json:"LogAlarms"`
	NextToken       string                      `json:"NextToken,omitempty"`
}

type metricAlarmDescription struct {
	AlarmName                          string            `json:"AlarmName"`
	AlarmARN                           string            `json:"AlarmArn"`
	AlarmDescription                   string            `json:"AlarmDescription,omitempty"`
	AlarmConfigurationUpdatedTimestamp *timestamp        `json:"AlarmConfigurationUpdatedTimestamp,omitempty"`
	ActionsEnabled                     bool              `json:"ActionsEnabled"`
	OKActions                          []string          `json:"OKActions"`
	AlarmActions                       []string          `json:"AlarmActions"`
	InsufficientDataActions            []string          `json:"InsufficientDataActions"`
	StateValue                         string            `json:"StateValue"`
	StateReason                        string            `json:"StateReason"`
	StateReasonData                    string            `json:"StateReasonData,omitempty"`
	StateUpdatedTimestamp              *timestamp        `json:"StateUpdatedTimestamp,omitempty"`
	StateTransitionedTimestamp         *timestamp        `json:"StateTransitionedTimestamp,omitempty"`
	MetricName                         string            `json:"MetricName,omitempty"`
	Namespace                          string            `json:"Namespace,omitempty"`
	Statistic                          string            `json:"Statistic,omitempty"`
	ExtendedStatistic                  string            `json:"ExtendedStatistic,omitempty"`
	Dimensions                         []Dimension       `json:"Dimensions"`
	Period                             int32             `json:"Period,omitempty"`
	Unit                               string            `json:"Unit,omitempty"`
	EvaluationPeriods                  int32             `json:"EvaluationPeriods"`
	DatapointsToAlarm                  int32             `json:"DatapointsToAlarm,omitempty"`
	Threshold                          *float64          `json:"Threshold,omitempty"`
	ComparisonOperator                 string            `json:"ComparisonOperator"`
	TreatMissingData                   string            `json:"TreatMissingData,omitempty"`
	EvaluateLowSampleCountPercentile   string            `json:"EvaluateLowSampleCountPercentile,omitempty"`
	Metrics                            []MetricDataQuery `json:"Metrics,omitempty"`
	ThresholdMetricID                  string            `json:"ThresholdMetricId,omitempty"`
}

type compositeAlarmDescription struct {
	AlarmName                          string     `json:"AlarmName"`
	AlarmARN                           string     `json:"AlarmArn"`
	AlarmRule                          string     `json:"AlarmRule"`
	AlarmDescription                   string     `json:"AlarmDescription,omitempty"`
	AlarmConfigurationUpdatedTimestamp *timestamp `json:"AlarmConfigurationUpdatedTimestamp,omitempty"`
	ActionsEnabled                     bool       `json:"ActionsEnabled"`
	OKActions                          []string   `json:"OKActions"`
	AlarmActions                       []string   `json:"AlarmActions"`
	InsufficientDataActions            []string   `json:"InsufficientDataActions"`
	StateValue                         string     `json:"StateValue"`
	StateReason                        string     `json:"StateReason"`
	StateReasonData                    string     `json:"StateReasonData,omitempty"`
	StateUpdatedTimestamp              *timestamp `json:"StateUpdatedTimestamp,omitempty"`
	StateTransitionedTimestamp         *timestamp `json:"StateTransitionedTimestamp,omitempty"`
	ActionsSuppressor                  string     `json:"ActionsSuppressor,omitempty"`
	ActionsSuppressedBy                string     `json:"ActionsSuppressedBy,omitempty"`
	ActionsSuppressorWaitPeriod        *int32     `json:"ActionsSuppressorWaitPeriod,omitempty"`
	ActionsSuppressorExtensionPeriod   *int32     `json:"ActionsSuppressorExtensionPeriod,omitempty"`
}

func describeAlarms(c *call, in *describeAlarmsInput) (*describeAlarmsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	after, ok := readToken("DescribeAlarms", in.NextToken)
	if !ok {
		return nil, apiError("InvalidNextToken", "The next token is not valid")
	}
	var list []*alarm
	for _, name := range slices.Sorted(maps.Keys(c.region.alarms)) {
		if a := c.region.alarms[name]; in.selects(c.region, a) {
			list = append(list, a)
		}
	}
	cut, next := page(c.Cloud, list, func(a *alarm) string { return a.name }, after, cmp.Or(int(in.MaxRecords), 100))
	out := &describeAlarmsOutput{
		MetricAlarms: []metricAlarmDescription{}, CompositeAlarms: []compositeAlarmDescription{}, LogAlarms: []logAlarmDescription{},
		NextToken: newToken("DescribeAlarms", next),
	}
	for _, a := range cut {
		switch a.kind() {
		case "CompositeAlarm":
			out.CompositeAlarms = append(out.CompositeAlarms, a.describeComposite(c.region))
		case "LogAlarm":
			out.LogAlarms = append(out.LogAlarms, a.describeLog())
		default:
			out.MetricAlarms = append(out.MetricAlarms, a.describeMetric())
		}
	}
	return out, nil
}

// check refuses combinations of selectors. Source: DescribeAlarms.
func (in *describeAlarmsInput) check() error {
	if len(in.AlarmNames) > 0 && in.AlarmNamePrefix != "" {
		return errAlarm("AlarmNames and AlarmNamePrefix are mutually exclusive")
	}
	if in.ChildrenOfAlarmName != "" && in.ParentsOfAlarmName != "" {
		return errAlarm("ChildrenOfAlarmName and ParentsOfAlarmName are mutually exclusive")
	}
	if in.ChildrenOfAlarmName+in.ParentsOfAlarmName != "" &&
		(len(in.AlarmNames) > 0 || in.AlarmNamePrefix != "" || in.StateValue != "" || in.ActionPrefix != "") {
		return errAlarm("ChildrenOfAlarmName and ParentsOfAlarmName allow no other selector")
	}
	return nil
}

// selects reports whether the alarm was asked for. Without AlarmTypes only metric
// alarms are.
func (in *describeAlarmsInput) selects(r *Region, a *alarm) bool {
	switch {
	case in.ParentsOfAlarmName != "":
		return a.composite != nil && a.composite.mentions(r, in.ParentsOfAlarmName)
	case in.ChildrenOfAlarmName != "":
		parent := r.alarms[in.ChildrenOfAlarmName]
		return parent != nil && parent.composite != nil && parent.composite.mentions(r, a.name)
	case len(in.AlarmTypes) == 0 && a.metric == nil, len(in.AlarmTypes) > 0 && !slices.Contains(in.AlarmTypes, a.kind()):
		return false
	case len(in.AlarmNames) > 0 && !slices.Contains(in.AlarmNames, a.name):
		return false
	case in.StateValue != "" && a.state != in.StateValue:
		return false
	}
	return strings.HasPrefix(a.name, in.AlarmNamePrefix) && a.hasAction(in.ActionPrefix)
}

func (a *alarm) hasAction(prefix string) bool {
	if prefix == "" {
		return true
	}
	for _, list := range a.actions {
		if slices.ContainsFunc(list, func(action string) bool { return strings.HasPrefix(action, prefix) }) {
			return true
		}
	}
	return false
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (a *alarm) describeMetric() metricAlarmDescription {
	m := a.metric
	return metricAlarmDescription{
		AlarmName: a.name, AlarmARN: a.arn, AlarmDescription: a.description,
		AlarmConfigurationUpdatedTimestamp: at(a.configured), ActionsEnabled: a.actionsEnabled,
		OKActions: orEmpty(a.actions[StateOK]), AlarmActions: orEmpty(a.actions[StateAlarm]), InsufficientDataActions: orEmpty(a.actions[StateInsufficientData]),
		StateValue: a.state, StateReason: a.reason, StateReasonData: a.reasonData,
		StateUpdatedTimestamp: at(a.updated), StateTransitionedTimestamp: at(a.transitioned),
		MetricName: m.MetricName, Namespace: m.Namespace, Statistic: m.Statistic, ExtendedStatistic: m.ExtendedStatistic,
		Dimensions: orEmpty(m.Dimensions), Period: m.Period, Unit: m.Unit, EvaluationPeriods: m.EvaluationPeriods,
		DatapointsToAlarm: m.DatapointsToAlarm, Threshold: m.Threshold, ComparisonOperator: m.ComparisonOperator,
		TreatMissingData: m.TreatMissingData, EvaluateLowSampleCountPercentile: m.LowSamplePercentile,
		Metrics: m.Metrics, ThresholdMetricID: m.ThresholdMetricID,
	}
}

func (a *alarm) describeComposite(r *Region) compositeAlarmDescription {
	k := a.composite
	d := compositeAlarmDescription{
		AlarmName: a.name, AlarmARN: a.arn, AlarmRule: k.AlarmRule, AlarmDescription: a.description,
		AlarmConfigurationUpdatedTimestamp: at(a.configured), ActionsEnabled: a.actionsEnabled,
		OKActions: orEmpty(a.actions[StateOK]), AlarmActions: orEmpty(a.actions[StateAlarm]), InsufficientDataActions: orEmpty(a.actions[StateInsufficientData]),
		StateValue: a.state, StateReason: a.reason, StateReasonData: a.reasonData,
		StateUpdatedTimestamp: at(a.updated), StateTransitionedTimestamp: at(a.transitioned),
		ActionsSuppressor: k.ActionsSuppressor, ActionsSuppressorWaitPeriod: k.ActionsSuppressorWaitPeriod,
		ActionsSuppressorExtensionPeriod: k.ActionsSuppressorExtensionPeriod,
	}
	if a.suppressed(r) {
		d.ActionsSuppressedBy = "Alarm"
	}
	return d
}

type describeAlarmsForMetricInput struct {
	MetricName        string      `json:"MetricName" required:"" length:"1-255"`
	Namespace         string      `json:"Namespace" required:"" length:"1-255"`
	Statistic         string      `json:"Statistic,omitempty"`
	ExtendedStatistic string      `json:"ExtendedStatistic,omitempty"`
	Dimensions        []Dimension `json:"Dimensions,omitempty"`
	Period            int32       `json:"Period,omitempty"`
	Unit              string      `json:"Unit,omitempty"`
}

type describeAlarmsForMetricOutput struct {
	MetricAlarms []metricAlarmDescription `json:"MetricAlarms"`
}

// describeAlarmsForMetric leaves out metric math and composite alarms.
func describeAlarmsForMetric(c *call, in *describeAlarmsForMetricInput) (*describeAlarmsForMetricOutput, error) {
	out := &describeAlarmsForMetricOutput{MetricAlarms: []metricAlarmDescription{}}
	want := metricKey(in.Namespace, in.MetricName, in.Dimensions)
	for _, name := range slices.Sorted(maps.Keys(c.region.alarms)) {
		a := c.region.alarms[name]
		if a.metric == nil || len(a.metric.Metrics) > 0 || metricKey(a.metric.Namespace, a.metric.MetricName, a.metric.Dimensions) != want {
			continue
		}
		m := a.metric
		if (in.Statistic == "" || in.Statistic == m.Statistic) && (in.ExtendedStatistic == "" || in.ExtendedStatistic == m.ExtendedStatistic) &&
			(in.Period == 0 || in.Period == m.Period) && (in.Unit == "" || in.Unit == m.Unit) {
			out.MetricAlarms = append(out.MetricAlarms, a.describeMetric())
		}
	}
	return out, nil
}
