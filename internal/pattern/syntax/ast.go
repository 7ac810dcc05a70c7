package syntax

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A Node is a whole pattern: All, *Terms, *FullRegex, *JSON or *Delimited. The
// set is closed.
type Node interface{ patternNode() }

type (
	// All matches every message: "" and blanks only.
	All struct{}

	// Terms searches the raw message text.
	Terms struct{ List []Term }

	// FullRegex searches the raw message text with one regular expression.
	FullRegex struct{ Regex *Regex }

	// JSON is { ... }.
	JSON struct{ Expr Expr }

	// Delimited is [ ... ].
	Delimited struct{ Fields []Field }
)

func (All) patternNode()        {}
func (*Terms) patternNode()     {}
func (*FullRegex) patternNode() {}
func (*JSON) patternNode()      {}
func (*Delimited) patternNode() {}

// A Term is one word or phrase with its sign.
type Term struct {
	Pos  int    // bytes from the start of the text, 0-based
	Sign byte   // 0, '-' or '?'
	Text string // unescaped

	// Detached says that blanks stand between the minus sign and the text.
	Detached bool
}

// A Field is one field of a space-delimited pattern.
type Field struct {
	Pos      int    // bytes from the start of the text, 0-based
	Name     string // "" when unnamed
	Ellipsis bool
	Cond     Expr // nil when unconditional; its leaves have no selector
}

// An Expr is a boolean expression: *And, *Or or *Condition. The set is closed.
type Expr interface{ exprNode() }

type (
	// And has at least two operands, in their order; none is itself an *And.
	And struct {
		List    []Expr
		Grouped bool // stood in parentheses of its own
	}

	// Or has at least two operands, in their order; none is itself an *Or.
	Or struct{ List []Expr }

	// Condition is a test on what one selector finds.
	Condition struct {
		Pos int         // of the selector: bytes from the start of the text, 0-based
		Sel record.Path // empty in delimited patterns: the field itself
		Op  Operator
		Val Value // for OpEqual to OpGreaterEqual
	}
)

func (*And) exprNode()       {}
func (*Or) exprNode()        {}
func (*Condition) exprNode() {}

// An Operator is the comparison of a condition.
type Operator byte

// The operators. Those from OpEqual to OpGreaterEqual have a value.
const (
	OpEqual Operator = iota
	OpNotEqual
	OpLess
	OpLessEqual
	OpGreater
	OpGreaterEqual
	OpIsNull
	OpIsTrue
	OpIsFalse
	OpNotExists
)

// A Value is the right-hand side of a comparison.
type Value struct {
	Pos   int // bytes from the start of the text, 0-based
	Kind  ValueKind
	Text  string  // of ValueText: unescaped, asterisks included; of ValueNumber: its spelling
	Num   *Number // of ValueNumber, nil of others
	Regex *Regex  // of ValueRegex, nil of others
}

// A ValueKind is the form in which a value is written.
type ValueKind byte

// The forms of a value.
const (
	ValueText   ValueKind = iota // "..." or a bare word
	ValueNumber                  // unquoted and shaped like a number
	ValueRegex                   // %...%
)

// HasMidAsterisk reports whether an asterisk stands anywhere but at an end of the
// value.
func (v Value) HasMidAsterisk() bool {
	if v.Kind != ValueText || len(v.Text) < 3 {
		return false
	}
	return strings.Contains(v.Text[1:len(v.Text)-1], "*")
}

// SkipsFields reports whether a text may have more fields than the pattern names.
func (n *Delimited) SkipsFields() bool {
	for _, f := range n.Fields {
		if f.Ellipsis {
			return true
		}
	}
	return len(n.Fields) == 0
}

// Accepts reports whether a comparison is true of a left side that compares so
// (below, equal to or above zero) with the right side. Operators without a value
// accept nothing.
func (o Operator) Accepts(cmp int) bool {
	switch o {
	case OpEqual:
		return cmp == 0
	case OpNotEqual:
		return cmp != 0
	case OpLess:
		return cmp < 0
	case OpLessEqual:
		return cmp <= 0
	case OpGreater:
		return cmp > 0
	case OpGreaterEqual:
		return cmp >= 0
	default:
		return false
	}
}
