package awstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// SubscribeInput is the input of sns:Subscribe.
type SubscribeInput struct {
	TopicARN              string            `json:"TopicArn" required:""`
	Protocol              string            `json:"Protocol" required:""`
	Endpoint              string            `json:"Endpoint,omitempty"`
	Attributes            map[string]string `json:"Attributes,omitempty"`
	ReturnSubscriptionARN bool              `json:"ReturnSubscriptionArn,omitempty"`
}

// Subscribe subscribes an endpoint and returns the subscription's ARN, also
// while it is pending.
func (r *Region) Subscribe(in SubscribeInput) (arn string, err error) {
	in.ReturnSubscriptionARN = true
	out, err := seed[subscriptionARN](r, snsService, "Subscribe", &in)
	return out.SubscriptionARN, err
}

func subscribe(c *call, in *SubscribeInput) (*subscriptionARN, error) {
	t, home, err := c.findTopic(in.TopicARN, "Subscribe")
	if err != nil {
		return nil, err
	}
	if err := checkEndpoint(t, in.Protocol, in.Endpoint); err != nil {
		return nil, err
	}
	if err := checkSubscriptionAttributes(in.Attributes); err != nil {
		return nil, err
	}
	s := home.subscriptionOf(c.now, t.arn, in.Protocol, in.Endpoint)
	switch {
	case s == nil:
		s = c.newSubscription(t, in)
	case !covers(s.attributes, in.Attributes):
		return nil, errSNS("Attributes Reason: Subscription already exists with different attributes")
	case !s.confirmed: // asks once more
		again := *s
		again.requested = c.now
		s = &again
	}
	home.subs[s.arn] = s
	if s.confirmed || in.ReturnSubscriptionARN {
		return &subscriptionARN{s.arn}, nil
	}
	return &subscriptionARN{"pending confirmation"}, nil
}

func (c *call) newSubscription(t *topic, in *SubscribeInput) *subscription {
	s := &subscription{
		arn: t.arn + ":" + c.uuid(), topic: t.arn, owner: c.account.id, protocol: in.Protocol, endpoint: in.Endpoint,
		attributes: maps.Clone(in.Attributes), requested: c.now, serial: c.serial,
	}
	if s.attributes == nil {
		s.attributes = map[string]string{}
	}
	s.token = fmt.Sprintf("%064x", c.nextID())
	s.confirmed = confirmedAtOnce(c.account.id, in.Protocol, in.Endpoint)
	return s
}

// confirmedAtOnce reports whether the protocol needs no answer from the endpoint:
// text messages, applications, and queues and functions of the caller's own
// account.
func confirmedAtOnce(caller, protocol, endpoint string) bool {
	switch protocol {
	case "sms", "application":
		return true
	case "sqs", "lambda", "firehose":
		p, _ := splitARN(endpoint)
		return p.account == caller
	default:
		return false
	}
}

// covers reports whether have has all entries of want.
func covers(have, want map[string]string) bool {
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return true
}

// subscriptionOf returns the listed, not deleted subscription of an endpoint.
func (r *Region) subscriptionOf(now time.Time, topic, protocol, endpoint string) *subscription {
	for _, s := range r.subs {
		status := s.status(now)
		if s.topic == topic && s.protocol == protocol && s.endpoint == endpoint && status != statusGone && status != statusDeleted {
			return s
		}
	}
	return nil
}

func checkEndpoint(t *topic, protocol, endpoint string) error {
	p, isARN := splitARN(endpoint)
	var ok bool
	switch protocol {
	case "email", "email-json":
		user, domain, at := strings.Cut(endpoint, "@")
		if !at || user == "" || !strings.Contains(domain, ".") || strings.ContainsAny(endpoint, " ,;<>") {
			return errSNS("Email address")
		}
		return nil
	case "http", "https":
		ok = strings.HasPrefix(endpoint, protocol+"://") && len(endpoint) > len(protocol)+3
	case "sms":
		ok = isPhoneNumber(endpoint)
	case "sqs", "lambda", "firehose":
		ok = isARN && p.service == protocol
	case "application":
		ok = isARN && p.service == "sns"
	default:
		return errSNS("Amazon SNS does not support this protocol string: " + protocol)
	}
	if !ok {
		return errSNS(protocolNames[protocol] + " endpoint")
	}
	if strings.HasSuffix(t.name, ".fifo") && protocol != "sqs" && protocol != "lambda" {
		return errSNS("Invalid protocol type: " + protocol)
	}
	return nil
}

var protocolNames = map[string]string{
	"http": "HTTP", "https": "HTTPS", "sms": "SMS", "sqs": "SQS", "lambda": "Lambda", "firehose": "Firehose", "application": "Application",
}

func isPhoneNumber(text string) bool {
	digits := strings.TrimPrefix(text, "+")
	if len(digits) < 7 || len(digits) > 15 {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}

func checkSubscriptionAttributes(attributes map[string]string) error {
	for name, value := range attributes {
		if err := checkSubscriptionAttribute(name, value); err != nil {
			return err
		}
	}
	return nil
}

func checkSubscriptionAttribute(name, value string) error {
	switch name {
	case "FilterPolicy":
		var object map[string]any
		if value != "" && json.Unmarshal([]byte(value), &object) != nil {
			return errSNS("Attributes Reason: FilterPolicy: failed to parse JSON.")
		}
	case "FilterPolicyScope":
		if value != "MessageAttributes" && value != "MessageBody" {
			return errSNS("Attributes Reason: FilterPolicyScope: Invalid value [" + value + "].")
		}
	case "RawMessageDelivery", "DeliveryPolicy", "RedrivePolicy", "SubscriptionRoleArn":
	default:
		return errSNS("Attributes Reason: Unknown attribute: " + name)
	}
	return nil
}

type confirmSubscriptionInput struct {
	TopicARN                  string `json:"TopicArn" required:""`
	Token                     string `json:"Token" required:""`
	AuthenticateOnUnsubscribe string `json:"AuthenticateOnUnsubscribe,omitempty"`
}

func confirmSubscription(c *call, in *confirmSubscriptionInput) (*subscriptionARN, error) {
	p, _ := splitARN(in.TopicARN)
	home := c.locate(p)
	if home == nil || home.topics[p.resource] == nil {
		return nil, errNoTopic()
	}
	for _, s := range home.subs {
		if s.topic == in.TopicARN && s.token == in.Token && s.status(c.now) != statusGone {
			confirmed := *s
			confirmed.confirmed = true
			confirmed.authenticated = in.AuthenticateOnUnsubscribe == "true"
			home.subs[s.arn] = &confirmed
			return &subscriptionARN{s.arn}, nil
		}
	}
	return nil, errSNS("Token")
}

func unsubscribe(c *call, in *subscriptionARN) (*none, error) {
	s, home, err := c.findSubscription(in.SubscriptionARN)
	if err != nil {
		return nil, err
	}
	if !s.confirmed {
		return nil, errSNS("This operation cannot be performed on subscription pending confirmation")
	}
	delete(home.subs, s.arn)
	return &none{}, nil
}
