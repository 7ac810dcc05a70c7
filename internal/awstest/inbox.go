package awstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Delivered is a message that reached a subscriber.
type Delivered struct {
	Time     time.Time // virtual
	Account  string    // of the topic
	Region   string
	Protocol string
	Endpoint string
	Topic    string // ARN; "" where a rule's target was reached without one
	Subject  string
	Body     string // text for e-mail and SMS, JSON for machines
	Alarm    string // name of the alarm; "" if the message is not about one
	State    string // the alarm's new state
	Rule     string // name of the rule that sent it; "" if none did
	Record   int    // number of the event that the rule took, as Emit returned it; 0 for others
}

// Inbox returns what a subscriber received, in order: an e-mail address, phone
// number, URL or ARN. Requests to confirm a subscription are not in it.
func (c *Cloud) Inbox(endpoint string) []Delivered {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.inboxes[endpoint])
}

// Inboxes returns what everybody received, by endpoint. Endpoints that received
// nothing are not in it.
func (c *Cloud) Inboxes() map[string][]Delivered {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string][]Delivered{}
	for endpoint, list := range c.inboxes {
		all[endpoint] = slices.Clone(list)
	}
	return all
}

// hand puts a message into a subscriber's inbox, in the form of its protocol.
func (r *Region) hand(s *subscription, m message) {
	d := Delivered{
		Time: r.cloud.now, Account: r.account.id, Region: r.name, Protocol: s.protocol, Endpoint: s.endpoint,
		Topic: s.topic, Subject: m.subject, Body: m.body, State: m.state, Rule: m.rule, Record: m.record,
	}
	if m.alarm != nil {
		d.Alarm = m.alarm.name
	}
	switch {
	case s.protocol == "email":
		d.Body = m.text
	case s.protocol == "sms":
		d.Body = cmp.Or(m.subject, m.text)
	case s.attributes["RawMessageDelivery"] != "true":
		d.Body = r.envelope(m)
	}
	r.cloud.inboxes[s.endpoint] = append(r.cloud.inboxes[s.endpoint], d)
}

// envelope wraps a message as machines get it. It is not signed.
func (r *Region) envelope(m message) string {
	data, _ := json.Marshal(map[string]string{ // a map of strings
		"Type": "Notification", "MessageId": m.id, "TopicArn": m.topic, "Subject": m.subject, "Message": m.body,
		"Timestamp": r.cloud.now.Format("2006-01-02T15:04:05.000Z"),
	})
	return string(data)
}

// ConfirmEmail follows the links in the confirmation messages that wait for an
// e-mail address, as its reader would. It is an error if none waits.
func (c *Cloud) ConfirmEmail(endpoint string) error {
	return c.answer(endpoint, statusPending, "confirming", func(s *subscription) { s.confirmed = true })
}

// ConfirmationToken returns the token in the confirmation message that waits for
// an endpoint of a topic, "" if none waits. ConfirmSubscription takes it.
func (c *Cloud) ConfirmationToken(topicARN, endpoint string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	token := ""
	c.eachRegion(func(r *Region) {
		for _, s := range r.subs {
			if s.topic == topicARN && s.endpoint == endpoint && s.status(c.now) == statusPending {
				token = s.token
			}
		}
	})
	return token
}

// UnsubscribeEmail follows the link to unsubscribe in the messages to an e-mail
// address, as its reader or a mail scanner would. Subscriptions that need
// authentication for this stay. It is an error if none is left to cancel.
func (c *Cloud) UnsubscribeEmail(endpoint string) error {
	return c.answer(endpoint, statusConfirmed, "unsubscribing", func(s *subscription) {
		if !s.authenticated {
			s.deleted = c.now
		}
	})
}

// answer changes the e-mail subscriptions of an endpoint that have a status.
func (c *Cloud) answer(endpoint, status, doing string, change func(*subscription)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := 0
	c.eachRegion(func(r *Region) {
		for _, arn := range slices.Sorted(maps.Keys(r.subs)) {
			old := r.subs[arn]
			if old.endpoint != endpoint || (old.protocol != "email" && old.protocol != "email-json") || old.status(c.now) != status {
				continue
			}
			s := *old
			change(&s)
			r.subs[arn] = &s
			if s.status(c.now) != status {
				changed++
			}
		}
	})
	if changed == 0 {
		return fmt.Errorf("%s %s: no subscription waits for that", doing, endpoint)
	}
	return nil
}
