package pattern

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
)

func matchersOf(filters []*Pattern) []cover.Matcher {
	list := make([]cover.Matcher, len(filters))
	for i, f := range filters {
		if f != nil {
			list[i] = f
		}
	}
	return list
}

func coverOf(filters []*Pattern, want cloudtrail.Requirement) cloudtrail.Coverage {
	return cloudtrail.Cover(context.Background(), matchersOf(filters), want)
}

func beyondOf(filters []*Pattern, want cloudtrail.Requirement) cover.Breadth {
	return cloudtrail.Beyond(context.Background(), matchersOf(filters), want)
}

func axiomsOf(filters []*Pattern, c cloudtrail.ProbeCoverage) []string {
	return cloudtrail.Axioms(context.Background(), matchersOf(filters), c)
}
