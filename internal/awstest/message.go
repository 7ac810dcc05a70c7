package awstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// A message is what a topic passes on.
type message struct {
	id         string
	topic      string
	subject    string
	body       string            // what machines get: for alarms a JSON object
	text       string            // what e-mail readers get
	attributes map[string]string // by name, string values only
	alarm      *alarm            // nil if it is not about an alarm
	state      string            // of the alarm
	rule       string            // that sent it; "" if none did
	record     int               // number of the event that the rule took
	whole      bool              // the rule sent the event as it was
}

// regionNames are the names of regions that alarm messages use.
var regionNames = map[string]string{
	"ap-northeast-1": "Asia Pacific (Tokyo)", "ap-northeast-2": "Asia Pacific (Seoul)", "ap-northeast-3": "Asia Pacific (Osaka)",
	"ap-south-1": "Asia Pacific (Mumbai)", "ap-southeast-1": "Asia Pacific (Singapore)", "ap-southeast-2": "Asia Pacific (Sydney)",
	"ca-central-1": "Canada (Central)", "eu-central-1": "EU (Frankfurt)", "eu-north-1": "EU (Stockholm)", "eu-west-1": "EU (Ireland)",
	"eu-west-2": "EU (London)", "eu-west-3": "EU (Paris)", "sa-east-1": "South America (Sao Paulo)", "us-east-1": "US East (N. Virginia)",
	"us-east-2": "US East (Ohio)", "us-west-1": "US West (N. California)", "us-west-2": "US West (Oregon)",
}

func (r *Region) displayName() string {
	if name := regionNames[r.name]; name != "" {
		return name
	}
	return r.name
}

// alarmMessage makes the message about a change of an alarm.
func (r *Region) alarmMessage(a *alarm, from string, t *topic) message {
	return message{
		id: r.cloud.uuid(), topic: t.arn, alarm: a, state: a.state,
		subject: fmt.Sprintf("%s: \"%s\" in %s", a.state, a.name, r.displayName()),
		body:    r.alarmJSON(a, from),
		text:    r.alarmText(a, from),
	}
}

// alarmJSON is the body that machines get. Source of the members: CloudWatch
// user guide, "Notifying users on alarm changes".
func (r *Region) alarmJSON(a *alarm, from string) string {
	body := map[string]any{
		"AlarmName":                          a.name,
		"AlarmDescription":                   nullable(a.description),
		"AWSAccountId":                       r.account.id,
		"AlarmConfigurationUpdatedTimestamp": longTime(a.configured),
		"NewStateValue":                      a.state,
		"NewStateReason":                     a.reason,
		"StateChangeTime":                    longTime(a.updated),
		"Region":                             r.displayName(),
		"AlarmArn":                           a.arn,
		"OldStateValue":                      from,
		"OKActions":                          orEmpty(a.actions[StateOK]),
		"AlarmActions":                       orEmpty(a.actions[StateAlarm]),
		"InsufficientDataActions":            orEmpty(a.actions[StateInsufficientData]),
	}
	if a.metric != nil {
		body["Trigger"] = a.metric.trigger()
	} else {
		body["AlarmRule"] = a.composite.AlarmRule
	}
	data, _ := json.Marshal(body) // strings, numbers and lists of them
	return string(data)
}

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func longTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000-0700") }

func (in *PutMetricAlarmInput) trigger() map[string]any {
	t := map[string]any{
		"Period": in.Period, "EvaluationPeriods": in.EvaluationPeriods, "ComparisonOperator": in.ComparisonOperator,
		"Threshold": in.Threshold, "TreatMissingData": in.missingData(), "EvaluateLowSampleCountPercentile": in.LowSamplePercentile,
	}
	if in.DatapointsToAlarm != 0 {
		t["DatapointsToAlarm"] = in.DatapointsToAlarm
	}
	if len(in.Metrics) > 0 {
		t["Metrics"] = in.Metrics
		return t
	}
	dimensions := []map[string]string{}
	for _, d := range in.Dimensions {
		dimensions = append(dimensions, map[string]string{"name": d.Name, "value": d.Value})
	}
	maps.Copy(t, map[string]any{
		"MetricName": in.MetricName, "Namespace": in.Namespace, "Unit": nullable(in.Unit), "Dimensions": dimensions,
		"StatisticType": "Statistic", "Statistic": strings.ToUpper(in.Statistic),
	})
	if in.ExtendedStatistic != "" {
		t["StatisticType"], t["Statistic"] = "ExtendedStatistic", nil
		t["ExtendedStatistic"] = in.ExtendedStatistic
	}
	return t
}

// alarmText is the e-mail about a change of an alarm, with the facts that AWS's
// own e-mail has.
func (r *Region) alarmText(a *alarm, from string) string {
	var b strings.Builder
	when := a.updated.UTC().Format("Monday 02 January, 2006 15:04:05 MST")
	fmt.Fprintf(&b, "The CloudWatch alarm %q in %s has entered the %s state\nbecause %q at %s.\n\n", a.name, r.displayName(), a.state, a.reason, when)
	line := func(label, value string) { fmt.Fprintf(&b, "- %-26s %s\n", label+":", value) }
	b.WriteString("Alarm Details:\n")
	line("Name", a.name)
	line("Description", a.description)
	line("State Change", from+" -> "+a.state)
	line("Reason for State Change", a.reason)
	line("Timestamp", when)
	line("AWS Account", r.account.id)
	line("Alarm Arn", a.arn)
	if m := a.metric; m != nil && m.MetricName != "" {
		b.WriteString("\nMonitored Metric:\n")
		line("MetricNamespace", m.Namespace)
		line("MetricName", m.MetricName)
		line("Period", fmt.Sprintf("%d seconds", m.Period))
		line("Statistic", m.Statistic+m.ExtendedStatistic)
		line("TreatMissingData", m.missingData())
	}
	return b.String()
}
