package chain

import "github.com/monitorctl/monitorctl/internal/finding"

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
