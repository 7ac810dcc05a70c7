package account

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Alarms are the alarms of a region, each kind sorted by name.
type Alarms struct {
	Metric    []MetricAlarm    `json:"metric"`
	Composite []CompositeAlarm `json:"composite,omitempty"`
	Log       []LogAlarm       `json:"log,omitempty"`
}

// A MetricAlarm is an alarm on a metric, a metric math expression or anything
// else that AWS lists as a metric alarm.
type MetricAlarm struct {
	ARN            string   `json:"arn"`
	Name           string   `json:"name"`
	Description    string   `json:"description,omitempty"`
	ActionsEnabled bool     `json:"actionsEnabled"`
	AlarmActions   []string `json:"alarmActions,omitempty"`
	OKActions      []string `json:"okActions,omitempty"`
	NoDataActions  []string `json:"insufficientDataActions,omitempty"`

	Namespace         string            `json:"namespace,omitempty"`
	Metric            string            `json:"metric,omitempty"`
	Dimensions        map[string]string `json:"dimensions,omitempty"`
	Unit              string            `json:"unit,omitempty"`
	Statistic         string            `json:"statistic,omitempty"`         // Sum, Average, ...; "" with ExtendedStatistic
	ExtendedStatistic string            `json:"extendedStatistic,omitempty"` // p90, tm90, ...

	Period            int32    `json:"period,omitempty"` // seconds; 0 with metric math
	EvaluationPeriods int32    `json:"evaluationPeriods"`
	DatapointsToAlarm int32    `json:"datapointsToAlarm,omitempty"` // 0: all EvaluationPeriods
	Threshold         *float64 `json:"threshold,omitempty"`         // nil with an anomaly band
	Comparison        string   `json:"comparison"`                  // GreaterThanOrEqualToThreshold, ...
	MissingData       string   `json:"missingData,omitempty"`       // missing (also ""), ignore, breaching, notBreaching
	LowSample         string   `json:"lowSample,omitempty"`         // EvaluateLowSampleCountPercentile
	ThresholdMetricID string   `json:"thresholdMetricId,omitempty"` // of an anomaly band

	Queries []MetricQuery `json:"queries,omitempty"` // metric math; empty for a plain alarm

	State        string     `json:"state"` // OK, ALARM, INSUFFICIENT_DATA
	StateReason  string     `json:"stateReason,omitempty"`
	Evaluation   string     `json:"evaluation,omitempty"`   // EvaluationState: PARTIAL_DATA, EVALUATION_ERROR, ...
	TransitionAt *time.Time `json:"transitionAt,omitempty"` // StateTransitionedTimestamp
	UpdatedAt    *time.Time `json:"updatedAt,omitempty"`    // AlarmConfigurationUpdatedTimestamp

	// PromQL is the query of an alarm that evaluates PromQL in place of a metric.
	PromQL string `json:"promql,omitempty"`

	// Unknown names settings that AWS returned and this version does not know or
	// does not judge (PromQL criteria and the like).
	Unknown []string `json:"unknown,omitempty"`

	// Unwritten names settings that AWS returned and that decide nothing, but
	// would be lost if this version wrote the alarm.
	Unwritten []string `json:"unwritten,omitempty"`
}

// A MetricQuery is one entry of a metric math alarm.
type MetricQuery struct {
	ID         string            `json:"id"`
	Expression string            `json:"expression,omitempty"`
	AccountID  string            `json:"accountId,omitempty"`
	Namespace  string            `json:"namespace,omitempty"`
	Metric     string            `json:"metric,omitempty"`
	Dimensions map[string]string `json:"dimensions,omitempty"`
	Statistic  string            `json:"statistic,omitempty"`
	Unit       string            `json:"unit,omitempty"`
	Period     int32             `json:"period,omitempty"` // seconds
	ReturnData bool              `json:"returnData"`
}

// A CompositeAlarm is an alarm over the states of other alarms.
type CompositeAlarm struct {
	ARN            string     `json:"arn"`
	Name           string     `json:"name"`
	Rule           string     `json:"rule"`
	ActionsEnabled bool       `json:"actionsEnabled"`
	AlarmActions   []string   `json:"alarmActions,omitempty"`
	OKActions      []string   `json:"okActions,omitempty"`
	NoDataActions  []string   `json:"insufficientDataActions,omitempty"`
	Suppressor     string     `json:"suppressor,omitempty"`
	State          string     `json:"state"`
	TransitionAt   *time.Time `json:"transitionAt,omitempty"`
}

