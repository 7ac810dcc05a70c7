package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A FileError says what is wrong with a file of a catalog, and where.
type FileError struct {
	File   string // name within the file system that was read
	Line   int    // from 1; 0 when the fault has no place
	Column int    // in characters, from 1; 0 when the fault has no place
	Msg    string // lower case, no full stop

	hint string
}

// Error returns "file:line:column: message".
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg)
}

// Hint says what was probably meant; "" if there is nothing to say.
func (e *FileError) Hint() string { return e.hint }

// A reader takes the parts of one file out of its syntax tree. Its first error
// stands; what is read after it is zero.
type reader struct {
	file string
	err  *FileError
}

func (r *reader) fail(at place, hint, format string, args ...any) {
	if r.err == nil {
		r.err = &FileError{File: r.file, Line: at.line, Column: at.column, Msg: fmt.Sprintf(format, args...), hint: hint}
	}
}

// A place is a position in a file; the zero place is none.
type place struct{ line, column int }

func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{}
	}
	return place{t.Position.Line, t.Position.Column}
}

// placeOfNode returns where a reader of the file sees n begin. The tree gives
// the first colon for a mapping without braces.
func placeOfNode(n ast.Node) place {
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

// parse reads a file and returns its only document, nil after an error.
func (r *reader) parse(fsys fs.FS) ast.Node {
	tokens := r.tokens(fsys)
	if r.err != nil {
		return nil
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		r.syntax(err)
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		r.fail(place{1, 1}, "", "the file is empty")
		return nil
	}
	if len(file.Docs) > 1 {
		r.fail(placeOf(file.Docs[1].Start), "", "a file holds one control, this begins another document")
		return nil
	}
	return file.Docs[0].Body
}

func (r *reader) tokens(fsys fs.FS) token.Tokens {
	data, err := fs.ReadFile(fsys, r.file)
	switch {
	case err != nil:
		r.fail(place{}, "", "%v", err)
	case len(data) > fileLimit:
		r.fail(place{}, "", "more than %d bytes", fileLimit)
	case bytes.Count(data, []byte("\n"))+bytes.Count(data, []byte("\r")) > lineLimit:
		r.fail(place{}, "", "more than %d lines", lineLimit)
	case !utf8.Valid(data):
		r.fail(place{}, "", "not UTF-8")
	}
	if r.err != nil {
		return nil
	}
	tokens := lexer.Tokenize(string(data))
	if deep := tooDeep(tokens); deep != nil {
		r.fail(placeOf(deep), "", "nested too deep")
	}
	return tokens
}

// tooDeep returns the first token beyond the nesting limit, or nil.
func tooDeep(tokens token.Tokens) *token.Token {
	brackets, dashes, line := 0, 0, 0
	for _, t := range tokens {
		if at := placeOf(t); at.line != line {
			dashes, line = 0, at.line
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

func (r *reader) syntax(err error) {
	var e yaml.Error
	if errors.As(err, &e) {
		r.fail(placeOf(e.GetToken()), "", "%s", e.GetMessage())
		return
	}
	r.fail(place{}, "", "%v", err)
}
