package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// evidence collects what plan needs of the filters that concern the control.
func (c *controlJudge) evidence(outcomes []outcome) Evidence {
	var ev Evidence
	for _, o := range outcomes {
		if o.grade == bad {
			ev.Broken += o.cost
		}
	}
	for _, g := range c.groups {
		if g.blind || g.site.account != c.account { // not ours to repair
			continue
		}
		for _, f := range g.filters {
			if f.pattern != nil && c.relevant(f) {
				ev.Filters = append(ev.Filters, c.filterEvidence(g, f, outcomes))
			}
		}
	}
	return ev
}

func (c *controlJudge) filterEvidence(g *group, f *filter, outcomes []outcome) FilterEvidence {
	e := FilterEvidence{Region: f.site.name, Group: g.name, Name: f.Name, Covers: f.reading.grade == good, Live: true, Value: f.value.grade == good}
	for _, o := range outcomes {
		e.Covers = e.Covers && acceptable(c.cover([]*filter{f}, o.probe), c.account.ID)
		up, _ := c.up(g, o.probe.event)
		e.Live = e.Live && up.grade == good
	}
	p := c.sample(f)
	for _, w := range f.metric.watches {
		noise := c.noise(f.metric, w)
		fires := c.fires(w, f, p).and(noise)
		e.Alarmed = e.Alarmed || fires.grade == good
		e.Notified = e.Notified || fires.and(c.tells(w, p)).grade == good
	}
	e.Noisy = len(c.noise(f.metric, &watch{alarm: &account.MetricAlarm{}}).reasons) > 0
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
		if g := r.trail.group; g != nil && g.link.grade == good && !g.blind {
			c.Region, c.Group = g.site.name, g.name
		}
		out = append(out, c)
	}
	return slices.Clip(out)
}
