package report

import (
	"github.com/monitorctl/monitorctl/internal/finding"
)

// columns are the states that the table shows of a chain, in its order, under the names
// that its cloud has for them.
func columns(f finding.Finding) []finding.Stage {
	if f.Columns != nil {
		return f.Columns
	}
	return []finding.Stage{{Name: "TRAIL", State: f.Stages.Trail}, {Name: "FILTER", State: f.Stages.Filter}, {Name: "ALARM", State: f.Stages.Alarm}, {Name: "NOTIFY", State: f.Stages.Notify}}
}
