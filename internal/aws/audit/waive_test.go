package audit

import (
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/google/go-cmp/cmp"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestWaive(t *testing.T) {
	waiver := func(control, account, expires string) finding.Waiver {
		return finding.Waiver{Control: control, Account: account, Reason: "moving", Owner: "platform", Expires: day(expires)}
	}
	tests := []struct {
		name    string
		status  finding.Status
		waivers []finding.Waiver
		want    finding.Status
		was     finding.Status // "" without a waiver
		codes   []finding.Code
	}{
		{name: "none", status: finding.Fail, want: finding.Fail, codes: []finding.Code{CodeNoFilter}},
		{name: "failing", status: finding.Fail, waivers: []finding.Waiver{waiver("c", "1", "2026-06-30")}, want: finding.Waived, was: finding.Fail, codes: []finding.Code{CodeNoFilter}},
		{name: "warning", status: finding.Warn, waivers: []finding.Waiver{waiver("c", "1", "2026-06-30")}, want: finding.Waived, was: finding.Warn, codes: []finding.Code{CodeNoFilter}},
		{name: "unknown", status: finding.Unknown, waivers: []finding.Waiver{waiver("c", "", "2026-06-30")}, want: finding.Waived, was: finding.Unknown, codes: []finding.Code{CodeNoFilter}},
		{name: "passing needs none", status: finding.Pass, waivers: []finding.Waiver{waiver("c", "1", "2026-06-30")}, want: finding.Pass, codes: []finding.Code{CodeNoFilter}},
		{name: "not applicable needs none", status: finding.NotApplicable, waivers: []finding.Waiver{waiver("c", "1", "2026-01-01")}, want: finding.NotApplicable, codes: []finding.Code{CodeNoFilter}},
		{name: "another control", status: finding.Fail, waivers: []finding.Waiver{waiver("d", "1", "2026-06-30")}, want: finding.Fail, codes: []finding.Code{CodeNoFilter}},
		{name: "another account", status: finding.Fail, waivers: []finding.Waiver{waiver("c", "2", "2026-06-30")}, want: finding.Fail, codes: []finding.Code{CodeNoFilter}},
		{name: "on its last day", status: finding.Fail, waivers: []finding.Waiver{waiver("c", "1", "2026-03-01")}, want: finding.Waived, was: finding.Fail, codes: []finding.Code{CodeNoFilter}},
		{name: "over", status: finding.Fail, waivers: []finding.Waiver{waiver("c", "1", "2026-02-28")}, want: finding.Fail, codes: []finding.Code{CodeNoFilter, CodeWaiverExpired}},
		{name: "over on a pass", status: finding.Pass, waivers: []finding.Waiver{waiver("c", "1", "2026-02-28")}, want: finding.Warn, codes: []finding.Code{CodeNoFilter, CodeWaiverExpired}},
		{name: "one over, one that holds", status: finding.Fail, waivers: []finding.Waiver{waiver("c", "1", "2026-02-28"), waiver("c", "", "2026-06-30")}, want: finding.Waived, was: finding.Fail, codes: []finding.Code{CodeNoFilter}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Now: time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC), Waivers: tt.waivers}
			in := finding.Finding{Control: "c", Account: "1", Status: tt.status, Reasons: []finding.Reason{{Code: CodeNoFilter}}}
			got := finding.Waive(in, o.Waivers, o.Now)
			var was finding.Status
			if got.Waiver != nil {
				was = got.Waiver.Was
			}
			var codes []finding.Code
			for _, r := range got.Reasons {
				codes = append(codes, r.Code)
			}
			if got.Status != tt.want || was != tt.was || !cmp.Equal(codes, tt.codes) {
				t.Errorf("Waive(%s) = %s, was %q, codes %v; want %s, %q, %v", tt.status, got.Status, was, codes, tt.want, tt.was, tt.codes)
			}
			if (got.Status == finding.Waived) != (got.Waiver != nil) {
				t.Errorf("status %s with waiver %v", got.Status, got.Waiver)
			}
		})
	}
}
