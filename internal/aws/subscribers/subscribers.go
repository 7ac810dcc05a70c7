package subscribers

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A State is how a subscriber stands.
type State string

// States.
const (
	Confirmed State = "confirmed"
	Pending   State = "pending"
	Expired   State = "expired?" // pending for longer than its link holds
	Machine   State = "machine"  // confirmed, and nobody knows who gets the message in the end
	Declared  State = "declared" // a machine, with the people that the configuration says it reaches
	Unused    State = "unused"   // declared, and nothing sends to it
)

// linkHolds is how long the link of a confirmation can be used (SNS developer guide).
const linkHolds = 48 * time.Hour

// A Subscriber is someone or something that a topic or a rule sends messages to.
type Subscriber struct {
	Account  string
	Region   string
	TopicARN string // "" for the target of a rule, and for a declared machine that is not used
	Protocol string // email, lambda, ...
	Endpoint string // masked; the ARN of a machine
	State    State
	Since    time.Time // when it was subscribed; zero when nobody knows
	Reaches  string    // whom a declared machine reaches

	// Leaves is how it can be unsubscribed: OneClick, or "" where that is not known or takes
	// a sign-in.
	Leaves string

	Controls []string // ids of those that it is alerted for, or would be once confirmed
	InPart   []string // those whose events it gets in part only
}

// OneClick says that anyone with one of the mails can end a subscription.
const OneClick = "one click"

// Begin notes when a pending subscriber was subscribed, as it is at a moment.
func (s *Subscriber) Begin(since, now time.Time) {
	s.Since = since
	if s.State == Pending && now.Sub(since) > linkHolds {
		s.State = Expired
	}
}

// Told reports whether someone gets the message.
func (s *Subscriber) Told() bool { return s.State == Confirmed || s.State == Declared }

// An Unalerted is a control that alerts nobody.
type Unalerted struct {
	Account string
	Control string
	Code    finding.Code // of the first reason; "" when there is none
	Unknown bool         // it could not be checked
}

// A List is who is alerted.
type List struct {
	Subscribers []Subscriber // by account, region, topic, endpoint
	Nobody      []Unalerted  // in the order of the report
}

// A Key tells a subscription apart, for what a journal knows of it.
type Key struct{ TopicARN, Protocol, Endpoint string }

// Of lists the subscribers of a snapshot, by the report on it. Since holds when someone
// was subscribed, as far as a journal says.
func Of(snap account.Snapshot, r finding.Report, controls []catalog.Control, declared []finding.Declared, since map[Key]time.Time) List {
	var out List
	for i := range snap.Accounts {
		l := lister{account: &snap.Accounts[i], declared: declared, since: since, now: snap.TakenAt}
		l.targets()
		for _, c := range controls {
			for k := range r.Findings {
				if f := &r.Findings[k]; f.Account == l.account.ID && f.Control == c.ID && c.Type != catalog.State && f.Status != finding.NotApplicable {
					l.follow(f)
				}
			}
		}
		l.unused()
		out.Subscribers = append(out.Subscribers, l.list...)
		out.Nobody = append(out.Nobody, l.nobody...)
	}
	for i := range out.Subscribers {
		slices.Sort(out.Subscribers[i].Controls)
	}
	slices.SortStableFunc(out.Subscribers, func(a, b Subscriber) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.TopicARN, b.TopicARN), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Endpoint, b.Endpoint))
	})
	return out
}

// A lister lists the subscribers of one account.
type lister struct {
	account  *account.Account
	declared []finding.Declared
	since    map[Key]time.Time
	now      time.Time
	list     []Subscriber
	nobody   []Unalerted
}

// targets adds the subscribers of all topics that were read.
func (l *lister) targets() {
	for i := range l.account.Regions {
		r := &l.account.Regions[i]
		for _, arn := range slices.Sorted(maps.Keys(r.Topics)) {
			subs, _ := r.Topics[arn].Subscriptions.Got()
			for _, s := range subs {
				if s.State != account.Deleted {
					l.list = append(l.list, l.subscriber(r.Name, arn, s))
				}
			}
		}
	}
}

func (l *lister) subscriber(region, topic string, s account.Subscription) Subscriber {
	out := Subscriber{Account: l.account.ID, Region: region, TopicARN: topic, Protocol: s.Protocol, Endpoint: s.Endpoint, State: Confirmed}
	since := l.since[Key{topic, s.Protocol, s.Endpoint}]
	switch {
	case s.State == account.Pending:
		out.State = Pending
	case s.Machine():
		out.State, out.Reaches = l.machine(s.Endpoint)
	}
	if out.Since = since; !since.IsZero() {
		out.Begin(since, l.now)
	}
	if d, ok := s.Details.Got(); ok && d.OpenToUnsubscribe(s.Protocol) {
		out.Leaves = OneClick
	}
	return out
}

