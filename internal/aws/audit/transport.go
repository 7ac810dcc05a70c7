package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// The transports that Options can ask for.
const (
	AnyTransport    = ""            // a filter with its alarm, or a rule
	MetricTransport = "metric"      // as benchmark tools look: rules count for nothing
	RuleTransport   = "eventbridge" // filters and alarms count for nothing
)

// transport says by what the required events reach a person, and notes that it is
// not by what benchmark tools look for. Nothing where some event does not.
func (c *controlJudge) transport(f *finding.Finding, outcomes []outcome) {
	for _, o := range outcomes {
		if o.Truth != chain.Good {
			return
		}
	}
	metric, rules := c.passesBy(c.metricRoots), c.passesBy(c.ruleRoots)
	switch {
	case metric && !rules:
		f.Transport = finding.Metric
	case rules && !metric:
		f.Transport = finding.EventBridge
	default:
		f.Transport = finding.Both
	}
	if !metric {
		f.Reasons = append(f.Reasons, finding.Reason{Code: CodeByRules, Status: finding.Pass, Link: finding.LinkRule,
			Message: "EventBridge rules carry what no metric filter with an alarm does. The audit steps of CIS and the CloudWatch controls of Security Hub look for a metric filter, so they stay red"})
	}
}

// passesBy reports whether every probe reaches a person by some of the roots alone.
func (c *controlJudge) passesBy(roots []*chain.Node) bool {
	switch {
	case len(roots) == 0:
		return false
	case len(roots) == len(c.graph.Roots()):
		return true // asked of outcomes that are all good
	}
	g := chain.NewGraph(roots, c)
	return !slices.ContainsFunc(c.probes, func(p probe) bool { return !g.Passes(c.number(p)) })
}

// number is the number of one of the control's probes.
func (c *controlJudge) number(p probe) chain.Probe {
	return chain.Probe(slices.IndexFunc(c.probes, func(o probe) bool { return o.event == p.event }))
}
