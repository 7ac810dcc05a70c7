package report

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
)

// JUnit of many accounts is one document whose counts are those of its cases, with an error
// for a run that is not complete and a skipped case for an account that nobody looked into.
func TestFleetJUnit(t *testing.T) {
	for why, complete := range map[string]bool{"": true, "interrupted": false} {
		f := aFleet(t, 5, FleetEnd{Complete: complete, Why: why, Listed: 9})
		var doc junitReport
		if err := xml.Unmarshal(writeFleet(t, f, "junit"), &doc); err != nil {
			t.Fatal(err)
		}
		var suites, cases junitCounts
		for _, s := range doc.Suites {
			suites.add(s.junitCounts)
			for _, c := range s.Cases {
				cases.add(c.counts())
			}
		}
		if len(doc.Suites) != 7 || doc.junitCounts != cases || suites != cases {
			t.Errorf("%d suites; %+v, of suites %+v, of cases %+v", len(doc.Suites), doc.junitCounts, suites, cases)
		}
		first := doc.Suites[0]
		if (first.Errors == 1) == complete || first.Skipped != 1 || cases.Errors == 0 {
			t.Errorf("complete %t: %+v", complete, first)
		}
	}
}

// GitLab and Markdown of many accounts have an entry for each cause, and say first that a
// run is not complete.
func TestFleetGitLabAndMarkdown(t *testing.T) {
	f := aFleet(t, 5, FleetEnd{Why: "interrupted", Listed: 9})
	var issues []gitlabIssue
	if err := json.Unmarshal(writeFleet(t, f, "gitlab"), &issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, x := range issues {
		if seen[x.Fingerprint] || x.Severity == "" || x.Description == "" {
			t.Errorf("%+v", x)
		}
		seen[x.Fingerprint] = true
	}
	if len(issues) < 3 || issues[0].Severity != "blocker" || !strings.Contains(issues[0].Description, "interrupted") {
		t.Errorf("%+v", issues)
	}
	text := string(writeFleet(t, f, "markdown"))
	for _, want := range []string{"**Incomplete: 6 of 8 accounts judged. interrupted.**", "| Control | CIS | Pass |", "| Cause | Accounts | Controls | Fix in |", "1 skipped ("} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	f.Complete = true
	if text := string(writeFleet(t, f, "markdown")) + string(writeFleet(t, f, "gitlab")); strings.Contains(strings.ToLower(text), "incomplete") {
		t.Error("a complete run is called incomplete")
	}
}
