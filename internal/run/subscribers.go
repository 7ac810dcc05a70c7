package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/subscribers"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// Subscribers audits, and lists who is alerted. The journal of apply says since when; ""
// is none.
func (r *Runner) Subscribers(ctx context.Context, q *Request, journalFile string) (subscribers.List, error) {
	if q.Selection.Cloud == catalog.Azure {
		return subscribers.List{}, exit.Usage(errors.New("subscribers is for AWS: for Azure, 'monitorctl explain' shows the receivers"))
	}
	since, err := subscribedSince(ctx, journalFile)
	if err != nil {
		return subscribers.List{}, err
	}
	started := r.Now()
	snaps, session, err := r.snapshots(ctx, q, Needs{NoRules: q.Transport == audit.MetricTransport, EverySubscriber: true})
	if err != nil {
		return subscribers.List{}, err
	}
	defer r.calls(q, session, started)
	var all subscribers.List
	for i, snap := range snaps {
		o := q.auditOptions(snap)
		o.Transport, o.Central = q.Transport, slices.Concat(o.Central, others(snaps, i))
		found, err := r.audit(ctx, snap, q.Selection.Controls, o)
		if err != nil {
			return subscribers.List{}, err
		}
		l := subscribers.Of(snap, found, q.Selection.Controls, o.Declared, since)
		r.lookSince(ctx, session, &l)
		all.Subscribers, all.Nobody = append(all.Subscribers, l.Subscribers...), append(all.Nobody, l.Nobody...)
	}
	return all, nil
}

// SubscribersVerdict is the error of a list in which a control alerts nobody, or may.
func SubscribersVerdict(l subscribers.List) error {
	for _, unknown := range []bool{false, true} {
		i := slices.IndexFunc(l.Nobody, func(n subscribers.Unalerted) bool { return n.Unknown == unknown })
		switch {
		case i < 0:
		case unknown:
			return exit.Hinted(&exit.Error{Code: exit.Failed, Err: fmt.Errorf("could not check who is alerted to %s", l.Nobody[i].Control)}, "'monitorctl explain "+l.Nobody[i].Control+"' says why")
		default:
			return &exit.Error{Code: exit.ControlsFailed}
		}
	}
	return nil
}

// subscribedSince reads from a journal when someone was subscribed.
func subscribedSince(ctx context.Context, path string) (map[subscribers.Key]time.Time, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // nothing is known, and nothing failed
	}
	in, err := files.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("reading the journal: %w", files.Named(path, err))
	}
	defer in.Close() //nolint:errcheck // only read from
	j, err := journal.Read[action.State](in)
	if err != nil {
		return nil, fmt.Errorf("reading the journal %s: %w", path, err)
	}
	return subscribers.Since(j.Records, j.Times), nil
}
