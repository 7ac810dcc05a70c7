package audit

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// recorder draws a trail as event buses see it.
func (d *drawer) recorder(r recorder, n *chain.Node, depth int) {
	state := finding.StateNone
	good := 0
	for i := range d.probes {
		switch d.graph.Verdict(n, chain.Probe(i)).Truth {
		case chain.Good:
			good++
		case chain.Unread:
			state = finding.StateUnknown
		}
	}
	switch {
	case good == len(d.probes):
		state = finding.StateOK
	case good > 0:
		state = finding.StateGap
	}
	d.add(n.Kind, depth, r.ARN, state, "trail "+r.Name+", as the default event buses see it")
}

// entry draws the default buses, and reports whether they were drawn before.
func (d *drawer) entry(e *entry, n *chain.Node, depth int, p chain.Probe) bool {
	detail, v := "the default event buses", d.graph.Verdict(n, p)
	if b := v.Broken(); len(b) > 0 {
		detail = b[0].Message
	}
	if d.buses[e] {
		d.add(n.Kind, depth, "", v.State(), detail+" (see above)")
		return true
	}
	if d.buses == nil {
		d.buses = map[*entry]bool{}
	}
	d.buses[e] = true
	d.add(n.Kind, depth, "", v.State(), detail)
	if len(e.rules) == 0 {
		d.add(finding.LinkRule, depth+1, "", finding.StateNone, "no rule matches "+d.whatever())
	}
	return false
}

// rule draws a rule.
func (d *drawer) rule(r *rule, n *chain.Node, depth int) chain.Probe {
	p, whole := chain.Probe(0), 0
	for i := range d.probes {
		if d.graph.Alone(n, chain.Probe(i)).Suffices() {
			if whole == 0 {
				p = chain.Probe(i)
			}
			whole++
		}
	}
	v := d.graph.Verdict(n, p)
	state, detail := v.State(), fmt.Sprintf("rule %s in %s matches %d of %d events", r.Name, r.site.name, whole, len(d.probes))
	if b := v.Broken(); len(b) > 0 {
		detail = b[0].Message
	} else if whole < len(d.probes) && !d.madeUp(n) {
		state = finding.StateGap
	}
	d.add(n.Kind, depth, r.ARN, state, detail)
	return p
}

// madeUp reports whether the rules beside one make up for what it leaves out.
func (d *drawer) madeUp(n *chain.Node) bool {
	return !slices.ContainsFunc(d.probes, func(p probe) bool { return !d.graph.Together(n, d.number(p)).Suffices() })
}

// receiver draws a bus that events are forwarded to.
func (d *drawer) receiver(r *receiver, n *chain.Node, depth int, p chain.Probe) {
	v := d.graph.Verdict(n, p)
	detail := fmt.Sprintf("bus in %s of account %s", r.site.name, r.site.account.ID)
	if b := v.Broken(); len(b) > 0 {
		detail = b[0].Message
	}
	d.add(n.Kind, depth, r.arn, v.State(), detail)
}

// ruleTarget draws a target and, for a topic, its subscribers.
func (d *drawer) ruleTarget(t *ruleTarget, n *chain.Node, depth int, p chain.Probe) {
	v := d.graph.Verdict(n, p)
	arn, _ := account.ParseARN(t.ARN)
	detail := fmt.Sprintf("target %s: %s %s", t.ID, arn.Service, arn.Resource)
	if len(v.Reasons) > 0 {
		detail = v.Reasons[0].Message
	}
	if b := v.Broken(); len(b) > 0 {
		detail = b[0].Message
	}
	d.add(n.Kind, depth, t.ARN, v.State(), detail)
	for _, m := range n.Behind() {
		if s, ok := m.Thing.(*account.Subscription); ok {
			v := d.graph.Verdict(m, p)
			detail := fmt.Sprintf("%s %s: %s", s.Protocol, s.Endpoint, s.State)
			if b := v.Broken(); len(b) > 0 {
				detail = b[0].Message
			}
			d.add(m.Kind, depth+1, s.ARN, v.State(), detail)
			continue
		}
		d.draw(m, depth+1, p)
	}
}
