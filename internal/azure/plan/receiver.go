package plan

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
)

// A FormatError says that a webhook does not understand what Azure sends.
type FormatError struct{ Service, Host string }

func (e *FormatError) Error() string {
	return fmt.Sprintf("%s: %s does not understand Azure's messages, and nobody would see an alert", e.Host, e.Service)
}

// Hint says what works instead.
func (e *FormatError) Hint() string {
	way := "let a logic app translate the message and name it with --subscribe logicapp:ID"
	if e.Service == "PagerDuty's Events API v2" {
		return "take the URL of PagerDuty's Azure integration, https://events.pagerduty.com/integration/KEY/enqueue, or " + way
	}
	return way + ", or use the channel's e-mail address"
}

var (
	phoneForm    = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	logicAppForm = regexp.MustCompile(`(?i)^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/?#%]+/providers/Microsoft\.Logic/workflows/[^/?#%]+$`)
)

// Country codes that Azure Monitor sends to (Microsoft Learn, "Action groups", as of
// 2026-07-21).
var (
	smsCountries = []string{
		"1", "7", "27", "31", "32", "33", "34", "39", "40", "41", "43", "44", "45", "47", "49", "52", "55", "56", "60", "61", "64", "65", "81", "82", "86", "91",
		"351", "352", "353", "358", "372", "420", "852", "886", "971", "972",
	}
	voiceCountries = append([]string{"46"}, smsCountries...)
)

// forms is how --subscribe is written, for messages.
const forms = "email:ADDRESS, sms:+NUMBER, voice:+NUMBER, push:ADDRESS, https://URL, role:NAME or logicapp:ID"

// ParseReceiver reads email:a@b, sms:+49..., voice:+..., push:a@b, https://..., role:Owner
// or logicapp:ID. The error never holds what may be a secret.
func ParseReceiver(text string) (desired.Receiver, error) {
	kind, value, ok := strings.Cut(text, ":")
	if !ok || value == "" {
		return desired.Receiver{}, errors.New("a receiver needs a kind: use " + forms)
	}
	switch kind {
	case "email":
		return address(subscription.Email, kind, value)
	case "push":
		return address(subscription.AppPush, kind, value)
	case "sms":
		return phone(subscription.SMS, kind, value, smsCountries)
	case "voice":
		return phone(subscription.Voice, kind, value, voiceCountries)
	case "https":
		return webhook(text)
	case "http":
		return desired.Receiver{}, errors.New("receiver http:...: messages say who changed what, so only https is accepted")
	case "role":
		return role(value)
	case "logicapp":
		if !logicAppForm.MatchString(value) {
			return desired.Receiver{}, errors.New("receiver logicapp:... is not the id of a logic app: /subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.Logic/workflows/NAME")
		}
		return desired.Receiver{Kind: subscription.LogicApp, Address: value}, nil
	case "sqs", "lambda":
		return desired.Receiver{}, fmt.Errorf("receiver %s:... is for AWS: for Azure use %s", kind, forms)
	}
	return desired.Receiver{}, fmt.Errorf("unknown kind of receiver %.20q: use %s", kind, forms)
}

func address(k subscription.ReceiverKind, kind, value string) (desired.Receiver, error) {
	a, err := mail.ParseAddress(value)
	if err != nil && !strings.Contains(value, "@") { // it may be anything, a token too
		return desired.Receiver{}, fmt.Errorf("receiver %s:... has no e-mail address", kind)
	}
	if err != nil || a.Address != value || strings.HasPrefix(value, "-") {
		return desired.Receiver{}, fmt.Errorf("receiver %s:%s: it is not an e-mail address", kind, value)
	}
	return desired.Receiver{Kind: k, Address: value}, nil
}

// phone splits a number into country code and the rest. No code is the beginning of
// another one, so that there is one way to split.
func phone(k subscription.ReceiverKind, kind, value string, countries []string) (desired.Receiver, error) {
	if !phoneForm.MatchString(value) {
		return desired.Receiver{}, fmt.Errorf("receiver %s:... is not a telephone number such as +4915112345678", kind)
	}
	for _, code := range countries {
		if rest, ok := strings.CutPrefix(value, "+"+code); ok {
			return desired.Receiver{Kind: k, Country: code, Address: rest}, nil
		}
	}
	what := map[string]string{"sms": "sends no text messages to that country", "voice": "makes no calls to that country"}[kind]
	if kind == "sms" && strings.HasPrefix(value, "+46") {
		what += ", but it makes calls: voice:+46..."
	}
	return desired.Receiver{}, fmt.Errorf("receiver %s:%s...: Azure %s; supported are +%s", kind, value[:4], what, strings.Join(countries, ", +"))
}

func webhook(text string) (desired.Receiver, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return desired.Receiver{}, errors.New("receiver https:... is not a URL with a host and without user and password")
	}
	if service := audit.Chat(text); service != "" {
		return desired.Receiver{}, &FormatError{service, u.Hostname()}
	}
	return desired.Receiver{Kind: subscription.Webhook, Address: text}, nil
}

func role(name string) (desired.Receiver, error) {
	roles := audit.Roles()
	for id, known := range roles {
		if strings.EqualFold(known, name) {
			return desired.Receiver{Kind: subscription.Role, Address: id, Label: known}, nil
		}
	}
	return desired.Receiver{}, fmt.Errorf("role %q: Azure notifies members of %s only", name, strings.Join(slices.Sorted(maps.Values(roles)), ", "))
}

// flag returns a receiver as --subscribe takes it.
func flag(r desired.Receiver) string {
	switch r.Kind {
	case subscription.SMS:
		return "sms:+" + r.Country + r.Address
	case subscription.Voice:
		return "voice:+" + r.Country + r.Address
	case subscription.AppPush:
		return "push:" + r.Address
	case subscription.Webhook:
		return r.Address
	case subscription.Role:
		return "role:" + r.Label
	case subscription.LogicApp:
		return "logicapp:" + r.Address
	}
	return string(r.Kind) + ":" + r.Address
}
