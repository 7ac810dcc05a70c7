package bicep

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// A scanner reads a Bicep file character by character.
type scanner struct {
	src  *iac.Source
	text string
	at   int
}

// blanks skips blanks and comments; lines too, where they mean nothing.
func (s *scanner) blanks(lines bool) {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch {
		case rest[0] == ' ' || rest[0] == '\t' || lines && (rest[0] == '\n' || rest[0] == '\r'):
			s.at++
		case strings.HasPrefix(rest, "//"):
			if end := strings.IndexByte(rest, '\n'); end >= 0 {
				s.at += end
			} else {
				s.at = len(s.text)
			}
		case strings.HasPrefix(rest, "/*"):
			if end := strings.Index(rest[2:], "*/"); end >= 0 {
				s.at += end + 4
			} else {
				s.at = len(s.text)
			}
		default:
			return
		}
	}
}

// take skips a character; false when another one stands there.
func (s *scanner) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// word reads a name or a number; "" when there is none.
func (s *scanner) word() string {
	from := s.at
	for s.at < len(s.text) && isWord(s.text[s.at]) {
		s.at++
	}
	return s.text[from:s.at]
}

// A part is a piece of a text: letters, or an expression that is put in.
type part struct{ letters, expression string }

// quoted reads a text, which begins here; false for one that does not end.
func (s *scanner) quoted() ([]part, bool) {
	if strings.HasPrefix(s.text[s.at:], "'''") {
		end := strings.Index(s.text[s.at+3:], "'''")
		if end < 0 {
			return nil, false
		}
		letters := strings.TrimPrefix(strings.TrimPrefix(s.text[s.at+3:s.at+3+end], "\r"), "\n")
		s.at += end + 6
		return []part{{letters: letters}}, true
	}
	var parts []part
	var b strings.Builder
	for s.at++; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '\'':
			s.at++
			return append(parts, part{letters: b.String()}), true
		case c == '\n':
			return nil, false
		case c == '\\' && s.at+1 < len(s.text):
			s.at++
			b.WriteString(unescape(s.text[s.at]))
		case strings.HasPrefix(s.text[s.at:], "${"):
			from := s.at + 2
			s.at = from
			if !s.skip("}") {
				return nil, false
			}
			parts = append(parts, part{letters: b.String()}, part{expression: strings.TrimSpace(s.text[from:s.at])})
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return nil, false
}

func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	}
	return string(c)
}

// maxDepth bounds how deep brackets stand in each other.
const maxDepth = 200

// skip reads an expression up to one of the characters of end, or, where these hold a
// line end, to the end of the line: brackets and texts in it are passed over. False when
// the file ends in one of those.
func (s *scanner) skip(end string) bool { return s.skipBelow(end, 0) }

func (s *scanner) skipBelow(end string, depth int) bool {
	for s.at < len(s.text) && depth < maxDepth {
		c := s.text[s.at]
		if strings.IndexByte(end, c) >= 0 {
			return true
		}
		switch c {
		case '\'':
			if _, ok := s.quoted(); !ok {
				return false
			}
			continue
		case '(', '[', '{':
			s.at++
			if !s.skipBelow(map[byte]string{'(': ")", '[': "]", '{': "}"}[c], depth+1) {
				return false
			}
		case '/':
			if before := s.at; strings.HasPrefix(s.text[s.at:], "//") || strings.HasPrefix(s.text[s.at:], "/*") {
				if s.blanks(false); s.at > before {
					continue
				}
			}
		}
		s.at++
	}
	return strings.IndexByte(end, '\n') >= 0 && s.at >= len(s.text)
}
