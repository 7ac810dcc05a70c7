package pattern

import (
	"slices"
	"strconv"
	"strings"
)

// A statement is a fact and the classes of which it speaks.
type statement struct {
	choice
	fact Fact
}

// statements describes the classes of a choice by facts, each of which speaks
// of some of them and of no others; together they speak of all that are in care,
// which are the classes that records of the probe can have.
func (j *judgement) statements(c choice, care classSet) []statement {
	v := j.vars[c.variable]
	t := j.tables[c.variable]
	name := v.pathName()
	if v.text != nil || v.group != nil {
		return []statement{{c, Fact{Path: name, Kind: FactOther, Text: v.bitText(name, t.classes[c.set.first()].node.kind == nodeTrue)}}}
	}
	d := describer{v: v, t: t, name: name, care: care, reading: j.reading}
	return d.statements(c.set)
}

// bitText puts a variable that is true or false into words.
func (v *variable) bitText(name string, yes bool) string {
	switch {
	case v.text != nil && yes:
		return "the text of the record " + v.text.String()
	case v.text != nil:
		return "the text of the record " + v.text.denial()
	case yes:
		return "some " + name + " " + v.group.elem.tests[v.bit].String()
	default:
		return "no " + name + " " + v.group.elem.tests[v.bit].String()
	}
}

// pathName returns the path without its leading "$.".
func (v *variable) pathName() string {
	path := v.path()
	switch {
	case v.text != nil:
		return ""
	case v.group != nil:
		path = append(append(v.group.parent.path(), step{kind: stepAny}), v.group.rest...)
	}
	return strings.TrimPrefix(path.String(), "$.")
}

// String returns the test in words that follow a path.
func (t test) String() string {
	switch t.op {
	case opExists:
		return "exists"
	case opNotExists:
		return "is missing"
	case opIsNull, opIsNullItself:
		return "is null"
	case opIsTrue:
		return "is true"
	case opIsFalse:
		return "is false"
	default:
		return strings.TrimSpace(t.op.String()) + " " + t.val.words()
	}
}

// words returns the value as it would be written in a pattern.
func (v value) words() string {
	switch v.kind {
	case valueRegex:
		return "%" + v.re.text + "%"
	case valueNumber:
		return v.text
	default:
		return strconv.Quote(v.text)
	}
}

// A describer puts sets of classes of one variable into words.
type describer struct {
	v       *variable
	t       *table
	name    string
	care    classSet
	reading reading
}

func (d *describer) fact(set classSet, kind FactKind, value, text string) statement {
	return statement{choice{d.v.id, set}, Fact{Path: d.name, Kind: kind, Value: value, Text: d.name + " " + text}}
}

// statements describes a set: that the value is missing, and then either what
// it is or what it is not, whichever can be said.
func (d *describer) statements(set classSet) []statement {
	var list []statement
	if set.meets(d.t.missing) && d.care.meets(d.t.missing) {
		list = append(list, d.fact(d.t.missing, FactMissing, "", "is missing"))
	}
	present := d.care.minus(d.t.missing)
	rest := present.and(set)
	switch {
	case rest.empty():
		return list
	case present.in(set):
		return append(list, d.fact(set.minus(d.t.missing), FactOther, "", "exists"))
	}
	positive, covered := d.units(rest, set.minus(d.t.missing))
	if covered {
		return append(list, positive...)
	}
	return append(list, d.negative(set.minus(d.t.missing), present))
}

// negative describes a set by what is not in it.
func (d *describer) negative(set, present classSet) statement {
	gone := present.minus(set)
	prefix := "is anything but "
	if d.care.meets(d.t.missing) {
		prefix = "exists and is anything but "
	}
	units, covered := d.units(gone, d.t.all.minus(set))
	if !covered {
		example := d.t.classes[set.and(present).first()].node
		return d.fact(set, FactOther, "", "is a value like "+nodeWords(example))
	}
	var words []string
	for _, u := range units {
		text := strings.TrimPrefix(u.fact.Text, d.name+" ")
		words = append(words, strings.TrimPrefix(strings.TrimPrefix(text, "= "), "is "))
	}
	return d.fact(set, FactOther, "", prefix+listed(words, " and "))
}

