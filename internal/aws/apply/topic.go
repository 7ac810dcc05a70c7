package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	policies "github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// createTopic makes the topic with its tags, so that it is known as ours even
// if the run dies behind it, and then sets its policy.
func (r *runner) createTopic(ctx context.Context, a plan.CreateTopic) (Outcome, error) {
	have, err := r.topicNow(ctx, a)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{ARN: a.ARN}
	if have != nil && sameJSON(have.policy, a.Policy) {
		return out, nil
	}
	out.Written = true
	write, cancel := writing(ctx)
	defer cancel()
	api := r.clients.topics(a.Region)
	if have == nil {
		if err := r.makeTopic(write, api, a); err != nil {
			return Outcome{}, err
		}
	}
	// The policy that is replaced is the one that SNS gives: topicNow saw to it.
	if err := r.setPolicy(write, a.Region, a.ARN, "", a.Policy); err != nil {
		var w *WriteError
		if errors.As(err, &w) {
			w.Before = "the topic is there"
		}
		return Outcome{}, err
	}
	return out, nil
}

// setPolicy replaces a topic's policy; before "" stands for SNS's own.
func (r *runner) setPolicy(ctx context.Context, region, arn, before, policy string) error {
	e := journal.Entry{Object: topicObject(region, arn), Before: &journal.State{Policy: &before}, After: &journal.State{Policy: &policy}}
	return r.record(e, "sns:SetTopicAttributes", func() (string, error) {
		_, err := r.clients.topics(region).SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{
			TopicArn: aws.String(arn), AttributeName: aws.String("Policy"), AttributeValue: aws.String(policy),
		})
		return "", err
	})
}

func (r *runner) makeTopic(ctx context.Context, api TopicsAPI, a plan.CreateTopic) error {
	var made string
	e := journal.Entry{Object: topicObject(a.Region, a.ARN), After: &journal.State{Topic: &journal.Topic{ARN: a.ARN, KeyID: a.KeyID}, Tags: &a.Tags}}
	err := r.record(e, "sns:CreateTopic", func() (string, error) {
		in := &sns.CreateTopicInput{Name: aws.String(a.Name), Tags: topicTags(a.Tags)}
		if a.KeyID != "" {
			in.Attributes = map[string]string{"KmsMasterKeyId": a.KeyID}
		}
		out, err := api.CreateTopic(ctx, in)
		if err == nil {
			made = aws.ToString(out.TopicArn)
		}
		return made, err
	})
	switch {
	case isOtherTopic(err):
		// Somebody was faster: another run of ours, or a stranger.
		have, err := r.topicNow(ctx, a)
		if err == nil && have == nil {
			err = changedTopic(a, "appeared and disappeared")
		}
		return err
	case err != nil:
		return err
	case made != a.ARN:
		return fmt.Errorf("sns:CreateTopic made %s where the plan has %s", made, a.ARN)
	}
	return nil
}

// isOtherTopic recognises "Topic already exists with different tags" (or
// attributes): InvalidParameter with that text in the message.
func isOtherTopic(err error) bool {
	return err != nil && strings.HasPrefix(collect.Code(err), "InvalidParameter") &&
		strings.Contains(collect.Message(err), "already exists with different")
}

// A topicState is what decides whether our topic can be finished.
type topicState struct{ policy string }

// topicNow reads what stands under the topic's name; nil when it is free. A
// topic that is not ours, or ours with a policy that somebody edited, is an
// error.
func (r *runner) topicNow(ctx context.Context, a plan.CreateTopic) (*topicState, error) {
	api := r.clients.topics(a.Region)
	out, err := api.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(a.ARN)})
	if collect.NotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for topic %s: %w", a.Name, collect.Explain("sns:GetTopicAttributes", err))
	}
	tags, err := collect.TopicTags(ctx, api, a.ARN)
	if err != nil {
		return nil, fmt.Errorf("asking whose topic %s is: %w", a.Name, collect.Explain("sns:ListTagsForResource", err))
	}
	if tags[plan.ManagedTag] != "true" {
		return nil, changedTopic(a, "appeared")
	}
	if out.Attributes["KmsMasterKeyId"] != a.KeyID {
		return nil, changedTopic(a, "was given another key")
	}
	policy := out.Attributes["Policy"]
	if !sameJSON(policy, a.Policy) && !policies.IsDefault(policy) {
		return nil, changedTopic(a, "was given another policy")
	}
	return &topicState{policy}, nil
}

func changedTopic(a plan.CreateTopic, change string) error {
	return &ChangedError{Resource: fmt.Sprintf("topic %q", a.Name), Change: change}
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func topicTags(tags map[string]string) []types.Tag {
	var l []types.Tag
	for _, k := range sortedKeys(tags) {
		l = append(l, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return l
}

// confirmable are the protocols whose subscribers must confirm. (An SQS queue
// or a Lambda function of the own account is confirmed by SNS itself.)
var confirmable = map[string]bool{"email": true, "email-json": true, "http": true, "https": true}

// subscribe adds a subscriber. SNS answers a second time with the same
// subscription, so nothing need be asked before, except for the journal.
func (r *runner) subscribe(ctx context.Context, a plan.Subscribe) (Outcome, error) {
	e := journal.Entry{
		Object: subscriptionObject(r.salt(), a.Region, a.TopicARN, a.Protocol, a.Endpoint),
		After:  &journal.State{Subscription: &journal.Subscription{Protocol: a.Protocol, Endpoint: account.MaskEndpoint(a.Protocol, a.Endpoint)}},
	}
	if r.journal != nil {
		have, err := r.subscriberNow(ctx, a)
		if have != nil {
			return Outcome{Pending: have.State == account.Pending, ARN: have.ARN}, nil
		}
		e.BeforeUnknown = err != nil
	}
	out := Outcome{Pending: confirmable[a.Protocol]}
	ctx, cancel := writing(ctx)
	defer cancel()
	err := r.record(e, "sns:Subscribe", func() (string, error) {
		made, err := r.clients.topics(a.Region).Subscribe(ctx, &sns.SubscribeInput{
			TopicArn: aws.String(a.TopicARN), Protocol: aws.String(a.Protocol), Endpoint: aws.String(a.Endpoint),
			ReturnSubscriptionArn: true,
		})
		if err == nil {
			out.ARN = aws.ToString(made.SubscriptionArn)
		}
		return out.ARN, err
	})
	if err != nil {
		return Outcome{}, err
	}
	out.Written = true
	return out, nil
}

// subscriberNow looks for the subscriber on the topic; nil when it is not there.
func (r *runner) subscriberNow(ctx context.Context, a plan.Subscribe) (*account.Subscription, error) {
	list, err := collect.Subscribers(ctx, r.clients.topics(a.Region), a.TopicARN, r.salt())
	if err != nil {
		return nil, err
	}
	hash := account.HashEndpoint(r.salt(), a.Protocol, a.Endpoint)
	for _, s := range list {
		if s.EndpointHash == hash && s.State != account.Deleted {
			return &s, nil
		}
	}
	return nil, nil
}
