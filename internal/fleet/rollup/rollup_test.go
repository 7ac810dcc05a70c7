package rollup

import (
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

func failing(account, control, resource, message string) finding.Finding {
	return finding.Finding{
		Account: account, Control: control, Severity: catalog.Medium, Status: finding.Fail,
		Reasons: []finding.Reason{{Code: "filter-misses-event", Status: finding.Fail, Link: finding.LinkFilter, Resource: resource, Message: message}},
	}
}

// TestCauses joins what one change fixes, counts accounts once, and keeps apart what stands
// in different places.
func TestCauses(t *testing.T) {
	const shared, owner = "arn:aws:logs:eu-central-1:200000000000:log-group:ct:metric-filter:sg", "200000000000"
	var r Rollup
	r.Add([]finding.Finding{failing("100000000001", "a", shared, "filter sg misses X"), failing("100000000001", "b", shared, "filter sg misses X")},
		[]string{"100000000001", "100000000002", "100000000003"})
	r.Add([]finding.Finding{failing("100000000009", "a", shared, "filter sg misses X"), {Account: "100000000009", Control: "b", Status: finding.Pass}}, []string{"100000000009"})
	own := func(id string) []finding.Finding {
		return []finding.Finding{failing(id, "a", "arn:aws:logs:eu-central-1:"+id+":log-group:ct:metric-filter:sg", "filter sg of "+id+" misses X"), {Account: id, Control: "b", Status: finding.Waived}}
	}
	r.Add(own("100000000004"), []string{"100000000004"})
	r.Add(own("100000000005"), []string{"100000000005"})

	causes := r.Causes()
	if len(causes) != 2 {
		t.Fatalf("%d causes: %+v", len(causes), causes)
	}
	first, second := causes[0], causes[1]
	if first.Accounts != 4 || !slices.Equal(first.Controls, []string{"a", "b"}) || first.Owner != owner || !first.Shared() ||
		!slices.Equal(first.Sample, []string{"100000000001", "100000000002", "100000000003", "100000000009"}) {
		t.Errorf("the shared cause: %+v", first)
	}
	if second.Accounts != 2 || second.Shared() || second.Text != "filter sg of {account} misses X" {
		t.Errorf("the cause in each account: %+v", second)
	}
	rows := r.Rows()
	if rows[0].Counts[finding.Fail] != 6 || rows[0].Most != "filter sg misses X" || rows[1].Counts[finding.Fail] != 3 || rows[1].Counts[finding.Pass] != 1 || rows[1].Counts[finding.Waived] != 2 {
		t.Errorf("rows %+v", rows)
	}
}

// TestLostEvents keeps apart filters of one log group that lack for different events, and says
// of each control why most of its accounts fail, in its own words.
func TestLostEvents(t *testing.T) {
	const group = "arn:aws:logs:eu-central-1:200000000000:log-group:ct"
	lacking := func(control, event, message string) finding.Finding {
		f := failing("100000000001", control, group, message)
		f.Missed = []finding.MissedEvent{{Source: "ec2.amazonaws.com", Event: event}}
		return f
	}
	var r Rollup
	r.Add([]finding.Finding{lacking("a", "CreateVpc", "none of its 11 events"), lacking("b", "DeleteRoute", "none of its 6 events"), lacking("c", "DeleteRoute", "none of its 6 events")}, []string{"100000000001"})
	unread := lacking("a", "", "not read")
	unread.Status, unread.Missed, unread.Reasons[0].Status, unread.Reasons[0].Code = finding.Unknown, nil, finding.Unknown, "account-unreadable"
	r.Add([]finding.Finding{unread}, []string{"100000000002"})
	if causes := r.Causes(); len(causes) != 3 || !slices.Equal(causes[0].Controls, []string{"b", "c"}) && !slices.Equal(causes[1].Controls, []string{"b", "c"}) {
		t.Errorf("%+v", causes)
	}
	rows := r.Rows()
	if rows[0].Most != "none of its 11 events" || rows[1].Most != "none of its 6 events" || rows[2].Most != "none of its 6 events" {
		t.Errorf("%+v", rows)
	}
}

// TestOrder adds the same classes in both orders.
func TestOrder(t *testing.T) {
	a := []finding.Finding{failing("100000000001", "a", "", "one")}
	b := []finding.Finding{failing("100000000002", "a", "", "two")}
	var x, y Rollup
	x.Add(a, []string{"100000000001"})
	x.Add(b, []string{"100000000002"})
	y.Add(b, []string{"100000000002"})
	y.Add(a, []string{"100000000001"})
	if cx, cy := x.Causes(), y.Causes(); len(cx) != 1 || len(cy) != 1 || cx[0].Text != cy[0].Text || !slices.Equal(cx[0].Sample, cy[0].Sample) {
		t.Errorf("%+v and %+v", cx, cy)
	}
}
