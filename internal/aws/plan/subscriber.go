package plan

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A Subscriber is somebody or something to tell.
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
		return Subscriber{}, fmt.Errorf("subscriber %q has no protocol: write email:ADDRESS, sms:+NUMBER, https://URL, sqs:ARN or lambda:ARN", text)
	}
	s := Subscriber{protocol, endpoint}
	switch protocol {
	case "email":
		a, err := mail.ParseAddress(endpoint)
		if err != nil || a.Address != endpoint || strings.HasPrefix(endpoint, "-") {
			return s, fmt.Errorf("subscriber %q: %q is not an e-mail address", text, endpoint)
		}
	case "sms":
		if !phone.MatchString(endpoint) {
			return s, fmt.Errorf("subscriber %q: %q is not a phone number such as +4915112345678", text, endpoint)
		}
	case "http", "https":
		s.Endpoint = text
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.User != nil {
			return s, fmt.Errorf("subscriber %q is not a URL without user and password", text)
		}
	case "sqs", "lambda":
		arn, ok := account.ParseARN(endpoint)
		if !ok || arn.Service != protocol {
			return s, fmt.Errorf("subscriber %q: %q is not the ARN of an %s resource", text, endpoint, protocol)
		}
	default:
		return s, fmt.Errorf("subscriber %q: %q is not one of email, sms, http, https, sqs, lambda", text, protocol)
	}
	return s, nil
}

// confirmedAtOnce says whether SNS needs no answer from the subscriber.
func (s Subscriber) confirmedAtOnce() bool {
	return s.Protocol == "sms" || s.Protocol == "sqs" || s.Protocol == "lambda"
}

// subscribedTo says whether a topic already has the subscriber, confirmed or
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
