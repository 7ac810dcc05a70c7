package replay

import (
	"context"
	"fmt"
	"slices"

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
			if err := q.own(c, "", o, "no account was read, so the control has no chain"); err != nil {
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
	if o.Audit.Transport == audit.RuleTransport {
		return q.ownRule(c, id, o, nobody)
	}
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
	out := Control{ID: c.ID, Title: c.Title, Account: a.ID, Live: true, Required: required(c, o), Control: c}
	chosen, err := q.chain(ctx, a, &out, ev, o)
	if err != nil {
		return err
	}
	if len(out.Filters) == 0 {
		what := map[bool]string{false: "filter", true: "rule"}[o.Audit.Transport == audit.RuleTransport]
		err := q.own(c, a.ID, o, "account "+a.ID+" has no "+what+" for the control")
		own := &q.Controls[len(q.Controls)-1]
		own.Unknown = append(own.Unknown, out.Unknown...)
		own.unread(f)
		return err
	}
	want, err := pattern.Parse(c.Writes(o.Audit.Benchmark).Text)
	if err != nil {
		return fmt.Errorf("control %s: %w", c.ID, err)
	}
	out.Wanted = q.addFilter(Filter{Pattern: q.addPattern(want), Scope: q.addScope(Scope{Account: a.ID})})
	out.Alarms = q.alarms(a, chosen)
	if !slices.ContainsFunc(out.Alarms, func(x Alarm) bool { return x.Enabled && len(x.Subscribers) > 0 }) && !slices.ContainsFunc(out.Rules, q.alerts) {
		out.Nobody = q.nobody(f, &out)
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

// alerts reports whether the message of a rule, given by its filter, reaches someone.
func (q *Question) alerts(filter int) bool {
	return len(q.Rules[q.Filters[filter].Rule-1].Alerts) > 0
}

// nobody is why nobody is notified, as the audit has it, or a rule.
func (q *Question) nobody(f finding.Finding, c *Control) string {
	if why := f.Why(); why != "" {
		return why
	}
	for _, i := range c.Rules {
		if why := q.Rules[q.Filters[i].Rule-1].Broken; why != "" {
			return why
		}
	}
	return "no confirmed subscriber is known"
}

// chain adds the filters and rules of a control in an account, and returns the metric
// filters among them.
func (q *Question) chain(ctx context.Context, a *account.Account, out *Control, ev audit.Evidence, o plan.Options) ([]chosen, error) {
	var list []chosen
	if o.Audit.Transport != audit.RuleTransport {
		var err error
		if list, err = choose(ctx, a, out.Control, ev, o); err != nil {
			return nil, err
		}
	}
	for _, x := range list {
		out.Filters = append(out.Filters, q.addFilter(q.filter(a, x.region, x.filter, x.pattern)))
	}
	slices.Sort(out.Filters)
	out.Filters = slices.Compact(out.Filters)
	if o.Audit.Transport != audit.MetricTransport {
		if err := q.rules(ctx, a, out, ev, o); err != nil {
			return nil, err
		}
	}
	if len(list) == 1 && len(out.Rules) == 0 {
		out.Text = list[0].filter.Pattern
	}
	return list, nil
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
			if filter.Rule > 0 { // a rule has a pattern of its own
				other.Filters = append(other.Filters, f)
				continue
			}
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
			other.Alarms = append(other.Alarms, a.with(replaced))
		}
		lost.ID, lost.Alarms, lost.Rules, lost.Text, lost.Wanted, lost.Except = id+": silenced", nil, nil, "", -1, other.Filters
		lost.Nobody = "the other pattern does not match them"
		q.Controls = append(q.Controls, other, lost)
	}
	return asked
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
