package audit

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Regions returns the regions in which a control's events can occur, and so arrive on
// the default event buses.
func Regions(a *account.Account, c catalog.Control) []string { return regionsOf(a, c) }

// Recorders ranks the trails of an account by how many of the controls' required
// events they record, wherever they deliver, best first: that is what event buses
// need. Region and Group are empty.
func Recorders(a *account.Account, controls []catalog.Control, o Options) []TrailChoice {
	j := newJudge(a, NewWorld(nil, nil), o)
	var out []TrailChoice
	for _, r := range j.ranked(controls, o.Benchmark) { // what is equal stays in this order
		c := TrailChoice{Trail: *r.trail.Trail, Probes: r.probes}
		for _, x := range controls {
			probes, err := probesOf(a, x, o.Benchmark)
			if err != nil {
				continue
			}
			for _, p := range probes {
				if r.trail.records(p.event).Truth == chain.Good {
					c.Carried++
				}
			}
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b TrailChoice) int { return b.Carried - a.Carried })
	return slices.Clip(out)
}

// JudgeRuleTopic returns what is wrong or odd about a topic as the target of a rule of
// this account in the topic's region, in the order of the chain; nothing for one that
// reaches a person.
func JudgeRuleTopic(a *account.Account, t *account.Topic) []finding.Reason {
	topic, ok := account.ParseARN(t.ARN)
	if !ok {
		return []finding.Reason{{Code: CodeTopicMissing, Status: finding.Fail, Link: finding.LinkTopic, Resource: t.ARN, Message: "topic " + t.ARN + " is not an ARN"}}
	}
	j := &judge{account: a, world: NewWorld(nil, nil), sites: map[place]*site{}}
	r := &rule{Rule: &account.Rule{Name: "any"}, site: j.at(a, topic.Region), bus: account.DefaultBus}
	to := &account.Target{ID: "any", ARN: t.ARN, Message: account.Message{Form: account.Template, Placeholders: []string{"any"}}}
	v := j.topicForRules(r, to, topic, t, j.at(a, topic.Region))
	root := &chain.Node{Kind: finding.LinkTopic, Thing: &ruleTarget{to, r, t}, End: true, Judge: func(chain.Probe) chain.Verdict { return v }}
	if attrs, ok := t.Attributes.Got(); ok && attrs != nil {
		root.End, root.Next = false, j.ruleSubscribers(r, to, t, topic)
	}
	return chain.NewGraph([]*chain.Node{root}, nil).Tail(root, 0).Reasons
}

// JudgeForwardRole returns what is wrong or not known about a role of this account by
// which rules are to send events to a bus.
func JudgeForwardRole(a *account.Account, role, bus string, strict bool) []finding.Reason {
	j := &judge{account: a, world: NewWorld(nil, nil), sites: map[place]*site{}, o: Options{Strict: strict}}
	r := &rule{Rule: &account.Rule{Name: "any"}, site: &site{account: a}, bus: account.DefaultBus}
	return j.roleMay(r, &account.Target{ID: "any", ARN: bus, RoleARN: role}, "events:PutEvents", CodeBusForwardRole).Reasons
}

// JudgeBus returns what keeps the bus of another account, given by its ARN, from taking the
// events of an account, or is not known of that; known is false where the bus's account is
// not part of the world.
func (w *World) JudgeBus(a *account.Account, bus string) (reasons []finding.Reason, known bool) {
	arn, ok := account.ParseARN(bus)
	owner := w.account(arn.Account)
	if !ok || owner == nil {
		return nil, false
	}
	j := &judge{account: a, world: w.with(a), sites: map[place]*site{}}
	r := &rule{Rule: &account.Rule{Name: "any"}, site: j.at(a, arn.Region), bus: account.DefaultBus}
	to, home := &account.Target{ID: "any", ARN: bus}, j.at(owner, arn.Region)
	read := home.read().Buses[bus]
	if read != nil {
		if d, ok := read.Description.Got(); ok && d == nil {
			return []finding.Reason{{Code: CodeBusMissing, Status: finding.Fail, Link: finding.LinkForwarder, Resource: bus, Message: "bus " + bus + " does not exist"}}, true
		}
	}
	v := j.admitted(r, to, read, home).And(j.busUsable(home, strings.TrimPrefix(arn.Resource, "event-bus/")))
	for i := range v.Reasons {
		v.Reasons[i].Message = strings.TrimPrefix(v.Reasons[i].Message, "rule any: ")
	}
	return v.Reasons, true
}
