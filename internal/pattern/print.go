package pattern

import (
	"strings"
)

// String returns the shortest text that parses back to the same tree:
// redundant parentheses, blanks and quotes are dropped. Only IS and NOT keep
// the blank before them, even where the language needs none. Numbers and
// regular expressions are printed as they were spelled.
func (p *Pattern) String() string {
	var b strings.Builder
	switch n := p.root.(type) {
	case *terms:
		printTerms(&b, n.list)
	case *fullRegex:
		printRegex(&b, n.re)
	case *jsonPattern:
		b.WriteByte('{')
		printExpr(&b, n.expr, "")
		b.WriteByte('}')
	case *delimited:
		printFields(&b, n.fields)
	}
	return b.String()
}

// printTerms relies on a sign ending the term before it.
func printTerms(b *strings.Builder, list []term) {
	for i, t := range list {
		switch {
		case t.sign != 0:
			b.WriteByte(t.sign)
			if t.detached {
				b.WriteByte(' ')
			}
		case i > 0:
			b.WriteByte(' ')
		}
		if isTermWord(t.text) {
			b.WriteString(t.text)
		} else {
			printQuoted(b, t.text)
		}
	}
}

func printRegex(b *strings.Builder, re *regex) {
	b.WriteByte('%')
	b.WriteString(re.text)
	b.WriteByte('%')
}

// printExpr prints an expression; name is that of the field in delimited
// patterns.
func printExpr(b *strings.Builder, e expr, name string) {
	switch e := e.(type) {
	case *or:
		for i, operand := range e.list {
			if i > 0 {
				b.WriteString("||")
			}
			printExpr(b, operand, name)
		}
	case *and:
		for i, operand := range e.list {
			if i > 0 {
				b.WriteString("&&")
			}
			if _, ok := operand.(*or); ok {
				b.WriteByte('(')
				printExpr(b, operand, name)
				b.WriteByte(')')
			} else {
				printExpr(b, operand, name)
			}
		}
	case *condition:
		printCondition(b, e, name)
	}
}

func printCondition(b *strings.Builder, c *condition, name string) {
	if name != "" {
		b.WriteString(name)
	} else {
		b.WriteString(c.sel.String())
	}
	b.WriteString(c.op.String())
	if c.op <= opGreaterEqual {
		printValue(b, c.val)
	}
}

// String returns the operator as it is printed, keywords with a blank before
// them.
func (o operator) String() string {
	return [...]string{"=", "!=", "<", "<=", ">", ">=", " IS NULL", " IS TRUE", " IS FALSE", " NOT EXISTS"}[o]
}

func printValue(b *strings.Builder, v value) {
	switch {
	case v.kind == valueRegex:
		printRegex(b, v.re)
	case v.kind == valueNumber || isBareText(v.text):
		b.WriteString(v.text)
	default:
		printQuoted(b, v.text)
	}
}

// isBareText reports whether a text can do without quotes.
func isBareText(text string) bool {
	for _, c := range text {
		if !isBareChar(c) {
			return false
		}
	}
	_, isNumber := parseNumber(text)
	return text != "" && text != "null" && !isNumber
}

// printQuoted escapes quotes, and backslashes where they would be escapes.
func printQuoted(b *strings.Builder, text string) {
	b.WriteByte('"')
	for i := 0; i < len(text); i++ {
		last := i+1 == len(text)
		if text[i] == '"' || text[i] == '\\' && (last || text[i+1] == '"' || text[i+1] == '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	b.WriteByte('"')
}

func printFields(b *strings.Builder, fields []field) {
	b.WriteByte('[')
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		switch {
		case f.ellipsis:
			b.WriteString("...")
		case f.cond != nil:
			printExpr(b, f.cond, f.name)
		default:
			b.WriteString(f.name)
		}
	}
	b.WriteByte(']')
}
