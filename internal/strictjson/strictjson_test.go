package strictjson

import (
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	type thing struct {
		Schema string `json:"schema"`
		Count  int    `json:"count"`
	}
	tests := []struct{ name, in, want string }{
		{"whole", `{"schema":"x","count":1}`, ""},
		{"white space behind", "{\"schema\":\"x\"}\n\n", ""},
		{"empty", " \n", "it is empty"},
		{"cut off", "{\"schema\":\n\"x\",", "line 2, column 5: it is cut off: its JSON does not end"},
		{"not JSON", "{\n  x}", "line 2, column 3: not JSON: invalid character 'x' looking for beginning of object key string"},
		{"unknown field", "{\n  \"schema\": \"x\",\n  \"colour\": 1\n}", `line 3, column 3: this version does not know the field "colour"`},
		{"wrong type", "{\n  \"count\": \"many\"}", `line 2, column 17: "count" cannot be a JSON string`},
		{"text behind", "{}\n{}", "line 2, column 1: text behind the end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var v thing
			got := ""
			if err := Decode([]byte(tt.in), &v); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestDecodeKnown lets unknown fields pass, and nothing else.
func TestDecodeKnown(t *testing.T) {
	for in, want := range map[string]string{
		`{"count":1,"colour":1}`: "",
		`{"count":"many"}`:       `line 1, column 15: "count" cannot be a JSON string`,
		`{} {}`:                  "line 1, column 4: text behind the end",
	} {
		var v struct {
			Count int `json:"count"`
		}
		got := ""
		if err := DecodeKnown([]byte(in), &v); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestSchema(t *testing.T) {
	for in, want := range map[string]string{
		`{"other":1,"schema":"a/v1"} trailing`: "a/v1", `{}`: `it has no "schema"`, ``: "it is empty", `{"schema":1}`: `"schema" cannot be a JSON number`,
	} {
		got, err := Schema([]byte(in))
		if err != nil {
			got = err.Error()
		}
		if !strings.HasSuffix(got, want) {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestReadIsBounded(t *testing.T) {
	if _, err := Read(strings.NewReader("12345"), 4); err == nil {
		t.Error("five bytes passed a limit of four")
	}
	if data, err := Read(strings.NewReader("1234"), 4); err != nil || string(data) != "1234" {
		t.Errorf("%q, %v", data, err)
	}
}
