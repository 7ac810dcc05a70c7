package eventpattern

import (
	"slices"
	"strings"
)

// A Line is one line of an explanation.
type Line struct {
	Depth int // 0 for the first line; one more for what belongs to a line
	Text  string
}

// An Explanation says what a pattern does and what about it looks like a
// mistake.
type Explanation struct {
	Lines      []Line      // the tree in words, from top to bottom
	Suspicions []Suspicion // in the order of their offsets
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

// Explain puts the pattern into words and looks for mistakes.
func (p *Pattern) Explain() Explanation {
	lines := append([]Line{{0, "matches an event in which all of these hold:"}}, p.root.words("", 1)...)
	return Explanation{Lines: lines, Suspicions: p.Suspicions()}
}

// words explains the members of an object; prefix is its path with a dot.
func (o *object) words(prefix string, depth int) []Line {
	var lines []Line
	for _, m := range o.members {
		switch {
		case m.object != nil:
			lines = append(lines, m.object.words(prefix+m.name+".", depth)...)
		case m.or != nil:
			lines = append(lines, Line{depth, "at least one of these holds:"})
			for _, alternative := range m.or {
				inner := alternative.words(prefix, depth+1)
				if slices.IndexFunc(inner[1:], func(l Line) bool { return l.Depth == depth+1 }) >= 0 {
					lines = append(lines, Line{depth + 1, "all of these hold:"})
					inner = alternative.words(prefix, depth+2)
				}
				lines = append(lines, inner...)
			}
		default:
			lines = append(lines, testWords(readable(prefix+m.name), m.tests, depth)...)
		}
	}
	return lines
}

// readable quotes a path that would not be told apart from the words around it.
func readable(path string) string {
	if path == "" || strings.ContainsAny(path, " \"") || strings.ContainsFunc(path, func(r rune) bool { return r < ' ' }) {
		return quote(path)
	}
	return path
}

// testWords explains the tests on one path: plain strings in one line.
func testWords(path string, tests []Test, depth int) []Line {
	var plain, others []string
	for _, t := range tests {
		if text, ok := t.(*Text); ok && text.Op == Equals {
			plain = append(plain, quote(text.Text))
		} else {
			others = append(others, t.words())
		}
	}
	if len(plain) > 0 {
		others = append([]string{"is " + strings.Join(plain, " or ")}, others...)
	}
	if len(others) == 1 {
		return []Line{{depth, path + " " + others[0]}}
	}
	lines := []Line{{depth, path + " passes one of these tests:"}}
	for _, text := range others {
		lines = append(lines, Line{depth + 1, text})
	}
	return lines
}

func (t *Text) words() string { return t.Op.verb() + " " + quote(t.Text) + t.Op.manner() }

// verb is the operator behind a subject.
func (op StringOp) verb() string {
	switch op {
	case Prefix, PrefixFold:
		return "begins with"
	case Suffix, SuffixFold:
		return "ends with"
	case MatchesWildcard:
		return "is like"
	default:
		return "is"
	}
}

// manner follows the text of a test.
func (op StringOp) manner() string {
	switch op {
	case EqualsFold, PrefixFold, SuffixFold:
		return " in upper or lower case"
	case MatchesWildcard:
		return ", where * stands for any characters"
	default:
		return ""
	}
}

func (t *Number) words() string { return "is the number " + t.number.text }

func (t *Constant) words() string { return "is " + t.Word }

func (t *Numeric) words() string {
	if t.Low != nil && t.Low == t.High {
		return "is the number " + t.Low.text
	}
	var list []string
	if t.Low != nil {
		list = append(list, choose(t.Low.Inclusive, "at least ", "greater than ")+t.Low.text)
	}
	if t.High != nil {
		list = append(list, choose(t.High.Inclusive, "at most ", "less than ")+t.High.text)
	}
	return "is a number " + strings.Join(list, " and ")
}

func choose(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

func (t *CIDR) words() string { return "is an IP address in " + t.Block }

func (t *Exists) words() string { return choose(t.Present, "exists", "is missing") }

func (t *AnythingBut) words() string {
	var list []string
	for _, s := range t.Texts {
		list = append(list, quote(s.Text))
	}
	for _, n := range t.Numbers {
		list = append(list, n.number.text)
	}
	excluded := strings.Join(list, " nor ")
	if len(t.Texts) == 0 {
		return "exists and is " + choose(len(list) > 1, "neither ", "not ") + excluded
	}
	op := t.Texts[0].Op
	verb := map[string]string{"is": "is not", "begins with": "does not begin with", "ends with": "does not end with", "is like": "is not like"}[op.verb()]
	return "exists and " + verb + " " + strings.Join(list, " or ") + op.manner()
}
