// Package change holds what a change to any cloud is to those who plan it, show
// it, save it, record it and take it back. It knows no cloud: the actions of AWS
// are in internal/aws/action, and another cloud's stand beside them.
//
// The vocabulary, in the order in which things are made:
//
//   - An Action is one change to one account: an object that is made, replaced or
//     removed. A cloud has a closed set of them.
//   - A Plan holds actions in the order in which they are carried out, what stands
//     in their way, what stays, and the findings before and after.
//   - A Fact is something about the account that a plan rests on. A saved plan
//     carries its facts, so that a later run can tell whether they still hold.
//   - A Record is one write, as a journal keeps it: an Object, its State before and
//     after, and a Result. Rewind goes back through the records of an object to
//     what it was before the first of them.
package change

import "fmt"

// An Action is one change to an account.
type Action interface {
	fmt.Stringer // one line, shown by the dry run

	Common() Meta

	// Kind is the name of the kind of action: "create-topic". It is published in
	// plans and saved plans, and never changes.
	Kind() string

	// Name is the name of the object, as programs read it.
	Name() string

	// New reports whether the object is not there yet.
	New() bool

	// Fields returns what the action does to each setting of the object: all that
	// are set for one that is new or removed, those that differ for one that is
	// replaced. Unless all is true, what is long and always the same is put into
	// words. Nothing secret is among them.
	Fields(all bool) []Field

	// Saved returns the action as a saved plan holds it: with everything that it
	// writes, secrets too.
	Saved() Saved

	// Cost returns what the action adds to the monthly bill.
	Cost() Cost
}

// Meta is what all actions have in common.
type Meta struct {
	Account string
	Region  string
	Why     string   // why it is needed, one clause
	Closes  []string // the controls that it helps, each once, in report order
}

// Common returns m; every action embeds it. (A method named Meta would be hidden
// by the embedded field of that name.)
func (m Meta) Common() Meta { return m }

// A Saved is an action as a saved plan holds it.
type Saved struct {
	// Name tells the action from others of its kind and region.
	Name string

	// Before and After are the object before and after the action, as values
	// that can be written as JSON; nil where there is none.
	Before, After any

	// Secret says that After holds secrets: nothing of it is ever shown, and actions
	// that differ in it are different ones.
	Secret bool
}

// A Setting is one setting of an object, by the name that the reader of a plan
// sees; an empty value is a setting that is not there.
type Setting struct{ Name, Value string }

// A Field is what an action does to one setting.
type Field struct {
	Name     string
	Old, New string
	Effect   Effect
}

// An Effect is what happens to a setting.
type Effect int

// Effects.
const (
	Set      Effect = iota // of a new object; Old is empty
	Replaced               // of an object that is there
	Removed                // of an object that goes; New is empty
)

// Created returns the fields of a new object.
func Created(settings []Setting) []Field {
	var fields []Field
	for _, s := range settings {
		if s.Value != "" {
			fields = append(fields, Field{Name: s.Name, New: s.Value})
		}
	}
	return fields
}

// Differences returns the fields in which an object differs from what replaces
// it. Both lists hold the same settings in the same order.
func Differences(before, after []Setting) []Field {
	var fields []Field
	for i, s := range after {
		if before[i].Value != s.Value {
			fields = append(fields, Field{Name: s.Name, Old: before[i].Value, New: s.Value, Effect: Replaced})
		}
	}
	return fields
}

// Gone returns the fields of an object that is removed.
func Gone(settings []Setting) []Field {
	var fields []Field
	for _, s := range settings {
		if s.Value != "" {
			fields = append(fields, Field{Name: s.Name, Old: s.Value, Effect: Removed})
		}
	}
	return fields
}
