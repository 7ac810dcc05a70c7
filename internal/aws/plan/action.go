package plan

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// An Action is one change to an account. The set is closed: only this package
// can add one.
type Action interface {
	fmt.Stringer // one line, shown by the dry run
	Common() Meta
	action()
}

// Meta is what all actions have in common.
type Meta struct {
	Account string
	Region  string
	Why     string   // why it is needed, one clause
	Closes  []string // the controls that it helps, in report order
}

// Common returns m; every action embeds it. (A method named Meta would be hidden
// by the embedded field of that name.)
func (m Meta) Common() Meta { return m }

type (
	// CreateTopic makes an SNS topic with its tags, then sets its policy.
	CreateTopic struct {
		Meta
		Name   string
		ARN    string // that the topic will have
		Policy string // JSON document
		KeyID  string // ARN of the KMS key; "" for none
		Tags   map[string]string
	}

	// Subscribe adds a subscriber to a topic.
	Subscribe struct {
		Meta
		TopicARN string
		Protocol string // email, sms, https, sqs, lambda
		Endpoint string
	}

	// PutFilter creates a metric filter, or replaces our own.
	PutFilter struct {
		Meta
		Filter account.MetricFilter
		Before *account.MetricFilter // nil: the filter is new
	}

	// PutAlarm creates a metric alarm, or replaces our own.
	PutAlarm struct {
		Meta
		Alarm  account.MetricAlarm
		Tags   map[string]string
		Before *account.MetricAlarm // nil: the alarm is new

		// TagsBefore are the tags of the alarm that is replaced: those of them that
		// Tags lacks are removed. Nil removes none.
		TagsBefore map[string]string
	}

	// SetTopicPolicy replaces the policy of a topic that exists.
	SetTopicPolicy struct {
		Meta
		TopicARN string
		Policy   string // JSON document
		Before   string // as it was read
	}

	// DeleteFilter removes a metric filter of ours.
	DeleteFilter struct {
		Meta
		Filter account.MetricFilter // as it was read
	}

	// DeleteAlarm removes an alarm of ours.
	DeleteAlarm struct {
		Meta
		Alarm account.MetricAlarm // as it was read
		Tags  map[string]string
	}

	// Unsubscribe removes a confirmed subscriber; others cannot be removed.
	Unsubscribe struct {
		Meta
		TopicARN string
		ARN      string // of the subscription
		Protocol string
		Endpoint string // masked
	}

	// DeleteTopic removes a topic of ours, and whoever subscribes to it.
	DeleteTopic struct {
		Meta
		Name   string
		ARN    string
		Policy string // as it was read
		Tags   map[string]string

		// Subscriptions are the ARNs of the confirmed subscribers that may go with
		// it; another one stops the deletion.
		Subscriptions []string
	}
)

func (CreateTopic) action() {}
func (Subscribe) action()   {}
func (PutFilter) action()   {}
func (PutAlarm) action()    {}

func (SetTopicPolicy) action() {}
func (DeleteFilter) action()   {}
func (DeleteAlarm) action()    {}
func (Unsubscribe) action()    {}
func (DeleteTopic) action()    {}
