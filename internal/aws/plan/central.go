package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// centralLayout puts rules where the central bus is, or forwarders to it into every region
// of another account.
func (b *builder) centralLayout() error {
	bus, _ := desired.CentralHome(b.o.CentralBus)
	refuse := func(advice, format string, args ...any) error {
		return &LayoutError{Account: b.account.ID, Why: fmt.Sprintf(format, args...), Advice: advice}
	}
	switch {
	case bus.Partition != b.account.Partition:
		return refuse("name a bus in this partition", "the central bus is in partition %s, and events stay in %s", bus.Partition, b.account.Partition)
	case bus.Account != b.account.ID:
		b.layout.away = &bus
		return b.checkAway()
	case bus.Bus != account.DefaultBus:
		return refuse("give --central-bus "+desired.BusARN(b.home(bus.Region))+", here and in the members",
			"bus %s is a custom bus of this account, but monitorctl writes rules only on the default bus", bus.Bus)
	}
	b.layout.home = bus.Region
	return nil
}

// isMember reports whether the account sends its events to another one, in which people are
// notified.
func (b *builder) isMember() bool { return b.layout != nil && b.layout.away != nil }

// checkAway refuses a central bus that is known not to take the account's events, before
// anything is written. What is not known of it is remarked on.
func (b *builder) checkAway() error {
	if b.world == nil {
		return nil
	}
	reasons, known := b.world.JudgeBus(b.account, b.o.CentralBus)
	for _, r := range reasons {
		if r.Status == finding.Fail {
			return &LayoutError{
				Account: b.account.ID, Why: r.Message,
				Advice: "run 'monitorctl apply --central-bus " + b.o.CentralBus + "' in account " + b.layout.away.Account + " first, and take its snapshot again",
			}
		}
		b.remark(r.Message)
	}
	if !known {
		b.remark(fmt.Sprintf("this run cannot tell whether %s accepts the events of this account: add a snapshot of account %s ('central' in the configuration), or audit both together",
			b.o.CentralBus, b.layout.away.Account))
	}
	if len(b.all.Subscribers) > 0 && b.o.Transport == audit.RuleTransport {
		b.remark(fmt.Sprintf("the subscribers are not used here, because the rules of account %s notify people: pass them to apply in that account", b.layout.away.Account))
	}
	return nil
}

// receiver is the bus on which forwarders end.
func (b *builder) receiver() desired.Home {
	if b.isMember() {
		return *b.layout.away
	}
	return b.home(b.layout.home)
}

// arrival says where the events of forwarders arrive.
func (b *builder) arrival() string {
	if b.isMember() {
		return "account " + b.layout.away.Account
	}
	return b.layout.home
}

// rulesPlace says where the rules are that forwarders feed.
func (b *builder) rulesPlace() string {
	if b.isMember() {
		return "of account " + b.layout.away.Account
	}
	return "at home"
}

