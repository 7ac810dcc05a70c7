package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

// A step is what one control needs.
type step struct {
	actions   []action.Action
	conflicts []change.Conflict
	drifts    []change.Drift
	notes     []change.Manual

	keeper desired.Keeper // of code that keeps what would have to change; "" for none
}

func (s *step) add(o step) {
	s.actions = append(s.actions, o.actions...)
	s.conflicts = append(s.conflicts, o.conflicts...)
	s.drifts = append(s.drifts, o.drifts...)
	s.notes = append(s.notes, o.notes...)
	s.keeper = cmp.Or(s.keeper, o.keeper)
}

func (s *step) note(control, format string, args ...any) {
	s.notes = append(s.notes, change.Manual{Control: control, Text: fmt.Sprintf(format, args...)})
}

// keep notes an object that code keeps and that would have to change: nothing of
// the step is carried out then, and the plan goes on with the other controls.
func (s *step) keep(control string, owner desired.Owner, format string, args ...any) {
	s.keeper = owner.Keeper
	text := fmt.Sprintf("%s %s: run 'monitorctl export %s' again", fmt.Sprintf(format, args...), owner.Why, owner.Keeper)
	s.notes = append(s.notes, change.Manual{Control: control, Code: change.CodeKept, Text: text, Keeper: string(owner.Keeper)})
}

// stepFor follows the decision table.
func (b *builder) stepFor(c catalog.Control, f verdict) (step, error) {
	if b.way == audit.RuleTransport {
		return b.ruleStep(c, f)
	}
	if c.State == catalog.TrailDelivery {
		return b.heartbeatStep(c, f.Finding)
	}
	if b.chosen == nil {
		return step{}, nil // the trail or its log group is broken: only a person can mend that
	}
	covering := b.covering(f)
	for _, e := range covering {
		if e.Notified {
			return b.onMachines(c, e), nil // what else is odd needs a person
		}
	}
	for _, e := range covering {
		if e.Alarmed {
			return b.onAlarmed(c, e)
		}
	}
	if f.Status == finding.Warn {
		return step{}, nil
	}
	for _, e := range covering {
		if !e.Noisy && !b.edited(c, e) {
			return b.alarmOn(c, b.filter(e), "no working alarm watches the metric of filter "+e.Name)
		}
	}
	return b.ownChain(c, f)
}

// edited reports whether a filter is ours and someone has edited it: another alarm
// on its metric would not mend that.
func (b *builder) edited(c catalog.Control, e audit.FilterEvidence) bool {
	have, want := b.filter(e), b.ownFilter(c)
	return have.LogGroup == want.LogGroup && have.Name == want.Name && b.o.names().Shipped(have, c) && drifted(have, want)
}

// covering returns the live filters that alone match all that the control
// requires, our own first.
func (b *builder) covering(f verdict) []audit.FilterEvidence {
	var out []audit.FilterEvidence
	for _, e := range f.evidence.Filters {
		if e.Covers && e.Live && e.Value {
			out = append(out, e)
		}
	}
	return out
}

// filter returns the metric filter that evidence is about.
func (b *builder) filter(e audit.FilterEvidence) account.MetricFilter {
	filters, _ := b.account.Region(e.Region).MetricFilters.Got()
	for _, f := range filters {
		if f.LogGroup == e.Group && f.Name == e.Name {
			return f
		}
	}
	return account.MetricFilter{}
}

// onAlarmed repairs the end of a chain whose alarm works: subscribers where the
// topic merely lacks them, else our alarm beside it on our topic.
func (b *builder) onAlarmed(c catalog.Control, e audit.FilterEvidence) (step, error) {
	var s step
	if b.o.ExtendTopicPolicy {
		if s = b.extended(c, e); len(s.actions) > 0 {
			return s, nil
		}
	}
	lonely := b.topicsOf(e, lacksSubscriber)
	if len(lonely) == 0 || b.o.TopicARN != "" && len(b.o.Subscribers) == 0 {
		beside, err := b.alarmOn(c, b.filter(e), "no alarm on the metric of filter "+e.Name+" tells anyone")
		s.add(beside)
		return s, err
	}
	for _, t := range lonely {
		b.subscribe(&s, c, e.Region, t)
	}
	if len(s.actions) == 0 && len(s.notes) == 0 {
		s.note(c.ID, "topic %s has no confirmed subscriber: confirm the pending one, or name one with --subscribe", lonely[0].ARN)
	}
	return s, nil
}

