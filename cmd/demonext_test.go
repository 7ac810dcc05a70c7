package cmd

import (
	"bytes"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// A step of the demo fits a screen of 40 lines, and the last one names commands that exist.
func TestDemoFitsTheScreen(t *testing.T) {
	for _, cloud := range []string{"aws", "azure"} {
		var out, errs bytes.Buffer
		if code := Main([]string{"demo", "--cloud", cloud, "--no-color"}, strings.NewReader(""), &out, &errs, nil); code != exit.Done {
			t.Fatalf("%s: exit code %d: %s", cloud, code, errs.String())
		}
		steps := strings.Split(out.String(), "\n== ")
		for _, step := range steps {
			if lines := strings.Count(step, "\n"); lines > 40 {
				t.Errorf("%s: a step of %d lines:\n%s", cloud, lines, step)
			}
		}
		last := steps[len(steps)-1]
		if !strings.HasPrefix(last, "What to try next\n") {
			t.Fatalf("%s: it ends with %s", cloud, last)
		}
		root := newRoot(testEnv(nil, nil))
		for _, line := range strings.Split(strings.TrimSpace(last), "\n")[2:] {
			words := strings.Fields(line)
			c, _, err := root.Find(words[1:])
			if err != nil || c == root {
				t.Errorf("%s: %q is no command: %v", cloud, line, err)
				continue
			}
			for _, word := range words {
				if name, ok := strings.CutPrefix(word, "--"); ok && c.Flags().Lookup(name) == nil {
					t.Errorf("%s: %s has no flag --%s", cloud, c.CommandPath(), name)
				}
			}
		}
	}
}
