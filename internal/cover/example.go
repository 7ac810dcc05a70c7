package cover

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// maxExampleIndex bounds the length of arrays in example records.
const maxExampleIndex = 1000

// A builder makes a record of what a search has left.
type builder struct {
	*search
	root *record.Node

	// stuck means that no record was found, although there may be one.
	stuck bool
}

// record returns a record of the leaf at which the search stands; ok is false
// when none was found, although there may be one.
func (s *search) record(lean bool) (record []byte, ok bool) {
	b := builder{search: s}
	b.root = s.example(b.decidedText, lean)
	b.fill(s.problem.root, b.root)
	b.speak()
	if b.stuck {
		return nil, false
	}
	return b.root.AppendTo(nil), true
}

// simple reports whether the leaf speaks of values at paths of objects only. A
// record that the builder makes of such a leaf is right, or there is a bug.
func (s *search) simple(path []choice) bool {
	for _, c := range path {
		v := s.vars[c.variable]
		if v.group != nil || v.text != nil {
			return false
		}
		for ; v.parent != nil; v = v.parent {
			if v.step.Kind != record.Name || len(v.parent.groups) > 0 {
				return false
			}
		}
	}
	return true
}

// decidedText returns the text at a path if it was decided, else "".
func (b *builder) decidedText(path record.Path) string {
	v := b.problem.at(path)
	if v == nil || !b.decided(v) {
		return ""
	}
	return b.class(b.tables[v.id], b.allowed[v.id]).node.Text
}

// decided reports whether something was ruled out for a variable.
func (b *builder) decided(v *variable) bool { return !b.tables[v.id].all.in(b.allowed[v.id]) }

// class returns the first class in set for which we can write down a value.
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
func (b *builder) fill(v *variable, node *record.Node) {
	for _, k := range v.kids {
		if k.step.Kind == record.Name && node != nil && node.Kind == record.Object {
			node.Set(k.step.Name, b.value(k, node.Member(k.step)))
		}
	}
	if node != nil && node.Kind == record.Array {
		b.fillArray(v, node)
	}
	for _, g := range v.groups {
		if node != nil && (node.Kind == record.Array || node.Kind == record.Object) {
			b.fillGroup(g, node)
		}
	}
}

// value returns the value of v, nil for none; have is what stands there.
func (b *builder) value(v *variable, have *record.Node) *record.Node {
	if b.decided(v) || len(v.groups) > 0 {
		have = b.node(b.class(b.tables[v.id], b.allowed[v.id]), have)
	}
	b.fill(v, have)
	return have
}

// node returns the node of a class: have if it is a container of that kind.
func (b *builder) node(c class, have *record.Node) *record.Node {
	switch {
	case c.node.Kind == record.Missing:
		return nil
	case c.node.Kind == record.Object && have != nil && have.Kind == record.Object:
		return have
	}
	n := &record.Node{Kind: c.node.Kind, Text: c.node.Text}
	if c.node.NullMember {
		n.Members = []*record.Node{nil} // fillArray finds its place
	}
	return n
}

// fillArray gives an array its members. Unknown ones become empty objects.
func (b *builder) fillArray(v *variable, node *record.Node) {
	wantsNull := len(node.Members) > 0
	node.Members = nil
	room := maxExampleIndex // how long the array may be
	for _, k := range v.indexed {
		if !b.decided(k) {
			continue
		}
		c := b.class(b.tables[k.id], b.allowed[k.id])
		if c.node.Kind == record.Missing {
			room = min(room, k.step.Index)
			continue
		}
		if k.step.Index >= maxExampleIndex {
			b.stuck = true
			return
		}
		for len(node.Members) <= k.step.Index {
			node.Members = append(node.Members, record.ObjectNode())
		}
		node.Members[k.step.Index] = b.value(k, nil)
	}
	if wantsNull {
		b.placeNull(v, node, room)
	}
	b.stuck = b.stuck || len(node.Members) > room
}

