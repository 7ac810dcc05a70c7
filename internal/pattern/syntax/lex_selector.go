package syntax

import (
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A selectorLexer reads one selector.
type selectorLexer struct {
	*lexer
	start int // where the part begins that an error cites
	sel   record.Path
	wild  int
}

// selector reads $.step.step[step].
func (l *lexer) selector() (token, error) {
	s := selectorLexer{lexer: l, start: l.pos}
	begin := l.pos
	l.pos++
	if !l.at('.') {
		return token{}, s.bad("expected $.")
	}
	for l.at('.') || l.at('[') && len(s.sel) > 0 {
		if err := s.step(); err != nil {
			return token{}, err
		}
		s.start = l.pos
	}
	return token{kind: tokSelector, pos: begin, end: l.pos, text: string(l.src[begin:l.pos]), sel: s.sel}, nil
}

// at reports whether the next byte is c.
func (l *lexer) at(c byte) bool { return l.pos < l.end && l.src[l.pos] == c }

// bad says that the next character cannot continue the selector.
func (s *selectorLexer) bad(want string) error {
	return s.src.badChar(s.start, s.pos, want)
}

// step reads .name, .*, .[...] or [...].
func (s *selectorLexer) step() error {
	if s.at('.') {
		s.pos++
		switch {
		case s.at('*'):
			return s.any(1)
		case !s.at('['):
			return s.name()
		}
	}
	s.pos++ // [
	switch {
	case s.at('*'):
		if err := s.any(1); err != nil {
			return err
		}
	case s.at('\''):
		if err := s.key(); err != nil {
			return err
		}
	default:
		if err := s.index(); err != nil {
			return err
		}
	}
	if !s.at(']') {
		return s.bad("expected ]")
	}
	s.pos++
	return nil
}

// any takes the asterisk, which is n bytes long.
func (s *selectorLexer) any(n int) error {
	if s.wild++; s.wild > MaxPathWildcards {
		return s.src.tooManyPathWildcards(s.pos)
	}
	s.pos += n
	s.sel = append(s.sel, record.Step{Kind: record.Any})
	return nil
}

// name reads a property name that needs no quotes.
func (s *selectorLexer) name() error {
	rest := string(s.src[s.pos:s.end])
	n := record.NameLength(rest)
	if n == 0 {
		return s.bad("expected a property name, other names are written ['name']")
	}
	s.pos += n
	s.sel = append(s.sel, record.Step{Kind: record.Name, Name: rest[:n]})
	return nil
}

// key reads a property name in single quotes, which knows no escapes.
func (s *selectorLexer) key() error {
	key, _, ok := strings.Cut(string(s.src[s.pos+1:s.end]), "'")
	if !ok {
		return s.src.badTermAt(s.start, s.end, s.end, "expected a closing single quote")
	}
	s.pos += len(key) + 2
	s.sel = append(s.sel, record.Step{Kind: record.Name, Name: key})
	return nil
}

// index reads the index of an array member.
func (s *selectorLexer) index() error {
	digits, _ := record.CutDigits(string(s.src[s.pos:s.end]))
	if digits == "" {
		return s.bad("expected an index, * or a name in single quotes")
	}
	index, err := strconv.ParseInt(digits, 10, 32)
	if err != nil {
		return s.src.invalid(s.pos, "the index "+digits+" is out of range")
	}
	s.pos += len(digits)
	s.sel = append(s.sel, record.Step{Kind: record.Index, Index: int(index)})
	return nil
}
