package plan

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// WayOut says what resolves the conflict. canReplace says that the command has a flag
// --replace.
func (c Conflict) WayOut(canReplace bool) string {
	switch {
	case c.NoRoom:
		return c.moreRoom()
	case c.Unread && c.Call != nil:
		return audit.CallStep(*c.Call, "plan")
	case c.Unread:
		return "run plan on the account itself, or take the snapshot again with 'monitorctl snapshot': this one does not hold it"
	}
	hint := "--name-prefix PREFIX writes under names of your own"
	if arn, ok := account.ParseARN(c.Resource); ok && arn.Service == "sns" {
		hint = "--topic-arn ARN uses a topic that exists" // the prefix is not for topics
	}
	if canReplace && c.Replaceable {
		hint += "; --replace " + c.Name + " takes this one over"
	}
	return hint
}

// moreRoom says how a plan could fit into a log group.
func (c Conflict) moreRoom() string {
	const few = 5
	text := "name fewer controls"
	switch n := len(c.Spare); {
	case n > few:
		text += fmt.Sprintf(", or delete filters whose metric no alarm watches: %s and %d more", strings.Join(c.Spare[:few], ", "), n-few)
	case n > 0:
		text += ", or delete filters whose metric no alarm watches: " + strings.Join(c.Spare, ", ")
	}
	return text
}

// unreadConflict is a conflict with something that could not be read.
func (b *builder) unreadConflict(region, resource, name, reason, want string, f *account.Failure) Conflict {
	c := b.conflict(region, resource, name, reason, "unread", want)
	c.Unread = true
	if f != nil {
		c.Call = &finding.Call{Operation: f.Operation, Code: f.Code, Message: f.Message}
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
