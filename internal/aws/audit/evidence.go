package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
)

// evidence collects what plan needs of the filters that concern the control.
func (c *controlJudge) evidence(outcomes []outcome) Evidence {
	ev := Evidence{Rules: c.ruleEvidence()}
	for _, o := range outcomes {
		ev.Broken += o.Cost
	}
	for _, g := range c.groups {
		if g.blind || g.site.account != c.account { // not ours to repair
			continue
		}
		for _, f := range g.filters {
			if f.pattern != nil && c.nodes[f] != nil && c.Relevant(f) {
				ev.Filters = append(ev.Filters, c.filterEvidence(g, f, outcomes))
			}
		}
	}
	return ev
}

func (c *controlJudge) filterEvidence(g *group, f *filter, outcomes []outcome) FilterEvidence {
	n := c.nodes[f]
	e := FilterEvidence{Region: f.site.name, Group: g.name, Name: f.Name, Covers: f.reading.Truth == chain.Good, Live: true, Value: f.value.Truth == chain.Good}
	for i := range outcomes {
		p := chain.Probe(i)
		e.Covers = e.Covers && c.graph.Alone(n, p).Suffices()
		up, _ := c.graph.Above(n, p)
		e.Live = e.Live && up.Truth == chain.Good
	}
	p := c.sample(f)
	for _, a := range n.Next[0].Next { // the alarms on its metric
		e.Alarmed = e.Alarmed || c.graph.Verdict(a, p).Truth == chain.Good
		e.Notified = e.Notified || c.graph.Tail(a, p).Truth == chain.Good
	}
	e.Noisy = len(c.noise(f.metric, &watch{alarm: &account.MetricAlarm{}}).Reasons) > 0
	return e
}

// A TrailChoice is a trail that could carry the chains of some controls.
type TrailChoice struct {
	Trail   account.Trail
	Region  string // where its log group, and so filters and alarms, live
	Group   string // log group name; "" when it has none that can be used
	Carried int    // probes that reach the log group
	Probes  int    // probes asked for
}

// Trails ranks the trails of an account for the controls, best first: carries
// most probes, then multi-region, then owned by this account, then by name.
func Trails(a *account.Account, controls []catalog.Control, o Options) []TrailChoice {
	j := newJudge(a, NewWorld(nil, nil), o)
	var out []TrailChoice
	for _, r := range j.ranked(controls, o.Benchmark) {
		c := TrailChoice{Trail: *r.trail.Trail, Carried: r.carried, Probes: r.probes}
		if g := r.trail.group; g != nil && g.link.Truth == chain.Good && !g.blind {
			c.Region, c.Group = g.site.name, g.name
		}
		out = append(out, c)
	}
	return slices.Clip(out)
}
