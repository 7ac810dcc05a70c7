package pattern

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// An Explanation says what a pattern does: the tree in words, from top to bottom.
type Explanation []Line

// A Line is one line of an explanation.
type Line struct {
	Depth int // 0 for the first line; one more for what belongs to a line
	Text  string
}

// String returns the lines, each ended by a line feed and indented by two blanks
// for each level.
func (e Explanation) String() string {
	var b strings.Builder
	for _, l := range e {
		b.WriteString(strings.Repeat("  ", l.Depth) + l.Text + "\n")
	}
	return b.String()
}

// Explain puts the pattern into words.
func (p *Pattern) Explain() Explanation {
	switch n := p.root.(type) {
	case *syntax.Terms:
		return termsWords(n)
	case *syntax.FullRegex:
		return []Line{{0, "matches a message in whose text the regular expression %" + n.Regex.Text + "% is found"}}
	case *syntax.JSON:
		return append([]Line{{0, "matches a message that is a JSON object in which"}}, exprWords(n.Expr, 1, Words)...)
	case *syntax.Delimited:
		return delimitedWords(n)
	default:
		return []Line{{0, "matches every message"}}
	}
}

func termsWords(n *syntax.Terms) []Line {
	var optional []string
	for _, t := range n.List {
		if t.Sign == '?' {
			optional = append(optional, Quote(t.Text))
		}
	}
	lines := []Line{{0, "matches a message whose text"}}
	if len(optional) == len(n.List) {
		return append(lines, Line{1, "contains " + strings.Join(optional, " or ")})
	}
	for _, t := range n.List {
		switch t.Sign {
		case '-':
			lines = append(lines, Line{1, "does not contain " + Quote(t.Text)})
		case 0:
			lines = append(lines, Line{1, "contains " + Quote(t.Text)})
		}
	}
	return lines
}

func delimitedWords(n *syntax.Delimited) []Line {
	named := len(n.Fields)
	if n.SkipsFields() {
		named = max(0, named-1)
	}
	var lines []Line
	switch {
	case named == 0:
		return []Line{{0, "matches every message"}}
	case n.SkipsFields():
		lines = append(lines, Line{0, fmt.Sprintf("matches a message of at least %s, in which", count(named, "field"))})
	case named == 1:
		lines = append(lines, Line{0, "matches a message that is not blank, in which"})
	default:
		lines = append(lines, Line{0, fmt.Sprintf("matches a message of %s (the last one takes the rest of the text) in which", count(named, "field"))})
	}
	skipped := false
	for i, f := range n.Fields {
		if f.Ellipsis {
			skipped = true
			lines = append(lines, Line{1, ellipsisWords(i)})
			continue
		}
		lines = append(lines, fieldWords(f, place(i, len(n.Fields), skipped))...)
	}
	return lines
}

// ellipsisWords explains the "..." that is field number i.
func ellipsisWords(i int) string {
	if i == 0 {
		return "any number of fields may come first"
	}
	return "any number of fields may follow"
}

// place says where field number i of n stands; skipped fields before it make it
// count from the end.
func place(i, n int, skipped bool) string {
	switch {
	case !skipped:
		return "field " + strconv.Itoa(i+1)
	case i == n-1:
		return "last field"
	default:
		return "field " + strconv.Itoa(n-i) + " from the end"
	}
}

// words explains one field; place says where it stands, if it has no name.
func fieldWords(f syntax.Field, place string) []Line {
	subject := place
	if f.Name != "" {
		subject += " (" + f.Name + ")"
	}
	if f.Cond == nil {
		return []Line{{1, subject + " is anything"}}
	}
	return exprWords(f.Cond, 1, func(c *syntax.Condition) string { return subject + " " + predicate(c) })
}

