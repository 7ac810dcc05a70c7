// Package catalog holds the controls: what each benchmark version asks for,
// which events it requires, which texts it prescribes and what apply writes.
//
// The data are the YAML files of package patterns, one per control; their facts
// and sources are described in docs/controls.md.
package catalog

import "slices"

// A Type says what a control requires.
type Type string

// Types of controls.
const (
	Events    Type = "events"    // every required event must reach a person
	Condition Type = "condition" // every event that meets a condition must
	State     Type = "state"     // something must be so, whatever happens: no events, no texts, nothing that apply makes
)

// A Scope says in which regions CloudTrail records the events of a control.
type Scope string

// Scopes of controls.
const (
	Regional Scope = "regional" // in the region of the call
	Global   Scope = "global"   // in the partition's global region only (IAM, Organizations)
	SignIn   Scope = "sign-in"  // console sign-in: any region can be the one
)

// A Control is one requirement of the catalog.
type Control struct {
	// Cloud is whose events it is about. A control of Azure has Operations, and none
	// of what follows Sources but Numbers and Mappings.
	Cloud Cloud

	ID       string
	Title    string
	Why      string // why it matters, one sentence
	Severity Severity

	// SeverityReason is why the control has its severity, lower case, no full stop;
	// "" when the file does not say.
	SeverityReason string

	Sets    []string // core, cis, network; empty: only in the set of all
	Type    Type
	Scope   Scope
	Sources []string // event sources; empty when any source can be meant, and for states

	// Operations are what the control of Azure watches for, in catalog order; nil for
	// AWS.
	Operations []Operation

	// Numbers is the control's place in each benchmark version that has it. For Azure,
	// where each operation has a number of its own, it is all of them: "6.1.2.3,
	// 6.1.2.4".
	Numbers map[Benchmark]Number

	// Patterns are the texts that the benchmark versions (or, beyond CIS, the
	// source documents) prescribe, in catalog order.
	Patterns []Text

	// Events are the operations known to act on what the control names (Core):
	// the required ones of any version and the blind spots. Those that reach
	// the same effect elsewhere and carry a high risk follow, with Core false.
	// Empty for conditions.
	Events []Event

	// Condition is the filter pattern that states the requirement of a
	// condition control, the same for every benchmark version; empty for
	// events.
	Condition string

	// EventPattern is the event pattern of EventBridge that apply gives a rule
	// for a condition; "" when the catalog names none, and for events, whose rules list
	// their names.
	EventPattern string

	// State is what must be so, for controls of that type: SecurityHub or TrailDelivery.
	State string

	ReadOnly   string   // what readOnly is in the events: "true", "false", "" for either
	EventTypes []string // what eventType is in the events; empty for any
	Failures   bool     // the condition is about failed calls
	Reads      bool     // read events are needed too (unauthorized calls, root usage)

	// Read is an everyday operation of the first of Sources that only reads
	// what the control is about (DescribeVpcs): no alarm should count it. Empty
	// for conditions, and where the catalog names none.
	Read string

	Names Names

	// Mappings are the requirements that the control helps to meet, by the id
	// of their framework (see Frameworks); nil when there are none.
	Mappings map[string][]string
}

// SecurityHub is the state of an account that has Security Hub enabled in every
// region.
const SecurityHub = "security-hub"

// TrailDelivery is the state of an account in which someone is alerted when CloudTrail
// stops delivering to the log groups of its trails. TrailDeliverySilence is the id of the
// control that asks for it.
const (
	TrailDelivery        = "trail-delivery"
	TrailDeliverySilence = "trail-delivery-silence"
)

// Repairable returns the controls that a chain of filter, alarm and topic can
// satisfy: all but states.
func Repairable(controls []Control) []Control {
	return slices.DeleteFunc(slices.Clone(controls), func(c Control) bool { return c.Type == State })
}

// A Number is a control's place in one benchmark version.
type Number struct {
	Number string // "4.10"; for Azure "6.1.2.3", or several with ", " between them
	Level  int    // 1 or 2
	Title  string // the benchmark's own title
}

// A Text is one prescribed filter pattern.
type Text struct {
	ID       string
	Text     string
	Versions []Benchmark // empty: not bound to a version (beyond CIS)
	Writes   []Benchmark // the versions for which apply writes this text; "" stands for every version that no other text names
	Note     string      // what is wrong or special about it

	// Peers are the other auditors that a filter with the text satisfies, and how they
	// compare; nil for none.
	Peers map[Peer]Match `json:",omitempty"`

	// Noise says what a filter with the text beside the one that apply writes would
	// cost, Never why there is none in any case: clauses; "" for a text that costs
	// nothing.
	Noise, Never string `json:",omitempty"`
}

// An Event is one CloudTrail event name of a control.
type Event struct {
	Source string // ec2.amazonaws.com
	Name   string // CreateSecurityGroup

	Kind string // create, modify, delete, attach, detach
	Risk string // low, medium, high: what a change that nobody sees can do
	Why  string // may be empty

	// Core is true when the operation acts on the very thing that the control
	// names; false when it reaches the same effect elsewhere.
	Core bool

	// Versions are the benchmark versions that require the event; Always is
	// true where the control belongs to no benchmark and requires it always.
	Versions []Benchmark
	Always   bool
}

// Names are the names and texts of what apply creates for a control.
type Names struct {
	Filter      string
	Metric      string
	Alarm       string
	Description string // of the alarm
}
