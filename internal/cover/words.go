package cover

import (
	"slices"
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

// writesUncertain reports whether an uncertain test writes the text.
func (v *variable) writesUncertain(text string) bool {
	return slices.ContainsFunc(v.tests, func(t Test) bool {
		asks := t.Asks()
		return asks.Uncertain && asks.Text != nil && asks.Text.Like == text
	})
}

// isUncertain reports whether the words for a variable that is true or false
// mean something else under another reading.
func (v *variable) isUncertain() bool {
	return v.group != nil && v.group.elem.tests[v.bit].Asks().Uncertain
}
