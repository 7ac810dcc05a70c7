package audit

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// An outcome is the answer of the graph to one probe.
type outcome struct {
	chain.Outcome
	probe probe
}

// judgeProbes asks the graph about every probe, as long as ctx lasts.
func (c *controlJudge) judgeProbes(ctx context.Context) ([]outcome, error) {
	out := make([]outcome, len(c.probes))
	for i := range c.probes {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		out[i] = outcome{c.graph.Judge(chain.Probe(i)), c.probes[i]}
	}
	return out, nil
}

// coverage is what a union of patterns does, as package pattern has it.
func coverage(c chain.Coverage) cloudtrail.ProbeCoverage {
	cov, _ := c.Detail.(cloudtrail.ProbeCoverage)
	return cov
}

// lost are the cases that are lost: those that the good ways leave out, else the used
// filters.
func (o *outcome) lost() []cover.Case {
	switch {
	case o.Truth == chain.Unread:
		return nil
	case o.Truth == chain.Bad && o.All.Fit == chain.Partly:
		return coverage(o.All).Lost
	}
	if o.Coverage.Fit == chain.Tolerated || o.Coverage.Fit == chain.Partly {
		return coverage(o.Coverage).Lost
	}
	return nil
}

// failures are the failed calls that are lost.
func (o *outcome) failures() []cover.Case {
	if o.Truth != chain.Good {
		return nil
	}
	return coverage(o.All).LostFailures
}

// filters are the filters of the ways taken.
func (o *outcome) filters() []*filter {
	var out []*filter
	for _, n := range o.Used {
		if f, ok := n.Thing.(*filter); ok {
			out = append(out, f)
		}
	}
	return out
}

// gapCode is the code of what the filters of a log group leave out.
func (o *outcome) gapCode() finding.Code {
	switch {
	case o.Gap == nil:
		return ""
	case o.gapByRules():
		return o.ruleGapCode()
	case o.Gap.None:
		return CodeNoFilter
	case o.Gap.Coverage.Fit == chain.Unresolved:
		return CodeFilterNotUnderstood
	case o.narrower() != nil:
		return CodeTrailExcludes
	case o.Gap.Coverage.Fit == chain.Nothing:
		return CodeFilterMissesEvent
	}
	return CodeFilterNarrowed
}

// narrower is the trail whose conditions keep records from filters that would
// match them; nil when it is the filters that narrow.
func (o *outcome) narrower() *trail {
	if o.By == nil {
		return nil
	}
	switch t := o.By.Thing.(type) {
	case *trail:
		return t
	case recorder:
		return t.trail
	}
	return nil
}

// gapGroup is the log group with the gap.
func (o *outcome) gapGroup() *group {
	g, _ := o.Gap.Fork.Thing.(*group)
	return g
}
