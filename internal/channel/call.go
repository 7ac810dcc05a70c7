package channel

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// A Call is how EventBridge calls a channel that is no subscription of a topic, through
// an API destination. It holds secrets: show the channel instead.
type Call struct {
	URL string // for webhooks a secret by itself

	// User and Password sign in (BASIC); both are "" where the URL or the key is all that
	// the receiver asks for.
	User, Password string

	// RoutingKey goes into the body, as PagerDuty's Events API v2 demands; "" for none.
	RoutingKey string
}

// Calls reports whether rules reach the form through an API destination.
func (f Form) Calls() bool {
	return f == PagerDuty || f == ServiceNow || f == Zendesk || f == Webhook
}

// Chats reports whether the form is a channel of a chat, which Amazon Q Developer shows
// topics in.
func (f Form) Chats() bool { return f == Slack || f == MSTeams }

// pagerDutyEvents is the endpoint of PagerDuty's Events API v2.
const pagerDutyEvents = "https://events.pagerduty.com/v2/enqueue"

// Call returns how a channel is called; the secret of the channel must have been
// resolved. A *RefusedError says that it lacks credentials.
func (c Channel) Call() (Call, error) {
	switch c.Form {
	case PagerDuty:
		return Call{URL: pagerDutyEvents, RoutingKey: c.Address}, nil
	case ServiceNow:
		u, err := url.Parse(c.Address)
		if err != nil || u.User == nil {
			return Call{}, c.withoutCredentials()
		}
		password, _ := u.User.Password()
		return Call{URL: "https://" + u.Host + "/api/now/table/incident", User: u.User.Username(), Password: password}, nil
	case Zendesk:
		user, token, account, ok := zendeskParts(c.Address)
		if !ok {
			return Call{}, c.withoutCredentials()
		}
		return Call{URL: "https://" + account + ".zendesk.com/api/v2/tickets.json", User: user, Password: token}, nil
	case Webhook:
		return Call{URL: c.Address}, nil
	}
	return Call{}, fmt.Errorf("subscriber %s is not an API destination", c)
}

// credentials is what a reference of a form holds.
var credentials = map[Form]string{ //nolint:gosec // their form
	ServiceNow: "https://USER:PASSWORD@INSTANCE.service-now.com",
	Zendesk:    "MAIL/token:TOKEN@SUBDOMAIN",
}

// withoutCredentials refuses a channel that was written out: a password would stand in
// process lists and configurations.
func (c Channel) withoutCredentials() error {
	return &RefusedError{
		Msg: fmt.Sprintf("subscriber %s has no credentials, which its connection needs", c),
		Way: fmt.Sprintf("write %s:env:NAME or %s:file:PATH, where the variable or file holds %s", c.Form, c.Form, credentials[c.Form]),
	}
}

// held are the checks of what a reference refers to, for forms whose secret is more than
// what may be written out.
var held = map[Form]func(Channel) error{ServiceNow: heldServiceNow, Zendesk: heldZendesk}

func heldServiceNow(c Channel) error {
	u, err := url.Parse(c.Address)
	bad := errors.New("it is not " + credentials[ServiceNow])
	if err != nil || u.User == nil || u.Scheme != "https" || !serviceHost.MatchString(strings.ToLower(u.Hostname())) {
		return bad
	}
	if password, _ := u.User.Password(); u.User.Username() == "" || password == "" {
		return bad
	}
	return nil
}

func heldZendesk(c Channel) error {
	if _, _, _, ok := zendeskParts(c.Address); !ok {
		return errors.New("it is not " + credentials[Zendesk])
	}
	return nil
}

// zendeskParts takes MAIL/token:TOKEN@SUBDOMAIN apart.
func zendeskParts(text string) (user, token, account string, ok bool) {
	i := strings.LastIndexByte(text, '@')
	if i < 0 {
		return "", "", "", false
	}
	user, token, ok = strings.Cut(text[:i], ":")
	account = text[i+1:]
	return user, token, account, ok && token != "" && strings.HasSuffix(user, "/token") && strings.Contains(user, "@") && subdomain.MatchString(account)
}
