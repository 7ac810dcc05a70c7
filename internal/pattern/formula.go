package pattern

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cover"
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
	m := r.Decoded("filter pattern", func(text []byte) any { return Decode(text) })
	return p.matchReading(m.(*Message), readingOf(under))
}

func readingOf(r cover.Reading) reading {
	return reading{midAsterisk: r.Has(RuleMidAsterisk), detachedIgnore: r.Has(RuleDetachedMinus)}
}

// Formula implements cover.Matcher.
func (p *Pattern) Formula(b *cover.Builder) *cover.Formula {
	f := formulas{b, readingOf(b.Reading)}
	switch n := p.root.(type) {
	case *jsonPattern:
		return f.expr(n.expr, f.condition)
	case *terms:
		return f.terms(n)
	case *fullRegex:
		return b.Text(n.re.textTest())
	case *delimited:
		return f.delimited(n)
	default:
		return cover.True
	}
}

// formulas builds formulas under one reading.
type formulas struct {
	*cover.Builder
	reading reading
}

func (f formulas) expr(e expr, leaf func(*condition) *cover.Formula) *cover.Formula {
	list := func(operands []expr) []*cover.Formula {
		formulas := make([]*cover.Formula, len(operands))
		for i, o := range operands {
			formulas[i] = f.expr(o, leaf)
		}
		return formulas
	}
	switch e := e.(type) {
	case *and:
		return cover.And(list(e.list)...)
	case *or:
		return cover.Or(list(e.list)...)
	case *condition:
		return leaf(e)
	default:
		return cover.True // a field without condition
	}
}

// condition returns the formula of one condition on the record.
func (f formulas) condition(c *condition) *cover.Formula {
	wild := slices.IndexFunc(c.sel, func(s record.Step) bool { return s.Kind == record.Any })
	if wild < 0 {
		return f.At(c.sel, newTest(c.op, c.val, f.reading))
	}
	parent, rest := c.sel[:wild], c.sel[wild+1:]
	some := func(t cover.Test) *cover.Formula { return f.Some(parent, rest, t) }
	switch c.op {
	case opNotExists:
		return cover.Not(some(cover.Exists))
	case opNotEqual:
		return cover.And(f.At(parent, cover.Exists), cover.Not(some(newTest(opEqual, c.val, f.reading))))
	case opIsNull:
		return some(cover.IsNull)
	default:
		return some(newTest(c.op, c.val, f.reading))
	}
}

