package audit

import (
	"testing"
	"time"

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
	waiver := func(control, account, expires string) Waiver {
		return Waiver{Control: control, Account: account, Reason: "moving", Owner: "platform", Expires: day(expires)}
	}
	tests := []struct {
		name    string
		status  Status
		waivers []Waiver
		want    Status
		was     Status // "" without a waiver
		codes   []Code
	}{
		{name: "none", status: Fail, want: Fail, codes: []Code{CodeNoFilter}},
		{name: "failing", status: Fail, waivers: []Waiver{waiver("c", "1", "2026-06-30")}, want: Waived, was: Fail, codes: []Code{CodeNoFilter}},
		{name: "warning", status: Warn, waivers: []Waiver{waiver("c", "1", "2026-06-30")}, want: Waived, was: Warn, codes: []Code{CodeNoFilter}},
		{name: "unknown", status: Unknown, waivers: []Waiver{waiver("c", "", "2026-06-30")}, want: Waived, was: Unknown, codes: []Code{CodeNoFilter}},
		{name: "passing needs none", status: Pass, waivers: []Waiver{waiver("c", "1", "2026-06-30")}, want: Pass, codes: []Code{CodeNoFilter}},
		{name: "not applicable needs none", status: NotApplicable, waivers: []Waiver{waiver("c", "1", "2026-01-01")}, want: NotApplicable, codes: []Code{CodeNoFilter}},
		{name: "another control", status: Fail, waivers: []Waiver{waiver("d", "1", "2026-06-30")}, want: Fail, codes: []Code{CodeNoFilter}},
		{name: "another account", status: Fail, waivers: []Waiver{waiver("c", "2", "2026-06-30")}, want: Fail, codes: []Code{CodeNoFilter}},
		{name: "on its last day", status: Fail, waivers: []Waiver{waiver("c", "1", "2026-03-01")}, want: Waived, was: Fail, codes: []Code{CodeNoFilter}},
		{name: "over", status: Fail, waivers: []Waiver{waiver("c", "1", "2026-02-28")}, want: Fail, codes: []Code{CodeNoFilter, CodeWaiverExpired}},
		{name: "over on a pass", status: Pass, waivers: []Waiver{waiver("c", "1", "2026-02-28")}, want: Warn, codes: []Code{CodeNoFilter, CodeWaiverExpired}},
		{name: "one over, one that holds", status: Fail, waivers: []Waiver{waiver("c", "1", "2026-02-28"), waiver("c", "", "2026-06-30")}, want: Waived, was: Fail, codes: []Code{CodeNoFilter}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Now: time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC), Waivers: tt.waivers}
			in := Finding{Control: "c", Account: "1", Status: tt.status, Reasons: []Reason{{Code: CodeNoFilter}}}
			got := waive(in, o)
			var was Status
			if got.Waiver != nil {
				was = got.Waiver.Was
			}
			var codes []Code
			for _, r := range got.Reasons {
				codes = append(codes, r.Code)
			}
			if got.Status != tt.want || was != tt.was || !cmp.Equal(codes, tt.codes) {
				t.Errorf("waive(%s) = %s, was %q, codes %v; want %s, %q, %v", tt.status, got.Status, was, codes, tt.want, tt.was, tt.codes)
			}
			if (got.Status == Waived) != (got.Waiver != nil) {
				t.Errorf("status %s with waiver %v", got.Status, got.Waiver)
			}
		})
	}
}
