package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

// written runs one of the writers with options as a command has them.
func written[T any](t *testing.T, write func(*bytes.Buffer, T, Options) error, v T) []byte {
	t.Helper()
	var b bytes.Buffer
	o := Options{Version: "1.2.3", Config: &ConfigFile{Path: "monitorctl.yaml", SHA256: digest}}
	if err := write(&b, v, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func auditJSON(b *bytes.Buffer, r finding.Report, o Options) error { return JSON(b, r, o) }
func planJSON(b *bytes.Buffer, p change.Plan, o Options) error     { return PlanJSON(b, p, o) }

func TestJSONGolden(t *testing.T) {
	golden(t, "audit.json", written(t, auditJSON, everyStatus()))
	golden(t, "audit-hostile.json", written(t, auditJSON, hostile()))
	golden(t, "plan.json", written(t, planJSON, repair()))
	golden(t, "plan-conflict.json", written(t, planJSON, blocked()))
}

// TestJSONFollowsSchema holds the output to the published schemas: to their
// letter, and, with every object closed, to their completeness.
func TestJSONFollowsSchema(t *testing.T) {
	tests := []struct {
		name   string
		schema string
		text   []byte
	}{
		{"every status", "audit", written(t, auditJSON, everyStatus())},
		{"empty", "audit", written(t, auditJSON, finding.Report{})},
		{"repair", "plan", written(t, planJSON, repair())},
		{"conflict", "plan", written(t, planJSON, blocked())},
		{"nothing", "plan", written(t, planJSON, nothing())},
		{"empty", "plan", written(t, planJSON, change.Plan{})},
	}
	for _, closed := range []bool{false, true} {
		schemas := compileSchemas(t, closed)
		for _, tt := range tests {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schemas[tt.schema].Validate(v); err != nil {
				t.Errorf("%s, %s (closed: %t): %v", tt.schema, tt.name, closed, err)
			}
		}
	}
}

// TestSchemaRefuses makes sure that the schema is not merely true of anything.
func TestSchemaRefuses(t *testing.T) {
	schema := compileSchemas(t, false)["audit"]
	for _, change := range [][2]string{
		{`"status": "fail"`, `"status": "failed"`},
		{`"monitorctl/audit/v1"`, `"monitorctl/audit/v2"`},
		{`"missed": []`, `"missed": null`},
		{`"generatedAt": "2026-03-01T12:30:00Z"`, `"generatedAt": "2026-03-01T13:30:00+01:00"`},
		{`"literal": true`, `"literal": "yes"`},
		{`"remediation"`, `"advice"`},
	} {
		text := string(written(t, auditJSON, everyStatus()))
		broken := strings.Replace(text, change[0], change[1], 1)
		if broken == text {
			t.Fatalf("the report has no %s", change[0])
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(broken))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("with %s instead of %s the report is still valid", change[1], change[0])
		}
	}
}

// TestSchemaTolerates adds a field, as a later minor version may.
func TestSchemaTolerates(t *testing.T) {
	schema := compileSchemas(t, false)["audit"]
	text := strings.Replace(string(written(t, auditJSON, everyStatus())), `"literal": true`, `"literal": true, "novelty": 1`, 1)
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
}

// publishedSchemas are the schemas of docs/schema that this package follows.
var publishedSchemas = []string{"audit", "audit-lines", "fleet-lines", "diff", "plan", "fleet-plan", "removal", "replay"}

// compileSchemas reads docs/schema; closed forbids every field that the
// schemas do not name.
func compileSchemas(t *testing.T, closed bool) map[string]*jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	for _, name := range publishedSchemas {
		text, err := os.ReadFile(filepath.Join("..", "..", "docs", "schema", name+"-v1.schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if closed {
			closeObjects(doc)
		}
		if err := c.AddResource("urn:monitorctl:schema:"+name+":v1", doc); err != nil {
			t.Fatal(err)
		}
	}
	schemas := map[string]*jsonschema.Schema{}
	for _, name := range publishedSchemas {
		schema, err := c.Compile("urn:monitorctl:schema:" + name + ":v1")
		if err != nil {
			t.Fatal(err)
		}
		schemas[name] = schema
	}
	return schemas
}

// closeObjects forbids unknown fields wherever a schema names some.
func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["properties"].(map[string]any); ok {
			v["additionalProperties"] = false
		}
		for _, w := range v {
			closeObjects(w)
		}
	case []any:
		for _, w := range v {
			closeObjects(w)
		}
	}
}

// TestJSONIsSafeToShow prints hostile names and demands that nothing in the
// output moves a cursor or reorders text, and that a parser gets them back.
func TestJSONIsSafeToShow(t *testing.T) {
	text := written(t, auditJSON, hostile())
	if !utf8.Valid(text) {
		t.Error("the output is not UTF-8")
	}
	for i, r := range string(text) {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) {
			t.Errorf("byte %d: %U stands unescaped in the output", i, r)
		}
	}
	var back jsonReport
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	want := strings.ToValidUTF8(hostile().Findings[1].Control, "\ufffd")
	if got := back.Findings[1].Control; got != want {
		t.Errorf("a parser reads %q, want %q", got, want)
	}
}

func TestEscapeUnsafe(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", `{"a":"b<c>&"}`, `{"a":"b<c>&"}`},
		{"line break between fields", "{\n}", "{\n}"},
		{"DEL", "\"\x7f\"", `"\u007f"`},
		{"C1", "\"\u009b\"", `"\u009b"`},
		{"bidi", "\"\u202e\u2069\"", `"\u202e\u2069"`},
		{"above U+FFFF", "\"\U000e0041\"", `"\udb40\udc41"`},
		{"a runner's command", `"##[error]###"`, `"#\u0023[error]#\u0023#"`},
		{"scripts and emoji", `"日本 👩‍💻"`, `"日本 👩‍💻"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := string(escapeUnsafe([]byte(tt.in)))
			if got != tt.want {
				t.Errorf("escapeUnsafe(%q) = %q, want %q", tt.in, got, tt.want)
			}
			var before, after any
			if json.Unmarshal([]byte(tt.in), &before) != nil || json.Unmarshal([]byte(got), &after) != nil {
				t.Fatal("not JSON")
			}
			if s, ok := before.(string); ok && s != after {
				t.Errorf("%q has become %q", s, after)
			}
		})
	}
}
