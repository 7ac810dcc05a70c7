package pattern

import (
	"bytes"
	"cmp"
)

// testString tests a string at n; plain says that raw has neither escapes nor
// bytes beyond ASCII.
func (s *scanner) testString(n *trieNode, raw []byte, plain bool) {
	if !n.tests.ofText() {
		return
	}
	if !plain {
		s.buf = appendUnquoted(s.buf[:0], raw)
		raw = s.buf
	}
	if p := n.tests.find(raw); p != nil {
		s.write(p.always)
		s.write(p.strings)
	}
	s.testGlobs(n, raw)
}

// testNumber tests a number at n: as a text by what Java makes of it, and by its
// value.
func (s *scanner) testNumber(n *trieNode, spelling []byte) {
	if n.tests.ofText() {
		text := spelling
		if bytes.ContainsAny(spelling, ".eE") || string(spelling) == "-0" {
			s.buf = append(s.buf[:0], javaRender(string(spelling))...)
			text = s.buf
		}
		if p := n.tests.find(text); p != nil {
			s.write(p.always)
		}
		s.testGlobs(n, text)
	}
	for i := range n.tests.numbers {
		t := &n.tests.numbers[i]
		s.truth[t.slot] = t.holds(spelling)
	}
}

func (s *scanner) testGlobs(n *trieNode, text []byte) {
	for i := range n.tests.globs {
		if t := &n.tests.globs[i]; t.matches(text) {
			s.truth[t.then.slot] = t.then.truth
		}
	}
}

// ofText says whether there are tests of texts.
func (t *valueTests) ofText() bool { return len(t.plain)+len(t.globs) > 0 }

// find returns what follows from a text, nil when no check names it.
func (t *valueTests) find(text []byte) *plainText {
	if i := t.byText.find(text); i >= 0 {
		return &t.plain[i]
	}
	return nil
}

func (t *globTest) matches(text []byte) bool {
	if t.re != nil {
		return t.re.matchBytes(text)
	}
	return t.glob.matches(text)
}

// holds says whether the comparison is true of a JSON number. Most numbers are
// integers of few digits, like most literals.
func (t *numberTest) holds(spelling []byte) bool {
	if n, ok := smallInteger(spelling); ok && t.isSmall {
		return t.cond.op.acceptsAll(cmp.Compare(n, t.small))
	}
	return t.cond.holds(nodeValue{kind: nodeNumber, text: string(spelling)}, reading{})
}

// acceptsAll is accepts for = and != too.
func (o operator) acceptsAll(c int) bool {
	switch o {
	case opEqual:
		return c == 0
	case opNotEqual:
		return c != 0
	default:
		return o.accepts(c)
	}
}

// maxSmallDigits is how many digits an integer of 64 bits always has room for.
const maxSmallDigits = 18

// smallInteger returns the value of a JSON number that is spelt as an integer of
// few digits.
func smallInteger(spelling []byte) (n int64, ok bool) {
	digits := spelling
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) > maxSmallDigits {
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

// smallInteger returns the value of a decimal that is an integer of few digits.
func (d decimal) smallInteger() (n int64, ok bool) {
	if d.exp < int64(len(d.digits)) && d.digits != "" || d.exp > maxSmallDigits {
		return 0, false
	}
	for i := range d.exp {
		n *= 10
		if i < int64(len(d.digits)) {
			n += int64(d.digits[i] - '0')
		}
	}
	if d.neg {
		n = -n
	}
	return n, true
}
