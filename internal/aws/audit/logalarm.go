package audit

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// logAlarms returns why log alarms on a log group may tell of a probe all the
// same: their queries are not judged. Those that reach nobody tell nothing.
func (c *controlJudge) logAlarms(p probe) []finding.Reason {
	var reasons []finding.Reason
	for _, g := range c.groups {
		up, _ := c.up(g, p.event)
		if g.blind || up.grade == bad {
			continue
		}
		alarms, _ := g.site.read().Alarms.Got()
		for i := range alarms.Log {
			a := &alarms.Log[i]
			if _, notify := c.notification(g.site, a.ARN, a.Name, a.ActionsEnabled, a.AlarmActions); notify.grade == bad || !a.Searches([]string{g.name}) {
				continue
			}
			reasons = append(reasons, finding.Reason{Code: CodeAlarmKind, Status: finding.Unknown, Link: finding.LinkAlarm, Resource: a.ARN,
				Message: fmt.Sprintf("log alarm %s searches log group %s, which this build does not judge", a.Name, g.name)})
		}
	}
	return reasons
}
