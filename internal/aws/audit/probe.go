package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A probe is one required event (or the condition) in one region: it needs one
// good path.
type probe struct {
	cloudtrail.Probe
	event event
	shape int // 1 + the number of its shape; 0 where it has none yet
}

// probesOf returns the probes of a control in an account, by event and then by
// region.
func probesOf(a *account.Account, c catalog.Control, b catalog.Benchmark) ([]probe, error) {
	shapes, err := shapesOf(c, b)
	if err != nil {
		return nil, err
	}
	regions := regionsOf(a, c)
	probes := make([]probe, 0, len(shapes)*len(regions))
	for _, s := range shapes {
		for _, region := range regions {
			if !account.Offers(s.Source, region) {
				continue
			}
			s.Region, s.Account = region, a.ID
			probes = append(probes, probe{Probe: s, event: event{
				source: s.Source, name: s.Event, region: region, partition: a.Partition,
				readOnly: s.ReadOnly, account: a.ID,
			}})
		}
	}
	return probes, nil
}

// beyondOf returns the probes of the core operations that a version does not
// require.
func beyondOf(a *account.Account, c catalog.Control, b catalog.Benchmark) []probe {
	events, regions := c.BlindSpots(b), regionsOf(a, c)
	probes := make([]probe, 0, len(events)*len(regions))
	for _, e := range events {
		for _, region := range regions {
			probes = append(probes, probe{
				Probe: cloudtrail.Probe{Source: e.Source, Event: e.Name, Region: region, Account: a.ID, ReadOnly: c.ReadOnly, EventTypes: c.EventTypes},
				event: event{source: e.Source, name: e.Name, region: region, partition: a.Partition, readOnly: c.ReadOnly, account: a.ID},
			})
		}
	}
	return probes
}

// Probes returns what a control requires in a benchmark version, as records of
// any region and account.
func Probes(c catalog.Control, b catalog.Benchmark) ([]cloudtrail.Probe, error) {
	return shapesOf(c, b)
}

func shapesOf(c catalog.Control, b catalog.Benchmark) ([]cloudtrail.Probe, error) {
	base := cloudtrail.Probe{ReadOnly: c.ReadOnly, EventTypes: c.EventTypes, Failures: c.Failures}
	if c.Type == catalog.Condition {
		condition, err := pattern.Parse(c.Condition)
		if err != nil {
			return nil, err
		}
		base.Condition = condition
		if len(c.Sources) == 1 {
			base.Source = c.Sources[0]
		}
		if !c.Reads {
			return []cloudtrail.Probe{base}, nil
		}
		// Reads and writes can come by different trails.
		reads, writes := base, base
		reads.ReadOnly, writes.ReadOnly = "true", "false"
		return []cloudtrail.Probe{writes, reads}, nil
	}
	var out []cloudtrail.Probe
	for _, e := range c.Required(b) {
		p := base
		p.Source, p.Event = e.Source, e.Name
		out = append(out, p)
	}
	return out, nil
}

// regionsOf returns the regions in which a control's events can occur: those in
// scope; for global services the partition's global regions, which are always
// probed; both for console sign-ins, because the root user signs in there, and for
// conditions on any service, because global ones are among them.
func regionsOf(a *account.Account, c catalog.Control) []string {
	both := sorted(slices.Concat(a.Scope, account.GlobalRegions(a.Partition)))
	switch c.Scope {
	case catalog.Global:
		return account.GlobalRegions(a.Partition)
	case catalog.SignIn:
		return both
	}
	if c.Type == catalog.Condition && len(c.Sources) == 0 {
		return both
	}
	return a.Scope
}
