package run

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Snapshot reads what an audit and a plan with these names read, and saves it in a file;
// "-" is standard output.
func (r *Runner) Snapshot(ctx context.Context, q Request, names plan.Options, path string) error {
	limited, cancel := q.Limit.Context(ctx)
	defer cancel()
	if q.Azure != nil {
		return r.snapshotOfBoth(limited, q, names, path)
	}
	if q.Selection.Cloud == catalog.Azure {
		snap, err := r.subscriptions(limited, &q)
		if err != nil {
			return err
		}
		if path == "-" {
			return subscription.Encode(r.Console.Out, snap)
		}
		return azurecollect.Save(ctx, path, snap)
	}
	started := r.Now()
	snap, session, err := r.snapshot(limited, &q, Needs{Own: withOthers(Names(names, q.Selection), names, q.Selection)})
	if err != nil {
		return err
	}
	defer r.calls(&q, session, started)
	if path == "-" {
		return account.Encode(r.Console.Out, snap)
	}
	return collect.Save(ctx, path, snap)
}

// snapshotOfBoth saves what runs on both clouds read.
func (r *Runner) snapshotOfBoth(ctx context.Context, q Request, names plan.Options, path string) error {
	var err error
	if q.salt, err = newSalt(); err != nil {
		return err
	}
	started := r.Now()
	accounts, session, err := r.snapshot(ctx, &q, Needs{Own: withRules(Names(names, q.Selection), names, q.Selection)})
	if err != nil {
		return err
	}
	defer r.calls(&q, session, started)
	subscriptions, err := r.subscriptions(ctx, &q)
	if err != nil {
		return err
	}
	return joinSnapshots(accounts, subscriptions).save(ctx, r, path)
}
