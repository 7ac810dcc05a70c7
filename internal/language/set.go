package language

import (
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A Set matches messages with patterns of both languages. It is for one goroutine.
type Set struct {
	patterns []Pattern
	verdicts []match.Verdict
}

// NewSet returns a set.
func NewSet(patterns []Pattern) *Set { return &Set{patterns: patterns} }

// Filters returns its filter patterns, in order.
func (s *Set) Filters() []*pattern.Pattern {
	var list []*pattern.Pattern
	for _, p := range s.patterns {
		if p.Filter != nil {
			list = append(list, p.Filter)
		}
	}
	return list
}

// Verdicts returns one verdict for each pattern on a message, in order, given those of
// its filter patterns. They are valid until the next call.
func (s *Set) Verdicts(message []byte, filters []match.Verdict) []match.Verdict {
	s.verdicts = s.verdicts[:0]
	for _, p := range s.patterns {
		if p.Filter != nil {
			s.verdicts = append(s.verdicts, filters[0])
			filters = filters[1:]
			continue
		}
		s.verdicts = append(s.verdicts, verdictOf(p.Event.MatchAny(message)))
	}
	return s.verdicts
}

func verdictOf(v eventpattern.Verdict) match.Verdict {
	switch v {
	case eventpattern.Match:
		return match.Match
	case eventpattern.NoMatch:
		return match.NoMatch
	default:
		return match.Undetermined
	}
}
