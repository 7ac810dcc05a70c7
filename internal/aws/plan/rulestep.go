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
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// ruleStep plans our rules for one control: at home with their topic, and what
// forwards to them.
func (b *builder) ruleStep(c catalog.Control, f verdict) (step, error) {
	if b.layout == nil || f.Status == finding.Warn && !b.lacksPeople(f) {
		return step{}, nil // the trail has to come first, or what is odd needs a person
	}
	return b.ownRules(c, f.Why())
}

// lacksPeople reports whether only machines listen.
func (b *builder) lacksPeople(f verdict) bool {
	return len(b.o.Subscribers) > 0 && slices.ContainsFunc(f.Reasons, func(r finding.Reason) bool { return r.Code == audit.CodeSubscriberMachine })
}

// ownRules plans the rules of a control, what forwards to them and their topics.
func (b *builder) ownRules(c catalog.Control, why string) (step, error) {
	var s step
	if c.Type == catalog.Condition && c.EventPattern == "" {
		s.note(c.ID, "the catalog has no event pattern for it, so no rule can be written: add 'eventPattern' to its file")
		return s, nil
	}
	regions := audit.Regions(b.account, c)
	for _, home := range b.layout.homes(regions) {
		if err := b.rulesAt(&s, c, home, why); err != nil {
			return s, err
		}
	}
	away := b.layout.forwarding(regions)
	if len(away) == 0 {
		return s, nil
	}
	role, err := b.role(&s, c)
	if err != nil {
		return s, err
	}
	for _, from := range away {
		b.forwardersAt(&s, c, from, role)
	}
	return s, nil
}

// rulesAt plans the rules of a control in one region, with their topic.
func (b *builder) rulesAt(s *step, c catalog.Control, region, why string) error {
	targets, err := b.ruleTargets(s, c, region)
	if err != nil {
		return err
	}
	there, ok := b.ownRulesIn(s, region)
	if !ok {
		return nil
	}
	wanted := desired.Offered(desired.Wanted(c, b.o.Audit.Benchmark, b.o.Complete), region)
	if !b.layout.perRegion {
		wanted = desired.Wanted(c, b.o.Audit.Benchmark, b.o.Complete)
	}
	for _, rule := range b.o.names().Rules(c, b.home(region), there, wanted) {
		if b.putRule(s, c, region, rule, why, false) {
			b.putTargets(s, c, region, rule.Name, targets)
		}
	}
	return nil
}

// forwardersAt plans the rules that send a control's events from a region to the rules
// at home.
func (b *builder) forwardersAt(s *step, c catalog.Control, region, role string) {
	there, ok := b.ownRulesIn(s, region)
	if !ok {
		return
	}
	wanted := desired.Offered(desired.Wanted(c, b.o.Audit.Benchmark, b.o.Complete), region)
	for _, rule := range b.o.names().Forwarders(c, b.home(region), there, wanted) {
		if b.putRule(s, c, region, rule, "rules "+b.rulesPlace()+" see no events of "+region, true) {
			b.putTarget(s, c, region, rule.Name, desired.ForwarderTarget(b.receiver(), role), "the events have to arrive in "+b.arrival(), true)
		}
	}
}

// ownRulesIn returns the rules of a region by name, with what is planned of them
// already; false, and a conflict, where they could not be read.
func (b *builder) ownRulesIn(s *step, region string) (map[string]account.Rule, bool) {
	r := b.account.Region(region)
	if r == nil {
		s.conflicts = append(s.conflicts, b.unreadConflict(region, "the default event bus", region, "region "+region+" was not read", "rules of monitorctl", nil))
		return nil, false
	}
	list, ok := r.Rules.Got()
	if !ok {
		reason := "its rules were not read"
		if f := r.Rules.Failed(); f != nil {
			reason = f.Operation + " failed: " + f.Code
		}
		s.conflicts = append(s.conflicts, b.unreadConflict(region, desired.BusARN(b.home(region)), region, reason, "rules of monitorctl", r.Rules.Failed()))
		return nil, false
	}
	out := map[string]account.Rule{}
	for _, rule := range list {
		out[rule.Name] = rule
	}
	for _, a := range slices.Concat(b.actions, s.actions) {
		if p, ok := a.(action.PutRule); ok && p.Region == region {
			out[p.Rule.Name] = p.Rule
		}
	}
	return out, true
}

