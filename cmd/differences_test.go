package cmd

import (
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// On an emulator subscribers are confirmed at once, and mute rules cannot be read: the
// subscriber is what differs, and one line says so for all controls.
func TestDifferences(t *testing.T) {
	pending := finding.Reason{Code: "subscription-pending", Status: finding.Fail, Resource: "topic", Message: "its only subscription is pending"}
	unread := func(alarm string) finding.Reason {
		return finding.Reason{Code: "evidence-missing", Status: finding.Pass, Resource: alarm, Message: "whether alarm " + alarm + " is muted could not be read"}
	}
	gone := finding.Reason{Code: "no-alarm", Status: finding.Fail, Message: "no alarm watches its metric"}
	f := func(id string, s finding.Status, reasons ...finding.Reason) finding.Finding {
		return finding.Finding{Control: id, Status: s, Reasons: reasons}
	}
	var p change.Plan
	p.After.Findings = []finding.Finding{f("a", finding.Fail, pending, unread("x")), f("b", finding.Fail, pending), f("c", finding.Pass), f("d", finding.Pass)}
	var found finding.Report
	found.Findings = []finding.Finding{f("a", finding.Pass, unread("x")), f("b", finding.Pass, unread("y")), f("c", finding.Fail, gone, unread("z")), f("d", finding.Pass, unread("z"))}
	want := []string{
		"a, b: the plan predicted fail, the account now gives pass (no longer: its only subscription is pending)",
		"c: the plan predicted pass, the account now gives fail (no alarm watches its metric)",
	}
	if got := differences(p, found); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	p.Confirmed = &finding.Report{Findings: []finding.Finding{f("a", finding.Pass), f("b", finding.Pass), f("c", finding.Pass), f("d", finding.Pass)}}
	if got := differences(p, found); !slices.Equal(got, want[1:]) {
		t.Errorf("once subscribers have answered: %q", got)
	}
}
