package syntax

import (
	"strings"
)

// Print returns the shortest text that parses back to the same tree:
// redundant parentheses, blanks and quotes are dropped. Only IS and NOT keep
// the blank before them, even where the language needs none. Numbers and
// regular expressions are printed as they were spelled.
func Print(n Node) string {
	var b strings.Builder
	switch n := n.(type) {
	case *Terms:
		printTerms(&b, n.List)
	case *FullRegex:
		printRegex(&b, n.Regex)
	case *JSON:
		b.WriteByte('{')
		printExpr(&b, n.Expr, "")
		b.WriteByte('}')
	case *Delimited:
		printFields(&b, n.Fields)
	}
	return b.String()
}

// printTerms relies on a sign ending the term before it.
func printTerms(b *strings.Builder, list []Term) {
	for i, t := range list {
		switch {
		case t.Sign != 0:
			b.WriteByte(t.Sign)
			if t.Detached {
				b.WriteByte(' ')
			}
		case i > 0:
			b.WriteByte(' ')
		}
		if isTermWord(t.Text) {
			b.WriteString(t.Text)
		} else {
			printQuoted(b, t.Text)
		}
	}
}

func printRegex(b *strings.Builder, re *Regex) {
	b.WriteByte('%')
	b.WriteString(re.Text)
	b.WriteByte('%')
}

// PrintExpr returns an expression as Print does; name is that of the field in
// space-delimited patterns, "" in JSON patterns.
func PrintExpr(e Expr, name string) string {
	var b strings.Builder
	printExpr(&b, e, name)
	return b.String()
}

func printExpr(b *strings.Builder, e Expr, name string) {
	switch e := e.(type) {
	case *Or:
		for i, operand := range e.List {
			if i > 0 {
				b.WriteString("||")
			}
			printExpr(b, operand, name)
		}
	case *And:
		for i, operand := range e.List {
			if i > 0 {
				b.WriteString("&&")
			}
			if _, ok := operand.(*Or); ok {
				b.WriteByte('(')
				printExpr(b, operand, name)
				b.WriteByte(')')
			} else {
				printExpr(b, operand, name)
			}
		}
	case *Condition:
		printCondition(b, e, name)
	}
}

func printCondition(b *strings.Builder, c *Condition, name string) {
	if name != "" {
		b.WriteString(name)
	} else {
		b.WriteString(c.Sel.String())
	}
	b.WriteString(c.Op.String())
	if c.Op <= OpGreaterEqual {
		printValue(b, c.Val)
	}
}

// String returns the operator as it is printed, keywords with a blank before
// them.
func (o Operator) String() string {
	return [...]string{"=", "!=", "<", "<=", ">", ">=", " IS NULL", " IS TRUE", " IS FALSE", " NOT EXISTS"}[o]
}

func printValue(b *strings.Builder, v Value) {
	switch {
	case v.Kind == ValueRegex:
		printRegex(b, v.Regex)
	case v.Kind == ValueNumber || isBareText(v.Text):
		b.WriteString(v.Text)
	default:
		printQuoted(b, v.Text)
	}
}

// isBareText reports whether a text can do without quotes.
func isBareText(text string) bool {
	for _, c := range text {
		if !isBareChar(c) {
			return false
		}
	}
	_, isNumber := ParseNumber(text)
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

func printFields(b *strings.Builder, fields []Field) {
	b.WriteByte('[')
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		switch {
		case f.Ellipsis:
			b.WriteString("...")
		case f.Cond != nil:
			printExpr(b, f.Cond, f.Name)
		default:
			b.WriteString(f.Name)
		}
	}
	b.WriteByte(']')
}
