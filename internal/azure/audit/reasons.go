package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// An outcome is the answer of the graph to one probe.
type outcome struct {
	chain.Outcome
	probe probe
}

// rules are the rules of the ways taken, or of the way closest to working.
func (o *outcome) rules() []*rule {
	var out []*rule
	for _, n := range o.Used {
		if r, ok := n.Thing.(*rule); ok {
			out = append(out, r)
		}
	}
	return out
}

// A tally is a reason with how often and how near it was found.
type tally struct {
	finding.Reason
	cost   int
	probes int
	order  int
}

// reasons merges the reasons of all probes: fails first, then unknowns, then warnings
// and notes; among equals the one closest to working, then the one of most probes, then
// the earlier link.
func (c *controlJudge) reasons(outcomes []outcome) []finding.Reason {
	var list []*tally
	count := func(r finding.Reason, cost int) {
		i := slices.IndexFunc(list, func(t *tally) bool { return t.Equal(r) })
		if i < 0 {
			i = len(list)
			list = append(list, &tally{Reason: r, cost: cost, order: i})
		}
		t := list[i]
		t.cost = min(t.cost, cost)
		t.probes++
	}
	for _, o := range outcomes {
		for _, r := range o.Reasons {
			count(r, o.Cost)
		}
	}
	for _, r := range slices.Concat(usual(outcomes), c.gaps(outcomes)) {
		count(r.reason, r.cost)
	}
	slices.SortStableFunc(list, func(a, b *tally) int {
		return cmp.Or(
			cmp.Compare(a.Status.Rank(), b.Status.Rank()),
			cmp.Compare(a.cost, b.cost),
			cmp.Compare(b.probes, a.probes),
			cmp.Compare(finding.Rank(a.Link), finding.Rank(b.Link)),
			cmp.Compare(a.order, b.order),
		)
	})
	out := make([]finding.Reason, len(list))
	for i, t := range list {
		out[i] = t.Reason
	}
	return out
}

// usual is the warning for rules that match records of the usual level only, operations
// that lose the same levels together.
func usual(outcomes []outcome) []gapReason {
	var levels []string
	lost, rules := map[string][]outcome{}, map[string][]*rule{}
	for _, o := range outcomes {
		if o.Truth != chain.Good || o.Coverage.Fit != chain.Tolerated {
			continue
		}
		cov, _ := o.Coverage.Detail.(condition.Coverage)
		key := orList(cov.Levels)
		if lost[key] == nil {
			levels = append(levels, key)
		}
		lost[key] = append(lost[key], o)
		rules[key] = append(rules[key], o.rules()...)
	}
	var out []gapReason
	for _, key := range levels {
		r := reason(CodeRuleNarrowed, finding.Warn, finding.LinkAlertRule, soleID(rules[key]), "%s would go unseen when the level is %s", labels(lost[key]), key)
		r.Conditions = []string{"level is " + key}
		out = append(out, gapReason{reason: r})
	}
	return out
}

// soleID is the id of the only rule, "" when there are none or several.
func soleID(rules []*rule) string {
	for _, r := range rules {
		if r != rules[0] {
			return ""
		}
	}
	if len(rules) == 0 {
		return ""
	}
	return rules[0].ID
}

// A gapReason is a reason for probes that share one gap.
type gapReason struct {
	reason finding.Reason
	cost   int
}

// A gapKey is what probes must share so that one reason is enough for them.
type gapKey struct {
	code finding.Code
	rule *rule
	text string // what the rule demands
}

// gaps words what no rule matches, operations that share a gap together.
func (c *controlJudge) gaps(outcomes []outcome) []gapReason {
	var keys []gapKey
	byKey := map[gapKey][]outcome{}
	var silent []outcome // no rule at all is about these
	for _, o := range outcomes {
		if o.Gap == nil {
			continue
		}
		key, ok := gapOf(o)
		if !ok {
			silent = append(silent, o)
			continue
		}
		if byKey[key] == nil {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], o)
	}
	var out []gapReason
	for _, key := range keys {
		list := byKey[key]
		r := key.reason(labels(list))
		r.Conditions = key.conditions(list)
		out = append(out, gapReason{r, list[0].Cost})
	}
	if len(silent) > 0 {
		r := c.silentReason(silent, len(outcomes))
		r.Conditions = operationNames(silent)
		out = append(out, gapReason{r, silent[0].Cost})
	}
	return out
}

// labels names the operations of outcomes, those of one type together.
func labels(outcomes []outcome) string {
	names := make([]string, len(outcomes))
	for i, o := range outcomes {
		names[i] = o.probe.Label()
	}
	return andList(ByType(names))
}

// ByType writes names of operations, those of one type together:
// "Microsoft.Network/networkSecurityGroups/{write, delete}", in the order in which the
// types come.
func ByType(names []string) []string {
	var types []string
	verbs := map[string][]string{}
	for _, name := range names {
		at := strings.LastIndexByte(name, '/') + 1
		if verbs[name[:at]] == nil {
			types = append(types, name[:at])
		}
		verbs[name[:at]] = append(verbs[name[:at]], name[at:])
	}
	for i, t := range types {
		list := verbs[t]
		types[i] = t + list[0]
		if len(list) > 1 {
			types[i] = t + "{" + strings.Join(list, ", ") + "}"
		}
	}
	return types
}

