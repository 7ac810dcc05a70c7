package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// rules are the rules of the ways taken, each once.
func (o *outcome) rules() []*rule {
	var out []*rule
	for _, n := range o.Used {
		if r, ok := n.Thing.(*rule); ok && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// byRules reports whether the outcome is about event buses only.
func (o *outcome) byRules() bool {
	if o.Gap != nil {
		return o.gapByRules()
	}
	return len(o.rules()) > 0 && len(o.filters()) == 0
}

// gapByRules reports whether a gap is one of a bus, or one of filters and rules together
// that rests on how event patterns are read.
func (o *outcome) gapByRules() bool {
	unclear := o.Gap.Coverage.Fit == chain.Unresolved && slices.ContainsFunc(coverage(o.Gap.Coverage).Rules, eventpattern.IsRule)
	return o.gapGroup() == nil || unclear
}

// ruleGapCode is the code of what the rules of a bus leave out.
func (o *outcome) ruleGapCode() finding.Code {
	switch {
	case o.Gap.None:
		return CodeNoRule
	case o.Gap.Coverage.Fit == chain.Nothing:
		e, ok := o.Gap.Fork.Thing.(*entry)
		if ok && len(o.rules()) > 0 && !slices.ContainsFunc(e.rules, func(r *rule) bool { return r.site.name == o.probe.Region }) {
			return CodeRuleOtherRegion
		}
		return CodeRuleMissesEvent
	case o.Gap.Coverage.Fit == chain.Unresolved:
		return CodeRuleNotUnderstood
	case o.narrower() != nil:
		return CodeTrailExcludes
	}
	return CodeRuleNarrowed
}

// gapPlace tells the buses of gaps apart; "" for a log group.
func (o *outcome) gapPlace() string {
	if r, ok := o.Gap.Fork.Thing.(*receiver); ok {
		return r.arn
	}
	return ""
}

// gapBus is how reports name the bus with the gap.
func (c *controlJudge) gapBus(o *outcome) string {
	switch bus := o.Gap.Fork.Thing.(type) {
	case *receiver:
		return bus.arn
	default:
		return busARN(c.at(c.account, o.probe.Region), account.DefaultBus)
	}
}

// ruleGapReason words the gap that outcomes share.
func (c *controlJudge) ruleGapReason(outcomes []outcome) finding.Reason {
	o := outcomes[0]
	code, cov := o.gapCode(), coverage(o.Gap.Coverage)
	r := finding.Reason{Code: code, Status: finding.Fail, Link: finding.LinkRule, Resource: c.gapBus(&o)}
	if only := soleRule(outcomes); only != nil && code != CodeNoRule {
		r.Resource = only.ARN
	}
	events := enumerate(eventNames(outcomes))
	switch code {
	case CodeNoRule:
		r.Message = "no rule matches " + c.whatever()
		if stray := c.stray; stray != nil {
			r.Code, r.Resource = CodeRuleOtherBus, stray.ARN
			r.Message = fmt.Sprintf("rule %s is on bus %s in %s, which gets no events of CloudTrail", stray.Name, stray.bus, stray.site.name)
		}
	case CodeRuleOtherRegion:
		used := o.rules()[0]
		r.Message = fmt.Sprintf("rule %s is in %s and gets no events of %s", used.Name, used.site.name, enumerate(regionsOfOutcomes(outcomes)))
	case CodeTrailExcludes:
		r.Link, r.Resource = finding.LinkTrail, o.narrower().ARN
		r.Message = fmt.Sprintf("trail %s does not record %s when %s", o.narrower().Name, events, lostText(cov.Lost))
	case CodeRuleNarrowed:
		r.Message = fmt.Sprintf("EventBridge rules would not see %s when %s", events, lostText(cov.Lost))
	case CodeRuleNotUnderstood:
		r.Status = finding.Unknown
		r.Message = fmt.Sprintf("whether EventBridge rules would see %s depends on something AWS does not document: %s", events, strings.Join(cov.Rules, ", "))
	default:
		r.Message = "no EventBridge rule matches " + events
	}
	return r
}

func regionsOfOutcomes(outcomes []outcome) []string {
	var list []string
	for _, o := range outcomes {
		list = append(list, o.probe.Region)
	}
	return sorted(list)
}

// soleRule returns the one rule that all outcomes used, nil when there are several
// or none.
func soleRule(outcomes []outcome) *rule {
	var sole *rule
	for _, o := range outcomes {
		for _, r := range o.rules() {
			if sole != nil && sole != r {
				return nil
			}
			sole = r
		}
	}
	return sole
}

// strayRule is a rule that would take events of the control and stands on a bus that
// gets none; nil where there is none.
func (c *controlJudge) strayRule() *rule {
	for i := range c.account.Regions {
		at := c.at(c.account, c.account.Regions[i].Name)
		list, _ := at.read().BusList.Got()
		for _, arn := range list {
			bus := at.read().Buses[arn]
			if bus == nil || bus.Description != nil { // events are forwarded to those that were described
				continue
			}
			_, name, _ := strings.Cut(arn, ":event-bus/")
			rules, _ := bus.Rules.Got()
			for k := range rules {
				if r := c.ruleOf(&rules[k], at, name); r != nil && r.State != account.RuleDisabled {
					return r
				}
			}
		}
	}
	return nil
}

// isOfRules reports whether a reason is about a way by event buses.
func isOfRules(r finding.Reason) bool {
	return r.Link == finding.LinkBus || r.Link == finding.LinkRule || r.Link == finding.LinkForwarder || r.Link == finding.LinkTarget
}

// ruleStages reads the stages of a way by event buses off its reasons: filter and
// alarm are not among them.
func (o *outcome) ruleStages() finding.Stages {
	s := finding.Stages{Trail: finding.StateOK, Notify: finding.StateOK}
	for _, r := range o.Reasons {
		state := finding.StateNone
		switch r.Status {
		case finding.Unknown:
			state = finding.StateUnknown
		case finding.Fail:
		default:
			continue
		}
		if r.Link == finding.LinkTrail || r.Link == finding.LinkBus {
			s.Trail = state
		} else if s.Notify != finding.StateNone {
			s.Notify = state
		}
	}
	switch o.gapCode() {
	case "":
	case CodeTrailExcludes:
		s.Trail = finding.StateGap
	case CodeRuleNotUnderstood:
		s.Notify = finding.StateUnknown
	case CodeNoRule, CodeRuleOtherRegion, CodeRuleMissesEvent:
		s.Notify = finding.StateNone
	default:
		s.Notify = finding.StateGap
	}
	return s
}
