package replay

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// Ask adds controls to a question: with the chains of each account of the snapshot,
// or, for those that have none and where the snapshot has no accounts, the one that
// apply would create. States are left out: no event is about them.
func (q *Question) Ask(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o plan.Options) error {
	controls = catalog.Repairable(controls)
	if len(snap.Accounts) == 0 {
		for _, c := range controls {
			if err := q.own(c, "", o, "the control has no chain here: no account was asked about"); err != nil {
				return err
			}
		}
		return nil
	}
	w := audit.NewWorld(snap.Accounts, o.Audit.Central)
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		result, err := w.Judge(ctx, a, controls, o.Audit)
		if err != nil {
			return err
		}
		for k, c := range controls {
			if err := q.account(ctx, a, c, result.Findings[k], result.Evidence[k], o); err != nil {
				return err
			}
		}
	}
	return nil
}

// own adds a control with the chain that apply would create.
func (q *Question) own(c catalog.Control, id string, o plan.Options, nobody string) error {
	f, a := plan.Own(c, o)
	p, err := pattern.Parse(f.Pattern)
	if err != nil {
		return fmt.Errorf("control %s: %w", c.ID, err)
	}
	filter := q.addFilter(Filter{Pattern: q.addPattern(p), Scope: q.addScope(Scope{Account: id})})
	q.Controls = append(q.Controls, Control{
		ID: c.ID, Title: c.Title, Account: id, Filters: []int{filter}, Wanted: -1, Nobody: nobody, Required: required(c, o), Control: c, Text: f.Pattern,
		Alarms: []Alarm{{Name: a.Name, Settings: settings(&a), Enabled: true, Feeders: []Feeder{{Filter: filter, Value: 1, Default: f.Default}}}},
	})
	return nil
}

// required are the names of the events that a control must see; none for a condition.
func required(c catalog.Control, o plan.Options) map[string]bool {
	set := map[string]bool{}
	if c.Type == catalog.Events {
		for _, e := range c.Required(o.Audit.Benchmark) {
			set[e.Name] = true
		}
	}
	return set
}

func settings(a *account.MetricAlarm) alarm.Settings {
	return alarm.Settings{
		Statistic: a.Statistic, Extended: a.ExtendedStatistic, Comparison: a.Comparison, Threshold: a.Threshold,
		Period: a.Period, EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm,
		MissingData: a.MissingData, LowSample: a.LowSample,
	}
}

// account adds a control with its chain in an account.
func (q *Question) account(ctx context.Context, a *account.Account, c catalog.Control, f finding.Finding, ev audit.Evidence, o plan.Options) error {
	chosen, err := choose(ctx, a, c, ev, o)
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		err := q.own(c, a.ID, o, "account "+a.ID+" has no filter for the control")
		q.Controls[len(q.Controls)-1].unread(f)
		return err
	}
	out := Control{ID: c.ID, Title: c.Title, Account: a.ID, Live: true, Required: required(c, o), Control: c}
	for _, x := range chosen {
		out.Filters = append(out.Filters, q.addFilter(q.filter(a, x.region, x.filter, x.pattern)))
	}
	slices.Sort(out.Filters)
	if out.Filters = slices.Compact(out.Filters); len(chosen) == 1 {
		out.Text = chosen[0].filter.Pattern
	}
	want, err := pattern.Parse(c.Writes(o.Audit.Benchmark).Text)
	if err != nil {
		return fmt.Errorf("control %s: %w", c.ID, err)
	}
	out.Wanted = q.addFilter(Filter{Pattern: q.addPattern(want), Scope: q.addScope(Scope{Account: a.ID})})
	out.Alarms = q.alarms(a, chosen)
	if !slices.ContainsFunc(out.Alarms, func(x Alarm) bool { return x.Enabled && len(x.Subscribers) > 0 }) {
		out.Nobody = nobody(f)
	}
	for _, x := range chosen {
		if fail := x.region.Alarms.Failed(); fail != nil {
			out.Unknown = append(out.Unknown, "the alarms of "+x.region.Name+" could not be read: "+fail.Code)
		}
	}
	out.unread(f)
	q.Controls = append(q.Controls, out)
	return nil
}

// unread notes that some of a control's chain could not be checked.
func (c *Control) unread(f finding.Finding) {
	if f.Status == finding.Unknown && f.Why() != "" {
		c.Unknown = append(c.Unknown, f.Why())
	}
}

