package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// outputOf runs a format.
func outputOf(t *testing.T, format func(io.Writer, finding.Report, Options) error, r finding.Report, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := format(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func withCatalog() Options { return Options{Version: "1.2.3", Controls: someControls()} }

func TestSARIFGolden(t *testing.T) {
	golden(t, "audit.sarif", outputOf(t, SARIF, everyStatus(), withCatalog()))
}

// TestSARIFIsValid asks the library, which holds the report to the schema of
// the standard, and demands that every member of ours is one that it knows.
func TestSARIFIsValid(t *testing.T) {
	for name, r := range map[string]finding.Report{"every status": everyStatus(), "hostile": hostile(), "empty": {}} {
		t.Run(name, func(t *testing.T) {
			text := outputOf(t, SARIF, r, withCatalog())
			dec := json.NewDecoder(bytes.NewReader(text))
			dec.DisallowUnknownFields()
			var closed sarif.Report
			if err := dec.Decode(&closed); err != nil {
				t.Error(err)
			}
			if err := validateSARIF(text); err != nil {
				t.Error(err)
			}
		})
	}
}

// validateSARIF holds text to the schema that the library embeds.
func validateSARIF(text []byte) error {
	read, err := sarif.FromBytes(text)
	if err != nil {
		return err
	}
	for _, run := range read.Runs {
		// The library validates what it would write, and writes an absent list as
		// an empty one; only this one must not be empty.
		run.NewlineSequences = sarif.NewRun().NewlineSequences
	}
	return read.Validate()
}

// TestSARIFValidationBites makes sure that the library refuses what is wrong.
func TestSARIFValidationBites(t *testing.T) {
	text := string(outputOf(t, SARIF, everyStatus(), withCatalog()))
	for _, change := range [][2]string{
		{`"level": "error"`, `"level": "fatal"`},
		{`"kind": "fail"`, `"kind": "failed"`},
		{`"kind": "external"`, `"kind": "waiver"`},
		{`"version": "2.1.0"`, `"version": "2.0.0"`},
	} {
		broken := strings.Replace(text, change[0], change[1], 1)
		if broken == text {
			t.Fatalf("the report has no %s", change[0])
		}
		if validateSARIF([]byte(broken)) == nil {
			t.Errorf("with %s instead of %s the report is still valid", change[1], change[0])
		}
	}
}

// TestSARIFMeetsGitHub holds the report to what GitHub's documentation calls
// required, and to its limits ("SARIF support for code scanning", sections
// "Supported properties" and "File compatibility"; "The empty string is not
// supported for required properties").
func TestSARIFMeetsGitHub(t *testing.T) {
	plain := everyStatus()
	shipped := everyStatus()
	shipped.Controls = nil
	for _, c := range shippedControls(t) {
		shipped.Controls = append(shipped.Controls, c.ID)
	}
	tests := []struct {
		name string
		r    finding.Report
		o    Options
	}{
		{"no catalog", plain, Options{}},
		{"the shipped catalog", shipped, Options{Version: "1.2.3", Controls: shippedControls(t)}},
		{"a configuration", plain, Options{Config: &ConfigFile{Path: "ci/monitorctl.yaml", SHA256: digest}}},
		{"hostile", hostile(), Options{}},
		{"enormous", enormous(), Options{}},
		{"many", many(6000), Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, complaint := range githubComplaints(outputOf(t, SARIF, tt.r, tt.o)) {
				t.Error(complaint)
			}
		})
	}
}

// enormous is a report in which every text is as long as nobody expects.
func enormous() finding.Report {
	long := strings.Repeat("😀 long ", 60_000)
	r := everyStatus()
	f := &r.Findings[1]
	f.Control, f.Title, f.Remediation = "security-group-changes", long, long
	f.Missed = nil
	for i := range 3000 {
		f.Missed = append(f.Missed, finding.MissedEvent{Source: "ec2.amazonaws.com", Event: fmt.Sprintf("Event%d", i), Regions: scope})
		f.Chain = append(f.Chain, link(2, finding.LinkFilter, finding.StateNone, fmt.Sprintf("%s%d", arnFilter, i), long[:900]))
	}
	for i := range f.Reasons {
		f.Reasons[i].Message = long
	}
	f.Narrowed[0].Text, f.Narrowed[0].Example = long, long
	w := *r.Findings[6].Waiver
	w.Reason, w.Owner = long, long
	r.Findings[6].Waiver = &w
	r.Accounts[0].Alias = long
	return r
}

// many is a report with so many findings, of which every tenth fails.
func many(n int) finding.Report {
	r := everyStatus()
	failing := r.Findings[slices.IndexFunc(r.Findings, func(f finding.Finding) bool { return f.Status == finding.Fail })]
	r.Findings = nil
	for i := range n {
		f := failing
		f.Account = fmt.Sprintf("%012d", i)
		f.ID = finding.HashID(f.Account, f.Control)
		if i%10 != 0 {
			f.Status = finding.Warn
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

// TestSARIFKeepsTheGravest: what has no room is counted, and is no failure while a warning
// has room.
func TestSARIFKeepsTheGravest(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal(outputOf(t, SARIF, many(6000), Options{}), &log); err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{}
	for _, result := range log.Runs[0].Results {
		levels[result.Level]++
	}
	if left := log.Runs[0].Properties.Left; left != 1000 || levels["error"] != 600 || levels["note"] != 4400 {
		t.Errorf("%d are left out, %v are kept", left, levels)
	}
	packed, err := packedSize(log)
	if err != nil || packed > sarifPacked {
		t.Fatalf("%d bytes packed: %v", packed, err)
	}
	smaller, err := log.fit(1000, packed/2)
	if err != nil {
		t.Fatal(err)
	}
	n := len(smaller.Runs[0].Results)
	if again, err := packedSize(smaller); err != nil || again > packed/2 || n == 0 || smaller.Runs[0].Properties.Left != 6000-n {
		t.Errorf("%d results of %d bytes, and %d left out: %v", n, again, smaller.Runs[0].Properties.Left, err)
	}
}

// githubComplaints returns what GitHub would refuse, drop or show wrong.
func githubComplaints(text []byte) []string {
	var log sarifLog
	if err := json.Unmarshal(text, &log); err != nil {
		return []string{err.Error()}
	}
	var out []string
	demand := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	between := func(what, s string, limit int) {
		n := len(utf16.Encode([]rune(s)))
		demand(strings.TrimSpace(s) != "" && n <= limit, "%s has %d characters; from 1 to %d are allowed", what, n, limit)
	}
	demand(log.Schema != "" && log.Version == "2.1.0" && len(log.Runs) == 1, "schema %q, version %q, %d runs", log.Schema, log.Version, len(log.Runs))
	for _, run := range log.Runs {
		between("tool.driver.name", run.Tool.Driver.Name, 255)
		demand(len(run.Results) <= 5_000 && len(run.Tool.Driver.Rules) <= 25_000, "too many results or rules")
		ids := map[string]bool{}
		for _, rule := range run.Tool.Driver.Rules {
			demand(!ids[rule.ID], "two rules have the id %q", rule.ID)
			ids[rule.ID] = true
			between("rule.id", rule.ID, 255)
			between("rule.name", rule.Name, 255)
			between("shortDescription", rule.ShortDescription.Text, 1024)
			between("fullDescription", rule.FullDescription.Text, 1024)
			demand(rule.Help.Text != "" && rule.Help.Markdown != "", "rule %s has no help", rule.ID)
			demand(slices.Contains([]string{"note", "warning", "error"}, rule.DefaultConfiguration.Level), "level %q", rule.DefaultConfiguration.Level)
			demand(slices.Contains(rule.Properties.Tags, "security"), "rule %s lacks the tag security", rule.ID)
			demand(len(rule.Properties.Tags) <= 10, "rule %s has %d tags, 10 are shown", rule.ID, len(rule.Properties.Tags))
		}
		marks := map[string]bool{}
		for _, result := range run.Results {
			in := result.RuleIndex >= 0 && result.RuleIndex < len(run.Tool.Driver.Rules)
			demand(in && run.Tool.Driver.Rules[result.RuleIndex].ID == result.RuleID, "rule %q is not at index %d", result.RuleID, result.RuleIndex)
			demand(slices.Contains([]string{"note", "warning", "error"}, result.Level), "level %q", result.Level)
			demand(strings.TrimSpace(result.Message.Text) != "", "no message")
			mark := result.PartialFingerprints["primaryLocationLineHash"]
			demand(mark != "" && !marks[mark], "fingerprint %q is empty or used twice", mark)
			marks[mark] = true
			demand(len(result.Locations) == 1, "%d locations; only the first is used", len(result.Locations))
			for _, l := range result.Locations {
				uri, at := l.PhysicalLocation.ArtifactLocation.URI, l.PhysicalLocation.Region
				demand(uri != "" && !strings.HasPrefix(uri, "/") && !strings.Contains(uri, ":") && !strings.Contains(uri, ".."), "location %q is no path in a repository", uri)
				demand(at.StartLine > 0 && at.StartColumn > 0 && at.EndLine >= at.StartLine && at.EndColumn > at.StartColumn, "region %+v", at)
				demand(len(l.LogicalLocations) <= 100, "%d logical locations", len(l.LogicalLocations))
			}
		}
	}
	return out
}

// TestSARIFSeverities goes through GitHub's table: over 9.0 is critical, 7.0 to
// 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low.
func TestSARIFSeverities(t *testing.T) {
	band := func(score string) string {
		var v float64
		if _, err := fmt.Sscanf(score, "%f", &v); err != nil {
			t.Fatal(err)
		}
		switch {
		case v > 9.0 && v <= 10:
			return "critical"
		case v >= 7.0:
			return "high"
		case v >= 4.0:
			return "medium"
		case v > 0:
			return "low"
		}
		return ""
	}
	for s := catalog.Low; s <= catalog.Critical; s++ {
		if got := band(securitySeverity(s)); got != s.String() {
			t.Errorf("GitHub reads %s as %s, want %s", securitySeverity(s), got, s)
		}
	}
}

// TestSARIFLocations: the configuration file where the repository has it.
func TestSARIFLocations(t *testing.T) {
	tests := []struct{ name, config, want string }{
		{"none", "", "aws/111122223333/security-group-changes"},
		{"in the repository", "./ci/monitorctl.yaml", "ci/monitorctl.yaml"},
		{"a blank and a percent sign", "my conf%.yaml", "my%20conf%25.yaml"},
		{"above it", "../monitorctl.yaml", "aws/111122223333/security-group-changes"},
		{"absolute", "/etc/monitorctl.yaml", "aws/111122223333/security-group-changes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var o Options
			if tt.config != "" {
				o.Config = &ConfigFile{Path: tt.config}
			}
			if got := sarifURI(gapInFilter(), o); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestSARIFCategory: reports on different accounts do not replace each other.
func TestSARIFCategory(t *testing.T) {
	if got := sarifCategory(fourControls()); got != "monitorctl/111122223333/" {
		t.Errorf("one account: %s", got)
	}
	if got := sarifCategory(everyStatus()); got != "monitorctl/" {
		t.Errorf("two accounts: %s", got)
	}
}

// TestSARIFPlain: no name becomes a link.
func TestSARIFPlain(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", `a \x1b [b]`, `a \x1b [b]`},
		{"a link", "[pay](https://example.com)", `\[pay\](https://example.com)`},
		{"escaped by the attacker", `\[pay\](x)`, `\\\[pay\\\](x)`},
	}
	for _, tt := range tests {
		if got := sarifPlain(tt.in); got != tt.want {
			t.Errorf("%s: sarifPlain(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestTruncate(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"", 3, ""},
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"äöüß", 3, "äö…"},
		{"😀😀", 4, "😀😀"},
		{"😀😀", 3, "😀…"},
		{"😀😀", 2, "…"},
		{"a😀", 2, "a…"},
	}
	for _, tt := range tests {
		got := truncate(tt.in, tt.limit)
		if got != tt.want || len(utf16.Encode([]rune(got))) > tt.limit {
			t.Errorf("truncate(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

// TestSARIFBaseline: what the baseline knows is unchanged, all else new.
func TestSARIFBaseline(t *testing.T) {
	o := Options{Baseline: &Baseline{Path: "old.json", Standing: diff.Standing{Known: map[string]bool{gapInFilter().ID: true}}}}
	text := outputOf(t, SARIF, fourControls(), o)
	if err := validateSARIF(text); err != nil {
		t.Error(err)
	}
	var log sarifLog
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, result := range log.Runs[0].Results {
		got[result.RuleID] = result.BaselineState
	}
	want := map[string]string{"network-gateway-changes": "new", "security-group-changes": "unchanged", "guardduty-changes": "new"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestSARIFLevels: what counts as a failure in this run is an error.
func TestSARIFLevels(t *testing.T) {
	tests := []struct {
		status finding.Status
		strict bool
		want   string
	}{
		{finding.Fail, false, "error"},
		{finding.Warn, false, "note"},
		{finding.Warn, true, "error"},
		{finding.Unknown, false, "warning"},
		{finding.Unknown, true, "warning"},
	}
	for _, tt := range tests {
		if got := sarifLevel(tt.status, Options{Strict: tt.strict}); got != tt.want {
			t.Errorf("%s, strict %t: %s, want %s", tt.status, tt.strict, got, tt.want)
		}
	}
}
