package plan

import (
	"cmp"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// rules plans the removal of the rules of the controls in the region at hand.
func (d *destroyer) rules() {
	if d.o.Transport == audit.MetricTransport {
		return
	}
	if f := d.region.Rules.Failed(); f != nil {
		d.leave(false, f.Operation+" failed: "+f.Code, "the rules")
	}
	list, _ := d.region.Rules.Got()
	for _, have := range list {
		for _, c := range d.controls {
			if d.o.names().IsRuleOf(have.Name, c) {
				d.rule(c.ID, have, c.Names.Description, false)
				break
			}
		}
	}
}

// alarmRules plans the removal of the rules on the state of alarms in the region at hand.
func (d *destroyer) alarmRules() {
	list, _ := d.region.Rules.Got()
	for _, have := range list {
		i := slices.IndexFunc(d.controls, func(c catalog.Control) bool { return d.o.names().AlarmRuleName(c) == have.Name })
		if i >= 0 {
			d.rule(d.controls[i].ID, have, d.controls[i].Names.Description, false)
		}
	}
}

// forwarders plans the removal of the account's forwarders and their role, if no rule
// of ours stays that needs them. All regions have been looked at.
func (d *destroyer) forwarders() {
	if d.o.Transport == audit.MetricTransport {
		return
	}
	stays, kept := "", ""
	for i := range d.account.Regions {
		d.region = &d.account.Regions[i]
		if name := d.stayingRule(); name != "" {
			stays = "rule " + name + " (" + d.region.Name + "), which stays, gets events by it"
		}
	}
	for i := range d.account.Regions {
		d.region = &d.account.Regions[i]
		list, _ := d.region.Rules.Got()
		for _, have := range list {
			if !d.o.names().IsForwarder(have.Name) {
				continue
			}
			why := stays // that is as wanted: other controls need it
			if d.goesAway(have) && !d.o.names().ForwardsOnly(have, d.controls) {
				why, kept = "it also sends events of other controls", "rule "+have.Name+" ("+d.region.Name+"), which stays, uses it"
			}
			if why != "" {
				d.leave(true, why, "rule %s", have.Name)
				continue
			}
			d.rule("", have, "", true)
		}
	}
	d.role(d.o.names().RoleName(), cmp.Or(stays, kept), false)
	d.busPermissions()
}

// goesAway reports whether a forwarder sends events to another account, where the rules are
// that need it.
func (d *destroyer) goesAway(have account.Rule) bool {
	targets, _ := have.Targets.Got()
	return slices.ContainsFunc(targets, func(t account.Target) bool {
		arn, ok := account.ParseARN(t.ARN)
		return ok && arn.Account != d.account.ID
	})
}

// busPermissions plans the removal of the statement that admits members to a central bus,
// where no rule of ours stays that waits for their events.
func (d *destroyer) busPermissions() {
	sid := d.o.names().MembersSid()
	for i := range d.account.Regions {
		d.region = &d.account.Regions[i]
		bus := d.region.Buses[desired.BusARN(d.home())]
		if bus == nil {
			continue
		}
		description, _ := bus.Description.Got()
		if description == nil {
			continue
		}
		statement, err := policy.StatementOf(description.Policy, sid)
		name := d.stayingRule()
		switch {
		case err != nil || statement == "":
		case name != "":
			d.leave(true, "rule "+name+", which stays, gets events by it", "statement %s of the event bus", sid)
		case !action.IsMembersStatement(sid, statement):
			d.leave(false, "it was edited: remove it by hand", "statement %s of the event bus", sid)
		default:
			d.actions = append(d.actions, action.RemovePermission{Meta: d.meta("", "it has monitorctl's name and form"), Sid: sid, Statement: statement})
		}
	}
}

// stayingRule names a rule of ours for a control that stays in the region at hand; "" for
// none.
func (d *destroyer) stayingRule() string {
	list, _ := d.region.Rules.Got()
	for _, have := range list {
		if n := d.o.names(); d.ownRule(have) && !n.IsForwarder(have.Name) && !n.IsAlarmRule(have.Name) && !d.removesRule(have.Name) {
			return have.Name
		}
	}
	return ""
}

// ownRule reports whether a rule has a name of ours, of any control, and our tag.
func (d *destroyer) ownRule(have account.Rule) bool {
	tags := d.region.RuleTags[have.Name]
	return tags != nil && desired.OwnerOf(tags).Ours()
}

// ownTarget reports whether a target of a rule of ours is one that apply writes.
func (d *destroyer) ownTarget(t account.Target, forward bool) bool {
	if forward {
		return t.ID == desired.HomeTarget
	}
	return isTopicTarget(t.ID) || t.ID == desired.ChatTarget || d.o.names().IsDestinationTarget(t)
}

// rule plans the removal of a rule of ours with its targets.
func (d *destroyer) rule(control string, have account.Rule, description string, forward bool) {
	tags := d.region.RuleTags[have.Name]
	owner := desired.OwnerOf(tags)
	targets, ok := have.Targets.Got()
	others := slices.DeleteFunc(slices.Clone(targets), func(t account.Target) bool { return d.ownTarget(t, forward) })
	leave := func(foreign bool, why string) { d.leave(foreign, why, "rule %s", have.Name) }
	switch {
	case have.ManagedBy != "":
		leave(true, "it is managed by "+have.ManagedBy)
	case !owner.Ours():
		leave(owner.IsForeign(), "it "+owner.Why)
	case !forward && have.Description != description || have.State == account.RuleDisabled || have.Schedule != "":
		leave(false, "it was edited ("+describeRule(have)+"): delete it by hand")
	case !ok:
		leave(false, "its targets could not be read")
	case len(others) > 0:
		leave(false, "it has the target "+others[0].ID+", which was not created by monitorctl")
	default:
		for i := range targets {
			t := &targets[i]
			d.actions = append(d.actions, action.RemoveTarget{
				Meta: d.meta(control, "its rule is removed"), Rule: have.Name, Seen: t, Forward: forward,
				Target: account.WholeTarget{ID: t.ID, ARN: t.ARN, RoleARN: t.RoleARN},
			})
		}
		d.actions = append(d.actions, action.DeleteRule{Meta: d.meta(control, "it has monitorctl's name and tag"), Rule: have.Settings(), Tags: tags.Value, Forward: forward})
	}
}

// removesRule reports whether a rule of the region at hand is planned to go.
func (d *destroyer) removesRule(name string) bool {
	return slices.ContainsFunc(d.actions, func(a action.Action) bool {
		x, ok := a.(action.DeleteRule)
		return ok && x.Rule.Name == name && x.Region == d.region.Name && x.Account == d.account.ID
	})
}

// role plans the removal of a role that our rules use, called that by which they call API
// destinations; stays says why those that use it stay, "" when they go.
func (d *destroyer) role(name, stays string, called bool) {
	arn := account.ARN{Partition: d.account.Partition, Service: "iam", Account: d.account.ID, Resource: "role/" + name}.String()
	have := d.account.Roles[arn]
	if have == nil || len(d.account.Regions) == 0 {
		return
	}
	d.region = d.roleRegion()
	state, others, err := action.RoleStateOf(name, have)
	switch {
	case err != nil:
		// Where no rule of ours is, nothing says that there is a role.
		d.leave(!d.anyRule(), "it could not be read: "+err.Error(), "role %s", name)
		return
	case state == nil:
		return
	}
	owner := desired.OwnerByTags(*state.Tags)
	switch {
	case !owner.Ours():
		d.leave(true, "it "+owner.Why, "role %s", name)
	case stays != "":
		d.leave(true, stays, "role %s", name)
	case len(others) > 0:
		d.leave(false, "it has the policy "+others[0]+", which was not created by monitorctl", "role %s", name)
	case d.userStays(arn) != "":
		d.leave(false, "rule "+d.userStays(arn)+", which stays, uses it", "role %s", name)
	default:
		d.actions = append(d.actions, action.DeleteRole{
			Meta: d.meta("", "it has monitorctl's name and tag"), Role: name, ARN: arn, Trust: state.Role.Trust, Policy: *state.RolePolicy, Tags: *state.Tags, Called: called,
		})
	}
}

// roleRegion is the region that stands for the role, which has none.
func (d *destroyer) roleRegion() *account.Region {
	for _, t := range d.account.Trails {
		if r := d.account.Region(t.HomeRegion); r != nil {
			return r
		}
	}
	return &d.account.Regions[0]
}

// anyRule reports whether some rule of the account has one of our names.
func (d *destroyer) anyRule() bool {
	return slices.ContainsFunc(d.account.Regions, func(r account.Region) bool { return len(r.RuleTags) > 0 })
}

// userStays names a rule of the account that uses a role and stays; "" for none.
func (d *destroyer) userStays(arn string) string {
	at := d.region
	defer func() { d.region = at }()
	for i := range d.account.Regions {
		d.region = &d.account.Regions[i]
		list, _ := d.region.Rules.Got()
		for _, have := range list {
			targets, _ := have.Targets.Got()
			if slices.ContainsFunc(targets, func(t account.Target) bool { return t.RoleARN == arn }) && !d.removesRule(have.Name) {
				return have.Name
			}
		}
	}
	return ""
}

// publishedTo names a rule of the region that stays and publishes to a topic; "" for
// none.
func (d *destroyer) publishedTo(topic string) string {
	list, _ := d.region.Rules.Got()
	for _, have := range list {
		targets, _ := have.Targets.Got()
		if slices.ContainsFunc(targets, func(t account.Target) bool { return t.ARN == topic }) && !d.removesRule(have.Name) {
			return have.Name
		}
	}
	return ""
}

// RuleNames are the names of the rules that plan may write for controls, or what they
// begin with.
func RuleNames(controls []catalog.Control, n desired.Names) []string {
	var names []string
	for _, c := range catalog.Repairable(controls) {
		names = append(names, n.RuleName(c))
	}
	return append(names, n.ForwarderName())
}

// ruleRegionOnly reports whether a region was read for rules only: no trail delivers to
// a log group there, so that no alarm of ours stands there.
func (d *destroyer) ruleRegionOnly() bool {
	return d.region.Alarms == nil && d.region.LogGroups == nil && d.region.Rules != nil
}
