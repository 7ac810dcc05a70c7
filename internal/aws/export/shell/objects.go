package shell

import (
	"fmt"
	"maps"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/shellword"
)

func (w *writer) lookFilters() {
	filters := w.filtersIn()
	byGroup := map[string][]int{}
	var groups []string
	for i, f := range filters {
		if byGroup[f.Filter.LogGroup] == nil {
			groups = append(groups, f.Filter.LogGroup)
		}
		byGroup[f.Filter.LogGroup] = append(byGroup[f.Filter.LogGroup], i)
	}
	queries := make([]string, len(filters))
	for i, f := range filters {
		queries[i] = filterQuery(f.Filter)
	}
	for _, group := range groups {
		w.line("\n# %s", export.Comment("Metric filters of log group "+group))
		made := w.list.Trail.Makes(group)
		if made {
			for _, i := range byGroup[group] {
				w.line("filter%d=new", w.n(i))
			}
			w.line("if [ \"$trailgroup\" = same ]; then")
		}
		for _, chunk := range w.chunksOf(queries, byGroup[group]) {
			w.words("filter", "logs describe-metric-filters --cli-input-json "+input(map[string]any{"logGroupName": group}), queries, chunk)
		}
		if made {
			w.line("fi")
		}
	}
	for i, f := range filters {
		w.line("case $filter%[1]d in\nnew | same) ;;\nother) refuse %[2]s ;;\n*) cut \"$filter%[1]d\" ;;\nesac", w.n(i),
			shown("metric filter %s exists with other settings", f.Filter.Name))
	}
}

// chunksOf is chunks for some of the queries.
func (*writer) chunksOf(queries []string, which []int) [][]int {
	some := make([]string, len(which))
	for i, k := range which {
		some[i] = queries[k]
	}
	out := chunks(some)
	for _, chunk := range out {
		for i := range chunk {
			chunk[i] = which[chunk[i]]
		}
	}
	return out
}

// filterQuery is a query for how a filter stands. No unit and the unit None are the same.
func filterQuery(f account.MetricFilter) string {
	name := condition{"filterName", f.Name}
	t := "metricTransformations[0]."
	alike := []condition{
		name, {"filterPattern", f.Pattern}, {t + "metricNamespace", f.Namespace}, {t + "metricName", f.Metric}, {t + "metricValue", f.Value},
		{t + "dimensions", nil}, {"applyOnTransformedLogs", nil},
	}
	if f.Default != nil {
		alike = append(alike, condition{t + "defaultValue", *f.Default})
	}
	query := same("metricFilters", alike...)
	unit := fmt.Sprintf(" && (!(%[1]sunit) || %[1]sunit==%[2]s)])", t, literal("None"))
	return inWords(same("metricFilters", name), query[:len(query)-len("])")]+unit)
}

func (w *writer) writeFilters() {
	for i, f := range w.filtersIn() {
		x := f.Filter
		transformation := map[string]any{"metricNamespace": x.Namespace, "metricName": x.Metric, "metricValue": x.Value}
		if x.Default != nil {
			transformation["defaultValue"] = *x.Default
		}
		if x.Unit != "" {
			transformation["unit"] = x.Unit
		}
		w.add(fmt.Sprintf("filter%d", w.n(i)), export.Title(f.Control), "logs put-metric-filter", map[string]any{
			"logGroupName": x.LogGroup, "filterName": x.Name, "filterPattern": x.Pattern, "metricTransformations": []any{transformation},
		})
	}
}

// add writes an object that is not there, as a variable says.
func (w *writer) add(variable, about, call string, in any) {
	w.gap()
	w.about(about)
	w.missing(fmt.Sprintf(`"$%s" = new`, variable), w.quiet(w.aws()+" "+call+" --cli-input-json "+input(in)))
}

func (w *writer) lookAlarms() {
	alarms := w.alarmsIn()
	queries := make([]string, len(alarms))
	for i, a := range alarms {
		queries[i] = alarmQuery(a.Alarm)
	}
	if len(alarms) > 0 {
		w.line("\n# Alarms")
	}
	const most = 100 // names in a call of DescribeAlarms
	for start := 0; start < len(alarms); start += most {
		var some []int
		for i := start; i < min(start+most, len(alarms)); i++ {
			some = append(some, i)
		}
		for _, chunk := range w.chunksOf(queries, some) {
			var names []string
			for _, i := range chunk {
				names = append(names, alarms[i].Alarm.Name)
			}
			w.words("alarm", "cloudwatch describe-alarms --cli-input-json "+input(map[string]any{"AlarmNames": names, "AlarmTypes": []string{"MetricAlarm", "CompositeAlarm"}}), queries, chunk)
		}
	}
	for i, a := range alarms {
		w.lookAlarm(w.n(i), a)
	}
}

// lookAlarm asks whose an alarm is that is there.
func (w *writer) lookAlarm(i int, a desired.Alarm) {
	w.line("case $alarm%d in\nnew) ;;\nsame)", i)
	w.line("  answer=$(call cloudwatch list-tags-for-resource --cli-input-json %s --query %s)", input(map[string]any{"ResourceARN": a.Alarm.ARN}), shellword.Quote(isOurs("Tags")))
	w.line("  [ \"$answer\" = 1 ] || refuse %s\n  ;;", shown("alarm %s exists and was not created by monitorctl", a.Alarm.Name))
	w.line("other) refuse %[2]s ;;\n*) cut \"$alarm%[1]d\" ;;\nesac", i, shown("alarm %s exists with other settings", a.Alarm.Name))
}

// alarmQuery is a query for how an alarm stands; a composite alarm of that name is another.
func alarmQuery(a account.MetricAlarm) string {
	alike := []condition{
		{"AlarmName", a.Name}, {"Namespace", a.Namespace}, {"MetricName", a.Metric}, {"Statistic", optional(a.Statistic)}, {"Period", a.Period},
		{"EvaluationPeriods", a.EvaluationPeriods}, {"Threshold", number(a.Threshold)}, {"ComparisonOperator", a.Comparison},
		{"TreatMissingData", optional(a.MissingData)}, {"ActionsEnabled", a.ActionsEnabled}, {"AlarmActions", notified(a.AlarmActions)},
		{"Unit", nil}, {"ExtendedStatistic", nil},
	}
	var dimensions any // a set; monitorctl's alarms have one element at most
	for _, name := range slices.Sorted(maps.Keys(a.Dimensions)) {
		dimensions = []any{map[string]string{"Name": name, "Value": a.Dimensions[name]}}
	}
	alike = append(alike, condition{"Dimensions", dimensions})
	if a.DatapointsToAlarm > 1 {
		alike = append(alike, condition{"DatapointsToAlarm", a.DatapointsToAlarm})
	}
	all := same("MetricAlarms", condition{"AlarmName", a.Name})
	composite := same("CompositeAlarms", condition{"AlarmName", a.Name})
	return fmt.Sprintf("((%s>`0`) && `\"other\"`) || %s", composite, inWords(all, same("MetricAlarms", alike...)))
}

func (w *writer) writeAlarms() {
	for i, a := range w.alarmsIn() {
		about := export.Comment(export.Title(a.Control) + "; notifies " + export.Notified(a.Alarm))
		w.add(fmt.Sprintf("alarm%d", w.n(i)), about, "cloudwatch put-metric-alarm", alarmInput(a.Alarm, a.Tags))
	}
	w.gap()
}
