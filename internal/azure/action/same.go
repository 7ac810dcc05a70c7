package action

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/desired"
)

// What Azure adds to an object by itself, and what is the same as nothing.

// object decodes an object with its numbers as they are written; what is none is empty.
func object(raw json.RawMessage) map[string]any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var o map[string]any
	if d.Decode(&o) != nil || o == nil {
		return map[string]any{}
	}
	return o
}

// child returns the object under a key in any case; nil when there is none.
func child(o map[string]any, key string) map[string]any {
	for k, v := range o {
		if strings.EqualFold(k, key) {
			m, _ := v.(map[string]any)
			return m
		}
	}
	return nil
}

// readOnly are the keys of an object that Azure alone sets, in lower case.
var readOnly = []string{"id", "name", "type", "systemdata", "etag"}

// Writable returns an answer as a body that can be written.
func Writable(raw json.RawMessage) json.RawMessage { return encode(writable(raw)) }

// writable returns an answer as a body that can be written: without what is read-only,
// and without nulls. Everything else stays, also what this version does not know.
func writable(raw json.RawMessage) map[string]any {
	o := object(raw)
	for key := range o {
		if slices.Contains(readOnly, strings.ToLower(key)) {
			delete(o, key)
		}
	}
	properties := child(o, "properties")
	for key, value := range properties {
		if strings.EqualFold(key, "provisioningState") {
			delete(properties, key)
		}
		list, _ := value.([]any)
		if !strings.HasSuffix(strings.ToLower(key), "receivers") {
			continue
		}
		for _, e := range list {
			r, _ := e.(map[string]any)
			for k := range r {
				if strings.EqualFold(k, "status") {
					delete(r, k)
				}
			}
		}
	}
	return withoutNulls(o).(map[string]any)
}

func withoutNulls(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, e := range v {
			if e == nil {
				delete(v, key)
			} else {
				v[key] = withoutNulls(e)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutNulls(v[i])
		}
	}
	return value
}

// Equal reports whether two answers, or bodies, are the same object: in everything that
// can be written, whatever the case of keys, of ids and of what conditions compare
// without case. Of the tags only the one that says whose the object is counts: policies
// add others.
func Equal(a, b json.RawMessage) bool { return normal(a) == normal(b) }

// Text returns an answer in the form in which it compares, as one line of JSON.
func Text(raw json.RawMessage) string { return normal(raw) }

// normal returns the form of an object that compares.
func normal(raw json.RawMessage) string {
	o, _ := fold(writable(raw), nil).(map[string]any)
	if o == nil {
		o = map[string]any{}
	}
	tag := ""
	for k, v := range child(o, "tags") {
		if strings.EqualFold(k, desired.ManagedTag) {
			tag, _ = v.(string)
		}
	}
	delete(o, "tags")
	delete(o, "kind")
	o["tags"] = tag
	return string(encode(o))
}

// caseless are the keys below which texts compare without case.
var caseless = []string{"location", "scopes", "condition", "actiongroups", "roleid", "resourceid"}

// fold returns a value with keys in lower case and without what is the same as nothing:
// empty lists and objects, an enabled that is true, other flags that are false.
func fold(value any, path []string) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, e := range v {
			key = strings.ToLower(key)
			if flag, ok := e.(bool); ok && flag == (key == "enabled") {
				continue
			}
			if e = fold(e, append(slices.Clip(path), key)); e != nil {
				out[key] = e
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		var out []any
		for _, e := range v {
			out = append(out, fold(e, path))
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case string:
		if slices.ContainsFunc(path, func(key string) bool { return slices.Contains(caseless, key) }) {
			return strings.ToLower(strings.TrimRight(v, "/"))
		}
	}
	return value
}
