package collect

import (
	"context"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Glance reads of a member of an organization what one region shows of trails: in the
// home region of the organization's trail this is all that it takes to know that the trail
// covers the account. One call, and one more for the regions of the account if scope is
// nil. Everything else stays unread.
func Glance(ctx context.Context, s *Session, region string, scope []string, org *account.Organization, now time.Time) (account.Snapshot, error) {
	ctx = s.Bind(ctx)
	caller, err := s.Caller(ctx)
	if err != nil {
		return account.Snapshot{}, err
	}
	a := account.Account{ID: caller.Account, Partition: caller.Partition, Scope: scope, Trails: []account.Trail{}}
	if org != nil {
		a.Organization = &account.Read[*account.Organization]{Value: org}
	}
	var read *account.Read[[]account.Trail]
	both(
		func() { read = describeTrails(ctx, s.in(region).trails) },
		func() {
			if scope == nil {
				a.Scope, a.Notes = s.enabledRegions(ctx, caller)
			}
		},
	)
	if err := ended(ctx); err != nil {
		return account.Snapshot{}, err
	}
	arns := &account.Read[[]string]{Failure: read.Failed()}
	list, _ := read.Got()
	for _, t := range list {
		arns.Value = append(arns.Value, t.ARN)
		a.Trails = append(a.Trails, t)
	}
	a.Regions = []account.Region{{Name: region, Trails: arns}}
	return account.Snapshot{Schema: account.SchemaV1, TakenAt: now.UTC().Truncate(time.Second), Accounts: []account.Account{a}}, nil
}

// Regions returns the regions that are enabled by default in a partition.
func Regions(partition string) []string { return slices.Clone(defaultRegions[partition]) }
