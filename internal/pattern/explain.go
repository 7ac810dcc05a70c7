package pattern

import (
	"fmt"
	"strconv"
	"strings"
)

// An Explanation says what a pattern does and what about it looks like a
// mistake.
type Explanation struct {
	Lines []Line // the tree in words, from top to bottom

	// Suspicions are in the order of their offsets. Those about fields hold of
	// CloudTrail's management event records only.
	Suspicions []Suspicion
}

// A Line is one line of an explanation.
type Line struct {
	Depth int // 0 for the first line; one more for what belongs to a line
	Text  string
}

// String returns the lines, each ended by a line feed and indented by two blanks
// for each level.
func (e Explanation) String() string {
	var b strings.Builder
	for _, l := range e.Lines {
		b.WriteString(strings.Repeat("  ", l.Depth) + l.Text + "\n")
	}
	return b.String()
}

// Explain puts the pattern into words and looks for mistakes, without knowing
// the names of events.
func (p *Pattern) Explain() Explanation {
	return Explanation{Lines: p.words(), Suspicions: p.Suspicions()}
}

// Suspicions returns what Explain has of them.
func (p *Pattern) Suspicions() []Suspicion { return p.suspicions() }

// words explains the pattern line by line.
func (p *Pattern) words() []Line {
	switch n := p.root.(type) {
	case *terms:
		return n.words()
	case *fullRegex:
		return []Line{{0, "matches a message in whose text the regular expression %" + n.re.text + "% is found"}}
	case *jsonPattern:
		return append([]Line{{0, "matches a message that is a JSON object in which"}}, exprWords(n.expr, 1, (*condition).words)...)
	case *delimited:
		return n.words()
	default:
		return []Line{{0, "matches every message"}}
	}
}

func (n *terms) words() []Line {
	var optional []string
	for _, t := range n.list {
		if t.sign == '?' {
			optional = append(optional, quote(t.text))
		}
	}
	lines := []Line{{0, "matches a message whose text"}}
	if len(optional) == len(n.list) {
		return append(lines, Line{1, "contains " + strings.Join(optional, " or ")})
	}
	for _, t := range n.list {
		switch t.sign {
		case '-':
			lines = append(lines, Line{1, "does not contain " + quote(t.text)})
		case 0:
			lines = append(lines, Line{1, "contains " + quote(t.text)})
		}
	}
	return lines
}

func (n *delimited) words() []Line {
	named := len(n.fields)
	if n.skipsFields() {
		named = max(0, named-1)
	}
	var lines []Line
	switch {
	case named == 0:
		return []Line{{0, "matches every message"}}
	case n.skipsFields():
		lines = append(lines, Line{0, fmt.Sprintf("matches a message of at least %s, in which", count(named, "field"))})
	case named == 1:
		lines = append(lines, Line{0, "matches a message that is not blank, in which"})
	default:
		lines = append(lines, Line{0, fmt.Sprintf("matches a message of %s (the last one takes the rest of the text) in which", count(named, "field"))})
	}
	skipped := false
	for i, f := range n.fields {
		if f.ellipsis {
			skipped = true
			lines = append(lines, Line{1, ellipsisWords(i)})
			continue
		}
		lines = append(lines, f.words(place(i, len(n.fields), skipped))...)
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
func (f field) words(place string) []Line {
	subject := place
	if f.name != "" {
		subject += " (" + f.name + ")"
	}
	if f.cond == nil {
		return []Line{{1, subject + " is anything"}}
	}
	return exprWords(f.cond, 1, func(c *condition) string { return subject + " " + c.predicate() })
}

// count returns "1 field" or "2 fields".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// exprWords explains an expression; leaf explains a condition.
func exprWords(e expr, depth int, leaf func(*condition) string) []Line {
	switch e := e.(type) {
	case *and:
		return listWords("all of these hold:", e.list, depth, leaf)
	case *or:
		return listWords("at least one of these holds:", e.list, depth, leaf)
	default:
		return []Line{{depth, leaf(e.(*condition))}}
	}
}

func listWords(title string, list []expr, depth int, leaf func(*condition) string) []Line {
	lines := []Line{{depth, title}}
	for _, e := range list {
		lines = append(lines, exprWords(e, depth+1, leaf)...)
	}
	return lines
}

// words explains a condition of a JSON pattern.
func (c *condition) words() string {
	subject := c.sel.Field()
	switch {
	case !c.sel.HasWildcard() && c.op == opNotEqual:
		return subject + " is a string or a number that " + c.predicate()
	case !c.sel.HasWildcard():
		return subject + " " + c.predicate()
	case c.op == opNotExists:
		return "there is no " + subject
	case c.op == opNotEqual:
		return c.sel.BeforeWildcard().Field() + " exists and no " + subject + " " + c.val.predicate(true, false)
	case c.op == opIsNull:
		return "some " + subject + " is null"
	default:
		return "some " + subject + " " + c.predicate()
	}
}

// predicate says what the condition states, to be read behind a subject.
func (c *condition) predicate() string {
	switch c.op {
	case opEqual:
		return c.val.predicate(true, len(c.sel) == 0)
	case opNotEqual:
		return c.val.predicate(false, len(c.sel) == 0)
	case opLess:
		return "is a number less than " + c.val.text
	case opLessEqual:
		return "is a number of at most " + c.val.text
	case opGreater:
		return "is a number greater than " + c.val.text
	case opGreaterEqual:
		return "is a number of at least " + c.val.text
	case opIsNull:
		return "is null, or an array with null in it"
	case opIsTrue:
		return "is true"
	case opIsFalse:
		return "is false"
	default:
		return "is missing"
	}
}

// predicate says what = means for the value, or != when equal is false. About
// the fields of space-delimited patterns there is less to say.
func (v value) predicate(equal, field bool) string {
	verb := func(positive, negative string) string {
		if equal {
			return positive
		}
		return negative
	}
	switch {
	case v.kind == valueRegex:
		return verb("contains a match of %", "contains no match of %") + v.re.text + "%"
	case v.kind == valueNumber && field:
		return verb("is", "is not") + " the number " + v.text
	case v.kind == valueNumber:
		return verb("is", "is neither") + " the number " + v.text + verb(" or ", " nor ") + "the text " + quote(v.text)
	case v.text == "*" && field:
		return verb("is anything", "is nothing")
	case v.text == "*":
		return verb("is a string or a number", "is neither a string nor a number")
	case v.hasMidAsterisk():
		return verb("is like ", "is not like ") + quote(v.text)
	}
	inner, open := strings.CutPrefix(v.text, "*")
	inner, openEnd := strings.CutSuffix(inner, "*")
	switch {
	case open && openEnd:
		return verb("contains ", "does not contain ") + quote(inner)
	case open:
		return verb("ends with ", "does not end with ") + quote(inner)
	case openEnd:
		return verb("begins with ", "does not begin with ") + quote(inner)
	default:
		return verb("is ", "is not ") + quote(inner)
	}
}

// quote puts a text into double quotes for a reader: control characters are
// escaped, quotes and backslashes are not.
func quote(text string) string {
	escaped := strconv.Quote(text)
	return `"` + strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(escaped[1:len(escaped)-1]) + `"`
}
