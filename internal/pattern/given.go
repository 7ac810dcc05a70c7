package pattern

import (
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// Given returns what is left of a JSON pattern in records whose fields have these
// texts, by their names: decided is true where that is a truth value, whatever the
// other fields hold, and otherwise rest is a pattern over the others alone. For
// patterns of other kinds, and where the meaning of an asterisk is open, rest is
// the pattern itself.
func (p *Pattern) Given(texts map[string]string) (rest *Pattern, value, decided bool) {
	n, ok := p.root.(*syntax.JSON)
	if !ok || p.midAsterisk {
		return p, false, false
	}
	e, value := given(n.Expr, texts)
	if e == nil {
		return nil, value, true
	}
	return Of(e), false, false
}

// given returns what is left of an expression; nil where its value is known.
func given(e syntax.Expr, texts map[string]string) (rest syntax.Expr, value bool) {
	switch e := e.(type) {
	case *syntax.And:
		list, value := givenAll(e.List, texts, false)
		if len(list) > 1 {
			return &syntax.And{List: list, Grouped: e.Grouped}, false
		}
		return only(list), value
	case *syntax.Or:
		list, value := givenAll(e.List, texts, true)
		if len(list) > 1 {
			return &syntax.Or{List: list}, false
		}
		return only(list), value
	}
	c := e.(*syntax.Condition)
	if len(c.Sel) != 1 || c.Sel[0].Kind != record.Name {
		return c, false
	}
	text, ok := texts[c.Sel[0].Name]
	if !ok {
		return c, false
	}
	return nil, match.Holds(c, record.Value{Kind: record.String, Text: text}, match.Reading{})
}

func only(list []syntax.Expr) syntax.Expr {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// givenAll returns what is left of the operands of a conjunction, or of a
// disjunction, which one operand decides whose value is dominant.
func givenAll(list []syntax.Expr, texts map[string]string, dominant bool) (rest []syntax.Expr, value bool) {
	for _, e := range list {
		left, v := given(e, texts)
		switch {
		case left != nil:
			rest = append(rest, left)
		case v == dominant:
			return nil, dominant
		}
	}
	return rest, !dominant
}
