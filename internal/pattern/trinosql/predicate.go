package trinosql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/record"
)

// Bounds are two conditions on a record, in SQL: must => what is asked for => may.
// Either may be NULL, which is as good as false.
type Bounds struct{ May, Must string }

// Exact reports whether both are one condition.
func (b Bounds) Exact() bool { return b.May == b.Must }

func exactly(sql string) Bounds { return Bounds{sql, sql} }

// A Predicate is a pattern in SQL, with bounds for each of its readings: one, or two
// with an asterisk in the middle of a value.
type Predicate struct{ Readings []Bounds }

// May is the condition that every record fulfils that the pattern matches under some
// reading.
func (p Predicate) May() string {
	return join(p.Readings, " OR ", func(b Bounds) string { return b.May })
}

// Must is the condition that only records fulfil that the pattern matches under every
// reading.
func (p Predicate) Must() string {
	return join(p.Readings, " AND ", func(b Bounds) string { return b.Must })
}

// Doubt is the condition on records on which the engine cannot say what the pattern
// does; "" when there are none.
func (p Predicate) Doubt() string {
	var list []string
	for _, b := range p.Readings {
		if !b.Exact() {
			list = append(list, fmt.Sprintf("(coalesce(%s, false) AND NOT coalesce(%s, false))", b.May, b.Must))
		}
	}
	return strings.Join(list, " OR ")
}

func join(list []Bounds, operator string, of func(Bounds) string) string {
	var parts []string
	for _, b := range list {
		parts = append(parts, "("+of(b)+")")
	}
	return strings.Join(parts, operator)
}

// ErrText is the error of a pattern that searches the text of messages, which no
// table keeps.
var ErrText = errors.New("it searches the text of records, which no table keeps as it was")

// Translate says in SQL what a pattern matches, and adds the columns that it needs.
// The error is ErrText.
func Translate(p *pattern.Pattern, c *Columns) (Predicate, error) {
	if p.Kind() == pattern.KindAll {
		return Predicate{[]Bounds{exactly("true")}}, nil
	}
	e, ok := p.Expression()
	if !ok {
		return Predicate{}, ErrText
	}
	t := translator{columns: c}
	out := Predicate{[]Bounds{t.expression(e)}}
	if t.asterisk {
		t.wild = true
		out.Readings = append(out.Readings, t.expression(e))
	}
	return out, nil
}

// A translator translates a pattern under one reading.
type translator struct {
	columns  *Columns
	wild     bool // an asterisk in the middle stands for any characters
	asterisk bool // there was one
}

func (t *translator) expression(e pattern.Expression) Bounds {
	switch {
	case e.Compare != nil:
		return t.comparison(e.Compare)
	case e.All != nil:
		return t.expressions(e.All, " AND ")
	default:
		return t.expressions(e.Any, " OR ")
	}
}

func (t *translator) expressions(list []pattern.Expression, operator string) Bounds {
	var may, must []string
	for _, e := range list {
		b := t.expression(e)
		may, must = append(may, b.May), append(must, b.Must)
	}
	return Bounds{"(" + strings.Join(may, operator) + ")", "(" + strings.Join(must, operator) + ")"}
}

// A node is a value as SQL: the expressions x, f and r of it.
type node struct{ x, f, r string }

func nodeAt(from string, p record.Path) node {
	n := node{x: extract(from, p)}
	n.f = "json_format(" + n.x + ")"
	n.r = compared(n.x, n.f)
	return n
}

// column is the node of a path that has columns.
func (t *translator) column(p record.Path) node {
	if len(p) == 0 {
		return node{x: "d", f: "json_format(d)"}
	}
	i := strconv.Itoa(t.columns.Place(p))
	return node{"x" + i, "f" + i, "r" + i}
}

func (t *translator) comparison(c *pattern.Comparison) Bounds {
	if t.columns.Table != nil {
		return t.inTable(c)
	}
	if c.Steps.HasWildcard() {
		return t.wildcard(c)
	}
	n := t.column(c.Steps)
	switch c.Operator {
	case "!=":
		return t.unequal(c, n)
	case "IS NULL":
		return exactly(fmt.Sprintf("(%s = 'null' OR %s)", n.f, someMember(n, arrays, "json_format(m) = 'null'")))
	case "NOT EXISTS":
		return exactly(n.x + " IS NULL")
	default:
		return t.holds(c, n)
	}
}

// holds is a condition of =, an order, IS TRUE or IS FALSE on one node.
func (t *translator) holds(c *pattern.Comparison, n node) Bounds {
	switch c.Operator {
	case "=":
		return t.equal(c, n)
	case "IS TRUE":
		return exactly(n.f + " = 'true'")
	case "IS FALSE":
		return exactly(n.f + " = 'false'")
	default:
		return ordered(c, n)
	}
}

// unequal is != on one node: it is a string or a number, and not equal.
func (t *translator) unequal(c *pattern.Comparison, n node) Bounds {
	eq := t.equal(c, n)
	b := Bounds{
		May:  fmt.Sprintf("(%s IS NOT NULL AND NOT coalesce(%s, false))", n.r, eq.Must),
		Must: fmt.Sprintf("(%s IS NOT NULL AND NOT coalesce(%s, false))", n.r, eq.May),
	}
	if c.Number {
		// A number beyond the doubles is not comparable, and looks like this text here.
		b.Must = fmt.Sprintf(`(%s AND %s NOT IN ('"Infinity"', '"-Infinity"'))`, b.Must, n.f)
	}
	return b
}

