package journal

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// maxFile bounds a journal in bytes; a run with all controls takes 200 KB.
const maxFile = 64 << 20

// Read reads a journal. A last line without its end is what a kill leaves, and
// is passed over: an intent counts from the moment that it is whole. What is
// wrong with the contents is a *strictjson.Error, with the line of the file.
func Read[S change.State[S]](r io.Reader) (Journal[S], error) {
	data, err := strictjson.Read(r, maxFile)
	if err != nil {
		return Journal[S]{}, err
	}
	return parse[S](data)
}

// whole returns the part of a file that ends with a line's end.
func whole(data []byte) []byte { return data[:bytes.LastIndexByte(data, '\n')+1] }

func parse[S change.State[S]](data []byte) (Journal[S], error) {
	var j Journal[S]
	lines := bytes.Split(bytes.TrimSuffix(whole(data), []byte("\n")), []byte("\n"))
	if err := j.header(lines[0]); err != nil {
		return j, err
	}
	byNumber := map[int]int{}
	for i, text := range lines[1:] {
		if err := j.line(text, byNumber); err != nil {
			return j, onLine(i+2, err)
		}
	}
	return j, nil
}

func (j *Journal[S]) header(text []byte) error {
	schema, err := strictjson.Schema(text)
	switch {
	case err != nil:
		return onLine(1, noJournal(err))
	case strings.HasPrefix(schema, "monitorctl/journal/v") && schema != Schema:
		return &strictjson.Error{Line: 1, Column: 1, Msg: fmt.Sprintf("schema %q is newer than this version, which reads %s", schema, Schema)}
	case schema != Schema:
		return &strictjson.Error{Line: 1, Column: 1, Msg: fmt.Sprintf("it is not a journal: its schema is %q", schema)}
	}
	var h Header
	if err := strictjson.Decode(text, &h); err != nil {
		return onLine(1, err)
	}
	switch {
	case j.Header.Account == "":
		j.Header = h
	case j.Header.Account != h.Account && !j.Header.spans(h), j.Header.Salt != h.Salt:
		return &strictjson.Error{Line: 1, Column: 1, Msg: fmt.Sprintf("a run on account %s in the journal of account %s", h.Account, j.Header.Account)}
	}
	if !slices.Contains(j.Accounts, h.Account) {
		j.Accounts = append(j.Accounts, h.Account)
	}
	return nil
}

// line adds an intent or a result. Another run has a header of its own, and
// counts from 1 again.
func (j *Journal[S]) line(text []byte, byNumber map[int]int) error {
	if schema, err := strictjson.Schema(text); err == nil && schema != "" {
		clear(byNumber)
		return j.header(text)
	}
	var l line[S]
	if err := strictjson.Decode(text, &l); err != nil {
		return err
	}
	at, known := byNumber[l.N]
	switch {
	case l.Object != nil && known:
		return &strictjson.Error{Line: 1, Column: 1, Msg: fmt.Sprintf("write %d appears twice", l.N)}
	case l.Object != nil:
		byNumber[l.N] = len(j.Records)
		r := change.Record[S]{Object: *l.Object, Before: l.Before, After: l.After, BeforeUnknown: l.BeforeUnknown}
		j.Records, j.Times = append(j.Records, r), append(j.Times, l.At)
		return check(r)
	case !known:
		return &strictjson.Error{Line: 1, Column: 1, Msg: fmt.Sprintf("the result of write %d, which was never begun", l.N)}
	case l.Result != change.Done && l.Result != change.Failed && l.Result != change.Uncertain:
		return &strictjson.Error{Line: 1, Column: 1, Msg: fmt.Sprintf("%q is not a result", l.Result)}
	}
	j.Records[at].Result, j.Records[at].ARN = l.Result, l.ARN
	return nil
}

// check demands that a record is about what its object says: undo must not be
// led to something else by a journal that was edited.
func check[S change.State[S]](r change.Record[S]) error {
	wrong := func(format string, args ...any) error {
		return &strictjson.Error{Line: 1, Column: 1, Msg: fmt.Sprintf(format, args...)}
	}
	o := r.Object
	if r.After == nil && r.Before == nil {
		return wrong("write to %s %q does not say what it writes or removes", o.Kind, o.Name)
	}
	for _, s := range []*S{r.Before, r.After} {
		if s != nil && !(*s).Of(o) {
			return wrong("what is written is not the %s %q of region %q", o.Kind, o.Name, o.Region)
		}
	}
	return nil
}

// noJournal says of a first line that is not understood what that means.
func noJournal(err error) error {
	if e, ok := err.(*strictjson.Error); ok { //nolint:errorlint // made right here, never wrapped
		return &strictjson.Error{Line: e.Line, Column: e.Column, Msg: "it is not a journal: " + e.Msg}
	}
	return err
}

// onLine moves an error of a single line to its place in the file.
func onLine(n int, err error) error {
	if e, ok := err.(*strictjson.Error); ok { //nolint:errorlint // made right here, never wrapped
		return &strictjson.Error{Line: n, Column: max(e.Column, 1), Msg: e.Msg}
	}
	return err
}
