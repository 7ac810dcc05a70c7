package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

func auditCSV(b *bytes.Buffer, r finding.Report, o Options) error { return CSV(b, r, o) }

func TestCSVGolden(t *testing.T) {
	golden(t, "audit.csv", bytes.ReplaceAll(written(t, auditCSV, everyStatus()), []byte("\r\n"), []byte("\n")))
}

// TestCSVRoundTrip reads the cells back and compares them with the report.
func TestCSVRoundTrip(t *testing.T) {
	r := everyStatus()
	rows := readRows(t, written(t, auditCSV, r))
	if len(rows) != len(r.Findings)+1 {
		t.Fatalf("%d rows for %d findings and a header", len(rows), len(r.Findings))
	}
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	for i, f := range r.Findings {
		row := rows[i+1]
		want := map[string]string{
			"id": f.ID, "account": f.Account, "control": f.Control, "title": f.Title, "severity": f.Severity.String(),
			"benchmark": "cis-3.0.0", "number": f.Number, "status": string(f.Status), "why": f.Why(), "remediation": f.Remediation,
		}
		for name, text := range want {
			if got := column(row, name); got != text {
				t.Errorf("%s, column %s: %q, want %q", f.Control, name, got, text)
			}
		}
	}
	if got := column(rows[2], "missed"); got != "ec2.amazonaws.com DeleteSecurityGroup (eu-west-1, us-east-1)" {
		t.Errorf("missed: %q", got)
	}
	if got := column(rows[7], "waived until") + column(rows[7], "waiver owner"); got != "2026-06-30cloud-platform" {
		t.Errorf("the waiver's cells: %q", got)
	}
}

// TestCell holds the defusing of formulas.
func TestCell(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"text", "cis-alerts", "cis-alerts"},
		{"sign inside", "Sum >= 1 + 2 - 3 @ 4", "Sum >= 1 + 2 - 3 @ 4"},
		{"equals", "=1+1", "'=1+1"},
		{"plus", "+1", "'+1"},
		{"minus", "-1", "'-1"},
		{"at", "@A1", "'@A1"},
		{"tab", "\t=1", `'\t=1`},
		{"carriage return", "\r=1", `'\r=1`},
		{"line break", "\n=1", `'\n=1`},
		{"blanks", "  =1", "'  =1"},
		{"full width", "＝1", "'＝1"},
		{"apostrophe", "'=1", "'=1"},
	}
	for _, tt := range tests {
		if got := cell(tt.in); got != tt.want {
			t.Errorf("%s: cell(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

// readRows reads CSV as RFC 4180 has it, every row with as many fields as the
// first.
func readRows(t *testing.T, out []byte) [][]string {
	t.Helper()
	if bytes.Count(out, []byte("\n")) != bytes.Count(out, []byte("\r\n")) {
		t.Error("a line does not end with CR LF")
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

var formula = regexp.MustCompile(`^[\s\x{a0}]*[=+\-@＝＋－＠\t\r]`)

// readCSV is the check of -o csv.
func readCSV(t *testing.T, out []byte) (shape, text string) {
	t.Helper()
	rows := readRows(t, out)
	var texts strings.Builder
	for _, row := range rows {
		for _, c := range row {
			if formula.MatchString(c) {
				t.Errorf("a cell is a formula: %q", clip(c))
			}
			texts.WriteString(c + "\n")
		}
	}
	return fmt.Sprintf("%d rows of %d cells", len(rows), len(rows[0])), texts.String()
}
