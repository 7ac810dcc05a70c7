package scan

import (
	"sync"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A Set matches one message with many patterns at once: a single pass over the
// bytes of the message answers all JSON patterns, without building a tree of
// it. It gives the same verdicts as Pattern.Match, many times faster. A Set is
// immutable and safe for use by several goroutines.
type Set struct {
	root  *trieNode // of the selectors of all JSON patterns; nil without any
	jumps []jump

	// starts has for each pattern the jump that its expression begins with
	// under its first reading, reject when it is not JSON.
	starts   []int32
	others   []setMember
	fields   int       // how many fields are looked for
	scanners sync.Pool // of *scanner
}

// A setMember is a pattern of a Set that starts does not settle: one that is
// not JSON, or that has several readings.
type setMember struct {
	index    int // among the patterns
	pattern  *pattern.Pattern
	readings []match.Reading
	starts   []int32   // as in Set, one for each reading; nil unless JSON
	terms    []termSet // one for each reading; nil unless terms
}

// Match appends one verdict for each pattern to verdicts, in the order in which
// they were compiled, and returns the result. The message is not kept.
//
// Nothing is allocated when verdicts has room, except for what is rare: the
// text of a fraction or an exponent and the value of a number beyond 18 digits,
// where a condition is about them, and space-delimited patterns.
func (s *Set) Match(message []byte, verdicts []match.Verdict) []match.Verdict {
	first := len(verdicts)
	if s.root == nil {
		verdicts = s.appendNone(verdicts)
		s.settle(verdicts[first:], message, nil)
		return verdicts
	}
	sc := s.scanner()
	if sc.scan(message, s.root) {
		for _, start := range s.starts {
			verdicts = append(verdicts, follow(s.jumps, start, sc.truth))
		}
		s.settle(verdicts[first:], message, sc.truth)
	} else {
		verdicts = s.appendNone(verdicts)
		s.settle(verdicts[first:], message, nil)
	}
	s.scanners.Put(sc)
	return verdicts
}

// scanner returns a scanner of the set, whose root is not nil.
func (s *Set) scanner() *scanner {
	if sc, ok := s.scanners.Get().(*scanner); ok {
		return sc
	}
	return &scanner{truth: make([]bool, s.root.end), fields: make([]found, s.fields)}
}

// appendNone appends NoMatch for each pattern.
func (s *Set) appendNone(verdicts []match.Verdict) []match.Verdict {
	for range s.starts {
		verdicts = append(verdicts, match.NoMatch)
	}
	return verdicts
}

// settle corrects the verdicts of others. It has the truths of all slots, nil
// when the message is not one JSON object.
func (s *Set) settle(verdicts []match.Verdict, message []byte, truth []bool) {
	for i := range s.others {
		m := &s.others[i]
		v := &verdicts[m.index]
		switch {
		case m.starts == nil:
			*v = m.matchText(message)
		case truth != nil:
			for _, start := range m.starts[1:] {
				if follow(s.jumps, start, truth) != *v {
					*v = match.Undetermined
				}
			}
		}
	}
}

// matchText matches a pattern that is not JSON with the raw text.
func (m *setMember) matchText(message []byte) match.Verdict {
	first := m.matchesText(message, 0)
	for i := 1; i < len(m.readings); i++ {
		if m.matchesText(message, i) != first {
			return match.Undetermined
		}
	}
	if first {
		return match.Match
	}
	return match.NoMatch
}

// matchesText does so under the i-th reading.
func (m *setMember) matchesText(message []byte, i int) bool {
	if m.terms != nil {
		return m.terms[i].matches(message)
	}
	return match.Root(m.pattern.Root(), match.Raw(message), m.readings[i])
}
