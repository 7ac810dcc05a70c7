package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// rules lists the rules of the region at hand that the controls need, with their targets
// and the API destinations of those.
func (l *lister) rules(controls []catalog.Control) {
	all, _ := l.is.Rules.Got()
	there := map[string]account.Rule{}
	for _, r := range all {
		there[r.Name] = r
	}
	for _, c := range catalog.Repairable(controls) {
		about := desired.Control{ID: c.ID, Title: c.Title}
		about.Number, _ = c.Number(l.o.Audit.Benchmark)
		own, forward := l.needed(c, there)
		for _, want := range own {
			l.rule(c, there[want.Name], c.ID+strings.Replace(strings.TrimPrefix(want.Name, l.o.names().RuleName(c)), "-", "/", 1), about)
		}
		for _, want := range forward {
			l.rule(c, there[want.Name], "forward-"+strings.TrimPrefix(want.Name, l.o.names().ForwarderName()), desired.Control{})
		}
	}
	l.endpoints()
}

// needed are the rules that a control needs in the region at hand, as the plan makes them.
func (l *lister) needed(c catalog.Control, there map[string]account.Rule) (own, forward []account.Rule) {
	regions, here := audit.Regions(l.after, c), l.list.Home
	wanted := desired.Wanted(c, l.o.Audit.Benchmark, l.o.Complete)
	switch {
	case l.layout.perRegion && slices.Contains(l.layout.homes(regions), here.Region):
		return l.o.names().Rules(c, here, there, desired.Offered(wanted, here.Region)), nil
	case !l.layout.perRegion && here.Region == l.layout.home:
		return l.o.names().Rules(c, here, there, wanted), nil
	case slices.Contains(l.layout.forwarding(regions), here.Region):
		return nil, l.o.names().Forwarders(c, here, there, desired.Offered(wanted, here.Region))
	}
	return nil, nil
}

// rule lists a rule of ours, unless it is not there or listed already.
func (l *lister) rule(c catalog.Control, r account.Rule, key string, about desired.Control) {
	if r.Name == "" || r.ManagedBy != "" || !desired.OwnerOf(l.is.RuleTags[r.Name]).Ours() || slices.ContainsFunc(l.list.Rules, func(x desired.Rule) bool { return x.Rule.Name == r.Name }) {
		return
	}
	tags, _ := l.is.RuleTags[r.Name].Got()
	x := desired.Rule{State: l.ruleState(r.Name), Key: key, Control: about, Rule: r.Settings(), Tags: tags}
	targets, _ := r.Targets.Got()
	for _, t := range targets {
		if whole, ok := l.wholeTarget(c, r.Name, t); ok {
			x.Targets = append(x.Targets, desired.Target{State: l.targetState(x.State, r.Name, t.ID), Target: whole})
		}
	}
	if len(x.Targets) > 0 {
		l.list.Rules = append(l.list.Rules, x)
	}
}

// wholeTarget is a target of a rule with its text, which a snapshot does not hold: from
// the plan, or what monitorctl writes if that is what is there. Others are whoever's made
// them.
func (l *lister) wholeTarget(c catalog.Control, rule string, t account.Target) (account.WholeTarget, bool) {
	for _, a := range l.actions {
		if p, ok := a.(action.PutTarget); ok && p.Region == l.list.Home.Region && p.Rule == rule && p.Target.ID == t.ID {
			return p.Target, true
		}
	}
	var want account.WholeTarget
	switch _, topic := desired.TopicTargetNumber(t.ID); {
	case topic:
		want = desired.RuleTarget(c, t.ARN, l.list.Home.Partition)
		want.ID = t.ID
	case t.ID == desired.ChatTarget:
		want = desired.ChatRuleTarget(c, t.ARN, l.list.Home.Partition)
	case t.ID == desired.HomeTarget:
		want = desired.ForwarderTarget(l.homeOf(l.layout.home), t.RoleARN)
	default:
		for _, d := range l.wishedDestinations() {
			if d.ID == t.ID {
				want = desired.DestinationTarget(c, d, t.ARN, t.RoleARN, l.list.Home.Partition)
			}
		}
	}
	return want, want.ID != "" && want.Target().Same(t)
}

