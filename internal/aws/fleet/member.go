package fleet

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// member judges one target. The error is why the run ends.
func (f *Fleet) member(ctx context.Context, t targets.Target) (Outcome, error) {
	if terms := f.o.terms(&t); len(t.Regions) == 0 {
		t.Regions = terms.Regions
	}
	out := Outcome{Target: t}
	if t.Skipped != "" {
		out.Skipped = t.Skipped
		return out, nil
	}
	if snap := f.world.accounts[t.ID]; snap != nil {
		return f.judged(ctx, out, snap, Read)
	}
	if f.store != nil {
		if snap := f.store.Account(t.ID); snap != nil {
			return f.judged(ctx, out, snap, f.basisOf(&snap.Accounts[0]))
		}
	}
	if snap, ok := f.believed(t); ok {
		done, err := f.judged(ctx, out, snap, Assumed)
		if err != nil || done.Verdict.suffices(f.o.Audit.Strict) {
			return done, err
		}
	}
	if f.base == nil {
		failed := f.store.Failure(t.ID)
		if failed == nil {
			failed = &account.Failure{Operation: "sts:AssumeRole", Code: "NotAsked", Message: "the folder has no snapshot of the account"}
		}
		return f.unreadable(ctx, out, *failed)
	}
	return f.enterAndRead(ctx, out)
}

// enterAndRead goes into the account, with as few calls as the verdict takes.
func (f *Fleet) enterAndRead(ctx context.Context, out Outcome) (Outcome, error) {
	t := out.Target
	limited, cancel := context.WithTimeoutCause(ctx, cmp.Or(f.o.Full, fullTime), errSlow)
	defer cancel()
	s, what, failed, err := f.enter(limited, t)
	if err != nil {
		return out, err
	}
	if failed != nil {
		if t.Profile == "" && f.breaker.ended(*failed) {
			return out, errOver // which says nothing of the account
		}
		f.breaker.refuse(what + ": " + failed.Operation + ": " + failed.Code)
		return f.unreadable(ctx, out, *failed)
	}
	snap, err := f.glance(limited, s, t)
	if err != nil {
		return out, err
	}
	if snap != nil {
		f.breaker.let()
		done, err := f.judged(ctx, out, snap, Covered)
		if err != nil || done.Verdict.suffices(f.o.Audit.Strict) {
			return done, err
		}
	}
	full, failed, err := f.readFull(limited, s, t, nil)
	if err != nil {
		return out, err
	}
	if failed != nil {
		f.breaker.refuse(failed.Operation + ": " + failed.Code)
		return f.unreadable(ctx, out, *failed)
	}
	f.breaker.let()
	return f.judged(ctx, out, &full, Read)
}

