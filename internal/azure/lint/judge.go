package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// A Result is what there is to say of one resource.
type Result struct {
	iac.Resource
	Use      string // "alert rule", "action group", "alert processing rule"
	Text     string // the condition of a rule in words; "" when not all of it is known
	Unknown  []string
	Findings []Finding
	Notes    []Finding
	blank    bool     // no part of the rule's condition is known
	Covers   []string // ids of controls all of whose operations the rules of the code match, named at the first of them
}

// NotJudged reports whether nothing is known of the condition of a rule.
func (r *Result) NotJudged() bool { return r.blank && len(r.Unknown) > 0 }

// A Finding is something wrong, at its place.
type Finding struct {
	At            iac.Value
	Code, Message string
}

// Codes of findings that the audit has no word for.
const (
	CodeUnknownOperation = "unknown-operation"   // almost the name of an operation
	CodeNoCategory       = "rule-no-category"    // Azure refuses the rule
	CodeTooManyGroups    = "too-many-groups"     // Azure takes 5 of a rule
	CodeTooManyRules     = "too-many-rules"      // Azure takes 100 of a subscription
	CodeShortName        = "short-name-too-long" // Azure takes 12 characters
	CodeLocation         = "location-spelling"   // a note: Powerpipe compares letter by letter
	CodeClassic          = "classic-operation"   // a note: classic networks are retired
)

// A judge judges the resources of one root module or file.
type judge struct {
	controls []catalog.Control
	known    []string // operations
	adds     bool     // some alert processing rule adds action groups
	rules    []*rule
	results  []*Result
}

// Judge judges resources that belong together, in their order, against controls of
// Azure.
func Judge(resources []iac.Resource, controls []catalog.Control) []*Result {
	j := &judge{controls: controls}
	for _, c := range controls {
		for _, o := range c.Operations {
			if o.Name != "" {
				j.known = append(j.known, o.Name)
			}
		}
	}
	for _, r := range resources {
		j.adds = j.adds || r.Type == "azurerm_monitor_alert_processing_rule_action_group" || isType(r, processingRules) && strings.Contains(textOf(r.Body.Get("properties").Get("actions")), "AddActionGroups")
	}
	for _, r := range resources {
		j.resource(r)
	}
	j.together()
	return j.results
}

// textOf is all texts of a value.
func textOf(v iac.Value) string {
	out := v.Text
	for _, i := range v.Items {
		out += " " + textOf(i)
	}
	for _, f := range v.Fields {
		out += " " + textOf(f.Value)
	}
	return out
}

// isType reports whether a resource is one of Azure Resource Manager of a type, also one
// that the provider azapi writes.
func isType(r iac.Resource, kind string) bool { return strings.EqualFold(r.Type, kind) }

// FromAzapi returns the resource that an azapi_resource writes; false for other types
// than those of Types.
func FromAzapi(r iac.Resource, body iac.Value) (iac.Resource, bool) {
	kind, _, _ := strings.Cut(r.Body.Get("type").Text, "@")
	i := slices.IndexFunc(Types(), func(known string) bool { return strings.EqualFold(known, kind) })
	if i < 0 {
		return r, false
	}
	out := r
	out.Type = Types()[i]
	out.Body = iac.Value{Kind: iac.ObjectValue, Source: r.Source, Pos: r.Pos, Fields: body.Fields}
	for _, key := range []string{"location", "name"} {
		if v := r.Body.Get(key); v.Kind != iac.Absent {
			out.Body.Fields = append(out.Body.Fields, iac.ValueField{Key: key, Value: v})
		}
	}
	if body.Kind == iac.UnknownValue {
		out.Body.Fields = append(out.Body.Fields, iac.ValueField{Key: "properties", Value: iac.Value{Kind: iac.ObjectValue, Fields: []iac.ValueField{
			{Key: "condition", Value: body}, {Key: "scopes", Value: body}, {Key: "actions", Value: body}, {Key: "enabled", Value: body}, {Key: "groupShortName", Value: body},
		}}})
	}
	return out, true
}

func (j *judge) resource(r iac.Resource) {
	out := &Result{Resource: r}
	switch {
	case isType(r, alertRules):
		j.rule(armRule(r), out)
	case r.Type == "azurerm_monitor_activity_log_alert":
		j.rule(terraformRule(r), out)
	case isType(r, actionGroups):
		out.Use = "action group"
		j.group(out, r.Body.Get("properties").Get("groupShortName"), r.Body.Get("properties").Get("enabled"), armReceivers(r.Body.Get("properties")))
	case r.Type == "azurerm_monitor_action_group":
		out.Use = "action group"
		j.group(out, r.Body.Get("short_name"), r.Body.Get("enabled"), terraformReceivers(r.Body))
	case isType(r, processingRules), r.Type == "azurerm_monitor_alert_processing_rule_action_group", r.Type == "azurerm_monitor_alert_processing_rule_suppression":
		out.Use = "alert processing rule"
		processing(out)
	default:
		return
	}
	j.results = append(j.results, out)
}

