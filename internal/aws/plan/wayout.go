package plan

import (
	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// unreadConflict is a conflict with something that could not be read.
func (b *builder) unreadConflict(region, resource, name, reason, want string, f *account.Failure) change.Conflict {
	c := b.conflict(region, resource, name, reason, "unread", want)
	c.Unread = true
	if f != nil {
		c.Answer = audit.CallStep(finding.Call{Operation: f.Operation, Code: f.Code, Message: f.Message}, "plan")
	}
	return c
}

// spareFilters are the filters of a log group whose metric no alarm that was read
// watches, in the order of their names.
func spareFilters(region *account.Region, group string) []string {
	alarms, ok := region.Alarms.Got()
	if !ok {
		return nil
	}
	type metric struct{ namespace, name string }
	watched := map[metric]bool{}
	for _, a := range alarms.Metric {
		watched[metric{a.Namespace, a.Metric}] = true
		for _, q := range a.Queries {
			watched[metric{q.Namespace, q.Metric}] = true
		}
	}
	var names []string
	filters, _ := region.MetricFilters.Got()
	for _, f := range filters {
		if f.LogGroup == group && !watched[metric{f.Namespace, f.Metric}] {
			names = append(names, f.Name)
		}
	}
	return names
}
