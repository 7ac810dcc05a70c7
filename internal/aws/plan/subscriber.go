package plan

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A Subscriber is someone or something to tell.
type Subscriber struct {
	Protocol string // email, sms, http, https, sqs, lambda
	Endpoint string
}

// phone is a number in E.164 form, as SNS demands for sms.
var phone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// ParseSubscriber reads email:a@b, sms:+49..., https://..., sqs:ARN or
// lambda:ARN.
func ParseSubscriber(text string) (Subscriber, error) {
	protocol, endpoint, ok := strings.Cut(text, ":")
	if !ok || endpoint == "" {
		return Subscriber{}, errors.New("a subscriber has no protocol: write email:ADDRESS, sms:+NUMBER, https://URL, sqs:ARN or lambda:ARN")
	}
	s := Subscriber{protocol, endpoint}
	switch protocol {
	case "email":
		a, err := mail.ParseAddress(endpoint)
		if err != nil && !strings.Contains(endpoint, "@") { // it may be anything, a token too
			return s, errors.New("a subscriber of protocol email has no e-mail address")
		}
		if err != nil || a.Address != endpoint || strings.HasPrefix(endpoint, "-") {
			return s, fmt.Errorf("subscriber %q: %q is not an e-mail address", text, endpoint)
		}
	case "sms":
		if !phone.MatchString(endpoint) {
			return s, fmt.Errorf("subscriber sms:%s is not a phone number such as +4915112345678", account.MaskEndpoint("sms", endpoint))
		}
	case "http", "https":
		s.Endpoint = text
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.User != nil {
			return s, fmt.Errorf("subscriber %s:... is not a URL with a host and without user and password", protocol)
		}
		if service := chatWebhook(u.Hostname()); service != "" {
			return s, &WebhookError{Service: service, Host: u.Hostname()}
		}
	case "sqs", "lambda":
		arn, ok := account.ParseARN(endpoint)
		if !ok {
			return s, fmt.Errorf("a subscriber of protocol %s has no ARN", protocol)
		}
		if arn.Service != protocol {
			return s, fmt.Errorf("subscriber %q: %q is not the ARN of an %s resource", text, endpoint, protocol)
		}
	default:
		// What stands behind the colon may be a token.
		return s, fmt.Errorf("subscriber of protocol %.20q: it is not one of email, sms, http, https, sqs, lambda", protocol)
	}
	return s, nil
}

// A WebhookError says that a subscriber is the webhook of a chat, which cannot
// confirm a subscription. SNS would never deliver to it.
type WebhookError struct{ Service, Host string }

func (e *WebhookError) Error() string {
	return "the subscriber at " + e.Host + " is a webhook of " + e.Service + ", which cannot confirm an SNS subscription"
}

// Hint says what works instead.
func (e *WebhookError) Hint() string {
	return "connect the topic to the chat with Amazon Q Developer in chat applications, or subscribe a Lambda function that posts to the webhook: lambda:ARN"
}

// chatWebhooks are the hosts of webhooks that take messages in a form of their own
// and ignore SNS's SubscriptionConfirmation, by service; a name that begins with a
// dot stands for all hosts below. Source: the services' pages on incoming webhooks.
var chatWebhooks = map[string]string{
	"hooks.slack.com": "Slack", "hooks.slack-gov.com": "Slack",
	"outlook.office.com": "Microsoft Teams", ".webhook.office.com": "Microsoft Teams", ".logic.azure.com": "Microsoft Teams",
	".api.powerplatform.com": "Microsoft Teams",
	"discord.com":            "Discord", "discordapp.com": "Discord", "chat.googleapis.com": "Google Chat",
}

// chatWebhook names the chat that a host belongs to, "" for any other host.
func chatWebhook(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for name, service := range chatWebhooks {
		if host == name || strings.HasPrefix(name, ".") && strings.HasSuffix(host, name) {
			return service
		}
	}
	return ""
}

// subscribedTo reports whether a topic already has the subscriber, confirmed or
// still pending. A deleted or expired subscription does not count.
func (s Subscriber) subscribedTo(t *account.Topic, salt string) bool {
	subs, _ := t.Subscriptions.Got()
	hash := account.HashEndpoint(salt, s.Protocol, s.Endpoint)
	for _, have := range subs {
		if have.State != account.Deleted && have.EndpointHash == hash {
			return true
		}
	}
	return false
}