// units covers the classes of need by simple positive statements that speak of
// classes of bounds only.
func (d *describer) units(need, bounds classSet) (list []statement, covered bool) {
	left := need
	for _, s := range append(d.testUnits(bounds), d.exactUnits(bounds)...) {
		if s.set.meets(left) {
			list = append(list, s)
			left = left.minus(s.set)
		}
	}
	if left.empty() {
		return list, true
	}
	if kinds, ok := d.kindUnit(left, bounds); ok {
		return append(list, kinds), true
	}
	return nil, false
}

// testUnits returns the statements that compare with a value which more than
// one string or number equals, or with a bound: the widest first.
func (d *describer) testUnits(bounds classSet) []statement {
	var list []statement
	constants := d.t.constants()
	for i, t := range d.v.tests {
		if t.op > opGreaterEqual {
			continue
		}
		for _, t := range t.positive() {
			set := d.t.passing(t, constants, d.reading).or(d.t.unclear[i])
			if _, one := t.constant(d.reading); !set.in(bounds) || one && set.in(d.t.ofKinds(nodeString)) {
				continue
			}
			s := d.fact(set, FactOther, "", t.String())
			if t.val.kind == valueText && !d.t.domain.kinds.has(kindNumber) {
				s.fact.Kind, s.fact.Value = FactLike, t.val.text
			}
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b statement) int { return b.set.count() - a.set.count() })
	return list
}

// positive returns the tests that describe the values which a comparison tells
// apart.
func (t test) positive() []test {
	switch t.op {
	case opNotEqual:
		return []test{{opEqual, t.val}}
	case opLess, opGreaterEqual:
		return []test{{opLess, t.val}, {opGreaterEqual, t.val}}
	case opLessEqual, opGreater:
		return []test{{opLessEqual, t.val}, {opGreater, t.val}}
	default:
		return []test{t}
	}
}

// exactUnits returns the statements about one string.
func (d *describer) exactUnits(bounds classSet) []statement {
	var list []statement
	bounds.each(func(i int) {
		if c := d.t.classes[i]; c.exact && c.node.kind == nodeString {
			set := newClassSet(len(d.t.classes))
			set.add(i)
			list = append(list, d.fact(set, FactEquals, c.node.text, "= "+strconv.Quote(c.node.text)))
		}
	})
	return list
}

// kindUnit describes classes by their kinds, if all classes of those kinds are
// within the bounds.
func (d *describer) kindUnit(need, bounds classSet) (statement, bool) {
	set := newClassSet(len(d.t.classes))
	var words []string
	for _, k := range kindWords {
		of := d.t.ofKinds(k.kind)
		if !need.meets(of) {
			continue
		}
		if k.kind == nodeNumber && !of.in(bounds) {
			k.words, of = "a number beyond the range of doubles", d.t.beyondRange()
		}
		if !of.in(bounds) {
			return statement{}, false
		}
		set = set.or(of)
		words = append(words, k.words)
	}
	return d.fact(set, FactOther, "", "is "+listed(words, " or ")), need.in(set)
}

var kindWords = []struct {
	words string
	kind  nodeKind
}{
	{"a string", nodeString},
	{"a number", nodeNumber},
	{"true", nodeTrue},
	{"false", nodeFalse},
	{"null", nodeNull},
	{"an object", nodeObject},
	{"an array", nodeArray},
}

func (t *table) ofKinds(kind nodeKind) classSet {
	set := newClassSet(len(t.classes))
	for i, c := range t.classes {
		if c.node.kind == kind {
			set.add(i)
		}
	}
	return set
}

// beyondRange returns the classes of numbers beyond the range of doubles.
func (t *table) beyondRange() classSet {
	set := newClassSet(len(t.classes))
	for i, c := range t.classes {
		if _, finite := valueOf(c.node.text); c.node.kind == nodeNumber && !finite {
			set.add(i)
		}
	}
	return set
}

// listed joins words like `"a", "b" or "c"`.
func listed(words []string, last string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + last + words[len(words)-1]
}

// nodeWords returns a value as it stands in a record.
func nodeWords(n nodeValue) string {
	j := jsonNode{kind: n.kind, text: n.text}
	return string(j.appendTo(nil))
}
