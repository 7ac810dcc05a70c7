package audit

import (
	"cmp"
	"context"
	"slices"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// finding judges every probe of the control and puts the outcomes together.
func (c *controlJudge) finding(ctx context.Context) (finding.Finding, Evidence, error) {
	number, _ := c.control.Number(c.benchmark)
	f := finding.Finding{
		ID: finding.HashID(c.account.ID, c.control.ID), Control: c.control.ID, Title: c.control.Title,
		Severity: c.control.Severity, Number: number, Account: c.account.ID, Status: finding.Pass,
	}
	if why := c.notApplicable(); why != "" {
		f.Status = finding.NotApplicable
		f.Reasons = []finding.Reason{{Code: CodeNotInScope, Status: finding.Pass, Link: finding.LinkTrail, Message: why}}
		return f, Evidence{}, nil
	}
	if c.control.Type == catalog.State {
		return c.stateFinding(f), Evidence{}, nil
	}
	if len(c.probes) == 0 {
		f.Status = finding.Unknown
		f.Reasons = []finding.Reason{{Code: CodeNotInScope, Status: finding.Unknown, Link: finding.LinkTrail, Message: "none of its events can occur in the regions in scope"}}
		return f, Evidence{}, nil
	}
	outcomes, err := c.judgeProbes(ctx)
	if err != nil {
		return f, Evidence{}, err
	}
	f.Reasons = c.reasons(outcomes)
	f.Reasons = slices.Concat(f.Reasons, c.orphans(outcomes, f.Reasons), c.organizationNote())
	c.transport(&f, outcomes)
	f.Status = chain.Status(outcomes, f.Reasons)
	f.Missed = missed(outcomes)
	f.Narrowed = c.narrowed(outcomes)
	f.Stages = c.stages(outcomes)
	f.Chain = c.tree(outcomes)
	f.Literal = c.literal(outcomes)
	f.BlindSpots = c.blindSpots()
	f.Remediation = remediation(&f)
	return f, c.evidence(outcomes), nil
}

// missed lists the events that nobody would be alerted to, with their regions.
func missed(outcomes []outcome) []finding.MissedEvent {
	var out []finding.MissedEvent
	for _, o := range outcomes {
		if o.Truth != chain.Bad {
			continue
		}
		m := finding.MissedEvent{Source: cmp.Or(o.probe.Source, "*"), Event: cmp.Or(o.probe.Event, "*"), Regions: []string{o.probe.Region}}
		i := slices.IndexFunc(out, func(h finding.MissedEvent) bool { return h.Source == m.Source && h.Event == m.Event })
		if i < 0 {
			out = append(out, m)
			continue
		}
		out[i].Regions = append(out[i].Regions, m.Regions...)
	}
	for i := range out {
		out[i].Regions = sorted(out[i].Regions)
	}
	slices.SortFunc(out, func(a, b finding.MissedEvent) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Event, b.Event))
	})
	return out
}

// narrowed lists what the filters leave out, each condition once.
func (c *controlJudge) narrowed(outcomes []outcome) []finding.Narrowing {
	var out []finding.Narrowing
	seen := map[string]bool{}
	for _, o := range outcomes {
		arn := ""
		switch f, r := soleFilter([]outcome{o}), soleRule([]outcome{o}); {
		case f != nil && len(o.rules()) == 0:
			arn = f.arn
		case r != nil && len(o.filters()) == 0:
			arn = r.ARN
		}
		for _, n := range append(narrowings(o.lost(), arn), narrowings(o.failures(), arn)...) {
			if key := n.Text + "\x00" + n.Filter; !seen[key] {
				seen[key] = true
				out = append(out, n)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b finding.Narrowing) int {
		return cmp.Or(cmp.Compare(a.Filter, b.Filter), cmp.Compare(a.Text, b.Text))
	})
	return out
}

// literal reports whether a filter of the carrying chain is tree for tree a text
// of the selected version.
func (c *controlJudge) literal(outcomes []outcome) bool {
	texts := literalTexts(c.control, c.benchmark)
	for _, o := range outcomes {
		for _, f := range o.filters() {
			if o.Truth == chain.Good && f.pattern != nil && texts[f.pattern.String()] {
				return true
			}
		}
	}
	return false
}

// blindSpots lists the core operations that the version does not require and
// that no live chain reports either.
func (c *controlJudge) blindSpots() []finding.BlindSpot {
	var out []finding.BlindSpot
	for i, p := range c.beyond {
		if slices.ContainsFunc(out, func(b finding.BlindSpot) bool { return b.Source == p.Source && b.Event == p.Event }) {
			continue
		}
		if !c.graph.Passes(chain.Probe(len(c.probes) + i)) {
			out = append(out, finding.BlindSpot{Source: p.Source, Event: p.Event, Risk: c.riskOf(p)})
		}
	}
	slices.SortFunc(out, func(a, b finding.BlindSpot) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Event, b.Event))
	})
	return out
}

// riskOf is the risk of an event that the version does not require.
func (c *controlJudge) riskOf(p probe) string {
	for _, e := range c.control.BlindSpots(c.benchmark) {
		if e.Source == p.Source && e.Name == p.Event {
			return e.Risk
		}
	}
	return ""
}
