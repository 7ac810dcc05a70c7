package action

import (
	"maps"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Kinds of objects in a journal.
const (
	FilterKind       = "metric-filter"
	AlarmKind        = "alarm"
	TopicKind        = "topic"
	SubscriptionKind = "subscription"
	RuleKind         = "rule"
	TargetKind       = "target"
	RoleKind         = "role"
)

// The published form of an object in a journal: docs/output.md,
// docs/schema/journal-v1.schema.json.
type (
	// A State is an object at one time, as far as a write concerns it: what it
	// leaves alone is nil.
	State struct {
		Filter       *account.MetricFilter `json:"filter,omitempty"`
		Alarm        *account.MetricAlarm  `json:"alarm,omitempty"` // without its state
		Tags         *map[string]string    `json:"tags,omitempty"`
		Topic        *Topic                `json:"topic,omitempty"`
		Policy       *string               `json:"policy,omitempty"` // of a topic; "" is the one that SNS gives
		Subscription *Subscription         `json:"subscription,omitempty"`
		Rule         *account.Rule         `json:"rule,omitempty"`       // without its targets
		Target       *account.WholeTarget  `json:"target,omitempty"`     // of a rule
		Role         *Role                 `json:"role,omitempty"`       // without its policy and tags
		RolePolicy   *string               `json:"rolePolicy,omitempty"` // the one with the role's name; "" for none
	}

	// A Role is a role without its policies and tags.
	Role struct {
		Trust string `json:"trust"` // JSON document
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

// Same reports whether two states agree in all that both are about.
func (s State) Same(t State) bool {
	return agree(s.Filter, t.Filter, account.MetricFilter.Same) &&
		agree(s.Alarm, t.Alarm, account.MetricAlarm.Same) &&
		agree(s.Tags, t.Tags, maps.Equal) &&
		agree(s.Topic, t.Topic, func(x, y Topic) bool { return x == y }) &&
		agree(s.Policy, t.Policy, samePolicy) &&
		agree(s.Subscription, t.Subscription, func(x, y Subscription) bool { return x == y }) &&
		agree(s.Rule, t.Rule, account.Rule.Same) &&
		agree(s.Target, t.Target, account.WholeTarget.Same) &&
		agree(s.Role, t.Role, func(x, y Role) bool { return account.SameJSON(x.Trust, y.Trust) }) &&
		agree(s.RolePolicy, t.RolePolicy, func(x, y string) bool { return x == y || account.SameJSON(x, y) })
}

func agree[T any](a, b *T, same func(T, T) bool) bool { return a == nil || b == nil || same(*a, *b) }

// samePolicy compares policies as documents: AWS may write them in another way.
func samePolicy(a, b string) bool {
	if policy.IsDefault(a) || policy.IsDefault(b) {
		return policy.IsDefault(a) == policy.IsDefault(b)
	}
	return account.SameJSON(a, b)
}

// Over returns t with the parts of s in place of its own, but for what identifies
// a topic or a subscription, which no write changes.
func (s State) Over(t State) State {
	if s.Filter != nil {
		t.Filter = s.Filter
	}
	if s.Alarm != nil {
		t.Alarm = s.Alarm
	}
	if s.Tags != nil {
		t.Tags = s.Tags
	}
	if s.Policy != nil {
		t.Policy = s.Policy
	}
	if s.Rule != nil {
		t.Rule = s.Rule
	}
	if s.Target != nil {
		t.Target = s.Target
	}
	if s.RolePolicy != nil {
		t.RolePolicy = s.RolePolicy
	}
	return t
}

// Only returns s without the parts that t lacks.
func (s State) Only(t State) State {
	return State{
		Filter: only(s.Filter, t.Filter), Alarm: only(s.Alarm, t.Alarm), Tags: only(s.Tags, t.Tags), Topic: only(s.Topic, t.Topic),
		Policy: only(s.Policy, t.Policy), Subscription: only(s.Subscription, t.Subscription),
		Rule: only(s.Rule, t.Rule), Target: only(s.Target, t.Target), Role: only(s.Role, t.Role), RolePolicy: only(s.RolePolicy, t.RolePolicy),
	}
}

func only[T any](part, other *T) *T {
	if other == nil {
		return nil
	}
	return part
}

// Of reports whether the state can be one of the object.
func (s State) Of(o change.Object) bool {
	if o.Region == "" || o.Name == "" {
		return false
	}
	switch o.Kind {
	case FilterKind:
		return s.Filter != nil && s.Filter.Name == o.Name && s.Filter.LogGroup == o.LogGroup
	case AlarmKind:
		return (s.Alarm != nil || s.Tags != nil) && (s.Alarm == nil || s.Alarm.Name == o.Name)
	case TopicKind:
		return s.Topic != nil && s.Topic.ARN == o.Name || s.Topic == nil && s.Policy != nil
	case SubscriptionKind:
		return s.Subscription != nil && o.Endpoint != ""
	case RuleKind:
		return s.Rule != nil && s.Rule.Name == o.Name
	case TargetKind:
		return s.Target != nil && s.Target.ID == o.Endpoint
	case RoleKind:
		return s.Role != nil || s.RolePolicy != nil
	}
	return false
}

// IsAsLeft reports whether an object is as a write left it, which is no removal.
// One that the write made has nothing else about it.
func IsAsLeft(now State, r change.Record[State]) bool {
	if !now.Same(*r.After) {
		return false
	}
	return r.Before != nil ||
		(now.Policy == nil || policy.IsDefault(*now.Policy)) && (now.RolePolicy == nil || *now.RolePolicy == "")
}

// FilterObject is a metric filter as a journal names it.
func FilterObject(region, group, name string) change.Object {
	return change.Object{Kind: FilterKind, Region: region, LogGroup: group, Name: name}
}

// AlarmObject is an alarm as a journal names it.
func AlarmObject(region, name string) change.Object {
	return change.Object{Kind: AlarmKind, Region: region, Name: name}
}

// TopicObject is a topic as a journal names it.
func TopicObject(region, arn string) change.Object {
	return change.Object{Kind: TopicKind, Region: region, Name: arn}
}

// SubscriptionObject is the subscription of an endpoint, given by its hash, to a
// topic as a journal names it.
func SubscriptionObject(region, topic, protocol, hash string) change.Object {
	return change.Object{Kind: SubscriptionKind, Region: region, Name: topic, Endpoint: protocol + " " + hash}
}

// AlarmState is an alarm in a journal; nil tags are not part of it.
func AlarmState(a account.MetricAlarm, tags map[string]string) *State {
	settings := a.Settings()
	s := &State{Alarm: &settings}
	if tags != nil {
		s.Tags = &tags
	}
	return s
}
