// Package strictjson reads JSON files that this program has written and that
// must not be misread: what it does not know it refuses, with the place.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An Error says what is wrong with a file, and where.
type Error struct {
	Line, Column int // 1-based; 0 when the fault has no place
	Msg          string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
}

// Read reads r up to a limit in bytes.
func Read(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, &Error{Msg: fmt.Sprintf("it is larger than %d MB", limit>>20)}
	}
	return data, nil
}

// Decode fills v from a single JSON value that holds no field that v lacks. The
// error is an *Error.
func Decode(data []byte, v any) error { return decode(data, v, true) }

// DecodeKnown is Decode for published forms, to which a later version may add
// fields: what v lacks is left out.
func DecodeKnown(data []byte, v any) error { return decode(data, v, false) }

func decode(data []byte, v any, strict bool) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return &Error{Msg: "it is empty"}
	}
	if err := Exact(data, v); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if strict {
		dec.DisallowUnknownFields()
	}
	if err := dec.Decode(v); err != nil {
		return placed(data, dec.InputOffset(), err)
	}
	if rest := bytes.TrimLeft(data[dec.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return At(data, int64(len(data)-len(rest)), "text behind the end")
	}
	return nil
}

// Schema returns the value of the field "schema", without looking at the other
// fields. The error is an *Error.
func Schema(data []byte) (string, error) {
	var head struct {
		Schema *string `json:"schema"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	switch err := dec.Decode(&head); {
	case len(bytes.TrimSpace(data)) == 0:
		return "", &Error{Msg: "it is empty"}
	case err != nil:
		return "", placed(data, dec.InputOffset(), err)
	case head.Schema == nil:
		return "", &Error{Msg: `it has no "schema"`}
	}
	return *head.Schema, nil
}

// placed gives an error of encoding/json a place.
func placed(data []byte, offset int64, err error) error {
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
	)
	text := strings.TrimPrefix(err.Error(), "json: ")
	name, unknown := strings.CutPrefix(text, "unknown field ")
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return At(data, int64(len(data)), "it is cut off: its JSON does not end")
	case errors.As(err, &syntax):
		return At(data, max(0, syntax.Offset-1), "not JSON: "+syntax.Error())
	case errors.As(err, &kind):
		return At(data, max(0, kind.Offset-1), fmt.Sprintf("%q cannot be a JSON %s", kind.Field, kind.Value))
	case unknown:
		// The decoder does not say where; the first key of that name is the one,
		// unless the name is known elsewhere.
		if i := bytes.Index(data, []byte(name)); i >= 0 {
			offset = int64(i)
		}
		return At(data, offset, "this version does not know the field "+name)
	}
	return At(data, offset, text)
}

// At places a message at a byte offset.
func At(data []byte, offset int64, msg string) *Error {
	before := data[:min(offset, int64(len(data)))]
	return &Error{
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: len(before) - bytes.LastIndexByte(before, '\n'),
		Msg:    msg,
	}
}
