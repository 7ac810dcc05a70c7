package pattern

import (
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

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
		path = append(append(v.group.parent.path(), record.Step{Kind: record.Any}), v.group.rest...)
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
		return t.op.String() + " " + t.val.words()
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

// positive returns the tests that say what a comparison asks: != asks for a
// value, and an order for what is on either side.
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

// comparesMidAsterisk says whether the text is that of a value with an asterisk
// in the middle.
func (v *variable) comparesMidAsterisk(text string) bool {
	return slices.ContainsFunc(v.tests, func(t test) bool { return t.val.hasMidAsterisk() && t.val.text == text })
}

// isUncertain says whether a variable that is true or false depends on the
// meaning of an asterisk in the middle.
func (v *variable) isUncertain() bool {
	return v.group != nil && v.group.elem.tests[v.bit].val.hasMidAsterisk()
}
