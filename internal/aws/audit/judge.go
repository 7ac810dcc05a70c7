package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A judge holds what is the same for every control of an account.
type judge struct {
	account *account.Account
	world   *World
	o       Options
	now     time.Time
	sites   map[place]*site
	trails  []*trail           // by ARN
	groups  []*group           // that trails deliver to, by ARN
	series  map[string]*filter // every filter that was looked at, by key
	metrics []*metric          // that the groups' filters feed

	ruleTexts map[string]parsedPattern // the patterns of rules, by their text

	isRegional bool // some filter or trail may look at the region of a record

	alarms     map[*site]*alarmIndex
	composites map[*site][]*composite
}

// newJudge judges the links of an account that do not depend on the event.
func newJudge(a *account.Account, w *World, o Options) *judge {
	j := &judge{
		account: a, world: w.with(a), o: o, now: o.Now, sites: map[place]*site{}, series: map[string]*filter{},
		alarms: map[*site]*alarmIndex{}, composites: map[*site][]*composite{},
	}
	for i := range a.Trails {
		t := newTrail(j.trailEvidence(&a.Trails[i]), j.now)
		t.group = j.groupOf(t.LogGroupARN)
		j.trails = append(j.trails, t)
	}
	slices.SortFunc(j.trails, func(a, b *trail) int { return cmp.Compare(a.ARN, b.ARN) })
	slices.SortFunc(j.groups, func(a, b *group) int { return cmp.Compare(a.arn, b.arn) })
	for _, m := range j.metrics {
		m.watches, m.nearMisses = j.watchesOf(m)
		if len(m.watches)+len(m.nearMisses) == 0 {
			m.nearest = j.nearestTo(m)
		}
		for _, w := range m.watches {
			ix := j.alarmsAt(w.site)
			ix.watches[w.alarm.Name] = append(ix.watches[w.alarm.Name], w)
		}
	}
	j.isRegional = j.regional()
	return j
}

// groupOf returns the group of a log-group ARN, each judged once; nil for "".
func (j *judge) groupOf(arn string) *group {
	g := j.newGroup(arn)
	if g == nil {
		return nil
	}
	for _, have := range j.groups {
		if have.arn == g.arn {
			return have
		}
	}
	j.groups = append(j.groups, g)
	j.addFilters(g)
	return g
}

// addFilters joins the metric filters of a group, by account and region.
func (j *judge) addFilters(g *group) {
	if g.blind { // a local group of the same name is no substitute
		return
	}
	read := g.site.read().MetricFilters
	all, ok := read.Got()
	switch {
	case read.Failed() != nil:
		g.blind = true
		g.link = g.link.With(unreadable(finding.LinkFilter, g.arn, read.Failed()))
		return
	case !ok:
		g.blind = true
		g.link = g.link.With(notRead(finding.LinkFilter, g.arn, "logs:DescribeMetricFilters"))
		return
	}
	all = parts(all)
	for _, f := range all {
		if f.LogGroup != g.name {
			continue
		}
		for _, dims := range j.seriesOf(f, g.site) {
			made := j.filterAt(f, g.site, dims)
			made.metric = j.metricOf(made, all)
			g.filters = append(g.filters, made)
		}
	}
	slices.SortStableFunc(g.filters, func(a, b *filter) int { return cmp.Compare(a.Name, b.Name) })
}

// parts returns the filters, each once for each metric that it writes.
func parts(list []account.MetricFilter) []account.MetricFilter {
	var out []account.MetricFilter
	for _, f := range list {
		out = append(out, f.Parts()...)
	}
	return out
}

// filterAt returns a filter as far as it feeds the metric of these dimensions:
// one object for each series.
func (j *judge) filterAt(f account.MetricFilter, at *site, dims map[string]string) *filter {
	key := seriesKey(f, at, dims)
	have := j.series[key]
	if have == nil {
		have = newFilter(f, at, dims, j.account.ID)
		j.series[key] = have
	}
	return have
}

// metricOf returns the metric that a filter writes to, with every filter of the
// region that feeds it.
func (j *judge) metricOf(f *filter, all []account.MetricFilter) *metric {
	for _, m := range j.metrics {
		if sameMetric(m.feeders[0], f) {
			return m
		}
	}
	m := &metric{site: f.site, namespace: f.Namespace, name: f.Metric, dims: f.dims, feeders: []*filter{f}}
	for _, o := range all {
		if o.Namespace != f.Namespace || o.Metric != f.Metric || o.LogGroup == f.LogGroup && o.Name == f.Name ||
			!fits(f.dims, o, systemDimensions(o, f.site)) {
			continue
		}
		if other := j.filterAt(o, f.site, f.dims); !other.deselected {
			other.metric = m
			m.feeders = append(m.feeders, other)
		}
	}
	j.metrics = append(j.metrics, m)
	return m
}

// unreadRegion returns why a region's trails could not be looked for, nil when
// they were.
func (j *judge) unreadRegion(name string) *account.Failure {
	r := j.account.Region(name)
	if r == nil || r.Trails == nil {
		return &account.Failure{Operation: "cloudtrail:DescribeTrails in " + name, Code: "not asked"}
	}
	return r.Trails.Failed()
}
