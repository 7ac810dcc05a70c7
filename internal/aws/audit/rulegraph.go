package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A recorder is a trail as event buses see it: what it records arrives there, with
// or without a log group.
type recorder struct{ *trail }

// An entry is where CloudTrail's events arrive: the default buses of an account, of
// which each gets those of its region.
type entry struct {
	account *account.Account
	rules   []*rule // of all regions that may take an event of the control
}

// A receiver is a bus that gets events from a rule on another one.
type receiver struct {
	arn  string
	site *site
}

// eventRoots builds the ways by event buses: every trail leads to the default buses,
// whose rules share the records. Nil where no rule is about the control, unless only
// rules count.
func (c *controlJudge) eventRoots() []*chain.Node {
	if c.o.Transport == MetricTransport {
		return nil
	}
	e := &entry{account: c.account}
	for i := range c.account.Regions {
		at := c.at(c.account, c.account.Regions[i].Name)
		list, _ := at.read().Rules.Got()
		for k := range list {
			if r := c.ruleOf(&list[k], at, account.DefaultBus); r != nil {
				e.rules = append(e.rules, r)
			}
		}
	}
	missing := behindGroup
	if c.stray = c.strayRule(); c.stray != nil {
		missing = 0
	}
	if len(c.trails) == 0 || len(e.rules) == 0 && missing > 0 && c.o.Transport == AnyTransport {
		return nil
	}
	bus := &chain.Node{Kind: finding.LinkBus, Thing: e, Fork: true, Cost: missing, Varies: true,
		Judge: func(p chain.Probe) chain.Verdict {
			return c.busUsable(c.at(c.account, c.probe(p).Region), account.DefaultBus)
		}}
	for _, r := range e.rules {
		bus.Next = append(bus.Next, c.ruleNode(r, r.site.name))
	}
	var roots []*chain.Node
	for _, t := range c.trails {
		roots = append(roots, &chain.Node{Kind: finding.LinkTrail, Thing: recorder{t}, Varies: true, Next: []*chain.Node{bus},
			Judge: func(p chain.Probe) chain.Verdict { return t.records(c.probe(p).event) }})
	}
	return roots
}

// busUsable judges the key of a bus: with a customer's key that cannot be used its
// rules are not read.
func (j *judge) busUsable(at *site, bus string) chain.Verdict {
	v := chain.Fine()
	arn := busARN(at, bus)
	entry := at.read().Buses[arn]
	if entry == nil {
		return v
	}
	if f := entry.Description.Failed(); f != nil {
		return v.With(j.evidenceMissing(finding.LinkBus, arn, "which key bus "+bus+" has", f))
	}
	d, _ := entry.Description.Got()
	if d == nil || d.KeyID == "" {
		return v
	}
	with := func(s finding.Status, format string, args ...any) chain.Verdict {
		return v.With(finding.Reason{Code: CodeBusKey, Status: s, Link: finding.LinkBus, Resource: arn, Message: "bus " + bus + ": its key " + fmt.Sprintf(format, args...)})
	}
	key := at.read().Keys[d.KeyID]
	if key == nil || key.Metadata == nil {
		return with(finding.Unknown, "was not read")
	}
	meta, ok := key.Metadata.Got()
	switch {
	case !ok:
		return with(finding.Unknown, "could not be read: %s failed: %s", key.Metadata.Failed().Operation, key.Metadata.Failed().Cause())
	case meta == nil:
		return with(finding.Fail, "does not exist")
	case meta.State != "Enabled":
		return with(finding.Fail, "is %s", meta.State)
	}
	return v
}

func busARN(at *site, bus string) string {
	return account.ARN{Partition: at.account.Partition, Service: "events", Region: at.name, Account: at.account.ID, Resource: "event-bus/" + bus}.String()
}

