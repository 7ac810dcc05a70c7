package desired

import (
	"maps"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A State is how an object that the scope asks for stands in the account.
type State string

// States.
const (
	New     State = "new"     // it is not there
	Ours    State = "created" // it is there, and monitorctl keeps it
	Changed State = "changed" // something is there that would be replaced, as --replace asks
	Kept    State = "kept"    // it is there, and code that monitorctl wrote keeps it
)

// A List is all that the scope asks for in one region of one account: what is there
// already and what is missing. Each kind is in the order in which plan makes it.
type List struct {
	Home     Home
	LogGroup string // of the trail that carries filters and alarms; "" without them
	Names    Names

	Topics        []Topic
	Subscriptions []Subscription
	Filters       []Filter
	Alarms        []Alarm

	Trail TrailSet

	Roles     []Role // of rules
	Endpoints []Endpoint
	Rules     []Rule

	// Elsewhere are the lists of other regions, by name: rules that forward events, or
	// with their own topics. They have no trail, no roles and nothing elsewhere themselves.
	Elsewhere []List
}

// A Topic is a topic of ours with its policy.
type Topic struct {
	State  State
	Name   string
	ARN    string
	Policy string // JSON document
	KeyID  string // ARN of the KMS key; "" for none
	Tags   map[string]string
}

// A Subscription is a subscriber of a topic, whole.
type Subscription struct {
	State    State
	TopicARN string // of a topic of the list, or of one that exists
	Protocol string // email, sms, http, https, sqs, lambda
	Endpoint string
	ARN      string // "" unless it is there and confirmed
}

// IsSecret reports whether the endpoint may not be written into files that many read:
// the path of a URL is a key more often than not, and a phone number is a person's.
func (s Subscription) IsSecret() bool {
	return s.Protocol == "http" || s.Protocol == "https" || s.Protocol == "sms"
}

// A Filter is a metric filter of ours.
type Filter struct {
	State   State
	Key     string // id of its control; of further filters "ID/supplement-1", "ID/version-500"
	Control Control
	Filter  account.MetricFilter
}

// An Alarm is an alarm of ours.
type Alarm struct {
	State   State
	Key     string // id of its control
	Control Control
	Alarm   account.MetricAlarm
	Tags    map[string]string
}

// A Control is what is said about a control beside its objects.
type Control struct {
	ID     string
	Number string // in the benchmark; "" for none
	Title  string
}

// KeptBy returns the list with the tags and descriptions that say that k keeps the objects.
func (l List) KeptBy(k Keeper) List {
	l.Topics, l.Alarms, l.Roles = slices.Clone(l.Topics), slices.Clone(l.Alarms), slices.Clone(l.Roles)
	l.Endpoints, l.Rules, l.Elsewhere = slices.Clone(l.Endpoints), slices.Clone(l.Rules), slices.Clone(l.Elsewhere)
	l.Trail = l.Trail.keptBy(k)
	for i := range l.Topics {
		l.Topics[i].Tags = withKeeper(l.Topics[i].Tags, k)
	}
	for i := range l.Alarms {
		l.Alarms[i].Tags = withKeeper(l.Alarms[i].Tags, k)
	}
	for i := range l.Roles {
		l.Roles[i].Tags = withKeeper(l.Roles[i].Tags, k)
	}
	for i := range l.Endpoints {
		l.Endpoints[i].Description = k.Description()
	}
	for i := range l.Rules {
		l.Rules[i].Tags = withKeeper(l.Rules[i].Tags, k)
	}
	for i := range l.Elsewhere {
		l.Elsewhere[i] = l.Elsewhere[i].KeptBy(k)
	}
	return l
}

func withKeeper(tags map[string]string, k Keeper) map[string]string {
	out := map[string]string{}
	maps.Copy(out, tags)
	out[ManagedTag] = string(k)
	return out
}

// Topic returns the topic of the list with an ARN; nil for one of someone else.
func (l List) Topic(arn string) *Topic {
	for i := range l.Topics {
		if l.Topics[i].ARN == arn {
			return &l.Topics[i]
		}
	}
	return nil
}

// IsEmpty reports whether there is nothing in the list.
func (l List) IsEmpty() bool {
	return l.Trail.IsEmpty() && len(l.Topics)+len(l.Subscriptions)+len(l.Filters)+len(l.Alarms)+len(l.Roles)+len(l.Endpoints)+len(l.Rules)+len(l.Elsewhere) == 0
}
