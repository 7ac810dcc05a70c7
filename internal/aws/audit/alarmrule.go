package audit

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// An alarmRule is a rule that takes the change of an alarm into ALARM: an action of
// the alarm.
type alarmRule struct{ *rule }

// alarmRuleNodes returns the rules on the state of an alarm: those of its account and
// region on the default bus. Nil where rules count for nothing.
func (j *judge) alarmRuleNodes(n *notifier) []*chain.Node {
	if j.o.Transport == MetricTransport {
		return nil
	}
	list, _ := n.site.read().Rules.Got()
	var nodes []*chain.Node
	for i := range list {
		r := &rule{Rule: &list[i], site: n.site, bus: account.DefaultBus}
		p, err := j.parsedRule(r.Pattern)
		if err != nil || r.State == account.RuleDisabled {
			continue
		}
		r.pattern = p
		takes := takesAlarm(p, n)
		if takes == chain.Bad {
			continue
		}
		v := j.alarmRule(r, n, takes)
		nodes = append(nodes, &chain.Node{Kind: finding.LinkRule, Thing: alarmRule{r}, Next: j.targetNodes(r, j.unreadForwarder),
			Judge: func(chain.Probe) chain.Verdict { return v }})
	}
	return nodes
}

// alarmRule judges a rule on the state of an alarm by itself.
func (j *judge) alarmRule(r *rule, n *notifier, takes chain.Truth) chain.Verdict {
	v := chain.Fine()
	with := func(code finding.Code, format string, args ...any) {
		v = v.With(finding.Reason{Code: code, Status: finding.Unknown, Link: finding.LinkRule, Resource: r.ARN, Message: fmt.Sprintf("rule %s: ", r.Name) + fmt.Sprintf(format, args...)})
	}
	if takes == chain.Unread {
		with(CodeRuleNotUnderstood, "it takes only some of the changes of alarm %s", n.name)
	}
	if !n.enabled || len(j.muted(n.site, n.name, n.arn).Broken()) > 0 {
		with(CodeRuleNotUnderstood, "AWS does not document whether it is notified of alarm %s while the alarm's actions are suppressed", n.name)
	}
	return v.And(j.busUsable(n.site, account.DefaultBus))
}

// takesAlarm reports whether a pattern takes every change of an alarm into ALARM.
// The state before and the configuration are free. Source: CloudWatch user guide,
// "Alarm events and EventBridge".
func takesAlarm(p *eventpattern.Pattern, n *notifier) chain.Truth {
	taken, free := 0, false
	for _, before := range []string{"OK", "INSUFFICIENT_DATA"} {
		event, err := json.Marshal(map[string]any{
			"version": "0", "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "account": n.site.account.ID, "region": n.site.name,
			"resources": []string{n.arn}, "detail": map[string]any{"alarmName": n.name, "state": map[string]any{"value": "ALARM"}, "previousState": map[string]any{"value": before}},
		})
		if err == nil && p.Match(event) == eventpattern.Match {
			taken++
		}
	}
	for _, b := range p.Branches() {
		free = free || b.MayHave("source", "aws.cloudwatch") && b.MayHave("detail-type", "CloudWatch Alarm State Change") && b.MayHave("detail.alarmName", n.name) &&
			slices.ContainsFunc(b, func(f eventpattern.Field) bool { return !slices.Contains(alarmPaths, f.Path) })
	}
	switch {
	case taken == 2 && !free:
		return chain.Good
	case taken > 0 || free:
		return chain.Unread
	}
	return chain.Bad
}

// alarmPaths are the paths of an alarm's event that are the same for every change
// into ALARM, but for the state before.
var alarmPaths = []string{"version", "source", "detail-type", "account", "region", "resources", "detail.alarmName", "detail.state.value", "detail.previousState.value"}

// unreadForwarder is a bus that gets the changes of alarms, which is not followed.
func (j *judge) unreadForwarder(r *rule, t *account.Target, _ account.ARN) *chain.Node {
	return placeholder(finding.Reason{Code: CodeRuleTargetUnread, Status: finding.Unknown, Link: finding.LinkForwarder, Resource: t.ARN,
		Message: fmt.Sprintf("rule %s: it forwards the changes of alarms to %s, which this version does not follow", r.Name, t.ARN)})
}

// alarmRule draws a rule on the state of an alarm.
func (d *drawer) alarmRule(r alarmRule, n *chain.Node, depth int, p chain.Probe) {
	v := d.graph.Verdict(n, p)
	detail := fmt.Sprintf("rule %s on the state of the alarm", r.Name)
	if len(v.Reasons) > 0 {
		detail = v.Reasons[0].Message
	}
	d.add(n.Kind, depth, r.ARN, v.State(), detail)
}
