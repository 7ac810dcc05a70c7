// Package journal keeps a record of what apply does to an account, so that it
// can be undone: for each write what stood there before and what stands there
// after it.
//
// A journal is a text file of JSON lines. Its first line says whose account it
// is about. Then there are two lines for each write: the intent, which is on the
// disk before the call is made, and the result. A process that is killed leaves
// at most one intent without a result; whether that write took place is for the
// account to answer.
package journal

import (
	"encoding/json"
	"maps"
	"reflect"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
)

// Schema is the value of Header.Schema that this build writes and reads.
const Schema = "monitorctl/journal/v1"

// The published form of a journal: docs/output.md,
// docs/schema/journal-v1.schema.json.
type (
	// A Header is the first line.
	Header struct {
		Schema    string    `json:"schema"`
		Account   string    `json:"account"` // 12 digits
		Partition string    `json:"partition"`
		Salt      string    `json:"salt"` // of Subscription.EndpointHash, hexadecimal
		Tool      string    `json:"tool"` // "monitorctl 1.2.3"
		StartedAt time.Time `json:"startedAt"`
	}

	// An Object is what a write is about.
	Object struct {
		Kind     Kind   `json:"kind"`
		Region   string `json:"region"`
		LogGroup string `json:"logGroup,omitempty"` // of a metric filter
		Name     string `json:"name"`               // of a filter, alarm or topic; the ARN of a subscription's topic
		Endpoint string `json:"endpoint,omitempty"` // of a subscription: protocol and salted hash
	}

	// A State is an object at one time, as far as the write concerns it: what it
	// leaves alone is nil.
	State struct {
		Filter       *account.MetricFilter `json:"filter,omitempty"`
		Alarm        *account.MetricAlarm  `json:"alarm,omitempty"` // without its state
		Tags         *map[string]string    `json:"tags,omitempty"`
		Topic        *Topic                `json:"topic,omitempty"`
		Policy       *string               `json:"policy,omitempty"` // of a topic; "" is the one that SNS gives
		Subscription *Subscription         `json:"subscription,omitempty"`
	}

	// A Topic is a topic without its policy and tags.
	Topic struct {
		ARN   string `json:"arn"`
		KeyID string `json:"keyId,omitempty"`
	}

	// A Subscription is a subscriber of a topic.
	Subscription struct {
		Protocol string `json:"protocol"`
		Endpoint string `json:"endpoint"` // masked
	}
)

// A Kind is a kind of object.
type Kind string

// Kinds of objects.
const (
	Filter     Kind = "metric-filter"
	Alarm      Kind = "alarm"
	TopicKind  Kind = "topic"
	Subscriber Kind = "subscription"
)

// A Result is what came of a write.
type Result string

// Results.
const (
	None      Result = ""          // the run ended before it was known
	Done      Result = "done"      //
	Failed    Result = "failed"    // it did not take place
	Uncertain Result = "uncertain" // no answer came
)

// An Entry is one write.
type Entry struct {
	Object Object
	Before *State // nil: the object was not there
	After  *State // never nil
	Result Result
	ARN    string // of a subscription, if its result has one

	// BeforeUnknown says that Before could not be read; the write cannot be
	// undone then.
	BeforeUnknown bool
}

// A Journal is what was read of a file.
type Journal struct {
	Header  Header // of the first run
	Entries []Entry
}

// Same says whether two states agree in all that both are about.
func Same(a, b *State) bool {
	if a == nil || b == nil {
		return a == b
	}
	return agree(a.Filter, b.Filter, account.MetricFilter.Same) &&
		agree(a.Alarm, b.Alarm, account.MetricAlarm.Same) &&
		agree(a.Tags, b.Tags, maps.Equal) &&
		agree(a.Topic, b.Topic, func(x, y Topic) bool { return x == y }) &&
		agree(a.Policy, b.Policy, samePolicy) &&
		agree(a.Subscription, b.Subscription, func(x, y Subscription) bool { return x == y })
}

func agree[T any](a, b *T, same func(T, T) bool) bool { return a == nil || b == nil || same(*a, *b) }

// samePolicy compares policies as documents: AWS may write them in another way.
func samePolicy(a, b string) bool {
	if policy.IsDefault(a) || policy.IsDefault(b) {
		return policy.IsDefault(a) == policy.IsDefault(b)
	}
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// A line is one line behind the header, in its published form.
type line struct {
	N             int       `json:"n"` // of the write, 1-based; its result has the same
	At            time.Time `json:"at"`
	Object        *Object   `json:"object,omitempty"` // of an intent
	Before        *State    `json:"before,omitempty"`
	After         *State    `json:"after,omitempty"`
	BeforeUnknown bool      `json:"beforeUnknown,omitempty"`
	Result        Result    `json:"result,omitempty"`
	Error         string    `json:"error,omitempty"`
	ARN           string    `json:"arn,omitempty"`
}