// nobody is why nobody is notified, as the audit has it.
func nobody(f finding.Finding) string {
	if why := f.Why(); why != "" {
		return why
	}
	return "no confirmed subscriber is known"
}

// A chosen is a filter of a control's chain.
type chosen struct {
	region  *account.Region
	filter  account.MetricFilter
	pattern *pattern.Pattern
}

// choose picks the filters that are a control's own: those that match all that it
// requires, and else those that match nothing beside it. Filters of other controls
// often match some of its events, too.
func choose(ctx context.Context, a *account.Account, c catalog.Control, ev audit.Evidence, o plan.Options) ([]chosen, error) {
	var whole, parts []chosen
	for _, e := range ev.Filters {
		r := a.Region(e.Region)
		if r == nil {
			continue
		}
		filters, _ := r.MetricFilters.Got()
		i := slices.IndexFunc(filters, func(f account.MetricFilter) bool { return f.LogGroup == e.Group && f.Name == e.Name })
		if i < 0 {
			continue
		}
		p, err := pattern.Parse(filters[i].Pattern)
		if err != nil {
			continue // the finding says so
		}
		x := chosen{r, filters[i], p}
		cover, err := audit.Cover(ctx, []*pattern.Pattern{p}, c, o.Audit.Benchmark)
		switch {
		case err != nil:
			return nil, err
		case cover.Everything || len(cover.Beyond) > 0 && !e.Covers:
		case e.Covers:
			whole = append(whole, x)
		default:
			parts = append(parts, x)
		}
	}
	if len(whole) > 0 {
		return whole, nil
	}
	return parts, nil
}

// filter describes a filter of an account: the records that its log group receives are
// those of the trails that deliver there.
func (q *Question) filter(a *account.Account, r *account.Region, f account.MetricFilter, p *pattern.Pattern) Filter {
	s := Scope{Account: a.ID, Region: r.Name}
	for i := range a.Trails {
		t := &a.Trails[i]
		if arn, ok := account.ParseARN(t.LogGroupARN); ok && arn.Region == r.Name {
			if name, _ := arn.LogGroupName(); name != f.LogGroup {
				continue
			}
			if t.Organization {
				s.Account = ""
			}
			if t.MultiRegion {
				s.Region = ""
			}
		}
	}
	return Filter{Name: r.Name + "/" + f.LogGroup + "/" + f.Name, Pattern: q.addPattern(p), Scope: q.addScope(s)}
}

