package plan

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// ruleTargets plans what the rules of a control in a region notify: the topic of each of
// the wishes for it, and the API destinations of their subscribers.
func (b *builder) ruleTargets(s *step, c catalog.Control, region string) ([]account.WholeTarget, error) {
	given := b.o
	defer func() { b.o = given }()
	var topics, calls []account.WholeTarget
	for _, o := range append([]Options{given}, b.also...) {
		b.o = o
		called, err := b.destinations(s, c, region)
		if err != nil {
			return nil, err
		}
		for _, t := range called {
			if !slices.ContainsFunc(calls, func(have account.WholeTarget) bool { return have.ID == t.ID }) {
				calls = append(calls, t)
			}
		}
		chat, ok, err := b.chatTarget(s, c, region)
		if err != nil {
			return nil, err
		}
		if ok && !slices.ContainsFunc(calls, func(have account.WholeTarget) bool { return have.ID == chat.ID }) {
			calls = append(calls, chat)
		}
		if (len(called) > 0 || ok) && len(b.subscriptions()) == 0 && o.TopicARN == "" {
			continue // nobody would listen to a topic
		}
		arn, err := b.topic(s, c, region)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(topics, func(have account.WholeTarget) bool { return have.ARN == arn }) {
			t := desired.RuleTarget(c, arn, b.account.Partition)
			t.ID = desired.TopicTargetID(len(topics))
			topics = append(topics, t)
		}
	}
	return append(topics, calls...), nil
}

// putTargets plans the targets of a rule of ours.
func (b *builder) putTargets(s *step, c catalog.Control, region, rule string, targets []account.WholeTarget) {
	if n := len(targets) + b.othersTargets(region, rule, targets); n > action.MaxTargets {
		s.note(c.ID, "rule %s would have %d targets, and EventBridge allows %d: use fewer subscribers that rules call, or fewer routes", rule, n, action.MaxTargets)
		return
	}
	for _, t := range targets {
		b.putTarget(s, c, region, rule, t, "the rule has to notify someone", false)
	}
	for _, have := range b.targetsOf(region, rule) {
		wanted := slices.ContainsFunc(targets, func(t account.WholeTarget) bool { return t.ID == have.ID })
		if _, ours := desired.TopicTargetNumber(have.ID); ours && !wanted && b.isWished(have.ARN, region) && len(b.all.Routes) > 0 {
			s.note(c.ID, "rule %s still publishes to topic %s by its target %s, but no route asks for that: remove the target by hand", rule, lastPart(have.ARN), have.ID)
		}
	}
}

// targetsOf are the targets that a rule has, as far as they were read.
func (b *builder) targetsOf(region, rule string) []account.Target {
	list, _ := b.account.Region(region).Rules.Got()
	for _, have := range list {
		if have.Name == rule {
			targets, _ := have.Targets.Got()
			return targets
		}
	}
	return nil
}

// othersTargets counts the targets of a rule besides these.
func (b *builder) othersTargets(region, rule string, targets []account.WholeTarget) int {
	n := 0
	for _, have := range b.targetsOf(region, rule) {
		if !slices.ContainsFunc(targets, func(t account.WholeTarget) bool { return t.ID == have.ID }) {
			n++
		}
	}
	return n
}

// reroutesTarget reports whether a target differs in its topic, and in the text for those
// who subscribe to it, only, and both topics are ones that the configuration asks for.
func (b *builder) reroutesTarget(c catalog.Control, region string, have account.Target, want account.WholeTarget) bool {
	if _, ok := desired.TopicTargetNumber(want.ID); !ok || len(b.all.Routes) == 0 || have.ARN == want.ARN {
		return false
	}
	old := have.ARN
	have.ARN = want.ARN
	return (have.Same(want.Target()) || b.outdated(c, have, want)) && b.isWished(old, region) && b.isWished(want.ARN, region)
}

// outdated reports whether a target differs in its text only, and has one that an earlier
// version wrote: nobody edited it.
func (b *builder) outdated(c catalog.Control, have account.Target, want account.WholeTarget) bool {
	return have.ARN == want.ARN && have.RoleARN == want.RoleARN && desired.ShippedMessage(c, b.account.Partition, have)
}

// destinations plans the API destinations of the subscribers at hand that rules call, with
// their connections and role, and returns the targets that call them.
func (b *builder) destinations(s *step, c catalog.Control, region string) ([]account.WholeTarget, error) {
	var targets []account.WholeTarget
	for _, sub := range b.o.Subscribers {
		if !channel.Form(sub.Protocol).Calls() {
			continue
		}
		d, err := b.o.names().Destination(sub.channel())
		if err != nil {
			return nil, err
		}
		if arn, ok := b.destination(s, c, region, d); ok {
			targets = append(targets, desired.DestinationTarget(c, d, arn, b.o.names().DestinationRoleARN(b.home(region)), b.account.Partition))
		}
	}
	if len(targets) > 0 {
		b.destinationRole(s, c, region)
	}
	return targets, nil
}

// destinationRole plans the role by which rules call API destinations.
func (b *builder) destinationRole(s *step, c catalog.Control, region string) {
	home := b.home(region)
	if b.layout != nil && !b.layout.perRegion {
		home = b.home(b.layout.home)
	}
	b.ownRole(s, action.CreateRole{
		Meta: b.meta(c, home.Region, "rules need a role to call API destinations"), Role: b.o.names().DestinationRoleName(), ARN: b.o.names().DestinationRoleARN(home),
		Trust: desired.RoleTrust(), Policy: b.o.names().DestinationRolePolicy(home), Tags: b.o.tags(),
	}, func() bool { return false }, "another --name-prefix")
}

