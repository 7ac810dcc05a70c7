package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A releaseConfig is the part of .goreleaser.yaml that this test knows.
type releaseConfig struct {
	Version int `yaml:"version"`
	Builds  []struct {
		Main    string   `yaml:"main"`
		Env     []string `yaml:"env"`
		Goos    []string `yaml:"goos"`
		Goarch  []string `yaml:"goarch"`
		Flags   []string `yaml:"flags"`
		Ldflags []string `yaml:"ldflags"`
	} `yaml:"builds"`
	Archives []struct {
		Files []string `yaml:"files"`
	} `yaml:"archives"`
	Checksum struct {
		Algorithm string `yaml:"algorithm"`
	} `yaml:"checksum"`
}

// TestRelease reads the release configuration as its tool would, because the
// tool itself runs only when a release is made.
func TestRelease(t *testing.T) {
	var c releaseConfig
	readYAML(t, ".goreleaser.yaml", &c)
	if c.Version != 2 || len(c.Builds) != 1 || c.Checksum.Algorithm != "sha256" {
		t.Fatalf("version %d, %d builds, checksum %q; want version 2, one build, sha256", c.Version, len(c.Builds), c.Checksum.Algorithm)
	}
	b := c.Builds[0]
	for _, want := range []struct {
		what string
		have []string
		all  []string
	}{
		{"goos", b.Goos, []string{"linux", "darwin", "windows"}},
		{"goarch", b.Goarch, []string{"amd64", "arm64"}},
		{"env", b.Env, []string{"CGO_ENABLED=0"}},
		{"flags", b.Flags, []string{"-trimpath"}},
	} {
		for _, v := range want.all {
			if !slices.Contains(want.have, v) {
				t.Errorf("%s: %v lacks %s", want.what, want.have, v)
			}
		}
	}
	for _, a := range c.Archives {
		for _, file := range a.Files {
			if found, err := filepath.Glob(filepath.Join("..", "..", file)); err != nil || len(found) == 0 {
				t.Errorf("an archive holds %s, which does not exist: %v", file, err)
			}
		}
	}
	for _, flags := range append(b.Ldflags, readFile(t, "Makefile")) {
		checkStamped(t, flags)
	}
}

// checkStamped makes sure that the variables which the linker is to set are
// there: for one that is not, it says nothing and sets nothing.
func checkStamped(t *testing.T, flags string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`-X (\S+)\.(\w+)=`).FindAllStringSubmatch(flags, -1) {
		dir, ok := strings.CutPrefix(m[1], module+"/")
		if !ok || !hasStringVar(t, dir, m[2]) {
			t.Errorf("%s.%s, which the linker sets, is no string variable", m[1], m[2])
		}
	}
}

// hasStringVar reports whether a package declares a variable whose value is a
// string constant, or none.
func hasStringVar(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR {
				continue
			}
			for _, s := range decl.Specs {
				spec := s.(*ast.ValueSpec)
				for i, n := range spec.Names {
					if n.Name == name && (len(spec.Values) == 0 || isString(spec.Values[i])) {
						return true
					}
				}
			}
		}
	}
	return false
}

func isString(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING
}

// TestLinterConfig reads the linters' configuration: a key that is misspelled
// switches nothing on.
func TestLinterConfig(t *testing.T) {
	var c struct {
		Version string `yaml:"version"`
		Linters struct {
			Default string   `yaml:"default"`
			Enable  []string `yaml:"enable"`
		} `yaml:"linters"`
	}
	readYAML(t, ".golangci.yml", &c)
	for _, want := range []string{"depguard", "errcheck", "errorlint", "forbidigo", "govet", "ineffassign", "nolintlint", "revive", "staticcheck", "unused"} {
		if !slices.Contains(c.Linters.Enable, want) {
			t.Errorf("%s is not switched on", want)
		}
	}
	if c.Version != "2" || c.Linters.Default != "none" {
		t.Errorf("version %q, default %q; want 2 and none", c.Version, c.Linters.Default)
	}
}

// TestCIRunsEverything looks for the steps that nobody may drop by accident.
func TestCIRunsEverything(t *testing.T) {
	script := readFile(t, filepath.Join(".ci", "run"))
	for _, step := range []string{
		"set -euo pipefail", "gofmt -l", "go vet", "go mod verify", "go mod tidy -diff", "run_fuzz",
		"MONITORCTL_REQUIRE_MOTO=1", "MONITORCTL_REQUIRE_CHROMIUM=1", "provide_chromium\n", "go test -p 2 -race -timeout 40m -skip \"$sequential\" ./...", "go test -p 2 -timeout 20m ./...",
	} {
		if !strings.Contains(script, step) {
			t.Errorf(".ci/run lacks %q", step)
		}
	}
	if !strings.Contains(readFile(t, "Makefile"), ".ci/run") {
		t.Error("make check does not run .ci/run")
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readYAML(t *testing.T, name string, v any) {
	t.Helper()
	if err := yaml.NewDecoder(bytes.NewReader([]byte(readFile(t, name)))).Decode(v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
