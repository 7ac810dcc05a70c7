package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// A world is what the owners of the organization's chain show.
type world struct {
	world    *audit.World
	accounts map[string]*account.Snapshot // of one account each, by id
	failed   map[string]account.Failure   // accounts that own something and could not be read
	trails   []account.Trail              // of the organization, in every region, with a log group; by ARN
	regional bool                         // verdicts may depend on the region
}

// World returns the accounts that were read in full, sorted, and those that could not be.
func (f *Fleet) World() (read []string, failed map[string]account.Failure) {
	return slices.Sorted(maps.Keys(f.world.accounts)), f.world.failed
}

// Trails returns the trails that record all of the organization, by ARN.
func (f *Fleet) Trails() []account.Trail { return f.world.trails }

// rounds bounds how far owners are followed: trail, log group, topic or bus, and what lies
// behind that.
const rounds = 4

// A wish is what the world needs of an account beside its own chain.
type wish struct {
	topics   []string // ARNs, that alarms of others notify
	monitors []string // regions in which its alarms may be on metrics of others
}

// within reports whether a reading for another wish has all that this one asks for.
func (w wish) within(have wish) bool {
	return containsAll(have.topics, w.topics) && containsAll(have.monitors, w.monitors)
}

// ReadWorld reads the accounts that own what others use: beginning at home, where the
// organization's trails show, along the ARNs.
func (f *Fleet) ReadWorld(ctx context.Context) error {
	w := &world{accounts: map[string]*account.Snapshot{}, failed: map[string]account.Failure{}}
	wanted := map[string]wish{f.who.Account: {}}
	if f.management != nil {
		c, err := f.management.Caller(ctx)
		if err != nil {
			return err
		}
		wanted[c.Account] = wish{}
	}
	asked := map[string]wish{}
	for range rounds {
		before := len(asked)
		for _, id := range slices.Sorted(maps.Keys(wanted)) {
			if have, ok := asked[id]; ok && wanted[id].within(have) {
				continue
			}
			asked[id] = wanted[id]
			before = -1
			if err := f.readOwner(ctx, w, id, wanted[id]); err != nil {
				return err
			}
		}
		if before >= 0 {
			break
		}
		for _, snap := range w.accounts {
			owners(&snap.Accounts[0], wanted)
		}
	}
	var central []account.Account
	for _, id := range slices.Sorted(maps.Keys(w.accounts)) {
		central = append(central, w.accounts[id].Dated().Accounts...)
	}
	w.world = audit.NewWorld(central, f.o.Audit.Central)
	w.trails = organizationTrails(slices.Concat(central, f.o.Audit.Central))
	w.regional = w.world.Regional()
	f.world = w
	f.judge = newJudge(w.world, f.o)
	return nil
}

func containsAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(s string) bool { return !slices.Contains(have, s) })
}

// readOwner reads an account of the world, or takes what a store has of it. That it cannot
// be read is an answer: what depends on it will be unknown.
func (f *Fleet) readOwner(ctx context.Context, w *world, id string, want wish) error {
	if f.store != nil {
		if snap := f.store.Central(id); snap != nil && (f.base == nil || want.readIn(&snap.Accounts[0])) {
			w.accounts[id] = snap
			return nil
		}
	}
	if f.base == nil {
		return nil // judged from a store alone
	}
	target := targets.Target{ID: id}
	if t, ok := f.known[id]; ok {
		target.Roles, target.ExternalID, target.Profile = t.Roles, t.ExternalID, t.Profile
	}
	s, _, failed, err := f.enter(ctx, target)
	if err != nil {
		return err
	}
	var snap account.Snapshot
	if failed == nil {
		snap, failed, err = f.readFull(ctx, s, targets.Target{ID: id}, &want)
		if err != nil {
			return err
		}
	}
	if failed != nil {
		w.failed[id] = *failed
		return nil
	}
	w.accounts[id] = &snap
	if f.store != nil {
		if err := f.store.KeepCentral(id, snap); err != nil {
			return fmt.Errorf("keeping account %s: %w", id, err)
		}
	}
	return nil
}

// readIn reports whether a reading has all that a wish asks for.
func (w wish) readIn(a *account.Account) bool {
	for _, arn := range w.topics {
		parsed, _ := account.ParseARN(arn)
		if r := a.Region(parsed.Region); r == nil || r.Topics[arn] == nil {
			return false
		}
	}
	for _, region := range w.monitors {
		if r := a.Region(region); r == nil || r.Alarms == nil {
			return false
		}
	}
	return true
}

// owners adds the accounts that own what an account uses: the organization's trails, their
// log groups, the topics of its alarms, buses that events are forwarded to, and the accounts
// that monitor it.
func owners(a *account.Account, wanted map[string]wish) {
	want := func(arn string) (id, region string, ok bool) {
		parsed, ok := account.ParseARN(arn)
		if !ok || parsed.Account == a.ID || !targets.IsID(parsed.Account) {
			return "", "", false
		}
		if _, have := wanted[parsed.Account]; !have {
			wanted[parsed.Account] = wish{}
		}
		return parsed.Account, parsed.Region, true
	}
	for _, t := range a.Trails {
		if t.Organization {
			want(t.ARN)
		}
		want(t.LogGroupARN)
	}
	for i := range a.Regions {
		r := &a.Regions[i]
		for _, arn := range slices.Sorted(maps.Keys(r.Topics)) {
			if id, _, ok := want(arn); ok {
				w := wanted[id]
				w.topics = with(w.topics, arn)
				wanted[id] = w
			}
		}
		for _, arn := range slices.Sorted(maps.Keys(r.Buses)) {
			want(arn)
		}
		links, _ := r.Links.Got()
		for _, l := range links {
			if id, region, ok := want(l.Sink); ok && l.Metrics {
				w := wanted[id]
				w.monitors = with(w.monitors, region)
				wanted[id] = w
			}
		}
	}
}

// with returns a list that has a text, which it may have already. The list stays as it is.
func with(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(slices.Clone(list), text)
}

// organizationTrails are the trails that record every account in every region into a log
// group, by ARN, as the accounts of the world show them.
func organizationTrails(list []account.Account) []account.Trail {
	trails := map[string]account.Trail{}
	for _, a := range list {
		for _, t := range a.Trails {
			if t.Organization && t.MultiRegion && t.LogGroupARN != "" {
				t.Status, t.Selectors = nil, nil
				trails[t.ARN] = t
			}
		}
	}
	var out []account.Trail
	for _, arn := range slices.Sorted(maps.Keys(trails)) {
		out = append(out, trails[arn])
	}
	return out
}

// covers reports whether an account shows one of the organization's trails, and no trail
// of its own that delivers to a log group.
func (w *world) covers(a *account.Account) bool {
	shown := false
	for _, t := range a.Trails {
		i := slices.IndexFunc(w.trails, func(o account.Trail) bool { return o.ARN == t.ARN })
		switch {
		case i >= 0 && strings.TrimSuffix(w.trails[i].LogGroupARN, ":*") == strings.TrimSuffix(t.LogGroupARN, ":*"):
			shown = true
		case t.LogGroupARN != "":
			return false
		}
	}
	return shown
}

// scope returns the regions that a member is asked about which is only glanced at: its own
// do not matter, because the organization's trail records all. Nil when they do.
func (f *Fleet) scope(t targets.Target) []string {
	switch {
	case len(t.Regions) > 0:
		return slices.Sorted(slices.Values(t.Regions))
	case len(f.o.Regions) > 0:
		return slices.Sorted(slices.Values(f.o.Regions))
	case f.world.regional:
		return nil
	}
	return collect.Regions(f.who.Partition)
}
