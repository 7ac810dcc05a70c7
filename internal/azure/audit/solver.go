package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/chain"
)

// fits translates what a union of conditions does.
var fits = map[condition.Fit]chain.Fit{
	condition.Whole: chain.Covered, condition.Usual: chain.Tolerated, condition.Partial: chain.Partly, condition.Unclear: chain.Unresolved, condition.None: chain.Nothing,
}

// Cover implements chain.Solver. A way has one matcher, its rule.
func (c *controlJudge) Cover(p chain.Probe, union [][]chain.Matcher) chain.Coverage {
	var list []condition.Condition
	for _, all := range union {
		for _, m := range all {
			if r, ok := m.(*rule); ok {
				list = append(list, r.cond)
			}
		}
	}
	cov := condition.Cover(c.probe(p).event, list)
	return chain.Coverage{Fit: fits[cov.Fit], Lost: len(cov.Levels), Detail: cov}
}

// Touches implements chain.Solver.
func (c *controlJudge) Touches(p chain.Probe, all []chain.Matcher) bool {
	return c.Cover(p, [][]chain.Matcher{all}).Fit != chain.Nothing
}

// Incidental implements chain.Solver: no rule is about something else.
func (c *controlJudge) Incidental(chain.Probe, []chain.Matcher) bool { return false }

// Relevant implements chain.Solver: a rule is about the control when it names one of
// its operations, or matches records of one.
func (c *controlJudge) Relevant(m chain.Matcher) bool {
	r, ok := m.(*rule)
	if !ok {
		return false
	}
	relevant, known := c.relevant[r]
	if !known {
		relevant = slices.ContainsFunc(c.probes, func(p probe) bool {
			return r.cond.Names(p.event) || condition.Cover(p.event, []condition.Condition{r.cond}).Fit != condition.None
		})
		c.relevant[r] = relevant
	}
	return relevant
}
