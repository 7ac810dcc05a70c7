package desired

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// What our objects are called unless the user wishes otherwise.
const (
	DefaultNamespace = "CloudTrailMetrics"
	DefaultTopicName = "monitorctl-alerts"
)

// Names are the wishes that decide what our objects are called.
type Names struct {
	Namespace string // of metrics; "" for DefaultNamespace
	Prefix    string // before the names of filters, metrics and alarms
	Topic     string // "" for DefaultTopicName
}

// A Home is where our objects stand: the region of a trail's log group.
type Home struct {
	Partition, Account, Region string

	Bus string // name of the event bus that forwarders end on; "" for the default one
}

// FilterName is the name of a control's filter.
func (n Names) FilterName(c catalog.Control) string { return n.Prefix + c.Names.Filter }

// AlarmName is the name of a control's alarm.
func (n Names) AlarmName(c catalog.Control) string { return n.Prefix + c.Names.Alarm }

// TopicName is the name of the topic that apply creates.
func (n Names) TopicName() string { return cmp.Or(n.Topic, DefaultTopicName) }

// TopicARN is the ARN of our topic.
func (n Names) TopicARN(h Home) string {
	return account.ARN{Partition: h.Partition, Service: "sns", Region: h.Region, Account: h.Account, Resource: n.TopicName()}.String()
}

// AlarmARN is the ARN of a control's alarm.
func (n Names) AlarmARN(c catalog.Control, h Home) string {
	return account.ARN{Partition: h.Partition, Service: "cloudwatch", Region: h.Region, Account: h.Account, Resource: "alarm:" + n.AlarmName(c)}.String()
}

// Filter is the filter of a control on a log group, with a benchmark's text. Its
// unit is written out: Terraform's provider always sends one, and would change a
// filter without it at import; to CloudWatch None and no unit are the same.
func (n Names) Filter(c catalog.Control, b catalog.Benchmark, group string) account.MetricFilter {
	zero := 0.0
	return account.MetricFilter{
		LogGroup: group, Name: n.FilterName(c), Pattern: c.Writes(b).Text,
		Namespace: cmp.Or(n.Namespace, DefaultNamespace), Metric: n.Prefix + c.Names.Metric, Value: "1", Default: &zero, Unit: "None",
	}
}

// supplementSuffix goes between the name of a control's filter and the number of
// a supplement.
const supplementSuffix = "Supplement"

// patternLimit is the length of a filter pattern in characters (PutMetricFilter).
const patternLimit = 1024

// Supplements are the filters for what no benchmark's text of a control matches,
// on the metric of its filter.
func (n Names) Supplements(c catalog.Control, b catalog.Benchmark, group string) []account.MetricFilter {
	var out []account.MetricFilter
	for i, text := range c.Complements(b, patternLimit) {
		f := n.Filter(c, b, group)
		f.Name = fmt.Sprintf("%s%s%d", f.Name, supplementSuffix, i+1)
		f.Pattern = text
		out = append(out, f)
	}
	return out
}

// Alarm is our alarm for a control on a metric, notifying a topic.
func (n Names) Alarm(c catalog.Control, h Home, namespace, metric, topic string) account.MetricAlarm {
	one := 1.0
	return account.MetricAlarm{
		ARN: n.AlarmARN(c, h), Name: n.AlarmName(c), Description: c.Names.Description, ActionsEnabled: true,
		Namespace: namespace, Metric: metric, Statistic: "Sum", Period: 300, EvaluationPeriods: 1, DatapointsToAlarm: 1,
		Threshold: &one, Comparison: "GreaterThanOrEqualToThreshold", MissingData: "notBreaching", AlarmActions: []string{topic},
	}
}

// HeartbeatAlarm is the name of the alarm that notices when CloudTrail stops delivering,
// before the prefix.
const HeartbeatAlarm = "CloudTrailDeliverySilent"

// How many hours of silence the heartbeat waits for: as a rule, and at most.
const (
	DefaultHeartbeatHours = 6
	MaxHeartbeatHours     = 24
)

// HeartbeatName is the name of the heartbeat.
func (n Names) HeartbeatName() string { return n.Prefix + HeartbeatAlarm }

// Heartbeat is the alarm that rings after some hours without events in a log group, and
// once more when they come again. A group without events has no datapoints, so that missing
// data is breaching; CloudTrail delivers within minutes, but a sleeping account may be
// silent for an hour, so that it counts hours.
func (n Names) Heartbeat(h Home, group, topic string, hours int) account.MetricAlarm {
	one := 1.0
	arn := account.ARN{Partition: h.Partition, Service: "cloudwatch", Region: h.Region, Account: h.Account, Resource: "alarm:" + n.HeartbeatName()}
	return account.MetricAlarm{
		ARN: arn.String(), Name: n.HeartbeatName(), ActionsEnabled: true,
		Description: "No CloudTrail events came to log group " + group + ": the other alarms see nothing until they come again.",
		Namespace:   "AWS/Logs", Metric: "IncomingLogEvents", Dimensions: map[string]string{"LogGroupName": group}, Statistic: "Sum",
		Period: 3600, EvaluationPeriods: int32(hours), DatapointsToAlarm: int32(hours),
		Threshold: &one, Comparison: "LessThanThreshold", MissingData: "breaching", AlarmActions: []string{topic}, OKActions: []string{topic},
	}
}

// TopicPolicy is the policy of our topic, to which these services may publish.
func (n Names) TopicPolicy(h Home, by policy.Publishers) string {
	return policy.TopicPolicy(n.TopicARN(h), h.Account, h.Partition, by)
}

// PublishersOf returns which services a policy of our topic lets publish; false for
// one that someone has edited.
func (n Names) PublishersOf(doc string, h Home) (policy.Publishers, bool) {
	return policy.PublishersOf(doc, n.TopicARN(h), h.Account, h.Partition)
}

// HasName reports whether a filter has the name of a control's filter of one of its
// supplements, or of one with the text of another version or for a peer.
func (n Names) HasName(f account.MetricFilter, c catalog.Control) bool {
	rest, ok := strings.CutPrefix(f.Name, n.FilterName(c))
	if rest == "" {
		return ok
	}
	number := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(rest, supplementSuffix), versionWord), peerWord)
	return ok && number != rest && number != "" && strings.Trim(number, "0123456789") == ""
}

// versionWord goes between the name of a control's filter and the digits of the first
// benchmark version with the text, where a filter with another text is there already.
const versionWord = "Version"

// VersionSuffix is what the name of a filter with the text of b ends with beside one
// of another version: Version500.
func VersionSuffix(c catalog.Control, b catalog.Benchmark) string {
	version := b
	if t := c.Writes(b); len(t.Versions) > 0 {
		version = t.Versions[0]
	}
	return versionWord + strings.ReplaceAll(version.Version(), ".", "")
}

// Shipped reports whether a filter writes a control's metric with a pattern that
// some version shipped. That alone does not make it ours: see OwnerOfFilter.
func (n Names) Shipped(f account.MetricFilter, c catalog.Control) bool {
	return f.Metric == n.Prefix+c.Names.Metric && slices.Contains(c.Shipped(), f.Pattern)
}
