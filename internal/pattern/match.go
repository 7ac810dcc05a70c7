package pattern

// Match reports whether a message matches: the text of one log event. It follows
// the specification rule by rule; sets of patterns are faster with Decode and
// MatchDecoded.
func (p *Pattern) Match(message []byte) Verdict {
	m := &Message{text: message}
	if p.Kind() == KindJSON {
		m = Decode(message)
	}
	return p.MatchDecoded(m)
}

// MatchDecoded is Match for a message that is matched several times.
func (p *Pattern) MatchDecoded(m *Message) Verdict {
	readings := p.readings()
	first := p.matchReading(m, readings[0])
	for _, r := range readings[1:] {
		if p.matchReading(m, r) != first {
			return Undetermined
		}
	}
	if first {
		return Match
	}
	return NoMatch
}

// matchReading reports whether the message matches under one reading of the
// uncertain rules.
func (p *Pattern) matchReading(m *Message, r reading) bool {
	switch n := p.root.(type) {
	case *terms:
		return n.match(m.text, r)
	case *fullRegex:
		return n.re.matchBytes(m.text)
	case *jsonPattern:
		return m.root != nil && evaluate(n.expr, func(c *condition) bool { return c.matches(m.root, r) })
	case *delimited:
		return n.match(string(m.text), r)
	default:
		return true // all
	}
}

// evaluate computes an expression from its conditions; no expression is true.
func evaluate(e expr, holds func(*condition) bool) bool {
	switch e := e.(type) {
	case *or:
		for _, operand := range e.list {
			if evaluate(operand, holds) {
				return true
			}
		}
		return false
	case *and:
		for _, operand := range e.list {
			if !evaluate(operand, holds) {
				return false
			}
		}
		return true
	case *condition:
		return holds(e)
	default:
		return true
	}
}

// A Kind is one of the kinds of pattern.
type Kind int8

// The kinds of pattern. A pattern of blanks is KindAll.
const (
	KindAll       Kind = iota // matches every message
	KindTerms                 // words and phrases, searched in the text
	KindRegex                 // one regular expression, searched in the text
	KindJSON                  // { ... }
	KindDelimited             // [ ... ]
)

// String returns "all", "terms", "regex", "json" or "delimited".
func (k Kind) String() string {
	return [...]string{"all", "terms", "regex", "json", "delimited"}[k]
}

// Kind returns the kind of the pattern.
func (p *Pattern) Kind() Kind {
	switch p.root.(type) {
	case *terms:
		return KindTerms
	case *fullRegex:
		return KindRegex
	case *jsonPattern:
		return KindJSON
	case *delimited:
		return KindDelimited
	default:
		return KindAll
	}
}
