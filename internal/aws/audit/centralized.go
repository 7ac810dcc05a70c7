package audit

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// centralized returns the filters on destinations of log centralization that may
// see a probe: a copy of the log group's events that no trail delivers. That a
// log group is such a destination shows in filters that ask for the system fields
// of centralized logs; whether a rule copies this account's events there is not
// read.
func (c *controlJudge) centralized(p chain.Probe) []finding.Reason {
	var reasons []finding.Reason
	for _, f := range c.world.centralized() {
		if r, ok := c.destination(f.filter, c.at(f.account, f.region), c.probe(p)); ok {
			reasons = append(reasons, r)
		}
	}
	return reasons
}

func (c *controlJudge) destination(f account.MetricFilter, at *site, p probe) (finding.Reason, bool) {
	fed := slices.ContainsFunc(c.groups, func(g *group) bool { return g.site == at && g.name == f.LogGroup })
	if fed || !c.mayCopy(f) {
		return finding.Reason{}, false
	}
	made := newFilter(f, at, nil, at.account.ID)
	made.deselected = false // its system fields are those of the source
	if made.pattern == nil || !c.touches(made.passage(), p) || c.incidental(made.passage(), p) {
		return finding.Reason{}, false
	}
	return finding.Reason{Code: CodeCentralizedElsewhere, Status: finding.Unknown, Link: finding.LinkFilter, Resource: made.arn,
		Message: fmt.Sprintf("filter %s on log group %s of account %s in %s may see the event by log centralization, which was not read",
			f.Name, f.LogGroup, at.account.ID, at.name)}, true
}

// mayCopy reports whether the field selection of a filter admits events copied from
// one of the log groups that the account's trails deliver to.
func (c *controlJudge) mayCopy(f account.MetricFilter) bool {
	if f.FieldSelection == "" {
		return true
	}
	return slices.ContainsFunc(c.groups, func(g *group) bool {
		if g.blind {
			return false
		}
		ok, err := selected(f.FieldSelection, systemFields(g.site))
		return ok || err != nil
	})
}

// telemetry returns the telemetry rules that may deliver a region's events to a
// log group where no trail does.
func (c *controlJudge) telemetry(p probe) []finding.Reason {
	if slices.ContainsFunc(c.trails, func(t *trail) bool { return t.reaches(p.Region) }) {
		return nil
	}
	var reasons []finding.Reason
	rules, _ := c.at(c.account, p.Region).read().TelemetryRules.Got()
	for _, r := range rules {
		if r.Resource != account.CloudTrailTelemetry {
			continue
		}
		reasons = append(reasons, finding.Reason{Code: CodeTelemetrySource, Status: finding.Unknown, Link: finding.LinkTrail, Resource: r.ARN,
			Message: fmt.Sprintf("telemetry rule %s may deliver the events of %s to CloudWatch Logs without a trail, which this version does not follow", r.Name, p.Region)})
	}
	return reasons
}