// putRule plans a rule of ours: new, already there and as it should be, one that takes
// more events now, edited, or a foreign one in the way. It reports whether a target of
// ours belongs on it.
func (b *builder) putRule(s *step, c catalog.Control, region string, want account.Rule, why string, forward bool) bool {
	r := b.account.Region(region)
	list, _ := r.Rules.Got()
	i := slices.IndexFunc(list, func(have account.Rule) bool { return have.Name == want.Name })
	if want.State == account.RuleReadsToo {
		why += "; it also gets read events, which are far more frequent"
	}
	if i < 0 {
		s.actions = append(s.actions, action.PutRule{Meta: b.meta(c, region, why), Rule: want, Tags: b.o.tags(), Forward: forward})
		return true
	}
	have := list[i]
	owner := b.ownerOf(r.RuleTags[have.Name])
	switch {
	case have.ManagedBy != "":
		s.conflicts = append(s.conflicts, b.conflict(region, have.ARN, want.Name, "a rule of that name is managed by "+have.ManagedBy, describeRule(have), describeRule(want)))
		return false
	case owner.ByCode():
		if !have.Same(want) {
			s.keep(c.ID, owner, "rule %s", have.Name)
			return false
		}
		return true
	case !owner.Ours():
		s.conflicts = append(s.conflicts, b.foreignRule(region, have, want, owner))
		return false
	case have.Same(want):
		return true
	case desired.Extends(want, have):
		s.actions = append(s.actions, action.PutRule{Meta: b.meta(c, region, why), Rule: want, Before: settings(have), Forward: forward})
		return true
	}
	b.driftedRule(s, c, region, have, want, forward)
	return true
}

func settings(r account.Rule) *account.Rule {
	r = r.Settings()
	return &r
}

// foreignRule is a conflict with a rule that has our name and is not ours, or whose
// tags are not known.
func (b *builder) foreignRule(region string, have, want account.Rule, owner desired.Owner) change.Conflict {
	reason := "a rule of that name " + owner.Why
	if f := b.account.Region(region).RuleTags[have.Name].Failed(); f != nil {
		return b.unreadConflict(region, have.ARN, want.Name, reason, describeRule(want), f)
	}
	return b.conflict(region, have.ARN, want.Name, reason, describeRule(have), describeRule(want))
}

// driftedRule shows an edited rule of ours, or replaces it.
func (b *builder) driftedRule(s *step, c catalog.Control, region string, have, want account.Rule, forward bool) {
	if b.replaces(want.Name) {
		s.actions = append(s.actions, action.PutRule{Meta: b.meta(c, region, "it was edited, and --replace names it"), Rule: want, Before: settings(have), Forward: forward})
		return
	}
	b.drift(s, c, change.Drift{
		Region: region, Resource: have.ARN, Object: action.RuleObject(region, want.Name), Name: want.Name,
		Fields: change.Differences(action.RuleSettings(have), action.RuleSettings(want)),
	})
}

