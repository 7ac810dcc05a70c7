package plan_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/plan"
)

func TestParseReceiver(t *testing.T) {
	const logicApp = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Logic/workflows/chat"
	for text, want := range map[string]desired.Receiver{
		"email:a@example.com":                {Kind: "email", Address: "a@example.com"},
		"push:a@example.com":                 {Kind: "azureAppPush", Address: "a@example.com"},
		"sms:+4915112345678":                 {Kind: "sms", Country: "49", Address: "15112345678"},
		"sms:+15551234567":                   {Kind: "sms", Country: "1", Address: "5551234567"},
		"sms:+35212345678":                   {Kind: "sms", Country: "352", Address: "12345678"},
		"voice:+46701234567":                 {Kind: "voice", Country: "46", Address: "701234567"},
		"https://alerts.example.com/x?key=1": {Kind: "webhook", Address: "https://alerts.example.com/x?key=1"},
		"https://events.pagerduty.com/integration/KEY/enqueue": {Kind: "webhook", Address: "https://events.pagerduty.com/integration/KEY/enqueue"},
		"role:owner":             {Kind: "armRole", Address: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", Label: "Owner"},
		"role:Monitoring Reader": {Kind: "armRole", Address: "43d0d8ad-25c7-4714-9337-8ba259a9fe05", Label: "Monitoring Reader"},
		"logicapp:" + logicApp:   {Kind: "logicApp", Address: logicApp},
	} {
		got, err := plan.ParseReceiver(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
	}
	for text, part := range map[string]string{
		"":                                         "needs a kind",
		"email:":                                   "needs a kind",
		"email:TOKEN":                              "has no e-mail address",
		"email:A <a@example.com>":                  "is not an e-mail address",
		"sms:15112345678":                          "is not a telephone number",
		"sms:+46701234567":                         "voice:+46...",
		"voice:+3545812345":                        "makes no calls to that country",
		"http://alerts.example.com/TOKEN":          "only https is accepted",
		"https://u:TOKEN@alerts.example.com":       "without user and password",
		"https://hooks.slack.com/TOKEN":            "Slack",
		"https://acme.webhook.office.com/TOKEN":    "Microsoft Teams",
		"https://outlook.office.com/webhook/TOKEN": "Microsoft Teams",
		"https://discord.com/api/webhooks/TOKEN":   "Discord",
		"https://chat.googleapis.com/v1/TOKEN":     "Google Chat",
		"https://events.pagerduty.com/v2/enqueue":  "PagerDuty's Events API v2",
		"role:Auditor":                             "Owner, Reader only",
		"logicapp:TOKEN":                           "is not the id of a logic app",
		"sqs:arn:aws:sqs:eu-central-1:1:q":         "is for AWS",
		"pager:TOKEN":                              "use email:ADDRESS",
	} {
		_, err := plan.ParseReceiver(text)
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "TOKEN") {
			t.Errorf("%s: %v, want %q and nothing secret", text, err, part)
		}
		var format *plan.FormatError
		if errors.As(err, &format) && !strings.Contains(format.Hint(), "logicapp:ID") {
			t.Errorf("%s: the hint %q does not say what works", text, format.Hint())
		}
	}
}

// TestWishes demands that wishes survive being saved, and that a saved plan is held to the
// rules of flags.
func TestWishes(t *testing.T) {
	var o plan.Options
	o.Audit.Benchmark = "cis-azure-6.0.0"
	o.ResourceGroup, o.CreateIn, o.Once, o.OneRule, o.Register, o.Complete, o.NamePrefix = "rg", "westeurope", true, true, true, true, "acme-"
	o.Replace, o.Tags = []string{"X"}, map[string]string{"a": "b"}
	for _, text := range []string{"email:a@example.com", "sms:+4915112345678", "voice:+46701234567", "push:b@example.com", "https://alerts.example.com/x", "role:Owner"} {
		r, err := plan.ParseReceiver(text)
		if err != nil {
			t.Fatal(err)
		}
		o.Receivers = append(o.Receivers, r)
	}
	w := plan.WishesOf(o, []string{"nsg-changes"})
	if err := w.Check(); err != nil {
		t.Errorf("the wishes of flags are refused: %v", err)
	}
	again := plan.WishesOf(w.Options(), w.Controls)
	if strings.Join(again.Subscribers, " ") != strings.Join(w.Subscribers, " ") || again.ResourceGroup != "rg" || !again.Once || !again.OneRule || !again.RegisterProvider || again.NamePrefix != "acme-" {
		t.Errorf("got %+v, want %+v", again, w)
	}
	for name, spoil := range map[string]func(*plan.Wishes){
		"a chat":          func(w *plan.Wishes) { w.Subscribers = []string{"https://hooks.slack.com/x"} },
		"no control":      func(w *plan.Wishes) { w.Controls = nil },
		"AWS's benchmark": func(w *plan.Wishes) { w.Benchmark = "cis-3.0.0" },
		"a bad group":     func(w *plan.Wishes) { w.ResourceGroup = "a/b" },
		"our tag":         func(w *plan.Wishes) { w.Tags = map[string]string{"Monitorctl:managed": "false"} },
		"two groups": func(w *plan.Wishes) {
			w.ActionGroup = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/g"
		},
	} {
		bad := w
		spoil(&bad)
		if bad.Check() == nil {
			t.Errorf("%s is not refused", name)
		}
	}
}
