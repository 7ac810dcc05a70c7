package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A notifier is an alarm, metric or composite, as something that runs actions.
type notifier struct {
	site    *site
	arn     string
	name    string
	enabled bool
	actions []string // ARNs

	// made are the nodes of its actions, the same for every control; nil until
	// someone asks.
	made []*chain.Node
}

// A deliverer is what the actions of an alarm have in common: mute rules, and what
// their history tells. It shows in no tree.
type deliverer struct{ *notifier }

// An action is one action of an alarm: a topic, as that alarm sees it, or
// something else.
type action struct {
	arn   string
	topic *account.Topic // nil when the action is no readable topic
}

// A missing link stands where there is none, with the reason.
type missing struct{}

// placeholder is a node for a link that does not exist, or that nobody could see.
func placeholder(r finding.Reason) *chain.Node {
	return &chain.Node{Kind: r.Link, Thing: missing{}, Judge: func(chain.Probe) chain.Verdict { return chain.Fine().With(r) },
		End: r.Status == finding.Unknown}
}

// actionsOf returns what hangs on an alarm by its own actions.
func (j *judge) actionsOf(n *notifier) []*chain.Node {
	if n.made != nil {
		return n.made
	}
	var out []*chain.Node
	none := func(c finding.Code, format string) []*chain.Node {
		return []*chain.Node{placeholder(finding.Reason{Code: c, Status: finding.Fail, Link: finding.LinkAction, Resource: n.arn,
			Message: fmt.Sprintf(format, shown(n.name))})}
	}
	switch {
	case !n.enabled:
		out = none(CodeAlarmActionsDisabled, "alarm %s: its actions are disabled")
	case len(n.actions) == 0:
		out = none(CodeAlarmNoAction, "alarm %s has no alarm action"+alsoWithout(n.site))
	default:
		out = []*chain.Node{j.deliveryNode(n)}
	}
	n.made = slices.Concat(out, j.alarmRuleNodes(n))
	return n.made
}

// alsoWithout says of an alarm without action what is known of rules on its state.
func alsoWithout(at *site) string {
	if _, ok := at.read().Rules.Got(); ok {
		return " and no rule on its state"
	}
	return " (EventBridge was not read)"
}

func (j *judge) deliveryNode(n *notifier) *chain.Node {
	return &chain.Node{
		Kind: finding.LinkAction, Thing: deliverer{n},
		Judge: func(chain.Probe) chain.Verdict {
			return j.muted(n.site, n.name, n.arn).And(j.history(n.site, n.name, n.arn))
		},
		Open: func() []*chain.Node {
			var list []*chain.Node
			for _, a := range n.actions {
				list = append(list, j.actionNode(n, a))
			}
			return list
		},
	}
}

// actionNode returns the node of one action.
func (j *judge) actionNode(n *notifier, arn string) *chain.Node {
	target, ok := account.ParseARN(arn)
	alarm, _ := account.ParseARN(n.arn)
	v := notNotifying(arn, target, ok, alarm)
	failed := failedBefore(n.site, n.name, n.arn, arn)
	if len(v.Reasons) > 0 {
		return &chain.Node{Kind: kindOf(arn), Thing: &action{arn: arn}, End: true, Judge: func(chain.Probe) chain.Verdict { return v.And(failed) }}
	}
	t, home := j.topicAt(n.site, target)
	node := j.topicNode(home, t, target, alarm)
	whole := node.Judge
	node.Judge = func(p chain.Probe) chain.Verdict { return whole(p).And(failed) }
	return node
}

func kindOf(arn string) finding.LinkKind {
	if a, ok := account.ParseARN(arn); ok && a.Service == "sns" {
		return finding.LinkTopic
	}
	return finding.LinkAction
}

