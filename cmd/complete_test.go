package cmd

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestCompletionOffers holds what a shell is told behind a flag: its values, files where it
// takes one, and otherwise nothing, rather than whatever files are in the folder.
func TestCompletionOffers(t *testing.T) {
	const noFiles, files = ":4", ":0"
	l := newCmdLab(t)
	for line, want := range map[string]struct {
		has       string
		directive string
	}{
		"audit --fail-on ":      {"critical", noFiles},
		"destroy --set ":        {"core", noFiles},
		"audit --benchmark ":    {"cis-azure-6.0.0", noFiles},
		"version --output ":     {"json", noFiles},
		"audit --external-id ":  {"", noFiles},
		"audit --snapshot ":     {"", files},
		"plan --save ":          {"", files},
		"undo ":                 {"", files},
		"channels --message s":  {"security-group-changes", noFiles},
		"subscribers --config ": {"", files},
		"audit security-gr":     {"security-group-changes", noFiles},
	} {
		words := strings.Split(line, " ")
		out := l.want(exit.Done, append([]string{"__complete"}, words...)...).out
		lines := strings.Split(strings.TrimSpace(out), "\n")
		offered := strings.Join(lines[:len(lines)-1], "\n")
		if lines[len(lines)-1] != want.directive || !strings.Contains(offered, want.has) || want.has == "" && offered != "" {
			t.Errorf("%q: %q, want %+v", line, out, want)
		}
	}
}
