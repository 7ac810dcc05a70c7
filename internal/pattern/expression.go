package pattern

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// An Expression is the condition of a JSON pattern for other packages to walk:
// either Operands joined by AND or OR, or one comparison.
type Expression struct {
	All, Any []Expression // of AND and OR; nil for others
	Compare  *Comparison  // nil for AND and OR
}

// A Comparison is one condition of a JSON pattern.
type Comparison struct {
	// Names is the path without "$"; nil when it has an index or a wildcard.
	Names []string
	Path  string // as written without "$.", for messages
	Steps record.Path

	// Operator is one of = != < <= > >= and, without a value, IS NULL, IS TRUE,
	// IS FALSE, NOT EXISTS.
	Operator string

	Text   string // the value unescaped, asterisks included; a number's spelling
	Number bool   // the value is an unquoted number
	Regex  bool   // the value is a regular expression; Text is empty

	// Search is the regular expression in the syntax of package regexp; "" unless
	// Regex.
	Search string

	Offset      int // of the selector: bytes from the start of the pattern's text, 0-based
	ValueOffset int // of the value; 0 where there is none
}

// Expression returns the condition of a JSON pattern; other kinds of pattern
// have none.
func (p *Pattern) Expression() (Expression, bool) {
	n, ok := p.root.(*syntax.JSON)
	if !ok {
		return Expression{}, false
	}
	return expressionOf(n.Expr), true
}

func expressionOf(e syntax.Expr) Expression {
	switch e := e.(type) {
	case *syntax.And:
		return Expression{All: expressionsOf(e.List)}
	case *syntax.Or:
		return Expression{Any: expressionsOf(e.List)}
	default:
		return Expression{Compare: comparisonOf(e.(*syntax.Condition))}
	}
}

func expressionsOf(list []syntax.Expr) []Expression {
	all := make([]Expression, 0, len(list))
	for _, e := range list {
		all = append(all, expressionOf(e))
	}
	return all
}

func comparisonOf(c *syntax.Condition) *Comparison {
	operators := []string{"=", "!=", "<", "<=", ">", ">=", "IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS"}
	r := &Comparison{Path: c.Sel.Field(), Steps: c.Sel, Operator: operators[c.Op], Text: c.Val.Text,
		Number: c.Val.Kind == syntax.ValueNumber, Regex: c.Val.Kind == syntax.ValueRegex, Offset: c.Pos, ValueOffset: c.Val.Pos}
	if r.Regex {
		r.Text, r.Search = "", c.Val.Regex.Go.String()
	}
	if !slices.ContainsFunc(c.Sel, func(s record.Step) bool { return s.Kind != record.Name }) {
		for _, s := range c.Sel {
			r.Names = append(r.Names, s.Name)
		}
	}
	return r
}
