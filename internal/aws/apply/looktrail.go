package apply

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/undo"
	"github.com/monitorctl/monitorctl/internal/change"
)

func (l *looking) logGroup(ctx context.Context, o change.Object) undo.Found {
	g, err := l.calls.LogGroup(ctx, o.Region, o.Name, true)
	if err != nil {
		return unreadable(err)
	}
	if g == nil {
		return undo.Found{}
	}
	found := undo.Found{State: action.LogGroupState(*g)}
	if found.Holds, err = holds(g.Holds); err != nil {
		return unreadable(err)
	}
	list, err := l.calls.Filters(ctx, o.Region, o.Name, "")
	if err != nil {
		return unreadable(err)
	}
	for _, f := range list {
		found.Filters = append(found.Filters, f.Name)
	}
	return found
}

func (l *looking) bucket(ctx context.Context, o change.Object) undo.Found {
	b, err := l.calls.Bucket(ctx, o.Region, o.Name, l.journal.Header.Account, true)
	switch {
	case err != nil:
		return unreadable(err)
	case b == nil:
		return undo.Found{}
	case b.Foreign:
		return undo.Found{Failure: "a bucket of another account has that name now"}
	}
	found := undo.Found{State: action.BucketState(*b)}
	if found.Holds, err = holds(b.Holds); err != nil {
		return unreadable(err)
	}
	return found
}

// holds is what a look into something gave.
func holds(r *account.Read[bool]) (bool, error) {
	if f := r.Failed(); f != nil {
		return false, &callFailed{f}
	}
	return r.Value, nil
}

// A callFailed is a call that a reading says has failed.
type callFailed struct{ *account.Failure }

func (e *callFailed) Error() string { return e.Operation + ": " + e.Code + ": " + e.Message }

func (l *looking) trail(ctx context.Context, o change.Object) undo.Found {
	t, err := l.calls.Trail(ctx, o.Region, o.Name)
	if err != nil {
		return unreadable(err)
	}
	if t == nil {
		return undo.Found{}
	}
	return undo.Found{State: action.TrailState(*t)}
}
