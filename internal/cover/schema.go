package cover

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A Kinds is a set of the kinds that the value at a path can have.
type Kinds uint8

// The kinds of values, as sets of one.
const (
	Missing Kinds = 1 << iota
	Null
	TrueKind
	FalseKind
	String
	Number
	Object
	Array

	AnyKind Kinds = 1<<8 - 1
)

// Has reports whether some kind of one is in the set.
func (k Kinds) Has(one Kinds) bool { return k&one != 0 }

// KindOf returns the set of the one kind that a value has.
func KindOf(v record.Value) Kinds {
	return [...]Kinds{
		record.Missing: Missing, record.Null: Null, record.True: TrueKind, record.False: FalseKind,
		record.Object: Object, record.Array: Array, record.String: String, record.Number: Number,
	}[v.Kind]
}

// A Schema is what is known of the records of a set: their fields, and the
// axioms on which that rests. An axiom is named by the sentence that states it.
type Schema struct {
	Fields []Field // of the record, in the order in which records are written

	// Laws tie fields to each other, and so do TextLaws, where the laws of all texts
	// are too many to be listed.
	Laws     []Law
	TextLaws []TextLaws

	// Soft are the axioms that AWS states nowhere, or that records were seen to
	// break: what is lost without them is said (Coverage.Doubtful).
	Soft []string

	// Unlisted is the axiom that a closed object has no other fields than those
	// listed; Text the one that a record's text is compact JSON.
	Unlisted, Text string

	// Remark names a field whose text an example record may extend at will; ""
	// for none.
	Remark string

	// Localize puts what is known of the set into the samples of fields.
	Localize func(sample string) string
}

// A Field is one field of a record or of an object in it.
type Field struct {
	Name string
	Domain
}

// A Domain is what is known of the value at one path.
type Domain struct {
	Kinds    Kinds
	Texts    []string // what a string can be; nil: any string
	NonEmpty bool     // strings are not empty

	// Axiom is what the limits above rest on; "" when there are none.
	Axiom string

	Fields []Field // what is listed of an object; nil for none
	Open   bool    // there may be fields that are not listed
	Sample string  // a realistic text for examples; "" for none
}

// Be limits the domain to a string that is one of the texts.
func (d *Domain) Be(axiom string, texts ...string) {
	d.Kinds, d.Texts, d.Axiom = String, texts, axiom
}

// Free is the domain of an unknown value.
func Free() Domain { return Domain{Kinds: AnyKind, Open: true} }

// root is the domain of the record itself.
func (s *Schema) root() Domain { return Domain{Kinds: Object, Fields: s.Fields} }

// Below returns what is known of what a step finds in a value of domain d.
func (s *Schema) Below(d Domain, step record.Step) Domain { return view{schema: s}.below(d, step) }

// At returns what is known of the value at a path, the record itself for the
// empty one.
func (s *Schema) At(path record.Path) Domain {
	d := s.root()
	for _, step := range path {
		d = s.Below(d, step)
	}
	return d
}

// A view is a schema with some axioms set aside, which shows what a verdict
// leans on.
type view struct {
	schema  *Schema
	relaxed []string // axioms
}

func (v view) below(d Domain, s record.Step) Domain {
	container := Array
	if s.Kind == record.Name {
		container = Object
	}
	if !d.Kinds.Has(container) {
		return Domain{Kinds: Missing, Axiom: d.Axiom}
	}
	if s.Kind != record.Name {
		return Free()
	}
	at := slices.IndexFunc(d.Fields, func(f Field) bool { return f.Name == s.Name })
	switch {
	case at >= 0:
		child := v.relax(d.Fields[at].Domain)
		if d.Kinds != Object {
			child.Kinds |= Missing
		}
		return child
	case d.Open || slices.Contains(v.relaxed, v.schema.Unlisted):
		return Free()
	}
	return Domain{Kinds: Missing, Axiom: v.schema.Unlisted}
}

// relax drops the limits that rest on an axiom which is set aside, and localizes
// the sample.
func (v view) relax(d Domain) Domain {
	if d.Axiom != "" && slices.Contains(v.relaxed, d.Axiom) {
		d.Kinds, d.Texts, d.NonEmpty, d.Axiom = AnyKind, nil, false, ""
		d.Open = d.Open || d.Fields == nil
	}
	if d.Sample != "" {
		d.Sample = v.schema.Localize(d.Sample)
	}
	return d
}
