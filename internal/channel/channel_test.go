package channel

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

const (
	key    = "0123456789abcdef0123456789abcdef"
	tenant = "11111111-2222-3333-4444-555555555555"
	room   = "19:abc-_DEF@thread.tacv2"
)

// TestTable holds each form to what may and may not stand behind its colon, and to how it
// is shown.
func TestTable(t *testing.T) {
	for _, tt := range []struct {
		text, shown string // "" for what is refused
		want        string // in the error
	}{
		{"email:security@example.com", "email:s***@example.com", ""},
		{"email:nobody", "", "no e-mail address"},
		{"email:-x@example.com", "", "not an e-mail address"},
		{"sms:+4915112345678", "sms:+49***78", ""},
		{"sms:0151", "", "not a phone number"},
		{"https://example.com/hook/s3cret", "https://example.com/***", ""},
		{"https://events.pagerduty.com/integration/k/enqueue", "https://events.pagerduty.com/integration/***", ""},
		{"https://user:pass@example.com/", "", "without user"},
		{"https://hooks.slack.com/services/T/B/s3cret", "", "cannot confirm"},
		{"https://discord.com/api/webhooks/1/s3cret", "", "cannot confirm"},
		{"https://x.webhook.office.com/s3cret", "", "cannot confirm"},
		{"http://example.com/", "http://example.com/***", ""},
		{"sqs:arn:aws:sqs:eu-central-1:111122223333:q", "sqs:arn:aws:sqs:eu-central-1:111122223333:q", ""},
		{"sqs:q", "", "no ARN"},
		{"lambda:arn:aws:sqs:eu-central-1:111122223333:q", "", "not the ARN of an lambda"},
		{"slack:T07EA123LEP/C07EZ1ABC23", "slack:T07EA123LEP/C07EZ1ABC23", ""},
		{"slack:acme/#security", "", "WORKSPACE/CHANNEL"},
		{"slack:T07EA123LEP", "", "WORKSPACE/CHANNEL"},
		{"teams:" + tenant + "/" + room + "/" + tenant, "teams:" + tenant + "/" + room + "/" + tenant, ""},
		{"teams:" + tenant + "/19%3aabc%40thread.tacv2/" + tenant, "teams:" + tenant + "/19%3aabc%40thread.tacv2/" + tenant, ""},
		{"teams:ops/general/acme", "", "TEAM/CHANNEL/TENANT"},
		{"pagerduty:" + key, "pagerduty:***", ""},
		{"pagerduty:env:PAGER_KEY", "pagerduty:env:PAGER_KEY", ""},
		{"pagerduty:file:/run/secrets/pager", "pagerduty:file:/run/secrets/pager", ""},
		{"pagerduty:s3cret", "", "32 letters and digits"},
		{"pagerduty:env:A-B", "", "is not the name of a variable"},
		{"pagerduty:file:", "", "no file"},
		{"servicenow:https://acme.service-now.com", "servicenow:https://acme.service-now.com/***", ""},
		{"servicenow:https://example.com/s3cret", "", "URL of an instance"},
		{"servicenow:https://service-now.com.example.com", "", "URL of an instance"},
		{"zendesk:acme", "zendesk:acme", ""},
		{"zendesk:acme.zendesk.com", "", "subdomain"},
		{"webhook:https://hooks.slack.com/services/T/B/s3cret", "webhook:https://hooks.slack.com/***", ""},
		{"webhook:http://example.com/s3cret", "", "not an https URL"},
		{"webhook:env:HOOK", "webhook:env:HOOK", ""},
		{"a@example.com", "", "no protocol"},
		{"email:", "", "no protocol"},
		{"pigeon:s3cret", "", "it is not one of email, sms, https"},
	} {
		c, err := Parse(tt.text)
		switch {
		case tt.want == "" && (err != nil || c.String() != tt.shown):
			t.Errorf("%s: got %s, %v, want %s", tt.text, c, err, tt.shown)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cret")):
			t.Errorf("%s: error %v, want %q", tt.text, err, tt.want)
		}
		var refused *RefusedError
		if errors.As(err, &refused) && (refused.Hint() == "" || strings.Contains(refused.Hint(), "s3cret")) {
			t.Errorf("%s: hint %q", tt.text, refused.Hint())
		}
	}
}

// Each row says what a form becomes, and its example parses once its capitals are filled
// in.
func TestRows(t *testing.T) {
	filled := strings.NewReplacer("email:ADDRESS", "email:a@example.com", "+NUMBER", "+4915112345678", "https://URL", "https://example.com/x", "http://URL", "http://example.com/x", "sqs:ARN", "sqs:arn:aws:sqs:r:1:q",
		"lambda:ARN", "lambda:arn:aws:lambda:r:1:function:f", "slack:WORKSPACE/CHANNEL", "slack:T123/C123", "TEAM/CHANNEL/TENANT", tenant+"/"+room+"/"+tenant, "KEY", key, "INSTANCE", "acme", "SUBDOMAIN", "acme",
		"webhook:URL", "webhook:https://example.com/x")
	for _, r := range Table() {
		if r.Metric == "" || r.Rule == "" || !strings.HasPrefix(r.Example, string(r.Form)+":") {
			t.Errorf("%+v", r)
		}
		c, err := Parse(filled.Replace(r.Example))
		if err != nil || c.Form != r.Form {
			t.Errorf("%s: %v, %v", r.Example, c, err)
		}
		if (c.ByHand() == "") != (len(Steps(r.Form)) == 0) {
			t.Errorf("%s: steps and the line that points at them differ", r.Form)
		}
	}
}

func TestResolve(t *testing.T) {
	from := Secrets{
		Env: func(name string) (string, bool) {
			return map[string]string{"GOOD": key, "BAD": "s3cret"}[name], name != "NONE"
		},
		File: func(path string) ([]byte, error) {
			if path == "gone" {
				return nil, fs.ErrNotExist
			}
			return []byte(" " + key + "\n"), nil
		},
	}
	for text, want := range map[string]string{
		"pagerduty:env:GOOD": key, "pagerduty:file:x": key, "pagerduty:" + key: key, "email:a@example.com": "a@example.com",
		"pagerduty:env:NONE": "!not set", "pagerduty:env:BAD": "!32 letters", "pagerduty:file:gone": "!not exist",
	} {
		c, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Resolve(from)
		fault, failing := strings.CutPrefix(want, "!")
		switch {
		case !failing && (err != nil || got.Address != want):
			t.Errorf("%s: got %v, %v", text, got, err)
		case failing && (err == nil || !strings.Contains(err.Error(), fault) || strings.Contains(err.Error(), "s3cret")):
			t.Errorf("%s: error %v, want %q", text, err, fault)
		}
	}
}

func TestChats(t *testing.T) {
	for host, want := range map[string]Chat{
		"hooks.slack.com": SlackChat, "HOOKS.SLACK.COM.": SlackChat, "acme.webhook.office.com": Teams, "prod-01.westeurope.logic.azure.com": Teams, "discord.com": Discord, "chat.googleapis.com": GoogleChat,
		"example.com": NoChat, "nothooks.slack.com.example.com": NoChat, "webhook.office.com": NoChat,
	} {
		if got := ChatOf(host); got != want {
			t.Errorf("%s: got %q, want %q", host, got, want)
		}
	}
}
