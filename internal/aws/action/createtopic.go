package action

import (
	"context"
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/change"
)

// CreateTopic makes an SNS topic with its tags, so that it is known as ours even
// if the run dies behind it, and then sets its policy.
type CreateTopic struct {
	change.Meta
	Topic  string // its name
	ARN    string // that the topic will have
	Policy string // JSON document
	KeyID  string // ARN of the KMS key; "" for none
	Tags   map[string]string
}

func (CreateTopic) sealed() {}

// String returns "create topic monitorctl-alerts (eu-central-1)".
func (a CreateTopic) String() string { return fmt.Sprintf("create topic %s (%s)", a.Topic, a.Region) }

// Kind returns "create-topic".
func (CreateTopic) Kind() string { return "create-topic" }

// Name returns the topic's name.
func (a CreateTopic) Name() string { return a.Topic }

// New returns true: the policy that SNS gave to a topic which a run left
// unfinished counts as none.
func (CreateTopic) New() bool { return true }

// Place is the first.
func (CreateTopic) Place() Place { return createsTopic }

// Object returns the topic.
func (a CreateTopic) Object() change.Object { return TopicObject(a.Region, a.ARN) }

// Closing sets the controls that the action helps.
func (a CreateTopic) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that write.
func (CreateTopic) Calls() []string { return []string{"sns:CreateTopic", "sns:SetTopicAttributes"} }

// Cost is nothing.
func (CreateTopic) Cost() change.Cost { return change.Cost{} }

// Fields has the policy in words unless all is asked for.
func (a CreateTopic) Fields(all bool) []change.Field {
	doc := a.Policy
	if !all {
		doc = "SNS's default, and " + a.mayPublish() + " may publish (--verbose shows the policy)"
	}
	return change.Created([]change.Setting{{Name: "arn", Value: a.ARN}, {Name: "policy", Value: doc}, {Name: "key", Value: a.KeyID}, {Name: "tags", Value: pairs(a.Tags)}})
}

// mayPublish says in words whom the policy lets publish.
func (a CreateTopic) mayPublish() string {
	arn, _ := account.ParseARN(a.ARN)
	switch by, _ := policy.PublishersOf(a.Policy, a.ARN, arn.Account, arn.Partition); by {
	case policy.Rules:
		return "rules of EventBridge"
	case policy.Alarms | policy.Rules:
		return "alarms of account " + a.Account + " and rules of EventBridge"
	}
	return "alarms of account " + a.Account
}

// Saved holds the whole topic.
func (a CreateTopic) Saved() change.Saved {
	return change.Saved{Name: a.Topic, After: struct {
		ARN    string            `json:"arn"`
		Policy string            `json:"policy"`
		KeyID  string            `json:"keyId,omitempty"`
		Tags   map[string]string `json:"tags"`
	}{a.ARN, a.Policy, a.KeyID, a.Tags}}
}

func (a CreateTopic) simulate(d *draft) {
	region := d.of(a)
	if region.Topics == nil {
		region.Topics = map[string]*account.Topic{}
	}
	if attributes := attributesOf(region, a.ARN); attributes != nil { // it is finished
		attributes.Policy = a.Policy
		return
	}
	arn, _ := account.ParseARN(a.ARN)
	region.Topics[a.ARN] = &account.Topic{
		ARN:           a.ARN,
		Attributes:    &account.Read[*account.TopicAttributes]{Value: &account.TopicAttributes{Owner: arn.Account, Policy: a.Policy, KeyID: a.KeyID}},
		Subscriptions: &account.Read[[]account.Subscription]{},
		Tags:          &account.Read[map[string]string]{Value: a.Tags},
	}
}

func (a CreateTopic) rests(b *basis) { b.topic(a.ARN) }

func (a CreateTopic) limits() error { return within("tags", len(a.Tags), maxTags) }

func (a CreateTopic) check(ctx context.Context, s *sight) error {
	_, _, err := a.now(ctx, s.calls)
	return err
}

func (a CreateTopic) apply(ctx context.Context, r *Run) (Outcome, error) {
	there, have, err := a.now(ctx, r.Calls)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{ARN: a.ARN}
	if there && account.SameJSON(have, a.Policy) {
		return out, nil
	}
	out.Written = true
	write, cancel := change.Writing(ctx)
	defer cancel()
	if !there {
		if err := a.make(write, r); err != nil {
			return Outcome{}, err
		}
	}
	// The policy that is replaced is the one that SNS gives: now saw to it.
	err = r.write(policyRecord(a.Region, a.ARN, "", a.Policy), func() (string, error) {
		return "", r.Calls.SetTopicPolicy(write, a.Region, a.ARN, a.Policy)
	})
	if err != nil {
		var w *WriteError
		if errors.As(err, &w) {
			w.Before = "the topic was created"
		}
		return Outcome{}, err
	}
	return out, nil
}

func (a CreateTopic) make(ctx context.Context, r *Run) error {
	var made string
	e := change.Record[State]{Object: a.Object(), After: &State{Topic: &Topic{ARN: a.ARN, KeyID: a.KeyID}, Tags: &a.Tags}}
	err := r.write(e, func() (_ string, err error) {
		made, err = r.Calls.CreateTopic(ctx, a.Region, a.Topic, a.KeyID, a.Tags)
		return made, err
	})
	switch {
	case errors.Is(err, ErrTaken):
		// Someone was faster: another run of ours, or a stranger.
		there, _, err := a.now(ctx, r.Calls)
		if err == nil && !there {
			err = a.changed("appeared and disappeared")
		}
		return err
	case err != nil:
		return err
	case made != a.ARN:
		return fmt.Errorf("sns:CreateTopic created %s, but the plan has %s", made, a.ARN)
	}
	return nil
}

// now reads what stands under the topic's name: whether one is there, and its
// policy. A topic that is not ours, or ours with a policy that someone edited,
// is an error.
func (a CreateTopic) now(ctx context.Context, c Calls) (there bool, doc string, err error) {
	attributes, err := c.TopicAttributes(ctx, a.Region, a.ARN)
	if errors.Is(err, ErrNotThere) {
		return false, "", nil
	}
	if err != nil {
		return false, "", fmt.Errorf("looking for topic %s: %w", a.Topic, err)
	}
	tags, err := c.TopicTags(ctx, a.Region, a.ARN)
	if err != nil {
		return false, "", fmt.Errorf("reading the tags of topic %s: %w", a.Topic, err)
	}
	doc = attributes["Policy"]
	switch {
	case !desired.OwnerByTags(tags).Ours():
		return true, doc, a.changed("appeared")
	case attributes["KmsMasterKeyId"] != a.KeyID:
		return true, doc, a.changed("was given another key")
	case !account.SameJSON(doc, a.Policy) && !policy.IsDefault(doc):
		return true, doc, a.changed("was given another policy")
	}
	return true, doc, nil
}

func (a CreateTopic) changed(what string) error {
	return &ChangedError{Resource: fmt.Sprintf("topic %q", a.Topic), Change: what}
}
