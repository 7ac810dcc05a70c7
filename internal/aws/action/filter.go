package action

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Limits of a metric filter that AWS does not raise. Sources: "CloudWatch Logs
// quotas", PutMetricFilter.
const (
	// FilterQuota is the number of metric filters that a log group can have.
	FilterQuota = 100

	maxPattern    = 1024 // characters
	maxFilterName = 512
	maxMetricName = 255 // of namespaces too
)

func filterLimits(f account.MetricFilter) error {
	return first(
		within("characters in the pattern", len([]rune(f.Pattern)), maxPattern),
		within("characters in the name", len([]rune(f.Name)), maxFilterName),
		within("characters in the metric's name", len([]rune(f.Metric)), maxMetricName),
		within("characters in the namespace", len([]rune(f.Namespace)), maxMetricName),
	)
}

// FilterSettings are the settings of a metric filter in words.
func FilterSettings(f account.MetricFilter) []change.Setting {
	return []change.Setting{
		{Name: "log group", Value: f.LogGroup},
		{Name: "pattern", Value: f.Pattern},
		{Name: "metric", Value: f.Namespace + "/" + f.Metric},
		{Name: "value", Value: f.Value},
		{Name: "default", Value: number(f.Default)},
		{Name: "unit", Value: f.Unit},
		{Name: "dimensions", Value: pairs(f.Dimensions)},
		{Name: "transformed", Value: yes(f.OnTransformed)},
		{Name: "selection", Value: f.FieldSelection},
		{Name: "system fields", Value: strings.Join(f.SystemDimensions, ", ")},
		{Name: "other", Value: strings.Join(f.Unknown, ", ")},
	}
}

// RestoreFilter is the action that brings a filter from what it is to what it was
// before a journal's runs; target is nil for one that was not there.
func RestoreFilter(m change.Meta, now account.MetricFilter, target *account.MetricFilter) Action {
	if target == nil {
		m.Why = whyMade
		return DeleteFilter{Meta: m, Filter: now}
	}
	m.Why = whyReplaced
	return PutFilter{Meta: m, Filter: *target, Before: &now}
}

// Why undo changes something.
const (
	whyMade     = "the run created it"
	whyReplaced = "the run replaced it"
)

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
