package action

import (
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// SetTopicPolicy replaces the policy of a topic that exists.
type SetTopicPolicy struct {
	change.Meta
	TopicARN string
	Policy   string // JSON document
	Before   string // as it was read
}

func (SetTopicPolicy) sealed() {}

// String returns "set the policy of topic security (eu-central-1)".
func (a SetTopicPolicy) String() string {
	return fmt.Sprintf("set the policy of topic %s (%s)", a.Name(), a.Region)
}

// Kind returns "set-topic-policy".
func (SetTopicPolicy) Kind() string { return "set-topic-policy" }

// Name returns the topic's name.
func (a SetTopicPolicy) Name() string { return lastPart(a.TopicARN) }

// New returns false.
func (SetTopicPolicy) New() bool { return false }

// Place is behind new topics.
func (SetTopicPolicy) Place() Place { return setsPolicy }

// Object returns the topic.
func (a SetTopicPolicy) Object() change.Object { return TopicObject(a.Region, a.TopicARN) }

// Closing sets the controls that the action helps.
func (a SetTopicPolicy) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (SetTopicPolicy) Calls() []string { return []string{"sns:SetTopicAttributes"} }

// Cost is nothing.
func (SetTopicPolicy) Cost() change.Cost { return change.Cost{} }

// Fields has both policies.
func (a SetTopicPolicy) Fields(bool) []change.Field {
	return change.Differences([]change.Setting{{Name: "policy", Value: a.Before}}, []change.Setting{{Name: "policy", Value: a.Policy}})
}

// Saved holds both policies.
func (a SetTopicPolicy) Saved() change.Saved {
	type object struct {
		Policy string `json:"policy"`
	}
	return change.Saved{Name: a.TopicARN, Before: object{a.Before}, After: object{a.Policy}}
}

func (a SetTopicPolicy) simulate(d *draft) {
	if attributes := attributesOf(d.of(a), a.TopicARN); attributes != nil {
		attributes.Policy = a.Policy
	}
}

func (a SetTopicPolicy) rests(b *basis) { b.topic(a.TopicARN) }

func (SetTopicPolicy) limits() error { return nil }

func (a SetTopicPolicy) check(ctx context.Context, s *sight) error {
	_, err := a.done(ctx, s.calls)
	return err
}

func (a SetTopicPolicy) apply(ctx context.Context, r *Run) (Outcome, error) {
	done, err := a.done(ctx, r.Calls)
	out := Outcome{ARN: a.TopicARN}
	if err != nil || done {
		return out, err
	}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	err = r.write(policyRecord(a.Region, a.TopicARN, a.Before, a.Policy), func() (string, error) {
		return "", r.Calls.SetTopicPolicy(ctx, a.Region, a.TopicARN, a.Policy)
	})
	out.Written = err == nil
	return out, err
}

// done reports whether the topic has the planned policy already; an error when it
// has neither that nor the one that the plan saw.
func (a SetTopicPolicy) done(ctx context.Context, c Calls) (bool, error) {
	attributes, err := c.TopicAttributes(ctx, a.Region, a.TopicARN)
	if err != nil {
		return false, err
	}
	switch have := attributes["Policy"]; {
	case account.SameJSON(have, a.Policy):
		return true, nil
	case have != a.Before:
		return false, &ChangedError{fmt.Sprintf("topic %q", a.TopicARN), "was given another policy"}
	}
	return false, nil
}
