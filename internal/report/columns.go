package report

import "github.com/monitorctl/monitorctl/internal/audit"

// The columns that the table shows of a chain.
const (
	colTrail  = iota // trail and log group
	colFilter        // filter
	colAlarm         // metric and alarm
	colNotify        // action, topic and subscription
	colCount
)

// A branch is one way through the tree of a chain, from a trail down.
type branch struct {
	depth int

	// states holds the worst state of each column's links; "" when the branch
	// has none.
	states [colCount]audit.LinkState

	// told says that the finding's first reason is about a link of this branch.
	told bool
}

// columns condenses the tree of evidence to the one branch that the table
// shows: the one that WHY speaks of, otherwise the one that comes furthest.
func columns(f audit.Finding) [colCount]audit.LinkState {
	var best branch
	var open []branch // the branch that ends at the link before, root first
	for i, link := range f.Chain {
		for len(open) > 0 && open[len(open)-1].depth >= link.Depth {
			open = open[:len(open)-1]
		}
		var b branch
		if len(open) > 0 {
			b = open[len(open)-1]
		}
		b = b.with(link, f.Reasons)
		open = append(open, b)
		leaf := i+1 == len(f.Chain) || f.Chain[i+1].Depth <= link.Depth
		if leaf && b.better(best) {
			best = b
		}
	}
	if f.Status == audit.Pass || f.Status == audit.Warn {
		best.share()
	}
	return best.states
}

// with returns b and one link more.
func (b branch) with(link audit.Link, reasons []audit.Reason) branch {
	b.depth = link.Depth
	if len(reasons) > 0 && reasons[0].Link == link.Kind && reasons[0].Resource == link.Resource {
		b.told = true
	}
	c, ok := columnOf(link.Kind)
	if ok && (b.states[c] == "" || rank(link.State) < rank(b.states[c])) {
		b.states[c] = link.State
	}
	return b
}

// better says whether b is to be shown rather than other: it holds what WHY
// speaks of, or it comes further along the chain.
func (b branch) better(other branch) bool {
	if b.told != other.told {
		return b.told
	}
	for c := range colCount {
		if x, y := rank(b.states[c]), rank(other.states[c]); x != y {
			return x > y
		}
	}
	return false
}

// share shows a part as the whole: where somebody is told of every event,
// several links with a gap each share the work.
func (b *branch) share() {
	for c, s := range b.states {
		if s == audit.StateGap {
			b.states[c] = audit.StateOK
		}
	}
}

func columnOf(kind audit.LinkKind) (column int, ok bool) {
	switch kind {
	case audit.LinkTrail, audit.LinkLogGroup:
		return colTrail, true
	case audit.LinkFilter:
		return colFilter, true
	case audit.LinkMetric, audit.LinkAlarm:
		return colAlarm, true
	case audit.LinkAction, audit.LinkTopic, audit.LinkSubscription:
		return colNotify, true
	default:
		return 0, false
	}
}

// rank orders states from bad to good; no link at all is the worst.
func rank(s audit.LinkState) int {
	switch s {
	case audit.StateOK:
		return 4
	case audit.StateGap:
		return 3
	case audit.StateUnknown:
		return 2
	case audit.StateNone:
		return 1
	default:
		return 0
	}
}
