package apply

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/undo"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// Look reads every object of a journal as it is now. What cannot be read is said
// in its place; the error says that ctx has ended.
func Look(ctx context.Context, s *collect.Session, j journal.Journal) (undo.Account, error) {
	l := &looking{clients: fromSession(s), journal: j, found: undo.Account{}, subscribers: map[journal.Object]listing{}}
	for _, e := range j.Entries {
		if _, known := l.found[e.Object]; known {
			continue
		}
		l.found[e.Object] = l.object(ctx, e.Object)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return l.found, nil
}

// looking is the reading of one journal's objects.
type looking struct {
	clients clients
	journal journal.Journal
	found   undo.Account

	subscribers map[journal.Object]listing // by topic
}

type listing struct {
	list []account.Subscription
	err  error
}

func (l *looking) object(ctx context.Context, o journal.Object) undo.Found {
	switch o.Kind {
	case journal.Filter:
		return l.filter(ctx, o)
	case journal.Alarm:
		return l.alarm(ctx, o)
	case journal.Subscriber:
		return l.subscription(ctx, o)
	case journal.TopicKind:
		return l.topic(ctx, o)
	}
	return undo.Found{Failure: "this build does not know the kind of object " + string(o.Kind)}
}

// unreadable says why an object could not be read.
func unreadable(operation string, err error) undo.Found {
	return undo.Found{Failure: collect.Explain(operation, err).Error()}
}

func (l *looking) filter(ctx context.Context, o journal.Object) undo.Found {
	list, err := collect.Filters(ctx, l.clients.logs(o.Region), o.LogGroup, o.Name)
	if err != nil && !collect.NotFound(err) {
		return unreadable("logs:DescribeMetricFilters", err)
	}
	i := slices.IndexFunc(list, func(f account.MetricFilter) bool { return f.Name == o.Name })
	if i < 0 {
		return undo.Found{}
	}
	return undo.Found{State: &journal.State{Filter: &list[i]}}
}

func (l *looking) alarm(ctx context.Context, o journal.Object) undo.Found {
	list, err := collect.Alarms(ctx, l.clients.alarms(o.Region), []string{o.Name})
	switch {
	case err != nil:
		return unreadable("cloudwatch:DescribeAlarms", err)
	case len(list.Composite)+len(list.Log) > 0:
		return undo.Found{Failure: "an alarm of another kind has that name now"}
	case len(list.Metric) == 0:
		return undo.Found{}
	}
	r := &runner{clients: l.clients}
	tags, err := r.alarmTags(ctx, o.Region, list.Metric[0].ARN)
	if err != nil {
		return undo.Found{Failure: err.Error()}
	}
	return undo.Found{State: alarmState(list.Metric[0], tags)}
}

// on lists the subscribers of a topic, once.
func (l *looking) on(ctx context.Context, region, arn string) listing {
	key := topicObject(region, arn)
	have, ok := l.subscribers[key]
	if !ok {
		have.list, have.err = collect.Subscribers(ctx, l.clients.topics(region), arn, l.journal.Header.Salt)
		l.subscribers[key] = have
	}
	return have
}

func keyOf(s account.Subscription) string { return s.Protocol + " " + s.EndpointHash }

func (l *looking) subscription(ctx context.Context, o journal.Object) undo.Found {
	have := l.on(ctx, o.Region, o.Name)
	if have.err != nil && !collect.NotFound(have.err) {
		return unreadable("sns:ListSubscriptionsByTopic", have.err)
	}
	for _, s := range have.list {
		if keyOf(s) == o.Endpoint && s.State != account.Deleted {
			return undo.Found{
				State: &journal.State{Subscription: &journal.Subscription{Protocol: s.Protocol, Endpoint: s.Endpoint}},
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

func (l *looking) topic(ctx context.Context, o journal.Object) undo.Found {
	api := l.clients.topics(o.Region)
	out, err := api.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(o.Name)})
	if collect.NotFound(err) {
		return undo.Found{}
	}
	if err != nil {
		return unreadable("sns:GetTopicAttributes", err)
	}
	text := out.Attributes["Policy"]
	f := undo.Found{State: &journal.State{Topic: &journal.Topic{ARN: o.Name, KeyID: out.Attributes["KmsMasterKeyId"]}, Policy: &text}}
	for _, name := range sortedKeys(out.Attributes) {
		if usual, known := defaultAttributes[name]; !slices.Contains(plainAttributes, name) && (!known || out.Attributes[name] != usual) {
			f.Settings = append(f.Settings, name)
		}
	}
	if l.made(o) {
		return l.surroundings(ctx, o, f)
	}
	return f
}

// made says whether the journal's runs made the object.
func (l *looking) made(o journal.Object) bool {
	return slices.ContainsFunc(l.journal.Entries, func(e journal.Entry) bool { return e.Object == o && e.Before == nil })
}

// surroundings adds what may keep a topic from being deleted: its tags, its
// subscribers, and the alarms that notify it.
func (l *looking) surroundings(ctx context.Context, o journal.Object, f undo.Found) undo.Found {
	tags, err := collect.TopicTags(ctx, l.clients.topics(o.Region), o.Name)
	if err != nil {
		return unreadable("sns:ListTagsForResource", err)
	}
	f.State.Tags = &tags
	have := l.on(ctx, o.Region, o.Name)
	if have.err != nil {
		return unreadable("sns:ListSubscriptionsByTopic", have.err)
	}
	for _, s := range have.list {
		if s.State != account.Deleted {
			f.Subscribers = append(f.Subscribers, undo.Subscriber{
				Key: keyOf(s), ARN: s.ARN, Shown: s.Protocol + " " + s.Endpoint, Pending: s.State == account.Pending,
			})
		}
	}
	alarms, err := collect.Alarms(ctx, l.clients.alarms(o.Region), nil)
	if err != nil {
		return unreadable("cloudwatch:DescribeAlarms", err)
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
	return f
}
