package cover

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A Test asks something of one value. It is immutable and belongs to one
// reading of the uncertain rules.
type Test interface {
	// Key identifies the test: tests with one key are true of the same values.
	Key() string

	// Holds reports whether a value passes.
	Holds(record.Value) bool

	// String is the test in words that follow a path: `= "x"`, "is null".
	String() string

	// Asks says on what of a value the answer depends, beside its kind.
	Asks() Asks

	// Words returns the tests that put the answer into words: the test itself,
	// or what it denies, or both sides of a bound. None when the kind of a value
	// says it all.
	Words() []Test
}

// Asks says on what of a value the answer of a test depends, beside its kind.
type Asks struct {
	// Text is what strings are compared with; nil when all strings are alike.
	Text *Text

	// Positive means that no string passes but those in Text.
	Positive bool

	// Numbers says how numbers are compared; Number is what with, and nil when
	// no number equals it.
	Numbers Comparison
	Number  *record.Decimal

	// NullMember means that it matters for an array whether a member is null.
	NullMember bool

	// Uncertain means that the words of the test mean something else under
	// another reading.
	Uncertain bool
}

// A Comparison is a way to compare numbers.
type Comparison byte

// The ways to compare numbers.
const (
	NotCompared Comparison = iota // all numbers are alike
	ByValue                       // their value with Asks.Number
	ByText                        // their record.JavaText with Asks.Text
)

// A Text is a set of strings that a test compares values with.
type Text struct {
	Key string // texts with one key are the same set

	// Literal is the only string of the set when Single.
	Single  bool
	Literal string

	// Members are all strings of the set, when they are few; nil otherwise.
	Members []string

	// Expr finds a match in exactly the strings of the set, Match reports whether
	// a string is in it, and Try are some strings to begin a search with. Unset
	// when Single or when there are Members.
	Expr  string // in the syntax of package regexp
	Match func(string) bool
	Try   []string

	// Like is the set as a value with asterisks for FactLike; "" when it is not
	// one.
	Like string
}

func (t *Text) matches(s string) bool {
	if t.Single {
		return s == t.Literal
	}
	if t.Members != nil {
		return slices.Contains(t.Members, s)
	}
	return t.Match(s)
}

// Tests that every language needs.
var (
	Exists Test = kindTest{"exists", AnyKind &^ Missing} // there is a value
	IsNull Test = kindTest{"is null", Null}              // the value is null
)

// isTrue is the test of variables that are true or false.
var isTrue Test = kindTest{"is true", TrueKind}

// A kindTest asks for the kind of a value.
type kindTest struct {
	words string
	kinds Kinds
}

// Key implements Test.
func (t kindTest) Key() string { return t.words }

// Holds implements Test.
func (t kindTest) Holds(v record.Value) bool { return t.kinds.Has(KindOf(v)) }

// String implements Test.
func (t kindTest) String() string { return t.words }

// Asks implements Test.
func (kindTest) Asks() Asks { return Asks{} }

// Words implements Test.
func (kindTest) Words() []Test { return nil }
