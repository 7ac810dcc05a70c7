package awstest

import (
	"fmt"
	"time"
)

// The links of the chain from an event to a subscriber, as Step.Link.
const (
	LinkEvent        = "event"
	LinkTrail        = "trail"
	LinkLogGroup     = "log group"
	LinkBus          = "bus"
	LinkRule         = "rule"
	LinkTarget       = "target"
	LinkFilter       = "filter"
	LinkMetric       = "metric"
	LinkAlarm        = "alarm"
	LinkAction       = "action"
	LinkTopic        = "topic"
	LinkSubscription = "subscription"
)

// A Step is one thing that happened on the way from an event to a subscriber.
type Step struct {
	Time     time.Time // virtual
	Account  string
	Region   string
	Link     string // one of the Link constants
	Resource string // name or ARN of what did it; "" if nothing did
	OK       bool   // the way goes on from here
	Text     string // what happened, in words
	Record   int    // number of the event, as Emit returned it; 0 behind the metric, where events mingle
}

// String returns the step as a line.
func (s Step) String() string {
	mark := "ok "
	if !s.OK {
		mark = "-- "
	}
	return fmt.Sprintf("%s %s%-12s %s", s.Time.Format("15:04:05"), mark, s.Link, s.Text)
}

// Story returns what happened so far, in order.
func (c *Cloud) Story() []Step {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Step(nil), c.story...)
}

// ForgetStory empties story, inboxes and nothing else.
func (c *Cloud) ForgetStory() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.story = nil
	c.inboxes = map[string][]Delivered{}
}

// tell adds a step that happened in a region.
func (r *Region) tell(record int, link, resource string, ok bool, format string, args ...any) {
	r.cloud.story = append(r.cloud.story, Step{
		Time: r.cloud.now, Account: r.account.id, Region: r.name, Link: link, Resource: resource, OK: ok,
		Text: fmt.Sprintf(format, args...), Record: record,
	})
}
