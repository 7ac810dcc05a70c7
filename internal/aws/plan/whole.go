package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

// A Whole is the plan for an account whose objects that code keeps are monitorctl's to
// write again, and the list of all that is ours once it is carried out.
type Whole struct {
	Plan change.Plan
	List desired.List // empty where the plan has conflicts
}

// WholeOf plans an account and lists the whole chain that the scope asks for in it: what
// is there and what is missing. What code keeps is listed as it should be, since this is
// what that code is written from again; what monitorctl keeps and someone edited is a
// drift of the plan, and not in the list. The snapshot holds one account.
func WholeOf(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o Options) (Whole, error) {
	if len(snap.Accounts) != 1 {
		return Whole{}, fmt.Errorf("the snapshot holds %d accounts: code is written for one", len(snap.Accounts))
	}
	was := &snap.Accounts[0]
	taken, kept := takenOver(snap)
	o.Replace = append(slices.Clone(o.Replace), kept...)
	p, err := For(ctx, taken, controls, o)
	if err != nil || len(p.Conflicts) > 0 {
		return Whole{Plan: p}, err
	}
	place, err := Place(was, controls, o)
	if err != nil || place == nil {
		return Whole{Plan: p}, err
	}
	after, err := Simulate(taken, p.Actions, false)
	if err != nil {
		return Whole{}, err
	}
	actions, err := action.Of(p.Actions)
	if err != nil {
		return Whole{}, err
	}
	l := lister{
		o: o, actions: actions, was: was.Region(place.Region), is: after.Accounts[0].Region(place.Region), salt: snap.Salt,
		list: desired.List{
			Home:     desired.Home{Partition: was.Partition, Account: was.ID, Region: place.Region},
			LogGroup: place.LogGroup, Names: o.names(),
		},
	}
	if err := l.elsewhere(); err != nil {
		return Whole{}, err
	}
	l.controls(catalog.Repairable(controls))
	l.topics()
	return Whole{Plan: p, List: l.list}, nil
}

// takenOver returns a copy of a snapshot in which what code keeps is tagged as ours, and
// the names of those objects.
func takenOver(snap account.Snapshot) (account.Snapshot, []string) {
	var names []string
	taken := func(name string, tags *account.Read[map[string]string]) *account.Read[map[string]string] {
		if !desired.OwnerOf(tags).ByCode() {
			return tags
		}
		names = append(names, name)
		own := maps.Clone(tags.Value)
		own[desired.ManagedTag] = string(desired.Monitorctl)
		return &account.Read[map[string]string]{Value: own}
	}
	snap.Accounts = slices.Clone(snap.Accounts)
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		a.Regions = slices.Clone(a.Regions)
		for k := range a.Regions {
			r := &a.Regions[k]
			r.AlarmTags, r.Topics = maps.Clone(r.AlarmTags), maps.Clone(r.Topics)
			filters, _ := r.MetricFilters.Got()
			for _, f := range filters {
				if ownerOfFilter(&snap.Accounts[i].Regions[k], f).ByCode() {
					names = append(names, f.Name)
				}
			}
			for _, name := range slices.Sorted(maps.Keys(r.AlarmTags)) {
				r.AlarmTags[name] = taken(name, r.AlarmTags[name])
			}
			for _, arn := range slices.Sorted(maps.Keys(r.Topics)) {
				t := *r.Topics[arn]
				t.Tags = taken(lastPart(arn), t.Tags)
				r.Topics[arn] = &t
			}
		}
	}
	return snap, names
}

// An ElsewhereError names an action of a plan that code for one region cannot hold.
type ElsewhereError struct {
	Action string
	Way    string // what to do about it
}

func (e *ElsewhereError) Error() string { return "it cannot be written as code: " + e.Action }

// Hint says what to do about it.
func (e *ElsewhereError) Hint() string { return e.Way }

