package armtemplate_test

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/armtemplate"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

func read(t *testing.T, text string) []iac.Resource {
	t.Helper()
	src := iac.NewSource("t.json", []byte(text))
	doc, err := tree.ReadJSON(iac.Plain(src, text, 0))
	if err != nil {
		t.Fatal(err)
	}
	return armtemplate.Read(src, doc, []string{"Microsoft.Insights/activityLogAlerts"})
}

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

func TestExpressions(t *testing.T) {
	const parameters = `"parameters":{"state":{"type":"string","defaultValue":"[concat('Suc', variables('rest'))]"},"who":{"type":"string"},"loop":{"defaultValue":"[parameters('loop')]"},
		"list":{"defaultValue":["a","b"]}},"variables":{"rest":"ceeded","o":{"k":{"n":"deep"}}}`
	for text, want := range map[string]string{
		`"plain"`:                                 `plain`,
		`"[[literal]"`:                            `[literal]`,
		`"[parameters('state')]"`:                 `Succeeded`,
		`"[parameters('STATE')]"`:                 `Succeeded`,
		`"[parameters('who')]"`:                   `<parameters('who')>`,
		`"[parameters('loop')]"`:                  `<parameters('loop')>`,
		`"[parameters('list')[1]]"`:               `b`,
		`"[parameters('list')[7]]"`:               `<parameters('list')[7]>`,
		`"[variables('o').k.n]"`:                  `deep`,
		`"[variables('gone')]"`:                   `<variables('gone')>`,
		`"[subscription().id]"`:                   `<subscription().id>`,
		`"[concat('/x/', subscription().id)]"`:    `<concat('/x/', subscription().id)>`,
		`"[format('{0}-{1}', 'a', 'b')]"`:         `a-b`,
		`"[toLower('It''s')]"`:                    `it's`,
		`"[json('null')]"`:                        `absent`,
		`"[createArray('a', parameters('who'))]"`: `[a <parameters('who')>]`,
		`"[if(true(), 'a', 'b')]"`:                `<if(true(), 'a', 'b')>`,
		`"[not an expression"`:                    `[not an expression`,
		`"[nor this]"`:                            `<nor this>`,
		`"['open]"`:                               `<'open>`,
		`true`:                                    `true`,
		`null`:                                    `absent`,
		`7`:                                       `7`,
	} {
		got := read(t, `{"$schema":"x",`+parameters+`,"resources":[{"type":"microsoft.insights/ActivityLogAlerts","name":"n","properties":{"x":`+text+`}}]}`)
		if len(got) != 1 || got[0].Name != "n" {
			t.Fatalf("%s: %+v", text, got)
		}
		if have := show(got[0].Body.Get("properties").Get("x")); have != want {
			t.Errorf("%s: %s, want %s", text, have, want)
		}
	}
}

// TestWhere finds resources in nested templates, with symbolic names and in policies,
// each with the parameters of its own template.
func TestWhere(t *testing.T) {
	inner := `{"type":"Microsoft.Insights/activityLogAlerts@2020-10-01","name":"r","properties":{"enabled":"[parameters('on')]"}}`
	for name, tt := range map[string]struct{ text, want string }{
		"symbolic names":    {`{"$schema":"x","languageVersion":"2.0","parameters":{"on":{"defaultValue":true}},"resources":{"alert":` + inner + `}}`, "true"},
		"a nested template": {`{"parameters":{"on":{"defaultValue":true}},"resources":[{"type":"Microsoft.Resources/deployments","properties":{"template":{"contentVersion":"1","parameters":{"on":{"defaultValue":false}},"resources":[` + inner + `]}}}]}`, "false"},
		"a policy": {`{"properties":{"policyRule":{"then":{"details":{"deployment":{"properties":{"template":{"$schema":"x","parameters":{"on":{"defaultValue":false}},"resources":[` +
			strings.ReplaceAll(inner, `"[`, `"[[`) + `]}}}}}}}}`, "false"},
		"no template": {inner, "<parameters('on')>"},
	} {
		got := read(t, tt.text)
		if len(got) != 1 || show(got[0].Body.Get("properties").Get("enabled")) != tt.want {
			t.Errorf("%s: %d resources, %s, want %s", name, len(got), show(got[0].Body), tt.want)
		}
	}
	if got := read(t, `{"resources":[{"type":"Microsoft.Insights/actionGroups","properties":{}}]}`); len(got) != 0 {
		t.Errorf("another type: %+v", got)
	}
}

// FuzzRead must come to an end, whatever stands between brackets.
func FuzzRead(f *testing.F) {
	f.Add("[concat('a', parameters('b'))]")
	f.Add("[[x")
	f.Add("[((((")
	f.Fuzz(func(_ *testing.T, text string) {
		src := iac.NewSource("t.json", nil)
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
		all := `{"variables":{"b":"x"},"resources":[{"type":"T","properties":{"x":"` + quoted + `"}}]}`
		doc, err := tree.ReadJSON(iac.Plain(src, all, 0))
		if err == nil {
			armtemplate.Read(src, doc, []string{"T"})
		}
	})
}
