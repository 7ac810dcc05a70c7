package pattern

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A textTest asks for something in the text of the whole record: a piece of
// text or, where re is not nil, what a regular expression finds.
type textTest struct {
	contains string
	re       *regex
}

func (t textTest) key() string {
	if t.re != nil {
		return "%" + t.re.text
	}
	return "=" + t.contains
}

func (t textTest) holds(text string) bool {
	if t.re != nil {
		return t.re.match(text)
	}
	return strings.Contains(text, t.contains)
}

// String returns the test in words that follow "the text of the record".
func (t textTest) String() string {
	if t.re != nil {
		return "matches %" + t.re.text + "%"
	}
	return "contains " + strconv.Quote(t.contains)
}

func (p *problem) textFormula(t textTest) *formula {
	key := t.key()
	if p.texts[key] == nil {
		p.texts[key] = p.add(&variable{text: &t})
	}
	return literalFormula(literal{variable: p.texts[key].id})
}

// terms says what (*terms).match decides.
func (p *problem) terms(n *terms) *formula {
	var optional, others []*formula
	for _, t := range n.list {
		found := p.textFormula(textTest{contains: t.text})
		switch {
		case t.sign == '?':
			optional = append(optional, found)
		case t.excludes(p.reading):
			others = append(others, not(found))
		default:
			others = append(others, found)
		}
	}
	if len(others) == 0 {
		return disjunction(optional...)
	}
	return conjunction(others...)
}

// delimited decides space-delimited patterns as far as they do not depend on
// where the blanks of a record stand: those without fields, and those whose one
// field is the whole record.
func (p *problem) delimited(n *delimited) *formula {
	var named []field
	for _, f := range n.fields {
		if !f.ellipsis {
			named = append(named, f)
		}
	}
	switch {
	case len(named) == 0:
		return trueFormula
	case len(n.fields) == 1:
		return p.expr(named[0].cond, p.wholeText)
	}
	return unclearFormula(RuleTextPattern)
}

// wholeText returns the formula of a condition on the text of the record, which
// is long, begins with a brace and is not shaped like a number.
func (p *problem) wholeText(c *condition) *formula {
	f := falseFormula
	switch {
	case c.op != opEqual && c.op != opNotEqual, c.val.kind == valueNumber:
	case c.val.kind == valueRegex:
		f = p.textFormula(textTest{re: c.val.re})
	default:
		f = p.wholeTextIs(c.val)
	}
	if c.op == opNotEqual {
		return not(f)
	}
	return f
}

func (p *problem) wholeTextIs(v value) *formula {
	parts := v.parts(p.reading)
	switch {
	case len(parts) == 2 && parts[0] == "" && parts[1] == "":
		return trueFormula
	case len(parts) == 3 && parts[0] == "" && parts[2] == "":
		return p.textFormula(textTest{contains: parts[1]})
	}
	return unclearFormula(RuleTextPattern)
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

// knownText returns pieces of text that every record of the probe contains.
func (v view) knownText() []string {
	var pieces []string
	for _, f := range recordFields {
		d := v.domainOf(f)
		if d.kinds.has(kindMissing) {
			continue
		}
		name := record.Quote(f.name)
		switch {
		case d.kinds == kindString && len(d.strings) == 1:
			pieces = append(pieces, name+":"+record.Quote(d.strings[0]))
		case d.kinds == kindTrue:
			pieces = append(pieces, name+":true")
		case d.kinds == kindFalse:
			pieces = append(pieces, name+":false")
		case d.kinds == kindObject:
			pieces = append(pieces, name+":{")
		case d.kinds == kindString:
			pieces = append(pieces, name+`:"`)
		default:
			pieces = append(pieces, name+":")
		}
	}
	return pieces
}

// certain says whether every text around one of the pieces passes the test.
func (t textTest) certain(pieces []string) bool {
	if t.re != nil && looksAround(t.re.re.String()) {
		return false
	}
	for _, piece := range pieces {
		if t.holds(piece) {
			return true
		}
	}
	return false
}

// recordText matches the text of every record: compact JSON escapes control
// characters.
const recordText = `\A\{"[^\x00-\x1f]*\}\z`

// maxTextWork bounds the work on one test of the whole text.
const maxTextWork = 1 << 16

// verdicts returns what the test can be of texts that look like records.
func (t textTest) verdicts() []bool {
	expr := regexp.QuoteMeta(t.contains)
	if t.re != nil {
		expr = t.re.re.String()
	}
	var can [2]bool
	err := eachCombination([]string{expr}, []string{recordText}, maxTextWork, func(v, _ string) bool {
		can[v[0]] = true
		return !can[0] || !can[1]
	})
	if err != nil {
		return []bool{false, true}
	}
	var list []bool
	for i, b := range []bool{false, true} {
		if can[i] {
			list = append(list, b)
		}
	}
	return list
}

// looksAround says whether an expression can depend on what stands around the
// text that it matches.
func looksAround(expr string) bool {
	prog, err := compileProg(expr)
	if err != nil {
		return true
	}
	for _, in := range prog.Inst {
		if in.Op == syntax.InstEmptyWidth {
			return true
		}
	}
	return false
}

// denial is String of the opposite.
func (t textTest) denial() string {
	if t.re != nil {
		return "does not match %" + t.re.text + "%"
	}
	return "does not contain " + strconv.Quote(t.contains)
}