// A LogAlarm is an alarm on the results of a scheduled query over log groups
// (PutLogAlarm).
type LogAlarm struct {
	ARN            string   `json:"arn"`
	Name           string   `json:"name"`
	LogGroups      []string `json:"logGroups,omitempty"` // names or ARNs, as the alarm has them; none: the query names them
	Query          string   `json:"query,omitempty"`
	ActionsEnabled bool     `json:"actionsEnabled"`
	AlarmActions   []string `json:"alarmActions,omitempty"`
	State          string   `json:"state"`
}

// MuteActive is the status of a mute rule whose window is open.
const MuteActive = "ACTIVE"

// A MuteRule is an alarm mute rule, which keeps alarms from acting while one of
// its windows is open.
type MuteRule struct {
	ARN    string     `json:"arn"`
	Name   string     `json:"name"`
	Status string     `json:"status"`           // SCHEDULED, ACTIVE, EXPIRED
	Expire *time.Time `json:"expire,omitempty"` // when it ends for good; nil: never

	// Details are read for active rules.
	Details *Read[MuteDetails] `json:"details,omitempty"`
}

// MuteDetails is what GetAlarmMuteRule adds.
type MuteDetails struct {
	Alarms     []string   `json:"alarms"` // names, sorted
	Expression string     `json:"expression"`
	Duration   string     `json:"duration"` // ISO 8601
	Timezone   string     `json:"timezone,omitempty"`
	Start      *time.Time `json:"start,omitempty"`
}

// ActionHistory is the newest entry of each action that alarms of a region have
// run, by alarm name and action.
type ActionHistory struct {
	Actions []AlarmAction `json:"actions,omitempty"`

	// Truncated says that the history goes on beyond what was read: an alarm
	// without entry may have acted before.
	Truncated bool `json:"truncated,omitempty"`
}

// An AlarmAction is what became of one action of an alarm (DescribeAlarmHistory,
// entries of the type Action).
type AlarmAction struct {
	Alarm    string    `json:"alarm"`              // name
	Resource string    `json:"resource,omitempty"` // ARN of the action; "" when the entry does not name it
	At       time.Time `json:"at"`
	Failed   bool      `json:"failed,omitempty"`
	Message  string    `json:"message,omitempty"` // why it failed, one line
}

// StateHistory is the changes of state of alarms of a region within one day, by alarm
// name and time.
type StateHistory struct {
	Changes []StateChange `json:"changes,omitempty"`

	// Truncated says that the day has more changes, which are older than those that
	// were read.
	Truncated bool `json:"truncated,omitempty"`
}

// A StateChange is an alarm that went from one state to another (DescribeAlarmHistory,
// entries of the type StateUpdate).
type StateChange struct {
	Alarm string    `json:"alarm"` // name
	At    time.Time `json:"at"`
	From  string    `json:"from"` // OK, ALARM, INSUFFICIENT_DATA
	To    string    `json:"to"`
}

// A Link is what an account shares with another one that monitors it (oam:ListLinks).
type Link struct {
	Sink    string `json:"sink"`    // ARN, of the monitoring account
	Metrics bool   `json:"metrics"` // metrics are shared, so that alarms there may read them
}

// Searches reports whether a log alarm can search one of the log groups, given by
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

// Watches reports whether an alarm is on a metric, whatever its dimensions: by
// itself, in an expression, or perhaps in a query.
func (a *MetricAlarm) Watches(namespace, metric string) bool {
	return a.Namespace == namespace && a.Metric == metric || a.Mentions(metric) ||
		slices.ContainsFunc(a.Queries, func(q MetricQuery) bool { return q.Namespace == namespace && q.Metric == metric })
}

// Accounts returns the accounts whose metrics an alarm of account own reads by its
// queries, sorted, each once; none for a plain alarm.
func (a *MetricAlarm) Accounts(own string) []string {
	var ids []string
	for _, q := range a.Queries {
		if q.Metric != "" {
			ids = append(ids, cmp.Or(q.AccountID, own))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Mentions reports whether an alarm that is no plain metric alarm has a query that
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
