package archtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// An action is the part of action.yml that this test knows.
type action struct {
	Inputs map[string]struct {
		Description, Default string
	} `yaml:"inputs"`
	Runs struct {
		Using string `yaml:"using"`
		Steps []struct {
			Name, Uses, Shell, Run, If string
			Env                        map[string]string
		} `yaml:"steps"`
	} `yaml:"runs"`
}

// TestAction reads the GitHub action: expressions stay out of its scripts, where an input
// could be run as a command, other actions are pinned, and inputs are explained and used.
func TestAction(t *testing.T) {
	var a action
	readYAML(t, "action.yml", &a)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Fatalf("using %q, %d steps", a.Runs.Using, len(a.Runs.Steps))
	}
	text := readFile(t, "action.yml")
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %s: an expression in a script is run as a part of it: pass it in env", s.Name)
		}
		if s.Uses != "" && !regexp.MustCompile(`@[0-9a-f]{40}$`).MatchString(s.Uses) {
			t.Errorf("%s is not pinned by a commit", s.Uses)
		}
	}
	for name, in := range a.Inputs {
		if in.Description == "" || in.Default == "" && !strings.Contains(in.Description, "Empty: ") {
			t.Errorf("input %s: description %q, default %q", name, in.Description, in.Default)
		}
		if !strings.Contains(text, "${{ inputs."+name+" }}") {
			t.Errorf("input %s is not used", name)
		}
	}
}

// script runs a script of the action in a directory with the tools that files stand for,
// and returns its exit code, its output, and what it says to the next steps.
func script(t *testing.T, dir, name string, env ...string) (code int, out, said string) {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("the scripts of the action are for bash, which is not here")
	}
	output := filepath.Join(dir, "output")
	if err := os.WriteFile(output, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(bash, filepath.Join("..", "..", "scripts", "action", name))
	c.Env = append([]string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "GITHUB_OUTPUT=" + output}, env...)
	all, err := c.CombinedOutput()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), string(all), string(text)
}

// tool writes a shell script that stands for a program.
func tool(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// TestActionRuns runs the last script with a monitorctl that prints its arguments.
func TestActionRuns(t *testing.T) {
	var a action
	readYAML(t, "action.yml", &a)
	names := a.Runs.Steps[len(a.Runs.Steps)-1].Env
	tests := []struct {
		inputs map[string]string
		want   string
	}{
		{nil, "<audit><--output=table><--output=github><--output=sarif=monitorctl.sarif><--output=markdown=SUMMARY>"},
		{map[string]string{"set": "cis", "config": "a b.yaml", "regions": "eu-central-1,us-east-1", "role": "arn:aws:iam::111122223333:role/audit", "fail-on": "high", "baseline": "main.json", "sarif": "", "summary": "false"},
			"<audit><--set=cis><--config=a b.yaml><--region=eu-central-1,us-east-1><--role-arn=arn:aws:iam::111122223333:role/audit><--fail-on=high><--baseline=main.json><--output=table><--output=github>"},
		{map[string]string{"command": "pattern\nlint", "args": "--\n$(echo no) `x` *; ls\n"}, "<pattern><lint><--><$(echo no) `x` *; ls>"},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		tool(t, dir, "monitorctl", "for a in \"$@\"; do printf '<%s>' \"$a\"; done\nexit 3\n")
		env := []string{"GITHUB_STEP_SUMMARY=SUMMARY"}
		for variable, expression := range names {
			input := strings.TrimSuffix(strings.TrimPrefix(expression, "${{ inputs."), " }}")
			value, ok := tt.inputs[input]
			if !ok {
				value = a.Inputs[input].Default
			}
			env = append(env, variable+"="+value)
		}
		if code, out, said := script(t, dir, "run.sh", env...); code != 3 || out != tt.want || said != "exit-code=3\n" {
			t.Errorf("%v: exit code %d, it says %q, arguments\n%s, want\n%s", tt.inputs, code, said, out, tt.want)
		}
	}
}

// release writes an archive with a program, and a gh that downloads it and knows its
// provenance if asked to.
func release(t *testing.T, dir string, provenance bool) (sum string) {
	t.Helper()
	var archive bytes.Buffer
	zip := gzip.NewWriter(&archive)
	files := tar.NewWriter(zip)
	program := "the program"
	for _, err := range []error{
		files.WriteHeader(&tar.Header{Name: "monitorctl", Mode: 0o755, Size: int64(len(program))}),
		func() error { _, err := files.Write([]byte(program)); return err }(),
		files.Close(), zip.Close(),
		os.Mkdir(filepath.Join(dir, "release"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	digest := sha256.Sum256(archive.Bytes())
	sum = hex.EncodeToString(digest[:])
	const name = "monitorctl_1.2.3_linux_amd64.tar.gz"
	for file, text := range map[string]string{name: archive.String(), "checksums.txt": sum + "  " + name + "\n" + sum + "x  " + name + ".sbom.json\n"} {
		if err := os.WriteFile(filepath.Join(dir, "release", file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	knows := map[bool]string{true: "exit 0", false: "exit 1"}[provenance]
	tool(t, dir, "gh", `case "$1 $2" in
"release download") [ "$3" = v1.2.3 ] || exit 1; cp "`+dir+`"/release/* "`+dir+`/monitorctl-release/" ;;
"attestation verify") `+knows+` ;;
*) exit 9 ;;
esac
`)
	return sum
}

// TestActionGets takes the release of the action's tag, of the version that is asked for,
// or none; and never one that is not what was published.
func TestActionGets(t *testing.T) {
	tests := []struct {
		name                 string
		ref, version, sha256 string // sha256 "right" is that of the archive
		provenance           bool
		code                 int
		said, out            string
	}{
		{"the action's tag", "v1.2.3", "", "", true, 0, "found=true\n", ""},
		{"a version", "main", "v1.2.3", "", true, 0, "found=true\n", ""},
		{"pinned", "v1.2.3", "", "right", false, 0, "found=true\n", ""},
		{"a branch", "main", "", "", true, 0, "found=false\n", ""},
		{"a commit", "3d3c42e5aac5ba805825da76410c181273ba90b1", "", "", true, 0, "found=false\n", ""},
		{"a tag without release", "v9.9.9", "", "", true, 0, "found=false\n", "built from the sources"},
		{"a version without release", "v1.2.3", "v9.9.9", "", true, 1, "", "release v9.9.9 has no monitorctl_9.9.9_linux_amd64.tar.gz"},
		{"no version", "v1.2.3", "latest", "", true, 1, "", "version latest: a tag of a release"},
		{"another archive than pinned", "v1.2.3", "", strings.Repeat("0", 64), true, 1, "", "is expected"},
		{"no provenance", "v1.2.3", "", "", false, 1, "", "has no provenance"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if sum := release(t, dir, tt.provenance); tt.sha256 == "right" {
				tt.sha256 = sum
			}
			code, out, said := script(t, dir, "get.sh", "REF="+tt.ref, "VERSION="+tt.version, "SHA256="+tt.sha256, "RUNNER_OS=Linux", "RUNNER_ARCH=X64")
			if code != tt.code || said != tt.said || !strings.Contains(out, tt.out) {
				t.Errorf("exit code %d, said %q, printed %s", code, said, out)
			}
			got, err := os.ReadFile(filepath.Join(dir, "monitorctl"))
			if there := err == nil && string(got) == "the program"; there != (tt.said == "found=true\n") {
				t.Errorf("the program is there: %v", there)
			}
		})
	}
}
