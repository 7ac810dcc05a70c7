package audit

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// narrowed lists the conditions under which required operations are lost, each once,
// with a record that is.
func (c *controlJudge) narrowed(outcomes []outcome) []finding.Narrowing {
	var out []finding.Narrowing
	seen := map[string]bool{}
	add := func(n finding.Narrowing) {
		if key := n.Filter + "\x00" + n.Text; !seen[key] {
			seen[key] = true
			out = append(out, n)
		}
	}
	for _, o := range outcomes {
		if o.Truth == chain.Good && o.Coverage.Fit == chain.Tolerated {
			cov, _ := o.Coverage.Detail.(condition.Coverage)
			record := map[string]string{"operationName": o.probe.Name, "status": condition.Succeeded, "level": cov.Levels[0]}
			add(finding.Narrowing{By: "level", Text: "level is " + orList(cov.Levels), Example: compact(record), Filter: soleID(o.rules())})
			continue
		}
		if o.Gap == nil || o.Gap.Coverage.Fit == chain.Unresolved {
			continue
		}
		r, blames := closestRule(o)
		if r == nil || r.cond.Never() {
			continue
		}
		for _, b := range blames {
			if len(b.Clause.Leaves) == 0 || isFixed(b.Field) || b.Value == condition.Maybe {
				continue
			}
			add(finding.Narrowing{By: strings.ToLower(b.Field), Text: "not " + b.Clause.String(), Example: compact(lostRecord(o.probe, b.Clause)), Filter: r.ID})
		}
	}
	slices.SortStableFunc(out, func(a, b finding.Narrowing) int {
		return cmp.Or(cmp.Compare(a.Filter, b.Filter), cmp.Compare(a.Text, b.Text))
	})
	return out
}

// lostRecord returns the fields of a record of a successful call that a clause leaves
// out.
func lostRecord(p probe, cl condition.Clause) map[string]string {
	record := map[string]string{"operationName": p.Name, "status": condition.Succeeded, "level": condition.Informational}
	if p.Name == "" {
		record = map[string]string{"category": "ServiceHealth", "properties.incidentType": p.Incident}
	}
	for _, l := range cl.Leaves {
		if f := strings.ToLower(l.Field); f != "status" && f != "level" && record[l.Field] == "" {
			record[l.Field] = otherThan(cl, l.Field)
		}
	}
	return record
}

// otherThan returns a value of a field that no leaf of a clause asks for.
func otherThan(cl condition.Clause, field string) string {
	value := map[string]string{"caller": "someone.else@example.com", "resourcegroup": "created-tomorrow"}[strings.ToLower(field)]
	if value == "" {
		value = "other"
	}
	asked := func(l condition.Leaf) bool {
		return strings.EqualFold(l.Field, field) && slices.ContainsFunc(l.Values, func(v string) bool { return strings.EqualFold(v, value) })
	}
	for slices.ContainsFunc(cl.Leaves, asked) {
		value += "-still"
	}
	return value
}

// compact writes a record as JSON, keys sorted.
func compact(record map[string]string) string {
	text, err := json.Marshal(record)
	if err != nil {
		return "" // not reached: a map of texts
	}
	return string(text)
}
