package azuretest

import (
	"slices"
	"strings"
	"time"
)

// An alert is what a rule makes of a record.
type alert map[string]string // the fields of conditions of processing rules, in lower case

func newAlert(rule *object, r record) alert {
	return alert{
		"severity": "Sev4", "monitorservice": "Activity Log - Administrative", "alertruleid": rule.id, "alertrulename": text(rule.value["name"]),
		"description": text(rule.properties()["description"]), "targetresource": r["resourceid"], "targetresourcegroup": r["resourcegroup"],
	}
}

// groupsOf returns the ids of the action groups that an alert goes to.
func (s *sub) groupsOf(rule *object, r record, now time.Time) []string {
	actions, _ := rule.properties()["actions"].(map[string]any)
	var ids []string
	for _, g := range objectsOf(actions["actionGroups"]) {
		ids = append(ids, text(g["actionGroupId"]))
	}
	if strings.EqualFold(r["category"], "ServiceHealth") {
		return ids
	}
	a := newAlert(rule, r)
	for _, o := range s.objects {
		if o.kind != ProcessingRules || !isOn(o.properties()) || !a.meets(o, r) || !holdsNow(o.properties()["schedule"], now) {
			continue
		}
		for _, action := range objectsOf(o.properties()["actions"]) {
			switch strings.ToLower(text(action["actionType"])) {
			case "removeallactiongroups":
				return nil // it beats those that add some
			case "addactiongroups":
				ids = append(ids, texts(action["actionGroupIds"])...)
			}
		}
	}
	return ids
}

// meets reports whether an alert is in the scope of a processing rule and meets its
// conditions.
func (a alert) meets(o *object, r record) bool {
	if !r.inScope(o) {
		return false
	}
	for _, c := range objectsOf(o.properties()["conditions"]) {
		have := strings.ToLower(a[strings.ToLower(text(c["field"]))])
		equal := func(want string) bool { return strings.ToLower(want) == have }
		part := func(want string) bool { return strings.Contains(have, strings.ToLower(want)) }
		wants, ok := texts(c["values"]), false
		switch strings.ToLower(text(c["operator"])) {
		case "equals":
			ok = slices.ContainsFunc(wants, equal)
		case "notequals":
			ok = !slices.ContainsFunc(wants, equal)
		case "contains":
			ok = slices.ContainsFunc(wants, part)
		case "doesnotcontain":
			ok = !slices.ContainsFunc(wants, part)
		}
		if !ok {
			return false
		}
	}
	return true
}
