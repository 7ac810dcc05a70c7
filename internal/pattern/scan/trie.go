package scan

import (
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// A trieNode is a place in messages that a selector of a set leads to or
// through. Selectors with a common beginning share its nodes.
//
// Every check has a slot: an entry of the slice of truths that the scanner
// fills. The slots of a node and of all nodes below it are consecutive, so that
// arriving at a value puts all of them straight with one copy, whatever an
// earlier property of the same name left there.
type trieNode struct {
	names   []nameChild
	indexes []indexChild
	any     *trieNode // for [*] and .*; there is no other one below it
	checks  []*check  // of the values found here
	totals  []total   // of the checks at any and below it
	field   int       // 1 + the place of the field found here; 0: none is

	// Made from the above by layout and expectRecords.
	byName     lookup // finds places in names
	first, end int    // the slots of the node and of all below are [first, end)
	fields     []int  // the places of the fields found here and below
	presets    [record.Number + 1][]bool
	tests      valueTests
	expected   []expectedName
}

type nameChild struct {
	name string
	node *trieNode
}

type indexChild struct {
	index int
	node  *trieNode
}

// A total sums up a check below a wildcard over the members of an array or
// object: all keeps the truth that it begins with until a member's is true, and
// then has the opposite one.
type total struct{ member, all *check }

// truth is that of all once a member's is true.
func (t total) truth() bool { return t.all.op == checkNever }

// add puts a condition that asks the same of all values into the
// trie and returns the check that has its truth.
func (n *trieNode) add(c *syntax.Condition, values []syntax.Value, r match.Reading) *check {
	for i, st := range c.Sel {
		if st.Kind == record.Any {
			return n.addWildcard(c, c.Sel[i+1:], values, r)
		}
		n = n.child(st)
	}
	own := &check{op: checkFor[c.Op], order: c.Op, values: values, reading: r}
	n.checks = append(n.checks, own)
	return own
}

// addWildcard adds a condition on the members of n, or with further steps on
// what they lead to from each of them. One check is for a single member, the
// other, which it returns, for all of them:
//
//	NOT EXISTS   true, until something is found
//	!=           true if n is found, until something is equal
//	IS NULL      false, until something is null; members of arrays do not count
//	all others   false, until something satisfies the condition
func (n *trieNode) addWildcard(c *syntax.Condition, rest record.Path, values []syntax.Value, r match.Reading) *check {
	member := &check{op: checkFor[c.Op], order: c.Op, values: values, reading: r}
	all := &check{op: checkNever}
	switch c.Op {
	case syntax.OpNotExists:
		member.op, all.op = checkFound, checkAlways
	case syntax.OpNotEqual:
		member.op, all.op = checkEqual, checkFound
	case syntax.OpIsNull:
		member.op = checkOnlyNull
	}
	n.checks = append(n.checks, all)
	n.totals = append(n.totals, total{member, all})
	place := n.child(record.Step{Kind: record.Any})
	for _, st := range rest {
		place = place.child(st)
	}
	place.checks = append(place.checks, member)
	return all
}

// child returns the node that a step leads to, a new one if there is none.
func (n *trieNode) child(st record.Step) *trieNode {
	switch st.Kind {
	case record.Name:
		for _, c := range n.names {
			if c.name == st.Name {
				return c.node
			}
		}
		n.names = append(n.names, nameChild{st.Name, &trieNode{}})
		return n.names[len(n.names)-1].node
	case record.Index:
		for _, c := range n.indexes {
			if c.index == st.Index {
				return c.node
			}
		}
		n.indexes = append(n.indexes, indexChild{st.Index, &trieNode{}})
		return n.indexes[len(n.indexes)-1].node
	default:
		if n.any == nil {
			n.any = &trieNode{}
		}
		return n.any
	}
}

// below returns all children.
func (n *trieNode) below() []*trieNode {
	var list []*trieNode
	for _, c := range n.names {
		list = append(list, c.node)
	}
	for _, c := range n.indexes {
		list = append(list, c.node)
	}
	if n.any != nil {
		list = append(list, n.any)
	}
	return list
}

// layout numbers the slots of a finished trie, those of n before those of its
// children, from next on, prepares the tables, and returns the next free slot.
func (n *trieNode) layout(next int) int {
	n.first = next
	for _, c := range n.checks {
		c.slot = next
		next++
	}
	for _, child := range n.below() {
		next = child.layout(next)
	}
	n.end = next
	n.fields = n.fieldsBelow()
	for kind := range n.presets {
		n.presets[kind] = n.preset(record.Kind(kind))
	}
	var names []string
	for _, c := range n.names {
		names = append(names, c.name)
	}
	n.byName = newLookup(names)
	n.tests = newValueTests(n.checks)
	return next
}

// preset returns the truths that the slots begin with when a value of a kind is
// found, or for nodeMissing when nothing is.
func (n *trieNode) preset(kind record.Kind) []bool {
	var list []bool
	for _, c := range n.checks {
		list = append(list, c.op.preset(kind))
	}
	for _, child := range n.below() {
		list = append(list, child.presets[record.Missing]...)
	}
	return list
}