// A lister lists what is ours in a region once a plan is carried out.
type lister struct {
	o       Options
	actions []action.Action
	was, is *account.Region // before and after the plan
	salt    string
	list    desired.List
}

// elsewhere refuses actions that are about anything but the chain in the region.
func (l *lister) elsewhere() error {
	for _, a := range l.actions {
		way := "apply carries it out"
		switch x := a.(type) { //nolint:gochecksumtype // the others are what is refused
		case action.PutFilter, action.PutAlarm, action.CreateTopic, action.Subscribe:
		case action.SetTopicPolicy:
			if desired.OwnerOf(l.is.Topics[x.TopicARN].Tags).Ours() {
				continue
			}
			return &ElsewhereError{a.String(), "the policy of a topic belongs to whoever keeps the topic: 'monitorctl apply --extend-topic-policy' adds the statement, then export again without it"}
		default:
			return &ElsewhereError{a.String(), "export writes metric filters, alarms and topics; give --transport metric, or create rules with 'monitorctl apply'"}
		}
		if a.Common().Region != l.list.Home.Region {
			return &ElsewhereError{a.String(), way}
		}
	}
	return nil
}

// controls lists the filters and alarms of the controls.
func (l *lister) controls(controls []catalog.Control) {
	filters, _ := l.is.MetricFilters.Got()
	alarms, _ := l.is.Alarms.Got()
	names := l.o.names()
	for _, c := range controls {
		about := desired.Control{ID: c.ID, Title: c.Title}
		about.Number, _ = c.Number(l.o.Audit.Benchmark)
		for _, f := range filters {
			if f.LogGroup != l.list.LogGroup || !names.HasName(f, c) || !names.Shipped(f, c) || drifted(f, names.Filter(c, l.o.Audit.Benchmark, f.LogGroup)) || !ownerOfFilter(l.is, f).Ours() {
				continue
			}
			f.Unit = names.Filter(c, l.o.Audit.Benchmark, f.LogGroup).Unit // the same to CloudWatch
			l.list.Filters = append(l.list.Filters, desired.Filter{State: l.filterState(f), Key: l.key(f, c), Control: about, Filter: f})
		}
		for _, a := range alarms.Metric {
			if a.Name != names.AlarmName(c) || !desired.OwnerOf(l.is.AlarmTags[a.Name]).Ours() {
				continue
			}
			want := names.Alarm(c, l.list.Home, a.Namespace, a.Metric, "")
			want.AlarmActions = a.AlarmActions
			if !sameAlarm(a, want) {
				continue
			}
			tags, _ := l.is.AlarmTags[a.Name].Got()
			l.list.Alarms = append(l.list.Alarms, desired.Alarm{State: l.alarmState(a.Name), Key: c.ID, Control: about, Alarm: a.Settings(), Tags: tags})
		}
	}
}

// key is the key of a filter among all of its control's.
func (l *lister) key(f account.MetricFilter, c catalog.Control) string {
	rest := strings.TrimPrefix(f.Name, l.o.names().FilterName(c))
	at := strings.IndexAny(rest, "0123456789")
	if at < 0 {
		return c.ID
	}
	return c.ID + "/" + strings.ToLower(rest[:at]) + "-" + rest[at:]
}

// filterState says how a filter of the list stands in the account.
func (l *lister) filterState(f account.MetricFilter) desired.State {
	filters, _ := l.was.MetricFilters.Got()
	i := slices.IndexFunc(filters, func(x account.MetricFilter) bool { return x.LogGroup == f.LogGroup && x.Name == f.Name })
	if i < 0 {
		return desired.New
	}
	return state(ownerOfFilter(l.was, filters[i]), l.planned(action.FilterObject(l.was.Name, f.LogGroup, f.Name)))
}

func (l *lister) alarmState(name string) desired.State {
	alarms, _ := l.was.Alarms.Got()
	if !slices.ContainsFunc(alarms.Metric, func(a account.MetricAlarm) bool { return a.Name == name }) {
		return desired.New
	}
	return state(desired.OwnerOf(l.was.AlarmTags[name]), l.planned(action.AlarmObject(l.was.Name, name)))
}

