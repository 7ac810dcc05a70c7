package lint

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/iac"
)

// together holds all rules against the controls that some of them is about, and counts
// them.
func (j *judge) together() {
	if len(j.rules) > maxRules {
		r := j.rules[maxRules]
		j.of(r).find(iac.Value{}, CodeTooManyRules, "%d rules, and Azure accepts %d in a subscription", len(j.rules), maxRules)
	}
	for _, c := range j.controls {
		first := j.first(c)
		if first == nil {
			continue
		}
		missing, unsure := []string{}, false
		required := c.RequiredOperations()
		for _, o := range required {
			switch j.fit(o) {
			case condition.Whole, condition.Usual:
			case condition.Unclear:
				unsure = true
			default:
				missing = append(missing, o.Label())
			}
		}
		switch {
		case len(missing) == len(required):
			// what is wrong with the rules themselves is said of them
		case len(missing) > 0:
			j.of(first).find(iac.Value{}, "rule-misses-operation", "%s: no alert rule matches %s", c.ID, labels(missing))
		case !unsure:
			j.of(first).Covers = append(j.of(first).Covers, c.ID)
		}
	}
}

func (j *judge) of(r *rule) *Result {
	for _, out := range j.results {
		if out.Source == r.Source && out.Pos == r.Pos && out.Name == r.Name {
			return out
		}
	}
	return &Result{} // not reached: every rule has a result
}

// first returns the first rule that names an operation of a control, nil for none.
func (j *judge) first(c catalog.Control) *rule {
	for _, r := range j.rules {
		for _, o := range c.RequiredOperations() {
			if r.names(event(o)) {
				return r
			}
		}
	}
	return nil
}

// names reports whether a leaf that is known is about an event.
func (r *rule) names(e condition.Event) bool { return r.cond.Names(e) }

// fit is what all rules together do with an operation: those that are not surely
// disabled, and that may see all of their subscription.
func (j *judge) fit(o catalog.Operation) condition.Fit { return Fit(j.rules, o) }

// Fit is what rules together do with an operation.
func Fit(rules []*rule, o catalog.Operation) condition.Fit {
	var union []condition.Condition
	unsure := false
	for _, r := range rules {
		seen := r.seen()
		if r.enabled.IsFalse() || seen == reachPart || seen == reachNothing {
			continue
		}
		if len(r.cond.Clauses) == 0 && len(r.open) > 0 {
			unsure = true
			continue
		}
		union = append(union, r.cond)
	}
	fit := condition.Cover(event(o), union).Fit
	if unsure && fit > condition.Usual {
		return condition.Unclear
	}
	return fit
}

// labels names operations, those of one type together.
func labels(names []string) string { return strings.Join(audit.ByType(names), ", ") }

// An Answer says how a control that was asked for stands.
type Answer struct {
	Control  string
	Missed   []string // operations that no rule matches
	Unsure   []string // operations that a rule may or may not match
	Required int
}

// Ask holds the rules of several root modules and files together against controls.
func Ask(groups [][]iac.Resource, controls []catalog.Control) []Answer {
	var rules []*rule
	for _, resources := range groups {
		j := &judge{controls: controls}
		for _, r := range resources {
			j.resource(r)
		}
		rules = append(rules, j.rules...)
	}
	var out []Answer
	for _, c := range controls {
		a := Answer{Control: c.ID, Required: len(c.RequiredOperations())}
		for _, o := range c.RequiredOperations() {
			switch Fit(rules, o) {
			case condition.Whole, condition.Usual:
			case condition.Unclear:
				a.Unsure = append(a.Unsure, o.Label())
			default:
				a.Missed = append(a.Missed, o.Label())
			}
		}
		out = append(out, a)
	}
	return out
}
