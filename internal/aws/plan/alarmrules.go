package plan

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// alarmRules plans for each alarm of ours the rule by which subscribers that no topic
// reaches are called when it goes into ALARM. With rules on the events themselves nobody
// needs it: they call the same subscribers sooner, and say who did what.
func (b *builder) alarmRules() error {
	if !b.all.callsOnAlarms() || b.chosen == nil {
		return nil
	}
	defer b.turnBack()
	reached := map[Subscriber]bool{}
	for _, c := range catalog.Repairable(b.controls) {
		b.turnTo(c)
		alarm := b.plannedAlarm(c)
		if alarm == nil {
			continue
		}
		var s step
		if err := b.alarmRule(&s, c, alarm, reached); err != nil {
			return err
		}
		b.take(s)
	}
	for _, o := range b.all.Everywhere() {
		for _, sub := range o.Subscribers {
			switch {
			case !sub.isCalled(audit.MetricTransport) || len(b.conflicts) > 0:
			case !reached[sub]:
				b.remark(fmt.Sprintf("nothing calls %s: monitorctl has no alarm here whose state a rule could report to it", sub))
			case b.all.Transport == audit.MetricTransport:
				b.remark(fmt.Sprintf("a rule on the alarm's state calls %s; '--transport metric' does not count that, and neither do benchmark tools", sub))
			}
		}
	}
	return nil
}

// turnBack turns the builder to the wishes for all.
func (b *builder) turnBack() { b.o, b.also = b.all, nil }

// plannedAlarm is the alarm of ours for a control as it will be, nil for none.
func (b *builder) plannedAlarm(c catalog.Control) *account.MetricAlarm {
	name, region := b.o.names().AlarmName(c), b.chosen.Region
	for _, a := range b.actions {
		if p, ok := a.(action.PutAlarm); ok && p.Alarm.Name == name && p.Region == region {
			return &p.Alarm
		}
	}
	r := b.account.Region(region)
	alarms, _ := r.Alarms.Got()
	i := slices.IndexFunc(alarms.Metric, func(a account.MetricAlarm) bool { return a.Name == name })
	if i < 0 || !b.ownerOf(r.AlarmTags[name]).Ours() {
		return nil
	}
	return &alarms.Metric[i]
}

// alarmRule plans the rule on the state of one alarm, with the subscribers that it calls.
func (b *builder) alarmRule(s *step, c catalog.Control, alarm *account.MetricAlarm, reached map[Subscriber]bool) error {
	region := b.chosen.Region
	var targets []account.WholeTarget
	for _, o := range append([]Options{b.o}, b.also...) {
		for _, sub := range o.Subscribers {
			if !sub.isCalled(audit.MetricTransport) {
				continue
			}
			d, err := b.o.names().Destination(sub.channel())
			if err != nil {
				return err
			}
			reached[sub] = true
			arn, ok := b.destination(s, c, region, d)
			if ok && !slices.ContainsFunc(targets, func(t account.WholeTarget) bool { return t.ID == d.ID }) {
				targets = append(targets, desired.AlarmTarget(c, d, alarm.Name, arn, b.o.names().DestinationRoleARN(b.home(region)), b.account.Partition))
			}
		}
	}
	if len(targets) == 0 {
		return nil
	}
	if _, ok := b.ownRulesIn(s, region); !ok {
		return nil
	}
	b.destinationRole(s, c, region)
	if rule := b.o.names().AlarmRule(c, alarm.ARN, b.home(region)); b.putRule(s, c, region, rule, "no topic reaches the subscribers that rules call", false) {
		b.putTargets(s, c, region, rule.Name, targets)
	}
	return nil
}