// putTarget plans our target of a rule of ours: new, already there, or edited.
func (b *builder) putTarget(s *step, c catalog.Control, region, rule string, want account.WholeTarget, why string, forward bool) {
	var targets []account.Target
	list, _ := b.account.Region(region).Rules.Got()
	for _, have := range list {
		if have.Name != rule {
			continue
		}
		read, ok := have.Targets.Got()
		if !ok {
			s.conflicts = append(s.conflicts, b.unreadConflict(region, have.ARN, rule, "the targets of the rule could not be read", "target "+want.ID, have.Targets.Failed()))
			return
		}
		targets = read
	}
	i := slices.IndexFunc(targets, func(t account.Target) bool { return t.ID == want.ID })
	b.suit(s, c, &want)
	if owner := b.ownerOf(b.account.Region(region).RuleTags[rule]); owner.ByCode() { // code keeps its targets too
		if i < 0 || !targets[i].Same(want.Target()) {
			s.keep(c.ID, owner, "target %s of rule %s", want.ID, rule)
		}
		return
	}
	if i < 0 {
		s.actions = append(s.actions, action.PutTarget{Meta: b.meta(c, region, why), Rule: rule, Target: want, Forward: forward})
		return
	}
	have := targets[i]
	if b.reroutesTarget(c, region, have, want) {
		s.actions = append(s.actions, action.PutTarget{Meta: b.meta(c, region, "the configuration routes it to another topic"), Rule: rule, Target: want, Before: &have, Forward: forward})
		return
	}
	if to, ok := account.ParseARN(have.ARN); ok && b.editing && to.Service == "sns" == (isTopicTarget(want.ID) || want.ID == desired.ChatTarget) { // a topic and a role that were given stay
		want.ARN, want.RoleARN = have.ARN, have.RoleARN
		b.suitAt(s, c, region, have, &want)
	}
	if have.Same(want.Target()) {
		return
	}
	if b.outdated(c, have, want) {
		s.actions = append(s.actions, action.PutTarget{Meta: b.meta(c, region, "its message is for other subscribers, or was written by an earlier version"), Rule: rule, Target: want, Before: &have, Forward: forward})
		return
	}
	if b.replaces(rule) {
		s.actions = append(s.actions, action.PutTarget{Meta: b.meta(c, region, "it was edited, and --replace names its rule"), Rule: rule, Target: want, Before: &have, Forward: forward})
		return
	}
	b.drift(s, c, change.Drift{
		Region: region, Resource: desired.RuleARN(rule, b.home(region)) + " target " + want.ID, Object: action.TargetObject(region, rule, want.ID), Name: rule,
		Fields: change.Differences(action.TargetSettings(have), action.TargetSettings(want.Target())),
	})
}

func isTopicTarget(id string) bool {
	_, ok := desired.TopicTargetNumber(id)
	return ok
}

// role plans the role of forwarders and returns its ARN.
func (b *builder) role(s *step, c catalog.Control) (string, error) {
	home := b.home(b.layout.home)
	if b.o.RoleARN != "" {
		return b.o.RoleARN, b.givenRole(desired.BusARN(b.receiver()))
	}
	name, arn := b.o.names().RoleName(), b.o.names().RoleARN(home)
	trust, policy := desired.RoleTrust(), desired.RolePolicy(b.receiver())
	b.ownRole(s, action.CreateRole{
		Meta: b.meta(c, home.Region, "events need a role to go to another region or account"), Role: name, ARN: arn, Trust: trust, Policy: policy, Tags: b.o.tags(),
	}, func() bool {
		return len(audit.JudgeForwardRole(b.account, arn, desired.BusARN(b.receiver()), true)) == 0
	}, "another role with --events-role-arn")
	return arn, nil
}

// ownRole plans a role of ours. may reports whether one whose policies were edited still
// lets rules do what it is for; instead says what to use in place of it.
func (b *builder) ownRole(s *step, create action.CreateRole, may func() bool, instead string) {
	name, arn, trust, policy, region := create.Role, create.ARN, create.Trust, create.Policy, create.Region
	have := b.account.Roles[arn]
	if have == nil && b.o.AssumeOurs {
		s.actions = append(s.actions, create)
		return
	}
	if have == nil {
		s.conflicts = append(s.conflicts, b.unreadConflict(region, arn, name, "the snapshot does not show whether the role exists", "role "+name, nil))
		return
	}
	state, _, err := action.RoleStateOf(name, have)
	switch {
	case err != nil:
		s.conflicts = append(s.conflicts, b.unreadConflict(region, arn, name, "could not find out whether the role exists and who created it: "+err.Error(), "role "+name, have.Trust.Failed()))
		return
	case state == nil:
		s.actions = append(s.actions, create)
		return
	}
	owner := desired.OwnerByTags(*state.Tags)
	switch {
	case owner.ByCode():
		if !action.FinishedRole(name, trust, policy, have) && !may() {
			s.keep(create.Closes[0], owner, "role %s", name)
		}
	case !owner.Ours():
		reason := "a role of that name " + owner.Why
		if strings.Contains(instead, "--events-role-arn") {
			reason += " (use it with --events-role-arn)"
		}
		s.conflicts = append(s.conflicts, b.conflict(region, arn, name, reason, action.DescribeRole(name, have), "role "+name))
	case action.FinishedRole(name, trust, policy, have):
	case action.UnfinishedRole(name, trust, have):
		create.Why = "the role was created but not finished: it has no policy"
		s.actions = append(s.actions, create)
	case may(): // edited, and it still may
	default:
		x := b.conflict(region, arn, name, "the role was created by monitorctl, but its policies were edited or are for another region, and do not let rules do what the plan needs in "+region,
			action.DescribeRole(name, have), fmt.Sprintf("trust %s, policy %s", trust, policy))
		x.Avoid = "delete the role's policy " + name + ", which apply then writes again; or use " + instead
		s.conflicts = append(s.conflicts, x)
	}
}