// state is how what exists stands in the account.
func state(owner desired.Owner, planned bool) desired.State {
	switch {
	case owner.ByCode():
		return desired.Kept
	case planned:
		return desired.Changed
	}
	return desired.Ours
}

// planned reports whether the plan writes an object.
func (l *lister) planned(o change.Object) bool {
	return slices.ContainsFunc(l.actions, func(a action.Action) bool { return a.Object() == o })
}

// topics lists our topics that an alarm of the list notifies, and who is subscribed to
// them or to topics of others.
func (l *lister) topics() {
	for _, w := range l.o.Everywhere() {
		arn := w.names().TopicARN(l.list.Home)
		t := l.is.Topics[arn]
		if w.TopicARN != "" || t == nil || !desired.OwnerOf(t.Tags).Ours() || !l.notifies(arn) {
			continue
		}
		if l.list.Topic(arn) == nil {
			attrs, _ := t.Attributes.Got()
			tags, _ := t.Tags.Got()
			if attrs == nil {
				continue
			}
			doc := attrs.Policy
			if by, ok := w.names().PublishersOf(doc, l.list.Home); ok { // code may have sorted its members
				doc = w.names().TopicPolicy(l.list.Home, by)
			}
			l.list.Topics = append(l.list.Topics, desired.Topic{State: l.topicState(arn), Name: lastPart(arn), ARN: arn, Policy: doc, KeyID: attrs.KeyID, Tags: tags})
		}
		for _, sub := range w.Subscribers {
			if on, ok := sub.Subscription(w.Transport); ok {
				l.subscriber(on, arn)
			}
		}
	}
	for _, a := range l.actions { // and of topics that others keep
		if s, ok := a.(action.Subscribe); ok && l.list.Topic(s.TopicARN) == nil {
			l.list.Subscriptions = append(l.list.Subscriptions, desired.Subscription{State: desired.New, TopicARN: s.TopicARN, Protocol: s.Protocol, Endpoint: s.Endpoint})
		}
	}
}

// notifies reports whether an alarm of the list notifies a topic.
func (l *lister) notifies(arn string) bool {
	return slices.ContainsFunc(l.list.Alarms, func(a desired.Alarm) bool { return slices.Contains(a.Alarm.AlarmActions, arn) })
}

func (l *lister) topicState(arn string) desired.State {
	t := l.was.Topics[arn]
	if attrs, _ := topicAttributes(t); attrs == nil {
		return desired.New
	}
	return state(desired.OwnerOf(t.Tags), l.planned(action.TopicObject(l.was.Name, arn)))
}

// topicAttributes are those of a topic that may not have been looked for.
func topicAttributes(t *account.Topic) (*account.TopicAttributes, bool) {
	if t == nil {
		return nil, false
	}
	return t.Attributes.Got()
}

// subscriber lists a subscriber of a topic of ours.
func (l *lister) subscriber(sub Subscriber, arn string) {
	s := desired.Subscription{State: desired.New, TopicARN: arn, Protocol: sub.Protocol, Endpoint: sub.Endpoint}
	if slices.ContainsFunc(l.list.Subscriptions, func(x desired.Subscription) bool {
		return x.TopicARN == arn && x.Protocol == s.Protocol && x.Endpoint == s.Endpoint
	}) {
		return
	}
	if t := l.was.Topics[arn]; t != nil {
		hash := account.HashEndpoint(l.salt, sub.Protocol, sub.Endpoint)
		subs, _ := t.Subscriptions.Got()
		for _, have := range subs {
			if have.EndpointHash == hash && have.State == account.Confirmed {
				s.ARN, s.State = have.ARN, state(desired.OwnerOf(t.Tags), false)
			}
		}
	}
	l.list.Subscriptions = append(l.list.Subscriptions, s)
}
