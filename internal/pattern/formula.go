package pattern

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// Doubts implements cover.Matcher: the rules on which Match may depend.
func (p *Pattern) Doubts() []string {
	var rules []string
	if p.midAsterisk {
		rules = append(rules, RuleMidAsterisk)
	}
	if p.detached {
		rules = append(rules, RuleDetachedMinus)
	}
	return rules
}

// Matches implements cover.Matcher.
func (p *Pattern) Matches(r *cover.Record, under cover.Reading) bool {
	m := r.Decoded("filter pattern", func(text []byte) any { return match.Decode(text) })
	return match.Root(p.root, m.(*match.Message), readingOf(under))
}

func readingOf(r cover.Reading) match.Reading {
	return match.Reading{MidAsterisk: r.Has(RuleMidAsterisk), DetachedIgnore: r.Has(RuleDetachedMinus)}
}

// Formula implements cover.Matcher.
func (p *Pattern) Formula(b *cover.Builder) *cover.Formula {
	f := formulas{b, readingOf(b.Reading)}
	switch n := p.root.(type) {
	case *syntax.JSON:
		return f.expr(n.Expr, f.condition)
	case *syntax.Terms:
		return f.terms(n)
	case *syntax.FullRegex:
		return b.Text(textTest(n.Regex))
	case *syntax.Delimited:
		return f.delimited(n)
	default:
		return cover.True
	}
}

// formulas builds formulas under one reading.
type formulas struct {
	*cover.Builder
	reading match.Reading
}

func (f formulas) expr(e syntax.Expr, leaf func(*syntax.Condition) *cover.Formula) *cover.Formula {
	list := func(operands []syntax.Expr) []*cover.Formula {
		formulas := make([]*cover.Formula, len(operands))
		for i, o := range operands {
			formulas[i] = f.expr(o, leaf)
		}
		return formulas
	}
	switch e := e.(type) {
	case *syntax.And:
		return cover.And(list(e.List)...)
	case *syntax.Or:
		return cover.Or(list(e.List)...)
	case *syntax.Condition:
		return leaf(e)
	default:
		return cover.True // a field without condition
	}
}

// condition returns the formula of one condition on the record.
func (f formulas) condition(c *syntax.Condition) *cover.Formula {
	wild := slices.IndexFunc(c.Sel, func(s record.Step) bool { return s.Kind == record.Any })
	if wild < 0 {
		return f.At(c.Sel, newTest(c.Op, c.Val, f.reading))
	}
	parent, rest := c.Sel[:wild], c.Sel[wild+1:]
	some := func(t cover.Test) *cover.Formula { return f.Some(parent, rest, t) }
	switch c.Op {
	case syntax.OpNotExists:
		return cover.Not(some(cover.Exists))
	case syntax.OpNotEqual:
		return cover.And(f.At(parent, cover.Exists), cover.Not(some(newTest(syntax.OpEqual, c.Val, f.reading))))
	case syntax.OpIsNull:
		return some(cover.IsNull)
	default:
		return some(newTest(c.Op, c.Val, f.reading))
	}
}

// terms says what (*terms).match decides.
func (f formulas) terms(n *syntax.Terms) *cover.Formula {
	var optional, others []*cover.Formula
	for _, t := range n.List {
		found := f.Text(cover.TextTest{Contains: t.Text})
		switch {
		case t.Sign == '?':
			optional = append(optional, found)
		case match.Excludes(t, f.reading):
			others = append(others, cover.Not(found))
		default:
			others = append(others, found)
		}
	}
	if len(others) == 0 {
		return cover.Or(optional...)
	}
	return cover.And(others...)
}

// delimited decides space-delimited patterns as far as they do not depend on
// where the blanks of a record stand: those without fields, and those whose one
// field is the whole record.
func (f formulas) delimited(n *syntax.Delimited) *cover.Formula {
	var named []syntax.Field
	for _, field := range n.Fields {
		if !field.Ellipsis {
			named = append(named, field)
		}
	}
	switch {
	case len(named) == 0:
		return cover.True
	case len(n.Fields) == 1:
		return f.expr(named[0].Cond, f.wholeText)
	}
	return cover.Unclear(cover.RuleTextPattern)
}

// wholeText returns the formula of a condition on the text of the record, which
// is long, begins with a brace and is not shaped like a number.
func (f formulas) wholeText(c *syntax.Condition) *cover.Formula {
	found := cover.False
	switch {
	case c.Op != syntax.OpEqual && c.Op != syntax.OpNotEqual, c.Val.Kind == syntax.ValueNumber:
	case c.Val.Kind == syntax.ValueRegex:
		found = f.Text(textTest(c.Val.Regex))
	default:
		found = f.wholeTextIs(c.Val)
	}
	if c.Op == syntax.OpNotEqual {
		return cover.Not(found)
	}
	return found
}

func (f formulas) wholeTextIs(v syntax.Value) *cover.Formula {
	parts := partsOf(v, f.reading)
	switch {
	case len(parts) == 2 && parts[0] == "" && parts[1] == "":
		return cover.True
	case len(parts) == 3 && parts[0] == "" && parts[2] == "":
		return f.Text(cover.TextTest{Contains: parts[1]})
	}
	return cover.Unclear(cover.RuleTextPattern)
}

func textTest(r *syntax.Regex) cover.TextTest {
	return cover.TextTest{Find: r.Go, Written: "%" + r.Text + "%"}
}

// A test is a condition without its selector, under one reading.
type test struct {
	op      syntax.Operator
	val     syntax.Value
	reading match.Reading
	asks    cover.Asks
}