// extended plans a statement for the topics of the filter's alarms that lack
// just that, and their subscribers.
func (b *builder) extended(c catalog.Control, e audit.FilterEvidence) step {
	var s step
	for _, t := range b.topicsOf(e, onlyPolicy) {
		if err := b.extendPolicy(&s, c, e.Region, t); err != nil {
			s.note(c.ID, "the policy of topic %s cannot be extended: %v", t.ARN, err)
			continue
		}
		b.subscribe(&s, c, e.Region, t)
	}
	return s
}

// topicsOf returns the topics of this account that the filter's alarms name and
// whose reasons not to be used are as wanted.
func (b *builder) topicsOf(e audit.FilterEvidence, as func([]finding.Reason) bool) []*account.Topic {
	region := b.account.Region(e.Region)
	f := b.filter(e)
	alarms, _ := region.Alarms.Got()
	var out []*account.Topic
	for _, a := range alarms.Metric {
		if a.Namespace != f.Namespace || a.Metric != f.Metric || !a.ActionsEnabled {
			continue
		}
		for _, arn := range a.AlarmActions {
			t := region.Topics[arn]
			if t == nil || slices.Contains(out, t) {
				continue
			}
			if parsed, ok := account.ParseARN(arn); !ok || parsed.Account != b.account.ID {
				continue
			}
			if as(audit.JudgeTopic(b.account, t, a.ARN)) {
				out = append(out, t)
			}
		}
	}
	return out
}

// onMachines plans subscribers for topics that only machines listen to; nothing where
// someone is told already.
func (b *builder) onMachines(c catalog.Control, e audit.FilterEvidence) step {
	var s step
	for _, t := range b.topicsOf(e, onlyMachines) {
		b.subscribe(&s, c, e.Region, t)
	}
	return s
}

// onlyMachines reports whether all that is wrong with a topic is that only machines
// listen.
func onlyMachines(reasons []finding.Reason) bool {
	found := false
	for _, r := range reasons {
		switch {
		case r.Code == audit.CodeSubscriberMachine:
			found = true
		case r.Status == finding.Fail || r.Status == finding.Unknown:
			return false
		}
	}
	return found
}

// lacksSubscriber reports whether all that is wrong with a topic is that nobody
// has confirmed.
func lacksSubscriber(reasons []finding.Reason) bool {
	found := false
	for _, r := range reasons {
		switch {
		case r.Code == audit.CodeNoSubscriber || r.Code == audit.CodeSubscriptionPending:
			found = true
		case r.Status == finding.Fail || r.Status == finding.Unknown:
			return false
		}
	}
	return found
}

// alarmOn plans our alarm on the metric of a filter, with our topic.
func (b *builder) alarmOn(c catalog.Control, f account.MetricFilter, why string) (step, error) {
	var s step
	region := b.chosen.Region
	topics, err := b.topics(&s, c, region)
	if err != nil {
		return s, err
	}
	b.putAlarm(&s, c, region, f, topics, why)
	return s, nil
}

// ownChain plans our complete chain: filter, alarm, topic.
func (b *builder) ownChain(c catalog.Control, f verdict) (step, error) {
	var s step
	why := f.Why()
	mf := b.ownFilter(c)
	b.putFilter(&s, c, mf, why)
	topics, err := b.topics(&s, c, b.chosen.Region)
	if err != nil {
		return s, err
	}
	b.putAlarm(&s, c, b.chosen.Region, mf, topics, "it watches the metric of filter "+mf.Name)
	return s, nil
}

// complete plans the supplements of a control: more filters on our metric, and
// our alarm and topic where they are not there yet.
func (b *builder) complete(c catalog.Control, f verdict) (step, error) {
	var s step
	switch {
	case b.way == audit.RuleTransport && b.layout != nil:
		return b.ownRules(c, fmt.Sprintf("no benchmark text in use requires %d operations of the control", len(f.BlindSpots)))
	case b.way == audit.RuleTransport || b.chosen == nil:
		return s, nil
	}
	base := b.ownFilter(c)
	for _, mf := range b.o.names().Supplements(c, b.o.Audit.Benchmark, b.chosen.Group) {
		b.putFilter(&s, c, mf, fmt.Sprintf("no benchmark text in use requires %d operations of the control", len(f.BlindSpots)))
	}
	if len(s.actions) == 0 && len(s.conflicts) == 0 {
		return s, nil
	}
	topics, err := b.topics(&s, c, b.chosen.Region)
	if err != nil {
		return s, err
	}
	b.putAlarm(&s, c, b.chosen.Region, base, topics, "it watches the metric of the supplements")
	return s, nil
}
