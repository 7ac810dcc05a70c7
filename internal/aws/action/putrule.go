package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// PutRule creates a rule on the default bus, or replaces one: its targets and tags
// stay as they are then. A rule without a target does nothing.
type PutRule struct {
	change.Meta
	Rule    account.Rule
	Before  *account.Rule     // nil: the rule is new
	Tags    map[string]string // of a new rule
	Forward bool              // it sends events to the bus of another region
}

func (PutRule) sealed() {}

// String returns "create rule monitorctl-security-group-changes (eu-central-1)", or
// "update rule ...".
func (a PutRule) String() string {
	return fmt.Sprintf("%s rule %s (%s)", verb(a.Before == nil), a.Rule.Name, a.Region)
}

// Kind returns "put-rule".
func (PutRule) Kind() string { return "put-rule" }

// Name returns the rule's name.
func (a PutRule) Name() string { return a.Rule.Name }

// New reports whether the rule is not there yet.
func (a PutRule) New() bool { return a.Before == nil }

// Place is behind the role; what is forwarded comes when the rules at home are there.
func (a PutRule) Place() Place {
	if a.Forward {
		return putsForwarder
	}
	return putsRule
}

// Object returns the rule.
func (a PutRule) Object() change.Object { return RuleObject(a.Region, a.Rule.Name) }

// Closing sets the controls that the action helps.
func (a PutRule) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (PutRule) Calls() []string { return []string{"events:PutRule"} }

// Cost is what a new forwarder sends.
func (a PutRule) Cost() change.Cost {
	if a.Before != nil || !a.Forward {
		return change.Cost{}
	}
	return change.Cost{Forwarders: 1}
}

// Fields has the rule's settings.
func (a PutRule) Fields(bool) []change.Field {
	if a.Before == nil {
		return change.Created(append(RuleSettings(a.Rule), change.Setting{Name: "tags", Value: pairs(a.Tags)}))
	}
	return change.Differences(RuleSettings(*a.Before), RuleSettings(a.Rule))
}

// Saved holds the rule as in snapshots.
func (a PutRule) Saved() change.Saved {
	s := change.Saved{Name: a.Rule.Name, After: struct {
		account.Rule
		Tags map[string]string `json:"tags,omitempty"`
	}{a.Rule, a.Tags}}
	if a.Before != nil {
		s.Before = a.Before.Settings()
	}
	return s
}

func (a PutRule) simulate(d *draft) {
	region := d.of(a)
	if region.Rules == nil {
		region.Rules = &account.Read[[]account.Rule]{}
	}
	rule := a.Rule
	rule.Targets = &account.Read[[]account.Target]{}
	for _, have := range region.Rules.Value {
		if have.Name == rule.Name && have.Targets != nil {
			rule.Targets = have.Targets
		}
	}
	list := append(withoutRule(region.Rules.Value, rule.Name), rule)
	slices.SortFunc(list, func(a, b account.Rule) int { return cmp.Compare(a.Name, b.Name) })
	region.Rules.Value = list
	if a.Before == nil {
		if region.RuleTags == nil {
			region.RuleTags = map[string]*account.Read[map[string]string]{}
		}
		region.RuleTags[rule.Name] = &account.Read[map[string]string]{Value: a.Tags}
	}
}

// withoutRule removes the rule of that name from a list.
func withoutRule(list []account.Rule, name string) []account.Rule {
	return slices.DeleteFunc(list, func(have account.Rule) bool { return have.Name == name })
}

func (a PutRule) rests(b *basis) { b.rule(a.Rule.Name) }

func (a PutRule) limits() error {
	return first(ruleLimits(a.Rule), within("tags", len(a.Tags), maxTags))
}

// check holds the rule against what is there, and all new ones of the bus against its
// quota.
func (a PutRule) check(ctx context.Context, s *sight) error {
	list, err := s.rulesOf(ctx, a.Region)
	if err != nil {
		return err
	}
	have, tags, err := ruleIn(ctx, s.calls, a.Region, a.Rule.Name, list)
	if err != nil {
		return err
	}
	if _, err := a.compare(have, tags); err != nil {
		return err
	}
	added := 0
	for _, x := range s.actions {
		if p, ok := x.(PutRule); ok && p.Region == a.Region && !slices.ContainsFunc(list, func(r account.Rule) bool { return r.Name == p.Rule.Name }) {
			added++
		}
	}
	if n := len(list); n <= RuleQuota(a.Region) && n+added > RuleQuota(a.Region) {
		return &RuleQuotaError{Region: a.Region, Have: n, Add: added}
	}
	return nil
}

// A RuleQuotaError says that a bus has no room for the plan's rules.
type RuleQuotaError struct {
	Region    string
	Have, Add int // rules
}

func (e *RuleQuotaError) Error() string {
	return fmt.Sprintf("the default event bus in %s has %d rules and the plan adds %d, but AWS allows %d unless the quota was raised",
		e.Region, e.Have, e.Add, RuleQuota(e.Region))
}

func (a PutRule) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, tags, err := ruleNow(ctx, r.Calls, a.Region, a.Rule.Name)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{ARN: a.Rule.ARN}
	if there, err := a.compare(have, tags); there || err != nil {
		return out, err
	}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	e := change.Record[State]{Object: a.Object(), After: RuleState(a.Rule, a.Tags)}
	write := a.Tags
	if a.Before != nil {
		e.Before, e.After, write = RuleState(*a.Before, nil), RuleState(a.Rule, nil), nil
	}
	err = r.write(e, func() (string, error) { return "", r.Calls.PutRule(ctx, a.Region, a.Rule, write) })
	out.Written = err == nil
	return out, err
}

// compare holds what has the rule's name now against the plan: true when it is what
// the plan would write, an error when it is neither that nor what the plan replaces.
func (a PutRule) compare(have *account.Rule, tags map[string]string) (there bool, err error) {
	switch {
	case have == nil && a.Before == nil:
		return false, nil
	case have == nil:
		return false, changedRule(a.Rule.Name, "disappeared")
	case !desired.OwnerByTags(tags).Ours():
		return false, changedRule(a.Rule.Name, "was created by someone else")
	case have.Same(a.Rule):
		return true, nil
	case a.Before == nil:
		return false, changedRule(a.Rule.Name, "appeared")
	case !have.Same(*a.Before):
		return false, changedRule(a.Rule.Name, "was changed")
	}
	return false, nil
}