// equal is = on one node.
func (t *translator) equal(c *pattern.Comparison, n node) Bounds {
	unknown := Bounds{n.r + " IS NOT NULL", "false"}
	switch {
	case c.Regex:
		re, ok := search(c.Search)
		if !ok {
			return unknown
		}
		return exactly(fmt.Sprintf("regexp_like(%s, %s)", n.r, Literal(re)))
	case c.Number:
		return exactly(equalNumber(c.Text, n))
	case !plain(c.Text):
		return unknown
	default:
		return exactly(t.equalText(c.Text, n.r))
	}
}

// plain reports whether a statement can hold a text.
func plain(text string) bool {
	return strings.ToValidUTF8(text, "") == text && !strings.ContainsRune(text, 0)
}

// equalText compares r with a text that may have asterisks.
func (t *translator) equalText(text, r string) string {
	inner, open := strings.CutPrefix(text, "*")
	inner, openEnd := strings.CutSuffix(inner, "*")
	if strings.Contains(inner, "*") {
		t.asterisk = true
		if t.wild {
			escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `*`, `%`).Replace(text)
			return fmt.Sprintf(`%s LIKE %s ESCAPE '\'`, r, Literal(escaped))
		}
	}
	switch {
	case inner == "" && (open || openEnd):
		return r + " IS NOT NULL"
	case open && openEnd:
		return fmt.Sprintf("strpos(%s, %s) > 0", r, Literal(inner))
	case open:
		return fmt.Sprintf("substr(%s, -%d) = %s", r, len([]rune(inner)), Literal(inner))
	case openEnd:
		return fmt.Sprintf("starts_with(%s, %s)", r, Literal(inner))
	default:
		return r + " = " + Literal(text)
	}
}

// equalNumber compares with a number literal: numbers by value, which are equal if
// they have one of few texts, and strings by spelling.
func equalNumber(spelling string, n node) string {
	asText := fmt.Sprintf("(%s %s AND %s = %s)", kind(n.f), isString, n.r, Literal(spelling))
	texts := numberTexts(spelling)
	if len(texts) == 0 {
		return asText
	}
	for i := range texts {
		texts[i] = Literal(texts[i])
	}
	return fmt.Sprintf("(%s IN (%s) OR %s)", n.f, strings.Join(texts, ", "), asText)
}

// numberTexts are the texts of all numbers with the value of a literal.
func numberTexts(spelling string) []string {
	v, ok := record.ParseDecimal(spelling)
	switch {
	case !ok:
		return nil
	case v.Sign() == 0:
		return []string{"0", "0.0", "-0.0"}
	case strings.ContainsAny(spelling, ".eE"):
		if _, finite := record.RoundToDouble(spelling); !finite {
			return nil // it equals no number
		}
	}
	var list []string
	if text, ok := v.Integer(); ok {
		list = append(list, text)
	}
	if f, ok := v.Float(); ok {
		if short, finite := record.RoundToDouble(strconv.FormatFloat(f, 'e', -1, 64)); finite && short.Compare(v) == 0 {
			list = append(list, record.FloatText(f))
		}
	}
	return list
}

// exactFloat is the first integer beside which doubles leave integers out.
const exactFloat = 1 << 53

// ordered compares a number with a literal. Numbers become doubles here: which side
// of the literal's double one is on is certain, and equality is unless there are
// integers between doubles.
func ordered(c *pattern.Comparison, n node) Bounds {
	v, _ := record.ParseDecimal(c.Text)
	number := fmt.Sprintf("%s %s", kind(n.f), isNumber)
	d, ok := v.Float()
	if !ok {
		return Bounds{number, "false"}
	}
	compare := func(operator string) string {
		return fmt.Sprintf("(%s AND TRY_CAST(%s AS double) %s DOUBLE '%s')", number, n.f, operator, strconv.FormatFloat(d, 'E', -1, 64))
	}
	strict := c.Operator[:1]
	if d >= exactFloat || d <= -exactFloat {
		return Bounds{compare(strict + "="), compare(strict)}
	}
	short, _ := record.RoundToDouble(strconv.FormatFloat(d, 'e', -1, 64))
	cmp := short.Compare(v)
	if cmp == 0 && len(c.Operator) > 1 || cmp < 0 && strict == "<" || cmp > 0 && strict == ">" {
		return exactly(compare(strict + "="))
	}
	return exactly(compare(strict))
}

// The values that have members.
const (
	arrays = iota
	arraysAndObjects
)

// someMember is true if a test is of a member m of a node. A cast must not see a
// value of another kind.
func someMember(n node, of int, test string) string {
	test = "m -> coalesce(" + test + ", false)"
	sql := fmt.Sprintf("CASE %s WHEN '[' THEN any_match(CAST(%s AS array(json)), %s)", kind(n.f), n.x, test)
	if of == arraysAndObjects {
		sql += fmt.Sprintf(" WHEN '{' THEN any_match(map_values(CAST(%s AS map(varchar, json))), %s)", n.x, test)
	}
	return sql + " ELSE false END"
}

// wildcard is a condition whose path has a wildcard: on the members of what is in
// front of it, and what the rest of the path finds in them.
func (t *translator) wildcard(c *pattern.Comparison) Bounds {
	before := c.Steps.BeforeWildcard()
	parent := t.column(before)
	m := nodeAt("m", c.Steps[len(before)+1:])
	some := func(test string) string { return someMember(parent, arraysAndObjects, test) }
	switch c.Operator {
	case "!=":
		eq := t.equal(c, m)
		not := func(test string) string {
			return fmt.Sprintf("(%s IS NOT NULL AND NOT coalesce(%s, false))", parent.x, some(test))
		}
		return Bounds{not(eq.Must), not(eq.May)}
	case "NOT EXISTS":
		return exactly("NOT coalesce(" + some(m.x+" IS NOT NULL") + ", false)")
	case "IS NULL":
		return exactly(some(m.f + " = 'null'"))
	default:
		b := t.holds(c, m)
		return Bounds{some(b.May), some(b.Must)}
	}
}
