package peers

import "github.com/monitorctl/monitorctl/internal/catalog"

// Prowler 5.46.0 has a check for each operation of CIS since 1.5, and one for Service
// Health. It wants an enabled rule with a leaf operationName that equals the operation,
// letter by letter, whatever else the rule demands, sees or tells; of Service Health one
// with the two leaves of CIS's remediation. For deleting a group its classic twin does
// as well.
var prowler = peer{
	name: "Prowler",
	asks: func(o catalog.Operation) bool {
		return o.Incident == incident || among(groupWrite, groupDelete, policyWrite, policyDelete, solutionWrite, solutionDelete, firewallWrite, firewallDelete, addressWrite, addressDelete)(o)
	},
	passes: func(s subscription, o catalog.Operation) bool {
		return s.some(func(r rule) bool {
			switch {
			case !r.on():
				return false
			case o.Incident != "":
				return r.has("category", "ServiceHealth") && r.has("properties.incidentType", o.Incident)
			case o.Name == groupDelete && r.has("operationName", "Microsoft.ClassicNetwork/networkSecurityGroups/delete"):
				return true
			}
			return r.has("operationName", o.Name)
		})
	},
}

// incident is the type of incident that CIS's remediation names.
const incident = "Incident"
