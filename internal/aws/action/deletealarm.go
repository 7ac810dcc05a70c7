package action

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteAlarm removes an alarm of ours.
type DeleteAlarm struct {
	change.Meta
	Alarm account.MetricAlarm // as it was read
	Tags  map[string]string
}

func (DeleteAlarm) sealed() {}

// String returns "delete alarm SecurityGroupConfigChangesAlarm (eu-central-1)".
func (a DeleteAlarm) String() string {
	return fmt.Sprintf("delete alarm %s (%s)", a.Alarm.Name, a.Region)
}

// Kind returns "delete-alarm".
func (DeleteAlarm) Kind() string { return "delete-alarm" }

// Name returns the alarm's name.
func (a DeleteAlarm) Name() string { return a.Alarm.Name }

// New returns false.
func (DeleteAlarm) New() bool { return false }

// Place is before what the alarm watches and notifies goes.
func (DeleteAlarm) Place() Place { return deletesAlarm }

// Object returns the alarm.
func (a DeleteAlarm) Object() change.Object { return AlarmObject(a.Region, a.Alarm.Name) }

// Closing sets the controls that the action is about.
func (a DeleteAlarm) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (DeleteAlarm) Calls() []string { return []string{"cloudwatch:DeleteAlarms"} }

// Cost is nothing.
func (DeleteAlarm) Cost() change.Cost { return change.Cost{} }

// Fields has the alarm's settings and its tags.
func (a DeleteAlarm) Fields(bool) []change.Field {
	return change.Gone(append(AlarmSettings(a.Alarm), change.Setting{Name: "tags", Value: pairs(a.Tags)}))
}

// Saved holds the alarm as in snapshots.
func (a DeleteAlarm) Saved() change.Saved {
	return change.Saved{Name: a.Alarm.Name, Before: a.Alarm}
}

func (a DeleteAlarm) simulate(d *draft) {
	region := d.of(a)
	if region.Alarms != nil {
		region.Alarms.Value.Metric = withoutAlarm(region.Alarms.Value.Metric, a.Alarm.Name)
	}
	delete(region.AlarmTags, a.Alarm.Name)
}

func (a DeleteAlarm) rests(b *basis) { b.alarm(a.Alarm) }

func (DeleteAlarm) limits() error { return nil }

func (a DeleteAlarm) check(ctx context.Context, s *sight) error {
	_, err := a.look(ctx, s.calls)
	return err
}

func (a DeleteAlarm) apply(ctx context.Context, r *Run) (Outcome, error) {
	e := change.Record[State]{Object: a.Object(), Before: AlarmState(a.Alarm, a.Tags)}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.DeleteAlarm(ctx, a.Region, a.Alarm.Name) })
}

// look reports whether the alarm is there, as the plan saw it.
func (a DeleteAlarm) look(ctx context.Context, c Calls) (bool, error) {
	have, err := alarmsNow(ctx, c, a.Region, a.Alarm.Name)
	if err != nil || len(have.Metric)+len(have.Composite)+len(have.Log) == 0 {
		return false, err
	}
	changed := &ChangedError{fmt.Sprintf("alarm %q", a.Alarm.Name), "was changed"}
	if len(have.Metric) != 1 || !have.Metric[0].Same(a.Alarm) {
		return false, changed
	}
	tags, err := c.AlarmTags(ctx, a.Region, have.Metric[0].ARN)
	if errors.Is(err, ErrNotThere) {
		return false, nil // someone was faster
	}
	if err == nil && !maps.Equal(tags, a.Tags) {
		err = changed
	}
	return err == nil, err
}
