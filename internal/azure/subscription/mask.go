package subscription

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maskedKey is the key under which a masked receiver keeps the salted hash of its
// address.
const maskedKey = "monitorctlHash"

// open are the keys of an action group whose texts are names and ids, not secrets,
// in lower case.
var open = []string{
	"groupshortname", "provisioningstate", "name", "status", "roleid", "countrycode", "resourceid", "functionname", "functionappresourceid",
	"automationaccountid", "runbookname", "webhookresourceid", "subscriptionid", "eventhubnamespace", "eventhubname", "tenantid",
	"workspaceid", "connectionid", "region", "objectid", "identifieruri", "incidentmanagementservice",
}

// addresses are the keys of a receiver that hold where its messages go, in lower
// case, with the kind of address that Hash takes.
var addresses = map[string]string{"emailaddress": "email", "phonenumber": "phone", "serviceuri": "url"}

// Mask returns an answer without addresses and keys: of the receivers of an action group
// every text that is no name or id is masked, with the salted hash of an address beside
// it; of an alert rule what it sends along with its messages. Everything else stays as it is
// written, keys that stand twice included. What is no JSON is returned as it is.
func Mask(raw json.RawMessage, salt string) json.RawMessage {
	if !json.Valid(raw) {
		return raw
	}
	return masker{salt}.value(raw, nil)
}

type masker struct{ salt string }

// value rewrites a value that stands under the keys of path, in lower case.
func (m masker) value(raw json.RawMessage, path []string) json.RawMessage {
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0:
		return raw
	case raw[0] == '{':
		return m.object(raw, path)
	case raw[0] == '[':
		return m.array(raw, path)
	case raw[0] == '"':
		return m.text(raw, path)
	}
	return raw
}

func (m masker) object(raw json.RawMessage, path []string) json.RawMessage {
	d := json.NewDecoder(bytes.NewReader(raw))
	_, _ = d.Token()
	out := []byte{'{'}
	add := func(key string, value json.RawMessage) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		name, _ := json.Marshal(key)
		out = append(append(append(out, name...), ':'), value...)
	}
	for d.More() {
		var value json.RawMessage
		key, _ := d.Token()
		name, ok := key.(string)
		if err := d.Decode(&value); err != nil || !ok {
			return json.RawMessage("{}") // not reached: raw is valid JSON
		}
		fold := strings.ToLower(name)
		add(name, m.value(value, append(slices.Clip(path), fold)))
		var address string
		if kind := addresses[fold]; kind != "" && inReceiver(path) && json.Unmarshal(value, &address) == nil && address != "" {
			hash, _ := json.Marshal(Hash(m.salt, kind, address))
			add(maskedKey, hash)
		}
	}
	return append(out, '}')
}

func (m masker) array(raw json.RawMessage, path []string) json.RawMessage {
	var list []json.RawMessage
	_ = json.Unmarshal(raw, &list)
	out := []byte{'['}
	for i, v := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, m.value(v, path)...)
	}
	return append(out, ']')
}

// Unsalted returns a masked answer without the hashes of addresses: what is the same
// whatever the salt.
func Unsalted(raw json.RawMessage) json.RawMessage {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return raw
	}
	out, _ := json.Marshal(unsalted(value)) // it was JSON
	return out
}

func unsalted(value any) any {
	switch v := value.(type) {
	case map[string]any:
		delete(v, maskedKey)
		for key := range v {
			v[key] = unsalted(v[key])
		}
	case []any:
		for i := range v {
			v[i] = unsalted(v[i])
		}
	}
	return value
}

// inReceiver reports whether a path leads into the receivers of an action group.
func inReceiver(path []string) bool {
	return len(path) >= 2 && path[0] == "properties" && strings.HasSuffix(path[1], strings.ToLower(receivers))
}

// secret reports whether a text under path has to go.
func secret(path []string) bool {
	switch {
	case len(path) < 2 || path[0] != "properties":
		return false
	case slices.Contains(path, "webhookproperties") || slices.Contains(path, "actionproperties"):
		return true
	case inReceiver(path):
		return !slices.Contains(open, path[len(path)-1])
	}
	return false
}

func (m masker) text(raw json.RawMessage, path []string) json.RawMessage {
	if !secret(path) {
		return raw
	}
	var text string
	if json.Unmarshal(raw, &text) != nil || text == "" {
		return raw
	}
	masked, _ := json.Marshal(maskText(path[len(path)-1], text))
	return masked
}

// maskText leaves just enough of a text to be recognised by its owner.
func maskText(key, text string) string {
	switch addresses[key] {
	case "email":
		user, domain, ok := strings.Cut(text, "@")
		if !ok {
			return keep(text, 1, 0)
		}
		return keep(user, 1, 0) + "@" + domain
	case "phone":
		return keep(text, 0, 2)
	}
	if u, err := url.Parse(text); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Hostname() + firstOf(u) + "/***"
	}
	return "***"
}

// firstOf returns the first part of the path where it tells one way of a service
// from another, and is no secret.
func firstOf(u *url.URL) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if strings.EqualFold(u.Hostname(), "events.pagerduty.com") && (first == "v2" || first == "integration") {
		return "/" + first
	}
	return ""
}

// keep leaves the first and last characters of a text, none where that would hide
// less than three.
func keep(text string, first, last int) string {
	r := []rune(text)
	if utf8.RuneCountInString(text) < first+last+3 {
		if first == 1 && len(r) > 0 {
			return string(r[0]) + "***"
		}
		return "***"
	}
	return string(r[:first]) + "***" + string(r[len(r)-last:])
}

// Hash returns the salted hash of an address: it can be compared, but not read back.
// The kind is email, phone or url; e-mail addresses compare without case.
func Hash(salt, kind, address string) string {
	if kind == "email" {
		address = strings.ToLower(address)
	}
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte(kind + "\x00" + address))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
