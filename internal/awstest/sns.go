package awstest

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// snsService is the Simple Notification Service, API 2010-03-31.
var snsService = &service{
	name: "sns", iam: "sns", version: "2010-03-31", xmlns: "http://sns.amazonaws.com/doc/2010-03-31/",
	errors: queryFamily.with(family{denied: {Code: "AuthorizationError"}, internal: {Code: "InternalError"}}),
	ops: map[string]handler{
		"CreateTopic":               writes(createTopic),
		"DeleteTopic":               writes(deleteTopic),
		"GetTopicAttributes":        reads(getTopicAttributes),
		"SetTopicAttributes":        writes(setTopicAttributes),
		"ListTopics":                reads(listTopics),
		"ListTagsForResource":       reads(listTopicTags),
		"TagResource":               writes(tagTopic),
		"UntagResource":             writes(untagTopic),
		"Subscribe":                 writes(subscribe),
		"ConfirmSubscription":       writes(confirmSubscription),
		"Unsubscribe":               writes(unsubscribe),
		"ListSubscriptions":         reads(listSubscriptions),
		"ListSubscriptionsByTopic":  reads(listSubscriptionsByTopic),
		"GetSubscriptionAttributes": reads(getSubscriptionAttributes),
		"SetSubscriptionAttributes": writes(setSubscriptionAttributes),
		"Publish":                   writes(publishByAPI),
	},
}

// A topic is an SNS topic.
type topic struct {
	name       string
	arn        string
	owner      string
	attributes map[string]string // as they were set; replaced as a whole
	tags       map[string]string
}

// CreateTopicInput is the input of sns:CreateTopic.
type CreateTopicInput struct {
	Name       string            `json:"Name,omitempty" required:""`
	Attributes map[string]string `json:"Attributes,omitempty"`
	Tags       []Tag             `json:"Tags,omitempty" length:"0-50"`
}

type topicARN struct {
	TopicARN string `json:"TopicArn" required:""`
}

// CreateTopic creates a topic, or finds the one of that name, and returns its
// ARN.
func (r *Region) CreateTopic(in CreateTopicInput) (arn string, err error) {
	out, err := seed[topicARN](r, snsService, "CreateTopic", &in)
	return out.TopicARN, err
}

var topicNamePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`) })

func createTopic(c *call, in *CreateTopicInput) (*topicARN, error) {
	base, fifo := strings.CutSuffix(in.Name, ".fifo")
	if !topicNamePattern().MatchString(base) || len(in.Name) > 256 || fifo != (in.Attributes["FifoTopic"] == "true") {
		return nil, errSNS("Topic Name")
	}
	if len(in.Tags) > 0 && !c.allows("sns:TagResource") {
		return nil, errorWithStatus(403, "AuthorizationError", "User: %s is not authorized to perform: SNS:TagResource", c.by.arn)
	}
	t := &topic{
		name: in.Name, arn: c.region.arn("sns", in.Name), owner: c.account.id,
		attributes: map[string]string{}, tags: tagMap(in.Tags),
	}
	for name, value := range in.Attributes {
		if err := t.set(name, value); err != nil {
			return nil, err
		}
	}
	if old := c.region.topics[in.Name]; old != nil {
		return old.again(in)
	}
	c.region.topics[in.Name] = t
	return &topicARN{t.arn}, nil
}

// again answers CreateTopic for a topic that exists: attributes must be the
// same, tags a subset. Both texts are AWS's.
func (t *topic) again(in *CreateTopicInput) (*topicARN, error) {
	for name, value := range in.Attributes {
		if t.attributes[name] != value {
			return nil, errSNS("Attributes Reason: Topic already exists with different attributes")
		}
	}
	for _, tag := range in.Tags {
		if value, ok := t.tags[tag.Key]; !ok || value != tag.Value {
			return nil, errSNS("Tags Reason: Topic already exists with different tags")
		}
	}
	return &topicARN{t.arn}, nil
}

func errSNS(what string) error { return apiError("InvalidParameter", "Invalid parameter: %s", what) }

func errNoTopic() error { return errorWithStatus(404, "NotFound", "Topic does not exist") }

// findTopic finds a topic by ARN for the caller. A topic of another account must
// allow the action to the caller's account.
func (c *call) findTopic(arn, action string) (*topic, *Region, error) {
	p, ok := splitARN(arn)
	if !ok || p.service != "sns" || strings.Contains(p.resource, ":") {
		return nil, nil, errSNS("TopicArn Reason: An ARN must have at least 6 elements, not " + fmt.Sprint(strings.Count(arn, ":")+1))
	}
	if p.region != c.region.name || p.partition != c.account.partition {
		return nil, nil, errSNS("TopicArn")
	}
	if p.account == c.account.id { // the region may be a stale view
		if t := c.region.topics[p.resource]; t != nil {
			return t, c.region, nil
		}
		return nil, nil, errNoTopic()
	}
	home := c.locate(p)
	if home == nil || home.topics[p.resource] == nil || !home.topics[p.resource].allows(c, action) {
		return nil, nil, errorWithStatus(403, "AuthorizationError", "User: %s is not authorized to perform: SNS:%s on resource: %s because no resource-based policy allows the SNS:%s action", c.by.arn, action, arn, action)
	}
	return home.topics[p.resource], home, nil
}

// allows reports whether the topic's policy lets a caller of another account do
// something.
func (t *topic) allows(c *call, action string) bool {
	p, err := parsePolicy(t.policy())
	if err != nil {
		return false
	}
	ok, _ := p.decide(access{account: c.account.id, arn: c.by.arn, action: "SNS:" + action, resource: t.arn, context: map[string]string{
		"aws:principalaccount": c.account.id, "aws:principalarn": c.by.arn, "aws:securetransport": "true",
	}})
	return ok
}

// DeleteTopic deletes a topic and its subscriptions.
func (r *Region) DeleteTopic(arn string) error {
	return seedOnly[none](r, snsService, "DeleteTopic", &topicARN{arn})
}

func deleteTopic(c *call, in *topicARN) (*none, error) {
	t, home, err := c.findTopic(in.TopicARN, "DeleteTopic")
	if err != nil {
		return nil, err
	}
	delete(home.topics, t.name)
	for arn, s := range home.subs {
		if s.topic == t.arn {
			delete(home.subs, arn)
		}
	}
	return &none{}, nil
}

type nextToken struct {
	NextToken string `json:"NextToken,omitempty"`
}

type listTopicsOutput struct {
	Topics    []topicARN `json:"Topics"`
	NextToken string     `json:"NextToken,omitempty"`
}

func listTopics(c *call, in *nextToken) (*listTopicsOutput, error) {
	after, ok := readToken("ListTopics", in.NextToken)
	if !ok {
		return nil, errSNS("NextToken")
	}
	names := slices.Sorted(maps.Keys(c.region.topics))
	cut, next := page(c.Cloud, names, func(n string) string { return n }, after, 100)
	out := &listTopicsOutput{Topics: []topicARN{}, NextToken: newToken("ListTopics", next)}
	for _, name := range cut {
		out.Topics = append(out.Topics, topicARN{c.region.topics[name].arn})
	}
	return out, nil
}

type topicAttributesOutput struct {
	Attributes map[string]string `json:"Attributes"`
}

func getTopicAttributes(c *call, in *topicARN) (*topicAttributesOutput, error) {
	t, home, err := c.findTopic(in.TopicARN, "GetTopicAttributes")
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, s := range home.subs {
		if s.topic == t.arn {
			counts[s.status(c.now)]++
		}
	}
	out := map[string]string{
		"TopicArn":                t.arn,
		"Owner":                   t.owner,
		"Policy":                  t.policy(),
		"DisplayName":             t.attributes["DisplayName"],
		"SubscriptionsConfirmed":  fmt.Sprint(counts[statusConfirmed]),
		"SubscriptionsPending":    fmt.Sprint(counts[statusPending]),
		"SubscriptionsDeleted":    fmt.Sprint(counts[statusDeleted]),
		"EffectiveDeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false}}`,
	}
	for name, value := range t.attributes {
		if value != "" {
			out[name] = value
		}
	}
	return &topicAttributesOutput{out}, nil
}

// policy returns the topic's policy, the default one if none was set.
func (t *topic) policy() string { return cmp.Or(t.attributes["Policy"], t.defaultPolicy()) }
