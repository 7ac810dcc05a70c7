package collect

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// TopicsAPI is the part of SNS that this package calls.
type TopicsAPI interface {
	GetTopicAttributes(context.Context, *sns.GetTopicAttributesInput, ...func(*sns.Options)) (*sns.GetTopicAttributesOutput, error)
	ListSubscriptionsByTopic(context.Context, *sns.ListSubscriptionsByTopicInput, ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error)
	GetSubscriptionAttributes(context.Context, *sns.GetSubscriptionAttributesInput, ...func(*sns.Options)) (*sns.GetSubscriptionAttributesOutput, error)
	ListTagsForResource(context.Context, *sns.ListTagsForResourceInput, ...func(*sns.Options)) (*sns.ListTagsForResourceOutput, error)
}

var _ TopicsAPI = (*sns.Client)(nil)

// topic reads a topic and its subscribers, and its tags when asked to. Nothing
// more is asked about a topic that does not exist.
func topic(ctx context.Context, api TopicsAPI, arn string, o Options, withTags bool) *account.Topic {
	t := &account.Topic{ARN: arn, Attributes: topicAttributes(ctx, api, arn)}
	if attributes, ok := t.Attributes.Got(); ok && attributes == nil {
		return t
	}
	t.Subscriptions = subscriptions(ctx, api, arn, o)
	if withTags {
		t.Tags = topicTags(ctx, api, arn)
	}
	return t
}

func topicAttributes(ctx context.Context, api TopicsAPI, arn string) *account.Read[*account.TopicAttributes] {
	const operation = "sns:GetTopicAttributes"
	out, err := api.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(arn)})
	if err != nil {
		return found[account.TopicAttributes](operation, nil, err)
	}
	return found(operation, &account.TopicAttributes{
		Owner:  out.Attributes["Owner"],
		Policy: out.Attributes["Policy"],
		KeyID:  out.Attributes["KmsMasterKeyId"],
		FIFO:   out.Attributes["FifoTopic"] == "true",
	}, nil)
}

// subscriptions lists the subscribers of a topic, with the attributes of the
// confirmed ones, as far as they are needed.
func subscriptions(ctx context.Context, api TopicsAPI, arn string, o Options) *account.Read[[]account.Subscription] {
	const operation = "sns:ListSubscriptionsByTopic"
	subs, err := Subscribers(ctx, api, arn, o.Salt)
	if err != nil {
		return answer[[]account.Subscription](operation, nil, err)
	}
	var confirmed []*account.Subscription
	for i := range subs {
		if subs[i].State == account.Confirmed {
			confirmed = append(confirmed, &subs[i])
		}
	}
	if o.EverySubscriber {
		each(ctx, len(confirmed), func(i int) { confirmed[i].Details = subscriptionDetails(ctx, api, confirmed[i].ARN) })
	} else {
		untilPerson(ctx, api, confirmed)
	}
	return answer(operation, some(subs), nil)
}

// untilPerson reads the attributes of subscriptions, those of people first, until one
// is found whom no filter policy keeps from messages. Who may not read one may read
// none of the topic's: the first refusal is the answer for all.
func untilPerson(ctx context.Context, api TopicsAPI, confirmed []*account.Subscription) {
	order := slices.Clone(confirmed)
	slices.SortStableFunc(order, func(a, b *account.Subscription) int {
		switch {
		case a.Machine() == b.Machine():
			return 0
		case b.Machine():
			return -1
		}
		return 1
	})
	for i, s := range order {
		if ctx.Err() != nil {
			return
		}
		s.Details = subscriptionDetails(ctx, api, s.ARN)
		f := s.Details.Failed()
		switch {
		case f != nil && (strings.HasPrefix(f.Code, "AccessDenied") || strings.HasPrefix(f.Code, "AuthorizationError")):
			for _, rest := range order[i+1:] {
				rest.Details = s.Details
			}
			return
		case s.Unfiltered() && !s.Machine():
			return
		}
	}
}

// SubscribersAPI is what Subscribers calls.
type SubscribersAPI interface {
	ListSubscriptionsByTopic(context.Context, *sns.ListSubscriptionsByTopicInput, ...func(*sns.Options)) (*sns.ListSubscriptionsByTopicOutput, error)
}

// Subscribers lists the subscribers of a topic without their details, all pages,
// sorted by what AWS says of them, endpoint included, before the endpoints are
// masked. The error is the SDK's.
func Subscribers(ctx context.Context, api SubscribersAPI, arn, salt string) ([]account.Subscription, error) {
	var list []types.Subscription
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := api.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(arn), NextToken: token})
		if err != nil {
			return nil, false, err
		}
		list = append(list, page.Subscriptions...)
		return page.NextToken, false, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b types.Subscription) int {
		return cmp.Or(
			cmp.Compare(aws.ToString(a.SubscriptionArn), aws.ToString(b.SubscriptionArn)),
			cmp.Compare(aws.ToString(a.Protocol), aws.ToString(b.Protocol)),
			cmp.Compare(aws.ToString(a.Endpoint), aws.ToString(b.Endpoint)))
	})
	subs := make([]account.Subscription, len(list))
	for i := range list {
		subs[i] = subscriptionFrom(list[i], salt)
	}
	return subs, nil
}

func subscriptionFrom(s types.Subscription, salt string) account.Subscription {
	protocol, endpoint := aws.ToString(s.Protocol), aws.ToString(s.Endpoint)
	sub := account.Subscription{
		State:        account.Pending,
		Protocol:     protocol,
		Endpoint:     account.MaskEndpoint(protocol, endpoint),
		EndpointHash: account.HashEndpoint(salt, protocol, endpoint),
	}
	// In place of an ARN SNS writes "PendingConfirmation" or "Deleted".
	switch arn := aws.ToString(s.SubscriptionArn); {
	case strings.HasPrefix(arn, "arn:"):
		sub.ARN, sub.State = arn, account.Confirmed
	case arn == "Deleted":
		sub.State = account.Deleted
	}
	return sub
}

func subscriptionDetails(ctx context.Context, api TopicsAPI, arn string) *account.Read[account.SubscriptionDetails] {
	out, err := api.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: aws.String(arn)})
	var d account.SubscriptionDetails
	if err == nil {
		d.FilterPolicy, d.FilterPolicyScope = out.Attributes["FilterPolicy"], out.Attributes["FilterPolicyScope"]
		d.Authenticated = out.Attributes["ConfirmationWasAuthenticated"]
	}
	return answer("sns:GetSubscriptionAttributes", d, err)
}

func topicTags(ctx context.Context, api TopicsAPI, arn string) *account.Read[map[string]string] {
	tags, err := TopicTags(ctx, api, arn)
	return answer("sns:ListTagsForResource", tags, err)
}

// TopicTagsAPI is what TopicTags calls.
type TopicTagsAPI interface {
	ListTagsForResource(context.Context, *sns.ListTagsForResourceInput, ...func(*sns.Options)) (*sns.ListTagsForResourceOutput, error)
}

// TopicTags returns the tags of a topic; nil when it has none. The error is the
// SDK's.
func TopicTags(ctx context.Context, api TopicTagsAPI, arn string) (map[string]string, error) {
	out, err := api.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: aws.String(arn)})
	if err != nil || len(out.Tags) == 0 {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}
