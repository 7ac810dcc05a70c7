package action

import (
	"context"
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// ingestion is the list price of events in CloudWatch Logs, in US East (N. Virginia).
// Source: Amazon CloudWatch pricing, as of 2026.
const ingestion = "log group: USD 0.50 per GB"

// CreateLogGroup makes the log group of a trail with its tags, so that it is known as ours
// even if the run dies behind it, and then says how long it keeps events.
type CreateLogGroup struct {
	change.Meta
	Group account.TrailGroup // as it will be
}

func (CreateLogGroup) sealed() {}

// String returns "create log group /aws/cloudtrail/monitorctl (eu-central-1)".
func (a CreateLogGroup) String() string {
	return fmt.Sprintf("create log group %s (%s)", a.Group.Name, a.Region)
}

// Kind returns "create-log-group".
func (CreateLogGroup) Kind() string { return "create-log-group" }

// Name returns the log group's name.
func (a CreateLogGroup) Name() string { return a.Group.Name }

// New returns true: a log group that a run left without its retention counts as none.
func (CreateLogGroup) New() bool { return true }

// Place is the first.
func (CreateLogGroup) Place() Place { return createsGroup }

// Object returns the log group.
func (a CreateLogGroup) Object() change.Object { return LogGroupObject(a.Region, a.Group.Name) }

// Closing sets the controls that the action helps.
func (a CreateLogGroup) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that write.
func (CreateLogGroup) Calls() []string {
	return []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"}
}

// Cost is by the gigabyte.
func (CreateLogGroup) Cost() change.Cost { return change.Cost{Usage: []string{ingestion}} }

// Fields has the settings.
func (a CreateLogGroup) Fields(bool) []change.Field { return change.Created(groupSettings(a.Group)) }

func groupSettings(g account.TrailGroup) []change.Setting {
	keeps := "forever"
	if g.Retention > 0 {
		keeps = fmt.Sprintf("%d days", g.Retention)
	}
	return []change.Setting{{Name: "class", Value: g.Class}, {Name: "retention", Value: keeps}, {Name: "key", Value: g.KeyID}, {Name: "tags", Value: pairs(g.Tags)}}
}

// Saved holds the whole log group.
func (a CreateLogGroup) Saved() change.Saved {
	return change.Saved{Name: a.Group.Name, After: a.Group}
}

func (a CreateLogGroup) simulate(d *draft) {
	r := d.of(a)
	if r.LogGroups == nil {
		r.LogGroups = map[string]*account.Read[*account.LogGroup]{}
	}
	r.LogGroups[a.Group.Name] = &account.Read[*account.LogGroup]{Value: &account.LogGroup{Name: a.Group.Name, ARN: a.Group.ARN, Class: a.Group.Class, KeyID: a.Group.KeyID}}
}

func (a CreateLogGroup) rests(b *basis) { b.trailGroup(a.Group.Name) }

func (a CreateLogGroup) limits() error {
	const maxName = 512 // CreateLogGroup
	return first(within("characters in the name", len(a.Group.Name), maxName), within("tags", len(a.Group.Tags), maxTags))
}

func (a CreateLogGroup) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

func (a CreateLogGroup) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{ARN: a.Group.ARN}
	if have != nil && have.Retention == a.Group.Retention {
		return out, nil
	}
	out.Written = true
	write, cancel := change.Writing(ctx)
	defer cancel()
	if have == nil {
		e := change.Record[State]{Object: a.Object(), After: &State{LogGroup: &LogGroup{Class: a.Group.Class, KeyID: a.Group.KeyID}, Tags: &a.Group.Tags}}
		err := r.write(e, func() (string, error) { return a.Group.ARN, r.Calls.CreateLogGroup(write, a.Region, a.Group) })
		if errors.Is(err, ErrTaken) { // someone was faster: another run of ours, or a stranger
			_, err = a.now(ctx, r.Calls)
		}
		if err != nil {
			return Outcome{}, err
		}
	}
	forever := int32(0)
	e := change.Record[State]{Object: a.Object(), Before: &State{Retention: &forever}, After: &State{Retention: &a.Group.Retention}}
	err = r.write(e, func() (string, error) {
		return "", r.Calls.PutRetention(write, a.Region, a.Group.Name, a.Group.Retention)
	})
	var w *WriteError
	if errors.As(err, &w) {
		w.Before = "the log group was created"
	}
	return out, err
}

// now reads the log group, nil for none. One that is not ours, or ours and edited, is an
// error.
func (a CreateLogGroup) now(ctx context.Context, c Calls) (*account.TrailGroup, error) {
	have, err := c.LogGroup(ctx, a.Region, a.Group.Name, false)
	changed := func(what string) error {
		return &ChangedError{Resource: fmt.Sprintf("log group %q", a.Group.Name), Change: what}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("looking for log group %s: %w", a.Group.Name, err)
	case have == nil:
		return nil, nil //nolint:nilnil // there is none
	case !desired.OwnerByTags(have.Tags).Ours():
		return nil, changed("appeared")
	case have.Class != "" && have.Class != a.Group.Class || have.KeyID != a.Group.KeyID:
		return nil, changed("was created with other settings")
	case have.Retention != 0 && have.Retention != a.Group.Retention:
		return nil, changed("was given another retention")
	}
	return have, nil
}
