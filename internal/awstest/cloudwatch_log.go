package awstest

import "slices"

// PutLogAlarmInput is the input of cloudwatch:PutLogAlarm. Log alarms are kept
// and described; their queries are not run, so that they stay in
// INSUFFICIENT_DATA.
type PutLogAlarmInput struct {
	AlarmName                   string               `json:"AlarmName,omitempty" required:"" length:"1-255"`
	AlarmDescription            string               `json:"AlarmDescription,omitempty" length:"0-1024"`
	ActionsEnabled              *bool                `json:"ActionsEnabled,omitempty"` // default true
	OKActions                   []string             `json:"OKActions,omitempty" length:"0-5"`
	AlarmActions                []string             `json:"AlarmActions,omitempty" length:"0-5"`
	InsufficientDataActions     []string             `json:"InsufficientDataActions,omitempty" length:"0-5"`
	ComparisonOperator          string               `json:"ComparisonOperator,omitempty" required:"" enum:"GreaterThanOrEqualToThreshold|GreaterThanThreshold|LessThanThreshold|LessThanOrEqualToThreshold"`
	Threshold                   *float64             `json:"Threshold,omitempty" required:""`
	QueryResultsToAlarm         int32                `json:"QueryResultsToAlarm,omitempty" required:"" range:"1-100"`
	QueryResultsToEvaluate      int32                `json:"QueryResultsToEvaluate,omitempty" required:"" range:"1-100"`
	TreatMissingData            string               `json:"TreatMissingData,omitempty" enum:"missing|ignore|breaching|notBreaching"`
	ScheduledQueryConfiguration *ScheduledQueryInput `json:"ScheduledQueryConfiguration,omitempty" required:""`
	Tags                        []Tag                `json:"Tags,omitempty" length:"0-50"`
}

// A ScheduledQueryInput is the query of a log alarm.
type ScheduledQueryInput struct {
	AggregationExpression string        `json:"AggregationExpression,omitempty" required:"" length:"1-2048"`
	QueryString           string        `json:"QueryString,omitempty" required:"" length:"0-10000"`
	LogGroupIdentifiers   []string      `json:"LogGroupIdentifiers,omitempty" length:"0-50"`
	ScheduledQueryRoleARN string        `json:"ScheduledQueryRoleARN,omitempty" required:""`
	ScheduleConfiguration QuerySchedule `json:"ScheduleConfiguration"`
}

// A QuerySchedule says when the query of a log alarm runs.
type QuerySchedule struct {
	ScheduleExpression string `json:"ScheduleExpression,omitempty"`
	StartTimeOffset    int64  `json:"StartTimeOffset,omitempty"` // seconds
	EndTimeOffset      int64  `json:"EndTimeOffset,omitempty"`   // seconds
}

// PutLogAlarm creates a log alarm or replaces the one of that name.
func (r *Region) PutLogAlarm(in PutLogAlarmInput) error {
	return seedOnly[none](r, cloudwatchService, "PutLogAlarm", &in)
}

func putLogAlarm(c *call, in *PutLogAlarmInput) (*none, error) {
	if in.QueryResultsToAlarm > in.QueryResultsToEvaluate {
		return nil, errAlarm("QueryResultsToAlarm must be between 1 and QueryResultsToEvaluate")
	}
	if err := c.checkActions(in.OKActions, in.AlarmActions, in.InsufficientDataActions); err != nil {
		return nil, err
	}
	if old := c.region.alarms[in.AlarmName]; old != nil && old.kind() != "LogAlarm" {
		return nil, errAlarm("An alarm of another type with the name %s exists", in.AlarmName)
	}
	base := alarmBase{in.AlarmName, in.AlarmDescription, in.ActionsEnabled, in.OKActions, in.AlarmActions, in.InsufficientDataActions, in.Tags}
	return &none{}, c.place(base, func(a *alarm) { a.log = in })
}

type logAlarmDescription struct {
	AlarmName                   string               `json:"AlarmName"`
	AlarmARN                    string               `json:"AlarmArn"`
	AlarmDescription            string               `json:"AlarmDescription,omitempty"`
	ActionsEnabled              bool                 `json:"ActionsEnabled"`
	OKActions                   []string             `json:"OKActions"`
	AlarmActions                []string             `json:"AlarmActions"`
	InsufficientDataActions     []string             `json:"InsufficientDataActions"`
	StateValue                  string               `json:"StateValue"`
	StateReason                 string               `json:"StateReason"`
	StateTransitionedTimestamp  *timestamp           `json:"StateTransitionedTimestamp,omitempty"`
	ComparisonOperator          string               `json:"ComparisonOperator"`
	Threshold                   *float64             `json:"Threshold"`
	QueryResultsToAlarm         int32                `json:"QueryResultsToAlarm"`
	QueryResultsToEvaluate      int32                `json:"QueryResultsToEvaluate"`
	TreatMissingData            string               `json:"TreatMissingData,omitempty"`
	ScheduledQueryConfiguration *ScheduledQueryInput `json:"ScheduledQueryConfiguration"`
}

func (a *alarm) describeLog() logAlarmDescription {
	l := a.log
	return logAlarmDescription{
		AlarmName: a.name, AlarmARN: a.arn, AlarmDescription: a.description, ActionsEnabled: a.actionsEnabled,
		OKActions: slices.Clone(l.OKActions), AlarmActions: slices.Clone(l.AlarmActions), InsufficientDataActions: slices.Clone(l.InsufficientDataActions),
		StateValue: a.state, StateReason: a.reason, StateTransitionedTimestamp: at(a.transitioned),
		ComparisonOperator: l.ComparisonOperator, Threshold: l.Threshold, QueryResultsToAlarm: l.QueryResultsToAlarm,
		QueryResultsToEvaluate: l.QueryResultsToEvaluate, TreatMissingData: l.TreatMissingData, ScheduledQueryConfiguration: l.ScheduledQueryConfiguration,
	}
}
