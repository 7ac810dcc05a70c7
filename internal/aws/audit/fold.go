package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// anyRegion stands for the region of a reason that may hold in several.
const anyRegion = "\x00"

// everywhere returns a reason as it is in whatever region.
func everywhere(r finding.Reason, region string) finding.Reason {
	r.Message = strings.ReplaceAll(r.Message, region, anyRegion)
	if r.Resource == region {
		r.Resource = anyRegion
	}
	if slices.Equal(r.Conditions, []string{region}) {
		r.Conditions = []string{anyRegion}
	}
	return r
}

// fold makes one reason of those that hold in one region each and say the same but
// for its name. All is the number of regions that the control is about.
func fold(list []*tally, all int) []*tally {
	var out []*tally
	first := map[string]*tally{} // by the reason as it is in whatever region
	shapes := map[string]finding.Reason{}
	for _, t := range list {
		shape := t.Reason
		if len(t.regions) == 1 {
			shape = everywhere(t.Reason, t.regions[0])
		}
		key := reasonKey(shape)
		have := first[key]
		if shape.Equal(t.Reason) || have == nil {
			first[key], shapes[key] = t, shape
			out = append(out, t)
			continue
		}
		have.cost, have.probes, have.regions = min(have.cost, t.cost), have.probes+t.probes, sorted(append(have.regions, t.regions...))
	}
	for key, t := range first {
		if shape := shapes[key]; !shape.Equal(t.Reason) && len(t.regions) > 1 {
			t.Message = strings.ReplaceAll(shape.Message, anyRegion, regionNames(t, all))
			t.Resource = strings.ReplaceAll(shape.Resource, anyRegion, "")
			if len(shape.Conditions) > 0 && shape.Conditions[0] == anyRegion {
				t.Conditions = t.regions
			}
		}
	}
	return out
}

// reasonKey tells reasons apart that are not Equal.
func reasonKey(r finding.Reason) string {
	return strings.Join(append([]string{string(r.Code), string(r.Status), string(r.Link), r.Resource, r.Message}, r.Conditions...), "\x00")
}

// regionNames words the regions in which a reason holds.
func regionNames(t *tally, all int) string {
	every, word := "all %d regions", "and"
	if strings.HasPrefix(t.Message, "no ") {
		every, word = "any of the %d regions", "or"
	}
	if len(t.regions) > 3 && len(t.regions) == all {
		return fmt.Sprintf(every, all)
	}
	return enumerateWith(t.regions, word)
}
