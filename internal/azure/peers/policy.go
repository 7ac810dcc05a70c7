package peers

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// The built-in policies "An activity log alert should exist for specific ... operations"
// of Azure Policy (b954148f 1.0.0 for Administrative, c5447c04 3.0.0 for Policy, 3b980d31
// 1.1.0 for Security) want an enabled rule in which exactly two leaves are the category
// Administrative or the operation. Azure Policy compares without case.
var policy = peer{
	name: "Azure Policy",
	asks: among(groupWrite, groupDelete, ruleWrite, ruleDelete, policyWrite, policyDelete, solutionWrite, solutionDelete, firewallWrite, firewallDelete),
	passes: func(s subscription, o catalog.Operation) bool {
		return s.some(func(r rule) bool {
			counted, categories, operations := 0, 0, 0
			for _, l := range r.Properties.Condition.AllOf {
				category, operation := same(l.Field, "category"), same(l.Field, "operationName")
				if category {
					categories++
				}
				if operation {
					operations++
				}
				if category && same(l.Equals, "Administrative") || operation && same(l.Equals, o.Name) {
					counted++
				}
			}
			n := len(r.Properties.Condition.AllOf)
			return r.on() && counted == 2 && categories < n && operations < n
		})
	},
}

func same(have *string, want string) bool { return have != nil && strings.EqualFold(*have, want) }
