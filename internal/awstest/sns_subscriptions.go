package awstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// tokenLife is how long a subscription can be confirmed; after that it is gone.
// Source: SNS API reference, Subscribe.
const tokenLife = 48 * time.Hour

// deletedLife is how long a subscription that its e-mail reader cancelled is
// still listed. The length is undocumented; 72 hours is what users report.
const deletedLife = 72 * time.Hour

// Statuses of subscriptions.
const (
	statusConfirmed = "confirmed"
	statusPending   = "pending"
	statusDeleted   = "deleted"
	statusGone      = "gone" // not listed any more
)

// A subscription is a subscriber of a topic.
type subscription struct {
	arn           string
	topic         string
	owner         string
	protocol      string
	endpoint      string
	attributes    map[string]string
	confirmed     bool
	token         string
	requested     time.Time // of the last confirmation message
	deleted       time.Time // by its reader; zero if not
	authenticated bool      // unsubscribing needs credentials
	serial        int       // order of creation
}

func (s *subscription) status(now time.Time) string {
	switch {
	case !s.deleted.IsZero() && now.Sub(s.deleted) >= deletedLife, !s.confirmed && now.Sub(s.requested) >= tokenLife:
		return statusGone
	case !s.deleted.IsZero():
		return statusDeleted
	case s.confirmed:
		return statusConfirmed
	default:
		return statusPending
	}
}

type subscriptionARN struct {
	SubscriptionARN string `json:"SubscriptionArn" required:""`
}

func (c *call) findSubscription(arn string) (*subscription, *Region, error) {
	p, ok := splitARN(arn)
	if !ok || strings.Count(p.resource, ":") != 1 {
		return nil, nil, errSNS(fmt.Sprintf("SubscriptionArn Reason: An ARN must have at least 6 elements, not %d", strings.Count(arn, ":")+1))
	}
	if p.region != c.region.name {
		return nil, nil, errSNS("SubscriptionArn")
	}
	home := c.region // may be a stale view
	if p.account != c.account.id {
		home = c.locate(p)
	}
	if home != nil {
		if s := home.subs[arn]; s != nil && s.status(c.now) != statusGone {
			return s, home, nil
		}
	}
	return nil, nil, errorWithStatus(404, "NotFound", "Subscription does not exist")
}

type subscriptionEntry struct {
	SubscriptionARN string `json:"SubscriptionArn"` // PendingConfirmation, Deleted instead where it applies
	Owner           string `json:"Owner"`
	Protocol        string `json:"Protocol"`
	Endpoint        string `json:"Endpoint"`
	TopicARN        string `json:"TopicArn"`
}

type listSubscriptionsOutput struct {
	Subscriptions []subscriptionEntry `json:"Subscriptions"`
	NextToken     string              `json:"NextToken,omitempty"`
}

type listByTopicInput struct {
	TopicARN  string `json:"TopicArn" required:""`
	NextToken string `json:"NextToken,omitempty"`
}

func listSubscriptionsByTopic(c *call, in *listByTopicInput) (*listSubscriptionsOutput, error) {
	t, home, err := c.findTopic(in.TopicARN, "ListSubscriptionsByTopic")
	if err != nil {
		return nil, err
	}
	return c.listSubscriptionsOf(home, t.arn, "ListSubscriptionsByTopic"+t.arn, in.NextToken)
}

func listSubscriptions(c *call, in *nextToken) (*listSubscriptionsOutput, error) {
	return c.listSubscriptionsOf(c.region, "", "ListSubscriptions", in.NextToken)
}

// listSubscriptionsOf lists subscriptions in the order in which they were made,
// 100 a page.
func (c *call) listSubscriptionsOf(home *Region, topic, op, token string) (*listSubscriptionsOutput, error) {
	after, ok := readToken(op, token)
	if !ok {
		return nil, errSNS("NextToken")
	}
	var list []*subscription
	for _, s := range home.subs {
		if (topic == "" || s.topic == topic) && s.status(c.now) != statusGone {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b *subscription) int { return a.serial - b.serial })
	cut, next := page(c.Cloud, list, func(s *subscription) string { return fmt.Sprintf("%09d", s.serial) }, after, 100)
	out := &listSubscriptionsOutput{Subscriptions: []subscriptionEntry{}, NextToken: newToken(op, next)}
	for _, s := range cut {
		out.Subscriptions = append(out.Subscriptions, subscriptionEntry{s.listedARN(c.now), s.owner, s.protocol, s.endpoint, s.topic})
	}
	return out, nil
}

func (s *subscription) listedARN(now time.Time) string {
	switch s.status(now) {
	case statusPending:
		return "PendingConfirmation"
	case statusDeleted:
		return "Deleted"
	default:
		return s.arn
	}
}

func getSubscriptionAttributes(c *call, in *subscriptionARN) (*topicAttributesOutput, error) {
	s, _, err := c.findSubscription(in.SubscriptionARN)
	if err != nil {
		return nil, err
	}
	out := map[string]string{
		"SubscriptionArn":              s.arn,
		"TopicArn":                     s.topic,
		"Owner":                        s.owner,
		"Protocol":                     s.protocol,
		"Endpoint":                     s.endpoint,
		"PendingConfirmation":          fmt.Sprint(!s.confirmed),
		"ConfirmationWasAuthenticated": fmt.Sprint(s.authenticated),
		"RawMessageDelivery":           "false",
	}
	maps.Copy(out, s.attributes)
	if out["FilterPolicy"] == "" {
		delete(out, "FilterPolicy")
	} else if out["FilterPolicyScope"] == "" {
		out["FilterPolicyScope"] = "MessageAttributes"
	}
	return &topicAttributesOutput{out}, nil
}

type setSubscriptionAttributesInput struct {
	SubscriptionARN string `json:"SubscriptionArn" required:""`
	AttributeName   string `json:"AttributeName" required:""`
	AttributeValue  string `json:"AttributeValue"`
}

// SetSubscriptionAttribute sets one attribute of a subscription, for example
// FilterPolicy.
func (r *Region) SetSubscriptionAttribute(arn, name, value string) error {
	return seedOnly[none](r, snsService, "SetSubscriptionAttributes", &setSubscriptionAttributesInput{arn, name, value})
}

func setSubscriptionAttributes(c *call, in *setSubscriptionAttributesInput) (*none, error) {
	old, home, err := c.findSubscription(in.SubscriptionARN)
	if err != nil {
		return nil, err
	}
	if err := checkSubscriptionAttribute(in.AttributeName, in.AttributeValue); err != nil {
		return nil, err
	}
	s := *old
	s.attributes = maps.Clone(old.attributes)
	s.attributes[in.AttributeName] = in.AttributeValue
	home.subs[s.arn] = &s
	return &none{}, nil
}
