package audit

import (
	"cmp"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A trailReading is a trail as one account sees it.
type trailReading struct {
	trail *account.Trail
	at    time.Time // zero when nobody said
	rank  int       // whose: 0 the owner's, 1 the judged account's, 2 another account's
}

// sameTime is how far two readings may be apart and still count as of one time.
const sameTime = time.Hour

// over reports whether a reading counts more than another: the newer one, and of those
// of one time that of the account which owns the trail, because others see a copy.
func (r trailReading) over(o trailReading) bool {
	if !r.at.IsZero() && !o.at.IsZero() && r.at.Sub(o.at).Abs() > sameTime {
		return r.at.After(o.at)
	}
	return r.rank < o.rank
}

// trailEvidence returns a trail as it is best known (docs/judging.md, section 8): an
// account may see the trail of its organization without being let read its state.
func (j *judge) trailEvidence(t *account.Trail) *account.Trail {
	readings := j.readings(t)
	if len(readings) == 1 {
		return t
	}
	out := *t
	if best := bestReading(readings, func(t *account.Trail) *account.Read[account.TrailStatus] { return t.Status }); best != nil {
		out.Status = best
	}
	if best := bestReading(readings, func(t *account.Trail) *account.Read[account.Selectors] { return t.Selectors }); best != nil {
		out.Selectors = best
	}
	return &out
}

// readings returns the trail as the judged account sees it, and as others do.
func (j *judge) readings(t *account.Trail) []trailReading {
	arn, _ := account.ParseARN(t.ARN)
	own := trailReading{t, j.account.ReadAt, 1}
	if arn.Account == j.account.ID {
		own.rank = 0
	}
	list := []trailReading{own}
	for _, a := range j.world.seeing(t.ARN) {
		if a.ID == j.account.ID {
			continue
		}
		r := trailReading{a.Trail(t.ARN), a.ReadAt, 2}
		if arn.Account == a.ID {
			r.rank = 0
		}
		list = append(list, r)
	}
	return list
}

// bestReading returns the answer that counts most, else the first failure, the owner's
// before others; nil when nobody asked.
func bestReading[T any](list []trailReading, of func(*account.Trail) *account.Read[T]) *account.Read[T] {
	var best, failed *trailReading
	for i := range list {
		r := &list[i]
		if _, ok := of(r.trail).Got(); ok && (best == nil || r.over(*best)) {
			best = r
		}
		if of(r.trail).Failed() != nil && (failed == nil || r.rank < failed.rank) {
			failed = r
		}
	}
	if best = cmp.Or(best, failed); best == nil {
		return nil
	}
	return of(best.trail)
}
