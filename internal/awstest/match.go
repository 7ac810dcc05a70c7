package awstest

import (
	"errors"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// A matcher is a compiled filter pattern. This file is the only one that knows
// the pattern package.
type matcher struct {
	p    *pattern.Pattern
	seen map[string]match.Verdict // by message; guarded by the Cloud's lock
}

// remembered is how many messages a matcher knows again: what happens all the
// time in an account is decided once.
const remembered = 100

// compilePattern compiles a filter pattern. The error says what AWS says.
func compilePattern(text string) (matcher, error) {
	p, err := pattern.Parse(text)
	if syntax := (*syntax.Error)(nil); errors.As(err, &syntax) {
		return matcher{}, errors.New(syntax.Msg)
	}
	return matcher{p, map[string]match.Verdict{}}, err
}

// matches reports whether a log message matches. Where the language itself is
// uncertain it says no, and that it is uncertain: nobody may rely on such a
// match.
func (m matcher) matches(message []byte) (matches, uncertain bool) {
	v, ok := m.seen[string(message)]
	if !ok {
		v = m.p.Match(message)
		if len(m.seen) < remembered {
			m.seen[string(message)] = v
		}
	}
	return v == match.Match, v == match.Undetermined
}
