package chain

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// A Graph answers probes about what hangs on its roots.
type Graph struct {
	roots  []*Node
	solver Solver
	doubts []Doubt

	good    map[Probe][][]Matcher // on the good ways of probes that are missed
	tails   map[at]Verdict        // of nodes behind which something varies
	paths   map[*Node][][]*Node
	numbers map[*Node]int // of nodes that paths lead to, in the order of the graph
	judged  int

	shared   map[at]Coverage // of all alternatives of a fork together
	asking   []Matcher       // room for a question
	matchers map[Matcher]int // numbers, the same for the same key
	keys     map[string]int
}

// at is a node asked about a probe.
type at struct {
	node  *Node
	probe Probe
}

// A Doubt returns why something that the graph cannot hold may carry a probe all
// the same; nil when nothing may.
type Doubt func(Probe) []finding.Reason

// NewGraph returns the graph of the roots. Doubts are asked in their order, each
// only where those before it had nothing to say.
func NewGraph(roots []*Node, solver Solver, doubts ...Doubt) *Graph {
	g := &Graph{roots: roots, solver: solver, doubts: doubts, good: map[Probe][][]Matcher{}, tails: map[at]Verdict{}, paths: map[*Node][][]*Node{}, numbers: map[*Node]int{}, shared: map[at]Coverage{}, matchers: map[Matcher]int{}, keys: map[string]int{}}
	for _, n := range roots {
		g.findPaths(n, nil)
	}
	return g
}

// findPaths notes the ways from the roots to every node that has a matcher, or
// has one behind it.
func (g *Graph) findPaths(n *Node, above []*Node) {
	if _, ok := g.numbers[n]; !ok {
		g.numbers[n] = len(g.numbers)
	}
	g.paths[n] = append(g.paths[n], above)
	if n.isPlain() {
		return
	}
	for _, m := range n.Next {
		g.findPaths(m, append(above[:len(above):len(above)], n))
	}
}

// Roots returns what the graph was made of.
func (g *Graph) Roots() []*Node { return g.roots }

// Judged counts the verdicts that were asked of nodes, those that were kept
// aside.
func (g *Graph) Judged() int { return g.judged }

// Verdict returns the verdict of a node alone.
func (g *Graph) Verdict(n *Node, p Probe) Verdict {
	switch {
	case n.Judge == nil:
		return Fine()
	case n.fixed != nil:
		return *n.fixed
	}
	if int(p) < len(n.verdicts) && n.verdicts[p] != nil {
		return *n.verdicts[p]
	}
	g.judged++
	v := n.Judge(p)
	if !n.Varies {
		n.fixed = &v
		return v
	}
	if need := int(p) + 1 - len(n.verdicts); need > 0 {
		n.verdicts = append(n.verdicts, make([]*Verdict, need)...)
	}
	n.verdicts[p] = &v
	return v
}

// Tail returns the verdict of a node with everything behind it; nothing of that
// has a matcher: of alternatives the one closest to working counts.
func (g *Graph) Tail(n *Node, p Probe) Verdict {
	v, _ := g.tail(n, p)
	return v
}

// tail says too whether the verdict depends on the probe.
func (g *Graph) tail(n *Node, p Probe) (v Verdict, varies bool) {
	if n.tail != nil {
		return *n.tail, false
	}
	key := at{n, p}
	if v, ok := g.tails[key]; ok {
		return v, true
	}
	v, varies = g.Verdict(n, p), n.Varies
	var best Verdict
	for i, m := range n.Behind() {
		t, tv := g.tail(m, p)
		if i == 0 || t.Closer(best) {
			best = t
		}
		varies = varies || tv
	}
	switch {
	case len(n.Next) > 0:
		v = v.And(best)
	case !n.End:
		v.Truth = Bad
	}
	if varies {
		g.tails[key] = v
	} else {
		n.tail = &v
	}
	return v, varies
}

// above returns the verdict on a path of nodes.
func (g *Graph) above(path []*Node, p Probe) Verdict {
	v := Fine()
	for _, n := range path {
		v = v.And(g.Verdict(n, p))
	}
	return v
}

// Above returns the verdict on the path to a node that is closest to working,
// and the root of that path. The zero Verdict and nil when no root leads to it.
func (g *Graph) Above(n *Node, p Probe) (best Verdict, root *Node) {
	for _, path := range g.paths[n] {
		top := n
		if len(path) > 0 {
			top = path[0]
		}
		if v := g.above(path, p); root == nil || v.Closer(best) {
			best, root = v, top
		}
	}
	return best, root
}

// Reaches reports whether records of a probe certainly get to a node and are
// what it is about.
func (g *Graph) Reaches(n *Node, p Probe) bool {
	return g.comesTo(n, p, g.aims)
}

// Touches reports whether some records of a probe certainly get to a node and
// match it, be it only by the way.
func (g *Graph) Touches(n *Node, p Probe) bool {
	return g.comesTo(n, p, func(p Probe, union [][]Matcher) bool {
		return slices.ContainsFunc(union, func(all []Matcher) bool { return g.solver.Touches(p, all) })
	})
}

// comesTo reports whether some path to a node is good and what passes on it meets
// a test.
func (g *Graph) comesTo(n *Node, p Probe, meets func(Probe, [][]Matcher) bool) bool {
	for _, path := range g.paths[n] {
		if v := g.above(path, p); v.Truth == Good && meets(p, both([][]Matcher{matchersOf(path)}, n, v)) {
			return true
		}
	}
	return false
}

// aims reports whether one of the conjunctions touches a probe, and not only by
// the way.
func (g *Graph) aims(p Probe, union [][]Matcher) bool {
	for _, all := range union {
		if g.solver.Touches(p, all) && !g.solver.Incidental(p, all) {
			return true
		}
	}
	return false
}
