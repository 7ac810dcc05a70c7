package replay

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// alarms finds the alarms on the metrics of filters, and the composite alarms over them
// that have actions. A metric alarm that acts through those alone is not one of them.
func (q *Question) alarms(a *account.Account, filters []chosen) []Alarm {
	var out []Alarm
	var seen []*account.Region
	for _, x := range filters {
		if slices.Contains(seen, x.region) {
			continue
		}
		seen = append(seen, x.region)
		var here []account.MetricFilter
		for _, y := range filters {
			if y.region == x.region {
				here = append(here, y.filter)
			}
		}
		s := alarmsOf{question: q, account: a, region: x.region}
		out = append(out, s.on(here)...)
	}
	slices.SortFunc(out, func(a, b Alarm) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// alarmsOf describes the alarms of a region of an account.
type alarmsOf struct {
	question *Question
	account  *account.Account
	region   *account.Region
	below    int // alarms described so far for the present composite alarm
}

// maxBelow bounds how many alarms are followed for one composite alarm. AWS allows a rule
// to name 150.
const maxBelow = 500

// on are the alarms on the metrics of filters.
func (s *alarmsOf) on(filters []account.MetricFilter) []Alarm {
	all, _ := s.region.Alarms.Got()
	var watching []*account.MetricAlarm
	for i := range all.Metric {
		if m := &all.Metric[i]; slices.ContainsFunc(filters, func(f account.MetricFilter) bool { return watches(m, f) }) {
			watching = append(watching, m)
		}
	}
	var out []Alarm
	quiet := map[string]bool{} // those that act through composite alarms alone
	for i := range all.Composite {
		c := &all.Composite[i]
		read := s.reads(c, watching)
		if len(c.AlarmActions) == 0 || len(read) == 0 {
			continue
		}
		for _, m := range read {
			quiet[m.Name] = len(m.AlarmActions) == 0
		}
		s.below = 0
		out = append(out, s.composite(c, nil))
	}
	for _, m := range watching {
		if !quiet[m.Name] {
			out = append(out, s.metric(m))
		}
	}
	return out
}

// watches reports whether an alarm is on the metric of a filter.
func watches(m *account.MetricAlarm, f account.MetricFilter) bool {
	for _, query := range m.Queries {
		if query.Metric == f.Metric && query.Namespace == f.Namespace {
			return true
		}
	}
	return len(m.Queries) == 0 && m.Metric == f.Metric && m.Namespace == f.Namespace
}

// reads returns those of the alarms that the rule of a composite alarm reads, itself or
// through others. A rule that is not understood reads those that it has in its text.
func (s *alarmsOf) reads(c *account.CompositeAlarm, alarms []*account.MetricAlarm) []*account.MetricAlarm {
	all, _ := s.region.Alarms.Got()
	names, todo := map[string]bool{}, []*account.CompositeAlarm{c}
	for ; len(todo) > 0; todo = todo[1:] {
		rule, err := alarm.ParseRule(todo[0].Rule)
		for i := range all.Composite {
			if other := &all.Composite[i]; !names[other.Name] && err == nil && slices.Contains(rule.Names(), other.Name) {
				todo = append(todo, other)
			}
		}
		for _, m := range alarms {
			names[m.Name] = names[m.Name] || err != nil && strings.Contains(todo[0].Rule, m.Name)
		}
		if err == nil {
			for _, name := range rule.Names() {
				names[name] = true
			}
		}
	}
	var out []*account.MetricAlarm
	for _, m := range alarms {
		if names[m.Name] {
			out = append(out, m)
		}
	}
	return out
}

// metric describes a metric alarm.
func (s *alarmsOf) metric(m *account.MetricAlarm) Alarm {
	out := Alarm{Name: m.Name, Settings: settings(m), Enabled: m.ActionsEnabled, Unknown: strange(m)}
	watched := []account.MetricQuery{{Namespace: m.Namespace, Metric: m.Metric, Unit: m.Unit, Dimensions: m.Dimensions}}
	if len(m.Queries) > 0 {
		watched = m.Queries
		for _, x := range m.Queries {
			out.Queries = append(out.Queries, alarm.Query{ID: x.ID, Expression: x.Expression, Statistic: x.Statistic, Period: x.Period, ReturnData: x.ReturnData})
		}
		period, err := alarm.PeriodOf(out.Queries)
		if out.Settings.Period = period; err != nil {
			out.Unknown = cmp.Or(out.Unknown, "its metric math is not followed: "+err.Error())
		}
	}
	for _, x := range watched {
		if x.Expression != "" {
			continue
		}
		feeders, why := s.feeders(x)
		out.Feeders, out.Unknown = append(out.Feeders, feeders...), cmp.Or(out.Unknown, why)
	}
	s.actions(&out, m.ARN, m.AlarmActions)
	return out
}

// actions adds what an alarm's going to ALARM leads to.
func (s *alarmsOf) actions(out *Alarm, arn string, actions []string) {
	for _, action := range actions {
		out.Subscribers = append(out.Subscribers, subscribers(s.account, s.region, action, arn)...)
	}
	slices.Sort(out.Subscribers)
	out.Subscribers = slices.Compact(out.Subscribers)
	out.mutes(s.region)
}

// strange is what keeps a metric alarm from being followed, "" when nothing does.
func strange(m *account.MetricAlarm) string {
	switch {
	case m.PromQL != "" || m.Threshold == nil || m.ThresholdMetricID != "":
		return "it has no fixed threshold"
	case len(m.Unknown) > 0:
		return "it has settings that this version does not know: " + strings.Join(m.Unknown, ", ")
	}
	return ""
}

// feeders are the filters that write to a metric, or why those are not all.
func (s *alarmsOf) feeders(x account.MetricQuery) (list []Feeder, why string) {
	filters, _ := s.region.MetricFilters.Got()
	fed := false
	for _, f := range filters {
		if f.Metric != x.Metric || f.Namespace != x.Namespace {
			continue
		}
		if fed = true; x.Unit != "" && unit(x.Unit) != unit(f.Unit) {
			continue
		}
		feeder, wrong := s.feeder(f)
		feeder.Query = x.ID
		list, why = append(list, feeder), cmp.Or(why, wrong)
	}
	switch {
	case x.AccountID != "" && x.AccountID != s.account.ID:
		return nil, fmt.Sprintf("metric %s/%s is another account's", x.Namespace, x.Metric)
	case len(x.Dimensions) > 0:
		return nil, "metrics with dimensions are not replayed"
	case why != "":
		return nil, why
	case !fed:
		return nil, fmt.Sprintf("no metric filter writes to its metric %s/%s", x.Namespace, x.Metric)
	}
	return list, ""
}

func unit(text string) string {
	if text == "" {
		return "None"
	}
	return text
}

// feeder describes what a filter writes, or why that is not known.
func (s *alarmsOf) feeder(f account.MetricFilter) (Feeder, string) {
	p, err := pattern.Parse(f.Pattern)
	value, wrong := strconv.ParseFloat(f.Value, 64)
	switch {
	case err != nil:
		return Feeder{}, "filter " + f.Name + " has a pattern that is not understood"
	case wrong != nil || math.IsNaN(value) || math.IsInf(value, 0):
		return Feeder{}, "filter " + f.Name + " publishes " + f.Value + ", which is not a fixed number"
	case f.OnTransformed || f.FieldSelection != "" || len(f.Unknown) > 0:
		return Feeder{}, "filter " + f.Name + " does not see the records as they are"
	case len(f.Dimensions)+len(f.SystemDimensions) > 0:
		return Feeder{}, "metrics with dimensions are not replayed"
	}
	return Feeder{Filter: s.question.addFilter(s.question.filter(s.account, s.region, f, p)), Value: value, Default: f.Default}, ""
}

// composite describes a composite alarm with all alarms that its state depends on. Above
// are the names of those that are being described.
func (s *alarmsOf) composite(c *account.CompositeAlarm, above []string) Alarm {
	out := Alarm{Name: c.Name, Enabled: c.ActionsEnabled}
	above = append(above[:len(above):len(above)], c.Name)
	rule, err := alarm.ParseRule(c.Rule)
	if err != nil {
		out.Unknown = "its rule is not understood: " + err.Error()
		return out
	}
	out.Rule = rule
	for _, name := range rule.Names() {
		out.Below = append(out.Below, s.named(name, above))
	}
	if c.Suppressor != "" {
		name := c.Suppressor
		if arn, ok := account.ParseARN(name); ok {
			name = strings.TrimPrefix(arn.Resource, "alarm:")
		}
		suppressor := s.named(name, above)
		out.Suppressor = &suppressor
	}
	out.feedersBelow()
	s.actions(&out, c.ARN, c.AlarmActions)
	return out
}

// named describes the alarm of a name.
func (s *alarmsOf) named(name string, above []string) Alarm {
	all, _ := s.region.Alarms.Got()
	s.below++
	switch {
	case slices.Contains(above, name):
		return Alarm{Name: name, Unknown: "composite alarms depend on each other"}
	case s.below > maxBelow:
		return Alarm{Name: name, Unknown: fmt.Sprintf("more than %d alarms decide", maxBelow)}
	}
	if i := slices.IndexFunc(all.Metric, func(m account.MetricAlarm) bool { return m.Name == name }); i >= 0 {
		return s.metric(&all.Metric[i])
	}
	if i := slices.IndexFunc(all.Composite, func(c account.CompositeAlarm) bool { return c.Name == name }); i >= 0 {
		return s.composite(&all.Composite[i], above)
	}
	return Alarm{Name: name, Unknown: "no metric alarm or composite alarm of " + s.region.Name + " has that name"}
}

// feedersBelow makes the filters of all alarms that a composite alarm reads its own.
func (x *Alarm) feedersBelow() {
	x.Feeders = nil
	for _, b := range x.Below {
		x.Feeders = append(x.Feeders, b.Feeders...)
	}
}

// filters are those that write to what the alarm depends on, each once.
func (x *Alarm) filters() []int {
	var list []int
	for _, f := range x.Feeders {
		list = append(list, f.Filter)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// reach is how many minutes the alarm looks back, 0 for one that cannot be followed.
func (x *Alarm) reach() int64 {
	if x.Rule == nil {
		if x.Unknown != "" {
			return 0
		}
		return x.Settings.Reach()
	}
	most := int64(0)
	for _, b := range x.Below {
		most = max(most, b.reach())
	}
	if x.Suppressor != nil {
		most = max(most, x.Suppressor.reach())
	}
	return most
}

// with is the alarm with filters in place of others; a negative one for none.
func (x Alarm) with(by map[int]int) Alarm {
	if x.Rule == nil {
		x.Feeders = substitute(x.Feeders, by)
		return x
	}
	below := x.Below
	x.Below = nil
	for _, b := range below {
		x.Below = append(x.Below, b.with(by))
	}
	if x.Suppressor != nil {
		s := x.Suppressor.with(by)
		x.Suppressor = &s
	}
	x.feedersBelow()
	return x
}

// substitute puts filters in place of others; a negative one for none.
func substitute(feeders []Feeder, by map[int]int) []Feeder {
	var out []Feeder
	for _, f := range feeders {
		if other, ok := by[f.Filter]; ok {
			if f.Filter = other; other < 0 {
				continue
			}
		}
		out = append(out, f)
	}
	return out
}

// subscribers lists the confirmed subscribers that an alarm's action reaches, masked;
// none where the audit found the topic out of reach.
func subscribers(a *account.Account, r *account.Region, arn, alarmARN string) []string {
	t := r.Topics[arn]
	if t == nil {
		return nil
	}
	reasons := audit.JudgeTopic(a, t, alarmARN)
	if slices.ContainsFunc(reasons, func(r finding.Reason) bool { return r.Status == finding.Fail || r.Status == finding.Unknown }) {
		return nil
	}
	var list []string
	subs, _ := t.Subscriptions.Got()
	for _, s := range subs {
		if s.State == account.Confirmed {
			list = append(list, s.Endpoint)
		}
	}
	return list
}

// mutes adds the mute rules of an alarm that are active.
func (x *Alarm) mutes(r *account.Region) {
	rules, _ := r.MuteRules.Got()
	for _, rule := range rules {
		if d, ok := rule.Details.Got(); ok && slices.Contains(d.Alarms, x.Name) {
			x.Mutes = append(x.Mutes, alarm.Mute{Expression: d.Expression, Duration: d.Duration, Timezone: d.Timezone, Start: d.Start, Expire: rule.Expire})
		}
	}
}
