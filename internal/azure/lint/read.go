package lint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/iac"
)

// The types of Azure Resource Manager that are judged.
const (
	alertRules      = "Microsoft.Insights/activityLogAlerts"
	actionGroups    = "Microsoft.Insights/actionGroups"
	processingRules = "Microsoft.AlertsManagement/actionRules"
)

// Types returns the types of Azure Resource Manager that Judge knows.
func Types() []string { return []string{alertRules, actionGroups, processingRules} }

// A rule is an alert rule of code.
type rule struct {
	iac.Resource
	location, enabled iac.Value
	scopes, groups    iac.Value // lists; groups holds ids
	cond              condition.Condition
	leaves            []leafAt // where the clauses stand
	open              []string // what of the condition is not known, in words
	noCategory        bool     // it surely has no condition on category
}

// A leafAt is where a leaf of the condition stands.
type leafAt struct {
	field, value iac.Value
	values       []string // known ones
}

// leafText is a leaf as the condition's language has it.
type leafText struct {
	Field       string   `json:"field,omitempty"`
	Equals      *string  `json:"equals,omitempty"`
	ContainsAny []string `json:"containsAny,omitempty"`
}

// A clauseText is an entry of allOf.
type clauseText struct {
	leafText
	AnyOf []leafText `json:"anyOf,omitempty"`
}

// armRule reads an alert rule of Azure Resource Manager.
func armRule(r iac.Resource) *rule {
	p := r.Body.Get("properties")
	out := &rule{Resource: r, location: r.Body.Get("location"), enabled: p.Get("enabled"), scopes: p.Get("scopes")}
	out.groups = iac.Value{Kind: iac.ListValue}
	switch groups := p.Get("actions").Get("actionGroups"); groups.Kind {
	case iac.ListValue:
		for _, g := range groups.Items {
			id := g.Get("actionGroupId")
			if g.Kind == iac.UnknownValue {
				id = g
			}
			out.groups.Items = append(out.groups.Items, id)
		}
	case iac.UnknownValue:
		out.groups = groups
	}
	if p.Get("actions").Kind == iac.UnknownValue {
		out.groups = p.Get("actions")
	}
	out.condition(p.Get("condition"))
	return out
}

// condition reads a condition of Azure Resource Manager.
func (r *rule) condition(v iac.Value) {
	all := v.Get("allOf")
	if v.Kind == iac.UnknownValue || all.Kind == iac.UnknownValue {
		r.unknown(append(v.Unknowns(), all.Unknowns()...)...)
		return
	}
	var clauses []clauseText
	var open []bool
	for _, item := range all.Items {
		if several := item.Get("anyOf"); several.Kind == iac.ListValue {
			c, unknown := clauseText{}, false
			for _, l := range several.Items {
				text, no := r.leaf(l)
				c.AnyOf, unknown = append(c.AnyOf, text), unknown || no
			}
			clauses, open = append(clauses, c), append(open, unknown)
			continue
		}
		text, unknown := r.leaf(item)
		clauses, open = append(clauses, clauseText{leafText: text}), append(open, unknown)
	}
	r.parse(clauses, open)
}

// leaf reads a leaf; it is unknown when some part of it is.
func (r *rule) leaf(v iac.Value) (leafText, bool) {
	if v.Kind == iac.UnknownValue {
		r.unknown(v.Why)
		return leafText{Field: "category"}, true
	}
	field, equals, several := v.Get("field"), v.Get("equals"), v.Get("containsAny")
	out := leafText{Field: field.Text}
	at := leafAt{field: field, value: equals}
	if equals.Kind == iac.TextValue {
		out.Equals = &equals.Text
		at.values = []string{equals.Text}
	}
	if several.Kind == iac.ListValue {
		at.value = several
		for _, item := range several.Items {
			out.ContainsAny = append(out.ContainsAny, item.Text)
			if item.Kind == iac.TextValue {
				at.values = append(at.values, item.Text)
			}
		}
	}
	r.leaves = append(r.leaves, at)
	unknown := v.Unknowns()
	r.unknown(unknown...)
	return out, len(unknown) > 0
}

func (r *rule) unknown(why ...string) {
	for _, w := range why {
		if !slices.Contains(r.open, w) {
			r.open = append(r.open, w)
		}
	}
}

