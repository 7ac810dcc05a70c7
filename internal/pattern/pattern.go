package pattern

import (
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// A Pattern is a parsed filter pattern. It is immutable and safe for use by
// several goroutines.
type Pattern struct {
	text string // as given
	root syntax.Node

	// midAsterisk says that the verdict may depend on the meaning of an
	// asterisk in the middle of a value; detached that it may depend on that of
	// a minus sign apart from its term.
	midAsterisk, detached bool
}

// Parse reads a filter pattern of any kind. The error is a *syntax.Error. AWS
// has accepted every pattern that it returns, so an error about one of those
// means that this package does not understand it.
func Parse(text string) (*Pattern, error) {
	root, err := syntax.Parse(text)
	if err != nil {
		return nil, err
	}
	return newPattern(text, root), nil
}

func newPattern(text string, root syntax.Node) *Pattern {
	p := &Pattern{text: text, root: root, detached: hasDetachedSign(root)}
	for _, c := range syntax.Conditions(root) {
		p.midAsterisk = p.midAsterisk || c.Val.HasMidAsterisk()
	}
	return p
}

// Of returns the JSON pattern of an expression, which must not change afterwards.
// It may be longer than AWS allows.
func Of(e syntax.Expr) *Pattern {
	root := &syntax.JSON{Expr: e}
	return newPattern(syntax.Print(root), root)
}

// Text returns the pattern as it was given to Parse.
func (p *Pattern) Text() string { return p.text }

// String returns the shortest text that parses back to the same tree, as
// syntax.Print writes it.
func (p *Pattern) String() string { return syntax.Print(p.root) }

// Root returns the pattern's tree, which must not be changed.
func (p *Pattern) Root() syntax.Node { return p.root }

// A Kind is one of the kinds of pattern.
type Kind int8

// The kinds of pattern. A pattern of blanks is KindAll.
const (
	KindAll       Kind = iota // matches every message
	KindTerms                 // words and phrases, searched in the text
	KindRegex                 // one regular expression, searched in the text
	KindJSON                  // { ... }
	KindDelimited             // [ ... ]
)

// String returns "all", "terms", "regex", "json" or "delimited".
func (k Kind) String() string {
	return [...]string{"all", "terms", "regex", "json", "delimited"}[k]
}

// Kind returns the kind of the pattern.
func (p *Pattern) Kind() Kind {
	switch p.root.(type) {
	case *syntax.Terms:
		return KindTerms
	case *syntax.FullRegex:
		return KindRegex
	case *syntax.JSON:
		return KindJSON
	case *syntax.Delimited:
		return KindDelimited
	default:
		return KindAll
	}
}
