package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// A field is one setting of an object that a plan writes, by the name that the
// reader of a plan sees; "" is a setting that is not there.
type field struct{ name, value string }

// A change is what an action does to one field.
type change struct {
	name     string
	old, new string
	replaced bool // false: the object is new
	removed  bool // the object goes; new is empty
}

// changesOf returns the fields that an action writes: all that are set for a
// new object, those that differ for one that is replaced. Our topic's policy is
// put into words unless all is asked for.
func changesOf(a plan.Action, all bool) []change {
	switch a := a.(type) {
	case plan.CreateTopic:
		if !all {
			a.Policy = "as SNS's own, and alarms of account " + a.Account + " may publish (--verbose shows it)"
		}
		return diffFields(nil, topicFields(a))
	case plan.Subscribe:
		return diffFields(nil, []field{{"topic", a.TopicARN}, {"protocol", a.Protocol}, {"endpoint", a.ShownEndpoint()}})
	case plan.PutFilter:
		if a.Before == nil {
			return diffFields(nil, filterFields(a.Filter))
		}
		return diffFields(filterFields(*a.Before), filterFields(a.Filter))
	case plan.PutAlarm:
		after := append(alarmFields(a.Alarm), field{"tags", pairs(a.Tags)})
		if a.Before == nil {
			return diffFields(nil, after)
		}
		before := append(alarmFields(*a.Before), field{"tags", pairs(a.TagsBefore)})
		if a.TagsBefore == nil { // not read
			before, after = before[:len(before)-1], after[:len(after)-1]
		}
		return diffFields(before, after)
	case plan.SetTopicPolicy:
		return diffFields([]field{{"policy", a.Before}}, []field{{"policy", a.Policy}})
	case plan.DeleteFilter:
		return gone(filterFields(a.Filter))
	case plan.DeleteAlarm:
		return gone(append(alarmFields(a.Alarm), field{"tags", pairs(a.Tags)}))
	case plan.Unsubscribe:
		return gone([]field{{"topic", a.TopicARN}, {"protocol", a.Protocol}, {"endpoint", a.Endpoint}})
	case plan.DeleteTopic:
		return gone([]field{{"arn", a.ARN}, {"tags", pairs(a.Tags)}})
	default:
		return nil
	}
}

// objectChanges compares an object with what would stand in its place.
func objectChanges(have, want plan.Object) []change {
	switch {
	case have.Filter != nil && want.Filter != nil:
		return diffFields(filterFields(*have.Filter), filterFields(*want.Filter))
	case have.Alarm != nil && want.Alarm != nil:
		return diffFields(alarmFields(*have.Alarm), alarmFields(*want.Alarm))
	}
	return nil
}

// gone lists the fields of an object that is removed.
func gone(fields []field) []change {
	var changes []change
	for _, f := range fields {
		if f.value != "" {
			changes = append(changes, change{name: f.name, old: f.value, removed: true})
		}
	}
	return changes
}

// diffFields compares two lists of the same fields; before is nil for a new
// object.
func diffFields(before, after []field) []change {
	var changes []change
	for i, f := range after {
		switch {
		case before == nil && f.value != "":
			changes = append(changes, change{name: f.name, new: f.value})
		case before != nil && before[i].value != f.value:
			changes = append(changes, change{name: f.name, old: before[i].value, new: f.value, replaced: true})
		}
	}
	return changes
}

func topicFields(a plan.CreateTopic) []field {
	return []field{{"arn", a.ARN}, {"policy", a.Policy}, {"key", a.KeyID}, {"tags", pairs(a.Tags)}}
}

func filterFields(f account.MetricFilter) []field {
	return []field{
		{"log group", f.LogGroup},
		{"pattern", f.Pattern},
		{"metric", f.Namespace + "/" + f.Metric},
		{"value", f.Value},
		{"default", number(f.Default)},
		{"unit", f.Unit},
		{"dimensions", pairs(f.Dimensions)},
		{"transformed", yes(f.OnTransformed)},
		{"selection", f.FieldSelection},
		{"system fields", strings.Join(f.SystemDimensions, ", ")},
		{"other", strings.Join(f.Unknown, ", ")},
	}
}

func alarmFields(a account.MetricAlarm) []field {
	return []field{
		{"description", a.Description},
		{"metric", a.Namespace + "/" + a.Metric},
		{"dimensions", pairs(a.Dimensions)},
		{"unit", a.Unit},
		{"statistic", a.Statistic + a.ExtendedStatistic},
		{"condition", strings.TrimSpace(a.Comparison + " " + number(a.Threshold))},
		{"period", fmt.Sprintf("%d s", a.Period)},
		{"evaluation", evaluation(a)},
		{"missing data", missingData(a)},
		{"low sample", a.LowSample},
		{"band", a.ThresholdMetricID},
		{"metric math", queries(a.Queries)},
		{"actions", actions(a)},
		{"ok actions", strings.Join(a.OKActions, ", ")},
		{"no data actions", strings.Join(a.NoDataActions, ", ")},
		{"other", strings.Join(slices.Concat(a.Unknown, a.Unwritten), ", ")},
	}
}

// evaluation returns "1 of 1 periods".
func evaluation(a account.MetricAlarm) string {
	m := a.DatapointsToAlarm
	if m == 0 {
		m = a.EvaluationPeriods
	}
	return fmt.Sprintf("%d of %d periods", m, a.EvaluationPeriods)
}

// missingData names CloudWatch's default, so that it can be told from a change.
func missingData(a account.MetricAlarm) string {
	if a.MissingData == "" {
		return "missing"
	}
	return a.MissingData
}

// actions returns the alarm's actions and whether they are switched off.
func actions(a account.MetricAlarm) string {
	text := strings.Join(a.AlarmActions, ", ")
	if !a.ActionsEnabled {
		text = strings.TrimSpace(text + " (disabled)")
	}
	return text
}

func queries(list []account.MetricQuery) string {
	var parts []string
	for _, q := range list {
		what := q.Expression
		if what == "" {
			what = strings.TrimSpace(q.Statistic + " " + q.Namespace + "/" + q.Metric)
		}
		parts = append(parts, q.ID+" = "+what)
	}
	return strings.Join(parts, "; ")
}

// pairs returns "a=1, b=2", sorted by name.
func pairs(m map[string]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+"="+m[k])
	}
	return strings.Join(parts, ", ")
}

// number returns the shortest decimal text, "" for nil.
func number(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
