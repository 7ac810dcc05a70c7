package chain

import "github.com/monitorctl/monitorctl/internal/finding"

// A Probe is the number of a question, from 0, given by whoever builds the graph.
type Probe int

// A Matcher passes some records. Only a Solver knows which.
type Matcher interface {
	// Key tells matchers apart.
	Key() string
}

// A Node is an object as it is seen by what feeds it: an alarm for each series
// that it watches, a topic for each alarm.
type Node struct {
	Kind finding.LinkKind

	// Thing is what the node stands for, to whoever built it.
	Thing any

	// Judge is the verdict on the object alone; nil: it carries every record. It is
	// asked once, or once for each probe if it Varies.
	Judge  func(Probe) Verdict
	Varies bool

	// Match passes some records only; nil passes all. Unsure says that it is a
	// guess: what the object does cannot be told from what was read.
	Match  Matcher
	Unsure bool

	// Next are alternatives. Fork says that they share the records by their
	// matchers: what one does not match may go through another.
	Next []*Node
	Fork bool

	// Open returns Next when someone asks for it; nil where Next stands. Nothing
	// behind such a node has a matcher.
	Open func() []*Node

	// End is a person, or the place where sight ends.
	End bool

	// Cost counts the links that are missing behind a node without Next.
	Cost int

	fixed    *Verdict   // the verdict that does not depend on the probe
	verdicts []*Verdict // those of a node that varies, by probe; nil where it was not asked
	tail     *Verdict   // the same, with everything behind it
	plain    int8       // 1: nothing behind it has a matcher; 2: something has
}

// Behind returns the alternatives behind a node.
func (n *Node) Behind() []*Node {
	if n.Open != nil {
		n.Next, n.Open = n.Open(), nil
	}
	return n.Next
}

// isPlain reports whether no node behind n has a matcher.
func (n *Node) isPlain() bool {
	if n.plain == 0 {
		n.plain = 1
		if n.Open == nil {
			for _, m := range n.Next {
				if n.Fork || m.Match != nil || !m.isPlain() {
					n.plain = 2
				}
			}
		}
		if n.Fork {
			n.plain = 2
		}
	}
	return n.plain == 1
}
