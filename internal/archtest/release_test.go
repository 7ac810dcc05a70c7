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
		Files []struct {
			Src string `yaml:"src"`
		} `yaml:"files"`
	} `yaml:"archives"`
	Packages []struct {
		Formats     []string  `yaml:"formats"`
		Contents    []content `yaml:"contents"`
		Description string    `yaml:"description"`
		License     string    `yaml:"license"`
	} `yaml:"nfpms"`
	Images []struct {
		Dockerfile string   `yaml:"dockerfile"`
		Platforms  []string `yaml:"platforms"`
	} `yaml:"dockers_v2"`
	Casks []struct {
		Name string `yaml:"name"`
	} `yaml:"homebrew_casks"`
	SBOMs []struct {
		Artifacts string `yaml:"artifacts"`
	} `yaml:"sboms"`
	Signs []struct {
		Artifacts string   `yaml:"artifacts"`
		Args      []string `yaml:"args"`
	} `yaml:"signs"`
	Checksum struct {
		Algorithm string `yaml:"algorithm"`
	} `yaml:"checksum"`
}

// A content is a file of a package.
type content struct {
	Src string `yaml:"src"`
	Dst string `yaml:"dst"`
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
			checkThere(t, file.Src)
		}
	}
	for _, flags := range append(b.Ldflags, readFile(t, "Makefile")) {
		checkStamped(t, flags)
	}
}

// checkThere makes sure that a file of the repository exists; those of dist-files are
// made by scripts/completions.sh when they are needed.
func checkThere(t *testing.T, file string) {
	t.Helper()
	if strings.HasPrefix(file, "dist-files/") {
		return
	}
	if found, err := filepath.Glob(filepath.Join("..", "..", file)); err != nil || len(found) == 0 {
		t.Errorf("a release holds %s, which does not exist: %v", file, err)
	}
}

// TestReleasePackages: packages, image, cask, contents list and signatures are in the
// configuration, and the package that CI installs has the same files.
func TestReleasePackages(t *testing.T) {
	var c releaseConfig
	readYAML(t, ".goreleaser.yaml", &c)
	if len(c.Packages) != 1 || len(c.Images) != 1 || len(c.Casks) != 1 || len(c.SBOMs) == 0 || len(c.Signs) == 0 {
		t.Fatalf("%d packages, %d images, %d casks, %d lists of contents, %d signatures", len(c.Packages), len(c.Images), len(c.Casks), len(c.SBOMs), len(c.Signs))
	}
	p := c.Packages[0]
	for _, format := range []string{"deb", "rpm", "apk"} {
		if !slices.Contains(p.Formats, format) {
			t.Errorf("there is no package of format %s", format)
		}
	}
	var checked struct {
		Description string    `yaml:"description"`
		License     string    `yaml:"license"`
		Contents    []content `yaml:"contents"`
	}
	readYAML(t, "scripts/nfpm.yaml", &checked)
	binary := content{"dist-files/monitorctl-linux-amd64", "/usr/bin/monitorctl"} // goreleaser adds it by itself
	if want := append([]content{binary}, p.Contents...); !slices.Equal(checked.Contents, want) || checked.License != p.License || checked.Description != p.Description {
		t.Errorf("scripts/nfpm.yaml is another package than .goreleaser.yaml's:\n%v\n%v", checked.Contents, want)
	}
	for _, file := range checked.Contents {
		checkThere(t, file.Src)
	}
	if !slices.Equal(c.Images[0].Platforms, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("the image is for %v", c.Images[0].Platforms)
	}
	if docker := readFile(t, c.Images[0].Dockerfile); !strings.Contains(docker, "\nUSER nonroot\n") || !strings.Contains(docker, ":nonroot\n") {
		t.Error("the image runs as root")
	}
}

// TestWorkflows: what a workflow uses is pinned by commit, it has no rights but those that
// a job asks for, and no job takes longer than an hour.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", ".github", "workflows", "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflow: %v", err)
	}
	pinned := regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40}$`)
	for _, file := range files {
		var w struct {
			Permissions map[string]string `yaml:"permissions"`
			Jobs        map[string]struct {
				Permissions map[string]string `yaml:"permissions"`
				Timeout     int               `yaml:"timeout-minutes"`
				Steps       []struct {
					Uses string `yaml:"uses"`
				} `yaml:"steps"`
			} `yaml:"jobs"`
		}
		name := filepath.Base(file)
		readYAML(t, ".github/workflows/"+name, &w)
		if w.Permissions == nil || len(w.Permissions) > 0 {
			t.Errorf("%s: every job has the rights %v; give each its own", name, w.Permissions)
		}
		for id, job := range w.Jobs {
			if job.Permissions == nil || job.Timeout < 1 || job.Timeout > 60 {
				t.Errorf("%s: job %s has the rights %v and %d minutes", name, id, job.Permissions, job.Timeout)
			}
			for _, step := range job.Steps {
				if step.Uses != "" && !pinned.MatchString(step.Uses) {
					t.Errorf("%s: %s is not pinned by its commit", name, step.Uses)
				}
			}
		}
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
