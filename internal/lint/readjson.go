package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// A jsonReader makes nodes of a JSON document.
type jsonReader struct {
	src *source
	dec *json.Decoder
}

// readJSON reads a JSON document. The error is a *readError.
func readJSON(src *source) (*node, error) {
	r := &jsonReader{src, json.NewDecoder(bytes.NewReader(src.data))}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if rest := r.next(); rest < len(src.data) {
		return nil, unreadable(rest, "there is more behind the JSON value")
	}
	return n, nil
}

// next returns the offset at which the next token begins.
func (r *jsonReader) next() int {
	at := int(r.dec.InputOffset())
	for at < len(r.src.data) && (isBlank(r.src.data[at]) || r.src.data[at] == ',' || r.src.data[at] == ':') {
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
		return unreadable(len(r.src.data), "the JSON value ends early")
	case errors.As(err, &syntax):
		// The offset is that behind the offending byte.
		return unreadable(max(from, int(syntax.Offset)-1), "%s", syntax.Error())
	}
	return unreadable(from, "%v", err)
}

func (r *jsonReader) value(depth int) (*node, error) {
	t, from, to, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > maxNesting {
		return nil, unreadable(from, "values are nested more than %d deep", maxNesting)
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return r.object(from, depth)
		}
		return r.array(from, depth)
	case string:
		raw := string(r.src.data[from:to])
		return &node{kind: scalarNode, pos: from, value: t, located: func() text { return quoted(t, raw, from) }}, nil
	case nil:
		return &node{pos: from}, nil
	default:
		spelled := string(r.src.data[from:to])
		return &node{kind: scalarNode, pos: from, value: spelled, located: func() text { return plain(spelled, from) }}, nil
	}
}

// quoted locates a value that stands in double quotes.
func quoted(value, raw string, pos int) text {
	if t, ok := align(value, raw[1:], pos+1, doubleQuoted); ok {
		return t
	}
	return fixed(value, pos)
}

func (r *jsonReader) object(from, depth int) (*node, error) {
	n := &node{kind: mappingNode, pos: from}
	for r.dec.More() {
		key, _, _, err := r.token()
		if err != nil {
			return nil, err
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		// The decoder lets nothing but strings be keys.
		name, _ := key.(string)
		n.fields = append(n.fields, fieldNode{name, v})
	}
	_, _, _, err := r.token()
	return n, err
}

func (r *jsonReader) array(from, depth int) (*node, error) {
	n := &node{kind: sequenceNode, pos: from}
	for r.dec.More() {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, v)
	}
	_, _, _, err := r.token()
	return n, err
}
