// Package armjson reads the JSON of Azure Resource Manager without guessing.
//
// Azure compares keys without case and writes null for what is absent; both are
// read so. Everything else that a reader does not expect is kept as a problem with
// its path: a key that nobody asked for, a key that stands twice, a value of
// another type. Who judges an object decides what a problem means; a missing
// understanding is never silently dropped, as the models of an SDK drop it.
package armjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Problems are what was not understood about one answer, by path:
// "properties.condition.allOf[1]: the key notEquals is not known".
type Problems struct {
	list []string
}

// Add appends a problem at a path; "" is the answer itself.
func (p *Problems) Add(path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + ": " + text
	}
	p.list = append(p.list, text)
}

// List returns the problems in the order in which they were found; nil when
// everything was understood.
func (p *Problems) List() []string { return slices.Clone(p.list) }

// An Object is a JSON object of an answer. Its methods take keys in any case and
// return the zero value for what is absent, null, or of another type; the last is
// a problem.
type Object struct {
	path     string
	keys     []string // as they are written, in order
	values   map[string]json.RawMessage
	asked    map[string]bool
	problems *Problems
}

// Read reads an object. What is no object gives an empty one and a problem.
func Read(raw json.RawMessage, path string, p *Problems) *Object {
	o := &Object{path: path, values: map[string]json.RawMessage{}, asked: map[string]bool{}, problems: p}
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		p.Add(path, "is not an object")
		return o
	}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			p.Add(path, "is not JSON")
			return o
		}
		fold := strings.ToLower(name)
		if _, twice := o.values[fold]; twice {
			p.Add(path, "the key %s appears twice", name)
			continue
		}
		o.keys = append(o.keys, name)
		o.values[fold] = value
	}
	if _, err := d.Token(); err != nil {
		p.Add(path, "is not JSON")
	}
	return o
}

// Path returns the path of a key of o.
func (o *Object) Path(key string) string {
	if o.path == "" {
		return key
	}
	return o.path + "." + key
}

// Raw returns the value of a key as it is written; nil when it is absent or null.
func (o *Object) Raw(key string) json.RawMessage {
	fold := strings.ToLower(key)
	o.asked[fold] = true
	if v := o.values[fold]; !isNull(v) {
		return v
	}
	return nil
}

func isNull(v json.RawMessage) bool {
	v = bytes.TrimSpace(v)
	return len(v) == 0 || bytes.Equal(v, []byte("null"))
}

// decode reads the value of a key into v, and reports whether it is there and of
// that type.
func (o *Object) decode(key string, v any, what string) bool {
	raw := o.Raw(key)
	if raw == nil {
		return false
	}
	if json.Unmarshal(raw, v) != nil {
		o.problems.Add(o.Path(key), "is not %s", what)
		return false
	}
	return true
}

// Text returns a string.
func (o *Object) Text(key string) string {
	var s string
	o.decode(key, &s, "a string")
	return s
}

// OptionalText returns a string, nil when it is absent: "" is a value.
func (o *Object) OptionalText(key string) *string {
	var s string
	if !o.decode(key, &s, "a string") {
		return nil
	}
	return &s
}

// Flag returns a boolean, or what stands for an absent one.
func (o *Object) Flag(key string, absent bool) bool {
	b := absent
	if !o.decode(key, &b, "true or false") {
		return absent
	}
	return b
}

// Texts returns a list of strings; nil when it is absent.
func (o *Object) Texts(key string) []string {
	var list []*string
	if !o.decode(key, &list, "a list of strings") {
		return nil
	}
	out := []string{}
	for i, s := range list {
		if s == nil {
			o.problems.Add(fmt.Sprintf("%s[%d]", o.Path(key), i), "is null")
			continue
		}
		out = append(out, *s)
	}
	return out
}

// Map returns an object of texts, such as tags; nil when it is absent.
func (o *Object) Map(key string) map[string]string {
	var m map[string]string
	o.decode(key, &m, "an object of strings")
	return m
}

// Object returns an object; nil when it is absent.
func (o *Object) Object(key string) *Object {
	raw := o.Raw(key)
	if raw == nil {
		return nil
	}
	return Read(raw, o.Path(key), o.problems)
}

// Objects returns a list of objects; nil when it is absent.
func (o *Object) Objects(key string) []*Object {
	var list []json.RawMessage
	if !o.decode(key, &list, "a list") {
		return nil
	}
	out := []*Object{}
	for i, raw := range list {
		out = append(out, Read(raw, fmt.Sprintf("%s[%d]", o.Path(key), i), o.problems))
	}
	return out
}

// Rest returns the keys that nobody asked for and that are not null, as they are
// written.
func (o *Object) Rest() []string {
	var out []string
	for _, key := range o.keys {
		if fold := strings.ToLower(key); !o.asked[fold] && !isNull(o.values[fold]) {
			out = append(out, key)
		}
	}
	return out
}

// End makes a problem of each key that nobody asked for, but for those that are
// known and do not matter.
func (o *Object) End(known ...string) {
	for _, key := range known {
		o.asked[strings.ToLower(key)] = true
	}
	for _, key := range o.Rest() {
		o.problems.Add(o.path, "the key %s is not known", key)
	}
}
