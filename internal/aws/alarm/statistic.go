package alarm

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A sample is a value that was written count times within a period.
type sample struct{ value, count float64 }

// A datum is the datapoint of one period; ok is false when there is none.
type datum struct {
	value float64
	ok    bool
}

// A statistic aggregates the samples of one period.
type statistic struct {
	name       string
	percentile bool // EvaluateLowSampleCountPercentile concerns these only
	of         func(samples []sample) datum
}

// apply aggregates samples, which are in any order and may have zero counts.
func (st statistic) apply(samples []sample) datum {
	var in []sample
	for _, s := range samples {
		if s.count > 0 {
			in = append(in, s)
		}
	}
	if len(in) == 0 {
		return datum{}
	}
	slices.SortFunc(in, func(a, b sample) int { return cmp.Compare(a.value, b.value) })
	return st.of(in)
}

// parseStatistic finds the statistic of an alarm by the two settings that name
// one; an error says that the statistic cannot be computed here.
func parseStatistic(simple, extended string) (statistic, error) {
	switch {
	case simple != "" && extended != "":
		return statistic{}, fmt.Errorf("two statistics, %q and %q", simple, extended)
	case simple == "" && extended == "":
		return statistic{}, fmt.Errorf("no statistic")
	case extended != "":
		return parseExtended(extended)
	}
	for _, st := range simpleStatistics {
		if st.name == simple {
			return st, nil
		}
	}
	return statistic{}, fmt.Errorf("unknown statistic %q", simple)
}

var simpleStatistics = []statistic{
	{name: "Sum", of: some(sum)},
	{name: "SampleCount", of: some(count)},
	{name: "Average", of: some(mean)},
	{name: "Minimum", of: some(func(in []sample) float64 { return in[0].value })},
	{name: "Maximum", of: some(func(in []sample) float64 { return in[len(in)-1].value })},
}

func some(f func([]sample) float64) func([]sample) datum {
	return func(in []sample) datum { return datum{f(in), true} }
}

func sum(in []sample) float64 {
	total := 0.0
	for _, s := range in {
		total += s.value * s.count
	}
	return total
}

func count(in []sample) float64 {
	total := 0.0
	for _, s := range in {
		total += s.count
	}
	return total
}

func mean(in []sample) float64 { return sum(in) / count(in) }

// parseExtended parses p90, tm99, TM(10%:90%), TC(:5), IQM and their like.
func parseExtended(text string) (statistic, error) {
	fail := fmt.Errorf("unknown statistic %q", text)
	kind, bounds, err := splitExtended(text)
	if err != nil {
		return statistic{}, fail
	}
	st := statistic{name: text}
	switch {
	case kind == "p" && bounds.single:
		st.percentile = true
		st.of = some(func(in []sample) float64 { return percentile(in, bounds.high) })
	case kind == "tm":
		st.of = bounds.trimmedMean
	case kind == "wm":
		st.of = some(bounds.winsorizedMean)
	case kind == "tc" && !bounds.percent:
		st.of = some(func(in []sample) float64 { return count(bounds.within(in)) })
	case kind == "pr" && !bounds.percent:
		st.of = some(func(in []sample) float64 { return 100 * count(bounds.within(in)) / count(in) })
	case kind == "ts" && !bounds.percent:
		st.of = bounds.trimmedSum
	default:
		// How much of a single sample a percentage leaves, AWS does not say.
		return statistic{}, fail
	}
	st.of = unlessNegative(st.of)
	return st, nil
}

// unlessNegative gives no datapoint for negative values: AWS says that extended
// statistics are not available then.
func unlessNegative(f func([]sample) datum) func([]sample) datum {
	return func(in []sample) datum {
		if in[0].value < 0 {
			return datum{}
		}
		return f(in)
	}
}

// bounds are the limits of an extended statistic: percentages of the samples,
// or values, where the lower is excluded and the upper included.
type bounds struct {
	low, high float64
	percent   bool
	single    bool // written as one number behind the name, such as tm90
}

