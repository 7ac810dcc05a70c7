package tree

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// A jsonReader makes nodes of a JSON document.
type jsonReader struct {
	data  string
	outer iac.Text
	dec   *json.Decoder
}

// ReadJSON reads a JSON document. The error is a *iac.ReadError, with an offset
// in the text.
func ReadJSON(t iac.Text) (*Node, error) {
	r := &jsonReader{t.Value, t, json.NewDecoder(strings.NewReader(t.Value))}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if rest := r.next(); rest < len(t.Value) {
		return nil, iac.Unreadable(rest, "there is more after the JSON value")
	}
	return n, nil
}

// next returns the offset at which the next token begins.
func (r *jsonReader) next() int {
	at := int(r.dec.InputOffset())
	for at < len(r.data) && (iac.IsBlank(r.data[at]) || r.data[at] == ',' || r.data[at] == ':') {
		at++
	}
	return at
}

// token returns the next token and where it begins and ends.
func (r *jsonReader) token() (t json.Token, from, to int, err error) {
	from = r.next()
	t, err = r.dec.Token()
	if err != nil {
		return nil, from, 0, r.fail(from, err)
	}
	return t, from, int(r.dec.InputOffset()), nil
}

func (r *jsonReader) fail(from int, err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return iac.Unreadable(len(r.data), "the JSON value ends early")
	case errors.As(err, &syntax):
		// The offset is that behind the offending byte.
		return iac.Unreadable(max(from, int(syntax.Offset)-1), "%s", syntax.Error())
	}
	return iac.Unreadable(from, "%v", err)
}

func (r *jsonReader) value(depth int) (*Node, error) {
	t, from, to, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > iac.MaxNesting {
		return nil, iac.Unreadable(from, "values are nested more than %d levels deep", iac.MaxNesting)
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return r.object(from, depth)
		}
		return r.array(from, depth)
	case string:
		raw := r.data[from:to]
		return &Node{Kind: Scalar, Pos: from, Value: t, Quoted: true, located: func() iac.Text { return quoted(t, raw, from).Through(r.outer) }}, nil
	case nil:
		return &Node{Pos: from}, nil
	default:
		spelled := r.data[from:to]
		return &Node{Kind: Scalar, Pos: from, Value: spelled, located: func() iac.Text { return iac.Plain(nil, spelled, from).Through(r.outer) }}, nil
	}
}

// quoted locates a value that stands in double quotes.
func quoted(value, raw string, pos int) iac.Text {
	if t, ok := iac.Align(nil, value, raw[1:], pos+1, iac.DoubleQuoted); ok {
		return t
	}
	return iac.Fixed(nil, value, pos)
}

func (r *jsonReader) object(from, depth int) (*Node, error) {
	n := &Node{Kind: Mapping, Pos: from}
	for r.dec.More() {
		key, at, _, err := r.token()
		if err != nil {
			return nil, err
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		// The decoder lets nothing but strings be keys.
		name, _ := key.(string)
		n.Fields = append(n.Fields, Field{name, at, v})
	}
	_, _, _, err := r.token()
	return n, err
}

func (r *jsonReader) array(from, depth int) (*Node, error) {
	n := &Node{Kind: Sequence, Pos: from}
	for r.dec.More() {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.Items = append(n.Items, v)
	}
	_, _, _, err := r.token()
	return n, err
}
