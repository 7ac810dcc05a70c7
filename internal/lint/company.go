package lint

import (
	"context"
	"slices"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// maxCompany bounds the patterns that are judged together.
const maxCompany = 16

// A company is the patterns of one file: filters add up, so that what one of
// them misses another may match.
type company struct {
	byName map[string][]*answer // by the names of events that a pattern asks for
}

func newCompany(answers []*answer) *company {
	c := &company{byName: map[string][]*answer{}}
	for _, a := range answers {
		if a.parsed == nil {
			continue
		}
		names, _ := a.parsed.Texts("eventName")
		for _, n := range names {
			if have := c.byName[n]; len(have) < maxCompany && !slices.Contains(have, a) {
				c.byName[n] = append(have, a)
			}
		}
	}
	return c
}

// complete says whether the other patterns of the file match what one of them
// leaves open of a control.
func (c *company) complete(a *answer, part partial) bool {
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
		return cloudtrail.Cover(context.Background(), pattern.Matchers(union), cloudtrail.Requirement{Probes: []cloudtrail.Probe{probe}}).Verdict() != cover.Covered
	})
}
