package fleet

import (
	"cmp"
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// A FailedError says that an account could not be entered or read.
type FailedError struct {
	Account string
	Failure account.Failure
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("account %s: %s: %s: %s", e.Account, e.Failure.Operation, e.Failure.Code, e.Failure.Message)
}

// Open enters an account. Sessions of roles last 15 minutes, so that it is done anew for
// each account when its turn comes. The error is a *FailedError, or why the run ends.
func (f *Fleet) Open(ctx context.Context, id string) (*collect.Session, error) {
	limited, cancel := context.WithTimeoutCause(ctx, cmp.Or(f.o.Full, fullTime), errSlow)
	defer cancel()
	s, _, failed, err := f.enter(limited, f.target(id))
	switch {
	case err != nil:
		return nil, err
	case failed != nil:
		return nil, &FailedError{id, *failed}
	}
	c, err := s.Caller(limited)
	if err == nil && c.Account != id {
		err = fmt.Errorf("entering account %s: the credentials are for %s", id, c.Account)
	}
	return s, err
}

// target is how an account is entered.
func (f *Fleet) target(id string) targets.Target {
	t := targets.Target{ID: id}
	if known, ok := f.known[id]; ok {
		t.Roles, t.ExternalID, t.Profile, t.Regions = known.Roles, known.ExternalID, known.Profile, known.Regions
	}
	return t
}

// Read reads an account in full, in these regions unless what names the account names
// others; none: in those of the run. The error is as Open's.
func (f *Fleet) Read(ctx context.Context, s *collect.Session, id string, regions []string) (account.Snapshot, error) {
	t := f.target(id)
	if len(t.Regions) == 0 {
		t.Regions = regions
	}
	snap, failed, err := f.readFull(ctx, s, t, nil)
	if err == nil && failed != nil {
		err = &FailedError{id, *failed}
	}
	return snap.Dated(), err
}

// Owners returns the accounts that were read for the world, each as it was read.
func (f *Fleet) Owners() map[string]*account.Snapshot { return f.world.accounts }
