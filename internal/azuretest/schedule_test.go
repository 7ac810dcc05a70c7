package azuretest

import (
	"encoding/json"
	"testing"
	"time"
)

// TestHoldsNow has the expectations from a calendar: 15 June 2026 is a Monday, and clocks
// in Europe and America are on summer time.
func TestHoldsNow(t *testing.T) {
	monday := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, schedule string
		at             time.Time
		want           bool
	}{
		{"none", `null`, monday, true},
		{"before its end, in UTC", `{"effectiveUntil":"2026-06-15T12:00:01"}`, monday, true},
		{"at its end", `{"effectiveUntil":"2026-06-15T12:00:00","timeZone":"UTC"}`, monday, false},
		{"at its beginning", `{"effectiveFrom":"2026-06-15T12:00:00"}`, monday, true},
		{"13:00 in Berlin is over", `{"effectiveUntil":"2026-06-15T13:00:00","timeZone":"W. Europe Standard Time"}`, monday, false},
		{"14:30 in Berlin is not", `{"effectiveUntil":"2026-06-15T14:30:00","timeZone":"w. europe standard time"}`, monday, true},
		{"05:30 in Los Angeles has not come", `{"effectiveFrom":"2026-06-15T05:30:00","timeZone":"Pacific Standard Time"}`, monday, false},
		{"in winter Berlin is an hour from UTC", `{"effectiveUntil":"2026-12-15T13:30:00","timeZone":"W. Europe Standard Time"}`, time.Date(2026, 12, 15, 12, 0, 0, 0, time.UTC), true},
		{"tomorrow has begun on the Line Islands", `{"effectiveFrom":"2026-06-16T01:00:00","timeZone":"Line Islands Standard Time"}`, monday, true},
		{"yesterday has not ended at the date line", `{"effectiveUntil":"2026-06-15T00:30:00","timeZone":"Dateline Standard Time"}`, monday, true},
		{"daily at noon", `{"recurrences":[{"recurrenceType":"Daily","startTime":"11:00:00","endTime":"13:00:00"}]}`, monday, true},
		{"daily at noon in Tokyo", `{"timeZone":"Tokyo Standard Time","recurrences":[{"recurrenceType":"Daily","startTime":"11:00:00","endTime":"13:00:00"}]}`, monday, false},
		{"every night", `{"recurrences":[{"recurrenceType":"Daily","startTime":"22:00:00","endTime":"06:00:00"}]}`, monday.Add(-7 * time.Hour), true},
		{"on Mondays", `{"recurrences":[{"recurrenceType":"Weekly","daysOfWeek":["Monday"]}]}`, monday, true},
		{"on Sundays", `{"recurrences":[{"recurrenceType":"Weekly","daysOfWeek":["Sunday"]}]}`, monday, false},
		{"the night of Sunday", `{"recurrences":[{"recurrenceType":"Weekly","daysOfWeek":["Sunday"],"startTime":"22:00:00","endTime":"06:00:00"}]}`, monday.Add(-7 * time.Hour), true},
		{"the night of Monday", `{"recurrences":[{"recurrenceType":"Weekly","daysOfWeek":["Monday"],"startTime":"22:00:00","endTime":"06:00:00"}]}`, monday.Add(-7 * time.Hour), false},
		{"on the fifteenth", `{"recurrences":[{"recurrenceType":"Monthly","daysOfMonth":[1,15]}]}`, monday, true},
		{"on the fifteenth, which has not come in Los Angeles", `{"timeZone":"Pacific Standard Time","recurrences":[{"recurrenceType":"Monthly","daysOfMonth":[15]}]}`, monday.Add(-6 * time.Hour), false},
	}
	for _, tt := range tests {
		var schedule any
		if err := json.Unmarshal([]byte(tt.schedule), &schedule); err != nil {
			t.Fatal(err)
		}
		if err := checkSchedule(map[string]any{"schedule": schedule}); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if got := holdsNow(schedule, tt.at); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
	for _, bad := range []string{`{"timeZone":"Middle-earth Standard Time"}`, `{"recurrences":[{"recurrenceType":"Yearly"}]}`, `{"recurrences":[{"recurrenceType":"Weekly"}]}`, `{"effectiveFrom":"soon"}`} {
		var schedule any
		if err := json.Unmarshal([]byte(bad), &schedule); err != nil {
			t.Fatal(err)
		}
		if checkSchedule(map[string]any{"schedule": schedule}) == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