// wishedDestinations are the API destinations of all subscribers that rules call.
func (l *lister) wishedDestinations() []desired.Destination {
	var list []desired.Destination
	for _, w := range l.o.Everywhere() {
		for _, sub := range w.Subscribers {
			if !channel.Form(sub.Protocol).Calls() {
				continue
			}
			d, err := w.names().Destination(sub.channel())
			if err == nil && !slices.ContainsFunc(list, func(x desired.Destination) bool { return x.Name == d.Name }) {
				list = append(list, d)
			}
		}
	}
	return list
}

// endpoints lists the API destinations that targets of the list call.
func (l *lister) endpoints() {
	for _, d := range l.wishedDestinations() {
		for _, arn := range sortedKeys(l.is.APIDestinations) {
			have, _ := l.is.APIDestinations[arn].Got()
			if have == nil || have.Name != d.Name || !l.calls(arn) {
				continue
			}
			e := desired.Endpoint{State: desired.New, Connection: desired.New, Destination: d, ARN: arn, Description: have.Description}
			for _, read := range l.was.APIDestinations {
				if old, _ := read.Got(); old != nil && old.Name == d.Name {
					e.State = state(desired.OwnerByDescription(old.Description), false)
				}
			}
			for _, read := range l.was.Connections {
				if old, _ := read.Got(); old != nil && old.Name == d.Name {
					e.Connection = state(desired.OwnerByDescription(old.Description), false)
				}
			}
			l.list.Endpoints = append(l.list.Endpoints, e)
		}
	}
}

// calls reports whether a target of the list calls an API destination.
func (l *lister) calls(arn string) bool {
	return slices.ContainsFunc(l.list.Rules, func(r desired.Rule) bool {
		return slices.ContainsFunc(r.Targets, func(t desired.Target) bool { return t.Target.ARN == arn })
	})
}

func (l *lister) ruleState(name string) desired.State {
	list, _ := l.was.Rules.Got()
	if !slices.ContainsFunc(list, func(r account.Rule) bool { return r.Name == name }) {
		return desired.New
	}
	return state(desired.OwnerOf(l.was.RuleTags[name]), l.planned(action.RuleObject(l.was.Name, name)))
}

// targetState says how a target stands in the account, whose rule stands as it says.
func (l *lister) targetState(rule desired.State, name, id string) desired.State {
	list, _ := l.was.Rules.Got()
	for _, r := range list {
		targets, _ := r.Targets.Got()
		if r.Name != name || !slices.ContainsFunc(targets, func(t account.Target) bool { return t.ID == id }) {
			continue
		}
		switch {
		case rule == desired.Kept:
			return desired.Kept
		case l.planned(action.TargetObject(l.was.Name, name, id)):
			return desired.Changed
		}
		return desired.Ours
	}
	return desired.New
}

// roles lists the roles of ours that targets of any region use, if they are as monitorctl
// writes them.
func (l *lister) roles(whole *desired.List) {
	names, home := l.o.names(), whole.Home
	if l.layout != nil {
		home = l.homeOf(l.layout.home)
	}
	for _, create := range []action.CreateRole{
		{Role: names.RoleName(), ARN: names.RoleARN(home), Trust: desired.RoleTrust(), Policy: desired.RolePolicy(home)},
		{Role: names.DestinationRoleName(), ARN: names.DestinationRoleARN(home), Trust: desired.RoleTrust(), Policy: names.DestinationRolePolicy(home)},
	} {
		have := l.after.Roles[create.ARN]
		if have == nil || !usesRole(*whole, create.ARN) || !desired.OwnerOf(have.Tags).Ours() || !action.FinishedRole(create.Role, create.Trust, create.Policy, have) {
			continue
		}
		r := desired.Role{
			State: desired.New, Name: create.Role, ARN: create.ARN, Description: create.Description(), Trust: create.Trust, Policy: create.Policy, Inline: create.Role,
		}
		r.Tags, _ = have.Tags.Got()
		if old := l.before.Roles[create.ARN]; old != nil {
			if trust, _ := old.Trust.Got(); trust != nil {
				planned := slices.ContainsFunc(l.actions, func(a action.Action) bool { x, ok := a.(action.CreateRole); return ok && x.ARN == create.ARN })
				r.State = state(desired.OwnerOf(old.Tags), planned)
			}
		}
		whole.Roles = append(whole.Roles, r)
	}
}

