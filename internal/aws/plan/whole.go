package plan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
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

// WholeOf plans an account and lists all that the scope asks for in it: what is there and
// what is missing. What code keeps is listed as it should be, since this is what that code
// is written from again; what monitorctl keeps and someone edited is a drift of the plan,
// and not in the list. The snapshot holds one account.
func WholeOf(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o Options) (Whole, error) {
	if len(snap.Accounts) != 1 {
		return Whole{}, fmt.Errorf("the snapshot holds %d accounts, but code is written for one", len(snap.Accounts))
	}
	was := &snap.Accounts[0]
	taken, kept := takenOver(snap)
	o.Replace = append(slices.Clone(o.Replace), kept...)
	p, err := For(ctx, taken, controls, o)
	if err != nil || len(p.Conflicts) > 0 {
		return Whole{Plan: p}, err
	}
	after, err := Simulate(taken, p.Actions, false)
	if err != nil {
		return Whole{}, err
	}
	chooses := was
	if o.Bootstrap != nil {
		chooses = &after.Accounts[0] // only there is the trail that the plan creates
	}
	b := newBuilder(ctx, nil, nil, chooses, controls, o) // it only chooses
	if err := cmp.Or(b.chooseTrail(), b.chooseLayout()); err != nil {
		return Whole{Plan: p}, err
	}
	actions, err := action.Of(p.Actions)
	if err != nil {
		return Whole{}, err
	}
	l := lister{o: o, actions: actions, before: was, after: &after.Accounts[0], salt: snap.Salt, layout: b.layout}
	if byMetrics := !o.byRules() || o.Transport == BothTransports; byMetrics && b.chosen != nil {
		l.group, l.home = b.chosen.Group, b.chosen.Region
	}
	if err := l.elsewhere(); err != nil {
		return Whole{}, err
	}
	list, err := l.all(controls)
	return Whole{Plan: p, List: list}, err
}

// takenOver returns a copy of a snapshot in which what code keeps is tagged as ours, and
// the names of those objects.
func takenOver(snap account.Snapshot) (account.Snapshot, []string) {
	var t takeover
	snap.Accounts = slices.Clone(snap.Accounts)
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		a.Regions, a.Roles = slices.Clone(a.Regions), maps.Clone(a.Roles)
		a.TrailParts = t.trails(a.TrailParts)
		for k := range a.Regions {
			t.region(&a.Regions[k])
		}
		for _, arn := range slices.Sorted(maps.Keys(a.Roles)) {
			role := *a.Roles[arn]
			role.Tags = t.tags(lastPart(arn), role.Tags)
			a.Roles[arn] = &role
		}
	}
	return snap, t.names
}

// A takeover makes what code keeps ours, and notes the names.
type takeover struct{ names []string }

// tags returns the tags of an object once it is ours.
func (t *takeover) tags(name string, tags *account.Read[map[string]string]) *account.Read[map[string]string] {
	if !desired.OwnerOf(tags).ByCode() {
		return tags
	}
	t.names = append(t.names, name)
	own := maps.Clone(tags.Value)
	own[desired.ManagedTag] = string(desired.Monitorctl)
	return &account.Read[map[string]string]{Value: own}
}

// allTags is tags for objects by name.
func (t *takeover) allTags(all map[string]*account.Read[map[string]string]) map[string]*account.Read[map[string]string] {
	all = maps.Clone(all)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		all[name] = t.tags(name, all[name])
	}
	return all
}

func (t *takeover) region(r *account.Region) {
	filters, _ := r.MetricFilters.Got()
	for _, f := range filters {
		if ownerOfFilter(r, f).ByCode() {
			t.names = append(t.names, f.Name)
		}
	}
	r.AlarmTags, r.RuleTags, r.Topics = t.allTags(r.AlarmTags), t.allTags(r.RuleTags), maps.Clone(r.Topics)
	for _, arn := range slices.Sorted(maps.Keys(r.Topics)) {
		x := *r.Topics[arn]
		x.Tags = t.tags(lastPart(arn), x.Tags)
		r.Topics[arn] = &x
	}
	r.APIDestinations, r.Connections = maps.Clone(r.APIDestinations), maps.Clone(r.Connections)
	for arn, read := range r.APIDestinations {
		if d, _ := read.Got(); d != nil && desired.OwnerByDescription(d.Description).ByCode() {
			own := *d
			own.Description = desired.ManagedDescription
			r.APIDestinations[arn] = &account.Read[*account.APIDestination]{Value: &own}
		}
	}
	for arn, read := range r.Connections {
		if c, _ := read.Got(); c != nil && desired.OwnerByDescription(c.Description).ByCode() {
			own := *c
			own.Description = desired.ManagedDescription
			r.Connections[arn] = &account.Read[*account.Connection]{Value: &own}
		}
	}
}

// An ElsewhereError names an action of a plan that code for one region cannot hold.
type ElsewhereError struct {
	Action string
	Way    string // what to do about it
}

func (e *ElsewhereError) Error() string { return "it cannot be written as code: " + e.Action }

// Hint says what to do about it.
func (e *ElsewhereError) Hint() string { return e.Way }

// A lister lists what is ours once a plan is carried out, region by region.
type lister struct {
	o             Options
	actions       []action.Action
	before, after *account.Account // the plan
	salt          string
	layout        *layout // of rules; nil for none
	home, group   string  // region and log group of filters and alarms; "" for none
	trailSet      desired.TrailSet

	was, is *account.Region // the region at hand, before and after the plan
	list    desired.List    // of it
}

