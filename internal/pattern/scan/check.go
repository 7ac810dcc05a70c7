package scan

import (
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// A check is a condition of a pattern under one reading, at its place in the
// trie. Its truth is in a slot.
type check struct {
	op      checkOp
	order   syntax.Operator // for checkOrdered
	values  []syntax.Value  // more than one only for plain texts
	reading match.Reading
	slot    int
}

// A checkOp is what a check demands of a value.
type checkOp byte

const (
	checkEqual    checkOp = iota // equal to one of the values
	checkNotEqual                // a string or number that equals none of them
	checkOrdered                 // a number on the right side of the value
	checkNull                    // null, or an array with a null member
	checkOnlyNull
	checkTrue
	checkFalse
	checkMissing
	checkFound
	checkNever
	checkAlways
)

var checkFor = [...]checkOp{
	syntax.OpEqual: checkEqual, syntax.OpNotEqual: checkNotEqual,
	syntax.OpLess: checkOrdered, syntax.OpLessEqual: checkOrdered, syntax.OpGreater: checkOrdered, syntax.OpGreaterEqual: checkOrdered,
	syntax.OpIsNull: checkNull, syntax.OpIsTrue: checkTrue, syntax.OpIsFalse: checkFalse, syntax.OpNotExists: checkMissing,
}

// preset reports whether the check is true of a value of a kind as far as the kind
// tells: for strings, numbers and arrays it may turn out otherwise.
func (o checkOp) preset(kind record.Kind) bool {
	switch o {
	case checkNotEqual:
		return kind == record.String || kind == record.Number
	case checkNull, checkOnlyNull:
		return kind == record.Null
	case checkTrue:
		return kind == record.True
	case checkFalse:
		return kind == record.False
	case checkMissing:
		return kind == record.Missing
	case checkFound:
		return kind != record.Missing
	default:
		return o == checkAlways
	}
}

// valueTests are the tests of a place that the kind of its value leaves open.
type valueTests struct {
	nulls   []slotTruth // for arrays with a direct member that is null
	plain   []plainText
	byText  lookup // finds places in plain
	globs   []globTest
	numbers []numberTest

	// rendered says that some tests of texts are of numbers too.
	rendered bool
}

// A slotTruth is a truth to be written.
type slotTruth struct {
	slot  int
	truth bool
}

// A plainText is what follows from a value that is exactly this text. The text of
// a number literal is among them: strings equal it by spelling. Numbers equal it
// by value, which is tested last and has the final say.
type plainText struct {
	text string
	then []slotTruth
}

// A globTest is a comparison with a text that has asterisks or with a regular
// expression.
type globTest struct {
	glob glob
	re   *syntax.Regex // in place of glob, unless nil
	then slotTruth
}

// A numberTest is a comparison of a number with a literal.
type numberTest struct {
	cond syntax.Condition // without a selector
	slot int

	// small is the value of the literal if that is an integer of few digits.
	small   int64
	isSmall bool
}

// newValueTests collects the tests of the checks of one place, whose slots are
// known.
func newValueTests(checks []*check) valueTests {
	var t valueTests
	known := map[string]int{}
	for _, c := range checks {
		switch c.op {
		case checkNull:
			t.nulls = append(t.nulls, slotTruth{c.slot, true})
		case checkOrdered:
			t.addNumber(c, c.order)
		case checkEqual, checkNotEqual:
			for _, v := range c.values {
				t.addEqual(c, v, known)
			}
		}
	}
	var texts []string
	for _, p := range t.plain {
		texts = append(texts, p.text)
	}
	t.byText = newLookup(texts)
	return t
}

// addEqual adds the tests of = or != and one value; known has the places in
// plain.
func (t *valueTests) addEqual(c *check, v syntax.Value, known map[string]int) {
	then := slotTruth{c.slot, c.op == checkEqual}
	switch {
	case v.Kind == syntax.ValueNumber:
		op := syntax.OpNotEqual
		if c.op == checkEqual {
			op = syntax.OpEqual
		}
		t.addNumber(c, op)
		t.addPlain(v.Text, then, known)
	case isPlain(v, c.reading):
		t.addPlain(v.Text, then, known)
		t.rendered = true
	default:
		t.globs = append(t.globs, globTest{newGlob(v.Text, c.reading), v.Regex, then})
		t.rendered = true
	}
}

func (t *valueTests) addPlain(text string, then slotTruth, known map[string]int) {
	i, ok := known[text]
	if !ok {
		i = len(t.plain)
		known[text] = i
		t.plain = append(t.plain, plainText{text: text})
	}
	t.plain[i].then = append(t.plain[i].then, then)
}

func (t *valueTests) addNumber(c *check, op syntax.Operator) {
	test := numberTest{cond: syntax.Condition{Op: op, Val: c.values[0]}, slot: c.slot}
	test.small, test.isSmall = c.values[0].Num.Dec.SmallInteger()
	t.numbers = append(t.numbers, test)
}
