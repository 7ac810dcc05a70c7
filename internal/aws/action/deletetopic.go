package action

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteTopic removes a topic of ours, and whoever subscribes to it.
type DeleteTopic struct {
	change.Meta
	Topic  string // its name
	ARN    string
	Policy string // as it was read
	KeyID  string // as it was read
	Tags   map[string]string

	// Subscriptions are the ARNs of the confirmed subscribers that may go with
	// it; another one stops the deletion.
	Subscriptions []string
}

func (DeleteTopic) sealed() {}

// String returns "delete topic monitorctl-alerts (eu-central-1)".
func (a DeleteTopic) String() string { return fmt.Sprintf("delete topic %s (%s)", a.Topic, a.Region) }

// Kind returns "delete-topic".
func (DeleteTopic) Kind() string { return "delete-topic" }

// Name returns the topic's name.
func (a DeleteTopic) Name() string { return a.Topic }

// New returns false.
func (DeleteTopic) New() bool { return false }

// Place is the last.
func (DeleteTopic) Place() Place { return deletesTopic }

// Object returns the topic.
func (a DeleteTopic) Object() change.Object { return TopicObject(a.Region, a.ARN) }

// Closing sets the controls that the action is about.
func (a DeleteTopic) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (DeleteTopic) Calls() []string { return []string{"sns:DeleteTopic"} }

// Cost is nothing.
func (DeleteTopic) Cost() change.Cost { return change.Cost{} }

// Fields has the topic's ARN and tags.
func (a DeleteTopic) Fields(bool) []change.Field {
	return change.Gone([]change.Setting{{Name: "arn", Value: a.ARN}, {Name: "tags", Value: pairs(a.Tags)}})
}

// Saved holds the state of the topic.
func (a DeleteTopic) Saved() change.Saved { return change.Saved{Name: a.Topic, Before: a.state()} }

func (a DeleteTopic) state() *State {
	return &State{Topic: &Topic{ARN: a.ARN, KeyID: a.KeyID}, Policy: &a.Policy, Tags: &a.Tags}
}

func (a DeleteTopic) simulate(d *draft) {
	if region := d.of(a); region.Topics != nil {
		region.Topics[a.ARN] = &account.Topic{ARN: a.ARN, Attributes: &account.Read[*account.TopicAttributes]{}}
	}
}

func (a DeleteTopic) rests(b *basis) { b.topic(a.ARN) }

func (DeleteTopic) limits() error { return nil }

func (a DeleteTopic) check(ctx context.Context, s *sight) error {
	_, err := a.look(ctx, s.calls)
	return err
}

func (a DeleteTopic) apply(ctx context.Context, r *Run) (Outcome, error) {
	e := change.Record[State]{Object: a.Object(), Before: a.state()}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.DeleteTopic(ctx, a.Region, a.ARN) })
}

// look reports whether the topic was created; an error when it is not as the plan
// saw it, or has a subscriber that the plan did not see.
func (a DeleteTopic) look(ctx context.Context, c Calls) (bool, error) {
	changed := func(what string) error { return &ChangedError{fmt.Sprintf("topic %q", a.Topic), what} }
	attributes, err := c.TopicAttributes(ctx, a.Region, a.ARN)
	if errors.Is(err, ErrNotThere) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if attributes["Policy"] != a.Policy {
		return false, changed("was given another policy")
	}
	tags, err := c.TopicTags(ctx, a.Region, a.ARN)
	if errors.Is(err, ErrNotThere) {
		return false, nil // someone was faster
	}
	if err != nil {
		return false, err
	}
	if !maps.Equal(tags, a.Tags) {
		return false, changed("was given other tags")
	}
	list, err := c.Subscribers(ctx, a.Region, a.ARN, "")
	if errors.Is(err, ErrNotThere) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, s := range list {
		if s.State == account.Confirmed && !slices.Contains(a.Subscriptions, s.ARN) {
			return false, changed("has gained a subscriber")
		}
	}
	return true, nil
}
