package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// manyCauses is a fleet in which each of so many accounts has an alarm of its own that is
// wrong, with a name that a reader's markup must not see.
func manyCauses(t *testing.T, accounts int) *Fleet {
	t.Helper()
	var members []member
	for i := range accounts {
		id := fmt.Sprintf("3%011d", i+1)
		members = append(members, member{FleetAccount{ID: id, Name: "<b>|@all`" + id, OUPath: "o-fleet00001/r-0001/ou-1/", State: "ACTIVE", Tags: map[string]string{"team": "a"}},
			[]finding.Finding{judgedAs(id, "nacl-changes", catalog.Medium, fmt.Sprintf("arn:aws:cloudwatch:eu-central-1:%s:alarm:own-%d", id, i))}})
	}
	return fleetOf(t, members)
}

// TestFleetForPeople holds the formats of CI systems in their limits, and says in each what
// was left out and that a run is not complete.
func TestFleetForPeople(t *testing.T) {
	f := manyCauses(t, 300)
	f.Complete, f.Why, f.Listed = false, "interrupted", 400
	text := string(writeFleet(t, f, "markdown"))
	if len(text) > 65536 || !strings.Contains(text, "Incomplete: 300 of 400 accounts checked") || !strings.Contains(text, "and 250 more causes") || !strings.Contains(text, "and 250 more: ") {
		t.Errorf("markdown of %d bytes:\n%.1500s", len(text), text)
	}
	if n := strings.Count(text, " <b>|@all`3"); n != 50 || strings.Count(text, "<b>") != n || !strings.Contains(text, "- ``300000000001 <b>|@all`300000000001``: 1 failed") {
		_, line, _ := strings.Cut(text, "<details>")
		t.Errorf("a name stands outside of a code span:\n%.300s", line)
	}
	if !strings.Contains(text, "| 50 | FAIL |") || strings.Contains(text, "| 51 | FAIL |") {
		t.Errorf("there are not fifty causes:\n%.3000s", text)
	}

	github := string(writeFleet(t, f, "github"))
	if first, _, _ := strings.Cut(github, "\n"); !strings.HasPrefix(first, "::error title=monitorctl%3A not complete::Incomplete: 300 of 400") || strings.Count(github, "::error") != 10 || strings.Count(github, "\n") != 11 ||
		!strings.Contains(github, "::error title=monitorctl%3A 292 more::GitHub shows only 10 annotations of each kind.") || strings.Count(github, "%0AFAIL: nacl-changes in 1 account") != 200 || !strings.Contains(github, "%0Aand 92 more") {
		t.Errorf("github:\n%.500s", github)
	}

	var issues []gitlabIssue
	if err := json.Unmarshal(writeFleet(t, f, "gitlab"), &issues); err != nil {
		t.Fatal(err)
	}
	prints := map[string]bool{}
	for _, x := range issues {
		prints[x.Fingerprint] = true
	}
	if len(issues) != 301 || len(prints) != 301 || issues[0].CheckName != "incomplete" || issues[1].Severity != "major" || issues[1].Location.Path != "aws/organization/nacl-changes" && !strings.HasPrefix(issues[1].Location.Path, "aws/3") {
		t.Errorf("%d issues, %d fingerprints, %+v", len(issues), len(prints), issues[:2])
	}

	var suites junitReport
	if err := xml.Unmarshal(writeFleet(t, f, "junit"), &suites); err != nil {
		t.Fatal(err)
	}
	if suites.Errors != 1 || suites.Failures != 300 || suites.Tests != 301 || suites.Suites[0].Cases[0].Error == nil {
		t.Errorf("junit: %+v, %+v", suites.junitCounts, suites.Suites[0])
	}
}

// TestFleetRowsNameTheAccount looks for id, name, unit and tags in every row, of accounts
// that could not be read, too.
func TestFleetRowsNameTheAccount(t *testing.T) {
	id := "400000000000"
	unread := finding.Finding{Account: id, Control: "nacl-changes", Severity: catalog.Medium, Status: finding.Unknown, ID: finding.HashID(id, "nacl-changes"), Title: "t", Remediation: "do",
		Reasons: []finding.Reason{{Code: "account-unreadable", Status: finding.Unknown, Link: finding.LinkTrail, Message: "the account could not be read", Call: &finding.Call{Operation: "sts:AssumeRole", Code: "AccessDenied"}}}}
	f := fleetOf(t, []member{
		{FleetAccount{ID: "300000000001", Name: "read", OUPath: "o-1/r-1/ou-1/", State: "ACTIVE", Tags: map[string]string{"team": "a"}}, []finding.Finding{judgedAs("300000000001", "nacl-changes", catalog.Medium, "")}},
		{FleetAccount{ID: id, Name: "unread", OUPath: "o-1/r-1/ou-2/", State: "ACTIVE", Tags: map[string]string{"team": "b"}, Unreadable: "sts:AssumeRole: AccessDenied"}, []finding.Finding{unread}},
	})
	rows, err := csv.NewReader(bytes.NewReader(writeFleet(t, f, "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var requests []asffRequest
	if err := json.Unmarshal(writeFleet(t, f, "asff"), &requests); err != nil {
		t.Fatal(err)
	}
	events := ocsfEvents(t, writeFleet(t, f, "ocsf"))
	for i, want := range []struct{ id, name, unit, tags string }{{"300000000001", "read", "ou-1", "team=a"}, {id, "unread", "ou-2", "team=b"}} {
		row := strings.Join(rows[i+1], "\n")
		asff, _ := json.Marshal(requests[i].Findings[0])
		ocsf, _ := json.Marshal(events[i])
		for format, text := range map[string]string{"csv": row, "asff": string(asff), "ocsf": strings.ReplaceAll(string(ocsf), `"team":"`, `"team=`)} {
			for _, part := range []string{want.id, want.name, want.unit, want.tags} {
				if !strings.Contains(text, part) {
					t.Errorf("%s of account %s lacks %q:\n%s", format, want.id, part, text)
				}
			}
		}
	}
}

// TestFleetASFFFiles writes files of at most 100 findings on one account each.
func TestFleetASFFFiles(t *testing.T) {
	var list []finding.Finding
	for i := range 230 {
		list = append(list, judgedAs("300000000001", fmt.Sprintf("control-%d", i), catalog.Low, ""))
	}
	f := fleetOf(t, []member{{FleetAccount{ID: "300000000001", State: "ACTIVE"}, list}, {FleetAccount{ID: "300000000002", State: "ACTIVE"}, []finding.Finding{judgedAs("300000000002", "nacl-changes", catalog.Low, "")}}})
	got := map[string]int{}
	err := FleetASFFFiles(f, Options{}, func(name string, write func(io.Writer) error) error {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return err
		}
		var request asffRequest
		err := json.Unmarshal(b.Bytes(), &request)
		got[name] = len(request.Findings)
		return err
	})
	if err != nil || fmt.Sprint(got) != "map[300000000001-1.json:100 300000000001-2.json:100 300000000001-3.json:30 300000000002-1.json:1]" {
		t.Errorf("%v, %v", got, err)
	}
}
