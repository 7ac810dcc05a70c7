package pattern

import (
	"slices"
	"strconv"
	"strings"
)

// maxExampleIndex bounds the length of arrays in example records.
const maxExampleIndex = 1000

// A builder makes a record of what a search has left.
type builder struct {
	*search
	root *jsonNode

	// stuck says that no record was found, although there may be one.
	stuck bool
}

// record returns a record of the leaf at which the search stands; ok is false
// when none was found, although there may be one.
func (s *search) record(lean bool) (record []byte, ok bool) {
	b := builder{search: s}
	b.root = s.view.probe.base(b.identityType(), lean)
	b.fill(s.problem.root, b.root)
	b.speak()
	if b.stuck {
		return nil, false
	}
	return b.root.appendTo(nil), true
}

// simple says whether the leaf speaks of values at paths of objects only. A
// record that the builder makes of such a leaf is right, or there is a bug.
func (s *search) simple(path []choice) bool {
	for _, c := range path {
		v := s.vars[c.variable]
		if v.group != nil || v.text != nil {
			return false
		}
		for ; v.parent != nil; v = v.parent {
			if v.step.kind != stepName || len(v.parent.groups) > 0 {
				return false
			}
		}
	}
	return true
}

// identityType returns userIdentity.type if it was decided.
func (b *builder) identityType() string {
	identity := b.problem.root.find(step{kind: stepName, name: "userIdentity"})
	if identity == nil {
		return ""
	}
	kind := identity.find(step{kind: stepName, name: "type"})
	if kind == nil || !b.decided(kind) {
		return ""
	}
	return b.class(b.tables[kind.id], b.allowed[kind.id]).node.text
}

// decided says whether something was ruled out for a variable.
func (b *builder) decided(v *variable) bool { return !b.tables[v.id].all.in(b.allowed[v.id]) }

// class returns the first class of a set of which a value is known.
func (b *builder) class(t *table, set classSet) class {
	chosen := class{}
	set.each(func(i int) {
		if !chosen.found {
			chosen = t.classes[i]
		}
	})
	b.stuck = b.stuck || !chosen.found
	return chosen
}

// fill decides the kids of v, whose node is nil when v is missing.
func (b *builder) fill(v *variable, node *jsonNode) {
	for _, k := range v.kids {
		if k.step.kind == stepName && node != nil && node.kind == nodeObject {
			node.set(k.step.name, b.value(k, node.member(k.step)))
		}
	}
	if node != nil && node.kind == nodeArray {
		b.fillArray(v, node)
	}
	for _, g := range v.groups {
		if node != nil && (node.kind == nodeArray || node.kind == nodeObject) {
			b.fillGroup(g, node)
		}
	}
}

// value returns the value of v, nil for none; have is what stands there.
func (b *builder) value(v *variable, have *jsonNode) *jsonNode {
	if b.decided(v) || len(v.groups) > 0 {
		have = b.node(b.class(b.tables[v.id], b.allowed[v.id]), have)
	}
	b.fill(v, have)
	return have
}

// node returns the node of a class: have if it is a container of that kind.
func (b *builder) node(c class, have *jsonNode) *jsonNode {
	switch {
	case c.node.kind == nodeMissing:
		return nil
	case c.node.kind == nodeObject && have != nil && have.kind == nodeObject:
		return have
	}
	n := &jsonNode{kind: c.node.kind, text: c.node.text}
	if c.node.nullMember {
		n.members = []*jsonNode{nil} // fillArray finds its place
	}
	return n
}

// fillArray gives an array its members. Those of which nothing is known become
// empty objects.
func (b *builder) fillArray(v *variable, node *jsonNode) {
	wantsNull := len(node.members) > 0
	node.members = nil
	room := maxExampleIndex // how long the array may be
	for _, k := range v.indexed {
		if !b.decided(k) {
			continue
		}
		c := b.class(b.tables[k.id], b.allowed[k.id])
		if c.node.kind == nodeMissing {
			room = min(room, k.step.index)
			continue
		}
		if k.step.index >= maxExampleIndex {
			b.stuck = true
			return
		}
		for len(node.members) <= k.step.index {
			node.members = append(node.members, objectNode())
		}
		node.members[k.step.index] = b.value(k, nil)
	}
	if wantsNull {
		b.placeNull(v, node, room)
	}
	b.stuck = b.stuck || len(node.members) > room
}

// placeNull makes sure that a member of the array is null.
func (b *builder) placeNull(v *variable, node *jsonNode, room int) {
	free := -1
	for i, m := range node.members {
		if m.kind == nodeNull {
			return
		}
		k := v.find(step{kind: stepIndex, index: i})
		if k == nil || !b.decided(k) {
			free = i
		}
	}
	null := &jsonNode{kind: nodeNull}
	switch {
	case len(node.members) < room:
		node.members = append(node.members, null)
	case free >= 0:
		node.members[free] = null
	default:
		b.stuck = true
	}
}

