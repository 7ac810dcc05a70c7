package scan

import (
	"bytes"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// termSet is a pattern of terms with nothing left to convert for a message.
type termSet struct {
	wanted, unwanted [][]byte // all, and none, must occur
	options          [][]byte // one must occur, if there are any
}

// newTermSet compiles terms under a reading. Terms with ? count only among
// themselves, and a minus sign without effect leaves a plain term.
func newTermSet(n *syntax.Terms, r match.Reading) termSet {
	var s termSet
	for _, t := range n.List {
		text := []byte(t.Text)
		switch {
		case t.Sign == '?':
			s.options = append(s.options, text)
		case match.Excludes(t, r):
			s.unwanted = append(s.unwanted, text)
		default:
			s.wanted = append(s.wanted, text)
		}
	}
	if len(s.wanted)+len(s.unwanted) > 0 {
		s.options = nil
	}
	return s
}

func (s *termSet) matches(text []byte) bool {
	for _, w := range s.wanted {
		if !bytes.Contains(text, w) {
			return false
		}
	}
	for _, u := range s.unwanted {
		if bytes.Contains(text, u) {
			return false
		}
	}
	for _, o := range s.options {
		if bytes.Contains(text, o) {
			return true
		}
	}
	return len(s.options) == 0
}
