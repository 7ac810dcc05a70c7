package audit

import (
	"context"
	"maps"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Options are what a run depends on besides the snapshot and the controls.
type Options struct {
	Benchmark catalog.Benchmark // of Azure

	// Framework labels the findings with its requirements; zero for none.
	Framework catalog.Framework

	// Now is the time of the verdict, normally the snapshot's: which schedules of
	// processing rules hold.
	Now time.Time

	// Waivers set failing, warning and unknown findings aside, the first one that
	// fits.
	Waivers []finding.Waiver

	// Accepts set single causes aside.
	Accepts []finding.Accept

	// Strict makes warnings of notes about reads that failed (evidence-missing).
	Strict bool
}

// Run judges a snapshot against controls of Azure: one finding for each subscription
// and control, in that order. It fails only when ctx ends.
func Run(ctx context.Context, snap subscription.Snapshot, controls []catalog.Control, o Options) (finding.Report, error) {
	r := NewReport(controls, o)
	w := NewWorld(snap.Subscriptions)
	for i := range snap.Subscriptions {
		result, err := w.Judge(ctx, &snap.Subscriptions[i], controls, o)
		if err != nil {
			return finding.Report{}, err
		}
		r.Add(result.Account, nil, result.Findings)
	}
	return r, nil
}

// NewReport returns a report of the controls that no subscription has a finding in
// yet.
func NewReport(controls []catalog.Control, o Options) finding.Report {
	r := finding.Report{Benchmark: o.Benchmark, Framework: o.Framework, GeneratedAt: o.Now.UTC()}
	for _, c := range controls {
		r.Controls = append(r.Controls, c.ID)
	}
	return r
}

// A World is what the subscriptions of a run contribute to each other: a rule may name
// an action group of another one.
type World struct {
	subscriptions map[string]*subscription.Subscription // by Fold of their ids
}

// NewWorld returns the world of some subscriptions.
func NewWorld(list []subscription.Subscription) *World {
	w := &World{map[string]*subscription.Subscription{}}
	for i := range list {
		w.subscriptions[subscription.Fold(list[i].ID)] = &list[i]
	}
	return w
}

// With returns a world in which s takes the place of the subscription with its id.
func (w *World) With(s *subscription.Subscription) *World {
	out := &World{maps.Clone(w.subscriptions)}
	out.subscriptions[subscription.Fold(s.ID)] = s
	return out
}

// A Result is the verdict on one subscription.
type Result struct {
	Account  finding.AccountRef
	Findings []finding.Finding // by control, as asked for
}

// Judge judges one subscription of the world. It fails only when ctx ends.
func (w *World) Judge(ctx context.Context, s *subscription.Subscription, controls []catalog.Control, o Options) (Result, error) {
	j := newJudge(w, s, o)
	result := Result{Account: reference(s)}
	aside := &finding.Policy{Waivers: o.Waivers, Accepts: o.Accepts, Strict: o.Strict}
	for _, c := range controls {
		if err := context.Cause(ctx); err != nil {
			return Result{}, err
		}
		f := newControlJudge(j, c).finding()
		f.Mapped = c.Mappings[o.Framework.ID]
		result.Findings = append(result.Findings, aside.Apply(f, o.Now))
	}
	return result, nil
}

// reference names a subscription as reports do.
func reference(s *subscription.Subscription) finding.AccountRef {
	ref := finding.AccountRef{Cloud: catalog.Azure, ID: s.ID, Alias: s.Name, Header: []string{}}
	if s.Tenant != "" {
		ref.Header = append(ref.Header, "tenant "+s.Tenant)
	}
	if !subscription.Same(s.State, "Enabled") {
		ref.Header = append(ref.Header, "state "+s.State)
	}
	return ref
}
