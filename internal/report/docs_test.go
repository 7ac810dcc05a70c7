package report

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestOutputDocument holds docs/output.md to the code: it shows the table as
// it is printed, names every JSON field and explains every reason code.
func TestOutputDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "output.md"))
	if err != nil {
		t.Fatal(err)
	}
	doc := strings.ReplaceAll(string(text), "\r\n", "\n")

	var table bytes.Buffer
	if err := Table(&table, fourControls(), Options{}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(table.String()) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(doc, "    "+line+"\n") {
			t.Errorf("the document does not show the line %q", line)
		}
	}
	for _, file := range append(slices.Clone(publishedSchemas), "saved-plan", "journal") {
		for name := range fieldNames(t, file) {
			if !regexp.MustCompile("[`.]" + name + "[`.\\[]").MatchString(doc) {
				t.Errorf("the document does not name the field %s of the %s", name, file)
			}
		}
	}
	explained := map[string]bool{}
	codes := reasonCodes(t)
	ofAWS, _, _ := strings.Cut(doc, "\nOf Azure (")
	var order []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z]+(?:-[a-z]+)+|declared)` \\|").FindAllStringSubmatch(doc, -1) {
		explained[m[1]] = true
		if codes[m[1]] && strings.Contains(ofAWS, "| `"+m[1]+"` |") && !slices.Contains(order, m[1]) {
			order = append(order, m[1])
		}
	}
	var listed []string
	for _, info := range finding.Codes() {
		listed = append(listed, string(info.Code))
	}
	if !slices.Equal(listed, order) {
		t.Errorf("the table of codes has\n%s\nand the document\n%s", strings.Join(listed, " "), strings.Join(order, " "))
	}
	for code := range codes {
		if !explained[code] {
			t.Errorf("the document does not explain the reason code %s", code)
		}
	}
	for code := range explained {
		if !codes[code] {
			t.Errorf("the document explains the reason code %s, which no package has", code)
		}
	}
}

// fieldNames returns the names of all fields that a schema knows.
func fieldNames(t *testing.T, schema string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "schema", schema+"-v1.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if properties, ok := v["properties"].(map[string]any); ok {
				for name := range properties {
					names[name] = true
				}
			}
			for _, w := range v {
				walk(w)
			}
		case []any:
			for _, w := range v {
				walk(w)
			}
		}
	}
	walk(doc)
	if len(names) == 0 {
		t.Fatalf("the schema %s has no fields", schema)
	}
	return names
}

// reasonCodes returns the values of the constants Code... of the packages that
// give reasons.
func reasonCodes(t *testing.T) map[string]bool {
	t.Helper()
	codes := map[string]bool{}
	for _, pkg := range []string{"aws/audit", "aws/alarm", "azure/audit", "aws/plan", "change", "finding"} {
		files, err := filepath.Glob(filepath.Join("..", pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				spec, ok := n.(*ast.ValueSpec)
				if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
					return true
				}
				if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					code, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					codes[code] = true
				}
				return true
			})
		}
	}
	if len(codes) == 0 {
		t.Fatal("no reason codes were found")
	}
	return codes
}
