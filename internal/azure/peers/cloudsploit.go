package peers

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// CloudSploit (aquasecurity/cloudsploit, read in 2026-11) has a plugin for each type, over
// writes and deletes together. It looks for the type's name in any value of a rule,
// without case and whatever the field, and counts a rule on the type alone as both, but
// only where no rule is on an operation. A rule on the type that has a leaf without
// equals, such as anyOf or containsAny, ends the plugin with an error: nothing passes.
var cloudsploit = peer{
	name: "CloudSploit",
	asks: among(groupWrite, groupDelete, ruleWrite, ruleDelete, policyWrite, policyDelete, solutionWrite, solutionDelete, addressWrite, addressDelete),
	passes: func(s subscription, o catalog.Operation) bool {
		at := strings.LastIndexByte(o.Name, '/')
		byType, writes, deletes, ok := s.watched(strings.ToLower(o.Name[:at]))
		if byType && !writes && !deletes {
			writes, deletes = true, true
		}
		return ok && (o.Name[at:] == "/write" && writes || o.Name[at:] == "/delete" && deletes)
	},
}

// watched is what CloudSploit finds for a type, which is in lower case: an enabled rule
// on the type, on its writes, on its deletes; not ok when it stumbles.
func (s subscription) watched(kind string) (byType, writes, deletes, ok bool) {
	contains := func(l leaf, part string) bool {
		return l.Equals != nil && strings.Contains(strings.ToLower(*l.Equals), part)
	}
	for _, r := range s.rules {
		about, stumbles := false, false
		for _, l := range r.Properties.Condition.AllOf {
			about = about || contains(l, kind)
			stumbles = stumbles || l.Equals == nil
		}
		if !about {
			continue
		}
		if stumbles {
			return false, false, false, false
		}
		for _, l := range r.Properties.Condition.AllOf {
			switch {
			case is(l.Field, "resourceType") && strings.ToLower(*l.Equals) == kind:
				byType = byType || r.on()
			case contains(l, kind+"/write"):
				writes = writes || r.on()
			case contains(l, kind+"/delete"):
				deletes = deletes || r.on()
			}
		}
	}
	return byType, writes, deletes, true
}
