package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// The hook that pre-commit reads runs a command that exists, on the files that
// the command reads, and its exit code stops a commit.
func TestPreCommitHook(t *testing.T) {
	data, err := os.ReadFile("../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct{ ID, Name, Description, Entry, Language, Files string }
	if err := yaml.UnmarshalWithOptions(data, &hooks, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if len(hooks) != 2 || hooks[0].ID != "monitorctl-pattern-lint" || hooks[0].Language != "golang" || hooks[1].ID != "monitorctl-pattern-lint-system" || hooks[1].Language != "system" {
		t.Fatalf("got %+v", hooks)
	}
	for _, h := range hooks {
		if h.Name == "" || h.Description == "" || h.Entry != hooks[0].Entry || h.Files != hooks[0].Files {
			t.Errorf("got %+v", h)
		}
	}
	files := regexp.MustCompile(hooks[0].Files)
	for name, want := range map[string]bool{
		"main.tf": true, "a/b.tf.json": true, "t.yaml": true, "t.yml": true, "t.json": true, "a.tfvars": true, "README.md": true, "deploy.sh": true, "main.go": false, "tf": false,
	} {
		if files.MatchString(name) != want {
			t.Errorf("%s: %t, want %t", name, !want, want)
		}
	}
	entry := strings.Fields(hooks[0].Entry)
	if entry[0] != "monitorctl" {
		t.Fatalf("entry %q", hooks[0].Entry)
	}
	for content, want := range map[string]int{"ERROR": exit.Done, "{ $.a == 1 }": exit.ControlsFailed} {
		path := filepath.Join(t.TempDir(), "main.tf")
		text := "resource \"aws_cloudwatch_log_metric_filter\" \"x\" {\n  pattern = \"" + content + "\"\n}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		if got := Main(append(slices.Clone(entry[1:]), path), strings.NewReader(""), &out, &errs, nil); got != want {
			t.Errorf("%s: exit code %d, want %d\n%s%s", content, got, want, &out, &errs)
		}
	}
}
