package apply

import (
	"context"
	"errors"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/aws/undo"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// Look reads every object of a journal as it is now. What cannot be read is said
// in its place; the error says that ctx has ended.
func Look(ctx context.Context, s *collect.Session, j journal.Journal[action.State]) (undo.Account, error) {
	ctx = s.Bind(ctx)
	l := &looking{calls: calls{fromSession(s)}, journal: j, found: undo.Account{}, subscribers: map[change.Object]listing{}, regions: map[string]*account.Region{}}
	for _, o := range j.Objects() {
		l.found[o] = l.object(ctx, o)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return l.found, nil
}

// looking is the reading of one journal's objects.
type looking struct {
	calls   calls
	journal journal.Journal[action.State]
	found   undo.Account

	subscribers map[change.Object]listing  // by topic
	regions     map[string]*account.Region // their alarms, with tags where they matter
}

type listing struct {
	list []account.Subscription
	err  error
}

func (l *looking) object(ctx context.Context, o change.Object) undo.Found {
	switch o.Kind {
	case action.FilterKind:
		return l.filter(ctx, o)
	case action.AlarmKind:
		return l.alarm(ctx, o)
	case action.SubscriptionKind:
		return l.subscription(ctx, o)
	case action.TopicKind:
		return l.topic(ctx, o)
	case action.RuleKind:
		return l.rule(ctx, o)
	case action.TargetKind:
		return l.target(ctx, o)
	case action.RoleKind:
		return l.role(ctx, o)
	case action.DestinationKind:
		return l.destination(ctx, o)
	case action.ConnectionKind:
		return l.connection(ctx, o)
	case action.ChatKind:
		return l.chat(ctx, o)
	case action.BusPermissionKind:
		return l.busPermission(ctx, o)
	case action.LogGroupKind:
		return l.logGroup(ctx, o)
	case action.BucketKind:
		return l.bucket(ctx, o)
	case action.TrailKind:
		return l.trail(ctx, o)
	}
	return undo.Found{Failure: "this version does not know the kind of object " + o.Kind}
}

// unreadable says why an object could not be read.
func unreadable(err error) undo.Found { return undo.Found{Failure: err.Error()} }

func (l *looking) filter(ctx context.Context, o change.Object) undo.Found {
	list, err := l.calls.Filters(ctx, o.Region, o.LogGroup, o.Name)
	if err != nil && !errors.Is(err, action.ErrNotThere) {
		return unreadable(err)
	}
	i := slices.IndexFunc(list, func(f account.MetricFilter) bool { return f.Name == o.Name })
	if i < 0 {
		return undo.Found{}
	}
	found := undo.Found{State: &action.State{Filter: &list[i]}}
	if found.Watchers, err = l.watchers(ctx, o.Region, list[i]); err != nil {
		return unreadable(err)
	}
	return found
}

// watchers are the alarms on the metric of a filter, with their owners.
func (l *looking) watchers(ctx context.Context, region string, f account.MetricFilter) ([]desired.Watcher, error) {
	r := l.regions[region]
	if r == nil {
		alarms, err := l.calls.Alarms(ctx, region)
		if err != nil {
			return nil, err
		}
		r = &account.Region{Name: region, Alarms: &account.Read[account.Alarms]{Value: alarms}, AlarmTags: map[string]*account.Read[map[string]string]{}}
		l.regions[region] = r
	}
	for _, a := range r.Alarms.Value.Metric {
		if r.AlarmTags[a.Name] != nil || !a.Watches(f.Namespace, f.Metric) {
			continue
		}
		tags, err := l.calls.AlarmTags(ctx, region, a.ARN)
		if err != nil {
			return nil, err
		}
		r.AlarmTags[a.Name] = &account.Read[map[string]string]{Value: tags}
	}
	list, _ := desired.Watchers(r, f)
	return list, nil
}

func (l *looking) alarm(ctx context.Context, o change.Object) undo.Found {
	list, err := l.calls.Alarms(ctx, o.Region, o.Name)
	switch {
	case err != nil:
		return unreadable(err)
	case len(list.Composite)+len(list.Log) > 0:
		return undo.Found{Failure: "an alarm of another kind has that name now"}
	case len(list.Metric) == 0:
		return undo.Found{}
	}
	tags, err := l.calls.AlarmTags(ctx, o.Region, list.Metric[0].ARN)
	if err != nil {
		return unreadable(err)
	}
	return undo.Found{State: action.AlarmState(list.Metric[0], tags)}
}

// on lists the subscribers of a topic, once.
func (l *looking) on(ctx context.Context, region, arn string) listing {
	key := action.TopicObject(region, arn)
	have, ok := l.subscribers[key]
	if !ok {
		have.list, have.err = l.calls.Subscribers(ctx, region, arn, l.journal.Header.Salt)
		l.subscribers[key] = have
	}
	return have
}

func keyOf(s account.Subscription) string { return s.Protocol + " " + s.EndpointHash }

func (l *looking) subscription(ctx context.Context, o change.Object) undo.Found {
	have := l.on(ctx, o.Region, o.Name)
	if have.err != nil && !errors.Is(have.err, action.ErrNotThere) {
		return unreadable(have.err)
	}
	for _, s := range have.list {
		if keyOf(s) == o.Endpoint && s.State != account.Deleted {
			return undo.Found{
				State: &action.State{Subscription: &action.Subscription{Protocol: s.Protocol, Endpoint: s.Endpoint}},
				ARN:   s.ARN, Pending: s.State == account.Pending,
			}
		}
	}
	return undo.Found{}
}

// plainAttributes are those that a topic has without anybody setting them, and
// those that are compared on their own. Source: GetTopicAttributes.
var plainAttributes = []string{
	"TopicArn", "Owner", "Policy", "KmsMasterKeyId", "SubscriptionsConfirmed", "SubscriptionsPending", "SubscriptionsDeleted",
	"EffectiveDeliveryPolicy",
}

// defaultAttributes are the values that SNS may name for what was never set.
var defaultAttributes = map[string]string{
	"DisplayName": "", "FifoTopic": "false", "ContentBasedDeduplication": "false", "TracingConfig": "PassThrough", "SignatureVersion": "1",
}

func (l *looking) topic(ctx context.Context, o change.Object) undo.Found {
	attributes, err := l.calls.TopicAttributes(ctx, o.Region, o.Name)
	if errors.Is(err, action.ErrNotThere) {
		return undo.Found{}
	}
	if err != nil {
		return unreadable(err)
	}
	text := attributes["Policy"]
	f := undo.Found{State: &action.State{Topic: &action.Topic{ARN: o.Name, KeyID: attributes["KmsMasterKeyId"]}, Policy: &text}}
	for _, name := range sortedKeys(attributes) {
		// An empty value is no setting: emulators name all that could be set.
		if usual, known := defaultAttributes[name]; !slices.Contains(plainAttributes, name) && attributes[name] != "" && (!known || attributes[name] != usual) {
			f.Settings = append(f.Settings, name)
		}
	}
	if l.made(o) {
		return l.surroundings(ctx, o, f)
	}
	return f
}

// made reports whether the journal's runs made the object.
func (l *looking) made(o change.Object) bool {
	return slices.ContainsFunc(l.journal.Of(o), func(r change.Record[action.State]) bool { return r.Before == nil })
}

// surroundings adds what may keep a topic from being deleted: its tags, its
// subscribers, and the alarms that notify it.
func (l *looking) surroundings(ctx context.Context, o change.Object, f undo.Found) undo.Found {
	tags, err := l.calls.TopicTags(ctx, o.Region, o.Name)
	if err != nil {
		return unreadable(err)
	}
	f.State.Tags = &tags
	have := l.on(ctx, o.Region, o.Name)
	if have.err != nil {
		return unreadable(have.err)
	}
	for _, s := range have.list {
		if s.State != account.Deleted {
			f.Subscribers = append(f.Subscribers, undo.Subscriber{
				Key: keyOf(s), ARN: s.ARN, Shown: s.Protocol + " " + s.Endpoint, Pending: s.State == account.Pending,
			})
		}
	}
	alarms, err := l.calls.Alarms(ctx, o.Region)
	if err != nil {
		return unreadable(err)
	}
	for _, a := range alarms.Metric {
		if slices.Contains(slices.Concat(a.AlarmActions, a.OKActions, a.NoDataActions), o.Name) {
			f.Alarms = append(f.Alarms, a.Name)
		}
	}
	for _, a := range alarms.Composite {
		if slices.Contains(a.AlarmActions, o.Name) {
			f.Alarms = append(f.Alarms, a.Name)
		}
	}
	for _, a := range alarms.Log {
		if slices.Contains(a.AlarmActions, o.Name) {
			f.Alarms = append(f.Alarms, a.Name)
		}
	}
	if l.aboutRules() {
		if f.Rules, err = l.calls.rulesOn(ctx, o.Region, o.Name); err != nil {
			return unreadable(err)
		}
	}
	return f
}

// aboutRules reports whether the journal's runs wrote rules: only then may undo be
// expected to have the permission to ask about them.
func (l *looking) aboutRules() bool {
	return slices.ContainsFunc(l.journal.Objects(), func(o change.Object) bool { return o.Kind == action.RuleKind || o.Kind == action.TargetKind })
}

// named reads the rule of a name with its tags; nil when there is none.
func (l *looking) named(ctx context.Context, region, name string) (*account.Rule, map[string]string, error) {
	list, err := l.calls.Rules(ctx, region, name)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(list, func(r account.Rule) bool { return r.Name == name })
	if i < 0 {
		return nil, nil, nil
	}
	tags, err := l.calls.RuleTags(ctx, region, list[i].ARN)
	return &list[i], tags, err
}

func (l *looking) rule(ctx context.Context, o change.Object) undo.Found {
	rule, tags, err := l.named(ctx, o.Region, o.Name)
	if err != nil {
		return unreadable(err)
	}
	if rule == nil {
		return undo.Found{}
	}
	found := undo.Found{State: action.RuleState(*rule, tags)}
	targets, err := l.calls.Targets(ctx, o.Region, o.Name)
	if err != nil && !errors.Is(err, action.ErrNotThere) {
		return unreadable(err)
	}
	for _, t := range targets {
		found.Targets = append(found.Targets, t.ID)
	}
	return found
}

func (l *looking) target(ctx context.Context, o change.Object) undo.Found {
	rule, tags, err := l.named(ctx, o.Region, o.Name)
	if err != nil {
		return unreadable(err)
	}
	if rule == nil {
		return undo.Found{}
	}
	list, err := l.calls.Targets(ctx, o.Region, o.Name)
	if err != nil && !errors.Is(err, action.ErrNotThere) {
		return unreadable(err)
	}
	i := slices.IndexFunc(list, func(t account.WholeTarget) bool { return t.ID == o.Endpoint })
	if i < 0 {
		return undo.Found{}
	}
	return undo.Found{State: &action.State{Target: &list[i]}, RuleTags: tags}
}

func (l *looking) busPermission(ctx context.Context, o change.Object) undo.Found {
	doc, err := l.calls.BusPolicy(ctx, o.Region)
	if err != nil {
		return unreadable(err)
	}
	statement, err := policy.StatementOf(doc, o.Endpoint)
	switch {
	case err != nil:
		return unreadable(err)
	case statement == "":
		return undo.Found{}
	}
	return undo.Found{State: &action.State{BusStatement: &statement}}
}

func (l *looking) role(ctx context.Context, o change.Object) undo.Found {
	role, err := l.calls.Role(ctx, o.Name)
	if err != nil {
		return unreadable(err)
	}
	state, others, err := action.RoleStateOf(action.PolicyOfRole(o), role)
	if err != nil {
		return unreadable(err)
	}
	return undo.Found{State: state, Policies: others}
}

func (l *looking) destination(ctx context.Context, o change.Object) undo.Found {
	d, err := l.calls.Destination(ctx, o.Region, o.Name, l.journal.Header.Salt)
	switch {
	case errors.Is(err, action.ErrNotThere):
		return undo.Found{}
	case err != nil:
		return unreadable(err)
	}
	found := undo.Found{State: action.DestinationState(*d), ARN: d.ARN}
	if found.Rules, err = l.calls.rulesOn(ctx, o.Region, d.ARN); err != nil {
		return unreadable(err)
	}
	return found
}

func (l *looking) connection(ctx context.Context, o change.Object) undo.Found {
	x, err := l.calls.Connection(ctx, o.Region, o.Name)
	switch {
	case errors.Is(err, action.ErrNotThere):
		return undo.Found{}
	case err != nil:
		return unreadable(err)
	}
	return undo.Found{State: action.ConnectionState(*x), ARN: x.ARN}
}

func (l *looking) chat(ctx context.Context, o change.Object) undo.Found {
	list, err := l.calls.Chats(ctx)
	if err != nil {
		return unreadable(err)
	}
	for _, c := range list {
		if c.ARN == o.Name {
			return undo.Found{State: action.ChatState(c), ARN: c.ARN}
		}
	}
	return undo.Found{}
}
