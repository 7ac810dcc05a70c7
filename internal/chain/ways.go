package chain

import (
	"encoding/binary"
	"slices"
)

// A way leads from a root to an end, or to where sight ends.
type way struct {
	Verdict
	nodes  []*Node   // those with a matcher, in order
	all    []Matcher // their matchers, that of the root's alternative first
	unsure bool      // some matcher is a guess
	end    *Node     // where it ends, if it has no matcher
}

// key tells apart what ways pass: by the nodes, and by the matchers that are not
// theirs.
func (g *Graph) key(w *way) string {
	var room [64]byte
	b := binary.AppendUvarint(room[:0], uint64(len(w.nodes)))
	for _, n := range w.nodes {
		b = binary.AppendUvarint(b, uint64(g.numbers[n]))
	}
	for _, m := range w.all {
		b = binary.AppendUvarint(b, uint64(g.matcher(m)))
	}
	if len(w.nodes) == 0 {
		b = binary.AppendUvarint(b, uint64(g.numbers[w.end]))
	}
	return string(b)
}

// matcher numbers matchers by their keys.
func (g *Graph) matcher(m Matcher) int {
	n, ok := g.matchers[m]
	if !ok {
		key := m.Key()
		if n, ok = g.keys[key]; !ok {
			n = len(g.keys)
			g.keys[key] = n
		}
		g.matchers[m] = n
	}
	return n
}

// ways returns the good and the unread ways of a probe, each once, in the order
// of the graph. Nothing behind a fork is judged that does not match.
func (g *Graph) ways(p Probe) []*way {
	var out []*way
	var seen map[string]*way // nil as long as there is one at most
	keep := func(w way) {
		if w.Truth == Bad {
			return
		}
		if len(out) == 0 {
			out = append(out, &w)
			return
		}
		if seen == nil {
			seen = map[string]*way{g.key(out[0]): out[0]}
		}
		key := g.key(&w)
		switch have := seen[key]; {
		case have == nil:
			seen[key] = &w
			out = append(out, &w)
		case w.Closer(have.Verdict):
			*have = w
		}
	}
	for _, n := range g.roots {
		g.follow(n, p, way{Verdict: Fine()}, keep)
	}
	return out
}

// follow goes on from a way to a node and everything behind it.
func (g *Graph) follow(n *Node, p Probe, w way, keep func(way)) {
	if n.Match != nil || n.Unsure {
		if n.Match != nil {
			g.asking = append(append(g.asking[:0], w.all...), n.Match)
		} else {
			g.asking = append(g.asking[:0], w.all...)
		}
		if !g.solver.Touches(p, g.asking) {
			return // most do not: nothing is kept of them
		}
		w.nodes = append(slices.Clip(w.nodes), n)
		w.unsure = w.unsure || n.Unsure
		w.all = slices.Clone(g.asking)
	}
	if n.isPlain() {
		w.Verdict = w.Verdict.And(g.Tail(n, p))
		if len(w.nodes) == 0 {
			w.end = n
		}
		keep(w)
		return
	}
	v := g.Verdict(n, p)
	if min(w.Truth, v.Truth) == Bad {
		return
	}
	w.Verdict = w.Verdict.And(Verdict{Truth: v.Truth, Reasons: v.Reasons})
	for _, all := range both([][]Matcher{w.all}, &Node{}, v) {
		w.all = all
		for _, m := range n.Behind() {
			g.follow(m, p, w, keep)
		}
	}
}

// Judge answers one probe.
func (g *Graph) Judge(p Probe) Outcome {
	var good, unread []*way
	for _, w := range g.ways(p) {
		if w.Truth == Good && !w.unsure {
			good = append(good, w)
		} else {
			unread = append(unread, w)
		}
	}
	cov := g.cover(p, good)
	switch {
	case cov.Suffices():
		return g.goodOutcome(p, good, cov)
	case cov.Fit == Unresolved:
		used := g.aimed(p, good)
		o := Outcome{Probe: p, Truth: Unread, Used: nodesOf(used), Coverage: cov}
		if len(used) == 0 {
			used = good
		}
		o.Gap = &Gap{Fork: g.forkOf(used[0].nodes[0]), Coverage: cov}
		return o
	}
	if o, ok := g.unreadOutcome(p, good, unread); ok {
		return o
	}
	return g.missedOutcome(p, g.aimed(p, good))
}

func (g *Graph) cover(p Probe, ways []*way) Coverage {
	union := make([][]Matcher, 0, len(ways))
	for _, w := range ways {
		if len(w.nodes) == 0 { // an end that every record gets to
			return Coverage{Fit: Covered}
		}
		union = append(union, w.all)
	}
	return g.solver.Cover(p, union)
}

// aimed returns the ways that are about the probe.
func (g *Graph) aimed(p Probe, ways []*way) []*way {
	return slices.DeleteFunc(slices.Clone(ways), func(w *way) bool { return g.solver.Incidental(p, w.all) })
}

