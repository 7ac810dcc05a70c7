package iac

import "strings"

// A Resource is a resource that infrastructure code declares, as far as the files say
// it.
type Resource struct {
	Type   string // of its tool: "azurerm_monitor_action_group", "Microsoft.Insights/actionGroups"
	Name   string // its address or name; may be ""
	Source *Source
	Pos    int   // offset in Source at which it begins
	Body   Value // an object
}

// A ValueKind is the form of a value.
type ValueKind byte

// The forms of values. Absent is that of a key that is not there, and of null.
const (
	Absent ValueKind = iota
	TextValue
	FlagValue
	NumberValue
	ListValue
	ObjectValue
	UnknownValue
)

// A Value is a value of a resource.
type Value struct {
	Kind   ValueKind
	Text   string // of texts, and of numbers as they are written
	Flag   bool
	Items  []Value
	Fields []ValueField // in the order of the file

	// Why is what an unknown value stands for, in the words of its file: "var.scope".
	Why string

	Source *Source
	Pos    int // offset in Source
}

// A ValueField is a member of an object.
type ValueField struct {
	Key   string
	Value Value
}

// Get returns the member of an object with that key, whatever its case; of several the
// last one.
func (v Value) Get(key string) Value {
	for i := len(v.Fields) - 1; i >= 0; i-- {
		if strings.EqualFold(v.Fields[i].Key, key) {
			return v.Fields[i].Value
		}
	}
	return Value{Source: v.Source, Pos: v.Pos}
}

// Is reports whether the value is that text, whatever its case.
func (v Value) Is(text string) bool { return v.Kind == TextValue && strings.EqualFold(v.Text, text) }

// IsFalse reports whether the value is false, also in quotes.
func (v Value) IsFalse() bool { return v.Kind == FlagValue && !v.Flag || v.Is("false") }

// Unknowns lists what is not known in a value, in its order, each once.
func (v Value) Unknowns() []string {
	var out []string
	seen := map[string]bool{}
	var walk func(Value)
	walk = func(v Value) {
		if v.Kind == UnknownValue && !seen[v.Why] {
			seen[v.Why] = true
			out = append(out, v.Why)
		}
		for _, i := range v.Items {
			walk(i)
		}
		for _, f := range v.Fields {
			walk(f.Value)
		}
	}
	walk(v)
	return out
}

// Unknown returns a value that stands for something unknown, in the words of its file.
func Unknown(why string, src *Source, pos int) Value {
	return Value{Kind: UnknownValue, Why: brief(why), Source: src, Pos: pos}
}

// Texts returns a text as a value: one with holes is unknown.
func (h Holes) Texts(text string, src *Source, pos int) Value {
	if !HasHole(text) {
		return Value{Kind: TextValue, Text: text, Source: src, Pos: pos}
	}
	var why []string
	for _, r := range text {
		if IsHole(r) {
			why = append(why, h.Why(r))
		}
	}
	return Unknown(strings.Join(why, ", "), src, pos)
}