// open notes what is not known of a value.
func (r *Result) open(v iac.Value) {
	for _, why := range v.Unknowns() {
		if !slices.Contains(r.Unknown, why) {
			r.Unknown = append(r.Unknown, why)
		}
	}
}

func (r *Result) find(at iac.Value, code, format string, args ...any) {
	if at.Source == nil {
		at = iac.Value{Source: r.Source, Pos: r.Pos}
	}
	r.Findings = append(r.Findings, Finding{at, code, fmt.Sprintf(format, args...)})
}

func (r *Result) note(at iac.Value, code, format string, args ...any) {
	if at.Source == nil {
		at = iac.Value{Source: r.Source, Pos: r.Pos}
	}
	r.Notes = append(r.Notes, Finding{at, code, fmt.Sprintf(format, args...)})
}

// rule judges an alert rule by itself.
func (j *judge) rule(r *rule, out *Result) {
	out.Use, out.Unknown = "alert rule", r.open
	out.blank = !slices.ContainsFunc(r.leaves, func(l leafAt) bool { return len(l.values) > 0 && !l.field.Is("category") })
	j.rules = append(j.rules, r)
	if len(r.open) == 0 {
		out.Text = r.cond.String()
	}
	if r.noCategory {
		out.find(iac.Value{}, CodeNoCategory, "the rule has no condition on category: Azure refuses it")
	}
	if r.enabled.IsFalse() {
		out.find(r.enabled, "rule-disabled", "the rule is disabled")
	}
	j.operations(r, out)
	j.scopes(r, out)
	switch n := len(r.groups.Items); {
	case r.groups.Kind == iac.UnknownValue:
	case n == 0 && !j.adds:
		out.note(iac.Value{}, "rule-no-action-group", "the rule has no action group: an alert processing rule has to add one")
	case n > maxGroups:
		out.find(r.groups.Items[maxGroups], CodeTooManyGroups, "the rule has %d action groups, and Azure accepts %d", n, maxGroups)
	}
	health := slices.ContainsFunc(r.leaves, func(l leafAt) bool { return l.field.Is("category") && l.value.Is("ServiceHealth") })
	switch {
	case r.location.Kind != iac.TextValue:
	case health && !r.location.Is("global"):
		out.find(r.location, "rule-location", "the rule is in %s: Service Health alerts work in Global only", r.location.Text)
	case r.location.Is("global") && r.location.Text != "global":
		out.note(r.location, CodeLocation, "the location is written %q: to Azure it is the same as global, but Powerpipe passes only that spelling", r.location.Text)
	}
	j.condition(r, out)
}

// maxGroups is how many action groups a rule can have; maxRules how many rules a
// subscription.
const (
	maxGroups = 5
	maxRules  = 100
)

// operations looks at the names of operations.
func (j *judge) operations(r *rule, out *Result) {
	for _, l := range r.leaves {
		if !l.field.Is("operationName") {
			continue
		}
		for _, name := range l.values {
			isKnown := slices.ContainsFunc(j.known, func(k string) bool { return strings.EqualFold(k, name) })
			near := ""
			if !isKnown {
				near = spelling.Nearest(strings.ToLower(name), folded(j.known))
			}
			switch {
			case strings.Contains(name, "*"):
				out.find(l.value, "rule-never", "the rule never matches: %s has a wildcard, and conditions have none", name)
			case strings.HasPrefix(strings.ToLower(name), "microsoft.classicnetwork/"):
				out.note(l.value, CodeClassic, "%s is about classic networks, which are retired", name)
			case near != "":
				out.find(l.value, CodeUnknownOperation, "the operation %s is not known: did you mean %s?", name, j.spelled(near))
			}
		}
	}
}

func folded(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(n)
	}
	return out
}

func (j *judge) spelled(lower string) string {
	for _, n := range j.known {
		if strings.EqualFold(n, lower) {
			return n
		}
	}
	return lower
}

// A reach is what a scope lets a rule see.
type reach int8

const (
	reachUnknown reach = iota
	reachSubscription
	reachPart
	reachNothing
)

// reachOf tells by a scope, or by the expression that stands for it, what a rule sees.
func reachOf(v iac.Value) (reach, string) {
	if v.Kind == iac.UnknownValue {
		why := strings.ToLower(v.Why)
		switch {
		case strings.Contains(why, "resourcegroup()"), strings.HasPrefix(why, "azurerm_resource_group."), strings.HasPrefix(why, "data.azurerm_resource_group."):
			return reachPart, "sees the resource group " + v.Why + " only: a change in another one goes unseen"
		case strings.HasPrefix(why, "data.azurerm_subscription."), strings.HasPrefix(why, "data.azurerm_client_config."), strings.Contains(why, "subscription()"), strings.HasPrefix(why, "azurerm_subscription."):
			return reachSubscription, ""
		case strings.HasPrefix(why, "azurerm_") && strings.HasSuffix(why, ".id"):
			return reachPart, "sees " + v.Why + " only"
		}
		return reachUnknown, ""
	}
	id, ok := subscription.ParseID(v.Text)
	switch {
	case v.Kind != iac.TextValue:
		return reachUnknown, ""
	case ok && id.Group == "" && id.Rest == "":
		return reachSubscription, ""
	case ok && id.Rest == "":
		return reachPart, "sees the resource group " + id.Group + " only: a change in another one, or in one created tomorrow, goes unseen"
	case ok:
		return reachPart, "sees " + v.Text + " only"
	case subscription.IsManagementGroup(v.Text):
		return reachUnknown, ""
	case strings.HasPrefix(strings.ToLower(v.Text), "subscriptions/"):
		return reachNothing, "has the scope " + v.Text + ", without the leading slash: Azure accepts it, and it never alerts"
	}
	return reachNothing, "has the scope " + v.Text + ", which is not a resource id"
}