// count returns "1 field" or "2 fields".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// exprWords explains an expression; leaf explains a condition.
func exprWords(e syntax.Expr, depth int, leaf func(*syntax.Condition) string) []Line {
	switch e := e.(type) {
	case *syntax.And:
		return listWords("all of these hold:", e.List, depth, leaf)
	case *syntax.Or:
		return listWords("at least one of these holds:", e.List, depth, leaf)
	default:
		return []Line{{depth, leaf(e.(*syntax.Condition))}}
	}
}

func listWords(title string, list []syntax.Expr, depth int, leaf func(*syntax.Condition) string) []Line {
	lines := []Line{{depth, title}}
	for _, e := range list {
		lines = append(lines, exprWords(e, depth+1, leaf)...)
	}
	return lines
}

// Words explains a condition of a JSON pattern.
func Words(c *syntax.Condition) string {
	subject := c.Sel.Field()
	switch {
	case !c.Sel.HasWildcard() && c.Op == syntax.OpNotEqual:
		return subject + " is a string or a number that " + predicate(c)
	case !c.Sel.HasWildcard():
		return subject + " " + predicate(c)
	case c.Op == syntax.OpNotExists:
		return "there is no " + subject
	case c.Op == syntax.OpNotEqual:
		return c.Sel.BeforeWildcard().Field() + " exists and no " + subject + " " + valuePredicate(c.Val, true, false)
	case c.Op == syntax.OpIsNull:
		return "some " + subject + " is null"
	default:
		return "some " + subject + " " + predicate(c)
	}
}

// predicate says what the condition states, to be read behind a subject.
func predicate(c *syntax.Condition) string {
	switch c.Op {
	case syntax.OpEqual:
		return valuePredicate(c.Val, true, len(c.Sel) == 0)
	case syntax.OpNotEqual:
		return valuePredicate(c.Val, false, len(c.Sel) == 0)
	case syntax.OpLess:
		return "is a number less than " + c.Val.Text
	case syntax.OpLessEqual:
		return "is a number of at most " + c.Val.Text
	case syntax.OpGreater:
		return "is a number greater than " + c.Val.Text
	case syntax.OpGreaterEqual:
		return "is a number of at least " + c.Val.Text
	case syntax.OpIsNull:
		return "is null, or an array with null in it"
	case syntax.OpIsTrue:
		return "is true"
	case syntax.OpIsFalse:
		return "is false"
	default:
		return "is missing"
	}
}

// predicate says what = means for the value, or != when equal is false. About
// the fields of space-delimited patterns there is less to say.
func valuePredicate(v syntax.Value, equal, field bool) string {
	verb := func(positive, negative string) string {
		if equal {
			return positive
		}
		return negative
	}
	switch {
	case v.Kind == syntax.ValueRegex:
		return verb("contains a match of %", "contains no match of %") + v.Regex.Text + "%"
	case v.Kind == syntax.ValueNumber && field:
		return verb("is", "is not") + " the number " + v.Text
	case v.Kind == syntax.ValueNumber:
		return verb("is", "is neither") + " the number " + v.Text + verb(" or ", " nor ") + "the text " + Quote(v.Text)
	case v.Text == "*" && field:
		return verb("is anything", "is nothing")
	case v.Text == "*":
		return verb("is a string or a number", "is neither a string nor a number")
	case v.HasMidAsterisk():
		return verb("is like ", "is not like ") + Quote(v.Text)
	}
	inner, open := strings.CutPrefix(v.Text, "*")
	inner, openEnd := strings.CutSuffix(inner, "*")
	switch {
	case open && openEnd:
		return verb("contains ", "does not contain ") + Quote(inner)
	case open:
		return verb("ends with ", "does not end with ") + Quote(inner)
	case openEnd:
		return verb("begins with ", "does not begin with ") + Quote(inner)
	default:
		return verb("is ", "is not ") + Quote(inner)
	}
}

// Quote puts a text into double quotes for a reader: control characters are
// escaped, quotes and backslashes are not.
func Quote(text string) string {
	escaped := strconv.Quote(text)
	return `"` + strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(escaped[1:len(escaped)-1]) + `"`
}
