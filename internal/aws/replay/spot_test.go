package replay

import "testing"

// TestDayReader: times that follow each other are read as each by itself.
func TestDayReader(t *testing.T) {
	var d dayReader
	texts := []string{
		"2026-11-30T08:15:00Z", "2026-11-30T23:59:59Z", "2026-11-30T23:59:60Z", "2026-11-30T24:00:00Z", "2026-11-30T08:60:00Z", "2026-11-30T08:15:00X", "2026-11-30 08:15:00Z",
		"2026-12-01T00:00:60Z", "2026-12-01T23:59:60Z", "2026-12-01T00:00:00Z", "2026-11-31T10:00:00Z", "2026-11-31T10:01:00Z", "2026-13-01T10:00:00Z", "2026-13-01T10:00:00Z",
		"2026-11-30T08:15:00+02:00", "2026-11-30T08:15:00.5Z", "2026-11-30T0a:15:00Z", "", "x", "2026-11-30T08:15:00Z", "1970-01-01T00:01:00Z", "1970-01-01T00:02:00Z", "0000-00-00T00:00:00Z",
	}
	sound := 0
	for range 2 {
		for _, text := range texts {
			got, ok := d.minute([]byte(text))
			want, sure := minuteOf([]byte(text))
			if ok != sure || ok && got != want {
				t.Errorf("%s: %d, %t; want %d, %t", text, got, ok, want, sure)
			}
			if ok {
				sound++
			}
		}
	}
	if sound < 20 {
		t.Errorf("only %d times were read", sound)
	}
}
