package strictjson

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Exact refuses what encoding/json reads and another reader may read otherwise: an
// object with a key twice, and a key that is a field of v in other case. What is
// no JSON at all, or of another form than v, is for the decoder to say. The error
// is an *Error.
func Exact(data []byte, v any) error {
	w := &exact{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	w.value(reflect.TypeOf(v))
	if w.err == nil {
		return nil
	}
	return w.err
}

type exact struct {
	data []byte
	dec  *json.Decoder
	err  *Error
	over bool // the data is no JSON from here on
}

// done reports whether there is nothing more to look for.
func (w *exact) done() bool { return w.err != nil || w.over }

func (w *exact) token() json.Token {
	t, err := w.dec.Token()
	w.over = w.over || err != nil
	return t
}

// value reads a value that is decoded into t; nil is any type.
func (w *exact) value(t reflect.Type) {
	switch w.token() {
	case json.Delim('{'):
		w.object(plain(t))
	case json.Delim('['):
		t = plain(t)
		if t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
			t = t.Elem()
		} else {
			t = nil
		}
		for !w.done() && w.dec.More() {
			w.value(t)
		}
		w.token()
	}
}

// plain follows pointers; nil for types that decode themselves.
func plain(t reflect.Type) reflect.Type {
	for t != nil {
		p := reflect.PointerTo(t)
		if p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
			return nil
		}
		if t.Kind() != reflect.Pointer {
			return t
		}
		t = t.Elem()
	}
	return nil
}

func (w *exact) object(t reflect.Type) {
	seen := map[string]bool{}
	for !w.done() && w.dec.More() {
		at := w.dec.InputOffset()
		key, ok := w.token().(string)
		if !ok || w.done() {
			return
		}
		if i := bytes.IndexByte(w.data[at:], '"'); i >= 0 {
			at += int64(i)
		}
		if seen[key] {
			w.err = At(w.data, at, fmt.Sprintf("the key %q appears twice", key))
			return
		}
		seen[key] = true
		inner, alike := member(t, key)
		if alike != "" {
			w.err = At(w.data, at, fmt.Sprintf("this version does not know the field %q; did you mean %q?", key, alike))
			return
		}
		w.value(inner)
	}
	w.token()
}

// member returns the type that the value of a key is decoded into, nil for any,
// or the name of the field that differs from the key in its case only.
func member(t reflect.Type, key string) (inner reflect.Type, alike string) {
	switch {
	case t == nil:
		return nil, ""
	case t.Kind() == reflect.Map:
		return t.Elem(), ""
	case t.Kind() != reflect.Struct:
		return nil, ""
	}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" && !f.Anonymous {
			name = f.Name
		}
		switch {
		case !f.IsExported() || name == "" || name == "-":
		case name == key:
			return f.Type, ""
		case strings.EqualFold(name, key):
			alike = name
		}
	}
	return nil, alike
}