// forkOf returns the fork in front of a node.
func (g *Graph) forkOf(n *Node) *Node {
	for _, path := range g.paths[n] {
		for _, m := range slices.Backward(path) {
			if m.Fork {
				return m
			}
		}
	}
	return nil
}

// goodOutcome takes the smallest clean set of ways that does the work: the oddest
// that are not needed are left out.
func (g *Graph) goodOutcome(p Probe, good []*way, cov Coverage) Outcome {
	used := g.aimed(p, good)
	if c := g.cover(p, used); c.Fit > cov.Fit || c.Lost > cov.Lost {
		used = slices.Clone(good) // what passes records by the way is needed
	}
	slices.SortStableFunc(used, func(a, b *way) int { return b.Warnings() - a.Warnings() })
	for i := 0; i < len(used); {
		rest := slices.Delete(slices.Clone(used), i, i+1)
		if used[i].Warnings() > 0 {
			if c := g.cover(p, rest); c.Fit < cov.Fit || c.Fit == cov.Fit && c.Lost <= cov.Lost && c.Key == cov.Key {
				used, cov = rest, c
				continue
			}
		}
		i++
	}
	o := Outcome{Probe: p, Truth: Good, Used: nodesOf(used), Coverage: cov, All: g.cover(p, good)}
	for _, w := range used {
		o.Reasons = append(o.Reasons, w.Reasons...)
	}
	if cov.Fit == Tolerated {
		o.By = g.narrower(p, used)
	}
	return o
}

// nodesOf returns the nodes with a matcher on the ways, each once.
func nodesOf(ways []*way) []*Node {
	var out []*Node
	for _, w := range ways {
		for _, n := range w.nodes {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// narrower returns the root of the first way if it is the verdicts above the forks
// that lose records, and not the matchers behind them.
func (g *Graph) narrower(p Probe, ways []*way) *Node {
	narrowed := false
	var union [][]Matcher
	for _, w := range ways {
		all := matchersOf(w.nodes)
		narrowed = narrowed || len(all) < len(w.all)
		union = append(union, all)
	}
	if !narrowed || g.solver.Cover(p, union).Fit != Covered {
		return nil
	}
	_, root := g.Above(ways[0].nodes[0], p)
	return root
}

func matchersOf(nodes []*Node) []Matcher {
	var all []Matcher
	for _, n := range nodes {
		if n.Match != nil {
			all = append(all, n.Match)
		}
	}
	return all
}

// unreadOutcome reports whether something that could not be checked may carry the
// probe, and what.
func (g *Graph) unreadOutcome(p Probe, good, unread []*way) (Outcome, bool) {
	o := Outcome{Probe: p, Truth: Unread}
	for _, w := range unread {
		if len(w.nodes) == 0 {
			o.Reasons = append(o.Reasons, w.Broken()...)
		}
	}
	if len(o.Reasons) > 0 {
		return o, true
	}
	known := slices.DeleteFunc(slices.Clone(unread), func(w *way) bool { return w.unsure })
	with := g.cover(p, slices.Concat(good, known))
	for _, w := range unread {
		if w.unsure || with.Suffices() || with.Fit == Unresolved {
			o.Reasons = append(o.Reasons, w.Broken()...)
			o.Used = append(o.Used, w.nodes...)
		}
	}
	for _, doubt := range g.doubts {
		if len(o.Reasons) > 0 {
			break
		}
		o.Reasons = doubt(p)
	}
	return o, len(o.Reasons) > 0
}

// Passes reports whether every record of a probe reaches a person, but for what
// may be left out on purpose.
func (g *Graph) Passes(p Probe) bool {
	var good []*way
	for _, w := range g.ways(p) {
		if w.Truth == Good && !w.unsure {
			good = append(good, w)
		}
	}
	return g.cover(p, good).Suffices()
}

// Together returns what all alternatives of the fork in front of a node do with a
// probe, whatever stands behind them.
func (g *Graph) Together(n *Node, p Probe) Coverage {
	fork := g.forkOf(n)
	if have, ok := g.shared[at{fork, p}]; ok {
		return have
	}
	var union [][]Matcher
	for _, path := range g.paths[fork] {
		path = append(slices.Clip(path), fork)
		for _, m := range fork.Next {
			if m.Match != nil {
				union = append(union, both([][]Matcher{matchersOf(path)}, m, g.above(path, p))...)
			}
		}
	}
	have := g.solver.Cover(p, union)
	g.shared[at{fork, p}] = have
	return have
}

// Alone returns what a node with a matcher does with a probe by itself, as far as
// records get to it.
func (g *Graph) Alone(n *Node, p Probe) Coverage {
	var union [][]Matcher
	for _, path := range g.paths[n] {
		union = append(union, both([][]Matcher{matchersOf(path)}, n, g.above(path, p))...)
	}
	return g.solver.Cover(p, union)
}