// elsewhere refuses actions that code cannot hold.
func (l *lister) elsewhere() error {
	for _, a := range l.actions {
		switch x := a.(type) { //nolint:gochecksumtype // the others are what is refused
		case action.PutFilter, action.PutAlarm, action.CreateTopic, action.Subscribe, action.PutRule, action.PutTarget, action.CreateDestination, action.CreateConnection:
		case action.SetTopicPolicy:
			if desired.OwnerOf(l.after.Region(x.Region).Topics[x.TopicARN].Tags).Ours() {
				continue
			}
			return &ElsewhereError{a.String(), "a topic's policy belongs to whoever keeps the topic: run 'monitorctl apply --extend-topic-policy' to add the statement, then export again without that flag"}
		case action.PutChat:
			return &ElsewhereError{a.String(), "'monitorctl apply' connects chats, once someone has authorized the workspace; leave out the chat here"}
		case action.CreateRole, action.CreateLogGroup, action.CreateBucket, action.CreateTrail, action.UpdateTrail:
		default:
			return &ElsewhereError{a.String(), "run 'monitorctl apply', then export again"}
		}
	}
	return nil
}

// all lists every region: that of filters and alarms first, or that of the rules, with the
// roles.
func (l *lister) all(controls []catalog.Control) (desired.List, error) {
	first := l.home
	if first == "" && l.layout != nil {
		first = l.layout.home
	}
	trails := l.trail()
	if err := l.checkTrail(); err != nil {
		return desired.List{}, err
	}
	first = cmp.Or(first, trails)
	if first == "" {
		return desired.List{}, nil
	}
	whole := l.regionList(first, controls)
	if trails == first {
		whole.Trail = l.trailSet
	}
	for i := range l.after.Regions {
		name := l.after.Regions[i].Name
		if name == first || l.layout == nil {
			continue
		}
		if x := l.regionList(name, controls); !x.IsEmpty() {
			whole.Elsewhere = append(whole.Elsewhere, x)
		}
	}
	slices.SortFunc(whole.Elsewhere, func(a, b desired.List) int { return cmp.Compare(a.Home.Region, b.Home.Region) })
	l.roles(&whole)
	return whole, l.accounted(whole)
}

// regionList lists one region.
func (l *lister) regionList(region string, controls []catalog.Control) desired.List {
	l.was, l.is = l.before.Region(region), l.after.Region(region)
	l.list = desired.List{Home: l.homeOf(region), Names: l.o.names()}
	if l.was == nil || l.is == nil {
		return l.list
	}
	if region == l.home {
		l.list.LogGroup = l.group
		l.controls(controls)
	}
	if l.layout != nil {
		l.rules(controls)
	}
	l.topics()
	return l.list
}

func (l *lister) homeOf(region string) desired.Home {
	return desired.Home{Partition: l.before.Partition, Account: l.before.ID, Region: region}
}

// controls lists the filters and alarms of the controls.
func (l *lister) controls(controls []catalog.Control) {
	filters, _ := l.is.MetricFilters.Got()
	alarms, _ := l.is.Alarms.Got()
	names := l.o.names()
	for _, c := range controls {
		about := desired.Control{ID: c.ID, Title: c.Title}
		about.Number, _ = c.Number(l.o.Audit.Benchmark)
		if c.Type == catalog.State && c.State != catalog.TrailDelivery {
			continue
		}
		for _, f := range filters {
			if c.Type == catalog.State || f.LogGroup != l.list.LogGroup || !names.HasName(f, c) || !names.Shipped(f, c) || drifted(f, names.Filter(c, l.o.Audit.Benchmark, f.LogGroup)) || !ownerOfFilter(l.is, f).Ours() {
				continue
			}
			f.Unit = names.Filter(c, l.o.Audit.Benchmark, f.LogGroup).Unit // the same to CloudWatch
			l.list.Filters = append(l.list.Filters, desired.Filter{State: l.filterState(f), Key: l.key(f, c), Control: about, Filter: f})
		}
		for _, a := range alarms.Metric {
			want := names.Alarm(c, l.list.Home, a.Namespace, a.Metric, "")
			if c.State == catalog.TrailDelivery && l.o.HeartbeatHours > 0 {
				want = names.Heartbeat(l.list.Home, l.group, "", l.o.HeartbeatHours)
				want.OKActions = a.OKActions
			}
			want.AlarmActions = a.AlarmActions
			if a.Name != want.Name || !desired.OwnerOf(l.is.AlarmTags[a.Name]).Ours() || !sameAlarm(a, want) {
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
			if on, ok := sub.Subscription(l.wayTo(arn)); ok {
				l.subscriber(on, arn)
			}
		}
	}
	for _, a := range l.actions { // and of topics that others keep
		if s, ok := a.(action.Subscribe); ok && s.Region == l.list.Home.Region && l.list.Topic(s.TopicARN) == nil {
			l.list.Subscriptions = append(l.list.Subscriptions, desired.Subscription{State: desired.New, TopicARN: s.TopicARN, Protocol: s.Protocol, Endpoint: s.Endpoint})
		}
	}
}

// notifies reports whether an alarm or a rule of the list notifies a topic.
func (l *lister) notifies(arn string) bool {
	return slices.ContainsFunc(l.list.Alarms, func(a desired.Alarm) bool { return slices.Contains(a.Alarm.AlarmActions, arn) }) ||
		slices.ContainsFunc(l.list.Rules, func(r desired.Rule) bool {
			return slices.ContainsFunc(r.Targets, func(t desired.Target) bool { return t.Target.ARN == arn })
		})
}

// wayTo is the transport that a topic of the list serves: that of alarms where one notifies
// it.
func (l *lister) wayTo(topic string) string {
	if slices.ContainsFunc(l.list.Alarms, func(a desired.Alarm) bool { return slices.Contains(a.Alarm.AlarmActions, topic) }) {
		return audit.MetricTransport
	}
	return audit.RuleTransport
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
