package azuretest

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Message is what someone got.
type Message struct {
	At        time.Time
	To        string // kind of the receiver and its name
	Rule      string // of the alert
	Operation string
	Caller    string

	// Read is false where the message went to a machine, or to a chat that does not
	// understand it: nobody knows of it.
	Read bool
}

// Do makes a call happen in a subscription, and returns the messages that people got
// of it.
func (c *Cloud) Do(subscription string, call Call) []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.subs[strings.ToLower(subscription)]
	if s == nil || s.State == "Disabled" || s.State == "Deleted" {
		return nil
	}
	return c.do(s, call)
}

func (c *Cloud) do(s *sub, call Call) []Message {
	var out []Message
	for _, r := range call.records(s.ID) {
		out = append(out, c.carry(s, r)...)
	}
	return out
}

// Happen makes an event of Service Health happen, as Do does.
func (c *Cloud) Happen(subscription string, i Incident) []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.subs[strings.ToLower(subscription)]
	if s == nil {
		return nil
	}
	return c.carry(s, i.record(s.ID))
}

// Inbox returns what a receiver got, by its address, URL or, for roles and machines,
// its name.
func (c *Cloud) Inbox(address string) []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.inboxes[address])
}

// carry holds a record against every rule of its subscription.
func (c *Cloud) carry(s *sub, r record) []Message {
	var out []Message
	health := r["category"] == "ServiceHealth"
	for _, rule := range s.objects {
		if rule.kind != AlertRules || !isOn(rule.properties()) || !r.inScope(rule) || !r.matches(rule) {
			continue
		}
		if health && !strings.EqualFold(text(rule.value["location"]), "global") {
			continue
		}
		var told []string
		for _, id := range s.groupsOf(rule, r, c.now) {
			g := c.find(id)
			if g == nil || g.kind != ActionGroups || !isOn(g.properties()) || slices.Contains(told, strings.ToLower(g.id)) {
				continue
			}
			if health && !strings.EqualFold(text(g.value["location"]), "global") {
				continue
			}
			told = append(told, strings.ToLower(g.id))
			out = append(out, c.notify(g, Message{At: c.now, Rule: rule.id, Operation: r["operationname"], Caller: r["caller"]})...)
		}
	}
	return out
}

// notify sends a message to the receivers of a group and returns what people read.
func (c *Cloud) notify(g *object, m Message) []Message {
	var out []Message
	for key, list := range g.properties() {
		kind, ok := strings.CutSuffix(key, "Receivers")
		if !ok {
			continue
		}
		for _, r := range objectsOf(list) {
			address, read, ok := c.reach(kind, r)
			if !ok {
				continue
			}
			m.To, m.Read = kind+" "+text(r["name"]), read
			c.inboxes[address] = append(c.inboxes[address], m)
			if read {
				out = append(out, m)
			}
		}
	}
	return out
}

// reach returns where a receiver's messages go, whether a person reads them there, and
// whether one goes there now.
func (c *Cloud) reach(kind string, r map[string]any) (address string, read, ok bool) {
	status := text(r["status"])
	switch kind {
	case "email":
		return text(r["emailAddress"]), true, status == "Enabled" && c.within("email", text(r["emailAddress"]), 100, time.Hour)
	case "azureAppPush":
		return text(r["emailAddress"]), true, true
	case "sms":
		number := "+" + text(r["countryCode"]) + text(r["phoneNumber"])
		return number, true, status != "Disabled" && c.within("sms", number, 1, 5*time.Minute)
	case "voice":
		number := "+" + text(r["countryCode"]) + text(r["phoneNumber"])
		return number, true, c.within("voice", number, 1, 5*time.Minute)
	case "webhook":
		return text(r["serviceUri"]), !wantsOwnForm(text(r["serviceUri"])), true
	case "incident":
		return text(r["name"]), true, true
	}
	return text(r["name"]), false, true
}

// within counts what was sent to an address, and reports whether one more may be.
func (c *Cloud) within(kind, address string, limit int, window time.Duration) bool {
	key := kind + " " + address
	c.sent[key] = slices.DeleteFunc(c.sent[key], func(at time.Time) bool { return !at.After(c.now.Add(-window)) })
	if len(c.sent[key]) >= limit {
		return false
	}
	c.sent[key] = append(c.sent[key], c.now)
	return true
}

// wantsOwnForm reports whether a chat drops what it is not used to.
func wantsOwnForm(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	switch host := strings.ToLower(u.Hostname()); host {
	case "hooks.slack.com", "outlook.office.com", "discord.com", "discordapp.com", "chat.googleapis.com":
		return true
	case "events.pagerduty.com":
		return strings.HasPrefix(u.Path, "/v2/")
	default:
		return strings.HasSuffix(host, ".webhook.office.com")
	}
}