// suffices reports whether nothing more that could be read would make a verdict better.
func (v *Verdict) suffices(strict bool) bool {
	for i := range v.Findings {
		switch v.Findings[i].Status {
		case "pass", "not-applicable":
		case "warn":
			if strict {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// believed returns what the list and the owner of the trail say of a member that nobody
// looks into; false when it has to be looked into.
func (f *Fleet) believed(t targets.Target) (*account.Snapshot, bool) {
	scope := f.scope(t)
	if !f.o.TrustOrg || f.o.Thorough || f.org == nil || t.State != targets.ActiveState || len(f.world.trails) == 0 || scope == nil || f.asksEveryRegion() {
		return nil, false
	}
	a := account.Account{
		ID: t.ID, Partition: f.who.Partition, Scope: scope, Trails: slices.Clone(f.world.trails),
		Organization: &account.Read[*account.Organization]{Value: f.org},
	}
	home := account.Region{Name: a.Trails[0].HomeRegion, Trails: &account.Read[[]string]{}}
	for _, trail := range a.Trails {
		home.Trails.Value = append(home.Trails.Value, trail.ARN)
	}
	a.Regions = []account.Region{home}
	return &account.Snapshot{Schema: account.SchemaV1, TakenAt: f.o.Audit.Now.UTC().Truncate(time.Second), Salt: f.o.Salt, Accounts: []account.Account{a}}, true
}

// asksEveryRegion reports whether a control is about the account itself in each region,
// which no trail tells.
func (f *Fleet) asksEveryRegion() bool {
	return slices.ContainsFunc(f.o.Controls, func(c catalog.Control) bool { return c.Type == catalog.State })
}

// glance looks for the organization's trail in the home region of the first; nil when the
// account has to be read in full. The error is why the run ends.
func (f *Fleet) glance(ctx context.Context, s *collect.Session, t targets.Target) (*account.Snapshot, error) {
	if f.o.Thorough || len(f.world.trails) == 0 || f.asksEveryRegion() {
		return nil, nil //nolint:nilnil // there is nothing that a glance would tell
	}
	limited, cancel := context.WithTimeoutCause(ctx, cmp.Or(f.o.Glance, glanceTime), errSlow)
	defer cancel()
	snap, err := collect.Glance(limited, s, f.world.trails[0].HomeRegion, f.scope(t), f.org, f.o.Now())
	if err != nil {
		return nil, endOf(limited)
	}
	if snap.Salt = f.o.Salt; !f.world.covers(&snap.Accounts[0]) {
		return nil, nil //nolint:nilnil // the account is not covered
	}
	return &snap, nil
}

// basisOf tells a glance from a full reading: it has seen one region, and only the
// trails there.
func (f *Fleet) basisOf(a *account.Account) Basis {
	if len(a.Regions) == 1 && len(a.Scope) > 1 && f.world.covers(a) {
		return Covered
	}
	return Read
}

// readFull reads an account as an audit of it alone does. Of one that the world is made of
// want says what else is needed, and it is asked who monitors it; nil for others.
func (f *Fleet) readFull(ctx context.Context, s *collect.Session, t targets.Target, want *wish) (account.Snapshot, *account.Failure, error) {
	limited, cancel := context.WithTimeoutCause(ctx, cmp.Or(f.o.Full, fullTime), errSlow)
	defer cancel()
	o := collect.Options{
		Regions: f.o.Regions, Controls: f.o.Controls, NoRules: f.o.NoRules, Own: f.o.Own, Topics: ownOf(f.o.Topics, t.ID), Keys: ownOf(f.o.Keys, t.ID), Salt: f.o.Salt, Now: f.o.Now,
		Organization: f.org, NoAlias: f.directory != nil, SkipDenied: f.o.SkipDenied,
	}
	if want != nil {
		o.Topics, o.Monitors, o.Links = slices.Concat(want.topics, o.Topics), want.monitors, true
	}
	if len(t.Regions) > 0 {
		o.Regions = t.Regions
	}
	snap, err := collect.Run(limited, s, o)
	if err == nil {
		return snap, nil, nil
	}
	if end := endOf(limited); end != nil {
		return snap, nil, end
	}
	failed := failureOf(err)
	var call *collect.CallError
	if !errors.As(err, &call) {
		failed.Operation = "cloudtrail:DescribeTrails"
		if !errors.Is(err, errSlow) {
			failed.Code, failed.Message = "NoRegionReadable", err.Error()
		}
	}
	return snap, failed, nil
}

// ownOf are those of a list of ARNs that are in an account: others would refuse to be read
// from there.
func ownOf(arns []string, id string) []string {
	return slices.DeleteFunc(slices.Clone(arns), func(text string) bool {
		arn, ok := account.ParseARN(text)
		return ok && arn.Account != id
	})
}

// unreadable is the outcome of an account that nobody could look into, or that has left
// the organization meanwhile.
func (f *Fleet) unreadable(ctx context.Context, out Outcome, failed account.Failure) (Outcome, error) {
	if f.directory != nil && ctx.Err() == nil && f.directory.Left(ctx, out.Target.ID) {
		out.Skipped = "left the organization"
		return out, nil
	}
	out.Failure = &failed
	verdict, err := f.judge.unreadable(out.Target, f.who.Partition, f.org, failed)
	out.Verdict = verdict
	return out, err
}

// judged adds the verdict on what was read.
func (f *Fleet) judged(ctx context.Context, out Outcome, snap *account.Snapshot, basis Basis) (Outcome, error) {
	a, w := &snap.Dated().Accounts[0], f.world.world
	if basis == Read && f.world.accounts[a.ID] == nil {
		var err error
		if w, err = f.around(ctx, a); err != nil {
			return out, err
		}
	}
	verdict, err := f.judge.of(ctx, w, a, f.o.terms(&out.Target))
	out.Verdict, out.Basis, out.Snapshot = verdict, basis, snap
	return out, err
}
