package lint

import (
	"context"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"path/filepath"
	"slices"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// maxCompany bounds the patterns that are judged together.
const maxCompany = 16

// A company is the patterns of one module or file: filters add up, so that what
// one of them misses another may match.
type company struct {
	byName map[string][]*answer // by the names of events that a pattern asks for
}

// unitOf names what a pattern belongs to: the directory of a module, else its
// file.
func unitOf(r *reading, f iac.Found) string {
	if r.format == Terraform && r.rel != "" {
		return filepath.Dir(f.Source.Path) + string(filepath.Separator)
	}
	return r.path
}

// companies returns the patterns of each unit.
func (j *judge) companies(all []*reading) map[string]*company {
	units := map[string]*company{}
	for _, r := range all {
		for _, f := range r.found {
			unit := unitOf(r, f)
			if units[unit] == nil {
				units[unit] = &company{byName: map[string][]*answer{}}
			}
			if a := j.answers[questionOf(f)]; a != nil && a.parsed != nil && f.Kind != iac.SubscriptionFilter {
				units[unit].add(a)
			}
		}
	}
	return units
}

func (c *company) add(a *answer) {
	names, _ := a.parsed.Texts("eventName")
	for _, n := range names {
		if have := c.byName[n]; len(have) < maxCompany && !slices.Contains(have, a) {
			c.byName[n] = append(have, a)
		}
	}
}

// complete reports whether the other patterns match what one of them leaves open
// of a control.
func (c *company) complete(a *answer, part partial) bool {
	if c == nil {
		return false
	}
	return !slices.ContainsFunc(part.open, func(probe cloudtrail.Probe) bool {
		union := []*pattern.Pattern{a.parsed}
		for _, other := range c.byName[probe.Event] {
			if other != a {
				union = append(union, other.parsed)
			}
		}
		if len(union) == 1 {
			return true
		}
		if matched, decided := unionGiven(union, probe); decided {
			return !matched
		}
		return cloudtrail.Cover(context.Background(), pattern.Matchers(union), cloudtrail.Requirement{Probes: []cloudtrail.Probe{probe}}).Verdict() != cover.Covered
	})
}

// unionGiven reports whether patterns match a probe, where the names of its event
// and source decide that.
func unionGiven(union []*pattern.Pattern, probe cloudtrail.Probe) (matched, decided bool) {
	if probe.Event == "" || probe.Source == "" || probe.Condition != nil {
		return false, false
	}
	decided = true
	for _, p := range union {
		_, value, known := p.Given(map[string]string{"eventName": probe.Event, "eventSource": probe.Source})
		if known && value {
			return true, true
		}
		decided = decided && known
	}
	return false, decided
}
