package record

// A Value is what a path finds in a record: what a condition can see of a JSON
// value, or that there is none.
type Value struct {
	Kind Kind
	Text string // String: the text, unescaped; Number: the spelling in the record

	// NullMember means that a direct member of an Array is null.
	NullMember bool

	number *number // of a Number; nil when it was not read yet
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

// NumberValue returns the value of a number of this spelling, which is read
// once.
func NumberValue(spelling string) Value {
	v := Value{Kind: Number, Text: spelling}
	n := v.read()
	v.number = &n
	return v
}

// Decimal returns the value that CloudWatch Logs gives to a Number; finite is
// false beyond the range of doubles.
func (v Value) Decimal() (d Decimal, finite bool) {
	if v.number == nil {
		n := v.read()
		return n.value, n.finite
	}
	return v.number.value, v.number.finite
}

type number struct {
	value  Decimal
	finite bool
}

func (v Value) read() number {
	d, finite := JavaValue(v.Text)
	return number{d, finite}
}