// scopes looks at what the rule sees.
func (j *judge) scopes(r *rule, out *Result) {
	switch r.seen() {
	case reachPart, reachNothing:
		_, text := reachOf(r.scopes.Items[0])
		out.find(r.scopes.Items[0], "rule-scope", "the rule %s", text)
	case reachSubscription:
		known := map[string]bool{}
		for _, s := range r.scopes.Items {
			if id, ok := subscription.ParseID(s.Text); ok {
				known[subscription.Fold(id.Subscription)] = true
			}
		}
		if len(known) > 1 {
			out.find(r.scopes, "rule-scope", "the rule has %d subscriptions as scopes, and sees only the one that it is in", len(known))
		}
	}
}

// seen is the best of the rule's scopes; what is not known could be its subscription.
func (r *rule) seen() reach {
	best := reachNothing
	if r.scopes.Kind != iac.ListValue || len(r.scopes.Items) == 0 {
		return reachUnknown
	}
	for _, s := range r.scopes.Items {
		reach, _ := reachOf(s)
		if reach == reachSubscription {
			return reach
		}
		best = min(best, reach)
	}
	return best
}

// event returns the records of an operation. The subscription is not known.
func event(o catalog.Operation) condition.Event {
	if o.Incident != "" {
		return condition.ServiceHealth(o.Incident)
	}
	return condition.Administrative(o.Name, "")
}

// about returns the required operations of controls that a rule is about.
func (j *judge) about(r *rule) []catalog.Operation {
	var out []catalog.Operation
	for _, c := range j.controls {
		for _, o := range c.RequiredOperations() {
			if r.cond.Names(event(o)) {
				out = append(out, o)
			}
		}
	}
	return out
}

// condition looks at what the rule's condition leaves out of the operations that it is
// about.
func (j *judge) condition(r *rule, out *Result) {
	at := r.scopes
	at.Source = nil
	if r.cond.Never() {
		out.find(at, "rule-never", "the rule never matches: no record has %s", r.cond)
		return
	}
	if len(r.open) == 0 && len(r.cond.Clauses) > 0 && r.cond.Of(condition.Foreign(), condition.Succeeded, condition.Informational) == condition.Yes {
		out.find(at, "rule-noisy", "the rule matches every write of the subscription: e-mail pauses after 100 messages an hour, text messages are dropped after 1 in 5 minutes")
	}
	said := map[string]bool{}
	for _, o := range j.about(r) {
		e := event(o)
		cov := condition.Cover(e, []condition.Condition{r.cond})
		code, text := "", ""
		switch cov.Fit {
		case condition.Usual:
			code, text = "rule-narrowed", "changes go unseen when the level is "+strings.Join(cov.Levels, ", ")
		case condition.Unclear:
			if len(r.open) == 0 {
				code, text = "rule-not-understood", "it is not documented whether the rule matches: "+strings.Join(r.cond.Unclear(), "; ")
			}
		case condition.Partial, condition.None:
			code, text = blamed(r, e, o)
		}
		if code != "" && !said[code+text] {
			said[code+text] = true
			out.find(r.placeOf(e, at), code, "%s", text)
		}
	}
}

// blamed says why a condition does not match every call of an operation that it names:
// what is known of it decides.
func blamed(r *rule, e condition.Event, o catalog.Operation) (code, text string) {
	var fixed, free []string
	for _, b := range r.cond.Blames(e) {
		switch {
		case b.Value == condition.Maybe:
		case slices.Contains([]string{"category", "operationname", "resourceprovider", "resourcetype"}, strings.ToLower(b.Field)):
			fixed = append(fixed, b.Clause.String())
		default:
			free = append(free, b.Clause.String())
		}
	}
	switch {
	case len(fixed) > 0:
		return "rule-never", fmt.Sprintf("the rule never matches: no record of %s has %s", o.Label(), strings.Join(fixed, " and "))
	case len(free) > 0:
		return "rule-narrowed", "the rule matches only where " + strings.Join(free, " and ")
	}
	return "", ""
}

// placeOf is where the first clause stands that leaves something out.
func (r *rule) placeOf(e condition.Event, otherwise iac.Value) iac.Value {
	for _, b := range r.cond.Blames(e) {
		for _, l := range r.leaves {
			if b.Value != condition.Maybe && strings.EqualFold(l.field.Text, b.Field) && l.value.Source != nil {
				return l.value
			}
		}
	}
	return otherwise
}
