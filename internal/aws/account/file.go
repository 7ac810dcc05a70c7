package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxFile bounds a saved snapshot in bytes. An account with a thousand alarms
// takes about a megabyte.
const MaxFile = 256 << 20

// A FormatError says why a file is no snapshot that this version can read.
type FormatError struct {
	Line, Column int // of the fault, 1-based; 0 when it has no place
	Msg          string
}

func (e *FormatError) Error() string {
	if e.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
}

// Encode writes the snapshot as indented JSON. Equal snapshots give equal
// bytes.
func Encode(w io.Writer, s Snapshot) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // patterns are full of && and <
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return fmt.Errorf("encoding snapshot: %w", err)
	}
	return nil
}

// Decode reads a snapshot and checks that it is whole. What it does not know it
// refuses: a field that is silently dropped could turn a verdict. The error is
// a *FormatError unless r failed.
func Decode(r io.Reader) (Snapshot, error) { return decode(r, MaxFile) }

func decode(r io.Reader, limit int64) (Snapshot, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return Snapshot{}, fmt.Errorf("reading snapshot: %w", err)
	}
	if int64(len(data)) > limit {
		return Snapshot{}, &FormatError{Msg: fmt.Sprintf("snapshot is larger than %d MB", limit>>20)}
	}
	if err := checkSchema(data); err != nil {
		return Snapshot{}, err
	}
	var s Snapshot
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Snapshot{}, formatError(data, dec.InputOffset(), err)
	}
	if rest := bytes.TrimLeft(data[dec.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return Snapshot{}, at(data, int64(len(data)-len(rest)), "text behind the end of the snapshot")
	}
	if msg := s.fault(); msg != "" {
		return Snapshot{}, &FormatError{Msg: msg}
	}
	return s, nil
}

// checkSchema tells what kind of file it is before anything else is looked at.
func checkSchema(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return &FormatError{Msg: "not a monitorctl snapshot: the file is empty"}
	}
	var head struct {
		Schema *string `json:"schema"`
	}
	// The decoder stops behind the first value, so that what follows it gets a
	// message of its own.
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&head); err != nil {
		return formatError(data, dec.InputOffset(), err)
	}
	switch {
	case head.Schema == nil:
		return &FormatError{Msg: `not a monitorctl snapshot: it has no "schema"`}
	case *head.Schema == SchemaV1:
		return nil
	case strings.HasPrefix(*head.Schema, "monitorctl/snapshot/v"):
		return &FormatError{Msg: fmt.Sprintf("schema %q is newer than this version, which reads %s", *head.Schema, SchemaV1)}
	}
	return &FormatError{Msg: fmt.Sprintf("not a monitorctl snapshot: its schema is %q", *head.Schema)}
}

// formatError gives an error of encoding/json a place.
func formatError(data []byte, offset int64, err error) error {
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
	)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return at(data, int64(len(data)), "snapshot is cut off: its JSON does not end")
	case errors.As(err, &syntax):
		return at(data, max(0, syntax.Offset-1), "not JSON: "+syntax.Error())
	case errors.As(err, &kind):
		return at(data, max(0, kind.Offset-1), fmt.Sprintf("%s cannot be a JSON %s", field(kind.Field), kind.Value))
	}
	return at(data, offset, strings.TrimPrefix(err.Error(), "json: "))
}

func field(name string) string {
	if name == "" {
		return "a snapshot"
	}
	return fmt.Sprintf("%q", name)
}

// at counts lines and columns up to a byte offset.
func at(data []byte, offset int64, msg string) error {
	before := data[:min(offset, int64(len(data)))]
	return &FormatError{
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: len(before) - bytes.LastIndexByte(before, '\n'),
		Msg:    msg,
	}
}
