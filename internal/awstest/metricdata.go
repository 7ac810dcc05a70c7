package awstest

import (
	"cmp"
	"time"
)

// The metrics that AWS itself publishes here, free of charge: those of log groups and
// of topics. Sources: CloudWatch Logs user guide, "Monitoring with CloudWatch metrics";
// SNS developer guide, "Monitoring Amazon SNS topics using CloudWatch".
const (
	logsNamespace = "AWS/Logs"
	snsNamespace  = "AWS/SNS"
)

// snsMetricsDelay is how long after the fact metrics of topics are there; AWS says up to
// five minutes.
const snsMetricsDelay = time.Minute

// countIncoming counts an event that arrives in a log group.
func (r *Region) countIncoming(g *logGroup, bytes int) {
	group := []Dimension{{"LogGroupName", g.name}}
	r.add(metricKey(logsNamespace, "IncomingLogEvents", group), r.cloud.now, sample{1, "None"})
	r.add(metricKey(logsNamespace, "IncomingBytes", group), r.cloud.now, sample{float64(bytes), "Bytes"})
}

// countNotification counts a message that a subscriber took. Those that a filter policy
// drops are not counted; that e-mail is counted is undocumented.
func (r *Region) countNotification(t *topic) {
	then := r.cloud.now
	r.cloud.later(snsMetricsDelay, func() {
		r.add(metricKey(snsNamespace, "NumberOfNotificationsDelivered", []Dimension{{"TopicName", t.name}}), then, sample{1, "Count"})
	})
}

type getMetricDataInput struct {
	MetricDataQueries []MetricDataQuery `json:"MetricDataQueries" required:"" length:"0-500"`
	StartTime         timestamp         `json:"StartTime" required:""`
	EndTime           timestamp         `json:"EndTime" required:""`
	ScanBy            string            `json:"ScanBy,omitempty" enum:"TimestampDescending|TimestampAscending"`
	MaxDatapoints     int32             `json:"MaxDatapoints,omitempty"`
	NextToken         string            `json:"NextToken,omitempty"`
}

type getMetricDataOutput struct {
	MetricDataResults []metricDataResult `json:"MetricDataResults"`
}

type metricDataResult struct {
	ID         string      `json:"Id"`
	Label      string      `json:"Label"`
	StatusCode string      `json:"StatusCode"`
	Timestamps []timestamp `json:"Timestamps"` // newest first
	Values     []float64   `json:"Values"`
}

// getMetricData answers queries of single metrics, in one page.
func getMetricData(c *call, in *getMetricDataInput) (*getMetricDataOutput, error) {
	if !in.StartTime.Before(in.EndTime.Time) {
		return nil, errAlarm("The parameter StartTime must be less than the parameter EndTime.")
	}
	out := &getMetricDataOutput{MetricDataResults: []metricDataResult{}}
	for _, q := range in.MetricDataQueries {
		if q.MetricStat == nil || q.AccountID != "" {
			return nil, notSimulated("metric math and other accounts in GetMetricData")
		}
		s := q.MetricStat
		period := time.Duration(s.Period) * time.Second
		if period < time.Minute || period%time.Minute != 0 {
			return nil, errAlarm("The parameter Period must be a multiple of 60.")
		}
		result := metricDataResult{ID: q.ID, Label: cmp.Or(q.Label, s.Metric.MetricName), StatusCode: "Complete", Timestamps: []timestamp{}, Values: []float64{}}
		key := metricKey(s.Metric.Namespace, s.Metric.MetricName, s.Metric.Dimensions)
		first := in.StartTime.Truncate(period)
		for start := in.EndTime.Add(-1).Truncate(period); !start.Before(first); start = start.Add(-period) {
			values := c.region.between(key, start, start.Add(period), s.Unit)
			if len(values) == 0 {
				continue
			}
			v, ok := compute(s.Stat, values)
			if !ok {
				return nil, notSimulated("the statistic " + s.Stat)
			}
			result.Timestamps, result.Values = append(result.Timestamps, timestamp{start}), append(result.Values, v)
		}
		if in.ScanBy == "TimestampAscending" {
			return nil, notSimulated("ascending datapoints")
		}
		if q.ReturnData == nil || *q.ReturnData {
			out.MetricDataResults = append(out.MetricDataResults, result)
		}
	}
	return out, nil
}
