package armjson_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/armjson"
)

// read reads a small object in every way that there is.
func read(raw string) (string, []string) {
	var p armjson.Problems
	o := armjson.Read(json.RawMessage(raw), "", &p)
	text := fmt.Sprint(o.Text("name"), " ", o.Flag("enabled", true), " ", o.Texts("scopes"), " ", o.Map("tags")["a"])
	if in := o.Object("properties"); in != nil {
		text += " in:" + in.Text("x")
		in.End()
	}
	for _, e := range o.Objects("list") {
		text += " " + e.Text("k")
		e.End("ignored")
	}
	o.End("systemData")
	return text, p.List()
}

func TestRead(t *testing.T) {
	tests := []struct {
		name, raw, want string
		problems        []string
	}{
		{"all", `{"name":"n","enabled":false,"scopes":["s"],"tags":{"a":"b"},"properties":{"x":"y"},"list":[{"k":"v","ignored":1}],"systemData":{}}`, "n false [s] b in:y v", nil},
		{"any case", `{"NAME":"n","Scopes":["S"]}`, "n true [S] ", nil},
		{"null is absent", `{"name":null,"enabled":null,"scopes":null,"properties":null,"odata.type":null}`, " true [] ", nil},
		{"an unknown key", `{"name":"n","futureField":1}`, "n true [] ", []string{"the key futureField is not known"}},
		{"an unknown key further in", `{"list":[{"k":"v"},{"kind":"x"}]}`, " true []  v ", []string{"list[1]: the key kind is not known"}},
		{"a key twice, in another case", `{"name":"n","Name":"m"}`, "n true [] ", []string{"the key Name appears twice"}},
		{"other types", `{"name":1,"enabled":"yes","scopes":"s","list":{}}`, " true [] ", []string{"name: is not a string", "enabled: is not true or false", "scopes: is not a list of strings", "list: is not a list"}},
		{"null in a list", `{"scopes":["a",null]}`, " true [a] ", []string{"scopes[1]: is null"}},
		{"a list for an object", `{"properties":[]}`, " true []  in:", []string{"properties: is not an object"}},
		{"no object", `[]`, " true [] ", []string{"is not an object"}},
		{"cut off", `{"name":"n"`, "n true [] ", []string{"is not JSON"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, problems := read(tt.raw)
			if got != tt.want || strings.Join(problems, "; ") != strings.Join(tt.problems, "; ") {
				t.Errorf("%s\ngot  %q, %q\nwant %q, %q", tt.raw, got, problems, tt.want, tt.problems)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"name":"n","list":[{"k":null}]}`)
	f.Fuzz(func(t *testing.T, raw string) {
		if _, problems := read(raw); len(problems) == 0 && !json.Valid([]byte(raw)) && json.NewDecoder(strings.NewReader(raw)).Decode(new(any)) != nil {
			t.Errorf("%q is no JSON, and nothing was said", raw)
		}
	})
}
