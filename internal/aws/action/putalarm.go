package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// PutAlarm creates a metric alarm, or replaces one.
type PutAlarm struct {
	change.Meta
	Alarm  account.MetricAlarm
	Tags   map[string]string
	Before *account.MetricAlarm // nil: the alarm is new

	// TagsBefore are the tags of the alarm that is replaced: those of them that
	// Tags lacks are removed. Nil removes none.
	TagsBefore map[string]string
}

func (PutAlarm) sealed() {}

// String returns "create alarm SecurityGroupConfigChangesAlarm on
// CloudTrailMetrics/SecurityGroupEventCount (eu-central-1)", or "update
// alarm ...".
func (a PutAlarm) String() string {
	return fmt.Sprintf("%s alarm %s on %s/%s (%s)", verb(a.Before == nil), a.Alarm.Name, a.Alarm.Namespace, a.Alarm.Metric, a.Region)
}

// Kind returns "put-metric-alarm".
func (PutAlarm) Kind() string { return "put-metric-alarm" }

// Name returns the alarm's name.
func (a PutAlarm) Name() string { return a.Alarm.Name }

// New reports whether the alarm is not there yet.
func (a PutAlarm) New() bool { return a.Before == nil }

// Place is behind what the alarm watches and notifies.
func (PutAlarm) Place() Place { return putsAlarm }

// Object returns the alarm.
func (a PutAlarm) Object() change.Object { return AlarmObject(a.Region, a.Alarm.Name) }

// Closing sets the controls that the action helps.
func (a PutAlarm) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that write.
func (PutAlarm) Calls() []string {
	return []string{"cloudwatch:PutMetricAlarm", "cloudwatch:TagResource", "cloudwatch:UntagResource"}
}

// Cost is that of a new alarm.
func (a PutAlarm) Cost() change.Cost {
	if a.Before != nil {
		return change.Cost{}
	}
	return change.Cost{Alarms: 1, USD: alarmUSD, Free: freeAlarms}
}

// Fields has the alarm's settings and its tags, unless those were not read.
func (a PutAlarm) Fields(bool) []change.Field {
	after := append(AlarmSettings(a.Alarm), change.Setting{Name: "tags", Value: pairs(a.Tags)})
	if a.Before == nil {
		return change.Created(after)
	}
	before := append(AlarmSettings(*a.Before), change.Setting{Name: "tags", Value: pairs(a.TagsBefore)})
	if a.TagsBefore == nil {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	return change.Differences(before, after)
}

// Saved holds the alarm as in snapshots.
func (a PutAlarm) Saved() change.Saved {
	type object struct {
		Alarm account.MetricAlarm `json:"alarm"`
		Tags  map[string]string   `json:"tags,omitempty"`
	}
	s := change.Saved{Name: a.Alarm.Name, After: object{a.Alarm, a.Tags}}
	if a.Before != nil {
		s.Before = object{Alarm: a.Before.Settings()}
	}
	return s
}

func (a PutAlarm) simulate(d *draft) {
	region := d.of(a)
	if region.Alarms == nil {
		region.Alarms = &account.Read[account.Alarms]{}
	}
	made := a.Alarm
	made.State = "INSUFFICIENT_DATA" // a new alarm's first state; an update keeps the old one
	made.TransitionAt = &d.moment.TakenAt
	for _, have := range region.Alarms.Value.Metric {
		if have.Name == made.Name {
			made.State, made.TransitionAt = have.State, have.TransitionAt
		}
	}
	list := append(withoutAlarm(region.Alarms.Value.Metric, made.Name), made)
	slices.SortFunc(list, func(a, b account.MetricAlarm) int { return cmp.Compare(a.Name, b.Name) })
	region.Alarms.Value.Metric = list
	if region.AlarmTags == nil {
		region.AlarmTags = map[string]*account.Read[map[string]string]{}
	}
	region.AlarmTags[made.Name] = &account.Read[map[string]string]{Value: a.Tags}
}

// withoutAlarm removes the alarm of that name from a list.
func withoutAlarm(list []account.MetricAlarm, name string) []account.MetricAlarm {
	return slices.DeleteFunc(list, func(have account.MetricAlarm) bool { return have.Name == name })
}

func (a PutAlarm) rests(b *basis) {
	b.alarm(a.Alarm)
	b.feeders(a.Alarm.Namespace, a.Alarm.Metric)
	for _, arn := range a.Alarm.AlarmActions {
		b.topic(arn)
	}
}

func (a PutAlarm) limits() error { return alarmLimits(a.Alarm, a.Tags) }

func (a PutAlarm) check(ctx context.Context, s *sight) error {
	if err := writable(a.Alarm); err != nil {
		return err
	}
	have, err := s.alarmsOf(ctx, a.Region)
	if err != nil {
		return err
	}
	_, err = a.compare(ctx, s.calls, have)
	return err
}

// apply tags first what it replaces and removes tags last, so that a run that
// dies in between leaves something that is known as ours.
func (a PutAlarm) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := alarmsNow(ctx, r.Calls, a.Region, a.Alarm.Name)
	if err != nil {
		return Outcome{}, err
	}
	there, err := a.compare(ctx, r.Calls, have)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{ARN: a.Alarm.ARN}
	var tags map[string]string
	if a.Before != nil {
		if tags, err = r.Calls.AlarmTags(ctx, a.Region, a.Alarm.ARN); err != nil {
			return Outcome{}, err
		}
	}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	if a.Before != nil {
		if out.Written, err = a.tag(ctx, r, tags); err != nil {
			return Outcome{}, err
		}
	}
	if !there {
		if err := a.write(ctx, r); err != nil {
			var w *WriteError
			if out.Written && errors.As(err, &w) {
				w.Before = "the alarm's tags were changed"
			}
			return Outcome{}, err
		}
		out.Written = true
	}
	if a.Before != nil {
		untagged, err := a.untag(ctx, r, tags)
		if err != nil {
			return Outcome{}, err
		}
		out.Written = out.Written || untagged
	}
	return out, nil
}