// alarms finds the alarms on the metrics of filters.
func (q *Question) alarms(a *account.Account, filters []chosen) []Alarm {
	var out []Alarm
	seen := map[string]bool{}
	for _, x := range filters {
		alarms, _ := x.region.Alarms.Got()
		for i := range alarms.Metric {
			m := &alarms.Metric[i]
			if seen[m.ARN] || !watches(m, x.filter) {
				continue
			}
			seen[m.ARN] = true
			out = append(out, q.alarm(a, x, m, alarms.Composite))
		}
	}
	slices.SortFunc(out, func(a, b Alarm) int { return strings.Compare(a.Name, b.Name) })
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

// alarm describes an alarm on the metric of a filter.
func (q *Question) alarm(a *account.Account, x chosen, m *account.MetricAlarm, composites []account.CompositeAlarm) Alarm {
	out := Alarm{Name: m.Name, Settings: settings(m), Enabled: m.ActionsEnabled, Unknown: strange(m, x.filter, composites)}
	filters, _ := x.region.MetricFilters.Got()
	for _, f := range filters {
		if f.Metric != x.filter.Metric || f.Namespace != x.filter.Namespace || m.Unit != "" && unit(m.Unit) != unit(f.Unit) {
			continue
		}
		feeder, why := q.feeder(a, x.region, f)
		if why != "" {
			out.Unknown = why
			continue
		}
		out.Feeders = append(out.Feeders, feeder)
	}
	for _, arn := range m.AlarmActions {
		out.Subscribers = append(out.Subscribers, subscribers(a, x.region, arn, m.ARN)...)
	}
	slices.Sort(out.Subscribers)
	out.Subscribers = slices.Compact(out.Subscribers)
	out.mutes(x.region)
	return out
}

func unit(text string) string {
	if text == "" {
		return "None"
	}
	return text
}

// strange is what keeps an alarm from being followed, "" when nothing does.
func strange(m *account.MetricAlarm, f account.MetricFilter, composites []account.CompositeAlarm) string {
	switch {
	case len(m.Queries) > 0:
		return "metric math is not replayed"
	case m.PromQL != "" || m.Threshold == nil || m.ThresholdMetricID != "":
		return "it has no fixed threshold"
	case len(m.Unknown) > 0:
		return "it has settings that this version does not know: " + strings.Join(m.Unknown, ", ")
	case len(f.Dimensions)+len(f.SystemDimensions)+len(m.Dimensions) > 0:
		return "metrics with dimensions are not replayed"
	}
	if len(m.AlarmActions) == 0 {
		for _, c := range composites {
			if rule, err := alarm.ParseRule(c.Rule); err != nil || slices.Contains(rule.Names(), m.Name) || slices.Contains(rule.Names(), m.ARN) {
				return "it acts through composite alarm " + c.Name + ", which is not replayed"
			}
		}
	}
	return ""
}

// feeder describes what a filter writes, or why that is not known.
func (q *Question) feeder(a *account.Account, r *account.Region, f account.MetricFilter) (Feeder, string) {
	p, err := pattern.Parse(f.Pattern)
	value, wrong := strconv.ParseFloat(f.Value, 64)
	switch {
	case err != nil:
		return Feeder{}, "filter " + f.Name + " has a pattern that is not understood"
	case wrong != nil || math.IsNaN(value) || math.IsInf(value, 0):
		return Feeder{}, "filter " + f.Name + " publishes " + f.Value + ", which is no fixed number"
	case f.OnTransformed || f.FieldSelection != "" || len(f.Unknown) > 0:
		return Feeder{}, "filter " + f.Name + " does not see the records as they are"
	case len(f.Dimensions)+len(f.SystemDimensions) > 0:
		return Feeder{}, "metrics with dimensions are not replayed"
	}
	return Feeder{Filter: q.addFilter(q.filter(a, r, f, p)), Value: value, Default: f.Default}, ""
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

// Instead adds, for each chain of a control, what it would be with another pattern in place
// of those of its filters: "ID: instead", and the events that would not match any more, "ID:
// silenced". It reports whether the question has the control.
func (q *Question) Instead(id string, p *pattern.Pattern) bool {
	asked := false
	for _, c := range slices.Clone(q.Controls) {
		if c.ID != id {
			continue
		}
		asked = true
		other, lost := c, c
		place := q.addPattern(p)
		replaced := map[int]int{}
		other.Filters = nil
		for i, f := range c.Filters {
			filter := q.Filters[f]
			filter.Name, filter.Pattern = "instead of "+filter.Name, place
			if i > 0 && q.Filters[f].Scope == q.Filters[c.Filters[0]].Scope {
				replaced[f] = -1 // one filter takes the place of all of them
				continue
			}
			replaced[f] = q.addFilter(filter)
			other.Filters = append(other.Filters, replaced[f])
		}
		other.ID, other.Text, other.Alarms = id+": instead", p.Text(), nil
		for _, a := range c.Alarms {
			a.Feeders = substitute(a.Feeders, replaced)
			other.Alarms = append(other.Alarms, a)
		}
		lost.ID, lost.Alarms, lost.Text, lost.Wanted, lost.Except = id+": silenced", nil, "", -1, other.Filters
		lost.Nobody = "the other pattern does not match them"
		q.Controls = append(q.Controls, other, lost)
	}
	return asked
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

// AddPattern adds a pattern of the user's as a control of its own, with the alarm that
// apply would create. Records of any account count.
func (q *Question) AddPattern(name string, p *pattern.Pattern) {
	one, zero := 1.0, 0.0
	filter := q.addFilter(Filter{Pattern: q.addPattern(p), Scope: q.addScope(Scope{})})
	_, a := plan.Own(catalog.Control{}, plan.Options{})
	a.Threshold = &one
	q.Controls = append(q.Controls, Control{
		ID: name, Title: name, Filters: []int{filter}, Wanted: -1, Nobody: "the pattern has no chain",
		Alarms: []Alarm{{Name: name, Settings: settings(&a), Enabled: true, Feeders: []Feeder{{Filter: filter, Value: 1, Default: &zero}}}},
	})
}
