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
	DestinationKind  = "api-destination"
	ConnectionKind   = "connection"
	ChatKind         = "chat-configuration"
	LogGroupKind     = "log-group"
	BucketKind       = "bucket"
	TrailKind        = "trail"

	BusPermissionKind = "bus-permission"
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
		RolePolicy   *string               `json:"rolePolicy,omitempty"` // of the role's own policy; "" for none
		Destination  *Destination          `json:"apiDestination,omitempty"`
		Connection   *Connection           `json:"connection,omitempty"`
		Chat         *Chat                 `json:"chatConfiguration,omitempty"`

		BusStatement *string `json:"busStatement,omitempty"` // of the policy of an event bus

		LogGroup       *LogGroup               `json:"logGroup,omitempty"`
		Retention      *int32                  `json:"retention,omitempty"` // of a log group, in days; 0 is for ever
		Bucket         *Bucket                 `json:"bucket,omitempty"`
		BucketSettings *account.BucketSettings `json:"bucketSettings,omitempty"`
		Trail          *Trail                  `json:"trail,omitempty"`
		Delivery       *account.TrailDelivery  `json:"delivery,omitempty"`  // of a trail
		Selectors      *account.Selectors      `json:"selectors,omitempty"` // of a trail
		Logging        *bool                   `json:"logging,omitempty"`   // of a trail
	}

	// A LogGroup is a log group without its retention and tags.
	LogGroup struct {
		Class string `json:"class"`
		KeyID string `json:"keyId,omitempty"`
	}

	// A Bucket is a bucket without its settings and tags.
	Bucket struct {
		Name string `json:"name"`
	}

	// A Trail is a trail without what can be changed about it, and without its tags.
	Trail struct {
		ARN         string `json:"arn"`
		Bucket      string `json:"bucket"`
		KeyID       string `json:"keyId,omitempty"`
		MultiRegion bool   `json:"multiRegion"`
		Global      bool   `json:"globalServiceEvents"`
		Validation  bool   `json:"logFileValidation"`
		Org         bool   `json:"organization,omitempty"`
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
		agree(s.RolePolicy, t.RolePolicy, func(x, y string) bool { return x == y || account.SameJSON(x, y) }) &&
		agree(s.Destination, t.Destination, func(x, y Destination) bool { return x == y }) &&
		agree(s.Connection, t.Connection, func(x, y Connection) bool { return x == y }) &&
		agree(s.Chat, t.Chat, sameChat) &&
		agree(s.BusStatement, t.BusStatement, policy.SameStatement) &&
		s.sameTrail(t)
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
	if s.Chat != nil {
		t.Chat = s.Chat
	}
	if s.BusStatement != nil {
		t.BusStatement = s.BusStatement
	}
	return s.overTrail(t)
}

// Only returns s without the parts that t lacks.
func (s State) Only(t State) State {
	return State{
		Filter: only(s.Filter, t.Filter), Alarm: only(s.Alarm, t.Alarm), Tags: only(s.Tags, t.Tags), Topic: only(s.Topic, t.Topic),
		Policy: only(s.Policy, t.Policy), Subscription: only(s.Subscription, t.Subscription),
		Rule: only(s.Rule, t.Rule), Target: only(s.Target, t.Target), Role: only(s.Role, t.Role), RolePolicy: only(s.RolePolicy, t.RolePolicy),
		Destination: only(s.Destination, t.Destination), Connection: only(s.Connection, t.Connection), Chat: only(s.Chat, t.Chat), BusStatement: only(s.BusStatement, t.BusStatement),
		LogGroup: only(s.LogGroup, t.LogGroup), Retention: only(s.Retention, t.Retention),
		Bucket: only(s.Bucket, t.Bucket), BucketSettings: only(s.BucketSettings, t.BucketSettings),
		Trail: only(s.Trail, t.Trail), Delivery: only(s.Delivery, t.Delivery), Selectors: only(s.Selectors, t.Selectors), Logging: only(s.Logging, t.Logging),
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
	case DestinationKind:
		return s.Destination != nil
	case ConnectionKind:
		return s.Connection != nil
	case ChatKind:
		return s.Chat != nil
	case BusPermissionKind:
		return s.BusStatement != nil && o.Endpoint != ""
	case LogGroupKind:
		return s.LogGroup != nil || s.Retention != nil
	case BucketKind:
		return (s.Bucket != nil || s.BucketSettings != nil || s.Tags != nil) && (s.Bucket == nil || s.Bucket.Name == o.Name)
	case TrailKind:
		return (s.Trail != nil || s.Delivery != nil || s.Selectors != nil || s.Logging != nil) && (s.Trail == nil || s.Trail.ARN == o.Name)
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
		(now.Policy == nil || policy.IsDefault(*now.Policy)) && (now.RolePolicy == nil || *now.RolePolicy == "") &&
			(now.Retention == nil || *now.Retention == 0) && (now.Logging == nil || !*now.Logging) &&
			(now.BucketSettings == nil || now.BucketSettings.Policy == "")
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
