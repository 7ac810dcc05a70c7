package eventpattern

import (
	"errors"
	"strings"
	"testing"
)

func TestErrors(t *testing.T) {
	or := `"$or":[{"a":["x"]},{"b":["x"]}]`
	deep := strings.Repeat(`{"a":{`+or+`},"b":`, 12) + `{"c":["x"]}` + strings.Repeat("}", 12)
	tests := []struct {
		name, text string
		offset     int
		msg        string // part of it
	}{
		{"empty", ``, 0, "expected an object"},
		{"scalar", `{"a":"x"}`, 5, "write the value in brackets"},
		{"comma", `{"a":["x",]}`, 10, "another member"},
		{"operator", `{"a":[{"Prefix":"x"}]}`, 7, `unknown operator "Prefix"`},
		{"two operators", `{"a":[{"prefix":"x","suffix":"y"}]}`, 19, "one operator only"},
		{"anything-but null", `{"a":[{"anything-but":null}]}`, 22, "strings or numbers"},
		{"mixed", `{"a":[{"anything-but":["x",1]}]}`, 27, "all strings or all numbers"},
		{"bounds", `{"a":[{"numeric":[">",5,"<",5]}]}`, 24, "less than the upper one"},
		{"single address", `{"a":[{"cidr":"10.0.0.0/32"}]}`, 14, "less than 32"},
		{"double asterisk", `{"a":[{"wildcard":"**"}]}`, 18, "two asterisks"},
		{"one alternative", `{"$or":[{"a":["x"]}]}`, 7, "at least two"},
		{"reserved", `{"$or":[{"a":["x"]},{"prefix":["x"]}]}`, 21, "cannot be a name inside of $or"},
		{"too long", `{"a":["` + strings.Repeat("x", MaxLength) + `"]}`, 0, "at most 4096"},
		{"encoding", "{\"a\":[\"\xff\"]}", 7, "UTF-8"},
		{"combinations", deep, 6, "more than 1000 combinations"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.text)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("Parse(%s): %v, want a SyntaxError", tt.text, err)
			}
			if !strings.Contains(syntax.Msg, tt.msg) || tt.name != "combinations" && syntax.Offset != tt.offset {
				t.Errorf("Parse(%s): %v, want %q at %d", tt.text, err, tt.msg, tt.offset)
			}
		})
	}
}

func TestString(t *testing.T) {
	tests := []struct{ text, want string }{
		{` { "b" : [ "x" , "x" ] , "a" : { "b" : [ 1 ] } } `, `{"a.b":[1],"b":["x"]}`},
		{`{"detail.a":["x"],"detail":{"b":["y"]}}`, `{"detail":{"a":["x"],"b":["y"]}}`},
		{`{"a":["x"],"a":["y"]}`, `{"a":["y"]}`},
		{`{"a":{"c":["x"],"d":["x"]}}`, `{"a.c":["x"],"a.d":["x"]}`},
		{`{"a":[{"anything-but":["x"]},{"anything-but":{"prefix":["y"]}}]}`, `{"a":[{"anything-but":"x"},{"anything-but":{"prefix":"y"}}]}`},
		{`{"a":["\u0041\/\u0001\n"]}`, `{"a":["A/\u0001\n"]}`},
		{`{"b":["y"],"$or":[{"a":["x"]},{"b":["x"]}]}`, `{"b":["y"],"$or":[{"a":["x"]},{"b":["x"]}]}`},
		{`{"a":[{"numeric":["=",5]},{"numeric":[">",1,"<=",2]},{"prefix":{"equals-ignore-case":"q"}},{"exactly":"1.2.3.4"}]}`,
			`{"a":[{"numeric":["=",5]},{"numeric":[">",1,"<=",2]},{"prefix":{"equals-ignore-case":"q"}},{"exactly":"1.2.3.4"}]}`},
	}
	for _, tt := range tests {
		if got := mustParse(t, tt.text).String(); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

// TestBranches shows that a later test on a path replaces an earlier one.
func TestBranches(t *testing.T) {
	p := mustParse(t, `{"a":["y"],"$or":[{"a":["x"]},{"b":["x"]}],"c":{"d":[null]}}`)
	var got []string
	for _, b := range p.Branches() {
		var line []string
		for _, f := range b {
			line = append(line, f.Path+" "+f.Tests[0].words())
		}
		got = append(got, strings.Join(line, ", "))
	}
	want := `a is "x", c.d is null; a is "y", b is "x", c.d is null`
	if strings.Join(got, "; ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "; "), want)
	}
}
