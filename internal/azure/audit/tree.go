package audit

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// delay is how long after the change a record is there to be alerted on (Azure
// Monitor documentation of the Activity Log).
const delay = "alerts 3 to 20 minutes after the change"

// tree draws as evidence every rule that concerns the control, what processing rules
// do to it, its groups and their receivers.
func (c *controlJudge) tree() []finding.Link {
	var out []finding.Link
	add := func(k finding.LinkKind, depth int, resource string, s finding.LinkState, format string, args ...any) {
		out = append(out, finding.Link{Kind: k, Depth: depth, Resource: resource, State: s, Detail: fmt.Sprintf(format, args...)})
	}
	if text := unread(c.sub.AlertRules, readRules); text != "" {
		add(finding.LinkAlertRule, 0, "", finding.StateUnknown, "the alert rules could not be read: %s", text)
		return out
	}
	for _, r := range c.rules {
		if !c.Relevant(r) {
			continue
		}
		n := c.nodes[r]
		state, detail := c.ruleState(r, n)
		add(finding.LinkAlertRule, 0, r.ID, state, "%s", detail)
		c.drawProcessing(r, n.Next[0], add)
		for _, g := range n.Next[0].Next {
			c.drawGroup(g, add)
		}
	}
	if len(out) == 0 {
		add(finding.LinkAlertRule, 0, "", finding.StateNone, "no alert rule matches %s (alert rules in the subscription: %d)", c.whatever(), len(c.rules))
	}
	return out
}

type adder func(k finding.LinkKind, depth int, resource string, s finding.LinkState, format string, args ...any)

// ruleState says how much of the control a rule matches by itself.
func (c *controlJudge) ruleState(r *rule, n *chain.Node) (finding.LinkState, string) {
	whole, part := 0, 0
	v := chain.Fine()
	for i, p := range c.probes {
		switch condition.Cover(p.event, []condition.Condition{r.cond}).Fit {
		case condition.Whole, condition.Usual:
			whole++
		case condition.None:
			continue
		default:
			part++
		}
		v = c.graph.Verdict(n, chain.Probe(i))
	}
	detail := fmt.Sprintf("alert rule %s: %s; matches %d of %d operations", r.Name, r.cond, whole, len(c.probes))
	if part > 0 {
		detail += fmt.Sprintf(", %d only in part", part)
	}
	if b := v.Broken(); len(b) > 0 {
		return v.State(), detail + ": " + b[0].Message
	}
	switch {
	case whole == len(c.probes):
		return finding.StateOK, detail + "; " + delay
	case whole+part == 0:
		return finding.StateNone, detail
	}
	return finding.StateGap, detail + "; " + delay
}

// drawProcessing draws the processing rules that meet a rule's alerts.
func (c *controlJudge) drawProcessing(r *rule, n *chain.Node, add adder) {
	v := c.graph.Verdict(n, 0)
	for _, reason := range v.Reasons {
		add(finding.LinkProcessingRule, 1, reason.Resource, chain.Fine().With(reason).State(), "%s", reason.Message)
	}
	if c.health() {
		return
	}
	for i := range c.processing {
		p := &c.processing[i]
		if len(p.Adds) > 0 && c.meets(r, p) == condition.Yes && holds(p, c.o.Now) == now && len(p.Problems) == 0 {
			add(finding.LinkProcessingRule, 1, p.ID, finding.StateOK, "alert processing rule %s adds %d action groups", p.Name, len(p.Adds))
		}
	}
}

// drawGroup draws a group and its receivers, or what stands in its place.
func (c *controlJudge) drawGroup(n *chain.Node, add adder) {
	v := c.graph.Verdict(n, 0)
	g, ok := n.Thing.(*group)
	if !ok {
		add(n.Kind, 1, "", v.State(), "%s", v.Reasons[0].Message)
		return
	}
	detail := "action group " + g.name()
	if b := v.Broken(); len(b) > 0 {
		detail = b[0].Message
	}
	add(n.Kind, 1, g.id, v.State(), "%s", detail)
	for _, m := range n.Next {
		v := c.graph.Verdict(m, 0)
		resource, detail := "", ""
		if r, ok := m.Thing.(receiver); ok {
			resource, detail = receiverID(g, r.Receiver), receiverText(r.Receiver)
		}
		if len(v.Reasons) > 0 {
			detail = v.Reasons[0].Message
		}
		add(m.Kind, 2, resource, v.State(), "%s", detail)
	}
}

// receiverText names a receiver without anything secret: addresses are masked.
func receiverText(r subscription.Receiver) string {
	text := fmt.Sprintf("receiver %s (%s)", r.Name, r.Kind)
	if r.Status != "" {
		text += ": " + r.Status
	}
	return text
}
