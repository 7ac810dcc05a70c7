package audit

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// logAlarms returns why log alarms on a log group may tell of a probe all the
// same: their queries are not checked. Those that reach nobody tell nothing.
func (c *controlJudge) logAlarms(p chain.Probe) []finding.Reason {
	var reasons []finding.Reason
	for _, n := range c.forks {
		g := n.Thing.(*group)
		up, _ := c.graph.Above(n, p)
		if g.blind || up.And(c.graph.Verdict(n, p)).Truth == chain.Bad {
			continue
		}
		alarms, _ := g.site.read().Alarms.Got()
		for i := range alarms.Log {
			a := &alarms.Log[i]
			if !a.Searches([]string{g.name}) || !c.notifies(&notifier{site: g.site, arn: a.ARN, name: a.Name, enabled: a.ActionsEnabled, actions: a.AlarmActions}, p) {
				continue
			}
			reasons = append(reasons, finding.Reason{Code: CodeAlarmKind, Status: finding.Unknown, Link: finding.LinkAlarm, Resource: a.ARN,
				Message: fmt.Sprintf("log alarm %s searches log group %s, which this version does not evaluate", shown(a.Name), g.name)})
		}
	}
	return reasons
}

// notifies reports whether the actions of an alarm may reach a person.
func (c *controlJudge) notifies(n *notifier, p chain.Probe) bool {
	for _, a := range c.actionsOf(n) {
		if c.graph.Tail(a, p).Truth != chain.Bad {
			return true
		}
	}
	return false
}
