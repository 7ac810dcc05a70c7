package strictjson

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestExact(t *testing.T) {
	type inner struct {
		Name string `json:"name"`
	}
	type form struct {
		inner
		A    int               `json:"a"`
		List []*inner          `json:"list"`
		Tags map[string]string `json:"tags"`
		By   map[string]inner  `json:"by"`
		Raw  json.RawMessage   `json:"raw"`
		Any  any               `json:"any"`
		At   *time.Time        `json:"at"`
		Bare int
	}
	tests := []struct{ name, text, want string }{
		{"all", `{"name":"n","a":1,"list":[{"name":"x"},null],"tags":{"a":"1","A":"2"},"by":{"NAME":{"name":"x"}},"raw":{"x":1,"X":2},"any":[{"q":1}],"at":"2026-01-02T03:04:05Z","Bare":1}`, ""},
		{"other case", "{\n  \"A\": 1}", `line 2, column 3: this version does not know the field "A"; did you mean "a"?`},
		{"other case of an untagged field", `{"bare":1}`, `did you mean "Bare"?`},
		{"other case below", `{"list":[{"name":"x"},{"Name":"y"}]}`, `column 24: this version does not know the field "Name"; did you mean "name"?`},
		{"other case in a map's value", `{"by":{"x":{"nAme":"y"}}}`, `did you mean "name"?`},
		{"other case in what is embedded", `{"NAME":"y"}`, `did you mean "name"?`},
		{"twice", `{"a":1,"a":2}`, `line 1, column 8: the key "a" appears twice`},
		{"twice, written otherwise", `{"a":1,"\\u0061":2}`, `the key "a" appears twice`},
		{"twice in a map", `{"tags":{"k":"1","k":"2"}}`, `the key "k" appears twice`},
		{"twice where nobody looks", `{"any":{"k":{"z":1,"z":2}}}`, `the key "z" appears twice`},
		{"twice where nothing is known", `{"new":{"k":1,"k":2}}`, `the key "k" appears twice`},
		{"of another form", `{"list":{"Name":1},"a":[{"A":1}]}`, ""},
		{"no JSON", `{"a":1,`, ""},
		{"a list", `[1]`, ""},
		{"nothing", ``, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.ReplaceAll(tt.text, "\\\\", "\\")
			err := Exact([]byte(text), &form{})
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.As(err, new(*Error)) || !strings.HasSuffix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
