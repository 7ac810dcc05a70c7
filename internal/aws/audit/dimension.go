package audit

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A filter with dimensions makes one metric for each combination of values, and
// an alarm watches one of them. Each metric that an alarm asks for is judged as
// if a filter of its own fed it: one that matches what the filter matches and
// that has these values. So several alarms can share the work as several filters
// do.

// seriesOf returns the dimensions of the metrics that a filter feeds and that some
// alarm watches, at least one entry.
func (j *judge) seriesOf(f account.MetricFilter, at *site) []map[string]string {
	fixed := systemDimensions(f, at)
	if len(f.Dimensions) == 0 {
		return []map[string]string{fixed}
	}
	var sets []map[string]string
	for _, have := range j.dimensionsWatched(f, at) {
		if !fits(have, f, fixed) || slices.ContainsFunc(sets, func(s map[string]string) bool { return maps.Equal(s, have) }) {
			continue
		}
		sets = append(sets, have)
	}
	if len(sets) == 0 {
		return []map[string]string{unwatchedSeries(f, fixed)}
	}
	slices.SortFunc(sets, func(a, b map[string]string) int { return strings.Compare(values(a), values(b)) })
	return sets
}

// unwatchedSeries stands for all metrics of a filter when no alarm watches any:
// its dimensions have references in place of values.
func unwatchedSeries(f account.MetricFilter, fixed map[string]string) map[string]string {
	all := maps.Clone(f.Dimensions)
	maps.Copy(all, fixed)
	return all
}

// systemDimensions are the dimensions that emitSystemFieldDimensions adds; nil
// for none.
func systemDimensions(f account.MetricFilter, at *site) map[string]string {
	var d map[string]string
	for _, name := range f.SystemDimensions {
		if d == nil {
			d = map[string]string{}
		}
		d[name] = systemFields(at)[name]
	}
	return d
}

// fits reports whether dimensions name one of the metrics that a filter feeds.
func fits(have map[string]string, f account.MetricFilter, fixed map[string]string) bool {
	if len(have) != len(f.Dimensions)+len(fixed) {
		return false
	}
	for name := range f.Dimensions {
		if _, ok := have[name]; !ok {
			return false
		}
	}
	for name, value := range fixed {
		if have[name] != value {
			return false
		}
	}
	return true
}

// dimensionsWatched are the dimensions under which alarms watch the metric that
// a filter names, of whatever account.
func (j *judge) dimensionsWatched(f account.MetricFilter, at *site) []map[string]string {
	var sets []map[string]string
	ask := func(a *account.MetricAlarm, from *site) {
		if from == at && a.Namespace == f.Namespace && a.Metric == f.Metric {
			sets = append(sets, a.Dimensions)
		}
		for _, q := range a.Queries {
			if names(q, from, f.Namespace, f.Metric, at) {
				sets = append(sets, q.Dimensions)
			}
		}
	}
	alarms, _ := at.read().Alarms.Got()
	for i := range alarms.Metric {
		ask(&alarms.Metric[i], at)
	}
	for _, c := range j.world.alarmsOn(at.account.ID, at.name) {
		ask(c.alarm, j.at(c.account, c.region))
	}
	return sets
}

// atValues returns the part of a filter that feeds the metric of these
// dimensions. False when what that part matches cannot be told.
func atValues(p *pattern.Pattern, f account.MetricFilter, dims map[string]string) (*pattern.Pattern, bool) {
	for _, name := range slices.Sorted(maps.Keys(f.Dimensions)) {
		ref, value := f.Dimensions[name], dims[name]
		if value == ref { // nobody watches any value
			continue
		}
		only, err := pattern.Parse("{ " + hasValue(ref, value) + " }")
		if err != nil || strings.Contains(value, "*") {
			return nil, false
		}
		both, ok := pattern.And(p, only)
		if !ok {
			return nil, false
		}
		p = both
	}
	return p, true
}

// hasValue is the condition that a field, written out, has a value. Dimensions
// are texts, the fields of a record may be numbers and booleans too.
func hasValue(ref, value string) string {
	test := ref + " = " + quoted(value)
	if value == "true" || value == "false" {
		return fmt.Sprintf("(%s || %s IS %s)", test, ref, strings.ToUpper(value))
	}
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return fmt.Sprintf("(%s || %s = %s)", test, ref, value)
	}
	return test
}

// quoted writes a value of a filter pattern.
func quoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// values writes dimensions for messages and keys: "a=1, b=2".
func values(d map[string]string) string {
	list := make([]string, 0, len(d))
	for _, name := range slices.Sorted(maps.Keys(d)) {
		list = append(list, shown(name)+"="+shown(d[name]))
	}
	return strings.Join(list, ", ")
}