// destination plans one API destination with its connection, and returns its ARN, or what
// stands for it; false, and a conflict or a note, where it cannot be used.
func (b *builder) destination(s *step, c catalog.Control, region string, d desired.Destination) (string, bool) {
	r := b.account.Region(region)
	home := b.home(region)
	for _, f := range []*account.Failure{r.OwnDestinations.Failed(), r.OwnConnections.Failed()} {
		if f != nil {
			s.conflicts = append(s.conflicts, b.unreadConflict(region, d.Name, d.Name, f.Operation+" failed: "+f.Code, "API destination "+d.Name, f))
			return "", false
		}
	}
	if (r.OwnDestinations == nil || r.OwnConnections == nil) && !b.o.AssumeOurs {
		s.conflicts = append(s.conflicts, b.unreadConflict(region, d.Name, d.Name, "the snapshot does not show whether the API destination exists", "API destination "+d.Name, nil))
		return "", false
	}
	connection, ok := b.connection(s, c, region, d)
	if !ok {
		return "", false
	}
	for _, arn := range sortedKeys(r.APIDestinations) {
		have, _ := r.APIDestinations[arn].Got()
		switch owner := ownerOfDestination(have); {
		case have == nil || have.Name != d.Name:
			continue
		case owner.ByCode():
			if have.EndpointHash != account.HashEndpoint(b.snap.Salt, "https", d.Call.URL) {
				s.keep(c.ID, owner, "API destination %s", d.Name)
			}
			return arn, true
		case !owner.Ours():
			s.conflicts = append(s.conflicts, b.conflict(region, arn, d.Name, "an API destination of that name "+owner.Why, have.Endpoint, "API destination "+d.Name))
			return "", false
		case have.EndpointHash != account.HashEndpoint(b.snap.Salt, "https", d.Call.URL):
			s.note(c.ID, "API destination %s was created by monitorctl, but someone gave it another URL: delete it, and apply creates it again", d.Name)
			return "", false
		}
		return arn, true
	}
	arn := desired.DestinationARN(d.Name, home)
	s.actions = append(s.actions, action.CreateDestination{Meta: b.meta(c, region, "rules reach "+d.Channel.String()+" by an API destination"), Of: d, ARN: arn, Connection: connection})
	return arn, true
}

func ownerOfDestination(d *account.APIDestination) desired.Owner {
	if d == nil {
		return desired.Owner{}
	}
	return desired.OwnerByDescription(d.Description)
}

// connection plans the connection of an API destination, and returns its ARN, or what
// stands for it.
func (b *builder) connection(s *step, c catalog.Control, region string, d desired.Destination) (string, bool) {
	r := b.account.Region(region)
	for _, arn := range sortedKeys(r.Connections) {
		have, _ := r.Connections[arn].Got()
		if have == nil || have.Name != d.Name {
			continue
		}
		if owner := desired.OwnerByDescription(have.Description); !owner.Ours() && !owner.ByCode() {
			s.conflicts = append(s.conflicts, b.conflict(region, arn, d.Name, "a connection of that name "+owner.Why, have.Auth, "connection "+d.Name))
			return "", false
		}
		if have.State == "DEAUTHORIZED" {
			s.note(c.ID, "connection %s is %s: give it its credentials again with 'aws events update-connection', or delete it, and apply creates it again", d.Name, strings.ToLower(have.State))
		}
		return arn, true
	}
	arn := desired.ConnectionARN(d.Name, b.home(region))
	s.actions = append(s.actions, action.CreateConnection{Meta: b.meta(c, region, "an API destination needs a connection to sign in"), Of: d, ARN: arn})
	return arn, true
}

// missingTargets returns the actions of a step that give rules of ours which are there
// what the wishes add: API destinations, chats, topics that routes ask for now, and the
// texts of this version.
func (b *builder) missingTargets(c catalog.Control, s step) []action.Action {
	var puts []action.PutTarget
	for _, a := range s.actions {
		p, ok := a.(action.PutTarget)
		if !ok || b.targetsOf(p.Region, p.Rule) == nil {
			continue
		}
		called := p.Target.ID == desired.ChatTarget || b.o.names().IsDestinationTarget(p.Target.Target())
		if called && p.New() || !p.New() && (!called && b.reroutesTarget(c, p.Region, *p.Before, p.Target) || b.outdated(c, *p.Before, p.Target)) {
			puts = append(puts, p)
		}
	}
	uses := func(arn string) bool {
		return slices.ContainsFunc(puts, func(p action.PutTarget) bool { return p.Target.ARN == arn || p.Target.RoleARN == arn })
	}
	var out []action.Action
	for _, a := range s.actions {
		keep := false
		switch x := a.(type) { //nolint:gochecksumtype // the others add nothing to rules that are there
		case action.PutTarget:
			keep = slices.ContainsFunc(puts, func(p action.PutTarget) bool { return p.Object() == x.Object() })
		case action.CreateTopic:
			keep = uses(x.ARN)
		case action.SetTopicPolicy:
			keep = uses(x.TopicARN)
		case action.Subscribe:
			keep = uses(x.TopicARN)
		case action.CreateRole:
			keep = uses(x.ARN) || x.Role == b.o.names().ChatRoleName()
		case action.PutChat: // also for a target that is there, of another channel
			keep = true
		case action.CreateDestination:
			keep = uses(x.ARN)
		case action.CreateConnection:
			keep = slices.ContainsFunc(puts, func(p action.PutTarget) bool { return p.Target.ID == x.Of.ID })
		}
		if keep {
			out = append(out, a)
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
