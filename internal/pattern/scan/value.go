package scan

import (
	"bytes"
	"cmp"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/record"
)

// testString tests a string at n; plain says that raw has neither escapes nor
// anything beyond ASCII.
func (s *scanner) testString(n *trieNode, raw []byte, plain bool) {
	if len(n.tests.plain)+len(n.tests.globs) == 0 {
		return
	}
	if !plain {
		s.buf = appendUnquoted(s.buf[:0], raw)
		raw = s.buf
	}
	s.testText(n, raw)
}

// testNumber tests a number at n: as a text by what Java makes of it, then by its
// value.
func (s *scanner) testNumber(n *trieNode, spelling []byte) {
	if n.tests.rendered {
		text := spelling
		if bytes.ContainsAny(spelling, ".eE") || string(spelling) == "-0" {
			s.buf = append(s.buf[:0], record.JavaText(string(spelling))...)
			text = s.buf
		}
		s.testText(n, text)
	}
	for i := range n.tests.numbers {
		t := &n.tests.numbers[i]
		s.truth[t.slot] = t.holds(spelling)
	}
}

func (s *scanner) testText(n *trieNode, text []byte) {
	if i := n.tests.byText.find(text); i >= 0 {
		s.write(n.tests.plain[i].then)
	}
	for i := range n.tests.globs {
		if t := &n.tests.globs[i]; t.matches(text) {
			s.truth[t.then.slot] = t.then.truth
		}
	}
}

func (t *globTest) matches(text []byte) bool {
	if t.re != nil {
		return t.re.MatchBytes(text)
	}
	return t.glob.matches(text)
}

// holds reports whether the comparison is true of a JSON number. Most numbers are
// integers of few digits, like most literals.
func (t *numberTest) holds(spelling []byte) bool {
	if n, ok := smallInteger(spelling); ok && t.isSmall {
		return t.cond.Op.Accepts(cmp.Compare(n, t.small))
	}
	return match.Holds(&t.cond, record.Value{Kind: record.Number, Text: string(spelling)}, match.Reading{})
}

// smallInteger returns the value of a JSON number that is spelt as an integer of
// few digits.
func smallInteger(spelling []byte) (n int64, ok bool) {
	digits := spelling
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) > record.MaxSmallDigits {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	if len(digits) < len(spelling) {
		n = -n
	}
	return n, true
}
