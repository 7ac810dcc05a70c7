package awstest

import (
	"slices"
	"strings"
	"unicode"
)

// PutMetricAlarmInput is the input of cloudwatch:PutMetricAlarm.
type PutMetricAlarmInput struct {
	AlarmName               string            `json:"AlarmName,omitempty" required:"" length:"1-255"`
	AlarmDescription        string            `json:"AlarmDescription,omitempty" length:"0-1024"`
	ActionsEnabled          *bool             `json:"ActionsEnabled,omitempty"` // default true
	OKActions               []string          `json:"OKActions,omitempty" length:"0-5"`
	AlarmActions            []string          `json:"AlarmActions,omitempty" length:"0-5"`
	InsufficientDataActions []string          `json:"InsufficientDataActions,omitempty" length:"0-5"`
	MetricName              string            `json:"MetricName,omitempty" length:"1-255"`
	Namespace               string            `json:"Namespace,omitempty" length:"1-255" pattern:"[^:].*"`
	Statistic               string            `json:"Statistic,omitempty" enum:"SampleCount|Average|Sum|Minimum|Maximum"`
	ExtendedStatistic       string            `json:"ExtendedStatistic,omitempty"`
	Dimensions              []Dimension       `json:"Dimensions,omitempty" length:"0-30"`
	Period                  int32             `json:"Period,omitempty"` // seconds
	Unit                    string            `json:"Unit,omitempty"`
	EvaluationPeriods       int32             `json:"EvaluationPeriods,omitempty"`
	DatapointsToAlarm       int32             `json:"DatapointsToAlarm,omitempty"`
	Threshold               *float64          `json:"Threshold,omitempty"`
	ComparisonOperator      string            `json:"ComparisonOperator,omitempty" enum:"GreaterThanOrEqualToThreshold|GreaterThanThreshold|LessThanThreshold|LessThanOrEqualToThreshold|LessThanLowerOrGreaterThanUpperThreshold|LessThanLowerThreshold|GreaterThanUpperThreshold"`
	TreatMissingData        string            `json:"TreatMissingData,omitempty"`
	LowSamplePercentile     string            `json:"EvaluateLowSampleCountPercentile,omitempty"`
	Metrics                 []MetricDataQuery `json:"Metrics,omitempty" length:"0-20"`
	Tags                    []Tag             `json:"Tags,omitempty" length:"0-50"`
	ThresholdMetricID       string            `json:"ThresholdMetricId,omitempty" length:"1-255"`
}

// A Dimension is one dimension of a metric.
type Dimension struct {
	Name  string `json:"Name" required:"" length:"1-255"`
	Value string `json:"Value" required:"" length:"1-1024"`
}

// A MetricDataQuery is one metric or expression of a metric math alarm.
type MetricDataQuery struct {
	ID         string      `json:"Id,omitempty" required:"" length:"1-255" pattern:"[a-z][a-zA-Z0-9_]*"`
	MetricStat *MetricStat `json:"MetricStat,omitempty"`
	Expression string      `json:"Expression,omitempty" length:"1-2048"`
	Label      string      `json:"Label,omitempty"`
	ReturnData *bool       `json:"ReturnData,omitempty"` // default true
	Period     int32       `json:"Period,omitempty"`     // seconds
	AccountID  string      `json:"AccountId,omitempty" length:"1-255"`
}

// A MetricStat names a metric and what to compute of it.
type MetricStat struct {
	Metric Metric `json:"Metric"`
	Period int32  `json:"Period"` // seconds
	Stat   string `json:"Stat" required:""`
	Unit   string `json:"Unit,omitempty"`
}

// A Metric names a metric.
type Metric struct {
	Namespace  string      `json:"Namespace,omitempty" length:"1-255" pattern:"[^:].*"`
	MetricName string      `json:"MetricName,omitempty" length:"1-255"`
	Dimensions []Dimension `json:"Dimensions,omitempty" length:"0-30"`
}

// PutMetricAlarm creates a metric alarm or replaces the one of that name.
func (r *Region) PutMetricAlarm(in PutMetricAlarmInput) error {
	return seedOnly[none](r, cloudwatchService, "PutMetricAlarm", &in)
}

func putMetricAlarm(c *call, in *PutMetricAlarmInput) (*none, error) {
	checks := []func(*PutMetricAlarmInput) error{
		checkAlarmName, checkAlarmMetric, checkAlarmWindow, checkAlarmThreshold, checkMissingData,
	}
	for _, check := range checks {
		if err := check(in); err != nil {
			return nil, err
		}
	}
	if err := c.checkActions(in.OKActions, in.AlarmActions, in.InsufficientDataActions); err != nil {
		return nil, err
	}
	if old := c.region.alarms[in.AlarmName]; old != nil && old.kind() != "MetricAlarm" {
		return nil, errAlarm("An alarm of another type with the name %s exists", in.AlarmName)
	}
	base := alarmBase{in.AlarmName, in.AlarmDescription, in.ActionsEnabled, in.OKActions, in.AlarmActions, in.InsufficientDataActions, in.Tags}
	return &none{}, c.place(base, func(a *alarm) { a.metric = in })
}

func checkAlarmName(in *PutMetricAlarmInput) error {
	if strings.ContainsFunc(in.AlarmName, unicode.IsControl) {
		return errAlarm("AlarmName must not contain control characters")
	}
	return nil
}

