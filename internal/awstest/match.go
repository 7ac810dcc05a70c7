package awstest

import (
	"errors"

	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A matcher is a compiled filter pattern. This file is the only one that knows
// the pattern package.
type matcher struct{ p *pattern.Pattern }

// compilePattern compiles a filter pattern. The error says what AWS says.
func compilePattern(text string) (matcher, error) {
	p, err := pattern.Parse(text)
	if syntax := (*pattern.SyntaxError)(nil); errors.As(err, &syntax) {
		return matcher{}, errors.New(syntax.Msg)
	}
	return matcher{p}, err
}

// matches says whether a log message matches. Where the language itself is
// uncertain it says no: nobody may rely on such a match.
func (m matcher) matches(message []byte) bool { return m.p.Match(message) == pattern.Match }

// uncertain says that the answer hangs on a rule that AWS does not document.
func (m matcher) uncertain(message []byte) bool { return m.p.Match(message) == pattern.Undetermined }
