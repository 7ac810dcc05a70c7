package audit

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A filter is a metric filter with what was judged of it whatever the event.
type filter struct {
	account.MetricFilter
	site    *site
	arn     string            // of the log group + ":metric-filter:" + name
	dims    map[string]string // of the metric that this part of the filter feeds
	key     string            // tells filters, and the parts of one, apart
	pattern *pattern.Pattern  // nil when the text is not understood
	reading chain.Verdict     // can what it matches be told from its text at all?

	// deselected says that its field selection leaves out all events of its log
	// group.
	deselected bool
	passes     *passage // see passage; nil before somebody asks

	value  chain.Verdict // does a match write a number that an alarm can see?
	number float64       // the number, when value is good
	metric *metric
}

// A metric is one (region, namespace, name, dimensions) and every filter that
// feeds it, on whatever log group: noise belongs to the metric (docs/judging.md, section 3).
type metric struct {
	site            *site
	namespace, name string
	dims            map[string]string
	feeders         []*filter
	watches         []*watch             // alarms on it, by site and name
	nearMisses      []finding.Reason     // alarms that almost watch it
	nearest         *account.MetricAlarm // that watches a metric of almost this name, which no filter writes; nil for none
}

// resource is how reports name the metric.
func (m *metric) resource() string {
	return m.site.name + "/" + m.namespace + "/" + m.name
}

// newFilter judges the parts of a metric filter that no event can change, as far
// as it feeds the metric of these dimensions.
func newFilter(f account.MetricFilter, at *site, dims map[string]string, judged string) *filter {
	out := &filter{MetricFilter: f, site: at, arn: filterARN(at, f), dims: dims, reading: chain.Fine()}
	out.key = seriesKey(f, at, dims)
	p, err := pattern.Parse(f.Pattern)
	if err != nil {
		out.reading = out.reading.With(out.notUnderstood("AWS accepted its pattern, but this version does not understand it: " + err.Error()))
	} else {
		part, ok := atValues(p, f, dims)
		if !ok {
			out.reading = out.reading.With(out.notUnderstood("which events have the dimensions " + values(dims) + " is not understood"))
			part = p
		}
		out.pattern = part
	}
	if f.OnTransformed {
		out.reading = out.reading.And(transformed(at, out))
	}
	if f.FieldSelection != "" {
		out.selects(judged)
	}
	if len(f.Unknown) > 0 {
		out.reading = out.reading.With(out.notUnderstood("it has settings that this version does not know: " + strings.Join(f.Unknown, ", ")))
	}
	out.value, out.number = judgeValue(out)
	return out
}

// selects judges the field selection for the events of an account. In the log group of
// an organization's trail it is not documented whether @aws.account is the owner of the
// group or the account of the event: what depends on that is not known.
func (f *filter) selects(judged string) {
	fields := systemFields(f.site)
	picked, err := selected(f.FieldSelection, fields)
	if err != nil {
		f.reading = f.reading.With(f.notUnderstood("its " + err.Error()))
		return
	}
	fields["@aws.account"] = judged
	if other, _ := selected(f.FieldSelection, fields); other != picked { // the text is understood
		f.reading = f.reading.With(f.notUnderstood("AWS does not document whether @aws.account in its field selection is account " + f.site.account.ID + " or " + judged + " for the trail of an organization"))
		return
	}
	f.deselected = !picked
}

// seriesKey tells filters, and the series that one feeds, apart.
func seriesKey(f account.MetricFilter, at *site, dims map[string]string) string {
	return filterARN(at, f) + "\x00" + f.Namespace + "\x00" + f.Metric + "\x00" + values(dims)
}

// Key implements chain.Matcher.
func (f *filter) Key() string { return f.key }

// filterARN names a filter: the log group's ARN + ":metric-filter:NAME".
func filterARN(at *site, f account.MetricFilter) string {
	group := account.ARN{Partition: at.account.Partition, Service: "logs", Region: at.name, Account: at.account.ID, Resource: "log-group:" + f.LogGroup}
	return group.String() + ":metric-filter:" + f.Name
}

// transformed judges a filter that asks for transformed logs: what it sees then
// is not known. Without transformer it sees the originals.
func transformed(at *site, f *filter) chain.Verdict {
	l := chain.Fine()
	read := at.read().Transformers[f.LogGroup]
	t, ok := read.Got()
	switch {
	case read.Failed() != nil:
		return l.With(unreadable(finding.LinkFilter, f.arn, read.Failed()))
	case ok && t == nil:
		return l
	default:
		return l.With(finding.Reason{Code: CodeFilterTransformed, Status: finding.Unknown, Link: finding.LinkFilter, Resource: f.arn,
			Message: fmt.Sprintf("filter %s reads transformed logs", shown(f.Name))})
	}
}

func (f *filter) notUnderstood(why string) finding.Reason {
	return finding.Reason{Code: CodeFilterNotUnderstood, Status: finding.Unknown, Link: finding.LinkFilter, Resource: f.arn,
		Message: fmt.Sprintf("filter %s: %s", shown(f.Name), why)}
}

// judgeValue judges the metric value: it must be a number. A reference into
// free content may be one; a reference to a text field of the record never is.
func judgeValue(f *filter) (chain.Verdict, float64) {
	l := chain.Fine()
	n, err := strconv.ParseFloat(f.Value, 64)
	switch {
	case err == nil && !math.IsNaN(n) && !math.IsInf(n, 0):
		return l, n
	case strings.HasPrefix(f.Value, "$.requestParameters.") || strings.HasPrefix(f.Value, "$.responseElements."):
		return l.With(finding.Reason{Code: CodeMetricValue, Status: finding.Unknown, Link: finding.LinkMetric, Resource: f.arn,
			Message: fmt.Sprintf("filter %s publishes %s, which may not be a number", shown(f.Name), shown(f.Value))}), 0
	default:
		return l.With(finding.Reason{Code: CodeMetricValue, Status: finding.Fail, Link: finding.LinkMetric, Resource: f.arn,
			Message: fmt.Sprintf("filter %s publishes %s, which is not a number", shown(f.Name), shown(f.Value))}), 0
	}
}

// byText reports whether the filter searches the text of the record instead of
// its fields.
func (f *filter) byText() bool {
	text := strings.TrimSpace(f.Pattern)
	return f.pattern != nil && text != "" && text[0] != '{'
}

// defaultOf is what the filters of the series that an alarm reads write together for
// records that none of them matches, as a statistic sees it; nil when none has a
// default. Counts picks the filters to whose log groups records come.
func (m *metric) defaultOf(w *watch, statistic string, counts func(*filter) bool) *float64 {
	var d *float64
	for _, f := range m.feeders {
		if f.Default == nil || !w.reads(f) || !counts(f) {
			continue
		}
		sum := *f.Default
		switch {
		case d == nil:
		case statistic == "Sum":
			sum += *d
		default:
			sum = max(*d, sum)
		}
		d = &sum
	}
	return d
}

// fed reports whether a trail delivers to the log group of a filter. What else
// writes to a log group, and whether anything does, is not known.
func (j *judge) fed(f *filter) bool {
	return slices.ContainsFunc(j.groups, func(g *group) bool { return g.site == f.site && g.name == f.LogGroup })
}

func always(*filter) bool { return true }
