package action

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// What a trail costs. Source: AWS CloudTrail pricing, as of 2026.
const (
	firstCopy   = "trail: free (first copy)"
	furtherCopy = "trail: USD 2.00 per 100,000 events (a further copy)"
)

// CreateTrail makes a trail with its tags, lets it record every management event and
// starts it. A trail that cannot be finished is taken back: CloudTrail would try to deliver
// for thirty days, and bill it.
type CreateTrail struct {
	change.Meta
	Trail account.OwnTrail // as it will be
	Copy  bool             // another trail records the same events already
}

func (CreateTrail) sealed() {}

// String returns "create trail monitorctl (eu-central-1)".
func (a CreateTrail) String() string {
	return fmt.Sprintf("create trail %s (%s)", a.Trail.Name, a.Region)
}

// Kind returns "create-trail".
func (CreateTrail) Kind() string { return "create-trail" }

// Name returns the trail's name.
func (a CreateTrail) Name() string { return a.Trail.Name }

// New returns true: a trail that a run left unfinished counts as none.
func (CreateTrail) New() bool { return true }

// Place is behind what the trail needs.
func (CreateTrail) Place() Place { return createsTrail }

// Object returns the trail.
func (a CreateTrail) Object() change.Object { return TrailObject(a.Region, a.Trail.ARN) }

// Closing sets the controls that the action helps.
func (a CreateTrail) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that write; DeleteTrail takes an unfinished one back.
func (CreateTrail) Calls() []string {
	return []string{"cloudtrail:CreateTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StartLogging", "cloudtrail:DeleteTrail"}
}

// Cost is nothing for the first copy of the events.
func (a CreateTrail) Cost() change.Cost {
	if a.Copy {
		return change.Cost{Usage: []string{furtherCopy}}
	}
	return change.Cost{Usage: []string{firstCopy}}
}

// Fields has the settings.
func (a CreateTrail) Fields(bool) []change.Field { return change.Created(TrailSettings(a.Trail)) }

// TrailSettings are the settings of a trail in words.
func TrailSettings(t account.OwnTrail) []change.Setting {
	var records []string
	for _, s := range t.Selectors.Basic {
		if s.ManagementEvents {
			records = append(records, strings.ToLower(s.ReadWriteType)+" management events")
		}
	}
	if len(t.Selectors.Advanced) > 0 {
		records = append(records, "advanced selectors")
	}
	return []change.Setting{
		{Name: "bucket", Value: t.Bucket},
		{Name: "regions", Value: words(t.MultiRegion, "all", "its own")},
		{Name: "global services", Value: words(t.Global, "yes", "no")},
		{Name: "validation", Value: words(t.Validation, "yes", "no")},
		{Name: "organization", Value: words(t.Org, "all of its accounts", "")},
		{Name: "key", Value: t.KeyID},
		{Name: "log group", Value: t.Delivery.LogGroupARN},
		{Name: "role", Value: t.Delivery.RoleARN},
		{Name: "records", Value: strings.Join(records, ", ")},
		{Name: "logging", Value: words(t.Logging, "yes", "no")},
		{Name: "tags", Value: pairs(t.Tags)},
	}
}

func words(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

// Saved holds the whole trail.
func (a CreateTrail) Saved() change.Saved { return change.Saved{Name: a.Trail.Name, After: a.Trail} }

func (a CreateTrail) simulate(d *draft) { d.setTrail(a.Trail, true) }

func (a CreateTrail) rests(b *basis) { b.ownTrail(a.Trail.ARN) }

func (a CreateTrail) limits() error { return within("tags", len(a.Trail.Tags), maxTags) }

func (a CreateTrail) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

func (a CreateTrail) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{ARN: a.Trail.ARN, Written: have == nil}
	write, cancel := change.Writing(ctx)
	defer cancel()
	made := false
	if have == nil {
		have, made, err = a.make(ctx, write, r)
	}
	if err == nil {
		var wrote bool
		wrote, err = r.finishTrail(write, a.Region, *have, a.Trail)
		out.Written = out.Written || wrote
	}
	var w *WriteError
	switch unsure := errors.As(err, &w) && w.Uncertain; {
	case err == nil:
		return out, nil
	case !made || unsure || ctx.Err() != nil: // the next run goes on
		return Outcome{}, err
	}
	return Outcome{}, a.takeBack(write, r, err)
}

