package plan

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// wanted returns the operations of a control that get a rule of ours: those that are
// missed, or all where a rule is narrowed.
func wanted(c catalog.Control, f finding.Finding) []catalog.Operation {
	missed := func(o catalog.Operation) bool {
		return slices.ContainsFunc(f.Missed, func(m finding.MissedEvent) bool { return m.Event == cmp.Or(o.Name, o.Incident) })
	}
	if f.Status == finding.Warn {
		narrowed := len(f.Reasons) > 0 && f.Reasons[0].Code == audit.CodeRuleNarrowed
		missed = func(catalog.Operation) bool { return narrowed }
	}
	return slices.DeleteFunc(c.RequiredOperations(), func(o catalog.Operation) bool { return !missed(o) })
}

// stepFor proposes the rules, and the action group that they notify.
func (b *builder) stepFor(c catalog.Control, f finding.Finding, rules []desired.Rule) (step, error) {
	var s step
	list, ok := b.sub.AlertRules.Got()
	if !ok {
		return s, nil // the finding says so
	}
	if b.home.ResourceGroup == "" {
		return s, &NoHomeError{cmp.Or(b.sub.Name, b.sub.ID)}
	}
	groupID := cmp.Or(b.o.ActionGroup, b.home.GroupID(b.o.names().Group()))
	for _, r := range rules {
		id := b.home.RuleID(r.Name)
		body := r.Body(b.home, groupID, b.o.Tags)
		put := action.PutRule{Meta: b.meta(c, why(f, r)), ID: id, Body: body}
		have := inList(list, id)
		if have == nil {
			s.actions = append(s.actions, put)
			continue
		}
		if action.Equal(have, body) {
			continue
		}
		b.occupied(&s, c, put, have)
	}
	if b.o.ActionGroup == "" {
		b.group(&s, c)
	}
	return s, nil
}

// why says what a rule is for, one clause.
func why(f finding.Finding, r desired.Rule) string {
	if r.Name != "" && f.Status == finding.Pass {
		return "the control does not require it: --complete asks for it"
	}
	return f.Why()
}

// occupied decides what becomes of an object under the name of a rule.
func (b *builder) occupied(s *step, c catalog.Control, put action.PutRule, have json.RawMessage) {
	owner, name := action.OwnerOf(have), put.Name()
	fields := change.Differences(action.RuleSettings(have), action.RuleSettings(put.Body))
	fixed := action.Replaceable(have)
	if slices.Contains(b.o.Replace, name) && fixed == "" {
		put.Before, put.Why = have, "--replace "+name+" asks for it"
		s.actions = append(s.actions, put)
		return
	}
	if owner.Ours {
		s.drifts = append(s.drifts, change.Drift{Account: b.sub.ID, Resource: put.ID, Object: put.Object(), Name: name, Control: c.ID, Why: fixed, Fields: fields})
		return
	}
	reason := "the alert rule " + owner.Why
	if fixed != "" {
		reason += "; it cannot be replaced: " + fixed
	}
	s.conflicts = append(s.conflicts, change.Conflict{
		Account: b.sub.ID, Resource: put.ID, Name: name, Reason: reason, Replaceable: fixed == "", Fields: fields,
		Avoid: "--name-prefix PREFIX uses your own names",
	})
}