// parse makes the condition of clauses. Those that are open hold something unknown: they may
// hold or not.
func (r *rule) parse(clauses []clauseText, open []bool) {
	raw, err := json.Marshal(map[string]any{"allOf": clauses})
	if err != nil {
		return // not reached: texts and lists of them
	}
	r.cond = condition.Parse(raw)
	r.noCategory = len(clauses) > 0
	for i := range r.cond.Clauses {
		if i >= len(open) {
			break
		}
		if open[i] {
			r.cond.Clauses[i].Unclear = "it is not known"
		}
		for _, l := range r.cond.Clauses[i].Leaves {
			if open[i] || strings.EqualFold(l.Field, "category") {
				r.noCategory = false
			}
		}
	}
}

// terraformFields are the arguments of the block criteria, with the field of a condition
// that each stands for.
var terraformFields = []struct{ argument, field string }{
	{"category", "category"}, {"operation_name", "operationName"}, {"resource_provider", "resourceProvider"}, {"resource_providers", "resourceProvider"},
	{"resource_type", "resourceType"}, {"resource_types", "resourceType"}, {"resource_group", "resourceGroup"}, {"resource_groups", "resourceGroup"},
	{"resource_id", "resourceId"}, {"resource_ids", "resourceId"}, {"caller", "caller"}, {"level", "level"}, {"levels", "level"},
	{"status", "status"}, {"statuses", "status"}, {"sub_status", "subStatus"}, {"sub_statuses", "subStatus"},
	{"recommendation_category", "properties.recommendationCategory"}, {"recommendation_impact", "properties.recommendationImpact"}, {"recommendation_type", "properties.recommendationType"},
}

// terraformRule reads an azurerm_monitor_activity_log_alert.
func terraformRule(r iac.Resource) *rule {
	out := &rule{Resource: r, location: r.Body.Get("location"), enabled: r.Body.Get("enabled"), scopes: r.Body.Get("scopes"), groups: iac.Value{Kind: iac.ListValue}}
	for _, action := range r.Body.Get("action").Items {
		id := action.Get("action_group_id")
		if action.Kind == iac.UnknownValue {
			id = action
		}
		out.groups.Items = append(out.groups.Items, id)
	}
	criteria := r.Body.Get("criteria")
	if len(criteria.Items) != 1 || criteria.Items[0].Kind != iac.ObjectValue {
		out.unknown(criteria.Unknowns()...)
		if len(out.open) == 0 {
			out.open = []string{fmt.Sprintf("%d blocks criteria", len(criteria.Items))}
		}
		return out
	}
	var clauses []clauseText
	var open []bool
	for _, f := range terraformFields {
		v := criteria.Items[0].Get(f.argument)
		if v.Kind == iac.Absent || v.Kind == iac.ListValue && len(v.Items) == 0 || v.Kind == iac.TextValue && v.Text == "" {
			continue
		}
		leaf := iac.Value{Kind: iac.ObjectValue, Source: v.Source, Pos: v.Pos, Fields: []iac.ValueField{{Key: "field", Value: iac.Value{Kind: iac.TextValue, Text: f.field, Source: v.Source, Pos: v.Pos}}}}
		key := "equals"
		if strings.HasSuffix(f.argument, "s") && f.argument != "status" && f.argument != "sub_status" {
			key = "containsAny"
		}
		leaf.Fields = append(leaf.Fields, iac.ValueField{Key: key, Value: v})
		text, unknown := out.leaf(leaf)
		clauses, open = append(clauses, clauseText{leafText: text}), append(open, unknown)
	}
	for _, health := range criteria.Items[0].Get("service_health").Items {
		if events := health.Get("events"); events.Kind == iac.ListValue && len(events.Items) > 0 {
			c, unknown := clauseText{}, false
			for _, event := range events.Items {
				c.AnyOf = append(c.AnyOf, leafText{Field: "properties.incidentType", Equals: &event.Text})
				unknown = unknown || event.Kind != iac.TextValue
			}
			clauses, open = append(clauses, c), append(open, unknown)
		}
		for _, argument := range []string{"locations", "services"} {
			if v := health.Get(argument); v.Kind != iac.Absent {
				clauses, open = append(clauses, clauseText{leafText: leafText{Field: "properties." + argument, Equals: new(string)}}), append(open, true)
				out.unknown("what service_health." + argument + " leaves out")
			}
		}
	}
	if health := criteria.Items[0].Get("resource_health"); health.Kind != iac.Absent {
		out.unknown("resource_health")
		clauses, open = append(clauses, clauseText{leafText: leafText{Field: "status", Equals: new(string)}}), append(open, true)
	}
	out.parse(clauses, open)
	return out
}
