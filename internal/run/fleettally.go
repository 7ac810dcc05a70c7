package run

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A fleetTally notes how each account stands, and keeps some that stand for the others.
type fleetTally struct {
	status              map[string][]finding.Status // by account, in the order of the controls
	unreadable, skipped int
	why                 map[string]string // of accounts that could not be read
	first               []finding.Finding // of any account: for titles and numbers

	seen  map[int]account.Snapshot // by class
	after func(fleet.Outcome) error
}

// maxSeen is how many classes of accounts the plan of an owner is tried on.
const maxSeen = 32

// Put implements fleet.Sink.
func (t *fleetTally) Put(out fleet.Outcome) error {
	if out.Verdict == nil {
		t.skipped++
		return nil
	}
	if t.status == nil {
		t.status, t.why, t.seen, t.first = map[string][]finding.Status{}, map[string]string{}, map[int]account.Snapshot{}, out.Verdict.Findings
	}
	list := make([]finding.Status, len(out.Verdict.Findings))
	for i := range out.Verdict.Findings {
		list[i] = out.Verdict.Findings[i].Status
	}
	t.status[out.Target.ID] = list
	switch {
	case out.Failure != nil:
		t.unreadable++
		t.why[out.Target.ID] = out.Failure.Operation + ": " + out.Failure.Code
	case out.Snapshot != nil && slices.Contains(list, finding.Fail) && shares(&out.Snapshot.Accounts[0]) && len(t.seen) < maxSeen:
		if _, have := t.seen[out.Verdict.Number]; !have {
			t.seen[out.Verdict.Number] = out.Snapshot.Dated()
		}
	}
	if t.after != nil {
		return t.after(out)
	}
	return nil
}

// of is how an account stands; now where it was not judged again.
func (t *fleetTally) of(id string, now []finding.Status) []finding.Status {
	if list := t.status[id]; list != nil {
		return list
	}
	return now
}

// shares reports whether an account is under a trail of the organization whose log group is
// in another account: it gets no chain of its own.
func shares(a *account.Account) bool {
	return slices.ContainsFunc(a.Trails, func(t account.Trail) bool {
		group, ok := account.ParseARN(t.LogGroupARN)
		return ok && t.Organization && group.Account != a.ID
	})
}

// A simulatedStore is a store whose owners are as a plan would leave them.
type simulatedStore struct {
	fleet.Store
	owners map[string]*account.Snapshot
}

// Central implements fleet.Store.
func (s simulatedStore) Central(id string) *account.Snapshot {
	if snap := s.owners[id]; snap != nil {
		return snap
	}
	return s.Store.Central(id)
}
