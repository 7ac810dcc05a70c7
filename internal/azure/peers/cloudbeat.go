package peers

import "github.com/monitorctl/monitorctl/internal/catalog"

// cloudbeat (elastic/cloudbeat, rules cis_azure 5.2.1 to 5.2.10, read in 2026-11) wants an
// enabled rule with actions, of whatever kind, exactly one leaf with the category and
// one with the operation, letter by letter. Security solutions want the category
// Security, which no record has.
var cloudbeat = peer{
	name: "cloudbeat",
	asks: among(groupWrite, groupDelete, policyWrite, policyDelete, solutionWrite, solutionDelete, firewallWrite, firewallDelete, addressWrite, addressDelete),
	passes: func(s subscription, o catalog.Operation) bool {
		category := "Administrative"
		if o.Name == solutionWrite || o.Name == solutionDelete {
			category = "Security"
		}
		return s.some(func(r rule) bool {
			categories := 0
			for _, l := range r.Properties.Condition.AllOf {
				if is(l.Field, "category") && is(l.Equals, category) {
					categories++
				}
			}
			return r.on() && r.Properties.Actions != nil && categories == 1 && r.has("operationName", o.Name)
		})
	},
}
