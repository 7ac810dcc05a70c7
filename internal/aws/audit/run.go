package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/peers"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Options are what a run depends on besides the snapshot and the controls.
type Options struct {
	Benchmark catalog.Benchmark

	// Framework labels the findings with its requirements; zero for none.
	Framework catalog.Framework

	// Checked says how much of the benchmark the controls are; it goes into the report.
	Checked catalog.Checked

	// Now is the time of the verdict, normally the snapshot's: whether a
	// delivery is stale or an alarm has been ringing for too long.
	Now time.Time

	// Waivers set failing, warning and unknown findings aside, the first one
	// that fits; Accepts set single causes aside.
	Waivers []finding.Waiver
	Accepts []finding.Accept

	// Declared are machines, with the people that the organization says they reach.
	Declared []finding.Declared

	// Central are accounts that are consulted as evidence and not checked
	// themselves: those that hold the log groups, alarms or topics of the judged
	// ones. The accounts of the snapshot are consulted for each other anyway.
	Central []account.Account

	// Transport is what may carry events: AnyTransport, MetricTransport or
	// RuleTransport.
	Transport string

	// Peers are the other auditors whose opinion goes into the findings; none by default.
	Peers []catalog.Peer

	// Strict makes warnings of notes about reads that failed and could only have
	// added to the verdict (evidence-missing), and warns of waivers that are wider
	// than what is wrong.
	Strict bool

	// Workers is how many goroutines judge; 0 is one for each processor. It makes no
	// difference to what they find.
	Workers int
}

// Run judges a snapshot against the controls: one finding for each account and
// control, in that order. It fails when a control of the catalog itself makes no
// sense, and when ctx ends.
func Run(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o Options) (finding.Report, error) {
	r := NewReport(controls, o)
	results, err := NewWorld(snap.Accounts, o.Central).JudgeAll(ctx, snap.Accounts, controls, o)
	if err != nil {
		return finding.Report{}, err
	}
	for i, result := range results {
		r.Add(result.Account, snap.Accounts[i].Scope, result.Findings)
	}
	return r, nil
}

// JudgeAll judges accounts of the world, one result for each, in their order.
func (w *World) JudgeAll(ctx context.Context, accounts []account.Account, controls []catalog.Control, o Options) ([]Result, error) {
	results := make([]Result, len(accounts))
	outer, inner := o.split(len(accounts))
	o.Workers = inner
	err := InParallel(outer, len(accounts), func(_, i int) (err error) {
		results[i], err = w.Judge(ctx, &accounts[i], controls, o)
		return err
	})
	return results, err
}

// NewReport returns a report of the controls that no account has a finding in
// yet.
func NewReport(controls []catalog.Control, o Options) finding.Report {
	r := finding.Report{Benchmark: o.Benchmark, Framework: o.Framework, Checked: o.Checked, GeneratedAt: o.Now.UTC()}
	for _, c := range controls {
		r.Controls = append(r.Controls, c.ID)
	}
	return r
}

// A Result is the verdict on one account.
type Result struct {
	Account  finding.AccountRef
	Findings []finding.Finding // by control, as asked for
	Evidence []Evidence        // what plan needs of each finding
}

// Judge judges one account of the world, or one as it would be after a change:
// whatever else stands in the world is evidence. It fails when a control of the
// catalog itself makes no sense, and when ctx ends.
func (w *World) Judge(ctx context.Context, a *account.Account, controls []catalog.Control, o Options) (Result, error) {
	j := newJudge(a, w, o)
	result := Result{Account: finding.AccountRef{ID: a.ID, Alias: a.Alias}}
	if t := j.mainTrail(controls, o.Benchmark); t != nil {
		result.Account.Home, result.Account.Trail = t.HomeRegion, t.describe()
	}
	if slices.ContainsFunc(controls, func(c catalog.Control) bool { return c.State == catalog.TrailDelivery }) {
		result.Account.Heartbeat = j.heartbeats()
	}
	aside := finding.Policy{Waivers: o.Waivers, Accepts: o.Accepts, Strict: o.Strict}
	workers := min(o.Processors(), len(controls))
	result.Findings, result.Evidence = make([]finding.Finding, len(controls)), make([]Evidence, len(controls))
	judges := make([]*judge, max(workers, 1)) // each notes what it has seen
	judges[0] = j
	err := InParallel(workers, len(controls), func(worker, i int) error {
		if judges[worker] == nil {
			judges[worker] = newJudge(a, w, o)
		}
		cj, err := newControlJudge(ctx, judges[worker], controls[i], o.Benchmark)
		if err != nil {
			return fmt.Errorf("checking account %s: %w", a.ID, err)
		}
		f, evidence, err := cj.finding(ctx)
		if err != nil {
			return fmt.Errorf("checking account %s: %w", a.ID, err)
		}
		judges[worker].unusedDeclarations(&f)
		f.Mapped = controls[i].Mappings[o.Framework.ID]
		f.Peers = peers.Opinions(a, controls[i], o.Benchmark, o.Peers)
		result.Findings[i], result.Evidence[i] = setAside(aside, f, o.Now), evidence
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// setAside applies the policy. What is to be done is about what is left.
func setAside(p finding.Policy, f finding.Finding, now time.Time) finding.Finding {
	before := f.Why()
	f = p.Apply(f, now)
	if f.Status != finding.Waived && f.Status != finding.NotApplicable && f.Why() != before && len(f.Chain) > 0 {
		f.Remediation = remediation(&f)
	}
	return f
}

// mainTrail is the trail that a report's header shows: the one that apply would
// choose, or the first one when none carries anything.
func (j *judge) mainTrail(controls []catalog.Control, b catalog.Benchmark) *trail {
	ranked := j.ranked(controls, b)
	if len(ranked) == 0 {
		return nil
	}
	return ranked[0].trail
}

// A candidate is a trail with how much it carries.
type candidate struct {
	trail   *trail
	carried int // probes that it records and delivers to a usable log group
	probes  int
}

// ranked orders the trails: carries most probes, then multi-region, then owned
// by this account, then by name.
func (j *judge) ranked(controls []catalog.Control, b catalog.Benchmark) []candidate {
	out := make([]candidate, len(j.trails))
	for i, t := range j.trails {
		out[i].trail = t
		for _, c := range controls {
			probes, err := probesOf(j.account, c, b)
			if err != nil {
				continue
			}
			for _, p := range probes {
				out[i].probes++
				if l := t.carries(p.event); t.group != nil && l.And(t.group.link).Truth == chain.Good {
					out[i].carried++
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int {
		switch {
		case a.carried != b.carried:
			return b.carried - a.carried
		case a.trail.MultiRegion != b.trail.MultiRegion:
			return order(a.trail.MultiRegion)
		case j.owns(a.trail) != j.owns(b.trail):
			return order(j.owns(a.trail))
		case a.trail.Name != b.trail.Name:
			return slices.Compare([]string{a.trail.Name}, []string{b.trail.Name})
		}
		return 0
	})
	return out
}

func order(first bool) int {
	if first {
		return -1
	}
	return 1
}

// owns reports whether a trail is this account's own: a shadow of an
// organization's trail carries the management account's id in its ARN.
func (j *judge) owns(t *trail) bool {
	arn, ok := account.ParseARN(t.ARN)
	return ok && arn.Account == j.account.ID
}
