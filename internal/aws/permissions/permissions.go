// Package permissions says which IAM permissions monitorctl needs: it turns the
// table of its calls into the least policy for a command.
//
// It does no I/O. What is not known of the account (its number, its regions, the
// trail's log group) is an asterisk in the policy's ARNs; with a Scope read from
// the account it is not.
package permissions

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A Request says what the permissions are for.
type Request struct {
	Command  Command
	Controls []catalog.Control

	// Regions is true when the regions are given: then nobody is asked for
	// them.
	Regions bool

	// Many is true for a run over many accounts, whose statements are then the base's
	// and not those of the role in each account.
	Many bool

	// Member is true for the role in each account of such a run.
	Member bool

	// Wishes are those of plan and apply; an audit has none.
	Wishes plan.Options

	isMember bool // the account is known to be another one than that of the central bus
}

// For returns the policy that allows exactly the calls of the request, as far
// as IAM can tell them apart. Statements whose Sid begins with "Optional" may be
// left out: Table says what is lost.
func For(r Request, s Scope) Policy {
	p := Policy{Version: policyVersion}
	if bus, ok := desired.CentralHome(r.Wishes.CentralBus); ok {
		r.isMember = s.Account != "" && s.Account != bus.Account
	}
	for _, o := range Table() {
		if len(o.Actions) == 0 || o.From > r.Command || !r.makes(o.When) {
			continue
		}
		for i, c := range r.conditions(o.If, s) {
			sid := o.Sid
			if i > 0 {
				sid = fmt.Sprintf("%s%d", o.Sid, i+1)
			}
			p.allow(sid, o.Actions, s.resources(o.On, r), c)
		}
	}
	return p
}

// subscribersOf are those of the wishes for all and of each route as topics have them,
// each once.
func subscribersOf(o plan.Options) []plan.Subscriber {
	ways := []string{o.Transport}
	if o.Transport == plan.BothTransports {
		ways = []string{audit.MetricTransport, audit.RuleTransport}
	}
	var list []plan.Subscriber
	for _, w := range o.Everywhere() {
		for _, s := range w.Subscribers {
			for _, way := range ways {
				if on, ok := s.Subscription(way); ok && !slices.Contains(list, on) {
					list = append(list, on)
				}
			}
		}
	}
	return list
}

// makesTopic reports whether a plan may make a topic.
func makesTopic(o plan.Options) bool {
	_, names := o.Topics()
	return len(names) > 0
}

// makes reports whether calls that are made only sometimes are made now.
func (r *Request) makes(w When) bool {
	switch w {
	case NoRegions:
		return !r.Regions
	case ManyAccounts:
		return r.Many
	case EachAccount:
		return r.Many || r.Member
	case Hub:
		return slices.ContainsFunc(r.Controls, func(c catalog.Control) bool { return c.State == catalog.SecurityHub })
	case OwnTopic:
		return makesTopic(r.Wishes) && !r.notifiesAway()
	case SetsPolicy:
		return (makesTopic(r.Wishes) || r.Wishes.ExtendTopicPolicy) && !r.notifiesAway()
	case Subscribers:
		return !r.notifiesAway() && len(subscribersOf(r.Wishes)) > 0
	case Metrics:
		return r.Wishes.Transport != audit.RuleTransport
	case Rules:
		return r.byRules() || r.Wishes.Calls()
	case Forwards:
		return r.byRules() && !r.Wishes.PerRegion || r.calls() || r.Wishes.Chats()
	case OwnRole:
		return r.createsTrail() || r.byRules() && !r.Wishes.PerRegion && r.Wishes.RoleARN == "" || r.calls() || r.Wishes.Chats()
	case CentralBus:
		return r.byRules() && !r.isMember && (r.Wishes.CentralBus != "" || r.Command >= Undo)
	case Chats:
		return r.Wishes.Chats()
	case ListsCalls:
		return r.calls() || r.Command == Plan
	case Calls:
		return r.calls()
	case CreatesTrail:
		return r.createsTrail()
	case OrganizationTrail:
		return r.createsTrail() && r.Wishes.Bootstrap.Organization
	}
	return true
}

