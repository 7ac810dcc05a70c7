package report

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/audit"
)

func TestColumns(t *testing.T) {
	const ok, gap, none, unknown = audit.StateOK, audit.StateGap, audit.StateNone, audit.StateUnknown
	good := func(depth int, kinds ...audit.LinkKind) []audit.Link {
		var list []audit.Link
		for i, k := range kinds {
			list = append(list, link(depth+i, k, ok, string(k), ""))
		}
		return list
	}
	tail := good(2, audit.LinkFilter, audit.LinkMetric, audit.LinkAlarm, audit.LinkAction, audit.LinkTopic, audit.LinkSubscription)
	tests := []struct {
		name  string
		f     audit.Finding
		want  [colCount]audit.LinkState
		chain []audit.Link
	}{
		{
			name: "no chain",
			want: [colCount]audit.LinkState{"", "", "", ""},
		},
		{
			name:  "all good",
			chain: append(trailAndGroup(), tail...),
			want:  [colCount]audit.LinkState{ok, ok, ok, ok},
		},
		{
			name: "the worse of trail and log group",
			chain: []audit.Link{
				link(0, audit.LinkTrail, ok, "t", ""),
				link(1, audit.LinkLogGroup, none, "g", ""),
			},
			want: [colCount]audit.LinkState{none, "", "", ""},
		},
		{
			name: "the better of two trails, whichever comes first",
			chain: append([]audit.Link{link(0, audit.LinkTrail, none, "stopped", "")},
				append(trailAndGroup(), link(2, audit.LinkFilter, none, "", ""))...),
			want: [colCount]audit.LinkState{ok, none, "", ""},
		},
		{
			name: "one branch is shown, not the best of several",
			chain: append(trailAndGroup(),
				link(2, audit.LinkFilter, ok, "a", ""),
				link(3, audit.LinkMetric, ok, "m", ""),
				link(4, audit.LinkAlarm, none, "", ""),
				link(2, audit.LinkFilter, none, "b", ""),
				link(3, audit.LinkMetric, ok, "n", ""),
				link(4, audit.LinkAlarm, ok, "al", ""),
			),
			want: [colCount]audit.LinkState{ok, ok, none, ""},
		},
		{
			name: "the branch that the first reason names",
			f:    audit.Finding{Status: audit.Fail, Reasons: []audit.Reason{{Link: audit.LinkFilter, Resource: "b"}}},
			chain: append(trailAndGroup(),
				link(2, audit.LinkFilter, ok, "a", ""),
				link(3, audit.LinkMetric, ok, "m", ""),
				link(4, audit.LinkAlarm, none, "", ""),
				link(2, audit.LinkFilter, gap, "b", ""),
				link(3, audit.LinkMetric, ok, "n", ""),
				link(4, audit.LinkAlarm, ok, "al", ""),
			),
			want: [colCount]audit.LinkState{ok, gap, ok, ""},
		},
		{
			name: "the best subscriber counts",
			chain: append(append(trailAndGroup(), tail...),
				link(7, audit.LinkSubscription, none, "pending", ""),
			),
			want: [colCount]audit.LinkState{ok, ok, ok, ok},
		},
		{
			name: "a known gap is nearer to working than what was not seen",
			chain: append(trailAndGroup(),
				link(2, audit.LinkFilter, unknown, "a", ""),
				link(2, audit.LinkFilter, gap, "b", ""),
				link(2, audit.LinkFilter, none, "c", ""),
			),
			want: [colCount]audit.LinkState{ok, gap, "", ""},
		},
		{
			name:  "filters that share the work make a whole",
			f:     plainPass(),
			chain: plainPass().Chain,
			want:  [colCount]audit.LinkState{ok, ok, ok, ok},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.f.Chain = tt.chain
			if got := columns(tt.f); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
