package eventpattern

// A Pattern is a parsed event pattern. It is immutable and safe for use by
// several goroutines.
type Pattern struct {
	text     string // as given
	root     *object
	branches []Branch
	mixed    map[string]bool // paths that RuleNumberAsAddress is about
	trailing int             // where text behind the closing brace begins, 0 when there is none
}

// Text returns the pattern as it was given to Parse.
func (p *Pattern) Text() string { return p.text }

// Branches returns the pattern as an OR of branches, in the order in which the
// text lists their alternatives; just one when it has no $or. What $or replaces
// is settled here. The caller must not change them.
func (p *Pattern) Branches() []Branch { return p.branches }

// A Branch matches an event in which each of its fields has a leaf that the
// field accepts, leaves inside of arrays being taken from the same members.
type Branch []Field // ascending by path, each path once

// A Field is one path with the tests on its leaves: one of them must hold.
type Field struct {
	Path   string // names from the top, joined by dots: detail.eventName
	Offset int    // of the last name in the pattern's text, bytes, 0-based
	Tests  []Test // at least one
}

// A Test is one value of a pattern: *Text, *Number, *Constant, *Numeric, *CIDR,
// *Exists or *AnythingBut. The set is closed.
type Test interface {
	// At returns where the value begins in the pattern's text, in bytes.
	At() int

	holds(l *leaf) bool
	print(b *printer)
	words() string // to be read behind "is"
}

// Offset is where a value begins in the pattern's text, in bytes.
type Offset int

// At returns the offset.
func (o Offset) At() int { return int(o) }

type (
	// Text accepts strings.
	Text struct {
		Offset
		StringTest
	}

	// Number accepts one number.
	Number struct {
		Offset
		number
	}

	// Constant accepts true, false or null, whichever Word is.
	Constant struct {
		Offset
		Word string
	}

	// Numeric accepts numbers between two bounds. One of them may be nil.
	// Equality has the same bound twice.
	Numeric struct {
		Offset
		Low, High *Bound
	}

	// CIDR accepts strings that are an address of a block.
	CIDR struct {
		Offset
		Block string // address/bits as written
		span  span
	}

	// Exists accepts any leaf, or their absence when Present is false.
	Exists struct {
		Offset
		Present bool
	}

	// AnythingBut accepts leaves that none of its tests does: either texts or
	// numbers, never both.
	AnythingBut struct {
		Offset
		Texts   []StringTest
		Numbers []Number
		list    bool // written as an array
	}
)

// A Bound is one end of a range of numbers.
type Bound struct {
	number
	Inclusive bool
}

// Value returns the number as a double, and whether it is compared by it. Other
// numbers are compared by their spelling.
func (n number) Value() (value float64, byValue bool) { return n.value, n.exact }

// Spelling returns the number as written.
func (n number) Spelling() string { return n.text }

// A StringTest is a test on a string.
type StringTest struct {
	Op   StringOp
	Text string // with the escapes of wildcards as written

	folded folded // for the operators that ignore case
	parts  []string
	span   *span // for Equals with an address literal
}

// A StringOp is how a string is compared with the text of a test.
type StringOp byte

// The comparisons of strings.
const (
	Equals          StringOp = iota // the same string, or another spelling of the same IP address
	Exactly                         // the same string
	Prefix                          // begins with
	Suffix                          // ends with
	EqualsFold                      // equals-ignore-case
	PrefixFold                      // begins with, ignoring case
	SuffixFold                      // ends with, ignoring case
	MatchesWildcard                 // * stands for any characters
)

// object is { ... } in a pattern: all members hold.
type object struct {
	members []member
}

// A member has exactly one of object, tests and or.
type member struct {
	name   string
	offset int // of the name
	object *object
	tests  []Test
	or     []*object
}
