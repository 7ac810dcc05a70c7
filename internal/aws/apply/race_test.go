package apply

import (
	"fmt"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestTwoRuns carries the same plan out twice at the same time: at every call of
// the first run, between what the call saw or did and its answer, the second one
// runs from beginning to end. Both come to the same end, and nothing is there
// twice.
func TestTwoRuns(t *testing.T) {
	for _, sc := range scenarios {
		calls, want := record(t, sc)
		for _, c := range calls {
			t.Run(fmt.Sprintf("%s/%s %d", sc.name, c.operation, c.nth), func(t *testing.T) {
				l := sc.lab(t)
				p := sc.plan(l)
				var second error
				ran := false
				l.cloud.Fault(awstest.Fault{Operation: c.operation, After: c.nth, Times: 1, Kind: awstest.Delay, Do: func() {
					_, second = l.run(p, Options{})
					ran = true
				}})
				_, first := l.run(p, Options{})
				if first != nil || second != nil || !ran {
					t.Errorf("first run: %v, second: %v, overlapping: %v", first, second, ran)
				}
				diff(t, "account", plain(l.snapshot()), want)
			})
		}
	}
}

// TestStaleReads lets every read of two runs, one after the other, answer from
// before the last writes, as AWS may.
func TestStaleReads(t *testing.T) {
	clean := paddedLab(t)
	_, err := clean.run(thePlan(), Options{})
	clean.must(err)
	want := plain(clean.snapshot())
	for stale := range padding {
		t.Run(fmt.Sprintf("%d writes behind", stale), func(t *testing.T) {
			l := paddedLab(t)
			l.cloud.Fault(awstest.Fault{Kind: awstest.Delay, Stale: stale})
			for range 2 {
				_, err := l.run(thePlan(), Options{})
				l.must(err)
			}
			l.cloud.ClearFaults()
			diff(t, "account", plain(l.snapshot()), want)
		})
	}
}

// padding is more writes than two runs of thePlan make.
const padding = 16

// paddedLab is an account with so many older writes that no stale answer comes
// from before its trail.
func paddedLab(t *testing.T) *lab {
	t.Helper()
	l := newLab(t)
	for range padding {
		l.putAlarm(alarmOf("Foreign").Alarm)
	}
	return l
}
