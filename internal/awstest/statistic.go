package awstest

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	basicStatistics   = []string{"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
	extendedStatistic = regexp.MustCompile(`^((p|tm|wm|tc|ts)(100|[0-9]{1,2})(\.[0-9]{1,10})?|(PR|TM|WM|TC|TS)\([^)]*\)|IQM)$`)
)

// validStatistic reports whether CloudWatch knows the statistic.
func validStatistic(name string) bool {
	return slices.Contains(basicStatistics, name) || extendedStatistic.MatchString(name)
}

// percentile returns the p of "pNN"; false for other statistics.
func percentile(stat string) (float64, bool) {
	text, ok := strings.CutPrefix(stat, "p")
	p, err := strconv.ParseFloat(text, 64)
	return p, ok && err == nil
}

// compute computes a statistic of at least one value; false for statistics that
// are not simulated (trimmed means and the like).
func compute(stat string, values []float64) (float64, bool) {
	switch stat {
	case "SampleCount":
		return float64(len(values)), true
	case "Sum":
		return sum(values), true
	case "Average":
		return sum(values) / float64(len(values)), true
	case "Minimum":
		return slices.Min(values), true
	case "Maximum":
		return slices.Max(values), true
	}
	p, ok := percentile(stat)
	if !ok {
		return 0, false
	}
	// Nearest rank; how CloudWatch interpolates is undocumented.
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(0, rank-1)], true
}

func sum(values []float64) float64 {
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

// fewSamples reports whether there are too few values for the percentile to mean
// something. Source: CloudWatch user guide, "Percentile-based alarms and low
// data samples".
func fewSamples(stat string, count int) bool {
	p, ok := percentile(stat)
	if !ok {
		return false
	}
	p /= 100
	tail := p
	if p >= 0.5 {
		tail = 1 - p
	}
	return float64(count)*tail < 10
}