// takeBack removes a trail that was made a moment ago and cannot be finished. It returns
// the reason with what became of the trail.
func (a CreateTrail) takeBack(ctx context.Context, r *Run, why error) error {
	whole := TrailState(a.Trail)
	e := change.Record[State]{Object: a.Object(), Before: &State{Trail: whole.Trail, Delivery: whole.Delivery, Tags: whole.Tags}}
	if back := r.write(e, func() (string, error) { return "", r.Calls.DeleteTrail(ctx, a.Region, a.Trail.ARN) }); back != nil {
		return errors.Join(why, fmt.Errorf("the unfinished trail %s remains: %w", a.Trail.Name, back))
	}
	return fmt.Errorf("%s: %w", takenBack, why)
}

// make creates the trail and returns it as it is then, and whether it is this call's.
func (a CreateTrail) make(ctx, write context.Context, r *Run) (have *account.OwnTrail, made bool, err error) {
	whole := TrailState(a.Trail)
	e := change.Record[State]{Object: a.Object(), After: &State{Trail: whole.Trail, Delivery: whole.Delivery, Tags: whole.Tags}}
	err = r.write(e, func() (string, error) {
		return a.Trail.ARN, r.patiently(ctx, func() error { return r.Calls.CreateTrail(write, a.Region, a.Trail) })
	})
	if err != nil && !errors.Is(err, ErrTaken) {
		return nil, false, err
	}
	made = err == nil
	if have, err = a.now(write, r.Calls); err == nil && have == nil {
		err = a.changed("appeared and disappeared")
	}
	return have, made, err
}

// finishTrail writes what a trail of ours lacks of what it will be: delivery, selectors,
// logging. It reports whether it has written something.
func (r *Run) finishTrail(ctx context.Context, region string, have, want account.OwnTrail) (wrote bool, err error) {
	o := TrailObject(region, want.ARN)
	step := func(before, after State, call func() error) {
		if err == nil {
			err = r.write(change.Record[State]{Object: o, Before: &before, After: &after}, func() (string, error) { return "", call() })
			wrote = wrote || err == nil
		}
	}
	if have.Delivery != want.Delivery {
		step(State{Delivery: &have.Delivery}, State{Delivery: &want.Delivery}, func() error {
			return r.patiently(ctx, func() error { return r.Calls.SetDelivery(ctx, region, want.ARN, want.Delivery) })
		})
	}
	if !sameSelectors(have.Selectors, want.Selectors) && len(want.Selectors.Basic) > 0 {
		step(State{Selectors: &have.Selectors}, State{Selectors: &want.Selectors}, func() error {
			return r.Calls.PutSelectors(ctx, region, want.ARN, want.Selectors)
		})
	}
	if have.Logging != want.Logging {
		call := r.Calls.StartLogging
		if have.Logging {
			call = r.Calls.StopLogging
		}
		step(State{Logging: &have.Logging}, State{Logging: &want.Logging}, func() error { return call(ctx, region, want.ARN) })
	}
	return wrote, err
}

// now reads the trail, nil for none. One that is not ours, or ours and edited, is an
// error.
func (a CreateTrail) now(ctx context.Context, c Calls) (*account.OwnTrail, error) {
	have, err := c.Trail(ctx, a.Region, a.Trail.ARN)
	switch {
	case err != nil:
		return nil, fmt.Errorf("looking for trail %s: %w", a.Trail.Name, err)
	case have == nil:
		return nil, nil //nolint:nilnil // there is none
	case !desired.OwnerByTags(have.Tags).Ours():
		return nil, a.changed("appeared")
	case !sameIdentity(*have, a.Trail) || have.Delivery != a.Trail.Delivery:
		return nil, a.changed("was created with other settings")
	}
	return have, nil
}

// sameIdentity compares what no write of ours changes.
func sameIdentity(x, y account.OwnTrail) bool { return *TrailState(x).Trail == *TrailState(y).Trail }

func (a CreateTrail) changed(what string) error { return changedTrail(a.Trail.Name, what) }

func changedTrail(name, what string) error {
	return &ChangedError{Resource: fmt.Sprintf("trail %q", name), Change: what}
}
