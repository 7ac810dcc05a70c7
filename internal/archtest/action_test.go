package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
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
			Name, Uses, Shell, Run string
			Env                    map[string]string
		} `yaml:"steps"`
	} `yaml:"runs"`
}

// TestAction reads the GitHub action, keeps expressions out of its scripts,
// where an input could be run as a command, and runs the last script with a
// monitorctl that prints its arguments.
func TestAction(t *testing.T) {
	var a action
	readYAML(t, "action.yml", &a)
	steps := a.Runs.Steps
	if a.Runs.Using != "composite" || len(steps) == 0 {
		t.Fatalf("using %q, %d steps", a.Runs.Using, len(steps))
	}
	for _, s := range steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %s: an expression in a script is run as a part of it: pass it in env", s.Name)
		}
	}
	for name, in := range a.Inputs {
		if in.Description == "" || in.Default == "" {
			t.Errorf("input %s: description %q, default %q", name, in.Description, in.Default)
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("the script of the action is for bash, which is not here")
	}
	for args, want := range map[string]string{
		a.Inputs["args"].Default:                  "<audit><-o><table><-o><sarif=monitorctl.sarif>",
		"audit\n--region\n$(echo no) `x` *; ls\n": "<audit><--region><$(echo no) `x` *; ls>",
		"": "",
	} {
		dir := t.TempDir()
		script := "#!/bin/sh\nfor a in \"$@\"; do printf '<%s>' \"$a\"; done\nexit 3\n"
		if err := os.WriteFile(filepath.Join(dir, "monitorctl"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		output := filepath.Join(dir, "output")
		c := exec.Command(bash, "-e", "-c", steps[len(steps)-1].Run)
		c.Env = append(os.Environ(), "ARGS="+args, "RUNNER_TEMP="+dir, "GITHUB_OUTPUT="+output)
		out, err := c.Output()
		if c.ProcessState.ExitCode() != 3 || string(out) != want {
			t.Errorf("args %q: exit code %d (%v), arguments %s, want %s", args, c.ProcessState.ExitCode(), err, out, want)
		}
		if code, err := os.ReadFile(output); err != nil || string(code) != "exit-code=3\n" {
			t.Errorf("output %q, %v", code, err)
		}
	}
}
