package bicep_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/bicep"
)

const kind = "Microsoft.Insights/activityLogAlerts"

// show writes a value in short; what is unknown in angle brackets.
func show(v iac.Value) string {
	var parts []string
	switch v.Kind {
	case iac.TextValue, iac.NumberValue:
		return v.Text
	case iac.FlagValue:
		return map[bool]string{true: "true", false: "false"}[v.Flag]
	case iac.UnknownValue:
		return "<" + v.Why + ">"
	case iac.ListValue:
		for _, i := range v.Items {
			parts = append(parts, show(i))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case iac.ObjectValue:
		for _, f := range v.Fields {
			parts = append(parts, f.Key+":"+show(f.Value))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return "absent"
}

const declarations = `
@description('Where the alert goes, such as {a}')
param group string // no default
param status array = [
  'Succeeded' /* and no other */
]
param word string = 'Suc'
var whole = '${word}ceeded'
var loop = loop
var deep = {
  k: [ 'a', 'b' ]
}
output x string = rule.id
`

func TestRead(t *testing.T) {
	for text, want := range map[string]string{
		"'plain'":                          "plain",
		"'it\\'s \\${not}'":                "it's ${not}",
		"'''\nlong's\n'''":                 "long's\n",
		"whole":                            "Succeeded",
		"'${whole}!'":                      "Succeeded!",
		"status":                           "[Succeeded]",
		"deep":                             "{k:[a b]}",
		"deep.k":                           "<deep.k>",
		"loop":                             "<loop>",
		"group":                            "<group>",
		"'/x/${group}'":                    "<'/x/${group}'>",
		"subscription().id":                "<subscription().id>",
		"[ subscription().id, 'a' ]":       "[<subscription().id> a]",
		"[\n    'a'\n    // b\n    2\n  ]": "[a 2]",
		"[for s in status: s]":             "<[for s in status: s]>",
		"empty(group) ? null : group":      "<empty(group) ? null : group>",
		"false":                            "false",
		"null":                             "absent",
		"{ 'a b': { c: true } }":           "{a b:{c:true}}",
	} {
		src := iac.NewSource("t.bicep", []byte(declarations+"resource rule 'microsoft.insights/ActivityLogAlerts@2020-10-01' = {\n  name: 'n'\n  x: "+text+"\n  y: 1\n}\n"))
		got, err := bicep.Read(src, []string{kind}, nil)
		if err != nil || len(got) != 1 || got[0].Name != "n" || got[0].Type != kind {
			t.Errorf("%s: %+v, %v", text, got, err)
			continue
		}
		if have := show(got[0].Body.Get("x")); have != want || show(got[0].Body.Get("y")) != "1" {
			t.Errorf("%s: %s, want %s", text, have, want)
		}
	}
}

// TestModules reads modules with what they are given, each call of its own.
func TestModules(t *testing.T) {
	const module = "param operation string\nparam status string = 'Succeeded'\nparam group string\nresource rule '" + kind + "@2020-10-01' = {\n  name: 'n-${operation}'\n  x: operation\n  y: [ status, group ]\n}\n"
	sources := map[string]*iac.Source{
		"modules/alert.bicep": iac.NewSource("modules/alert.bicep", []byte(module)),
		"deeper.bicep":        iac.NewSource("deeper.bicep", []byte("param what string\nmodule m 'modules/alert.bicep' = {\n  params: { operation: what, group: 'g' }\n}\n")),
		"endless.bicep":       iac.NewSource("endless.bicep", []byte("module m 'endless.bicep' = {\n  name: 'm'\n}\n")),
		"broken.bicep":        iac.NewSource("broken.bicep", []byte("resource r '"+kind+"@1' = {\n  x: [\n")),
	}
	open := func(_ *iac.Source, path string) *iac.Source { return sources[path] }
	for text, want := range map[string]string{
		"module a 'modules/alert.bicep' = {\n  name: 'a'\n  params: {\n    operation: 'write'\n    group: free\n  }\n}\n":                                                                      "n-write write [Succeeded <free>]",
		"module a 'modules/alert.bicep' = {\n  params: { operation: 'a', status: 'Failed', group: 'g' }\n}\nmodule b 'modules/alert.bicep' = {\n  params: { operation: 'b', group: 'h' }\n}\n": "n-a a [Failed g]; n-b b [Succeeded h]",
		"module a 'modules/alert.bicep' = [for o in list: {\n  params: { operation: o, group: 'g' }\n}]\n":                                                                                     " <o> [Succeeded g]",
		"module a 'modules/alert.bicep' = if (on) {\n  params: { operation: 'c', group: 'g' }\n}\n":                                                                                            "n-c c [Succeeded g]",
		"module a 'modules/alert.bicep' = {\n}\n":                                   " <operation> [Succeeded <group>]",
		"module a 'deeper.bicep' = {\n  params: { what: 'd' }\n}\n":                 "n-d d [Succeeded g]",
		"module a 'br:registry.example/alert:v1' = {\n  params: { what: 'd' }\n}\n": "",
		"module a 'gone.bicep' = {\n}\n":                                            "",
		"module a 'endless.bicep' = {\n}\n":                                         "",
		"module a 'broken.bicep' = {\n}\n":                                          "",
	} {
		got, err := bicep.Read(iac.NewSource("t.bicep", []byte(text)), []string{kind}, open)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var list []string
		for _, r := range got {
			list = append(list, r.Name+" "+show(r.Body.Get("x"))+" "+show(r.Body.Get("y")))
			if r.Source.Path != "modules/alert.bicep" || r.Source.Place(r.Pos).Line != 4 {
				t.Errorf("%s: found at %s:%d", text, r.Source.Path, r.Source.Place(r.Pos).Line)
			}
		}
		if have := strings.Join(list, "; "); have != want {
			t.Errorf("%s:\ngot  %s\nwant %s", text, have, want)
		}
	}
}

// TestForms finds resources under conditions, in loops and beside others, and where a file
// stops making sense.
func TestForms(t *testing.T) {
	const body = "{\n  name: 'n'\n}\n"
	for name, tt := range map[string]struct {
		text  string
		found int
		line  int // of the error; 0 for none
	}{
		"under a condition":      {"resource a '" + kind + "@1' = if (on && f('}')) " + body, 1, 0},
		"in a loop":              {"resource a '" + kind + "@1' = [for x in list: " + strings.TrimSuffix(body, "\n") + "]\n", 1, 0},
		"an existing one":        {"resource a '" + kind + "@1' existing = {\n  name: 'n'\n}\n", 1, 0},
		"another type":           {"resource a 'Microsoft.Insights/actionGroups@1' = " + body, 0, 0},
		"two":                    {"resource a '" + kind + "@1' = " + body + "resource b '" + kind + "@1' = " + body, 2, 0},
		"no file of Bicep":       {"activityLogAlerts are {", 0, 1},
		"a brace too many":       {"resource a '" + kind + "@1' = {\n  x: [\n    { {\n      y: 1\n    } }\n  ]\n}\n", 0, 4 - 1},
		"a text that never ends": {"resource a '" + kind + "@1' = {\n  x: 'a\n}\n", 0, 1},
	} {
		src := iac.NewSource("t.bicep", []byte(tt.text))
		got, err := bicep.Read(src, []string{kind}, nil)
		var at *iac.ReadError
		line := 0
		if errors.As(err, &at) {
			line = src.Place(at.Pos).Line
		}
		if len(got) != tt.found || line != tt.line {
			t.Errorf("%s: %d resources, error in line %d (%v), want %d and %d", name, len(got), line, err, tt.found, tt.line)
		}
	}
}

// FuzzRead must come to an end, and find nothing outside of the file.
func FuzzRead(f *testing.F) {
	f.Add(declarations + "resource a '" + kind + "@1' = {\n  x: [\n 1 ]\n}\n")
	f.Add("resource a '" + kind + "@1' = [for x in y: {\n}]")
	f.Add("param x string\nmodule m 'm.bicep' = {\n  params: { x: 'a' }\n}\nmodule n 'n.bicep' = {\n  params: { x: x }\n}\n")
	f.Fuzz(func(t *testing.T, text string) {
		src := iac.NewSource("t.bicep", []byte(text))
		list, _ := bicep.Read(src, []string{kind}, func(*iac.Source, string) *iac.Source { return src })
		for _, r := range list {
			if r.Pos < 0 || r.Pos > len(src.Data) {
				t.Errorf("a resource at %d", r.Pos)
			}
		}
	})
}
