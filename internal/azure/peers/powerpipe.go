package peers

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Powerpipe's module of Azure compliance (turbot/steampipe-mod-azure-compliance, read in
// 2026-11) wants an enabled rule in the location "global", with the subscription as a
// scope, and either category and operationName or category and resourceType as its only
// two leaves. Everything is compared letter by letter: the type in lower case, and the
// operations of rules in a spelling of their own. Policy assignments have no way by
// type. Security solutions want the category Security, which no record has.
var powerpipe = peer{
	name: "Powerpipe",
	asks: among(groupWrite, groupDelete, ruleWrite, ruleDelete, policyWrite, policyDelete, solutionWrite, solutionDelete, firewallWrite, firewallDelete, addressWrite, addressDelete),
	passes: func(s subscription, o catalog.Operation) bool {
		operation, category := o.Name, "Administrative"
		switch o.Name {
		case ruleWrite, ruleDelete:
			verb := o.Name[strings.LastIndexByte(o.Name, '/'):]
			operation = "Microsoft.Network/networksecuritygroups/securityrules" + verb
		case solutionWrite, solutionDelete:
			category = "Security"
		}
		kind := strings.ToLower(o.Name[:strings.LastIndexByte(o.Name, '/')])
		return s.some(func(r rule) bool {
			if r.Location != "global" || !r.on() || !slices.Contains(r.Properties.Scopes, "/subscriptions/"+s.id) || !r.has("category", category) {
				return false
			}
			byType := o.Name != policyWrite && o.Name != policyDelete && len(r.Properties.Condition.AllOf) == 2 && r.has("resourceType", kind)
			return r.has("operationName", operation) || byType
		})
	},
}
