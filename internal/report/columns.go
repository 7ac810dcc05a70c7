package report

import "github.com/monitorctl/monitorctl/internal/aws/audit"

// columns are the four states that the table shows of a chain, in its order.
func columns(f audit.Finding) []audit.LinkState {
	return []audit.LinkState{f.Stages.Trail, f.Stages.Filter, f.Stages.Alarm, f.Stages.Notify}
}
