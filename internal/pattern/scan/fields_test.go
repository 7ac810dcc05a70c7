package scan

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
)

// fieldsByDecoding finds fields with encoding/json.
func fieldsByDecoding(message []byte, fields []Field) []*string {
	out := make([]*string, len(fields))
	var top map[string]any
	if json.Unmarshal(message, &top) != nil {
		return out
	}
	for i, f := range fields {
		var at any = top
		for _, name := range f {
			object, _ := at.(map[string]any)
			at = object[name]
		}
		if text, ok := at.(string); ok {
			out[i] = &text
		}
	}
	return out
}

func sameFields(got [][]byte, want []*string) bool {
	return slices.EqualFunc(got, want, func(g []byte, w *string) bool { return (g == nil) == (w == nil) && (w == nil || string(g) == *w) })
}

var someFields = []Field{{"eventTime"}, {"userIdentity", "arn"}, {"userIdentity", "sessionContext", "sessionIssuer", "arn"}, {"a"}, {"a", "b"}}

func TestFields(t *testing.T) {
	patterns := parseAll(t, `{$.userIdentity.type=Root}`, `{$.a.b=x}`, `{$.a.*=x}`, `term`)
	for _, s := range []*Set{CompileFields(patterns, someFields), CompileFields(nil, someFields), CompileFields(parseAll(t, `term`), someFields)} {
		messages := patterntest.Records(t)
		for _, text := range []string{
			`{"a":"x"}`, `{"a":""}`, `{"a":"\u00e9\n"}`, `{"a":"é"}`, `{"a":{"b":"x"}}`, `{"a":{"b":"x"},"a":{}}`, `{"a":{"b":"x"},"a":"y"}`, `{"a":1}`, `{}`, ``,
			`{"a":"x"} x`, `["a"]`, `{"a":"x","a":null}`, `{"a":"1","userIdentity":{"arn":"\ud83d\ude00"}}`, `{"a":{"b":"x","b":["y"]}}`,
		} {
			messages = append(messages, []byte(text))
		}
		var r Result
		for _, m := range messages {
			want := fieldsByDecoding(m, someFields)
			s.Read(m, &r)
			if !sameFields(r.Fields, want) {
				t.Fatalf("%s: fields %q", m, r.Fields)
			}
			if verdicts := s.Match(m, nil); !slices.Equal(verdicts, r.Verdicts) {
				t.Fatalf("%s: %v, want %v", m, r.Verdicts, verdicts)
			}
		}
	}
}

// FuzzNext: what Next takes is what encoding/json takes from a stream, and it says
// of it what Read says of it alone.
func FuzzNext(f *testing.F) {
	for _, text := range []string{`{"a":"x"} {"a":1}`, `{"a":{"b":"x"}}]`, `{`, `{"a":"x"`, `{"eventTime":"2026-11-30T00:00:00Z"},`, `[]`, ` {}`, `{"a":01}`} {
		f.Add([]byte(text))
	}
	s := CompileFields(parseAll(f, `{$.a=x}`, `{$.a.b=x || $.c[*]=1}`, `x`), someFields)
	plain := CompileFields(nil, nil)
	f.Fuzz(func(t *testing.T, data []byte) {
		var r, alone Result
		n := s.Next(data, &r)
		if m := plain.Next(data, &alone); m != n {
			t.Fatalf("%q: %d with patterns, %d without", data, n, m)
		}
		var first json.RawMessage
		err := json.NewDecoder(bytes.NewReader(data)).Decode(&first)
		if want := err == nil && len(data) > 0 && data[0] == '{'; want != (n >= 0) || want && n != len(first) {
			t.Fatalf("%q: %d bytes, want %q (%v)", data, n, first, err)
		}
		if n < 0 {
			return
		}
		s.Read(data[:n], &alone)
		if !slices.Equal(r.Verdicts, alone.Verdicts) || !sameFields(r.Fields, fieldsByDecoding(data[:n], someFields)) {
			t.Fatalf("%q: %v %q", data, r.Verdicts, r.Fields)
		}
	})
}
