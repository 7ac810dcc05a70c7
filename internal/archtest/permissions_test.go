package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/permissions"
)

// iamPrefixes are IAM's names of the SDK's service packages, where they differ.
var iamPrefixes = map[string]string{"cloudwatchlogs": "logs", "eventbridge": "events"}

// TestEveryCallHasItsPermission holds the table of permissions against the
// calls that the source declares: the methods of the interfaces that end in
// "API", and the calls in the Query protocol.
func TestEveryCallHasItsPermission(t *testing.T) {
	declared := map[string]string{} // operation -> file
	for _, dir := range []string{"collect", "apply"} {
		files, err := filepath.Glob(filepath.Join("..", "aws", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files of %s: %v", dir, err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				declaredCalls(t, file, declared)
			}
		}
	}
	if len(declared) < 20 {
		t.Fatalf("only %d calls were found: the test does not see them", len(declared))
	}
	known := map[string]bool{}
	for _, o := range permissions.Table() {
		known[o.Name] = true
		if o.Name == "iam:PassRole" || o.Name == "iam:CreateServiceLinkedRole" { // other calls need them
			continue
		}
		if declared[o.Name] == "" {
			t.Errorf("%s stands in the table of internal/aws/permissions, but nothing calls it", o.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		if !known[name] {
			t.Errorf("%s: %s has no entry in the table of internal/aws/permissions", declared[name], name)
		}
	}
}

func declaredCalls(t *testing.T, file string, found map[string]string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	services := map[string]string{} // name in the file -> IAM prefix
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(p, "github.com/aws/aws-sdk-go-v2/service/") {
			continue
		}
		service := path.Base(p)
		name := service
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if prefix, ok := iamPrefixes[service]; ok {
			service = prefix
		}
		services[name] = service
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if i, ok := n.Type.(*ast.InterfaceType); ok && strings.HasSuffix(n.Name.Name, "API") {
				for _, m := range i.Methods.List {
					if name := operationOf(m, services); name != "" {
						found[name] = file
					}
				}
			}
		case *ast.CompositeLit:
			if id, ok := n.Type.(*ast.Ident); ok && id.Name == "queryCall" {
				found[field(n, "service")+":"+field(n, "action")] = file
			}
		}
		return true
	})
}

// operationOf names the operation of a method whose second parameter is the
// input: DescribeTrails(context.Context, *cloudtrail.DescribeTrailsInput, ...).
func operationOf(m *ast.Field, services map[string]string) string {
	fn, ok := m.Type.(*ast.FuncType)
	if !ok || len(m.Names) == 0 || len(fn.Params.List) < 2 {
		return ""
	}
	star, ok := fn.Params.List[1].Type.(*ast.StarExpr)
	if !ok {
		return ""
	}
	input, ok := star.X.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	pkg, ok := input.X.(*ast.Ident)
	if !ok || services[pkg.Name] == "" {
		return ""
	}
	return services[pkg.Name] + ":" + m.Names[0].Name
}

// field returns the text of a string field of a composite literal, "" when it
// has none.
func field(lit *ast.CompositeLit, name string) string {
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := kv.Key.(*ast.Ident)
		value, isText := kv.Value.(*ast.BasicLit)
		if ok && isText && key.Name == name {
			text, err := strconv.Unquote(value.Value)
			if err != nil {
				return ""
			}
			return text
		}
	}
	return ""
}