// terms says what (*terms).match decides.
func (f formulas) terms(n *terms) *cover.Formula {
	var optional, others []*cover.Formula
	for _, t := range n.list {
		found := f.Text(cover.TextTest{Contains: t.text})
		switch {
		case t.sign == '?':
			optional = append(optional, found)
		case t.excludes(f.reading):
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
func (f formulas) delimited(n *delimited) *cover.Formula {
	var named []field
	for _, field := range n.fields {
		if !field.ellipsis {
			named = append(named, field)
		}
	}
	switch {
	case len(named) == 0:
		return cover.True
	case len(n.fields) == 1:
		return f.expr(named[0].cond, f.wholeText)
	}
	return cover.Unclear(cover.RuleTextPattern)
}

// wholeText returns the formula of a condition on the text of the record, which
// is long, begins with a brace and is not shaped like a number.
func (f formulas) wholeText(c *condition) *cover.Formula {
	found := cover.False
	switch {
	case c.op != opEqual && c.op != opNotEqual, c.val.kind == valueNumber:
	case c.val.kind == valueRegex:
		found = f.Text(c.val.re.textTest())
	default:
		found = f.wholeTextIs(c.val)
	}
	if c.op == opNotEqual {
		return cover.Not(found)
	}
	return found
}

func (f formulas) wholeTextIs(v value) *cover.Formula {
	parts := v.parts(f.reading)
	switch {
	case len(parts) == 2 && parts[0] == "" && parts[1] == "":
		return cover.True
	case len(parts) == 3 && parts[0] == "" && parts[2] == "":
		return f.Text(cover.TextTest{Contains: parts[1]})
	}
	return cover.Unclear(cover.RuleTextPattern)
}

func (r *regex) textTest() cover.TextTest {
	return cover.TextTest{Find: r.re, Written: "%" + r.text + "%"}
}

// A test is a condition without its selector, under one reading.
type test struct {
	op      operator
	val     value
	reading reading
	asks    cover.Asks
}

func newTest(op operator, v value, r reading) *test {
	return &test{op: op, val: v, reading: r, asks: asksOf(op, v, r)}
}

// Key implements cover.Test.
func (t *test) Key() string { return strconv.Itoa(int(t.op)) + " " + t.val.key() }

// key identifies a value.
func (v value) key() string {
	key := strconv.Itoa(int(v.kind)) + " " + v.text
	if v.kind == valueRegex {
		key += v.re.text
	}
	return key
}

// Holds implements cover.Test.
func (t *test) Holds(v record.Value) bool {
	c := condition{op: t.op, val: t.val}
	return c.holds(v, t.reading)
}

// String implements cover.Test.
func (t *test) String() string {
	switch t.op {
	case opNotExists:
		return "is missing"
	case opIsNull:
		return "is null"
	case opIsTrue:
		return "is true"
	case opIsFalse:
		return "is false"
	default:
		return t.op.String() + " " + t.val.words()
	}
}

// words returns the value as it would be written in a pattern.
func (v value) words() string {
	switch v.kind {
	case valueRegex:
		return "%" + v.re.text + "%"
	case valueNumber:
		return v.text
	default:
		return strconv.Quote(v.text)
	}
}

// Words implements cover.Test.
func (t *test) Words() []cover.Test {
	with := func(ops ...operator) []cover.Test {
		var list []cover.Test
		for _, op := range ops {
			list = append(list, newTest(op, t.val, t.reading))
		}
		return list
	}
	switch t.op {
	case opEqual, opNotEqual:
		return with(opEqual)
	case opLess, opGreaterEqual:
		return with(opLess, opGreaterEqual)
	case opLessEqual, opGreater:
		return with(opLessEqual, opGreater)
	default:
		return nil
	}
}

// Asks implements cover.Test.
func (t *test) Asks() cover.Asks { return t.asks }

func asksOf(op operator, v value, r reading) cover.Asks {
	asks := cover.Asks{NullMember: op == opIsNull, Positive: op == opEqual, Uncertain: v.hasMidAsterisk()}
	if op <= opNotEqual {
		asks.Text = v.textSet(r)
	}
	switch {
	case op > opGreaterEqual:
	case v.kind == valueNumber:
		asks.Numbers = cover.ByValue
		if !v.num.overflow || op > opNotEqual {
			asks.Number = &v.num.dec
		}
	default:
		asks.Numbers = cover.ByText
	}
	return asks
}

// textSet returns the strings that equal the value.
func (v value) textSet(r reading) *cover.Text {
	t := &cover.Text{Key: v.key()}
	if v.kind == valueText {
		t.Like = v.text
	}
	if literal, single := v.constant(r); single {
		t.Single, t.Literal = true, literal
		return t
	}
	t.Expr = v.expression(r)
	t.Match = func(s string) bool { return v.equalsText(s, r) }
	if v.kind == valueText {
		parts := v.parts(r)
		t.Try = []string{strings.Join(parts, "example"), strings.Join(parts, "")}
	}
	return t
}

// constant returns the only string that equals the value, if it is so.
func (v value) constant(r reading) (string, bool) {
	switch {
	case v.kind == valueNumber:
		return v.text, true
	case v.kind == valueText && !strings.Contains(v.text, "*"):
		return v.text, true
	case v.kind == valueText:
		parts := v.parts(r)
		return parts[0], len(parts) == 1
	}
	return "", false
}

// parts returns the texts between the asterisks that stand for any characters:
// one when there are none.
func (v value) parts(r reading) []string {
	if r.midAsterisk || v.text == "*" {
		return strings.Split(v.text, "*")
	}
	text, open := strings.CutPrefix(v.text, "*")
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
func (v value) expression(r reading) string {
	if v.kind == valueRegex {
		return v.re.re.String()
	}
	parts := v.parts(r)
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
