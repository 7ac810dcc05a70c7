package desired

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
)

// A Receiver is someone or something to notify.
type Receiver struct {
	Kind subscription.ReceiverKind // email, sms, voice, azureAppPush, webhook, armRole, logicApp

	// Address is the e-mail address, the number without its country code, the URL, the
	// GUID of the role, or the id of the logic app. It may be a secret.
	Address string

	Country string // of sms and voice: the country code, without +
	Label   string // of a role: its name
}

// Shown returns the receiver as it may be printed. The path of a webhook is a secret
// more often than not; an address must be seen whole, because nobody finds a typing
// error in a masked one.
func (r Receiver) Shown() string {
	switch r.Kind {
	case subscription.SMS, subscription.Voice:
		return fmt.Sprintf("%s +%s ***%s", r.Kind, r.Country, r.Address[max(0, len(r.Address)-2):])
	case subscription.Webhook:
		return "webhook https://" + r.host() + "/***"
	case subscription.Role:
		return "role " + r.Label
	case subscription.LogicApp:
		return "logic app " + subscription.Name(r.Address)
	case subscription.AppPush:
		return "push " + r.Address
	}
	return string(r.Kind) + " " + r.Address
}

func (r Receiver) host() string {
	u, err := url.Parse(r.Address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// addressKinds are what the hash of an address is made of (subscription.Hash).
var addressKinds = map[subscription.ReceiverKind]string{
	subscription.Email: "email", subscription.AppPush: "email", subscription.SMS: "phone", subscription.Voice: "phone", subscription.Webhook: "url",
}

// Is reports whether a receiver of an answer that was masked with a salt is this one.
func (r Receiver) Is(have subscription.Receiver, salt string) bool {
	switch {
	case have.Kind != r.Kind:
		return false
	case r.Kind == subscription.Role:
		return subscription.Same(have.RoleID, r.Address)
	case r.Kind == subscription.LogicApp:
		return subscription.Same(have.Target, r.Address)
	}
	return have.Country == r.Country && have.Hash == subscription.Hash(salt, addressKinds[r.Kind], r.Address)
}

// Named is a receiver with the name that it has in its group.
type Named struct {
	Name string
	Receiver
}

// Name gives receivers names that none of a group has yet, and that hold nothing
// secret: names of receivers are unique in a group, whatever their kind.
func Name(list []Receiver, taken []string) []Named {
	var out []Named
	for _, r := range list {
		base := r.baseName()
		name := base
		for n := 2; slices.ContainsFunc(taken, func(t string) bool { return subscription.Same(t, name) }); n++ {
			name = fmt.Sprintf("%s %d", base, n)
		}
		taken = append(slices.Clip(taken), name)
		out = append(out, Named{name, r})
	}
	return out
}

func (r Receiver) baseName() string {
	switch r.Kind {
	case subscription.Email:
		return r.Address
	case subscription.SMS, subscription.Voice:
		return string(r.Kind)
	case subscription.Webhook:
		return "webhook " + r.host()
	}
	return r.Shown()
}

// Body is the receiver as it is written. The callback URL is that of a logic app, which
// only Azure knows; "" for others.
func (r Named) Body(callback string) map[string]any {
	body := map[string]any{"name": r.Name}
	switch r.Kind {
	case subscription.Email:
		body["emailAddress"], body["useCommonAlertSchema"] = r.Address, true
	case subscription.AppPush:
		body["emailAddress"] = r.Address
	case subscription.SMS, subscription.Voice:
		body["countryCode"], body["phoneNumber"] = r.Country, r.Address
	case subscription.Webhook:
		body["serviceUri"], body["useCommonAlertSchema"] = r.Address, true
	case subscription.Role:
		body["roleId"], body["useCommonAlertSchema"] = r.Address, true
	case subscription.LogicApp:
		body["resourceId"], body["callbackUrl"], body["useCommonAlertSchema"] = r.Address, callback, true
	}
	return body
}

// GroupBody is the action group as it is written, with its first receivers; callbacks
// are the URLs of logic apps by their ids.
func GroupBody(receivers []Named, tags map[string]string, callbacks map[string]string) json.RawMessage {
	properties := map[string]any{"groupShortName": ShortName, "enabled": true}
	Add(properties, receivers, callbacks)
	return encode(object{"Global", Tags(tags), properties})
}

// Add adds receivers to the properties of an action group.
func Add(properties map[string]any, receivers []Named, callbacks map[string]string) {
	for _, r := range receivers {
		key := string(r.Kind) + "Receivers"
		for _, have := range slices.Collect(maps.Keys(properties)) {
			if strings.EqualFold(have, key) {
				key = have
			}
		}
		list, _ := properties[key].([]any)
		properties[key] = append(slices.Clone(list), r.Body(callbacks[r.Address]))
	}
}
