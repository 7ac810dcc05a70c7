// Package yamlfile reads the YAML files that people write for monitorctl, with
// the line and column of whatever is wrong with them.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// An Error says what is wrong with a file, and where.
type Error struct {
	File   string // its name, as given
	Line   int    // from 1; 0 when the fault has no place
	Column int    // in characters, from 1; 0 when the fault has no place
	Msg    string // lower case, no full stop

	hint string
}

// Error returns "file:line:column: message".
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg)
}

// Hint says what was probably meant; "" if there is nothing to say.
func (e *Error) Hint() string { return e.hint }

// A Reader takes the parts of one file out of its syntax tree. Its first error
// stands; what is read after it is zero.
type Reader struct {
	file string
	err  *Error
}

// NewReader returns a reader of the file of that name.
func NewReader(file string) *Reader { return &Reader{file: file} }

// Fail says what is wrong at a place, unless something was wrong before. The
// hint may be "".
func (r *Reader) Fail(at Place, hint, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{File: r.file, Line: at.Line, Column: at.Column, Msg: fmt.Sprintf(format, args...), hint: hint}
	}
}

// OK says that nothing was wrong so far.
func (r *Reader) OK() bool { return r.err == nil }

// Err returns the first error, an *Error, or nil.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// A Place is a position in a file, from 1; the zero Place is none. The column
// counts characters.
type Place struct{ Line, Column int }

func placeOf(t *token.Token) Place {
	if t == nil || t.Position == nil {
		return Place{}
	}
	return Place{t.Position.Line, t.Position.Column}
}

// PlaceOf returns where a reader of the file sees n begin. The tree gives
// the first colon for a mapping without braces.
func PlaceOf(n ast.Node) Place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return placeOf(m.Values[0].Key.GetToken())
	}
	return placeOf(n.GetToken())
}

// The parser takes time and memory that grow with the square of the lines of a
// block and of the depth of nesting; within these limits any file takes a
// fraction of a second.
const (
	fileLimit    = 64 << 10 // bytes
	lineLimit    = 2000
	nestingLimit = 16 // brackets around brackets, or dashes on a line
)

// Parse returns the only document of the file with that content, nil after an
// error.
func (r *Reader) Parse(data []byte) ast.Node {
	tokens := r.tokens(data)
	if r.err != nil {
		return nil
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		r.syntax(err)
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		r.Fail(Place{1, 1}, "", "the file is empty")
		return nil
	}
	if len(file.Docs) > 1 {
		r.Fail(placeOf(file.Docs[1].Start), "", "a file holds one document, this begins another")
		return nil
	}
	return file.Docs[0].Body
}

func (r *Reader) tokens(data []byte) token.Tokens {
	switch {
	case len(data) > fileLimit:
		r.Fail(Place{}, "", "more than %d bytes", fileLimit)
	case bytes.Count(data, []byte("\n"))+bytes.Count(data, []byte("\r")) > lineLimit:
		r.Fail(Place{}, "", "more than %d lines", lineLimit)
	case !utf8.Valid(data):
		r.Fail(Place{}, "", "not UTF-8")
	}
	if r.err != nil {
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if deep := tooDeep(tokens); deep != nil {
		r.Fail(placeOf(deep), "", "nested too deep")
	}
	return tokens
}

// tooDeep returns the first token beyond the nesting limit, or nil.
func tooDeep(tokens token.Tokens) *token.Token {
	brackets, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if at := placeOf(t); at.Line != line {
			dashes, line = 0, at.Line
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
		case token.SequenceEntryType:
			dashes++
		}
		if max(brackets, dashes) > nestingLimit {
			return t
		}
	}
	return nil
}

func (r *Reader) syntax(err error) {
	var e yaml.Error
	if errors.As(err, &e) {
		r.Fail(placeOf(e.GetToken()), "", "%s", e.GetMessage())
		return
	}
	r.Fail(Place{}, "", "%v", err)
}
