package pattern

import (
	"github.com/monitorctl/monitorctl/internal/record"
)

// A Pattern is a parsed filter pattern. It is immutable and safe for use by
// several goroutines.
type Pattern struct {
	text string // as given
	root node

	// midAsterisk says that the verdict may depend on the meaning of an
	// asterisk in the middle of a value; detached that it may depend on that of
	// a minus sign apart from its term.
	midAsterisk, detached bool
}

// Text returns the pattern as it was given to Parse.
func (p *Pattern) Text() string { return p.text }

// node is one of the four kinds of pattern: all, terms, fullRegex, jsonPattern,
// delimited. The set is closed.
type node interface{ patternNode() }

type (
	// all matches every message: "" and blanks only.
	all struct{}

	// terms searches the raw message text.
	terms struct{ list []term }

	// fullRegex searches the raw message text with one regular expression.
	fullRegex struct{ re *regex }

	// jsonPattern is { ... }.
	jsonPattern struct{ expr expr }

	// delimited is [ ... ].
	delimited struct{ fields []field }
)

func (all) patternNode()          {}
func (*terms) patternNode()       {}
func (*fullRegex) patternNode()   {}
func (*jsonPattern) patternNode() {}
func (*delimited) patternNode()   {}

// A term is one word or phrase with its sign.
type term struct {
	pos  int
	sign byte   // 0, '-' or '?'
	text string // unescaped

	// detached says that blanks stand between the minus sign and the text.
	detached bool
}

// A field is one field of a space-delimited pattern.
type field struct {
	pos      int
	name     string // "" when unnamed
	ellipsis bool
	cond     expr // nil when unconditional; its leaves have no selector
}

// expr is a boolean expression: *and, *or, *condition.
type expr interface{ exprNode() }

type (
	// and and or have at least two operands, none of which is of the same kind.
	and struct {
		list    []expr
		grouped bool // stood in parentheses of its own
	}
	or struct{ list []expr }

	// condition is a test on what one selector finds.
	condition struct {
		pos int
		sel record.Path // empty in delimited patterns: the field itself
		op  operator
		val value // for opEqual .. opGreaterEqual
	}
)

func (*and) exprNode()       {}
func (*or) exprNode()        {}
func (*condition) exprNode() {}

// An operator is the comparison of a condition.
type operator byte

const (
	opEqual operator = iota
	opNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opIsNull
	opIsTrue
	opIsFalse
	opNotExists
)

// A value is the right-hand side of a comparison.
type value struct {
	pos  int
	kind valueKind
	text string  // valueText: unescaped, asterisks included; valueNumber: its spelling
	num  *number // valueNumber
	re   *regex  // valueRegex
}

type valueKind byte

const (
	valueText   valueKind = iota // "..." or a bare word
	valueNumber                  // unquoted and shaped like a number
	valueRegex                   // %...%
)
