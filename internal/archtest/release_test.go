package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"golang.org/x/mod/zip"
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
		Time    string   `yaml:"mod_timestamp"`
	} `yaml:"builds"`
	Archives []struct {
		Formats   []string `yaml:"formats"`
		Name      string   `yaml:"name_template"`
		Overrides []struct {
			Goos    string   `yaml:"goos"`
			Formats []string `yaml:"formats"`
		} `yaml:"format_overrides"`
		Files []content `yaml:"files"`
	} `yaml:"archives"`
	Packages []struct {
		Formats     []string  `yaml:"formats"`
		Contents    []content `yaml:"contents"`
		Description string    `yaml:"description"`
		License     string    `yaml:"license"`
		Maintainer  string    `yaml:"maintainer"`
		Homepage    string    `yaml:"homepage"`
	} `yaml:"nfpms"`
	Images []struct {
		Dockerfile string   `yaml:"dockerfile"`
		Images     []string `yaml:"images"`
		Tags       []string `yaml:"tags"`
		Platforms  []string `yaml:"platforms"`
	} `yaml:"dockers_v2"`
	Casks []struct {
		Name        string            `yaml:"name"`
		Homepage    string            `yaml:"homepage"`
		Description string            `yaml:"description"`
		Skip        string            `yaml:"skip_upload"`
		Completions map[string]string `yaml:"completions"`
	} `yaml:"homebrew_casks"`
	SBOMs []struct {
		Artifacts string `yaml:"artifacts"`
	} `yaml:"sboms"`
	Signs      []signature `yaml:"signs"`
	ImageSigns []signature `yaml:"docker_signs"`
	Checksum   struct {
		Name      string `yaml:"name_template"`
		Algorithm string `yaml:"algorithm"`
	} `yaml:"checksum"`
	Release struct {
		Draft bool `yaml:"draft"`
	} `yaml:"release"`
}

// A signature is made by a command for artifacts.
type signature struct {
	Artifacts string   `yaml:"artifacts"`
	Command   string   `yaml:"cmd"`
	Args      []string `yaml:"args"`
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
	if b.Time != "{{ .CommitTimestamp }}" {
		t.Errorf("files of a release have the time %q", b.Time)
	}
	for _, flags := range append(b.Ldflags, readFile(t, "Makefile")) {
		checkStamped(t, flags)
	}
}