// ruleNode returns a rule. Only a region's events come to it when only is set; otherwise
// it gets what was forwarded.
func (c *controlJudge) ruleNode(r *rule, only string) *chain.Node {
	return &chain.Node{Kind: finding.LinkRule, Thing: r, Match: &taken{r, only}, Unsure: r.why != "", Varies: true,
		Next: c.targetNodes(r, func(r *rule, t *account.Target, to account.ARN) *chain.Node { return c.forwarder(r, t, to, only == "") }),
		Judge: func(p chain.Probe) chain.Verdict {
			v := r.verdict(c.probe(p), c.benign)
			if r.why != "" {
				v = v.With(r.notUnderstood())
			}
			return v
		}}
}

// forwarder returns the node of a target that is another bus.
func (c *controlJudge) forwarder(r *rule, t *account.Target, to account.ARN, again bool) *chain.Node {
	name := strings.TrimPrefix(to.Resource, "event-bus/")
	reason := func(s finding.Status, code finding.Code, format string, args ...any) finding.Reason {
		return finding.Reason{Code: code, Status: s, Link: finding.LinkForwarder, Resource: t.ARN, Message: fmt.Sprintf("rule %s: ", r.Name) + fmt.Sprintf(format, args...)}
	}
	owner := c.accountOf(to.Account)
	switch {
	case again:
		return placeholder(reason(finding.Fail, CodeBusForwardChain, "it forwards to bus %s events that came from another bus: EventBridge forwards an event only once", name))
	case to.Region != r.site.name && t.RoleARN == "":
		return placeholder(reason(finding.Fail, CodeBusForwardRole, "it forwards to bus %s in %s without a role", name, to.Region))
	case owner == nil:
		return placeholder(reason(finding.Unknown, CodeJudgedElsewhere, "it forwards to bus %s of account %s in %s, which is not part of this run", name, to.Account, to.Region))
	}
	home := c.at(owner, to.Region)
	bus, rules := home.read().Buses[t.ARN], home.read().Rules
	if name != account.DefaultBus {
		rules = nil
		if bus != nil {
			rules = bus.Rules
		}
	}
	n := &chain.Node{Kind: finding.LinkForwarder, Thing: &receiver{t.ARN, home}, Fork: true, Cost: 1}
	v := c.roleMay(r, t, "events:PutEvents", CodeBusForwardRole)
	if bus != nil {
		if d, ok := bus.Description.Got(); ok && d == nil {
			return placeholder(reason(finding.Fail, CodeBusMissing, "it forwards to bus %s in %s, which does not exist", name, to.Region))
		}
	}
	if owner != r.site.account {
		v = v.And(c.admitted(r, t, bus, home))
	}
	v = v.And(c.busUsable(home, name)).And(deadLetter(r, t))
	n.Judge = func(chain.Probe) chain.Verdict { return v }
	list, ok := rules.Got()
	switch {
	case rules.Failed() != nil:
		return endOf(n, unreadable(finding.LinkRule, t.ARN, rules.Failed()), v)
	case !ok:
		return endOf(n, notRead(finding.LinkRule, t.ARN, "events:ListRules"), v)
	}
	for i := range list {
		if x := c.ruleOf(&list[i], home, name); x != nil {
			n.Next = append(n.Next, c.ruleNode(x, ""))
		}
	}
	return n
}

// endOf makes a fork into which nobody could look an end.
func endOf(n *chain.Node, r finding.Reason, v chain.Verdict) *chain.Node {
	n.Fork, n.End = false, true
	n.Judge = func(chain.Probe) chain.Verdict { return v.With(r) }
	return n
}

// unreadRules returns why a rule of a probe's region may tell of it all the same: the
// rules there could not be listed. Where nobody asked, as in older snapshots, they
// count for nothing.
func (c *controlJudge) unreadRules(p chain.Probe) []finding.Reason {
	f := c.at(c.account, c.probe(p).Region).read().Rules.Failed()
	if f == nil || c.o.Transport == MetricTransport || !slices.ContainsFunc(c.trails, func(t *trail) bool { return t.records(c.probe(p).event).Truth != chain.Bad }) {
		return nil
	}
	return []finding.Reason{unreadable(finding.LinkRule, c.probe(p).Region, f)}
}