func (a PutAlarm) write(ctx context.Context, r *Run) error {
	e := change.Record[State]{Object: a.Object(), After: AlarmState(a.Alarm, nil)}
	var tags map[string]string
	if a.Before == nil {
		tags = a.Tags
		e.After = AlarmState(a.Alarm, a.Tags)
	} else {
		e.Before = AlarmState(*a.Before, nil)
	}
	return r.write(e, func() (string, error) { return "", r.Calls.PutAlarm(ctx, a.Region, a.Alarm, tags) })
}

// tag gives an alarm that exists the tags of the plan, since PutMetricAlarm
// ignores them, and adds them to tags, which the alarm has now. It reports whether
// there were any to add. Tags that the plan did not see stay.
func (a PutAlarm) tag(ctx context.Context, r *Run, tags map[string]string) (bool, error) {
	add := map[string]string{}
	for key, value := range a.Tags {
		if old, ok := tags[key]; !ok || old != value {
			add[key] = value
		}
	}
	if len(add) == 0 {
		return false, nil
	}
	before := maps.Clone(tags)
	maps.Copy(tags, add)
	after := maps.Clone(tags)
	e := change.Record[State]{Object: a.Object(), Before: &State{Tags: &before}, After: &State{Tags: &after}}
	err := r.write(e, func() (string, error) { return "", r.Calls.TagAlarm(ctx, a.Region, a.Alarm.ARN, add) })
	return err == nil, err
}

// untag removes the tags that the plan saw and does not want, and reports whether
// there were any.
func (a PutAlarm) untag(ctx context.Context, r *Run, tags map[string]string) (bool, error) {
	var drop []string
	after := maps.Clone(tags)
	for _, key := range slices.Sorted(maps.Keys(a.TagsBefore)) {
		if _, keep := a.Tags[key]; !keep && tags[key] == a.TagsBefore[key] {
			drop = append(drop, key)
			delete(after, key)
		}
	}
	if len(drop) == 0 {
		return false, nil
	}
	e := change.Record[State]{Object: a.Object(), Before: &State{Tags: &tags}, After: &State{Tags: &after}}
	err := r.write(e, func() (string, error) { return "", r.Calls.UntagAlarm(ctx, a.Region, a.Alarm.ARN, drop) })
	return err == nil, err
}

// compare holds what stands under the alarm's name now against the plan: true
// when it is what the plan would write and ours, an error when it is neither that
// nor what the plan replaces.
func (a PutAlarm) compare(ctx context.Context, c Calls, have account.Alarms) (there bool, err error) {
	for _, x := range have.Composite {
		if x.Name == a.Alarm.Name {
			return false, a.changed("appeared as a composite alarm")
		}
	}
	for _, x := range have.Log {
		if x.Name == a.Alarm.Name {
			return false, a.changed("appeared as a log alarm")
		}
	}
	for _, m := range have.Metric {
		if m.Name != a.Alarm.Name {
			continue
		}
		switch {
		case a.Before != nil && m.Same(*a.Before):
			return m.Same(a.Alarm), nil
		case m.Same(a.Alarm):
			return a.isOurs(ctx, c, m)
		case a.Before == nil:
			return false, a.changed("appeared")
		}
		return false, a.changed("was changed")
	}
	if a.Before != nil {
		return false, a.changed("disappeared")
	}
	return false, nil
}

// isOurs tells an alarm of an earlier run, cut short, from a stranger's twin.
func (a PutAlarm) isOurs(ctx context.Context, c Calls, m account.MetricAlarm) (bool, error) {
	tags, err := c.AlarmTags(ctx, a.Region, m.ARN)
	if err != nil {
		return false, err
	}
	if desired.OwnerByTags(tags).Ours() {
		return true, nil
	}
	return false, a.changed("appeared")
}

func (a PutAlarm) changed(what string) error {
	return &ChangedError{Resource: fmt.Sprintf("alarm %q", a.Alarm.Name), Change: what}
}

// writable refuses alarms that cannot be written whole: writing them would drop
// settings.
func writable(a account.MetricAlarm) error {
	switch {
	case len(a.Queries) > 0 || a.ThresholdMetricID != "":
		return fmt.Errorf("alarm %q uses metric math, which this version cannot write", a.Name)
	case len(a.Unknown)+len(a.Unwritten) > 0:
		return fmt.Errorf("alarm %q has settings that this version does not know: %s", a.Name, slices.Concat(a.Unknown, a.Unwritten)[0])
	}
	return nil
}