// notifiesAway reports whether the account is a member of an organization whose people are
// notified from another account only.
func (r *Request) notifiesAway() bool {
	return r.isMember && r.Wishes.Transport == audit.RuleTransport && r.Command < Undo
}

// passedTo are the services that roles of ours are for.
func (r *Request) passedTo() []string {
	var list []string
	if r.byRules() || r.Wishes.Calls() {
		list = append(list, policy.EventBridge)
	}
	if r.Wishes.Chats() {
		list = append(list, "chatbot.amazonaws.com")
	}
	return list
}

// calls reports whether rules may call API destinations: that wishes have subscribers that
// are called, or that such destinations may have to go.
func (r *Request) calls() bool { return r.Wishes.Calls() || r.Command >= Undo && r.byRules() }

// byRules reports whether rules are asked for.
func (r *Request) byRules() bool {
	return r.Wishes.Transport == audit.RuleTransport || r.Wishes.Transport == plan.BothTransports
}

// conditions returns the alternatives that allow an operation. Each makes a
// statement; a single nil when there is no condition.
func (r *Request) conditions(c Condition, s Scope) []map[string]map[string][]string {
	switch c {
	case ToOurTopic:
		if r.Command >= Undo { // an alarm that was replaced gets back the actions that it had
			break
		}
		// Written so that it holds for cloudwatch:TagResource too, whose requests
		// carry no alarm actions: then "for all values" is true.
		return []map[string]map[string][]string{{"ForAllValues:" + s.compare(): {"cloudwatch:AlarmActions": s.resources(OurTopic, *r)}}}
	case ToOurTargets:
		if r.Command >= Undo { // a target that was replaced is put back as it was
			break
		}
		compare := s.compare()
		if r.Wishes.Calls() { // EventBridge gives API destinations an identifier
			compare = "StringLike"
		}
		return []map[string]map[string][]string{{"ForAllValues:" + compare: {"events:TargetArn": s.targets(*r)}}}
	case ToRules:
		return []map[string]map[string][]string{{"StringEquals": {"iam:PassedToService": r.passedTo()}}}
	case ToCloudTrail:
		return []map[string]map[string][]string{toCloudTrail()}
	case ToSubscriber:
		var list []map[string]map[string][]string
		for _, sub := range subscribersOf(r.Wishes) {
			list = append(list, map[string]map[string][]string{"StringEquals": {
				"sns:Endpoint": {verbatim(sub.Endpoint)}, "sns:Protocol": {verbatim(sub.Protocol)},
			}})
		}
		return list
	}
	return []map[string]map[string][]string{nil}
}

// rules are the names of the rules that apply may write, as they stand in ARNs; those
// of forwarders are a pattern.
func (r *Request) rules(partition string) []string {
	n := desired.Names{Prefix: r.Wishes.NamePrefix}
	var names []string
	for _, c := range catalog.Repairable(r.Controls) {
		if !r.byRules() || r.Command >= Undo {
			names = append(names, literal(n.AlarmRuleName(c)))
		}
		if !r.byRules() {
			continue
		}
		names = append(names, literal(n.RuleName(c)))
		for _, rule := range n.Rules(c, desired.Home{Partition: partition}, nil, desired.Wanted(c, cmp.Or(r.Wishes.Audit.Benchmark, catalog.DefaultBenchmark), true)) {
			names = append(names, literal(rule.Name))
		}
	}
	if r.byRules() && !r.Wishes.PerRegion {
		names = append(names, literal(n.ForwarderName())+"*")
	}
	return distinct(names)
}

// alarms are the names of the alarms that apply may write.
func (r *Request) alarms() []string {
	var names []string
	for _, c := range catalog.Repairable(r.Controls) {
		names = append(names, r.Wishes.NamePrefix+c.Names.Alarm)
	}
	if r.Wishes.HeartbeatHours > 0 || r.Command >= Undo && slices.ContainsFunc(r.Controls, func(c catalog.Control) bool { return c.State == catalog.TrailDelivery }) {
		names = append(names, desired.Names{Prefix: r.Wishes.NamePrefix}.HeartbeatName())
	}
	slices.Sort(names)
	return slices.Compact(names)
}
