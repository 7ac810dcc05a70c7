package pattern

import (
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// Match reports whether a message matches: the text of one log event. It follows
// the specification rule by rule; package scan matches many patterns faster.
func (p *Pattern) Match(message []byte) match.Verdict {
	if p.Kind() == KindJSON {
		return p.MatchDecoded(match.Decode(message))
	}
	return p.MatchDecoded(match.Raw(message))
}

// MatchDecoded is Match for a message that is matched several times.
func (p *Pattern) MatchDecoded(m *match.Message) match.Verdict {
	readings := p.Readings()
	first := match.Root(p.root, m, readings[0])
	for _, r := range readings[1:] {
		if match.Root(p.root, m, r) != first {
			return match.Undetermined
		}
	}
	if first {
		return match.Match
	}
	return match.NoMatch
}

// Extract returns the fields of a message that a space-delimited pattern
// matches, as AWS does: "$name" for named fields, and "$1", "$2", ... by
// position for the others, those that "..." skips included. It is empty for
// other kinds of pattern, and nil when the message does not match for certain.
func (p *Pattern) Extract(message []byte) map[string]string {
	if p.Match(message) != match.Match {
		return nil
	}
	if n, ok := p.root.(*syntax.Delimited); ok {
		return match.Extract(n, string(message))
	}
	return map[string]string{}
}
