package plan

import (
	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// heartbeat plans the alarm on the silence of the log group that gets our filters.
func (b *builder) heartbeat(c catalog.Control, f finding.Finding) error {
	switch {
	case b.chosen == nil:
		b.tell(c.ID, "no alarm can notice silence: no trail delivers to a log group of this account")
		return nil
	case f.Status == finding.Unknown:
		b.tell(c.ID, "could not be checked: "+f.Why()+"; "+f.Remediation)
		return nil
	}
	s, err := b.heartbeatStep(c, f)
	if err == nil {
		b.take(s)
	}
	return err
}

// heartbeatStep is what the heartbeat needs. An alarm of someone else that does the work is
// left to do it.
func (b *builder) heartbeatStep(c catalog.Control, f finding.Finding) (step, error) {
	var s step
	region := b.chosen.Region
	have := b.ownHeartbeat(region)
	if f.Status == finding.Pass && have == nil {
		return s, nil
	}
	want := b.o.names().Heartbeat(b.home(region), b.chosen.Group, "", b.o.HeartbeatHours)
	if have != nil && f.Status == finding.Pass && b.wantedTopics(region) == nil && b.o.TopicARN == "" { // a topic that was given once stays
		want.AlarmActions, want.OKActions = have.AlarmActions, have.AlarmActions
	} else {
		topics, err := b.topics(&s, c, region)
		if err != nil {
			return s, err
		}
		want.AlarmActions, want.OKActions = topics, topics
	}
	b.putOwnAlarm(&s, c, region, want, "nobody would notice if CloudTrail stopped delivering")
	if len(s.actions) > 0 && have == nil && !delivered(b.chosen.Trail) {
		s.note(c.ID, "alarm %s will ring until trail %s delivers for the first time", want.Name, b.chosen.Trail.Name)
	}
	return s, nil
}

// ownHeartbeat returns our heartbeat in a region; nil when there is none.
func (b *builder) ownHeartbeat(region string) *account.MetricAlarm {
	r := b.account.Region(region)
	alarms, _ := r.Alarms.Got()
	for i := range alarms.Metric {
		a := &alarms.Metric[i]
		if a.Name == b.o.names().HeartbeatName() && desired.OwnerOf(r.AlarmTags[a.Name]).Ours() {
			return a
		}
	}
	return nil
}

// delivered reports whether a trail has delivered to its log group before.
func delivered(t account.Trail) bool {
	s, ok := t.Status.Got()
	return ok && s.LatestLogsDeliveryTime != nil
}

// heartbeat plans the removal of our heartbeat, if it is as apply wrote it.
func (d *destroyer) heartbeat() {
	list, _ := d.region.Alarms.Got()
	for _, have := range list.Metric {
		if have.Name != d.o.names().HeartbeatName() {
			continue
		}
		tags := d.region.AlarmTags[have.Name]
		if owner := desired.OwnerOf(tags); !owner.Ours() {
			d.leave(owner.IsForeign(), "it "+owner.Why, "alarm %s", have.Name)
			continue
		}
		want := d.o.names().Heartbeat(d.home(), have.Dimensions["LogGroupName"], "", int(have.EvaluationPeriods))
		want.AlarmActions, want.OKActions = have.AlarmActions, have.AlarmActions
		if !sameAlarm(have, want) || !sameReturn(have, want) {
			d.leave(false, "it was edited ("+describeAlarm(have)+"): delete it by hand", "alarm %s", have.Name)
			continue
		}
		d.actions = append(d.actions, action.DeleteAlarm{Meta: d.meta(catalog.TrailDeliverySilence, "it has monitorctl's name and tag"), Alarm: have.Settings(), Tags: tags.Value})
	}
}
