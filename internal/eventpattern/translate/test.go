package translate

import (
	"encoding/json"
	"slices"
	"strings"
)

// A test is the alternatives for one path: values as they stand in the array of
// an event pattern, or one anything-but with texts.
type test struct {
	values []string // JSON
	plain  bool     // values are plain strings only
	not    []string // texts of an anything-but, instead of values
}

// key is the same for tests of the same meaning.
func (t test) key() string {
	values, not := slices.Clone(t.values), slices.Clone(t.not)
	slices.Sort(values)
	slices.Sort(not)
	return strings.Join(values, ",") + "!" + strings.Join(not, "\x00")
}

// array prints the test as the array of a member.
func (t test) array() string {
	return "[" + strings.Join(t.list(), ",") + "]"
}

func (t test) list() []string {
	if t.not == nil {
		return t.values
	}
	quoted := make([]string, 0, len(t.not))
	for _, text := range t.not {
		quoted = append(quoted, quote(text))
	}
	return []string{`{"anything-but":[` + strings.Join(quoted, ",") + `]}`}
}

// or returns a test that holds when t or o does.
func (t test) or(o test) test {
	values := slices.Clone(t.list())
	for _, v := range o.list() {
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return test{values: values, plain: t.plain && o.plain}
}

// and returns a test that holds when both do. It is not possible when nothing
// passes both, and not known when an event pattern cannot say it.
func (t test) and(o test) (both test, possible, known bool) {
	switch {
	case t.key() == o.key():
		return t, true, true
	case t.not != nil && o.not != nil:
		return test{not: slices.Concat(t.not, o.not)}, true, true
	case t.plain && (o.plain || o.not != nil):
		return t.keep(o)
	case o.plain && t.not != nil:
		return o.keep(t)
	}
	return test{}, true, false
}

// keep returns the plain values of t that pass o.
func (t test) keep(o test) (test, bool, bool) {
	kept := test{plain: true}
	for _, v := range t.values {
		excluded := slices.ContainsFunc(o.not, func(text string) bool { return quote(text) == v })
		if o.plain && slices.Contains(o.values, v) || o.not != nil && !excluded {
			kept.values = append(kept.values, v)
		}
	}
	return kept, len(kept.values) > 0, true
}

// quote writes a JSON string.
func quote(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string has no failure
	return strings.TrimSuffix(b.String(), "\n")
}