// A RoleError says why the role of --events-role-arn cannot be used.
type RoleError struct{ ARN, Why string }

// Error names the role and the reason.
func (e *RoleError) Error() string { return "checking role " + e.ARN + ": " + e.Why }

// givenRole checks the role of --events-role-arn before it is used. What could not be
// read of it is not held against it: the audit says so.
func (b *builder) givenRole(bus string) error {
	arn, _ := account.ParseARN(b.o.RoleARN)
	if arn.Account != b.account.ID {
		return &RoleError{b.o.RoleARN, "it belongs to account " + arn.Account + ", but rules can use only roles of their own account"}
	}
	for _, r := range audit.JudgeForwardRole(b.account, b.o.RoleARN, bus, false) {
		if r.Status == finding.Fail {
			return &RoleError{b.o.RoleARN, r.Message}
		}
	}
	return nil
}

// describeRule says in one line what a rule is.
func describeRule(r account.Rule) string {
	text := r.Pattern
	if text == "" {
		text = r.Schedule
	}
	return fmt.Sprintf("%s, %s", text, r.State)
}

// ruleEdits looks for edited rules of ours for a control, whatever its verdict, and
// shows or replaces them.
func (b *builder) ruleEdits(c catalog.Control) error {
	if b.layout == nil {
		return nil
	}
	b.editing = true
	s, err := b.ownRules(c, "")
	b.editing = false
	if err != nil {
		return nil //nolint:nilerr // what cannot be planned is told where it is needed
	}
	planned := func(o change.Object) bool {
		return slices.ContainsFunc(b.actions, func(p action.Action) bool { return p.Object() == o })
	}
	drifts := slices.DeleteFunc(s.drifts, func(d change.Drift) bool { return planned(d.Object) })
	missing := b.missingTargets(c, s)
	replaced := slices.DeleteFunc(s.actions, func(a action.Action) bool {
		switch a.(type) { //nolint:gochecksumtype // the others edit nothing
		case action.PutRule, action.PutTarget:
			return a.New() || !b.replacedByName(a) || planned(a.Object())
		}
		return true
	})
	b.take(step{actions: append(replaced, missing...), drifts: drifts})
	return nil
}

// replacedByName reports whether --replace names the rule of an action.
func (b *builder) replacedByName(a action.Action) bool { return b.replaces(a.Object().Name) }

// checkRuleQuota refuses a plan that a bus has no room for, before anything is written.
func (b *builder) checkRuleQuota() {
	added := map[string]int{}
	for _, a := range b.actions {
		if p, ok := a.(action.PutRule); ok && p.Before == nil {
			added[p.Region]++
		}
	}
	for i := range b.account.Regions {
		r := &b.account.Regions[i]
		have, _ := r.Rules.Got()
		quota := action.RuleQuota(r.Name)
		if added[r.Name] == 0 || len(have) > quota || len(have)+added[r.Name] <= quota {
			continue
		}
		b.conflicts = append(b.conflicts, change.Conflict{
			Account: b.account.ID, Region: r.Name, Resource: desired.BusARN(b.home(r.Name)), Name: account.DefaultBus,
			Reason: fmt.Sprintf("a bus in %s has at most %d rules unless AWS raised the quota", r.Name, quota),
			Have:   fmt.Sprintf("%d rules", len(have)), Want: fmt.Sprintf("%d more", added[r.Name]),
			NoRoom: true, Avoid: "name fewer controls, or ask AWS to raise the quota of rules (Service Quotas, Amazon EventBridge)",
		})
	}
}
