package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A member is an account of a fleet with findings of its own.
type member struct {
	account  FleetAccount
	findings []finding.Finding
}

// fleetOf is a report on these accounts.
func fleetOf(t *testing.T, members []member) *Fleet {
	t.Helper()
	r := everyStatus()
	h := FleetHeader{
		Report:       finding.Report{Benchmark: r.Benchmark, Controls: []string{"nacl-changes", "vpc-changes"}, GeneratedAt: r.GeneratedAt, Checked: catalog.Checked{Set: "cis", Benchmark: r.Benchmark, Numbered: 2, Total: 15}},
		Organization: "o-fleet00001", Management: "100000000000", Trails: []FleetTrail{{"org-trail", "100000000000", "ct", "200000000000", "eu-central-1"}},
	}
	var b bytes.Buffer
	w, err := NewFleetWriter(&b, h, Options{})
	for i, m := range members {
		if err == nil {
			err = w.Put(m.account, &FleetClass{Number: i + 1, Account: finding.AccountRef{ID: m.account.ID, Home: "eu-central-1"}, Findings: m.findings, Regions: []string{"eu-central-1"}})
		}
	}
	if err == nil {
		err = w.End(FleetEnd{Complete: true, Listed: len(members)})
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := OpenFleet(bytes.NewReader(b.Bytes()), int64(b.Len()), h)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// judgedAs is a finding on an account: it passes, or fails for one resource.
func judgedAs(account, control string, severity catalog.Severity, resource string) finding.Finding {
	f := finding.Finding{ID: finding.HashID(account, control), Account: account, Control: control, Title: control, Severity: severity, Status: finding.Pass,
		Chain: []finding.Link{{Kind: finding.LinkTrail, Resource: "arn:aws:cloudtrail:eu-central-1:100000000000:trail/org-trail", State: finding.StateOK}}}
	if resource != "" {
		f.Status, f.Remediation = finding.Fail, "do it"
		f.Reasons = []finding.Reason{{Code: "alarm-threshold", Status: finding.Fail, Link: finding.LinkAlarm, Resource: resource, Message: "its threshold is too high: " + resource}}
	}
	return f
}

// aFailingFleet has 30 accounts in three units: in each of the first 25 an alarm of its own
// is wrong, and in all of the last unit the shared one, too.
func aFailingFleet(t *testing.T) *Fleet {
	t.Helper()
	var members []member
	for i := range 30 {
		id := fmt.Sprintf("3%011d", i+1)
		a := FleetAccount{ID: id, Name: fmt.Sprintf("dev-%d", i+1), OUPath: fmt.Sprintf("o-fleet00001/r-0001/ou-0001-%d/", i/10), State: "ACTIVE"}
		own, shared := "", ""
		if i < 25 {
			own = "arn:aws:cloudwatch:eu-central-1:" + id + ":alarm:own-" + fmt.Sprint(i)
		}
		if i >= 20 {
			shared = "arn:aws:cloudwatch:eu-central-1:200000000000:alarm:shared"
		}
		members = append(members, member{a, []finding.Finding{judgedAs(id, "nacl-changes", catalog.Medium, own), judgedAs(id, "vpc-changes", catalog.High, shared)}})
	}
	return fleetOf(t, members)
}

// TestFleetTableCuts names the worst first, and never cuts anything without saying how much.
func TestFleetTableCuts(t *testing.T) {
	f := aFailingFleet(t)
	for _, tt := range []struct {
		name  string
		o     Options
		named int    // accounts with gaps of their own
		more  string // of causes
	}{
		{"terminal", Options{Width: 120}, 10, "and 16 more"},
		{"file", Options{}, 25, ""},
		{"worst", Options{Width: 120, Worst: 3}, 3, "and 23 more"},
		{"worst in a pipe", Options{Worst: 24}, 24, "and 2 more"},
		{"verbose", Options{Width: 120, Verbose: true}, 25, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := fleetTable(&b, f, tt.o); err != nil {
				t.Fatal(err)
			}
			_, gaps, ok := strings.Cut(b.String(), "ACCOUNTS WITH GAPS OF THEIR OWN (25 of 30)\n")
			if n := strings.Count(gaps, ": 1 failed"); !ok || n != tt.named {
				t.Errorf("%d accounts are named:\n%s", n, b.String())
			}
			if more := strings.Contains(b.String(), "more: --worst N"); more != (tt.more != "") || !strings.Contains(b.String(), tt.more) || !strings.Contains(b.String(), "CAUSES (26)") {
				t.Errorf("it does not say %q:\n%s", tt.more, b.String())
			}
			if tt.more != "" && !strings.Contains(gaps, fmt.Sprintf("and %d more: --worst N shows N, -o table=FILE lists all", 25-tt.named)) {
				t.Errorf("it does not say how many accounts are cut:\n%s", gaps)
			}
			if high, medium := strings.Index(b.String(), "vpc-changes"), strings.Index(b.String(), "nacl-changes"); high > medium {
				t.Error("rows are not sorted by severity")
			}
			if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), "1 FAIL 10 1 200000000000 its threshold") {
				t.Errorf("the shared cause is not the first:\n%s", b.String())
			}
			if head := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(head, "CIS AWS Foundations 3.0.0, set cis (2 controls)") || !strings.Contains(head, "carries 30 accounts") {
				t.Errorf("head:\n%s", b.String())
			}
		})
	}
}

// TestFleetTableBy sums up by one thing.
func TestFleetTableBy(t *testing.T) {
	f := aFailingFleet(t)
	f.Accounts[0].OUNames = "/Sandbox/\x1b[31mred"
	for by, want := range map[string][]string{
		"ou":      {"ou-0001-2 5 - 15 - - - 10 of 10 accounts", "ou-0001-1 10 - 10 - - - 10 of 10 accounts", `/Sandbox/\x1b[31mred 1 - 1`},
		"account": {"300000000021 - - 2 - - - dev-21 · ou-0001-2", "and 20 more"},
		"control": {"vpc-changes - 20 - 10", "nacl-changes - 5 - 25"},
		"cause":   {"1 FAIL 10 1 200000000000", "and 16 more"},
	} {
		var b bytes.Buffer
		if err := fleetTable(&b, f, Options{Width: 120, By: by}); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(b.String()), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("by %s: it lacks %q:\n%s", by, w, b.String())
			}
		}
		if parts := strings.Count(text, "CONTROL CIS") + strings.Count(text, "CAUSES (") + strings.Count(text, "ACCOUNTS WITH OWN"); parts > 1 {
			t.Errorf("by %s: other parts are there, too:\n%s", by, b.String())
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Errorf("by %s: a name reaches the terminal raw", by)
		}
	}
}
