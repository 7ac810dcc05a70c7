package run

import (
	"encoding/json"
	"testing"
)

// TestPart takes members out of an object: what is left is JSON, and keeps its place.
func TestPart(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"first", `{"a": [1, {"a": 2}], "b": 2}`, `{                    "b": 2}`},
		{"last", `{"b": 2, "a": "x,y"}`, `{"b": 2            }`},
		{"in the middle", "{\"b\": 2,\n \"a\": {\"b\": 3},\n \"c\": 4}", "{\"b\": 2 \n              ,\n \"c\": 4}"},
		{"alone", `{"a": 1}`, `{      }`},
		{"not there", `{"b": {"a": 1}}`, `{"b": {"a": 1}}`},
		{"twice: one is left for whoever reads it", `{"a": 1, "a": 2}`, `{        "a": 2}`},
		{"no object", `[1]`, `[1]`},
		{"no JSON", `{"b": `, `{"b": `},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(part([]byte(tt.data), "a"))
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			if json.Valid([]byte(tt.data)) != json.Valid([]byte(got)) {
				t.Errorf("%q is valid: %v", got, json.Valid([]byte(got)))
			}
		})
	}
}
