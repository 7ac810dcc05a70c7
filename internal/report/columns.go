package report

import (
	"github.com/monitorctl/monitorctl/internal/finding"
)

// columns are the four states that the table shows of a chain, in its order.
func columns(f finding.Finding) []finding.LinkState {
	return []finding.LinkState{f.Stages.Trail, f.Stages.Filter, f.Stages.Alarm, f.Stages.Notify}
}
