package chain

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// An Outcome is the answer to one probe.
type Outcome struct {
	Probe Probe
	Truth Truth

	// Reasons, good: what is odd about the ways taken; else what breaks the way
	// closest to working. Below good there is a reason or a gap.
	Reasons []finding.Reason

	// Gap is what the alternatives of a fork leave out together; nil for nothing.
	Gap *Gap

	// Cost counts the links that must be repaired on the way closest to working; 0
	// unless Truth is Bad.
	Cost int

	// Used are the nodes with a matcher on the ways taken; below good those of the
	// way closest to working.
	Used []*Node

	// Coverage is what Used do together. It is the zero value where nothing was
	// covered.
	Coverage Coverage

	// All is what the good ways do together, whether they are needed or not; below
	// good those that are about the probe, and the zero value where they pass nothing.
	All Coverage

	// By is the node before the fork whose verdict narrows what the fork gets, so
	// that records are lost that Used would match; nil for none.
	By *Node
}

// A Gap is what no alternative of a fork matches.
type Gap struct {
	Fork     *Node
	Coverage Coverage // of what matches at all
	None     bool     // no alternative is about what is asked for
}

// Answer is the truth of the outcome, for types that embed one.
func (o Outcome) Answer() Truth { return o.Truth }

// Status combines the answers to the probes of a control with the reasons: a probe
// that is missed is a failure, else an unread one is unknown, else a warning among the
// reasons is one.
func Status[O interface{ Answer() Truth }](outcomes []O, reasons []finding.Reason) finding.Status {
	worst := Good
	for _, o := range outcomes {
		worst = min(worst, o.Answer())
	}
	switch {
	case worst == Bad:
		return finding.Fail
	case worst == Unread:
		return finding.Unknown
	case slices.ContainsFunc(reasons, func(r finding.Reason) bool { return r.Status == finding.Warn }):
		return finding.Warn
	}
	return finding.Pass
}
