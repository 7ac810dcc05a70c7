package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"
)

func auditGitHub(b *bytes.Buffer, r finding.Report, o Options) error { return GitHub(b, r, o) }

func TestGitHubGolden(t *testing.T) {
	golden(t, "audit.github.txt", written(t, auditGitHub, everyStatus()))
}

// What GitHub would drop in silence is named by the last annotation of its kind.
func TestGitHubCapsAnnotations(t *testing.T) {
	for _, n := range []int{10, 11, 25, 500} {
		r := everyStatus()
		failing := r.Findings[slices.IndexFunc(r.Findings, func(f finding.Finding) bool { return f.Status == finding.Fail })]
		r.Findings = nil
		for i := range n {
			failing.Account = fmt.Sprintf("%012d", i)
			r.Findings = append(r.Findings, failing)
		}
		lines := parseCommands(t, written(t, auditGitHub, r))
		var all strings.Builder
		errors := 0
		for _, l := range lines {
			if l.command == "error" {
				errors++
				all.WriteString(l.properties["title"] + l.data)
			}
			if len(l.data) > 64<<10 {
				t.Errorf("%d findings: an annotation of %d bytes", n, len(l.data))
			}
		}
		if errors != 10 {
			t.Errorf("%d findings: %d errors", n, errors)
		}
		named := strings.Count(all.String(), " in account 0")
		if want := min(n, 9+namedAtMost); named != want {
			t.Errorf("%d findings: %d are named, want %d", n, named, want)
		}
		if left := n - 9 - namedAtMost; left > 0 && !strings.Contains(all.String(), fmt.Sprintf("and %d more", left)) {
			t.Errorf("%d findings: %s", n, all.String()[all.Len()-100:])
		}
	}
}

// A runnerLine is a workflow command as the runner understands it.
type runnerLine struct {
	command    string
	properties map[string]string
	data       string
}

// parseCommand reads a line as GitHub documents it for workflow commands:
// ::name key=value,key=value::data, with %25, %0D, %0A for percent, CR and LF,
// and %3A and %2C for colon and comma in properties.
func parseCommand(line string) (runnerLine, bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "::")
	if !ok {
		return runnerLine{}, false
	}
	head, data, ok := strings.Cut(rest, "::")
	if !ok {
		return runnerLine{}, false
	}
	name, list, _ := strings.Cut(head, " ")
	c := runnerLine{command: name, properties: map[string]string{}, data: unescape(data)}
	for pair := range strings.SplitSeq(list, ",") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			c.properties[strings.TrimSpace(key)] = unescape(strings.NewReplacer("%3A", ":", "%2C", ",").Replace(value))
		}
	}
	return c, true
}

// unescape takes the percent last, so that %250A stays the text %0A.
func unescape(text string) string {
	text = strings.NewReplacer("%0D", "\r", "%0A", "\n").Replace(text)
	return strings.ReplaceAll(text, "%25", "%")
}

func parseCommands(t *testing.T, out []byte) []runnerLine {
	t.Helper()
	var list []runnerLine
	for line := range strings.Lines(string(out)) {
		c, ok := parseCommand(strings.TrimSuffix(line, "\n"))
		if !ok {
			t.Fatalf("the runner would print this line: %q", clip(line))
		}
		list = append(list, c)
	}
	return list
}

func TestGitHubCommands(t *testing.T) {
	show := Options{ShowWaived: true, Baseline: &Baseline{
		Standing: diff.Standing{
			Known: map[string]bool{"0b77de": true},
			Fixed: []finding.Finding{{Account: "111122223333", Control: "vpc-changes"}},
		},
	}}
	tests := []struct {
		name, finding string // start of the title
		o             Options
		command       string // "" for none
		first         string // first line of the message
	}{
		{"fail", "FAIL: guardduty-changes in", Options{}, "error", "no-filter: no metric filter matches any of its 23 events\n"},
		{"warn", "WARN: kms-cmk", Options{}, "warning", "subscriber-machine: only machines subscribe: sqs (arn:"},
		{"warn, counted", "WARN: kms-cmk", Options{Strict: true}, "error", "subscriber-machine: only machines"},
		{"unknown", "UNKNOWN: root-usage (CIS 4.3) in account 111122223333", Options{}, "warning", "not-readable: cloudwatch:DescribeAlarms was denied in eu-central-1 (AccessDenied)"},
		{"pass", "PASS: nacl-changes", Options{}, "", ""},
		{"not applicable", "N/A: organizations", Options{}, "", ""},
		{"waived", "WAIVED: config-changes", Options{}, "", ""},
		{"waived and shown", "WAIVED: config-changes", show, "notice", "waived until 2026-06-30 (cloud-platform), waives everything: Config is not in use until the move to the new landing zone\n"},
		{"known", "FAIL: security-group-changes (CIS 4.10) in account 111122223333", show, "notice", "known: filter-misses-event: DeleteSecurityGroup would go unseen"},
		{"not known in the other account", "FAIL: security-group-changes (CIS 4.10) in account 444455556666", show, "error", "no-trail: no trail records this account\n"},
		{"summary", "monitorctl", show, "notice", "1 passed, 1 passed with a warning, 4 failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := GitHub(&b, everyStatus(), tt.o); err != nil {
				t.Fatal(err)
			}
			var got runnerLine
			for _, c := range parseCommands(t, b.Bytes()) {
				if strings.HasPrefix(c.properties["title"], tt.finding) {
					got = c
				}
			}
			if got.command != tt.command || !strings.HasPrefix(got.data, tt.first) {
				t.Errorf("got %+v, want %s %q", got, tt.command, tt.first)
			}
			if tt.name == "summary" && !strings.Contains(got.data, "\nFixed since the baseline: vpc-changes in account 111122223333.") {
				t.Errorf("what was fixed is not named: %q", got.data)
			}
		})
	}
}

// TestGitHubShowsTheWorstFirst reads the order of the annotations:
// GitHub shows the first ten of a kind.
func TestGitHubShowsTheWorstFirst(t *testing.T) {
	var got []string
	for _, c := range parseCommands(t, written(t, auditGitHub, everyStatus())) {
		if c.command == "error" {
			got = append(got, strings.Fields(c.properties["title"])[1])
		}
	}
	want := "security-group-changes security-group-changes network-gateway-changes guardduty-changes"
	if strings.Join(got, " ") != want {
		t.Errorf("errors for %v, want %s", got, want)
	}
}

// TestWriteCommandRoundTrip gets back what is put in, whatever it holds.
func TestWriteCommandRoundTrip(t *testing.T) {
	for _, tt := range append(hostileNames, struct{ name, text string }{"escapes", "a%0Ab%250Ac%3A%2C\r\n::,="}) {
		var b bytes.Buffer
		if err := WriteCommand(&b, "error", tt.text, "title", tt.text); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n"); n != 1 {
			t.Errorf("%s: %d lines", tt.name, n)
		}
		c, ok := parseCommand(strings.TrimSuffix(b.String(), "\n"))
		if !ok || c.command != "error" || c.data != tt.text || len(c.properties) != 1 || c.properties["title"] != tt.text {
			t.Errorf("%s: %q comes back as %+v", tt.name, clip(tt.text), c)
		}
	}
}

// readCommands is the check of -o github.
func readCommands(t *testing.T, out []byte) (shape, text string) {
	t.Helper()
	for _, c := range parseCommands(t, out) {
		shape += c.command
		for key, value := range c.properties {
			shape += " " + key
			text += value + "\n"
		}
		shape += "\n"
		text += c.data + "\n"
	}
	return shape, text
}
