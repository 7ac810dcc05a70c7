package plan_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/channel"
)

func TestParseSubscriber(t *testing.T) {
	for text, want := range map[string]string{
		"email:a@example.com": "", "sms:+4915112345678": "", "https://example.com/hook": "", "http://example.com": "",
		"sqs:arn:aws:sqs:eu-central-1:111122223333:q": "", "lambda:arn:aws:lambda:eu-central-1:111122223333:function:f": "",
		"a@example.com": "no protocol", "email:": "no protocol", "email:nobody": "no e-mail address", "email:A <a@example.com>": "not an e-mail",
		"sms:0151": "not a phone", "https://user:secret@example.com": "without user", "https:": "no protocol", "sqs:q": "no ARN", "sqs:arn:aws:sns:eu-central-1:111122223333:q": "not the ARN", "pigeon:x": "not one of",
	} {
		_, err := plan.ParseSubscriber(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// What is no subscriber may be a URL with a token, or a telephone number.
func TestParseSubscriberEchoesNoSecret(t *testing.T) {
	const secret = "T0KEN-491709876543"
	for _, text := range []string{
		secret, "email:" + secret, "email:https://hooks.example.com/" + secret, "sms:" + secret, "sms:00491709876543", "https:///" + secret,
		"https://u:" + secret + "@example.com/", "https://hooks.slack.com/services/" + secret, "sqs:" + secret, "lambda:https://x/" + secret, "hook://" + secret,
	} {
		_, err := plan.ParseSubscriber(text)
		if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "1709876543") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestChatWebhooks(t *testing.T) {
	for text, chat := range map[string]string{
		"https://hooks.slack.com/services/T0/B0/x": "Slack", "https://HOOKS.Slack.com./x": "Slack", "https://acme.webhook.office.com/webhookb2/x": "Microsoft Teams",
		"https://prod-01.westeurope.logic.azure.com:443/workflows/x": "Microsoft Teams", "https://discord.com/api/webhooks/x": "Discord",
		"https://example.com/hooks.slack.com": "", "https://nothooks.slack.com.example.com/": "", "https://webhook.office.com.example.com/": "",
	} {
		_, err := plan.ParseSubscriber(text)
		var refused *channel.RefusedError
		if got := errors.As(err, &refused); got != (chat != "") || got && (!strings.Contains(refused.Msg, "webhook of "+chat) || refused.Hint() == "") {
			t.Errorf("%s: %v, want %q", text, err, chat)
		}
	}
}

// What apply cannot bring about is refused with the way to do it.
func TestOtherChannels(t *testing.T) {
	for _, text := range []string{
		"servicenow:https://acme.service-now.com", "zendesk:acme", "https://hooks.slack.com/services/T0/B0/x",
	} {
		_, err := plan.ParseSubscriber(text)
		var refused *channel.RefusedError
		if !errors.As(err, &refused) || refused.Hint() == "" || strings.Contains(err.Error(), "T0/B0/x") {
			t.Errorf("%s: %v", text, err)
		}
	}
	key := strings.Repeat("k", 32)
	s, err := plan.ReadSubscriber("pagerduty:env:KEY", channel.Secrets{Env: func(string) (string, bool) { return key + "\n", true }})
	if err != nil || s != (plan.Subscriber{Protocol: "pagerduty", Endpoint: key, Reference: "env:KEY"}) || s.String() != "pagerduty:env:KEY" {
		t.Errorf("got %v, %v", s, err)
	}
	if on, ok := s.Subscription(audit.MetricTransport); !ok || on != (plan.Subscriber{Protocol: "https", Endpoint: "https://events.pagerduty.com/integration/" + key + "/enqueue"}) {
		t.Errorf("by alarms: %v, %t", on, ok)
	}
	if _, ok := s.Subscription(audit.RuleTransport); ok {
		t.Error("PagerDuty's integration discards what rules publish")
	}
}