func newTest(op syntax.Operator, v syntax.Value, r match.Reading) *test {
	return &test{op: op, val: v, reading: r, asks: asksOf(op, v, r)}
}

// Key implements cover.Test.
func (t *test) Key() string { return strconv.Itoa(int(t.op)) + " " + valueKey(t.val) }

// key identifies a value.
func valueKey(v syntax.Value) string {
	key := strconv.Itoa(int(v.Kind)) + " " + v.Text
	if v.Kind == syntax.ValueRegex {
		key += v.Regex.Text
	}
	return key
}

// Holds implements cover.Test.
func (t *test) Holds(v record.Value) bool {
	c := syntax.Condition{Op: t.op, Val: t.val}
	return match.Holds(&c, v, t.reading)
}

// String implements cover.Test.
func (t *test) String() string {
	switch t.op {
	case syntax.OpNotExists:
		return "is missing"
	case syntax.OpIsNull:
		return "is null"
	case syntax.OpIsTrue:
		return "is true"
	case syntax.OpIsFalse:
		return "is false"
	default:
		return t.op.String() + " " + valueWords(t.val)
	}
}

// words returns the value as it would be written in a pattern.
func valueWords(v syntax.Value) string {
	switch v.Kind {
	case syntax.ValueRegex:
		return "%" + v.Regex.Text + "%"
	case syntax.ValueNumber:
		return v.Text
	default:
		return strconv.Quote(v.Text)
	}
}

// Words implements cover.Test.
func (t *test) Words() []cover.Test {
	with := func(ops ...syntax.Operator) []cover.Test {
		var list []cover.Test
		for _, op := range ops {
			list = append(list, newTest(op, t.val, t.reading))
		}
		return list
	}
	switch t.op {
	case syntax.OpEqual, syntax.OpNotEqual:
		return with(syntax.OpEqual)
	case syntax.OpLess, syntax.OpGreaterEqual:
		return with(syntax.OpLess, syntax.OpGreaterEqual)
	case syntax.OpLessEqual, syntax.OpGreater:
		return with(syntax.OpLessEqual, syntax.OpGreater)
	default:
		return nil
	}
}

// Asks implements cover.Test.
func (t *test) Asks() cover.Asks { return t.asks }

func asksOf(op syntax.Operator, v syntax.Value, r match.Reading) cover.Asks {
	asks := cover.Asks{NullMember: op == syntax.OpIsNull, Positive: op == syntax.OpEqual, Uncertain: v.HasMidAsterisk()}
	if op <= syntax.OpNotEqual {
		asks.Text = textSet(v, r)
	}
	switch {
	case op > syntax.OpGreaterEqual:
	case v.Kind == syntax.ValueNumber:
		asks.Numbers = cover.ByValue
		if !v.Num.Overflow || op > syntax.OpNotEqual {
			asks.Number = &v.Num.Dec
		}
	default:
		asks.Numbers = cover.ByText
	}
	return asks
}

// textSet returns the strings that equal the value.
func textSet(v syntax.Value, r match.Reading) *cover.Text {
	t := &cover.Text{Key: valueKey(v)}
	if v.Kind == syntax.ValueText {
		t.Like = v.Text
	}
	if literal, single := constant(v, r); single {
		t.Single, t.Literal = true, literal
		return t
	}
	t.Expr = searchFor(v, r)
	t.Match = func(s string) bool { return match.EqualsText(v, s, r) }
	if v.Kind == syntax.ValueText {
		parts := partsOf(v, r)
		t.Try = []string{strings.Join(parts, "example"), strings.Join(parts, "")}
	}
	return t
}

// constant returns the only string that equals the value, if it is so.
func constant(v syntax.Value, r match.Reading) (string, bool) {
	switch {
	case v.Kind == syntax.ValueNumber:
		return v.Text, true
	case v.Kind == syntax.ValueText && !strings.Contains(v.Text, "*"):
		return v.Text, true
	case v.Kind == syntax.ValueText:
		parts := partsOf(v, r)
		return parts[0], len(parts) == 1
	}
	return "", false
}

// parts returns the texts between the asterisks that stand for any characters:
// one when there are none.
func partsOf(v syntax.Value, r match.Reading) []string {
	if r.MidAsterisk || v.Text == "*" {
		return strings.Split(v.Text, "*")
	}
	text, open := strings.CutPrefix(v.Text, "*")
	text, openEnd := strings.CutSuffix(text, "*")
	parts := []string{text}
	if open {
		parts = append([]string{""}, parts...)
	}
	if openEnd {
		parts = append(parts, "")
	}
	return parts
}

// expression returns an expression that finds a match in exactly the strings
// that equal the value.
func searchFor(v syntax.Value, r match.Reading) string {
	if v.Kind == syntax.ValueRegex {
		return v.Regex.Go.String()
	}
	parts := partsOf(v, r)
	last := len(parts) - 1
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	expr := strings.Join(parts, `(?s:.*)`)
	if parts[0] != "" {
		expr = `\A` + expr
	} else {
		expr = strings.TrimPrefix(expr, `(?s:.*)`)
	}
	if parts[last] != "" {
		return expr + `\z`
	}
	return strings.TrimSuffix(expr, `(?s:.*)`)
}

// Matchers returns the patterns as matchers for a cover decision. Nil stays nil:
// a pattern that was not understood.
func Matchers(patterns []*Pattern) []cover.Matcher {
	list := make([]cover.Matcher, len(patterns))
	for i, p := range patterns {
		if p != nil {
			list[i] = p
		}
	}
	return list
}
