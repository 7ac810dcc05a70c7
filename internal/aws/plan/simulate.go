package plan

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Simulate returns the accounts as they would be after the actions. With confirm,
// subscribers that must still answer are taken as confirmed: the question is then
// whether the chain would be whole, not whether it is yet. The snapshot that is
// given stays as it is; what no action touches is shared with the result.
func Simulate(snap account.Snapshot, planned []change.Action, confirm bool) (account.Snapshot, error) {
	actions, err := action.Of(planned)
	if err != nil {
		return account.Snapshot{}, err
	}
	after := snap
	after.Accounts = slices.Clone(snap.Accounts)
	for i := range after.Accounts {
		own := slices.DeleteFunc(slices.Clone(actions), func(a action.Action) bool { return a.Common().Account != after.Accounts[i].ID })
		a, err := action.Simulate(&after.Accounts[i], momentOf(&snap), own, confirm)
		if err != nil {
			return account.Snapshot{}, err
		}
		after.Accounts[i] = *a
	}
	for _, a := range actions {
		if !slices.ContainsFunc(snap.Accounts, func(have account.Account) bool { return have.ID == a.Common().Account }) {
			return account.Snapshot{}, action.Unread(a)
		}
	}
	return after, nil
}

func momentOf(snap *account.Snapshot) action.Moment {
	return action.Moment{TakenAt: snap.TakenAt, Salt: snap.Salt}
}
