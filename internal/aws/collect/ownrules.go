package collect

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// isOwnRule reports whether a rule of a bus has one of our names.
func (r *run) isOwnRule(bus, name string) bool {
	return r.o.Own != nil && bus == account.DefaultBus &&
		slices.ContainsFunc(r.o.Own.Rules, func(own string) bool { return strings.HasPrefix(name, own) })
}

// readOwnRules reads what plan needs to know for rules of ours: the tags and
// targets of those under our names, the role of forwarders, and, where a rule may
// come to stand, the bus and our topic.
func (r *run) readOwnRules(ctx context.Context, regions map[string]*account.Region) {
	if r.o.Own == nil {
		return
	}
	if len(r.o.Own.Rules) == 0 || !r.asksForRules() {
		r.readOwnRoles(ctx)
		return
	}
	names := slices.Sorted(maps.Keys(regions))
	both(
		func() { r.readOwnRoles(ctx) },
		func() {
			each(ctx, len(names), func(i int) {
				region := regions[names[i]]
				r.readRuleTags(ctx, region)
				if region.Rules != nil && r.mayBeHome(region.Name) {
					r.describeDefaultBus(ctx, region)
					if own := r.ownTopics(region.Name); len(own) > 0 {
						r.readTopics(ctx, region, own)
					}
					r.readOwnDestinations(ctx, region)
				}
			})
		},
	)
}

// readRuleTags reads the tags of the region's rules under our names, and their
// targets where nobody asked for them yet.
func (r *run) readRuleTags(ctx context.Context, region *account.Region) {
	list, _ := region.Rules.Got()
	var own []int
	for i := range list {
		if r.isOwnRule(account.DefaultBus, list[i].Name) {
			own = append(own, i)
		}
	}
	if len(own) == 0 {
		return
	}
	api := r.s.in(region.Name).rules
	tags := make([]*account.Read[map[string]string], len(own))
	each(ctx, len(own), func(i int) {
		x := &list[own[i]]
		read, err := RuleTags(ctx, api, x.ARN)
		tags[i] = answer("events:ListTagsForResource", read, err)
		if x.Targets == nil {
			x.Targets = targets(ctx, api, account.DefaultBus, x.Name, true)
		}
	})
	if ctx.Err() != nil {
		return // slots that were never filled
	}
	region.RuleTags = map[string]*account.Read[map[string]string]{}
	for i, k := range own {
		region.RuleTags[list[k].Name] = tags[i]
	}
}

// mayBeHome reports whether rules on events of all regions may stand in a region: in
// the home region of a trail, or wherever the caller wants them.
func (r *run) mayBeHome(region string) bool {
	return r.o.Own.PerRegion || slices.Contains(r.o.Own.Homes, region) ||
		slices.ContainsFunc(r.account.Trails, func(t account.Trail) bool { return t.HomeRegion == region })
}

// readOwnRoles reads the roles that our rules use.
func (r *run) readOwnRoles(ctx context.Context) {
	read := make([]*account.Role, len(r.o.Own.Roles))
	each(ctx, len(read), func(i int) { read[i] = r.s.taggedRole(ctx, r.caller, r.o.Own.Roles[i]) })
	if ctx.Err() != nil || len(read) == 0 {
		return
	}
	roles := maps.Clone(r.account.Roles)
	if roles == nil {
		roles = map[string]*account.Role{}
	}
	for i, name := range r.o.Own.Roles {
		arn := account.ARN{Partition: r.caller.Partition, Service: "iam", Account: r.caller.Account, Resource: "role/" + name}
		roles[arn.String()] = read[i]
	}
	r.account.Roles = roles
}