// notNotifying judges an action that is no topic an alarm could use; no reasons
// for one that is.
func notNotifying(arn string, target account.ARN, ok bool, alarm account.ARN) chain.Verdict {
	v := chain.Fine()
	with := func(s finding.Status, c finding.Code, k finding.LinkKind, format string, args ...any) chain.Verdict {
		return v.With(finding.Reason{Code: c, Status: s, Link: k, Resource: arn, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case !ok:
		return with(finding.Unknown, CodeActionNotNotifying, finding.LinkAction, "action %s is not an ARN", arn)
	case target.Service == "lambda" || strings.HasPrefix(target.Service, "ssm"):
		return with(finding.Warn, CodeActionNotTopic, finding.LinkAction, "action %s is not an SNS topic: check by hand who it alerts", arn)
	case target.Service == "automate" || target.Service == "autoscaling" || target.Service == "swf" || target.Service == "ec2":
		return with(finding.Fail, CodeActionNotNotifying, finding.LinkAction, "action %s notifies nobody", arn)
	case target.Service != "sns":
		return with(finding.Unknown, CodeActionNotNotifying, finding.LinkAction, "action %s is of a kind that this version does not know", arn)
	case target.Region != alarm.Region || target.Partition != alarm.Partition:
		return with(finding.Fail, CodeTopicOtherRegion, finding.LinkTopic, "topic %s is in %s, but the alarm is in %s", target.Resource, target.Region, alarm.Region)
	}
	return v
}

// topicNode returns a topic, as read at a site, as the target of an alarm.
func (j *judge) topicNode(at *site, t *account.Topic, topic, alarm account.ARN) *chain.Node {
	readable := false
	if t != nil {
		attrs, ok := t.Attributes.Got()
		readable = ok && attrs != nil
	}
	n := &chain.Node{
		Kind: finding.LinkTopic, Thing: &action{topic.String(), t}, End: !readable,
		Judge: func(chain.Probe) chain.Verdict { return j.judgeTopic(at, t, topic, alarm) },
	}
	if readable {
		n.Open = func() []*chain.Node { return j.subscribers(t, topic, alarm) }
	}
	return n
}

// judgeTopic judges a topic, as read at a site, from its existence to its policy.
func (j *judge) judgeTopic(at *site, t *account.Topic, topic, alarm account.ARN) chain.Verdict {
	arn := topic.String()
	v := chain.Fine()
	if t == nil {
		return v.With(notRead(finding.LinkTopic, arn, "sns:GetTopicAttributes"))
	}
	attrs, ok := t.Attributes.Got()
	switch {
	case t.Attributes.Failed() != nil && topic.Account != at.account.ID:
		f := t.Attributes.Failed()
		return v.With(finding.Reason{Code: CodeTopicUnreadable, Status: finding.Unknown, Link: finding.LinkTopic, Resource: arn,
			Message: fmt.Sprintf("topic %s belongs to account %s and could not be read: %s failed: %s", topic.Resource, topic.Account, f.Operation, f.Cause())})
	case t.Attributes.Failed() != nil:
		return v.With(unreadable(finding.LinkTopic, arn, t.Attributes.Failed()))
	case !ok:
		return v.With(notRead(finding.LinkTopic, arn, "sns:GetTopicAttributes"))
	case attrs == nil:
		return v.With(finding.Reason{Code: CodeTopicMissing, Status: finding.Fail, Link: finding.LinkTopic, Resource: arn,
			Message: fmt.Sprintf("topic %s does not exist", topic.Resource)})
	}
	if attrs.FIFO || strings.HasSuffix(topic.Resource, ".fifo") {
		// SNS takes no message for it without a MessageGroupId (Publish), and AWS
		// does not document that alarms give one.
		v = v.With(finding.Reason{Code: CodeActionNotNotifying, Status: finding.Unknown, Link: finding.LinkTopic, Resource: arn,
			Message: fmt.Sprintf("topic %s is a FIFO topic: whether alarms can publish to one is not documented", topic.Resource)})
	}
	return v.And(j.topicKey(at, attrs, topic, alarm)).And(j.topicPolicy(attrs, topic, alarm))
}

// topicPolicy asks the topic's policy whether the alarm may publish.
func (j *judge) topicPolicy(attrs *account.TopicAttributes, topic, alarm account.ARN) chain.Verdict {
	v := chain.Fine()
	with := func(s finding.Status, format string, args ...any) chain.Verdict {
		return v.With(finding.Reason{Code: CodeTopicPolicy, Status: s, Link: finding.LinkTopic, Resource: topic.String(),
			Message: fmt.Sprintf("topic %s: ", topic.Resource) + fmt.Sprintf(format, args...)})
	}
	req := j.alarmRequest("sns:Publish", topic.String(), alarm)
	decision, why, err := policy.Evaluate(attrs.Policy, req)
	switch {
	case err != nil:
		return with(finding.Unknown, "%v", err)
	case decision == policy.Allowed:
		return v
	case decision == policy.Unknown:
		out := with(finding.Unknown, "its policy is not understood: %s", why)
		out.Reasons[len(out.Reasons)-1].Call = j.organizationCall(alarm.Account, why)
		return out
	default:
		return with(finding.Fail, "its policy does not let alarms publish: %s", why)
	}
}

// describeOrganization is the call that says in which organization an account is.
const describeOrganization = "organizations:DescribeOrganization"

// organizationCall returns the call whose answer a policy needs, given why it could
// not be decided; nil when that is something else.
func (j *judge) organizationCall(id, why string) *finding.Call {
	owner := j.accountOf(id)
	if owner == nil || !strings.Contains(why, describeOrganization) {
		return nil
	}
	if f := owner.Organization.Failed(); f != nil {
		return callOf(f)
	}
	return notAsked(describeOrganization)
}

// alarmRequest is the call that CloudWatch makes for an alarm, with what is known of
// the organization of the alarm's account.
func (j *judge) alarmRequest(operation, resource string, alarm account.ARN) policy.Request {
	req := policy.AlarmRequest(operation, resource, alarm.String())
	owner := j.accountOf(alarm.Account)
	if owner == nil {
		return req.WithoutOrganization("account " + alarm.Account + " was not read")
	}
	org, ok := owner.Organization.Got()
	switch {
	case owner.Organization.Failed() != nil:
		return req.WithoutOrganization(describeOrganization + " failed: " + owner.Organization.Failed().Cause())
	case !ok:
		return req.WithoutOrganization(describeOrganization + " is not in the snapshot")
	case org == nil:
		return req.InOrganization("")
	}
	return req.InOrganization(org.ID)
}

// JudgeTopic returns what is wrong or odd about a topic as the target of an
// alarm of this account, in the order of the chain; nothing for one that
// reaches a person.
func JudgeTopic(a *account.Account, t *account.Topic, alarmARN string) []finding.Reason {
	topic, ok := account.ParseARN(t.ARN)
	alarm, ok2 := account.ParseARN(alarmARN)
	if !ok || !ok2 {
		return []finding.Reason{{Code: CodeActionNotNotifying, Status: finding.Fail, Link: finding.LinkTopic, Resource: t.ARN, Message: "topic " + t.ARN + " is not an ARN"}}
	}
	j := &judge{account: a, world: NewWorld(nil, nil), sites: map[place]*site{}}
	root := j.topicNode(j.at(a, topic.Region), t, topic, alarm)
	return chain.NewGraph([]*chain.Node{root}, nil).Tail(root, 0).Reasons
}
