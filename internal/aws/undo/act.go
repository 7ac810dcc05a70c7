package undo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// act plans the change that brings an object to its target.
func (u *undoing) act(o change.Object) {
	target, ok := u.target[o]
	if !ok {
		return
	}
	found := u.now[o]
	if identical(found.State, target) || found.Pending { // what is pending goes with its topic
		u.plan.Gone++
		return
	}
	u.plan.Actions = append(u.plan.Actions, restore(change.Meta{Account: u.journal.Header.Account, Region: o.Region}, o, found, target))
}

// restore is the action that brings an object from what it is to its target.
func restore(m change.Meta, o change.Object, found Found, target *action.State) action.Action {
	switch o.Kind {
	case action.AlarmKind:
		return action.RestoreAlarm(m, *found.State, target)
	case action.FilterKind:
		if target == nil {
			return action.RestoreFilter(m, *found.State.Filter, nil)
		}
		return action.RestoreFilter(m, *found.State.Filter, target.Filter)
	case action.SubscriptionKind:
		return action.RestoreSubscription(m, o.Name, found.ARN, *found.State.Subscription)
	case action.RuleKind:
		return action.RestoreRule(m, *found.State, target)
	case action.TargetKind:
		if target == nil {
			return action.RestoreTarget(m, o.Name, found.State.Target, nil)
		}
		return action.RestoreTarget(m, o.Name, found.State.Target, target.Target)
	case action.RoleKind:
		return action.RestoreRole(m, o, *found.State)
	case action.DestinationKind:
		return action.RestoreDestination(m, o.Name, *found.State)
	case action.ConnectionKind:
		return action.RestoreConnection(m, o.Name, *found.State)
	case action.ChatKind:
		return action.RestoreChat(m, o.Name, *found.State, target)
	case action.BusPermissionKind:
		return action.RestoreBusPermission(m, o, *found.State)
	case action.LogGroupKind:
		return action.RestoreLogGroup(m, o.Name, *found.State)
	case action.BucketKind:
		return action.RestoreBucket(m, o.Name, *found.State)
	case action.TrailKind:
		return action.RestoreTrail(m, *found.State, target)
	}
	var confirmed []string
	for _, s := range found.Subscribers {
		if s.ARN != "" {
			confirmed = append(confirmed, s.ARN)
		}
	}
	return action.RestoreTopic(m, o.Name, *found.State, target, confirmed)
}

// identical reports whether nothing need be written: policies must be the same
// byte for byte.
func identical(a, b *action.State) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Same(*b) && (a.Policy == nil || b.Policy == nil || *a.Policy == *b.Policy)
}

// refuse says why bringing an object from what it is to a target would not take
// back a write of monitorctl's: a journal that was edited must not lead undo to
// what is someone else's, and what others rely on is not taken from them.
// Subscriptions carry no mark by which that could be told.
func (u *undoing) refuse(o change.Object, found Found, target *action.State) string {
	const foreign = "it was not created by monitorctl, whatever the journal says: "
	now := found.State
	switch {
	case o.Kind == action.FilterKind && !u.shipped(*now.Filter):
		return foreign + "no control has that name and pattern"
	case o.Kind == action.FilterKind:
		return u.watched(o, found.Watchers)
	case target != nil && (o.Kind == action.RoleKind || o.Kind == action.DestinationKind || o.Kind == action.ConnectionKind || o.Kind == action.BusPermissionKind):
		return "another run created it: 'monitorctl destroy' removes what monitorctl created"
	case o.Kind == action.TrailKind && target != nil:
		return u.foreignTrail(o, *now, *target)
	case (o.Kind == action.LogGroupKind || o.Kind == action.BucketKind) && target != nil:
		return "another run created it: 'monitorctl destroy --create-trail' removes what monitorctl created"
	case o.Kind == action.TargetKind:
		return foreignTarget(found)
	case o.Kind == action.BusPermissionKind:
		return foreignStatement(o, *now.BusStatement)
	case o.Kind == action.DestinationKind:
		return foreignByDescription(now.Destination.Description)
	case o.Kind == action.ConnectionKind:
		return foreignByDescription(now.Connection.Description)
	case o.Kind == action.AlarmKind, o.Kind == action.ChatKind, o.Kind == action.RuleKind, o.Kind == action.RoleKind, o.Kind == action.TrailKind, o.Kind == action.LogGroupKind, o.Kind == action.BucketKind, o.Kind == action.TopicKind && target == nil:
		if owner := ownerOf(now); !owner.Ours() {
			return "it " + owner.Why + ", whatever the journal says"
		}
	case o.Kind == action.TopicKind && !u.extends(o.Name, now.Policy, target.Policy):
		return foreign + "its policy is not the old one plus one statement"
	}
	return ""
}

// foreignTarget says why a target of a rule was not created by monitorctl to change: the rule is
// not.
func foreignTarget(found Found) string {
	if owner := desired.OwnerByTags(found.RuleTags); !owner.Ours() {
		return "its rule " + owner.Why + ", whatever the journal says"
	}
	return ""
}

// foreignByDescription says why what has this description was not created by monitorctl.
func foreignByDescription(text string) string {
	if owner := desired.OwnerByDescription(text); !owner.Ours() {
		return "it " + owner.Why + ", whatever the journal says"
	}
	return ""
}

// foreignStatement says why a statement of a bus's policy was not created by monitorctl.
func foreignStatement(o change.Object, now string) string {
	if action.IsMembersStatement(o.Endpoint, now) {
		return ""
	}
	return "it is not the statement that monitorctl writes, whatever the journal says"
}

