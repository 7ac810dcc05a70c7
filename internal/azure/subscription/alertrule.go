package subscription

import (
	"encoding/json"

	"github.com/monitorctl/monitorctl/internal/azure/armjson"
)

// An AlertRule is an activity log alert (Microsoft.Insights/activityLogAlerts).
type AlertRule struct {
	Common
	Description string
	Enabled     bool            // true where the answer does not say
	Scopes      []string        // resource ids, as written
	TenantScope string          // of api 2023-01-01-preview; "" in nearly all
	Condition   json.RawMessage // package condition reads it; nil when there is none
	Groups      []string        // ids of action groups, as written
}

// ReadAlertRule decodes an answer. It never fails: what it does not understand are
// the rule's problems. The condition is not looked at.
func ReadAlertRule(raw json.RawMessage) AlertRule {
	var p armjson.Problems
	common, o := readCommon(raw, &p)
	r := AlertRule{
		Common: common, Description: o.Text("description"), Enabled: o.Flag("enabled", true),
		Scopes: o.Texts("scopes"), TenantScope: o.Text("tenantScope"), Condition: o.Raw("condition"),
	}
	if actions := o.Object("actions"); actions != nil {
		for _, g := range actions.Objects("actionGroups") {
			if id := g.Text("actionGroupId"); id != "" {
				r.Groups = append(r.Groups, id)
			}
			g.End("webhookProperties", "actionProperties")
		}
		actions.End()
	}
	o.End("provisioningState")
	r.Problems = p.List()
	return r
}
