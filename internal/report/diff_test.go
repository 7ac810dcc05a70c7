package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// march compares two reports that differ in every way there is.
func march() Comparison {
	old, now := everyStatus(), everyStatus()
	now.GeneratedAt = now.GeneratedAt.AddDate(0, 0, 1)
	pass := func(f finding.Finding) finding.Finding {
		f.Status, f.Reasons, f.Missed, f.Narrowed, f.Remediation = finding.Pass, nil, nil, nil, ""
		return f
	}
	now.Findings[0] = pass(now.Findings[0]) // fixed
	now.Findings[1].Reasons = []finding.Reason{{
		Code: "filter-narrowed", Status: finding.Fail, Link: finding.LinkFilter, Resource: arnFilter + "sg-changes", Message: "CreateSecurityGroup would go unseen when errorCode is present",
	}} // other reasons
	now.Findings[2].Status = finding.Fail // a new failure
	now.Findings[2].Reasons = []finding.Reason{{Code: "alarm-no-action", Status: finding.Fail, Link: finding.LinkAlarm, Resource: arnAlarm + "nacl", Message: "alarm nacl has no alarm action"}}
	now.Findings[4].Status = finding.Unknown // a warning that cannot be seen any more
	now.Findings[4].Reasons = []finding.Reason{{Code: "not-readable", Status: finding.Unknown, Link: finding.LinkTopic, Message: "sns:GetTopicAttributes was denied"}}
	extra := pass(now.Findings[3])
	extra.ID, extra.Control, extra.Title = "dd01", "vpc-changes", "VPC changes reach a person"
	now.Findings = append(now.Findings[:8:8], extra) // the second account is gone
	now.Accounts, now.Controls = now.Accounts[:1], append(now.Controls, "vpc-changes")
	return Compare(Side{"old.json", AuditSchema, old}, Side{"new.json", AuditSchema, now})
}

// same compares a report with itself.
func same() Comparison {
	s := Side{"old.json", AuditSchema, everyStatus()}
	return Compare(s, s)
}

func diffText(t *testing.T, c Comparison, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := DiffText(&b, c, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func diffJSON(b *bytes.Buffer, c Comparison, o Options) error {
	return DiffJSON(b, c, time.Date(2026, 3, 3, 3, 3, 3, 0, time.UTC), o)
}

func TestDiffGolden(t *testing.T) {
	golden(t, "diff.txt", diffText(t, march(), Options{}))
	golden(t, "diff-80.txt", diffText(t, march(), Options{Width: 80}))
	golden(t, "diff-color.txt", diffText(t, march(), Options{Color: true}))
	golden(t, "diff-quiet.txt", diffText(t, march(), Options{Quiet: true}))
	golden(t, "diff-same.txt", diffText(t, same(), Options{}))
	golden(t, "diff.json", written(t, diffJSON, march()))
}

func TestDiffFits(t *testing.T) {
	for width := 60; width < 120; width += 7 {
		for line := range strings.Lines(string(diffText(t, march(), Options{Width: width}))) {
			if w := twwidth.Width(strings.TrimSuffix(line, "\n")); w > width {
				t.Errorf("width %d: a line has %d columns: %q", width, w, line)
			}
		}
	}
}

func TestDiffQuietSaysNothingWhenNothingIsWorse(t *testing.T) {
	if out := diffText(t, same(), Options{Quiet: true}); len(out) > 0 {
		t.Errorf("got %q, want nothing", out)
	}
}

// TestDiffFollowsSchema holds the comparison to its published schema, also with
// every object closed.
func TestDiffFollowsSchema(t *testing.T) {
	for _, closed := range []bool{false, true} {
		schema := compileSchemas(t, closed)["diff"]
		for _, c := range []Comparison{march(), same()} {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(written(t, diffJSON, c)))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Errorf("closed: %t: %v", closed, err)
			}
		}
	}
}

// TestDiffHostileNames compares reports whose names strangers chose.
func TestDiffHostileNames(t *testing.T) {
	lines := func(text string) (int, []byte) {
		now := named(text)
		for i := range now.Findings {
			now.Findings[i].Account = strings.Repeat("9", 12) // nothing is the same
		}
		out := diffText(t, Compare(Side{text, AuditSchema, named(text)}, Side{text, AuditSchema, now}), Options{})
		return bytes.Count(out, []byte("\n")), out
	}
	want, _ := lines(plainName)
	for _, tt := range hostileNames {
		got, out := lines(tt.text)
		checkBytes(t, "diff", out)
		if got != want {
			t.Errorf("%s: %d lines, want %d", tt.name, got, want)
		}
		if !strings.Contains(squeeze(string(out)), squeeze(Sanitize(tt.text))) {
			t.Errorf("%s: it is not shown", tt.name)
		}
	}
}
