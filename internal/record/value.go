package record

// A Value is what a path finds in a record: what a condition can see of a JSON
// value, or that there is none.
type Value struct {
	Kind Kind
	Text string // String: the text, unescaped; Number: the spelling in the record

	// NullMember means that a direct member of an Array is null.
	NullMember bool
}

// A Kind is the kind of a JSON value, or Missing for none.
type Kind byte

// The kinds of values. Those in front of Object have one value each.
const (
	Missing Kind = iota
	Null
	True
	False
	Object
	Array
	String
	Number
)