// ownerOf says who keeps an alarm, topic, rule or role.
func ownerOf(s *action.State) desired.Owner {
	if s.Tags == nil {
		return desired.OwnerByTags(nil)
	}
	return desired.OwnerByTags(*s.Tags)
}

// watched says why a filter stays because of an alarm on its metric. Alarms that
// this undoing brings back to what they were, or that are so already, lose nothing
// by it. Alarms come before filters: what becomes of them is decided.
func (u *undoing) watched(o change.Object, watchers []desired.Watcher) string {
	var others []desired.Watcher
	for _, w := range watchers {
		alarm := action.AlarmObject(o.Region, w.Alarm)
		_, known := u.now[alarm]
		_, decided := u.target[alarm]
		switch {
		case known && !decided:
			return "alarm " + w.Alarm + ", which stays, watches its metric"
		case !known:
			others = append(others, w)
		}
	}
	if owner := desired.OwnerOfFilter(others); !owner.Ours() {
		return "it " + owner.Why
	}
	return ""
}

// shipped reports whether a filter is one that apply writes.
func (u *undoing) shipped(f account.MetricFilter) bool {
	for _, c := range u.controls {
		if strings.Contains(f.Name, c.Names.Filter) && strings.HasSuffix(f.Metric, c.Names.Metric) && slices.Contains(c.Shipped(), f.Pattern) {
			return true
		}
	}
	return false
}

// extends reports whether the policy of a topic was written by us in place of
// another: our own in place of SNS's, or another's with our statement.
func (u *undoing) extends(topic string, now, before *string) bool {
	h := u.journal.Header
	if before == nil || now == nil {
		return false
	}
	was, wasOurs := publishersOf(*before, topic, h)
	for by := range policy.Alarms | policy.Rules + 1 {
		if by != 0 && state(*now).Same(state(policy.TopicPolicy(topic, h.Account, h.Partition, by))) {
			return policy.IsDefault(*before) || wasOurs && was&by == was
		}
	}
	return u.withStatements(topic, *now, *before, policy.Alarms) || u.withStatements(topic, *now, *before, policy.Rules) ||
		u.withStatements(topic, *now, *before, policy.Alarms, policy.Rules)
}

// publishersOf returns which services a policy lets publish that monitorctl wrote for a topic.
func publishersOf(doc, topic string, h journal.Header) (policy.Publishers, bool) {
	return policy.PublishersOf(doc, topic, h.Account, h.Partition)
}

// withStatements reports whether a policy is another one with statements of ours.
func (u *undoing) withStatements(topic, now, before string, added ...policy.Publishers) bool {
	h := u.journal.Header
	for _, by := range added {
		var err error
		if before, err = policy.ExtendTopicPolicy(before, topic, h.Account, h.Partition, by); err != nil {
			return false
		}
	}
	return state(now).Same(state(before))
}

func state(doc string) action.State { return action.State{Policy: &doc} }

// words names an object.
func (u *undoing) words(o change.Object) string {
	switch o.Kind {
	case action.FilterKind:
		return fmt.Sprintf("metric filter %s on %s (%s)", o.Name, o.LogGroup, o.Region)
	case action.AlarmKind:
		return fmt.Sprintf("alarm %s (%s)", o.Name, o.Region)
	case action.RuleKind:
		return fmt.Sprintf("rule %s (%s)", o.Name, o.Region)
	case action.TargetKind:
		return fmt.Sprintf("target %s of rule %s (%s)", o.Endpoint, o.Name, o.Region)
	case action.RoleKind:
		return "role " + o.Name
	case action.DestinationKind:
		return fmt.Sprintf("API destination %s (%s)", o.Name, o.Region)
	case action.ChatKind:
		return "chat configuration " + o.Name[strings.LastIndexByte(o.Name, '/')+1:]
	case action.ConnectionKind:
		return fmt.Sprintf("connection %s (%s)", o.Name, o.Region)
	case action.BusPermissionKind:
		return fmt.Sprintf("statement %s of the event bus (%s)", o.Endpoint, o.Region)
	case action.LogGroupKind:
		return fmt.Sprintf("log group %s (%s)", o.Name, o.Region)
	case action.BucketKind:
		return fmt.Sprintf("bucket %s (%s)", o.Name, o.Region)
	case action.TrailKind:
		return fmt.Sprintf("trail %s (%s)", o.Name[strings.LastIndexByte(o.Name, '/')+1:], o.Region)
	case action.SubscriptionKind:
		for _, r := range u.journal.Of(o) {
			if s := cmp.Or(r.After, r.Before).Subscription; s != nil {
				return fmt.Sprintf("subscription of %s %s to topic %s (%s)", s.Protocol, s.Endpoint, lastPart(o.Name), o.Region)
			}
		}
	}
	return fmt.Sprintf("topic %s (%s)", lastPart(o.Name), o.Region)
}

// difference names the first setting in which two states differ.
func difference(now, then action.State) string {
	is, was := leaves(now), leaves(then)
	parts := map[string]bool{} // that the write was about
	for _, path := range slices.Sorted(maps.Keys(was)) {
		parts[part(path)] = true
		if is[path] != was[path] {
			return path
		}
	}
	for _, path := range slices.Sorted(maps.Keys(is)) {
		if _, ok := was[path]; !ok && parts[part(path)] {
			return path
		}
	}
	return "its settings"
}

func leaves(s action.State) map[string]string {
	data, _ := json.Marshal(s) // plain data: it cannot fail
	return strictjson.Leaves(data)
}

// part returns the first element of a path.
func part(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return first
}

func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }
