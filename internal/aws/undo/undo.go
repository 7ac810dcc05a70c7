// Package undo plans how what a journal records is taken back: each object that
// is still as the runs left it is removed, or gets the form that it had before.
// What someone has changed since is left, with the reason. It does no I/O.
//
// What an object was before is the journal's answer (change.Rewind); which of AWS's
// objects are monitorctl's to change, and which depend on which, is said here.
package undo

import (
	"cmp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// A Plan is what undo would do.
type Plan struct {
	// Actions are the changes in their order: what depends on something is
	// removed before it.
	Actions []change.Action

	// Left are the objects that stay as they are, with the reason.
	Left []change.Left

	// Gone counts the objects that need nothing: they are as they were before
	// already.
	Gone int
}

// Found is an object as it is now.
type Found struct {
	State *action.State // with all its parts; nil: it is not there

	Failure string // why it could not be read; "" when it was

	// Of a subscription, an API destination, a connection.
	ARN     string // of a subscription "" unless it is confirmed
	Pending bool

	// Of a metric filter.
	Watchers []desired.Watcher // the alarms on its metric

	// Of a topic.
	Settings    []string // names of settings that monitorctl does not write
	Subscribers []Subscriber
	Alarms      []string // names of the alarms of its region that notify it

	// Of a topic and an API destination.
	Rules []string // names of the rules of its region that publish to it or call it

	// Of a rule.
	Targets []string // ids

	// Of a target.
	RuleTags map[string]string

	// Of a log group or a bucket.
	Holds   bool     // events or log files
	Filters []string // names of the metric filters on a log group

	// Of a role.
	Policies []string // names and ARNs of policies that monitorctl does not write
}

// A Subscriber is one subscriber of a topic.
type Subscriber struct {
	Key     string // change.Object.Endpoint
	ARN     string // "" unless it is confirmed
	Shown   string // protocol and masked endpoint
	Pending bool
}

// An Account holds every object of a journal as it is now.
type Account map[change.Object]Found

// For plans the undoing of a journal. The controls are those of the catalog: by
// their texts a filter is known as ours.
func For(j journal.Journal[action.State], now Account, controls []catalog.Control) Plan {
	u := &undoing{journal: j, now: now, controls: controls, target: map[change.Object]*action.State{}}
	objects := u.objects()
	for _, o := range objects {
		u.rewind(o)
	}
	u.rules(objects)
	u.roles(objects)
	u.destinations(objects)
	u.trailParts(objects)
	u.topics(objects)
	for _, o := range objects {
		u.act(o)
	}
	return u.plan
}

// An undoing is the work on one journal.
type undoing struct {
	journal  journal.Journal[action.State]
	now      Account
	controls []catalog.Control

	target map[change.Object]*action.State // what each object becomes; left ones are absent
	plan   Plan
}

// objects returns the journal's objects, alarms first, topics and what a trail needs last, within a
// kind the newest first.
func (u *undoing) objects() []change.Object {
	out := u.journal.Objects()
	order := []string{action.AlarmKind, action.FilterKind, action.TrailKind, action.BusPermissionKind, action.TargetKind, action.ChatKind, action.RoleKind, action.RuleKind, action.DestinationKind, action.ConnectionKind, action.SubscriptionKind, action.TopicKind, action.BucketKind, action.LogGroupKind}
	slices.SortStableFunc(out, func(a, b change.Object) int {
		return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind))
	})
	return out
}

func (u *undoing) leave(o change.Object, why string) {
	u.plan.Left = append(u.plan.Left, change.Left{Object: u.words(o), Why: why})
	delete(u.target, o)
}

// rewind decides what an object becomes, as long as the account agrees with the
// journal.
func (u *undoing) rewind(o change.Object) {
	found := u.now[o]
	if found.Failure != "" {
		u.leave(o, "it could not be read: "+found.Failure)
		return
	}
	target, left := change.Rewind(u.journal.Of(o), found.State, action.IsAsLeft, difference)
	if target != nil && found.State != nil {
		whole := target.Over(*found.State) // what no write was about stays
		target = &whole
	}
	if left == "" && !identical(found.State, target) {
		left = u.refuse(o, found, target)
	}
	if left != "" {
		u.leave(o, left)
		return
	}
	u.target[o] = target
}

// removes reports whether an object is removed, or not there any more.
func (u *undoing) removes(o change.Object) bool {
	target, ok := u.target[o]
	return ok && target == nil
}

// rules decides which rules can go: they may have no target but those that this
// undoing removes.
func (u *undoing) rules(objects []change.Object) {
	for _, o := range objects {
		if o.Kind != action.RuleKind || !u.removes(o) || u.now[o].State == nil {
			continue
		}
		for _, id := range u.now[o].Targets {
			if !u.removes(action.TargetObject(o.Region, o.Name, id)) {
				u.leave(o, "it has the target "+id+", which stays")
				break
			}
		}
	}
}

// roles decides which roles can go: they may have no policy of someone else's, and
// no forwarder of the journal that stays may need them.
func (u *undoing) roles(objects []change.Object) {
	for _, o := range objects {
		if o.Kind != action.RoleKind || !u.removes(o) || u.now[o].State == nil {
			continue
		}
		if list := u.now[o].Policies; len(list) > 0 {
			u.leave(o, "it has been changed: it has the policy "+list[0])
			continue
		}
		for _, t := range objects {
			now := u.now[t].State
			if t.Kind == action.TargetKind && now != nil && strings.HasSuffix(now.Target.RoleARN, ":role/"+o.Name) && !u.removes(t) {
				u.leave(o, u.words(t)+", which stays, uses it")
				break
			}
		}
	}
}

// destinations decides which API destinations can go, and which connections: no rule
// that stays may call the one, and no destination that stays may use the other.
func (u *undoing) destinations(objects []change.Object) {
	for _, o := range objects {
		if o.Kind != action.DestinationKind || !u.removes(o) || u.now[o].State == nil {
			continue
		}
		if name := u.keptRule(o); name != "" {
			u.leave(o, "rule "+name+" calls it")
		}
	}
	for _, o := range objects {
		if o.Kind != action.ConnectionKind || !u.removes(o) || u.now[o].State == nil {
			continue
		}
		of := action.DestinationObject(o.Region, o.Name)
		if found, known := u.now[of]; known && found.State != nil && !u.removes(of) {
			u.leave(o, u.words(of)+", which stays, uses it")
		}
	}
}

// keptRule names a rule that notifies an object and whose targets this undoing does not
// remove; "" for none.
func (u *undoing) keptRule(o change.Object) string {
	arn := o.Name
	if o.Kind == action.DestinationKind {
		arn = u.now[o].ARN
	}
	for _, name := range u.now[o].Rules {
		if !slices.ContainsFunc(u.journal.Objects(), func(t change.Object) bool {
			now := u.now[t].State
			return t.Kind == action.TargetKind && t.Region == o.Region && t.Name == name && u.removes(t) && now != nil && now.Target.ARN == arn
		}) {
			return name
		}
	}
	return ""
}

// topics decides which topics can go: they may have no subscriber and no alarm
// but those that this undoing removes, and no setting of someone else's.
func (u *undoing) topics(objects []change.Object) {
	for _, o := range objects {
		target, ok := u.target[o]
		if o.Kind != action.TopicKind || !ok || u.now[o].State == nil {
			continue
		}
		if target == nil {
			if why := u.inUse(o); why != "" {
				u.leave(o, why)
			}
		}
	}
	for _, o := range objects {
		target, ok := u.target[o]
		if o.Kind != action.SubscriptionKind || !ok || target != nil || u.now[o].State == nil {
			continue
		}
		if name := u.keptAlarm(objects, o.Name); u.now[o].Pending && !u.goes(o.Region, o.Name) {
			u.leave(o, "it is pending, and a pending subscription cannot be deleted; SNS drops it if nobody confirms it within two days")
		} else if name != "" {
			u.leave(o, "alarm "+name+", which stays, notifies its topic")
		}
	}
}

// keptAlarm returns the name of an alarm that the runs wrote, that stays as someone
// has changed it since, and that notifies a topic; "" for none.
func (u *undoing) keptAlarm(objects []change.Object, topic string) string {
	for _, o := range objects {
		now := u.now[o].State
		if _, decided := u.target[o]; o.Kind == action.AlarmKind && !decided && now != nil && now.Alarm != nil && slices.Contains(now.Alarm.AlarmActions, topic) {
			return o.Name
		}
	}
	return ""
}

// inUse says what keeps a topic that was made from being deleted.
func (u *undoing) inUse(o change.Object) string {
	found := u.now[o]
	if len(found.Settings) > 0 {
		return "it has been changed: it has the setting " + found.Settings[0]
	}
	for _, name := range found.Alarms {
		alarm := change.Object{Kind: action.AlarmKind, Region: o.Region, Name: name}
		target, ok := u.target[alarm]
		if !ok || target != nil && target.Alarm != nil && slices.Contains(target.Alarm.AlarmActions, o.Name) {
			return "alarm " + name + " notifies it"
		}
	}
	if name := u.keptRule(o); name != "" {
		return "rule " + name + " publishes to it"
	}
	for _, s := range found.Subscribers {
		if strings.Contains(s.Shown, account.ChatHost) && u.disconnects(o.Name) {
			continue // the service unsubscribes itself
		}
		sub := change.Object{Kind: action.SubscriptionKind, Region: o.Region, Name: o.Name, Endpoint: s.Key}
		if target, ok := u.target[sub]; !ok || target != nil {
			return s.Shown + " subscribes to it"
		}
	}
	return ""
}

// disconnects reports whether this undoing takes a topic from a chat configuration.
func (u *undoing) disconnects(topic string) bool {
	for o, target := range u.target {
		now := u.now[o].State
		if o.Kind == action.ChatKind && now != nil && slices.Contains(now.Chat.Topics, topic) && (target == nil || !slices.Contains(target.Chat.Topics, topic)) {
			return true
		}
	}
	return false
}

// goes reports whether a topic will be deleted.
func (u *undoing) goes(region, arn string) bool {
	o := change.Object{Kind: action.TopicKind, Region: region, Name: arn}
	target, ok := u.target[o]
	return ok && target == nil && u.now[o].State != nil
}
