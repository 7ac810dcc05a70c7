package report

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lintScript runs the linter of .ci/run over a script, and returns what it has to say.
func lintScript(t *testing.T, script string) string {
	t.Helper()
	linter := os.Getenv("MONITORCTL_TEST_OXLINT")
	if linter == "" {
		if os.Getenv("MONITORCTL_REQUIRE_JSLINT") != "" {
			t.Fatal("MONITORCTL_REQUIRE_JSLINT is set, and MONITORCTL_TEST_OXLINT names no linter")
		}
		t.Skip("MONITORCTL_TEST_OXLINT names no linter of scripts; .ci/run installs one with npm")
	}
	config, err := filepath.Abs("../../scripts/jslint/oxlintrc.json")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "script.js")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(linter, "--config", config, "--format", "unix", file).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if err == nil {
		return ""
	}
	return string(out)
}

// TestScriptsAreLinted lints each script as the pages have it: what stands in one of its files and is
// used by no other is found too.
func TestScriptsAreLinted(t *testing.T) {
	for name, script := range map[string]string{"accounts": pageScript, "fleet": fleetScript} {
		if said := lintScript(t, script); said != "" {
			t.Errorf("%s:\n%s", name, said)
		}
	}
	for script, want := range map[string]string{
		"nowhere();":                  "no-undef",
		"(() => { const x = 1; })();": "no-unused-vars",
		"eval(location.hash);":        "no-eval",
	} {
		if said := lintScript(t, script); !strings.Contains(said, want) {
			t.Errorf("of %s the linter says %q, want %s", script, said, want)
		}
	}
}
