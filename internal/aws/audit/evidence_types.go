package audit

// Evidence is what plan needs of a finding beyond what a report shows. It is
// part of no output format.
type Evidence struct {
	// Filters are the filters that match some of what the control requires, on
	// any trail's log group, by log group and name.
	Filters []FilterEvidence

	// Rules are the EventBridge rules that may take some of what the control requires,
	// by region and name.
	Rules []RuleEvidence

	// Broken counts, over all missed probes, the links that must be mended on
	// the path closest to working: a repair makes it smaller.
	Broken int
}

// FilterEvidence is what was found of one filter and everything behind it.
type FilterEvidence struct {
	Region string
	Group  string // log group name
	Name   string

	// Covers reports whether the filter alone matches all that the control
	// requires (but for exclusions on purpose); Live whether its log group
	// gets the events.
	Covers bool
	Live   bool

	// Value is whether what it writes can be seen by an alarm.
	Value bool

	// Noisy says that its metric counts everyday events too.
	Noisy bool

	// Alarmed reports whether some alarm on its metric would fire for one event
	// and can do so again; Notified whether such an alarm also reaches a
	// person.
	Alarmed, Notified bool
}
