package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// aFleet is a report on so many accounts with the findings of every status, of one that
// could not be read, and of one that was skipped.
func aFleet(t *testing.T, accounts int, end FleetEnd) *Fleet {
	t.Helper()
	r := everyStatus()
	var findings []finding.Finding
	for _, f := range r.Findings {
		if f.Account == "111122223333" {
			findings = append(findings, f)
		}
	}
	header := FleetHeader{
		Report: finding.Report{Benchmark: r.Benchmark, Controls: r.Controls, GeneratedAt: r.GeneratedAt, Checked: r.Checked}, Organization: "o-fleet00001", Management: "100000000000",
		Trails: []FleetTrail{{"org-trail", "100000000000", "ct", "200000000000", "eu-central-1"}},
	}
	var b bytes.Buffer
	w, err := NewFleetWriter(&b, header, Options{})
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	must(err)
	class := &FleetClass{Number: 7, Account: finding.AccountRef{ID: "111122223333", Home: "eu-central-1"}, Findings: findings, Regions: []string{"eu-central-1"}}
	for i := range accounts { // backwards: the order of the spool is that of the run
		id := fmt.Sprintf("3%011d", accounts-i)
		must(w.Put(FleetAccount{ID: id, Name: "=name " + id, OUPath: "o-fleet00001/r-0001/ou-1/", State: "ACTIVE", Basis: "covered", Tags: map[string]string{"team": "a"}}, class))
	}
	unread := finding.Finding{Account: "400000000000", Control: findings[0].Control, Severity: findings[0].Severity, Status: finding.Unknown, ID: "x", Title: "t", Remediation: "do",
		Reasons: []finding.Reason{{Code: "account-unreadable", Status: finding.Unknown, Link: finding.LinkTrail, Message: "the account could not be read", Call: &finding.Call{Operation: "sts:AssumeRole", Code: "AccessDenied"}}}}
	must(w.Put(FleetAccount{ID: "400000000000", State: "ACTIVE", Unreadable: "sts:AssumeRole: AccessDenied"},
		&FleetClass{Number: 3, Account: finding.AccountRef{ID: "400000000000"}, Findings: []finding.Finding{unread}}))
	must(w.Put(FleetAccount{ID: "500000000000", State: "SUSPENDED", Skipped: "suspended"}, nil))
	must(w.End(end))
	f, err := OpenFleet(bytes.NewReader(b.Bytes()), int64(b.Len()), header)
	must(err)
	return f
}

func writeFleet(t *testing.T, f *Fleet, format string) []byte {
	t.Helper()
	form, ok := FindFleet(format)
	if !ok {
		t.Fatalf("no format %s", format)
	}
	var b bytes.Buffer
	if err := form.Write(&b, f, withCatalog()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFleetSchemas holds JSON and lines against what is published, with nothing unknown in
// them, and reads the JSON back.
func TestFleetSchemas(t *testing.T) {
	f := aFleet(t, 3, FleetEnd{Complete: true, Listed: 5})
	schemas := compileSchemas(t, true)
	text := writeFleet(t, f, "json")
	validate(t, schemas["audit"], text)
	kinds := map[string]int{}
	for _, line := range bytes.Split(bytes.TrimSpace(writeFleet(t, f, "jsonl")), []byte("\n")) {
		validate(t, schemas["fleet-lines"], line)
		kind, _, _ := strings.Cut(string(line), ":")
		kinds[kind]++
	}
	if want := map[string]int{`{"schema"`: 1, `{"class"`: 2, `{"account"`: 5, `{"end"`: 1}; !cmp.Equal(kinds, want) {
		t.Errorf("lines %v, want %v", kinds, want)
	}
	back, err := ReadJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := FleetExpanded(&b, f, withCatalog()); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, line := range bytes.Split(bytes.TrimSpace(b.Bytes()), []byte("\n")) {
		validate(t, schemas["audit-lines"], line)
		var x struct{ Finding *jsonFinding }
		if err := json.Unmarshal(line, &x); err != nil {
			t.Fatal(err)
		}
		if x.Finding == nil {
			continue
		}
		if got := back.Findings[n]; got.ID != x.Finding.ID || got.Account != x.Finding.Account || got.ID != finding.HashID(got.Account, got.Control) && got.Account[0] == '3' {
			t.Errorf("finding %d: %s of %s in JSON, %s of %s in lines", n, got.ID, got.Account, x.Finding.ID, x.Finding.Account)
		}
		n++
	}
	if n != len(back.Findings) {
		t.Errorf("%d findings in lines, %d in JSON", n, len(back.Findings))
	}
	if strings.Contains(string(text), "111122223333") {
		t.Error("the id of the account whose findings stand for the class is left in those of others")
	}
}

// TestFleetForeignFormats holds SARIF, ASFF, OCSF and CSV in their limits.
func TestFleetForeignFormats(t *testing.T) {
	f := aFleet(t, 150, FleetEnd{Complete: true, Listed: 152})
	text := writeFleet(t, f, "sarif")
	if err := validateSARIF(text); err != nil {
		t.Error(err)
	}
	var log sarifLog
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	most := 0
	for _, r := range log.Runs[0].Results {
		most = max(most, len(r.Locations))
	}
	if n := len(log.Runs[0].Results); most != 100 || n > 12 {
		t.Errorf("%d results with up to %d locations", n, most)
	}

	var requests []asffRequest
	if err := json.Unmarshal(writeFleet(t, f, "asff"), &requests); err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		if len(r.Findings) > 100 || slices.ContainsFunc(r.Findings, func(x asffFinding) bool { return x.AccountID != r.Findings[0].AccountID }) {
			t.Errorf("a request of %d findings", len(r.Findings))
		}
	}
	if got := requests[0].Findings[0].Fields; got["monitorctl/ouPath"] != "o-fleet00001/r-0001/ou-1/" || got["monitorctl/accountTags"] != "team=a" {
		t.Errorf("fields %v", got)
	}

	table := readOCSFTable(t)
	for i, event := range ocsfEvents(t, writeFleet(t, f, "ocsf")) {
		if bad := table.complaints(table.Root, fmt.Sprintf("event %d", i), event); len(bad) > 0 {
			t.Fatal(bad)
		}
	}

	rows, err := csv.NewReader(bytes.NewReader(writeFleet(t, f, "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	last := rows[len(rows)-1]
	if len(rows[0]) != len(csvColumns)+len(fleetCSVColumns) || last[1] != "400000000000" || last[len(csvColumns)+4] != "unreadable" {
		t.Errorf("columns %v, last row %v", rows[0], last)
	}
	if name := rows[1][2]; !strings.HasPrefix(name, "'=") {
		t.Errorf("a name that is a formula: %q", name)
	}
}

// TestFleetTable reads the table as a person does: complete, cut off, in a narrow terminal.
func TestFleetTable(t *testing.T) {
	f := aFleet(t, 1204, FleetEnd{Complete: false, Why: "interrupted", Listed: 4987})
	for _, width := range []int{0, 60, 160} {
		var b bytes.Buffer
		if err := fleetTable(&b, f, Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(b.String()), " ")
		for _, want := range []string{
			"Incomplete: 1,205 of 4,986 accounts checked: interrupted.", "Organization o-fleet00001 · 1,205 accounts: 1,204 checked, 1 unreadable; 1 skipped (1 suspended)",
			"carries 1,204 accounts", "the way in",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("width %d: the table lacks %q:\n%s", width, want, b.String())
			}
		}
	}
}
