package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// activityLog is the kind of the root. The log is always on and shows in no tree.
const activityLog finding.LinkKind = "activity-log"

// behindLog counts the links that are missing where no rule is: group and receiver,
// besides the rule.
const behindLog = 2

// missing stands for an object that does not exist.
type missing struct{}

// root builds the graph of the subscription as the control sees it: the Activity Log
// as a fork, the rules, what processing rules do to them, groups and receivers.
func (c *controlJudge) root() *chain.Node {
	root := &chain.Node{Kind: activityLog, Fork: true, Cost: behindLog}
	if text := unread(c.sub.AlertRules, readRules); text != "" {
		r := reason(CodeNotReadable, finding.Unknown, finding.LinkAlertRule, "", "the alert rules could not be read: %s", text)
		r.Call = callOf(c.sub.AlertRules, readRules)
		return placeholder(r)
	}
	for _, r := range c.rules {
		n := &chain.Node{
			Kind: finding.LinkAlertRule, Thing: r, Match: r, Varies: true,
			Judge: func(p chain.Probe) chain.Verdict { return c.judgeRule(r, p) },
			Next:  []*chain.Node{c.processingNode(r)},
		}
		c.nodes[r] = n
		root.Next = append(root.Next, n)
	}
	return root
}

// processingNode returns what processing rules do to a rule's alerts, with the groups
// behind it: its own and those that are added.
func (c *controlJudge) processingNode(r *rule) *chain.Node {
	n := &chain.Node{Kind: finding.LinkProcessingRule, Thing: r, Judge: func(chain.Probe) chain.Verdict { return c.suppressed(r) }}
	added, unclear, partly := c.added(r)
	var seen []string
	for _, id := range slices.Concat(r.Groups, added) {
		if key := subscription.Fold(id); !slices.Contains(seen, key) {
			seen = append(seen, key)
			n.Next = append(n.Next, c.groupNode(c.groupOf(id)))
		}
	}
	for _, u := range unclear {
		n.Next = append(n.Next, placeholder(u))
	}
	if len(n.Next) > 0 {
		return n
	}
	text := unread(c.sub.ProcessingRules, readProcessing)
	switch {
	case text != "" && !c.health():
		unseen := reason(CodeNotReadable, finding.Unknown, finding.LinkProcessingRule, "",
			"alert rule %s has no action group, and the alert processing rules, which could add one, could not be read: %s", r.Name, text)
		unseen.Call = callOf(c.sub.ProcessingRules, readProcessing)
		n.Next = append(n.Next, placeholder(unseen))
	case partly != "":
		n.Next = append(n.Next, placeholder(reason(CodeRuleNoActionGroup, finding.Fail, finding.LinkActionGroup, r.ID, "alert rule %s has no action group, and alert processing rule %s", r.Name, partly)))
	default:
		n.Next = append(n.Next, placeholder(reason(CodeRuleNoActionGroup, finding.Fail, finding.LinkActionGroup, r.ID, "alert rule %s has no action group", r.Name)))
	}
	return n
}

// placeholder stands for a link that does not exist, or that nobody could see; the
// reason says which.
func placeholder(r finding.Reason) *chain.Node {
	return &chain.Node{Kind: r.Link, Thing: missing{}, End: r.Status == finding.Unknown, Judge: func(chain.Probe) chain.Verdict { return chain.Fine().With(r) }}
}

func (c *controlJudge) groupNode(g *group) *chain.Node {
	n := &chain.Node{Kind: finding.LinkActionGroup, Thing: g, End: g.found == nil, Judge: func(chain.Probe) chain.Verdict { return c.judgeGroup(g) }}
	if g.found == nil {
		return n
	}
	for _, r := range g.found.Receivers {
		n.Next = append(n.Next, &chain.Node{
			Kind: finding.LinkReceiver, Thing: receiver{g, r}, End: true,
			Judge: func(chain.Probe) chain.Verdict { return judgeReceiver(g, r) },
		})
	}
	if len(n.Next) == 0 {
		n.Next = append(n.Next, placeholder(reason(CodeNoReceiver, finding.Fail, finding.LinkReceiver, g.id, "action group %s has no receiver", g.name())))
	}
	return n
}

// A receiver is a receiver of a group.
type receiver struct {
	group *group
	subscription.Receiver
}
