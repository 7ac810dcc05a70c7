package audit

import (
	"cmp"
	"slices"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/azure/peers"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// finding judges every probe of the control and puts the outcomes together.
func (c *controlJudge) finding() finding.Finding {
	number, _ := c.control.Number(c.o.Benchmark)
	f := finding.Finding{
		Cloud: catalog.Azure, ID: finding.HashID(c.sub.ID, c.control.ID), Control: c.control.ID, Title: c.control.Title,
		Severity: c.control.Severity, Number: number, Account: c.sub.ID, Status: finding.Pass,
	}
	if !c.sub.Works() {
		f.Status = finding.NotApplicable
		f.Reasons = []finding.Reason{reason(CodeNotInScope, finding.Pass, finding.LinkAlertRule, c.sub.Scope(), "the subscription is %s: nothing can be changed in it", c.sub.State)}
		return f
	}
	outcomes := make([]outcome, len(c.probes))
	for i := range c.probes {
		outcomes[i] = outcome{c.graph.Judge(chain.Probe(i)), c.probes[i]}
	}
	f.Reasons = c.reasons(outcomes)
	f.Status = chain.Status(outcomes, f.Reasons)
	f.Missed = missed(outcomes)
	f.Narrowed = c.narrowed(outcomes)
	f.Columns = columns(outcomes)
	f.Chain = c.tree()
	f.Literal = c.literal()
	f.BlindSpots = c.blindSpots()
	if rules, ok := c.sub.AlertRules.Got(); ok {
		f.Peers = peers.Opinions(c.sub.ID, rules, c.control.RequiredOperations())
	}
	f.Remediation = remediation(&f)
	return f
}

// missed lists the operations that nobody would be alerted of.
func missed(outcomes []outcome) []finding.MissedEvent {
	var out []finding.MissedEvent
	for _, o := range outcomes {
		if o.Truth == chain.Bad {
			out = append(out, finding.MissedEvent{Source: o.probe.Namespace(), Event: cmp.Or(o.probe.Name, o.probe.Incident)})
		}
	}
	slices.SortFunc(out, func(a, b finding.MissedEvent) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Event, b.Event))
	})
	return out
}

// blindSpots lists the operations beyond the control that nobody would be alerted of
// either.
func (c *controlJudge) blindSpots() []finding.BlindSpot {
	var out []finding.BlindSpot
	for i, p := range c.beyond {
		if !c.graph.Passes(chain.Probe(len(c.probes) + i)) {
			out = append(out, finding.BlindSpot{Source: p.Namespace(), Event: cmp.Or(p.Name, p.Incident), Risk: p.Risk})
		}
	}
	return out
}

// literal reports whether every operation that the benchmark version asks for has a
// rule exactly as its audit text wants it: enabled, on the whole subscription, with a
// condition on category and operation and nothing else, and an action group.
func (c *controlJudge) literal() bool {
	asked := 0
	for _, p := range c.probes {
		if _, ok := p.Numbers[c.o.Benchmark]; !ok || p.Incident != "" {
			continue
		}
		asked++
		if !slices.ContainsFunc(c.rules, func(r *rule) bool { return c.isLiteral(r, p) }) {
			return false
		}
	}
	return asked > 0
}

func (c *controlJudge) isLiteral(r *rule, p probe) bool {
	if status, _ := c.scopeOf(r); status != finding.Pass || !r.Enabled || len(r.Groups) == 0 || len(r.Problems) > 0 || len(r.cond.Clauses) != 2 {
		return false
	}
	fields := map[string]bool{}
	for _, cl := range r.cond.Clauses {
		if cl.Any || cl.Unclear != "" || len(cl.Leaves) != 1 || cl.Leaves[0].Any {
			return false
		}
		fields[subscription.Fold(cl.Leaves[0].Field)] = true
	}
	return fields["category"] && fields["operationname"] && condition.Cover(p.event, []condition.Condition{r.cond}).Fit == condition.Whole
}

// again says what lets a read succeed that had no answer.
func again(c *finding.Call) string {
	switch c.Denial() {
	case finding.DenialPermission, finding.DenialExplicit, finding.DenialSCP:
		return "give the audit the role Monitoring Reader there, or the action " + c.Operation + ", and run it again"
	case finding.DenialThrottled:
		return "run the audit again in some minutes: Azure throttled it"
	case finding.DenialUnreachable:
		return "check the network and the proxy (HTTPS_PROXY), and run the audit again"
	case finding.DenialExpired, finding.DenialCredentials:
		return "sign in again, to the tenant of the subscription (--tenant), and run the audit again"
	case finding.DenialNotAsked:
		return "save a new snapshot: this one does not hold the answer to " + c.Operation
	}
	return "see why " + c.Operation + " fails (" + c.Code + "), and run the audit again"
}

// remediation is one sentence that says what to do next.
func remediation(f *finding.Finding) string {
	if f.Status == finding.Pass || len(f.Reasons) == 0 {
		return ""
	}
	r := f.Reasons[0]
	switch {
	case r.Call != nil:
		return again(r.Call)
	case r.Code == CodeGroupUnreadable:
		return "enable the subscription of the action group, or use an action group of another one"
	case r.Status == finding.Unknown:
		return "check by hand what is not understood, or replace it with what is documented"
	case r.Code == CodeAlertSuppressed || r.Code == CodeAlertSuppressedWindow:
		return "delete the alert processing rule, disable it, or let it leave these alerts out"
	case r.Code == CodeReceiverUnverified:
		return "enter the code that Azure sent to the address, or check that messages arrive"
	case r.Code == CodeReceiverFormat:
		return "send to a logic app that translates the message, or add an e-mail address or telephone to the action group"
	case r.Link == finding.LinkReceiver || r.Link == finding.LinkActionGroup:
		return "give the rule an enabled action group with a receiver that notifies someone"
	case r.Code == CodeRuleDisabled:
		return "enable the alert rule"
	}
	return "add an activity log alert rule on the whole subscription with a condition on category and operationName and nothing else, and an action group"
}
