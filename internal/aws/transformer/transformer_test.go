package transformer

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const onBus = `{"version":"0","id":"e1","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"111122223333","resources":["arn:aws:s3:::b"],` +
	`"detail":{"eventName":"DeleteSecurityGroup","readOnly":false,"count":12.50,"none":null,"userAgent":"say \"hi\"","tricky":"<what>","list":["a","b"],"object":{"k":"<v>"}}}`

func TestRender(t *testing.T) {
	paths := map[string]string{
		"what": "$.detail.eventName", "ro": "$.detail.readOnly", "n": "$.detail.count", "null": "$.detail.none", "agent": "$.detail.userAgent", "tricky": "$.detail.tricky",
		"list": "$.detail.list", "second": "$.detail.list[1]", "object": "$.detail.object", "gone": "$.detail.gone", "deep": "$.detail.eventName.x", "far": "$.detail.list[7]", "r": "$.resources[0]",
	}
	for _, tt := range []struct{ name, template, want string }{
		{"text", `"<what> happened"`, `"DeleteSecurityGroup happened"`},
		{"lines", "\"<what>\"\n\"\"\n\"<r>\"", "\"DeleteSecurityGroup\"\n\"\"\n\"arn:aws:s3:::b\""},
		{"a constant and a number", `"<ro> <n> <null>"`, `"false 12.50 null"`},
		{"a list and an object", `"<list> <object>"`, `"["a","b"] {"k":"<v>"}"`},
		{"a member", `"<second>"`, `"b"`},
		{"nothing there", `"[<gone>][<deep>][<far>]"`, `"[][][]"`},
		{"a value is not looked through", `"<tricky>"`, `"<what>"`},
		{"a quotation mark is not escaped", `"<agent>"`, `"say "hi""`},
		{"text outside of quotation marks gets them", `{"what":<what>,"ro":<ro>,"list":<list>}`, `{"what":"DeleteSecurityGroup","ro":false,"list":["a","b"]}`},
		{"inside it does not", `{"what":"by <what>","escaped":"\"<what>\""}`, `{"what":"by DeleteSecurityGroup","escaped":"\"DeleteSecurityGroup\""}`},
		{"outside of an object it does not", `<what>`, `DeleteSecurityGroup`},
		{"no placeholder", `"a < b > c <>"`, `"a < b > c <>"`},
		{"the rule", `"<aws.events.rule-name> <aws.events.rule-arn> <aws.events.event.ingestion-time>"`, `"r arn:r 2026-03-02T09:00:00Z"`},
		{"the whole event", `{"e":<aws.events.event.json>}`, `{"e":` + onBus + `}`},
		{"an unknown name", `"<other>"`, `""`},
	} {
		got := Transformer{paths, tt.template}.Render([]byte(onBus), Rule{"arn:r", "r", "2026-03-02T09:00:00Z"})
		if got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
	var e map[string]any
	text := Transformer{nil, `{"e":<aws.events.event>}`}.Render([]byte(onBus), Rule{})
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	inner, _ := e["e"].(map[string]any)
	if _, has := inner["detail"]; has || inner["source"] != "aws.ec2" {
		t.Errorf("the event without detail: %s", text)
	}
}

func TestCheck(t *testing.T) {
	many := map[string]string{}
	for i := range MaxPaths + 1 {
		many[fmt.Sprint("p", i)] = "$.id"
	}
	what := map[string]string{"what": "$.detail.eventName"}
	for _, tt := range []struct {
		name string
		t    Transformer
		want string
	}{
		{"text", Transformer{what, "\"<what>\"\n\"<aws.events.rule-name>\""}, ""},
		{"object", Transformer{what, `{"a":"<what>","b":<what>}`}, ""},
		{"empty", Transformer{}, "0 characters"},
		{"long", Transformer{nil, `"` + strings.Repeat("x", MaxTemplate) + `"`}, "8194 characters"},
		{"as long as may be", Transformer{nil, `"` + strings.Repeat("ü", MaxTemplate-2) + `"`}, ""},
		{"many paths", Transformer{many, `"x"`}, "101 paths"},
		{"a name", Transformer{map[string]string{"a b": "$.id"}, `"x"`}, `"a b" is not the name`},
		{"a reserved name", Transformer{map[string]string{"AWS.x": "$.id"}, `"x"`}, "is not the name"},
		{"a path", Transformer{map[string]string{"a": "detail"}, `"x"`}, "is not a path"},
		{"a long path", Transformer{map[string]string{"a": "$." + strings.Repeat("x", MaxPath)}, `"x"`}, "more than 256"},
		{"a wildcard", Transformer{map[string]string{"a": "$.resources[*]"}, `"x"`}, "is not a path"},
		{"no path of that name", Transformer{what, `"<who>"`}, "<who>"},
		{"bare text", Transformer{what, `<what> happened`}, "is not a JSON string"},
		{"two strings on a line", Transformer{what, `"<what>" "x"`}, "is not a JSON string"},
		{"a broken object", Transformer{what, `{"a":"<what>"`}, "is not a JSON object"},
		{"a key", Transformer{what, `{<what>:1,}`}, "is not a JSON object"},
	} {
		err := tt.t.Check()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestPlain(t *testing.T) {
	for sent, want := range map[string]string{
		`"one"`: "one", "\"one\"\n\"\"\n\"two \\\"x\\\"\"": "one\n\ntwo \"x\"", `"say "hi""`: `say "hi"`, `{"a":1}`: `{"a":1}`, "\"one\"\ntwo": "\"one\"\ntwo", `"`: `"`,
	} {
		if got := Plain(sent); got != want {
			t.Errorf("%q: got %q, want %q", sent, got, want)
		}
	}
}

// FuzzRender holds that what is rendered has the template's own text around the values,
// whatever those are: a value never becomes a placeholder, and an empty event leaves
// every place empty.
func FuzzRender(f *testing.F) {
	f.Add(`"What: <what>"`, "DeleteTrail")
	f.Add(`{"a":"<what>","b":<what>}`, `x" <what>`)
	f.Add("\"\\\"<what>\\\\\"", "<what")
	f.Fuzz(func(t *testing.T, template, value string) {
		if !json.Valid([]byte(`"`+value+`"`)) || strings.ContainsRune(template, 0x1F600) {
			return
		}
		on := []byte(`{"v":"` + value + `"}`)
		var text string
		if json.Unmarshal([]byte(`"`+value+`"`), &text) != nil {
			return
		}
		mark := Transformer{map[string]string{"what": "$.v"}, template}.Render([]byte(`{"v":"😀"}`), Rule{})
		got := Transformer{map[string]string{"what": "$.v"}, template}.Render(on, Rule{})
		if want := strings.ReplaceAll(mark, "😀", text); got != want {
			t.Errorf("template %q, value %q\ngot  %q\nwant %q", template, value, got, want)
		}
	})
}