// checkAlarmMetric checks that exactly one way to name the data is used.
func checkAlarmMetric(in *PutMetricAlarmInput) error {
	if len(in.Metrics) > 0 {
		if in.MetricName != "" || in.Namespace != "" || in.Statistic != "" || in.ExtendedStatistic != "" || in.Period != 0 || len(in.Dimensions) > 0 {
			return errAlarm("Metrics list and top-level metric parameters are mutually exclusive")
		}
		return checkQueries(in)
	}
	switch {
	case in.MetricName == "":
		return errAlarm("The parameter MetricName is required.")
	case in.Namespace == "":
		return errAlarm("The parameter Namespace is required.")
	case (in.Statistic == "") == (in.ExtendedStatistic == ""):
		return errAlarm("Exactly one of Statistic and ExtendedStatistic must be specified")
	case in.ExtendedStatistic != "" && !validStatistic(in.ExtendedStatistic):
		return errAlarm("The value %s for parameter ExtendedStatistic is not supported.", in.ExtendedStatistic)
	case in.Unit != "" && !units[in.Unit]:
		return errAlarm("1 validation error detected: Value '%s' at 'unit' failed to satisfy constraint: Member must satisfy enum value set", in.Unit)
	}
	return nil
}

func checkQueries(in *PutMetricAlarmInput) error {
	seen, returned := map[string]bool{}, 0
	for _, q := range in.Metrics {
		if seen[q.ID] {
			return errAlarm("The id '%s' is used by more than one metric", q.ID)
		}
		seen[q.ID] = true
		if (q.MetricStat == nil) == (q.Expression == "") {
			return errAlarm("Exactly one of MetricStat and Expression must be specified for '%s'", q.ID)
		}
		if q.MetricStat != nil && !validStatistic(q.MetricStat.Stat) {
			return errAlarm("The statistic %s of '%s' is not supported", q.MetricStat.Stat, q.ID)
		}
		if q.ReturnData == nil || *q.ReturnData {
			returned++
		}
	}
	if returned != 1 && in.ThresholdMetricID == "" {
		return errAlarm("Exactly one element of the metrics list should return data.")
	}
	return nil
}

// periods returns the periods that an alarm uses, in seconds.
func (in *PutMetricAlarmInput) periods() []int32 {
	if len(in.Metrics) == 0 {
		return []int32{in.Period}
	}
	var list []int32
	for _, q := range in.Metrics {
		if q.MetricStat != nil {
			list = append(list, q.MetricStat.Period)
		} else if q.Period != 0 {
			list = append(list, q.Period)
		}
	}
	return list
}

// checkAlarmWindow checks period and evaluation periods. Source: PutMetricAlarm,
// Period and EvaluationPeriods.
func checkAlarmWindow(in *PutMetricAlarmInput) error {
	if in.EvaluationPeriods < 1 {
		return errAlarm("1 validation error detected: Value '%d' at 'evaluationPeriods' failed to satisfy constraint: Member must have value greater than or equal to 1", in.EvaluationPeriods)
	}
	if in.DatapointsToAlarm < 0 || in.DatapointsToAlarm > in.EvaluationPeriods {
		return errAlarm("DatapointsToAlarm must be between 1 and EvaluationPeriods")
	}
	for _, p := range in.periods() {
		if p != 10 && p != 20 && p != 30 && (p < 60 || p%60 != 0) {
			return errAlarm("The value %d for parameter Period is not supported: it must be 10, 20, 30 or a multiple of 60", p)
		}
		limit := int32(86400)
		if p >= 3600 {
			limit = 604800
		}
		if p > limit/in.EvaluationPeriods {
			return errAlarm("Metrics cannot be checked across more than %d seconds (EvaluationPeriods * Period must be <= %d)", limit, limit)
		}
	}
	return nil
}

func checkAlarmThreshold(in *PutMetricAlarmInput) error {
	band := strings.Contains(in.ComparisonOperator, "Upper") || strings.Contains(in.ComparisonOperator, "Lower")
	switch {
	case in.ComparisonOperator == "":
		return errAlarm("The parameter ComparisonOperator is required.")
	case band != (in.ThresholdMetricID != ""):
		return errAlarm("ThresholdMetricId and the comparison operators of anomaly bands go together")
	case !band && in.Threshold == nil:
		return errAlarm("The parameter Threshold is required.")
	case band && in.Threshold != nil:
		return errAlarm("Threshold and ThresholdMetricId are mutually exclusive")
	}
	return nil
}

func checkMissingData(in *PutMetricAlarmInput) error {
	if !slices.Contains([]string{"", "missing", "ignore", "breaching", "notBreaching"}, in.TreatMissingData) {
		return errAlarm("Invalid value '%s' for TreatMissingData: it must be one of breaching, notBreaching, ignore, missing", in.TreatMissingData)
	}
	if !slices.Contains([]string{"", "evaluate", "ignore"}, in.LowSamplePercentile) {
		return errAlarm("Invalid value '%s' for EvaluateLowSampleCountPercentile: it must be evaluate or ignore", in.LowSamplePercentile)
	}
	if in.LowSamplePercentile != "" && in.ExtendedStatistic == "" {
		return errAlarm("EvaluateLowSampleCountPercentile needs a percentile as ExtendedStatistic")
	}
	return nil
}

// checkActions checks the form of action ARNs. CloudWatch does not look whether
// what they name exists, but wants it in its own region.
func (c *call) checkActions(lists ...[]string) error {
	for _, list := range lists {
		for _, action := range list {
			p, ok := splitARN(action)
			if !ok {
				return errAlarm("Invalid arn syntax: %s", action)
			}
			if p.service == "sns" && p.region != c.region.name {
				return errAlarm("Invalid region %s specified. Only %s is supported.", p.region, c.region.name)
			}
		}
	}
	return nil
}