func splitExtended(text string) (kind string, b bounds, err error) {
	if strings.EqualFold(text, "iqm") {
		return "tm", bounds{low: 25, high: 75, percent: true}, nil
	}
	name, args, ranged := strings.Cut(text, "(")
	if !ranged {
		i := strings.IndexAny(text, "0123456789")
		if i < 0 {
			return "", b, fmt.Errorf("no number")
		}
		high, err := strconv.ParseFloat(text[i:], 64)
		if err != nil || high < 0 || high > 100 {
			return "", b, fmt.Errorf("no percentage")
		}
		return strings.ToLower(text[:i]), bounds{high: high, percent: true, single: true}, nil
	}
	args, closed := strings.CutSuffix(args, ")")
	low, high, two := strings.Cut(args, ":")
	if !closed || !two || low == "" && high == "" {
		return "", b, fmt.Errorf("no range")
	}
	b, err = parseBounds(low, high)
	return strings.ToLower(name), b, err
}

func parseBounds(low, high string) (bounds, error) {
	b := bounds{percent: strings.HasSuffix(low+high, "%")}
	open := [2]float64{math.Inf(-1), math.Inf(1)}
	if b.percent {
		open = [2]float64{0, 100}
	}
	for i, text := range [2]string{low, high} {
		v := open[i]
		if text != "" {
			digits, percent := strings.CutSuffix(text, "%")
			parsed, err := strconv.ParseFloat(digits, 64)
			if err != nil || percent != b.percent || math.IsNaN(parsed) {
				return b, fmt.Errorf("no bound")
			}
			v = parsed
		}
		if i == 0 {
			b.low = v
		} else {
			b.high = v
		}
	}
	if b.low >= b.high || b.percent && (b.low < 0 || b.high > 100) {
		return b, fmt.Errorf("bounds out of order")
	}
	return b, nil
}

// within returns the samples inside absolute bounds.
func (b bounds) within(in []sample) []sample {
	var out []sample
	for _, s := range in {
		if s.value > b.low && s.value <= b.high {
			out = append(out, s)
		}
	}
	return out
}

// trim returns the samples inside the bounds; percentages cut off fractions of
// a sample, so that a single sample keeps its value.
func (b bounds) trim(in []sample) []sample {
	if !b.percent {
		return b.within(in)
	}
	n := count(in)
	from, to, seen := n*b.low/100, n*b.high/100, 0.0
	var out []sample
	for _, s := range in {
		kept := min(to, seen+s.count) - max(from, seen)
		seen += s.count
		if kept > 0 {
			out = append(out, sample{s.value, kept})
		}
	}
	return out
}

func (b bounds) trimmedMean(in []sample) datum {
	kept := b.trim(in)
	if len(kept) == 0 {
		return datum{}
	}
	return datum{mean(kept), true}
}

func (b bounds) trimmedSum(in []sample) datum {
	kept := b.within(in)
	return datum{sum(kept), len(kept) > 0}
}

func (b bounds) winsorizedMean(in []sample) float64 {
	low, high := b.low, b.high
	if b.percent {
		low, high = percentile(in, b.low), percentile(in, b.high)
	}
	out := make([]sample, len(in))
	for i, s := range in {
		out[i] = sample{min(max(s.value, low), high), s.count}
	}
	return mean(out)
}

// percentile returns the value at rank ceil(p% of n). CloudWatch may
// interpolate; callers only rely on what every definition agrees on: one
// distinct value is every percentile, p0 and p100 are the extremes, and a
// value outnumbered beyond all bounds is none of the others.
func percentile(in []sample, p float64) float64 {
	rank := math.Ceil(count(in) * p / 100)
	seen := 0.0
	for _, s := range in {
		seen += s.count
		if seen >= rank {
			return s.value
		}
	}
	return in[len(in)-1].value
}
