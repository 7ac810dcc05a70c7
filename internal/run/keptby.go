package run

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/subscribers"
	"github.com/monitorctl/monitorctl/internal/change"
)

// keptBy asks CloudTrail's event history who keeps what is in the way of a plan: one call
// for each region and kind of object. Without the permission that is unknown, and the note
// says so.
func (r *Runner) keptBy(ctx context.Context, session *collect.Session, snap account.Snapshot, p *change.Plan) {
	var found []account.Writing
	for _, q := range plan.Lookups(*p, snap) {
		if session == nil { // a saved snapshot: its tags tell, and nobody is asked
			break
		}
		list, err := session.Writings(ctx, q.Region, q.Event)
		if err != nil {
			plan.KeptByUnknown(p, p.Conflicts[0].Account, lookupFailed(err))
			break // the next one fails for the same reason
		}
		found = append(found, list...)
	}
	plan.KeptBy(p, snap, found)
}

// lookupFailed says in a clause why the event history says nothing.
func lookupFailed(err error) string {
	var call *collect.CallError
	if errors.As(err, &call) {
		return call.Operation + " failed: " + call.Code
	}
	return err.Error()
}

// lookSince asks the event history when pending subscribers of a list were subscribed, of
// whom no journal knows: one call for each region. A subscription that was made again counts
// from its last mail.
func (r *Runner) lookSince(ctx context.Context, session *collect.Session, l *subscribers.List) {
	if session == nil {
		return
	}
	regions := map[string][]account.Writing{}
	for i := range l.Subscribers {
		s := &l.Subscribers[i]
		if s.State != subscribers.Pending || !s.Since.IsZero() {
			continue
		}
		list, asked := regions[s.Region]
		if !asked {
			var err error
			if list, err = session.Writings(ctx, s.Region, "Subscribe"); err != nil {
				r.Console.Say("monitorctl: note: could not find out since when %s has been subscribed: %s", s.Endpoint, lookupFailed(err))
				return
			}
			slices.SortFunc(list, func(a, b account.Writing) int { return cmp.Compare(b.At.UnixNano(), a.At.UnixNano()) })
			regions[s.Region] = list
		}
		if at := since(list, s); !at.IsZero() {
			s.Begin(at, r.Now())
		}
	}
}

// since is when a subscriber was subscribed last, by calls with the newest first; the zero
// time when they do not tell.
func since(list []account.Writing, s *subscribers.Subscriber) time.Time {
	for _, w := range list {
		if w.Name == s.TopicARN && w.Protocol == s.Protocol && w.Endpoint == s.Endpoint {
			return w.At
		}
	}
	return time.Time{}
}