// gapOf describes the gap of one probe by the rule that comes closest to matching it;
// false when no rule is about it.
func gapOf(o outcome) (gapKey, bool) {
	closest, blames := closestRule(o)
	if closest == nil {
		return gapKey{}, false
	}
	switch never := closest.cond.Never(); {
	case o.Gap.Coverage.Fit == chain.Unresolved:
		return gapKey{CodeRuleNotUnderstood, closest, unclearText(closest, blames)}, true
	case never || slices.ContainsFunc(blames, func(b condition.Blame) bool { return b.Value == condition.No && isFixed(b.Field) }):
		return gapKey{CodeRuleNever, closest, neverText(closest, blames, never)}, true
	}
	return gapKey{CodeRuleNarrowed, closest, blameText(blames)}, true
}

// reason words a gap in some operations.
func (k gapKey) reason(operations string) finding.Reason {
	status, format := finding.Fail, "alert rule %s matches %s only where %s"
	switch k.code {
	case CodeRuleNotUnderstood:
		status, format = finding.Unknown, "whether alert rule %s matches %s is not documented: %s"
	case CodeRuleNever:
		format = "alert rule %s never matches: no record of %s has %s"
	}
	return reason(k.code, status, finding.LinkAlertRule, k.rule.ID, format, k.rule.Name, operations, k.text)
}

// conditions are what names the cause: the conditions under which records are lost, as
// narrowings have them, or the operations that the rule never matches.
func (k gapKey) conditions(list []outcome) []string {
	if k.code != CodeRuleNarrowed {
		return operationNames(list)
	}
	var out []string
	_, blames := closestRule(list[0])
	for _, b := range blames {
		if text := "not " + b.Clause.String(); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}

// operationNames are the names of the probes, sorted.
func operationNames(list []outcome) []string {
	out := make([]string, len(list))
	for i, o := range list {
		out[i] = o.probe.Label()
	}
	slices.Sort(out)
	return out
}

// isFixed reports whether a field has one value in all records of an operation.
func isFixed(field string) bool {
	return slices.Contains([]string{"category", "operationname", "resourceprovider", "resourcetype"}, strings.ToLower(field))
}

// closestRule returns the rule that comes closest to matching a probe by itself, with
// the clauses that keep it from that: fewest first. Rules that are about another
// operation do not count.
func closestRule(o outcome) (*rule, []condition.Blame) {
	var best *rule
	var why []condition.Blame
	for _, r := range o.rules() {
		if !r.cond.Names(o.probe.event) && condition.Cover(o.probe.event, []condition.Condition{r.cond}).Fit == condition.None {
			continue
		}
		if blames := r.cond.Blames(o.probe.event); best == nil || closer(blames, why) {
			best, why = r, blames
		}
	}
	return best, why
}

// closer reports whether a condition with blames a is closer to matching than one with
// blames b: the worst of them decides, then their number.
func closer(a, b []condition.Blame) bool {
	worst := func(list []condition.Blame) condition.Value {
		v := condition.Yes
		for _, blame := range list {
			v = min(v, blame.Value)
		}
		return v
	}
	if wa, wb := worst(a), worst(b); wa != wb {
		return wa > wb
	}
	return len(a) < len(b)
}

func blameText(blames []condition.Blame) string {
	var parts []string
	for _, b := range blames {
		parts = append(parts, b.Clause.String())
	}
	return strings.Join(parts, " and ")
}

func neverText(r *rule, blames []condition.Blame, never bool) string {
	if never && len(blames) == 0 {
		return r.cond.String()
	}
	return blameText(blames)
}

// unclearText says what nobody documents about a rule.
func unclearText(r *rule, blames []condition.Blame) string {
	if list := r.cond.Unclear(); len(list) > 0 {
		return strings.Join(list, "; ")
	}
	return blameText(blames)
}

// silentReason says that no rule is about some operations of the control.
func (c *controlJudge) silentReason(silent []outcome, all int) finding.Reason {
	const unseen = "log search alerts were not read"
	if len(silent) == all {
		return reason(CodeNoRule, finding.Fail, finding.LinkAlertRule, "", "no alert rule matches %s; %s", c.whatever(), unseen)
	}
	asked := false
	for _, o := range silent {
		_, in := o.probe.Numbers[c.o.Benchmark]
		asked = asked || in
	}
	beyond := ""
	if _, numbered := c.control.Numbers[c.o.Benchmark]; numbered && !asked {
		beyond = " (" + c.o.Benchmark.Title() + " does not ask for this)"
	}
	return reason(CodeRuleMissesOperation, finding.Fail, finding.LinkAlertRule, "", "no alert rule matches %s%s; %s", labels(silent), beyond, unseen)
}

// whatever words all that the control requires.
func (c *controlJudge) whatever() string {
	if n := len(c.probes); n > 1 {
		return fmt.Sprintf("any of its %d operations", n)
	}
	return c.probes[0].Label()
}

func andList(names []string) string { return listOf(names, "and") }
func orList(names []string) string  { return listOf(names, "or") }

func listOf(names []string, last string) string {
	n := len(names)
	if n < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:n-1], ", ") + " " + last + " " + names[n-1]
}