// TestSameBuild: the command of docs/install.md builds as a release does, with the same
// flags and stamps in the same order.
func TestSameBuild(t *testing.T) {
	var c releaseConfig
	readYAML(t, ".goreleaser.yaml", &c)
	b := c.Builds[0]
	var flags []string
	for _, f := range b.Flags {
		f, _, _ = strings.Cut(f, " #")
		flags = append(flags, f)
	}
	stamps := strings.NewReplacer("{{ .Version }}", "VERSION", "{{ .FullCommit }}", "COMMIT", "{{ .CommitDate }}", "DATE").Replace(strings.Join(b.Ldflags, " "))
	want := strings.Join(b.Env, " ") + " go build " + strings.Join(flags, " ") + ` -ldflags "` + stamps + `" .`
	if !strings.Contains(readFile(t, "docs/install.md"), want) {
		t.Errorf("docs/install.md does not build with\n%s", want)
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

// TestReleaseArchives: an archive has the completions and the man pages, and the name by
// which the action and the template for GitLab download it.
func TestReleaseArchives(t *testing.T) {
	var c releaseConfig
	readYAML(t, ".goreleaser.yaml", &c)
	if len(c.Archives) != 1 {
		t.Fatalf("%d kinds of archives", len(c.Archives))
	}
	a := c.Archives[0]
	if !slices.Equal(a.Formats, []string{"tar.gz"}) || len(a.Overrides) != 1 || a.Overrides[0].Goos != "windows" || !slices.Equal(a.Overrides[0].Formats, []string{"zip"}) {
		t.Errorf("formats %v, %v", a.Formats, a.Overrides)
	}
	var have []string
	for _, file := range a.Files {
		checkThere(t, file.Src)
		have = append(have, file.Src)
	}
	for _, want := range []string{"LICENSE", "docs/man/*", "dist-files/completions/*"} {
		if !slices.Contains(have, want) {
			t.Errorf("archives lack %s: %v", want, have)
		}
	}
	if a.Name != "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}" || c.Checksum.Name != "checksums.txt" {
		t.Errorf("names %q, %q", a.Name, c.Checksum.Name)
	}
	for file, name := range map[string]string{
		"scripts/action/get.sh": `archive="monitorctl_${tag#v}_${os}_${arch}.$ending"`,
		"docs/ci/gitlab.yml":    `archive="monitorctl_${RELEASE#v}_linux_amd64.tar.gz"`,
	} {
		if !strings.Contains(readFile(t, file), name) {
			t.Errorf("%s downloads another archive than %s", file, name)
		}
	}
	if !strings.Contains(readFile(t, "scripts/completions.sh"), "for shell in bash zsh fish powershell; do") {
		t.Error("completions of a shell are missing")
	}
}

// TestReleasePackages: deb, rpm, apk and the cask are in the configuration, and the package
// that CI installs has the same files.
func TestReleasePackages(t *testing.T) {
	var c releaseConfig
	readYAML(t, ".goreleaser.yaml", &c)
	if len(c.Packages) != 1 || len(c.Casks) != 1 {
		t.Fatalf("%d packages, %d casks", len(c.Packages), len(c.Casks))
	}
	p := c.Packages[0]
	if !slices.Equal(p.Formats, []string{"deb", "rpm", "apk"}) || p.Maintainer == "" || p.Homepage == "" {
		t.Errorf("packages of the formats %v, maintainer %q, homepage %q", p.Formats, p.Maintainer, p.Homepage)
	}
	var checked struct {
		Description string    `yaml:"description"`
		License     string    `yaml:"license"`
		Contents    []content `yaml:"contents"`
	}
	readYAML(t, "scripts/nfpm.yaml", &checked)
	binary := content{Src: "dist-files/monitorctl-linux-amd64", Dst: "/usr/bin/monitorctl"} // goreleaser adds it by itself
	if want := append([]content{binary}, p.Contents...); !slices.Equal(checked.Contents, want) || checked.License != p.License || checked.Description != p.Description {
		t.Errorf("scripts/nfpm.yaml is another package than .goreleaser.yaml's:\n%v\n%v", checked.Contents, want)
	}
	for _, file := range checked.Contents {
		checkThere(t, file.Src)
	}
	cask := c.Casks[0]
	if cask.Name != "monitorctl" || cask.Homepage != p.Homepage || cask.Description != p.Description || cask.Skip != "true" {
		t.Errorf("cask %+v", cask)
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if want := "completions/monitorctl." + shell; cask.Completions[shell] != want {
			t.Errorf("the cask completes %s by %q, want %s", shell, cask.Completions[shell], want)
		}
	}
}

// TestReleaseImage: nothing but the program in an image without a shell, and no root.
func TestReleaseImage(t *testing.T) {
	var c releaseConfig
	readYAML(t, ".goreleaser.yaml", &c)
	if len(c.Images) != 1 {
		t.Fatalf("%d images", len(c.Images))
	}
	i := c.Images[0]
	if !slices.Equal(i.Platforms, []string{"linux/amd64", "linux/arm64"}) || !slices.Equal(i.Images, []string{"ghcr.io/" + strings.TrimPrefix(module, "github.com/")}) {
		t.Errorf("images %v for %v", i.Images, i.Platforms)
	}
	if !slices.Equal(i.Tags, []string{"{{ .Version }}", "{{ if not .Prerelease }}latest{{ end }}"}) {
		t.Errorf("tags %v: a version before the release must not become the latest", i.Tags)
	}
	var instructions []string
	for line := range strings.Lines(readFile(t, i.Dockerfile)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			instructions = append(instructions, line)
		}
	}
	want := []string{
		"FROM gcr.io/distroless/static-debian12:nonroot", "ARG TARGETPLATFORM", "COPY $TARGETPLATFORM/monitorctl /usr/bin/monitorctl",
		"USER nonroot", `ENTRYPOINT ["/usr/bin/monitorctl"]`,
	}
	if !slices.Equal(instructions, want) {
		t.Errorf("the image is made by\n%s", strings.Join(instructions, "\n"))
	}
}

// TestReleaseTrust: checksums, a list of contents for each archive, signatures without keys
// of the checksums and of the image by its digest, and a draft that someone publishes.
func TestReleaseTrust(t *testing.T) {
	var c releaseConfig
	readYAML(t, ".goreleaser.yaml", &c)
	if len(c.SBOMs) != 1 || c.SBOMs[0].Artifacts != "archive" || !c.Release.Draft {
		t.Errorf("lists of contents %+v, draft %v", c.SBOMs, c.Release.Draft)
	}
	blob := []signature{{"checksum", "cosign", []string{"sign-blob", "--bundle=${signature}", "--yes", "${artifact}"}}}
	image := []signature{{"manifests", "cosign", []string{"sign", "--yes", "${artifact}@${digest}"}}}
	if !reflect.DeepEqual(c.Signs, blob) || !reflect.DeepEqual(c.ImageSigns, image) {
		t.Errorf("signatures %+v, %+v; want %+v, %+v", c.Signs, c.ImageSigns, blob, image)
	}
}

// TestReleaseWorkflow: the workflow of releases runs for tags alone, has the rights that a
// draft, an image, signatures and a provenance need, and attests what the checksums name.
func TestReleaseWorkflow(t *testing.T) {
	var w struct {
		On   map[string]map[string][]string `yaml:"on"`
		Jobs map[string]struct {
			Permissions map[string]string `yaml:"permissions"`
			Steps       []struct {
				Uses string         `yaml:"uses"`
				With map[string]any `yaml:"with"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	readYAML(t, ".github/workflows/release.yml", &w)
	if len(w.On) != 1 || len(w.On["push"]) != 1 || len(w.On["push"]["tags"]) != 1 || len(w.Jobs) != 1 {
		t.Fatalf("it runs on %v, %d jobs", w.On, len(w.Jobs))
	}
	job := w.Jobs["release"]
	if want := map[string]string{"contents": "write", "packages": "write", "id-token": "write", "attestations": "write"}; !maps.Equal(job.Permissions, want) {
		t.Errorf("the job has the rights %v", job.Permissions)
	}
	with := map[string]map[string]any{}
	var order []string
	for _, s := range job.Steps {
		name, _, _ := strings.Cut(s.Uses, "@")
		with[name], order = s.With, append(order, name)
	}
	if with["actions/checkout"]["persist-credentials"] != false || with["actions/setup-go"]["cache"] != false {
		t.Error("the token stays in the checkout, or a cache of another run is used")
	}
	pin := regexp.MustCompile(`(?m)^require github\.com/goreleaser/goreleaser/v2 (\S+)$`).FindStringSubmatch(readFile(t, "scripts/goreleaser/go.mod"))
	if pin == nil || with["goreleaser/goreleaser-action"]["version"] != pin[1] {
		t.Errorf("goreleaser is %v, and CI reads its configuration as %v", with["goreleaser/goreleaser-action"]["version"], pin)
	}
	if with["actions/attest-build-provenance"]["subject-checksums"] != "dist/checksums.txt" {
		t.Error("there is no provenance of what the checksums name")
	}
	build := slices.Index(order, "goreleaser/goreleaser-action")
	for _, tool := range []string{"sigstore/cosign-installer", "anchore/sbom-action/download-syft", "docker/login-action"} {
		if i := slices.Index(order, tool); i < 0 || i > build {
			t.Errorf("%s does not run before the release is made: %v", tool, order)
		}
	}
}

// TestGoInstall: "go install MODULE@latest" of the README works: the program is the package
// at the root of the module, no directive stands in the way, and a module's archive takes
// every file of the tree.
func TestGoInstall(t *testing.T) {
	if !strings.Contains(readFile(t, "README.md"), "\n    go install "+module+"@latest\n") {
		t.Error("the README does not say how to install it")
	}
	mod := readFile(t, "go.mod")
	if !strings.HasPrefix(mod, "module "+module+"\n") || regexp.MustCompile(`(?m)^(replace|exclude)\b`).MatchString(mod) {
		t.Error("go install refuses a module of another path, and one that replaces others")
	}
	if !strings.Contains(readFile(t, "main.go"), "\npackage main\n") {
		t.Error("there is no program at the root")
	}
	files, err := zip.CheckDir(filepath.Join("..", ".."))
	if err != nil || files.Err() != nil || len(files.Valid) < 1000 {
		t.Errorf("%d files in a module's archive: %v, %v", len(files.Valid), err, files.Err())
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
	named := regexp.MustCompile(`uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+\n`)
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
		if text := readFile(t, ".github/workflows/"+name); strings.Count(text, "uses: ") != len(named.FindAllString(text, -1)) || regexp.MustCompile(`run:.*\$\{\{`).MatchString(text) {
			t.Errorf("%s: a pin does not say its version, or a script has an expression", name)
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