// placeNull makes sure that a member of the array is null.
func (b *builder) placeNull(v *variable, node *record.Node, room int) {
	free := -1
	for i, m := range node.Members {
		if m.Kind == record.Null {
			return
		}
		k := v.find(record.Step{Kind: record.Index, Index: i})
		if k == nil || !b.decided(k) {
			free = i
		}
	}
	null := &record.Node{Kind: record.Null}
	switch {
	case len(node.Members) < room:
		node.Members = append(node.Members, null)
	case free >= 0:
		node.Members[free] = null
	default:
		b.stuck = true
	}
}

// fillGroup adds the members that pass the tests which some member has to pass.
func (b *builder) fillGroup(g *memberGroup, node *record.Node) {
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

// fulfilled reports whether a member that some condition names passes a test.
func (s *search) fulfilled(g *memberGroup, i int) bool {
	for _, sh := range g.shadows {
		if s.allowed[sh.v.id].in(s.tables[sh.v.id].yes[sh.tests[i]]) {
			return true
		}
	}
	return false
}

// eachCompletion calls try for the leaf as it is, and then with the members that
// conditions speak of passing the tests that some member has to pass: an array may
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

// dropSamples removes the members that no condition names.
func (b *builder) dropSamples(v *variable, node *record.Node) {
	for _, name := range slices.Clone(node.Names) {
		if v.find(record.Step{Kind: record.Name, Name: name}) == nil && !strings.HasPrefix(name, memberPrefix) {
			node.Set(name, nil)
		}
	}
}

const memberPrefix = "member"

func (b *builder) addMember(v *variable, node, member *record.Node) {
	if member == nil {
		b.stuck = true
		return
	}
	if node.Kind == record.Array {
		for _, k := range v.indexed {
			b.stuck = b.stuck || b.allowed[k.id].in(b.tables[k.id].missing) && k.step.Index <= len(node.Members)
		}
		node.Members = append(node.Members, member)
		return
	}
	name := memberPrefix
	for n := 1; slices.Contains(node.Names, name) || v.find(record.Step{Kind: record.Name, Name: name}) != nil; n++ {
		name = memberPrefix + strconv.Itoa(n)
	}
	node.Set(name, member)
}

// wrap returns a value in which path leads to node; nil if it would be too long.
func wrap(path record.Path, node *record.Node) *record.Node {
	for _, s := range slices.Backward(path) {
		if s.Kind == record.Name {
			outer := record.ObjectNode()
			outer.Set(s.Name, node)
			node = outer
			continue
		}
		if s.Index >= maxExampleIndex {
			return nil
		}
		outer := &record.Node{Kind: record.Array}
		for range s.Index {
			outer.Members = append(outer.Members, record.ObjectNode())
		}
		outer.Members = append(outer.Members, node)
		node = outer
	}
	return node
}

// speak puts the texts that the record has to contain into the field that the
// schema has for remarks.
func (b *builder) speak() {
	remark := record.Step{Kind: record.Name, Name: b.view.schema.Remark}
	for _, v := range b.vars {
		if v.text == nil || !b.isBit(v, true) || v.text.holds(string(b.root.AppendTo(nil))) {
			continue
		}
		words := b.wordsFor(*v.text)
		have := b.problem.root.find(remark)
		n := b.root.Member(remark)
		if have != nil && b.decided(have) || words == "" || n == nil {
			b.stuck = true
			return
		}
		n.Text += " " + words
	}
}

// wordsFor returns a text that passes the test, "" if none was found.
func (p *problem) wordsFor(t TextTest) string {
	if t.Find == nil {
		return t.Contains
	}
	key := t.key()
	if _, ok := p.words[key]; !ok {
		p.words[key] = shortestMatch(p.ctx, t.Find)
	}
	return p.words[key]
}

// shortestMatch returns a short text in which the expression finds a match, ""
// if none was found.
func shortestMatch(ctx context.Context, re *regexp.Regexp) string {
	match := ""
	err := eachCombination(ctx, []string{re.String()}, nil, maxTextWork, func(v, s string) bool {
		if v[0] == 1 && record.IsPlain(s) {
			match = s
		}
		return match == ""
	})
	if err != nil {
		return ""
	}
	return match
}
