package action

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Limits of rules. Sources: "Amazon EventBridge quotas", PutRule, PutTargets.
const (
	maxRuleName        = 64
	maxRuleDescription = 512
	MaxTargets         = 5
	maxInput           = 8192 // characters of a constant or a template
)

// smallRuleQuota is the quota of rules on a bus in these regions; AWS raises it on
// request.
var smallRuleQuota = []string{"af-south-1", "eu-south-1"}

// RuleQuota is the number of rules that a bus of a region holds unless AWS has raised
// it. A bus that holds more already has a quota that is not known.
func RuleQuota(region string) int {
	if slices.Contains(smallRuleQuota, region) {
		return 100
	}
	return 300
}

func ruleLimits(r account.Rule) error {
	return first(
		within("characters in the name", len(r.Name), maxRuleName),
		within("characters in the event pattern", len([]rune(r.Pattern)), desired.PatternLimit),
		within("characters in the description", len([]rune(r.Description)), maxRuleDescription),
	)
}

func targetLimits(t account.WholeTarget) error {
	text := t.Input
	if t.Transformer != nil {
		text = t.Transformer.Template
	}
	return within("characters in the message", len([]rune(text)), maxInput)
}

// RuleSettings are the settings of a rule in words.
func RuleSettings(r account.Rule) []change.Setting {
	return []change.Setting{
		{Name: "pattern", Value: r.Pattern},
		{Name: "state", Value: r.State},
		{Name: "description", Value: r.Description},
		{Name: "schedule", Value: r.Schedule},
		{Name: "role", Value: r.RoleARN},
	}
}

// TargetSettings are the settings of a target in words, as snapshots hold it.
func TargetSettings(t account.Target) []change.Setting {
	text := t.Message.Form
	if t.Message.Digest != "" {
		const short = 12 // of the digest: enough to see that two differ
		text += ", SHA-256 " + t.Message.Digest[:min(short, len(t.Message.Digest))]
	}
	return []change.Setting{
		{Name: "to", Value: t.ARN},
		{Name: "role", Value: t.RoleARN},
		{Name: "message", Value: text},
		{Name: "paths", Value: pairs(t.Message.Paths)},
	}
}

// wholeSettings are the settings of a target with its text.
func wholeSettings(t account.WholeTarget) []change.Setting {
	text, paths := t.Input+t.InputPath, map[string]string{}
	if t.Transformer != nil {
		text, paths = t.Transformer.Template, t.Transformer.Paths
	}
	return []change.Setting{
		{Name: "to", Value: t.ARN},
		{Name: "role", Value: t.RoleARN},
		{Name: "message", Value: text},
		{Name: "paths", Value: pairs(paths)},
	}
}

// RuleObject is a rule on the default bus as a journal names it.
func RuleObject(region, name string) change.Object {
	return change.Object{Kind: RuleKind, Region: region, Name: name}
}

// TargetObject is a target of a rule as a journal names it.
func TargetObject(region, rule, id string) change.Object {
	return change.Object{Kind: TargetKind, Region: region, Name: rule, Endpoint: id}
}

// RuleState is a rule in a journal; nil tags are not part of it.
func RuleState(r account.Rule, tags map[string]string) *State {
	settings := r.Settings()
	s := &State{Rule: &settings}
	if tags != nil {
		s.Tags = &tags
	}
	return s
}

// RestoreRule is the action that brings a rule from what it is to what it was before
// a journal's runs; target is nil for one that was not there.
func RestoreRule(m change.Meta, now State, target *State) Action {
	if target == nil {
		m.Why = whyMade
		return DeleteRule{Meta: m, Rule: *now.Rule, Tags: *now.Tags}
	}
	m.Why = whyReplaced
	return PutRule{Meta: m, Rule: *target.Rule, Before: now.Rule}
}

// RestoreTarget does the same for a target of a rule.
func RestoreTarget(m change.Meta, rule string, now, target *account.WholeTarget) Action {
	if target == nil {
		m.Why = whyMade
		return RemoveTarget{Meta: m, Rule: rule, Target: *now}
	}
	m.Why = whyReplaced
	before := now.Target()
	return PutTarget{Meta: m, Rule: rule, Target: *target, Before: &before, Exact: true}
}

// ruleNow reads a rule of the default bus with its tags; nil when there is none.
func ruleNow(ctx context.Context, c Calls, region, name string) (*account.Rule, map[string]string, error) {
	list, err := c.Rules(ctx, region, name)
	if err != nil {
		return nil, nil, fmt.Errorf("looking for rule %s: %w", name, err)
	}
	return ruleIn(ctx, c, region, name, list)
}

func ruleIn(ctx context.Context, c Calls, region, name string, list []account.Rule) (*account.Rule, map[string]string, error) {
	i := slices.IndexFunc(list, func(r account.Rule) bool { return r.Name == name })
	if i < 0 {
		return nil, nil, nil
	}
	tags, err := c.RuleTags(ctx, region, list[i].ARN)
	if errors.Is(err, ErrNotThere) {
		return nil, nil, nil // someone was faster
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the tags of rule %s: %w", name, err)
	}
	return &list[i], tags, nil
}

// targetNow reads a target of a rule; nil when it, or the rule, is not there.
func targetNow(ctx context.Context, c Calls, region, rule, id string) (*account.WholeTarget, []account.WholeTarget, error) {
	list, err := c.Targets(ctx, region, rule)
	if errors.Is(err, ErrNotThere) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("listing the targets of rule %s: %w", rule, err)
	}
	i := slices.IndexFunc(list, func(t account.WholeTarget) bool { return t.ID == id })
	if i < 0 {
		return nil, list, nil
	}
	return &list[i], list, nil
}

func changedRule(name, what string) error {
	return &ChangedError{Resource: fmt.Sprintf("rule %q", name), Change: what}
}

func changedTarget(rule, id, what string) error {
	return &ChangedError{Resource: fmt.Sprintf("target %q of rule %q", id, rule), Change: what}
}
