package subscription

import (
	"encoding/json"
	"slices"
	"time"
)

// A Snapshot is what was read of one or more subscriptions.
type Snapshot struct {
	Schema        string         `json:"schema"`
	TakenAt       time.Time      `json:"takenAt"`       // UTC, whole seconds
	Salt          string         `json:"salt"`          // of the hashes of addresses; hexadecimal
	Subscriptions []Subscription `json:"subscriptions"` // by Fold of their ids
}

// A Subscription is one subscription as one credential sees it.
type Subscription struct {
	ID     string `json:"id"` // a GUID, as Azure writes it
	Name   string `json:"name,omitempty"`
	Tenant string `json:"tenant,omitempty"` // a GUID
	State  string `json:"state"`            // Enabled, Warned, PastDue, Disabled, Deleted

	// The lists of the whole subscription, by Fold of their ids; nil when the call
	// was not made. A list without objects was read, and is empty.
	AlertRules      *Read[[]json.RawMessage] `json:"activityLogAlerts,omitempty"`
	ActionGroups    *Read[[]json.RawMessage] `json:"actionGroups,omitempty"`
	ProcessingRules *Read[[]json.RawMessage] `json:"actionRules,omitempty"`

	// Elsewhere are the action groups of other subscriptions that objects of this
	// one name, by Fold of their ids. A nil value says that there is none.
	Elsewhere map[string]*Read[json.RawMessage] `json:"elsewhere,omitempty"`

	// What a plan needs to know besides; nil when it was not asked for. ResourceGroups
	// are those asked about by Fold of their names, a nil value says that there is none.
	// Registered reports whether the subscription uses Microsoft.Insights. Locks may be
	// unread: nothing but a better message depends on them.
	ResourceGroups map[string]*Read[json.RawMessage] `json:"resourceGroups,omitempty"`
	Registered     *Read[bool]                       `json:"registered,omitempty"`
	Locks          *Read[[]json.RawMessage]          `json:"locks,omitempty"`
}

// working are the states in which a subscription does something: Warned and
// PastDue are about its bill.
var working = []string{"enabled", "warned", "pastdue"}

// Works reports whether objects of the subscription can do anything: a Disabled one
// is read-only, a Deleted one is on its way out.
func (s *Subscription) Works() bool { return slices.Contains(working, Fold(s.State)) }

// Scope returns the resource id of the subscription.
func (s *Subscription) Scope() string { return "/subscriptions/" + s.ID }

// A Read is the answer to a call, or why there is none.
type Read[T any] struct {
	Value   T        `json:"value,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
}

// Got returns the value and whether there is one: false when the call was not made
// or failed.
func (r *Read[T]) Got() (T, bool) {
	if r == nil || r.Failure != nil {
		var zero T
		return zero, false
	}
	return r.Value, true
}

// Failed returns the failure of the call, nil when it was not made or succeeded.
func (r *Read[T]) Failed() *Failure {
	if r == nil {
		return nil
	}
	return r.Failure
}

// A Failure says why a call has no answer: denied, throttled to the end, timed
// out.
type Failure struct {
	Operation string `json:"operation"` // the permission that it needs: "Microsoft.Insights/actionGroups/read"
	Code      string `json:"code"`      // Azure's error code, or "Timeout", "ConnectionError"
	Message   string `json:"message,omitempty"`
}
