package pattern

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
)

func coverOf(filters []*Pattern, want cloudtrail.Requirement) cloudtrail.Coverage {
	return cloudtrail.Cover(context.Background(), Matchers(filters), want)
}

func beyondOf(filters []*Pattern, want cloudtrail.Requirement) cover.Breadth {
	return cloudtrail.Beyond(context.Background(), Matchers(filters), want)
}

func axiomsOf(filters []*Pattern, c cloudtrail.ProbeCoverage) []string {
	return cloudtrail.Axioms(context.Background(), Matchers(filters), c)
}
