package audit

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// RuleEvidence is what was found of one rule that may take events of the control, and of
// everything behind it.
type RuleEvidence struct {
	Region string // whose default bus the events arrive on

	// Rules are the rule on that bus and, where it forwards, the one behind it: an event
	// must pass each.
	Rules []account.Rule

	// Alerts are the people and services that its message reaches, masked and sorted.
	Alerts []string

	// Broken is why its message reaches nobody, "" where it does or where that is not
	// known. Unknown are what of it could not be checked.
	Broken  string
	Unknown []string
}

// ruleEvidence collects the rules of the control, by bus and name.
func (c *controlJudge) ruleEvidence() []RuleEvidence {
	var out []RuleEvidence
	seen := map[*chain.Node]bool{}
	for _, root := range c.ruleRoots {
		for _, bus := range root.Next {
			if !seen[bus] {
				seen[bus] = true
				out = append(out, c.rulesOn(bus, nil)...)
			}
		}
	}
	return out
}

// rulesOn collects the rules of a bus, to which those before have forwarded.
func (c *controlJudge) rulesOn(bus *chain.Node, before []*rule) []RuleEvidence {
	var out []RuleEvidence
	for _, n := range bus.Next {
		r, ok := n.Thing.(*rule)
		if !ok {
			continue
		}
		steps := append(slices.Clone(before), r)
		e := RuleEvidence{Region: steps[0].site.name}
		for _, step := range steps {
			e.Rules = append(e.Rules, *step.Rule)
		}
		p := c.probeOf(steps[0].site.name)
		if v := c.graph.Verdict(bus, p); v.Truth != chain.Good {
			e.say(v)
		}
		for _, step := range steps {
			switch step.State {
			case account.RuleEnabled, account.RuleReadsToo:
			case account.RuleDisabled:
				e.off("rule " + step.Name + " is disabled")
			default:
				e.Unknown = append(e.Unknown, fmt.Sprintf("rule %s: its state %s is not known to this version", step.Name, step.State))
			}
		}
		if r.ManagedBy == "notifications.amazonaws.com" {
			e.Unknown = append(e.Unknown, fmt.Sprintf("rule %s: AWS User Notifications manages it, and monitorctl does not read who that notifies", r.Name))
		}
		if e.Broken != "" {
			out = append(out, e)
			continue
		}
		var behind []RuleEvidence
		for _, target := range n.Behind() {
			if _, forwards := target.Thing.(*receiver); forwards && len(before) == 0 && c.graph.Verdict(target, p).Truth == chain.Good {
				behind = append(behind, c.rulesOn(target, steps)...)
				continue
			}
			c.alerted(&e, target, p)
		}
		e.finish()
		if len(e.Alerts)+len(e.Unknown) > 0 || len(behind) == 0 {
			out = append(out, e)
		}
		out = append(out, behind...)
	}
	return out
}

// probeOf is a probe of a region's events, any where none is.
func (c *controlJudge) probeOf(region string) chain.Probe {
	return chain.Probe(max(slices.IndexFunc(c.probes, func(p probe) bool { return p.Region == region }), 0))
}

// alerted adds who gets the message by way of a target or of what is behind it.
func (c *controlJudge) alerted(e *RuleEvidence, n *chain.Node, p chain.Probe) {
	v := c.graph.Verdict(n, p)
	if v.Truth != chain.Good {
		e.say(v)
		return
	}
	byMachine := slices.ContainsFunc(v.Reasons, func(r finding.Reason) bool {
		return r.Code == CodeSubscriberMachine || r.Code == CodeRuleTargetMachine || r.Code == CodeRuleTargetOther
	})
	switch t := n.Thing.(type) {
	case *account.Subscription:
		if byMachine {
			e.say(v)
		} else {
			e.Alerts = append(e.Alerts, t.Endpoint)
		}
		return
	case *ruleTarget:
		if n.End && byMachine {
			e.say(v)
			return
		}
		if n.End {
			to, _ := account.ParseARN(t.ARN)
			e.Alerts = append(e.Alerts, to.Service+" "+to.Resource)
			return
		}
	}
	for _, m := range n.Behind() {
		c.alerted(e, m, p)
	}
}

// off notes what keeps a rule from sending at all.
func (e *RuleEvidence) off(why string) {
	if e.Broken == "" {
		e.Broken = why
	}
}

// say notes why a way ends: for certain, or because it could not be checked.
func (e *RuleEvidence) say(v chain.Verdict) {
	reasons := v.Broken()
	if len(reasons) == 0 {
		reasons = v.Reasons
	}
	switch {
	case len(reasons) == 0:
	case v.Truth == chain.Unread:
		e.Unknown = append(e.Unknown, reasons[0].Message)
	default:
		e.off(reasons[0].Message)
	}
}

// finish sorts, and drops what does not count: why nobody is reached where someone is
// or where that is not known.
func (e *RuleEvidence) finish() {
	e.Alerts, e.Unknown = sorted(e.Alerts), sorted(e.Unknown)
	if len(e.Alerts)+len(e.Unknown) > 0 {
		e.Broken = ""
	}
}
