package chain

import "slices"

// missedOutcome names what breaks the way closest to working: the fewest broken
// links, of equals the first root. Where some records get through by good ways that
// are about the probe, it is not further than closing what those leave out.
func (g *Graph) missedOutcome(p Probe, good []*way) Outcome {
	for _, w := range good {
		g.good[p] = append(g.good[p], w.all)
	}
	best := Outcome{}
	for i, n := range g.roots {
		if o := g.attempt(n, p, [][]Matcher{nil}); i == 0 || o.Cost < best.Cost {
			best = o
		}
	}
	if all := g.cover(p, good); all.Fit == Partly {
		if best.Cost > 1 || best.Coverage.Fit == Nothing {
			best = Outcome{Coverage: all, Gap: &Gap{Fork: g.forkOf(good[0].nodes[0]), Coverage: all}, Used: nodesOf(good), Cost: 1, By: g.narrower(p, good)}
		}
		best.All = all
	}
	best.Probe, best.Truth = p, Bad
	return best
}

// attempt follows a node as far as it goes. Before are the conjunctions of matchers
// that records have passed on the way to it, as alternatives.
func (g *Graph) attempt(n *Node, p Probe, before [][]Matcher) Outcome {
	if n.isPlain() {
		o := Outcome{Reasons: g.Tail(n, p).Broken()}
		o.Cost = len(o.Reasons)
		if len(n.Behind()) == 0 && !n.End {
			o.Cost += n.Cost
		}
		return o
	}
	v := g.Verdict(n, p)
	after := both(before, n, v)
	var best Outcome
	if n.Fork {
		best = g.attemptFork(n, p, after)
	} else {
		for i, m := range n.Behind() {
			if o := g.attempt(m, p, after); i == 0 || o.Cost < best.Cost {
				best = o
			}
		}
	}
	fit := best.Coverage.Fit
	if v.Only != nil && best.By == nil && (fit == Tolerated || fit == Partly || fit == Nothing) && g.matchAll(best.Used, p) {
		best.By = n
	}
	broken := v.Broken()
	best.Reasons = slices.Concat(broken, best.Reasons)
	best.Cost += len(broken)
	return best
}

// both returns the conjunctions of what passed before with what a node and its
// verdict pass. What a broken link would let through does not matter.
func both(before [][]Matcher, n *Node, v Verdict) [][]Matcher {
	out := make([][]Matcher, 0, len(before))
	for _, all := range before {
		if n.Match != nil {
			all = append(slices.Clip(all), n.Match)
		}
		if v.Only == nil || v.Truth == Bad {
			out = append(out, all)
			continue
		}
		for _, m := range v.Only {
			out = append(out, append(slices.Clip(all), m))
		}
	}
	return out
}

// matchAll reports whether nodes match every record between them, if all get to
// them.
func (g *Graph) matchAll(nodes []*Node, p Probe) bool {
	var union [][]Matcher
	for _, n := range nodes {
		if n.Match != nil {
			union = append(union, []Matcher{n.Match})
		}
	}
	return len(union) > 0 && g.solver.Cover(p, union).Fit == Covered
}

// attemptFork takes the alternatives of a fork together, as far as they are about
// the probe.
func (g *Graph) attemptFork(n *Node, p Probe, before [][]Matcher) Outcome {
	var candidates []*Node
	var union [][]Matcher
	for _, m := range n.Behind() {
		if all := both(before, m, Verdict{}); m.Match != nil && g.aims(p, all) {
			candidates = append(candidates, m)
			union = append(union, all...)
		}
	}
	o := Outcome{Coverage: g.solver.Cover(p, union)}
	if len(g.roots) > 1 && len(union) > 0 && len(g.good[p]) > 0 {
		o.Coverage = g.solver.Cover(p, append(union, g.good[p]...)) // what reaches a person by another root is not lost
	}
	switch {
	case o.Coverage.Suffices():
		// What works already does not suffice, so the rest is what must be repaired.
		candidates = slices.DeleteFunc(candidates, func(m *Node) bool { return g.works(m, p, before) })
	case o.Coverage.Fit == Nothing:
		for _, m := range n.Behind() {
			if m.Match != nil && g.solver.Relevant(m.Match) {
				candidates = append(candidates, m)
			}
		}
		o.Cost = 1
		o.Gap = &Gap{Fork: n, Coverage: o.Coverage, None: len(candidates) == 0}
		if o.Gap.None {
			o.Cost += n.Cost
		}
	default:
		o.Cost = 1
		o.Gap = &Gap{Fork: n, Coverage: o.Coverage}
	}
	o.Used = candidates
	g.attemptBehind(&o, p, before)
	return o
}

// works reports whether nothing has to be repaired from a node on.
func (g *Graph) works(n *Node, p Probe, before [][]Matcher) bool {
	if n.isPlain() {
		return g.Tail(n, p).Truth == Good
	}
	o := g.attempt(n, p, before)
	return o.Gap == nil && o.Cost == 0
}

// attemptBehind adds what breaks behind the candidates of a fork: behind the one
// that is closest to working.
func (g *Graph) attemptBehind(o *Outcome, p Probe, before [][]Matcher) {
	var best Outcome
	var closest Verdict
	for i, m := range o.Used {
		b := g.attempt(m, p, before)
		v := Verdict{Truth: Bad, Reasons: b.Reasons}
		if m.isPlain() {
			v = g.Tail(m, p)
		} else if b.Gap == nil && b.Cost == 0 {
			v.Truth = Good
		}
		if i == 0 || v.Closer(closest) {
			best, closest = b, v
		}
	}
	switch {
	case o.Gap == nil:
		o.Gap = best.Gap
	case best.Gap != nil && best.Gap.Coverage.Lost == o.Gap.Coverage.Lost:
		best.Cost-- // the same gap, seen again behind a forwarder
	}
	o.Reasons = append(o.Reasons, best.Reasons...)
	o.Cost += best.Cost
}