// usesRole reports whether a target of any region uses a role.
func usesRole(whole desired.List, arn string) bool {
	for _, l := range whole.Regions() {
		for _, r := range l.Rules {
			if slices.ContainsFunc(r.Targets, func(t desired.Target) bool { return t.Target.RoleARN == arn }) {
				return true
			}
		}
	}
	return false
}

// accounted makes sure that all that the plan writes is in the list.
func (l *lister) accounted(whole desired.List) error {
	listed := map[string]bool{}
	for _, x := range whole.Regions() {
		note := func(kind, name string) { listed[kind+" "+x.Home.Region+" "+name] = true }
		for _, t := range x.Topics {
			note("topic", t.ARN)
		}
		for _, s := range x.Subscriptions {
			note("subscription", s.TopicARN+" "+s.Protocol+" "+s.Endpoint)
		}
		for _, f := range x.Filters {
			note("filter", f.Filter.LogGroup+" "+f.Filter.Name)
		}
		for _, a := range x.Alarms {
			note("alarm", a.Alarm.Name)
		}
		for _, e := range x.Endpoints {
			note("endpoint", e.Destination.Name)
		}
		for _, r := range x.Rules {
			note("rule", r.Rule.Name)
			for _, t := range r.Targets {
				note("target", r.Rule.Name+" "+t.Target.ID)
			}
		}
	}
	for _, kind := range trailKeys(whole.Trail) {
		listed[kind] = true
	}
	for _, r := range whole.Roles {
		listed["role "+r.ARN] = true
	}
	for _, a := range l.actions {
		if key := listKey(a); key != "" && !listed[key] {
			return &ElsewhereError{a.String(), "'monitorctl apply' carries it out"}
		}
	}
	return nil
}

// listKey is what accounted knows an action's object by; "" for what is part of another.
func listKey(a action.Action) string {
	in := " " + a.Common().Region + " "
	switch x := a.(type) { //nolint:gochecksumtype // the others are refused before
	case action.CreateTopic:
		return "topic" + in + x.ARN
	case action.Subscribe:
		return "subscription" + in + x.TopicARN + " " + x.Protocol + " " + x.Endpoint
	case action.PutFilter:
		return "filter" + in + x.Filter.LogGroup + " " + x.Filter.Name
	case action.PutAlarm:
		return "alarm" + in + x.Alarm.Name
	case action.CreateDestination:
		return "endpoint" + in + x.Of.Name
	case action.CreateConnection:
		return "endpoint" + in + x.Of.Name
	case action.PutRule:
		return "rule" + in + x.Rule.Name
	case action.PutTarget:
		return "target" + in + x.Rule + " " + x.Target.ID
	case action.CreateRole:
		return "role " + x.ARN
	case action.CreateLogGroup:
		return "log group " + x.Group.Name
	case action.CreateBucket:
		return "bucket " + x.Bucket.Name
	case action.CreateTrail:
		return "trail " + x.Trail.ARN
	case action.UpdateTrail:
		return "trail " + x.After.ARN
	}
	return ""
}

// regionsOf returns the list of a region in a whole one, which is made if it is not there.
func regionOf(whole *desired.List, region string) *desired.List {
	if whole.Home.Region == "" || whole.Home.Region == region {
		whole.Home.Region = region
		return whole
	}
	i := slices.IndexFunc(whole.Elsewhere, func(l desired.List) bool { return l.Home.Region == region })
	if i < 0 {
		home := whole.Home
		home.Region = region
		whole.Elsewhere, i = append(whole.Elsewhere, desired.List{Home: home, Names: whole.Names}), len(whole.Elsewhere)
	}
	return &whole.Elsewhere[i]
}

// ruleKey is the key of a rule of a saved plan.
func ruleKey(names desired.Names, c catalog.Control, name string) (key string, forward bool) {
	if rest, ok := strings.CutPrefix(name, names.ForwarderName()); ok {
		return "forward-" + rest, true
	}
	return c.ID + strings.Replace(strings.TrimPrefix(name, names.RuleName(c)), "-", "/", 1), false
}

// errSaved refuses what a saved plan does not hold.
func errSaved(kind, name string) error {
	return &ElsewhereError{fmt.Sprintf("%s %s of a saved plan", kind, name), "the file holds no secret: export from the account, without --plan"}
}
