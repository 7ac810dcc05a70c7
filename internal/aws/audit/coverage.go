package audit

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern"
)

// recorded returns the conditions under which the trails of a filter's log group
// record a probe's event, as alternatives; nil when one of them records it
// whatever it holds, or none does.
func (c *controlJudge) recorded(f *filter, p probe) []string {
	g := c.groupOfFilter(f)
	var only []string
	for _, t := range c.trails {
		if t.group != g || g == nil {
			continue
		}
		switch l := t.carries(p.event); {
		case l.grade == bad:
		case l.only == "":
			return nil
		default:
			only = append(only, l.only)
		}
	}
	return only
}

// cover decides one probe over a set of filters, which see what their trails
// record.
func (c *controlJudge) cover(filters []*filter, p probe) pattern.ProbeCoverage {
	if !c.narrowing {
		return c.coverAll(filters, p)
	}
	var parts []*filter
	for _, f := range filters {
		only := c.recorded(f, p)
		if only == nil || f.pattern == nil {
			parts = append(parts, f)
			continue
		}
		for _, text := range only {
			parts = append(parts, narrowedFilter(f, text))
		}
	}
	return c.coverAll(parts, p)
}

// narrowedFilter is a filter that sees only some records; one of which nothing is
// known when they cannot be told.
func narrowedFilter(f *filter, only string) *filter {
	out := *f
	out.key, out.pattern = f.key+"\x00"+only, nil
	if p, err := pattern.Parse("{ " + only + " }"); err == nil {
		out.pattern, _ = pattern.And(f.pattern, p)
	}
	return &out
}

// coverAll decides one probe over a set of filters as if all records reached
// them. The answer, its examples included, is the same in every region unless
// some filter asks for the region.
func (c *controlJudge) coverAll(filters []*filter, p probe) pattern.ProbeCoverage {
	var key strings.Builder
	var patterns []*pattern.Pattern
	for _, f := range filters {
		if f.pattern == nil || f.deselected {
			continue
		}
		patterns = append(patterns, f.pattern)
		key.WriteString(f.key)
		key.WriteByte(0)
	}
	if have, ok := c.covers[key.String()+c.shapeKey(p.Probe)]; ok {
		return have
	}
	shapes := c.together(p.Probe)
	for i, got := range pattern.Cover(patterns, pattern.Requirement{Probes: shapes}).Probes {
		c.covers[key.String()+c.shapeKey(shapes[i])] = got
	}
	return c.covers[key.String()+c.shapeKey(p.Probe)]
}

// shapeKey tells probes apart as far as filters can.
func (c *controlJudge) shapeKey(p pattern.Probe) string {
	key := p.Source + "\x00" + p.Event + "\x00" + p.ReadOnly
	if c.regional {
		key += "\x00" + p.Region
	}
	return key
}

// together returns the probes to decide with one, itself included: what is known
// of the filters serves them all, and whoever asks about one of the control's
// probes asks about the others.
func (c *controlJudge) together(p pattern.Probe) []pattern.Probe {
	for _, family := range [][]probe{c.probes, c.beyond} {
		var shapes []pattern.Probe
		seen := map[string]bool{}
		for _, own := range family {
			if key := c.shapeKey(own.Probe); !seen[key] {
				seen[key] = true
				shapes = append(shapes, own.Probe)
			}
		}
		if seen[c.shapeKey(p)] {
			return shapes
		}
	}
	return []pattern.Probe{p}
}