// fillGroup adds the members that pass the tests which some member has to pass.
func (b *builder) fillGroup(g *memberGroup, node *jsonNode) {
	elem := b.elems[g]
	left := elem.all
	forbids := false
	for i, bit := range g.bits {
		if b.isBit(bit, false) {
			left = left.minus(elem.yes[i])
			forbids = true
		}
	}
	if forbids {
		b.dropSamples(g.parent, node)
	}
	for i, bit := range g.bits {
		if b.isBit(bit, true) && !b.fulfilled(g, i) {
			c := b.class(elem, left.and(elem.yes[i]))
			b.addMember(g.parent, node, wrap(g.rest, b.node(c, nil)))
		}
	}
}

// fulfilled says whether a member of which conditions speak passes a test.
func (s *search) fulfilled(g *memberGroup, i int) bool {
	for _, sh := range g.shadows {
		if s.allowed[sh.v.id].in(s.tables[sh.v.id].yes[sh.tests[i]]) {
			return true
		}
	}
	return false
}

// eachCompletion calls try for the leaf as it is, and then with members of which
// conditions speak passing the tests that some member has to pass: an array may
// have no room for more. It goes on until try returns false.
func (s *search) eachCompletion(try func() bool) bool {
	if !try() {
		return false
	}
	for _, g := range s.groups {
		for i, bit := range g.bits {
			if !s.isBit(bit, true) || s.fulfilled(g, i) {
				continue
			}
			for _, sh := range g.shadows {
				mark := len(s.trail)
				if s.restrict(sh.v.id, s.tables[sh.v.id].yes[sh.tests[i]]) && s.settle() && !s.eachCompletion(try) {
					return false
				}
				s.undo(mark)
			}
		}
	}
	return true
}

// dropSamples removes the members of which no condition speaks.
func (b *builder) dropSamples(v *variable, node *jsonNode) {
	for _, name := range slices.Clone(node.names) {
		if v.find(step{kind: stepName, name: name}) == nil && !strings.HasPrefix(name, memberPrefix) {
			node.set(name, nil)
		}
	}
}

const memberPrefix = "member"

func (b *builder) addMember(v *variable, node, member *jsonNode) {
	if member == nil {
		b.stuck = true
		return
	}
	if node.kind == nodeArray {
		for _, k := range v.indexed {
			b.stuck = b.stuck || b.allowed[k.id].in(b.tables[k.id].missing) && k.step.index <= len(node.members)
		}
		node.members = append(node.members, member)
		return
	}
	name := memberPrefix
	for n := 1; slices.Contains(node.names, name) || v.find(step{kind: stepName, name: name}) != nil; n++ {
		name = memberPrefix + strconv.Itoa(n)
	}
	node.set(name, member)
}

// wrap returns a value in which path leads to node; nil if it would be too long.
func wrap(path selector, node *jsonNode) *jsonNode {
	for _, s := range slices.Backward(path) {
		if s.kind == stepName {
			outer := objectNode()
			outer.set(s.name, node)
			node = outer
			continue
		}
		if s.index >= maxExampleIndex {
			return nil
		}
		outer := &jsonNode{kind: nodeArray}
		for range s.index {
			outer.members = append(outer.members, objectNode())
		}
		outer.members = append(outer.members, node)
		node = outer
	}
	return node
}

// speak puts the texts that the record has to contain into its userAgent.
func (b *builder) speak() {
	for _, v := range b.vars {
		if v.text == nil || !b.isBit(v, true) || v.text.holds(string(b.root.appendTo(nil))) {
			continue
		}
		words := b.wordsFor(v.text)
		agent := b.problem.root.find(step{kind: stepName, name: "userAgent"})
		if agent != nil && b.decided(agent) || words == "" {
			b.stuck = true
			return
		}
		n := b.root.member(step{kind: stepName, name: "userAgent"})
		n.text += " " + words
	}
}

// wordsFor returns a text that passes the test, "" if none was found.
func (p *problem) wordsFor(t *textTest) string {
	if t.re == nil {
		return t.contains
	}
	if _, ok := p.words[t.re]; !ok {
		p.words[t.re] = shortestMatch(t.re)
	}
	return p.words[t.re]
}

// shortestMatch returns a short text in which the expression finds a match, ""
// if none was found.
func shortestMatch(re *regex) string {
	match := ""
	err := eachCombination([]string{re.re.String()}, nil, maxTextWork, func(v, s string) bool {
		if v[0] == 1 && isPlainJSON(s) {
			match = s
		}
		return match == ""
	})
	if err != nil {
		return ""
	}
	return match
}
