package run

import (
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/fleet"
)

// The line of progress says what fits into the terminal, and what is left once it is known.
func TestFleetProgress(t *testing.T) {
	p := fleetProgress{
		Progress: fleet.Progress{Judged: 1190, Skipped: 14, Unreadable: 12}, total: 4987, listed: true, calls: 2631,
		elapsed: 14*time.Second + 700*time.Millisecond,
	}
	listing, done, slow, first := p, p, p, p
	listing.listed, listing.throttled = false, 1500
	done.Judged, done.Unreadable = 4973, 0
	slow.elapsed = 3*time.Minute + 5*time.Second
	first.Judged, first.Skipped, first.Unreadable = 0, 0, 0
	for _, tt := range []struct {
		p       fleetProgress
		columns int
		want    string
	}{
		{p, 0, "accounts 1,204/4,987 (12 unreadable) · 2,631 calls, 0 throttled · 0:15, about 0:46 left"},
		{p, 119, "accounts 1,204/4,987 (12 unreadable) · 2,631 calls, 0 throttled · 0:15, about 0:46 left"},
		{p, 60, "accounts 1,204/4,987 (12 unreadable) · 0:15, about 0:46 left"},
		{p, 59, "accounts 1,204/4,987 · 0:15, about 0:46 left"},
		{p, 30, "accounts 1,204/4,987"},
		{listing, 0, "accounts 1,204/4,987+ (12 unreadable) · 2,631 calls, 1,500 throttled · 0:15"},
		{done, 0, "accounts 4,987/4,987 · 2,631 calls, 0 throttled · 0:15"},
		{slow, 0, "accounts 1,204/4,987 (12 unreadable) · 2,631 calls, 0 throttled · 3:05, about 9:41 left"},
		{first, 0, "accounts 0/4,987 · 2,631 calls, 0 throttled · 0:15"},
	} {
		if got := tt.p.line(tt.columns); got != tt.want {
			t.Errorf("in %d columns\n got %s\nwant %s", tt.columns, got, tt.want)
		}
	}
}