// admitMembers plans the statement by which the organization's accounts may put events on
// the central bus, which is this account's default bus.
func (b *builder) admitMembers() {
	if b.o.CentralBus == "" || b.layout == nil || b.isMember() {
		return
	}
	home := b.home(b.layout.home)
	arn, sid := desired.BusARN(home), b.o.names().MembersSid()
	doc, organization, why, failed := b.centralFacts(home)
	if why != "" {
		b.conflicts = append(b.conflicts, b.unreadConflict(home.Region, arn, sid, why, "a statement that admits the organization", failed))
		return
	}
	want := b.o.names().MembersStatement(home, organization)
	have, err := policy.StatementOf(doc, sid)
	whole, err2 := policy.WithStatement(doc, sid, want)
	switch {
	case err != nil || err2 != nil:
		b.conflicts = append(b.conflicts, b.unreadConflict(home.Region, arn, sid, "the policy of the bus is not understood", want, nil))
		return
	case have == "" && admitsMembers(doc, organization, home) || have != "" && policy.SameStatement(have, want):
		b.remarkOnStrangers(home.Region)
		return
	case have != "" && !b.replaces(sid):
		b.keepDrifts([]change.Drift{{
			Account: b.account.ID, Region: home.Region, Resource: arn + " statement " + sid, Object: action.BusPermissionObject(home.Region, sid), Name: sid,
			Fields: change.Differences([]change.Setting{{Name: "statement", Value: have}}, []change.Setting{{Name: "statement", Value: want}}),
		}})
		return
	case len(whole) > policy.BusPolicySize:
		b.conflicts = append(b.conflicts, change.Conflict{
			Account: b.account.ID, Region: home.Region, Resource: arn, Name: sid, NoRoom: true,
			Reason: fmt.Sprintf("the policy of a bus has at most %d characters", policy.BusPolicySize),
			Have:   fmt.Sprintf("%d characters", len(doc)), Want: want, Avoid: "remove statements that nobody needs any more",
		})
		return
	case !admitsMembers(whole, organization, home):
		x := b.conflict(home.Region, arn, sid, "another statement of the bus's policy denies what this one allows", doc, want)
		x.Avoid = "change the statement that denies it"
		b.conflicts = append(b.conflicts, x)
		return
	}
	b.actions = append(b.actions, action.PutPermission{
		Meta: change.Meta{Account: b.account.ID, Region: home.Region, Why: "members of the organization send their events here"},
		Sid:  sid, Organization: organization, Statement: want, Before: have,
	})
	b.remarkOnStrangers(home.Region)
}

// centralFacts are the policy of the central bus and the organization that is to be
// admitted, or why one of them is not known.
func (b *builder) centralFacts(home desired.Home) (doc, organization, why string, failed *account.Failure) {
	var read *account.Read[*account.BusDescription]
	if r := b.account.Region(home.Region); r != nil {
		if bus := r.Buses[desired.BusARN(home)]; bus != nil {
			read = bus.Description
		}
	}
	org, known := b.account.Organization.Got()
	d, ok := read.Got()
	switch {
	case read.Failed() != nil:
		return "", "", read.Failed().Operation + " failed: " + read.Failed().Code, read.Failed()
	case !ok || d == nil:
		return "", "", "the policy of the bus was not read", nil
	case b.account.Organization.Failed() != nil:
		f := b.account.Organization.Failed()
		return "", "", "could not find out which organization the account belongs to: " + f.Operation + " failed: " + f.Code, f
	case !known:
		return "", "", "which organization the account belongs to was not read", nil
	case org == nil:
		return "", "", "the account belongs to no organization, so there is nobody to admit: leave out --central-bus", nil
	}
	return d.Policy, org.ID, "", nil
}

// admitsMembers reports whether a policy lets any account of an organization put events.
func admitsMembers(doc, organization string, home desired.Home) bool {
	const someone = "000000000000" // no account has this number, so no statement is about it alone
	if doc == "" {
		return false
	}
	d, _, err := policy.Admits(doc, someone, organization, home.Partition, desired.BusARN(home))
	return err == nil && d == policy.Allowed
}

// remarkOnStrangers notes rules of others on the central bus that take the members' events
// too, because their patterns name no account.
func (b *builder) remarkOnStrangers(region string) {
	list, _ := b.account.Region(region).Rules.Got()
	var names []string
	for _, r := range list {
		if r.State == account.RuleDisabled || r.Pattern == "" || r.ManagedBy != "" || desired.OwnerOf(b.account.Region(region).RuleTags[r.Name]).Ours() {
			continue
		}
		p, err := eventpattern.Parse(r.Pattern)
		if err != nil || slices.ContainsFunc(p.Branches(), func(x eventpattern.Branch) bool { return x.MayHave("account", "000000000000") }) {
			names = append(names, r.Name)
		}
	}
	const shown = 3
	if n := len(names); n > 0 {
		text := strings.Join(names[:min(n, shown)], ", ")
		if n > shown {
			text += fmt.Sprintf(" and %d more", n-shown)
		}
		b.remark(fmt.Sprintf("rules on the default bus in %s that name no account also get the members' events: %s", region, text))
	}
}