// machine says what is declared of a machine.
func (l *lister) machine(endpoint string) (state State, reaches string) {
	for i := range l.declared {
		if d := &l.declared[i]; d.Endpoint == endpoint && !d.Expired(l.now) {
			return Declared, d.Reaches
		}
	}
	return Machine, ""
}

// follow goes through the chain of a finding, and notes who is alerted by it.
func (l *lister) follow(f *finding.Finding) {
	told := false
	var path []finding.Link
	for _, link := range f.Chain {
		for len(path) > 0 && path[len(path)-1].Depth >= link.Depth {
			path = path[:len(path)-1]
		}
		path = append(path, link)
		if slices.ContainsFunc(path, func(x finding.Link) bool { return x.State != finding.StateOK && x.State != finding.StateGap }) {
			continue
		}
		switch link.Kind {
		case finding.LinkTopic:
			told = l.topic(f, link.Resource) || told
		case finding.LinkTarget:
			told = l.target(f, link.Resource) || told
		}
	}
	if told || f.Status == finding.Pass {
		return
	}
	n := Unalerted{Account: l.account.ID, Control: f.Control, Unknown: f.Status == finding.Unknown}
	if len(f.Reasons) > 0 {
		n.Code = f.Reasons[0].Code
	}
	l.nobody = append(l.nobody, n)
}

// topic notes the subscribers of a topic, and reports whether someone is among them.
func (l *lister) topic(f *finding.Finding, arn string) bool {
	dead := map[string]bool{} // subscriptions that the message does not reach
	for _, link := range f.Chain {
		if link.Kind == finding.LinkSubscription && (link.State == finding.StateNone || link.State == finding.StateUnknown) {
			dead[link.Resource] = true
		}
	}
	told := false
	for i := range l.list {
		s := &l.list[i]
		if s.TopicARN != arn || (s.Told() || s.State == Machine) && l.isDead(s, dead) {
			continue
		}
		s.alert(f)
		told = told || s.Told()
	}
	return told
}

// isDead reports whether the message of a topic does not reach a confirmed subscriber:
// its filter policy or its form keeps it out.
func (l *lister) isDead(s *Subscriber, dead map[string]bool) bool {
	subs, _ := l.account.Region(s.Region).Topics[s.TopicARN].Subscriptions.Got()
	return slices.ContainsFunc(subs, func(x account.Subscription) bool {
		return x.Protocol == s.Protocol && x.Endpoint == s.Endpoint && dead[x.ARN]
	})
}

// target notes the target of a rule that is no topic and no bus.
func (l *lister) target(f *finding.Finding, text string) bool {
	arn, ok := account.ParseARN(text)
	if !ok || arn.Service == "sns" || strings.HasPrefix(arn.Resource, "event-bus/") {
		return false
	}
	i := slices.IndexFunc(l.list, func(s Subscriber) bool { return s.TopicARN == "" && s.Endpoint == text })
	if i < 0 {
		i = len(l.list)
		state, reaches := l.machine(text)
		s := Subscriber{Account: l.account.ID, Region: arn.Region, Protocol: arn.Service, Endpoint: text, State: state, Reaches: reaches}
		if strings.HasPrefix(arn.Resource, "api-destination/") {
			s.Protocol = "api-destination"
			if s.State == Machine && !slices.ContainsFunc(f.Reasons, func(r finding.Reason) bool { return r.Code == audit.CodeSubscriberMachine && r.Resource == text }) {
				s.State = Confirmed // it calls a known pager, ticket or chat service
			}
		}
		l.list = append(l.list, s)
	}
	l.list[i].alert(f)
	return l.list[i].Told()
}

// alert notes that a subscriber is alerted for a control.
func (s *Subscriber) alert(f *finding.Finding) {
	if !slices.Contains(s.Controls, f.Control) {
		s.Controls = append(s.Controls, f.Control)
	}
	if f.Status == finding.Fail && !slices.Contains(s.InPart, f.Control) {
		s.InPart = append(s.InPart, f.Control)
	}
}

// unused adds declared machines of the account that nothing sends to.
func (l *lister) unused() {
	for i := range l.declared {
		d := &l.declared[i]
		if arn, ok := account.ParseARN(d.Endpoint); ok && arn.Account == l.account.ID && !audit.Uses(l.account, d.Endpoint) {
			l.list = append(l.list, Subscriber{Account: l.account.ID, Region: arn.Region, Protocol: arn.Service, Endpoint: d.Endpoint, State: Unused, Reaches: d.Reaches})
		}
	}
}
