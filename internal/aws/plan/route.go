package plan

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// MaxTopics is how many topics an alarm of ours notifies (PutMetricAlarm, AlarmActions).
const MaxTopics = 5

// A Route says who is notified of some controls, in place of the wishes for all. It has
// Controls or Severities, and TopicARN or TopicName.
type Route struct {
	Controls    []string           // ids
	Severities  []catalog.Severity // of the controls that it is for
	TopicARN    string             // an existing topic
	TopicName   string             // of a topic that the plan makes
	Subscribers []Subscriber
}

// For returns the wishes for one control, once for each topic that its alarm notifies:
// those of the routes that name it, else those of the routes for its severity, else the
// wishes for all.
func (o Options) For(c catalog.Control) []Options {
	named := func(r Route) bool { return slices.Contains(r.Controls, c.ID) }
	graded := func(r Route) bool { return slices.Contains(r.Severities, c.Severity) }
	for _, fits := range []func(Route) bool{named, graded} {
		var list []Options
		for _, r := range o.Routes {
			if fits(r) && len(list) < MaxTopics {
				list = append(list, o.by(r))
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return []Options{o}
}

// by returns the wishes of one route.
func (o Options) by(r Route) Options {
	o.TopicARN, o.TopicName, o.Subscribers = r.TopicARN, r.TopicName, r.Subscribers
	if r.TopicARN != "" {
		o.KeyARN = "" // it is for topics that the plan makes
	}
	return o
}

// Everywhere returns the wishes for all and those of each route.
func (o Options) Everywhere() []Options {
	list := []Options{o}
	for _, r := range o.Routes {
		list = append(list, o.by(r))
	}
	return list
}

// WithoutSubscribers returns the wishes with nobody to subscribe.
func (o Options) WithoutSubscribers() Options {
	o.Subscribers, o.Routes = nil, slices.Clone(o.Routes)
	for i := range o.Routes {
		o.Routes[i].Subscribers = nil
	}
	return o
}

// Topics returns the ARNs of the existing topics that were asked for, and the names of
// those that a plan would make, each once.
func (o Options) Topics() (arns, names []string) {
	for _, w := range o.Everywhere() {
		switch {
		case w.TopicARN == "":
			names = append(names, w.names().TopicName())
		default:
			arns = append(arns, w.TopicARN)
		}
	}
	if o.Chats() && o.byRules() {
		names = append(names, desired.ChatTopicName)
	}
	slices.Sort(arns)
	slices.Sort(names)
	return slices.Compact(arns), slices.Compact(names)
}

// turnTo turns the builder to one control: its wishes, and those for further topics.
func (b *builder) turnTo(c catalog.Control) {
	list := b.all.For(c)
	b.o, b.also = list[0], list[1:]
}

// topics plans the topics of the alarm of a control and their subscribers, and returns
// their ARNs.
func (b *builder) topics(s *step, c catalog.Control, region string) ([]string, error) {
	first := b.o
	defer func() { b.o = first }()
	var arns []string
	for _, o := range append([]Options{first}, b.also...) {
		b.o = o
		arn, err := b.topic(s, c, region)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	return arns, nil
}

// wantedTopics returns the ARNs of the topics that routes ask for; nil where no route is
// for the control, so that a topic that was given once stays.
func (b *builder) wantedTopics(region string) []string {
	if len(b.all.Routes) == 0 {
		return nil
	}
	var arns []string
	for _, o := range append([]Options{b.o}, b.also...) {
		arn := o.TopicARN
		if arn == "" {
			arn = o.names().TopicARN(b.home(region))
		}
		if !slices.Contains(arns, arn) {
			arns = append(arns, arn)
		}
	}
	return arns
}

// reroutes plans the actions of an alarm of ours that the routes send to other topics,
// and reports whether it did. An alarm with another change, or with an action that is
// none of the wishes' topics, was edited: that is for others to see.
func (b *builder) reroutes(s *step, c catalog.Control, region string, have, want account.MetricAlarm, tags map[string]string) bool {
	topics := b.wantedTopics(region)
	if topics == nil || slices.Equal(topics, have.AlarmActions) || !sameAlarm(have, want) || irreplaceableAlarm(have) != "" {
		return false
	}
	for _, arn := range have.AlarmActions {
		if !b.isWished(arn, region) {
			return false
		}
	}
	arns, err := b.topics(s, c, region)
	if err != nil {
		s.note(c.ID, "its alarm keeps notifying %s: %v", strings.Join(have.AlarmActions, ", "), err)
		return true
	}
	want.AlarmActions = arns
	s.actions = append(s.actions, b.replaceAlarm(c, region, "the configuration routes it to another topic", have, want, tags))
	return true
}

// isWished reports whether a topic is one of the wishes for all or of a route.
func (b *builder) isWished(arn, region string) bool {
	return slices.ContainsFunc(b.all.Everywhere(), func(o Options) bool {
		return arn == o.TopicARN || o.TopicARN == "" && arn == o.names().TopicARN(b.home(region))
	})
}
