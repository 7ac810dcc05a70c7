package peers

import (
	"encoding/json"
	"slices"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A peer is another auditor.
type peer struct {
	name string // with the check where that is the only one: "Azure Policy b954148f"

	// asks reports whether the peer has a check for an operation.
	asks func(catalog.Operation) bool

	// passes reports whether it is content with the rules of a subscription.
	passes func(s subscription, o catalog.Operation) bool
}

// all are the peers, in the order of reports.
var all = []peer{prowler, powerpipe, cloudsploit, policy, cloudbeat}

// A subscription is one as the peers see it.
type subscription struct {
	id    string // as Azure writes it
	rules []rule
}

// A rule is an alert rule as the peers read it: loosely.
type rule struct {
	Location   string `json:"location"`
	Properties struct {
		Enabled   *bool    `json:"enabled"`
		Scopes    []string `json:"scopes"`
		Condition struct {
			AllOf []leaf `json:"allOf"`
		} `json:"condition"`
		Actions *struct{} `json:"actions"`
	} `json:"properties"`
}

// A leaf is an entry of allOf: for a list anyOf both are nil.
type leaf struct {
	Field  *string `json:"field"`
	Equals *string `json:"equals"`
}

// Opinions returns what each peer that has a check for some of the operations says of a
// subscription's alert rules, which are raw answers. A rule that is no object of the
// usual form is left out, as the peers do or stumble.
func Opinions(subscriptionID string, rules []json.RawMessage, operations []catalog.Operation) []finding.Opinion {
	s := subscription{id: subscriptionID}
	for _, raw := range rules {
		var r rule
		if json.Unmarshal(raw, &r) == nil {
			s.rules = append(s.rules, r)
		}
	}
	var out []finding.Opinion
	for _, p := range all {
		o := finding.Opinion{Peer: p.name}
		for _, operation := range operations {
			switch {
			case !p.asks(operation):
			case p.passes(s, operation):
				o.Passes = append(o.Passes, operation.Label())
			default:
				o.Fails = append(o.Fails, operation.Label())
			}
		}
		if len(o.Passes)+len(o.Fails) > 0 {
			out = append(out, o)
		}
	}
	return out
}

// on reports whether a rule says that it is enabled.
func (r rule) on() bool { return r.Properties.Enabled != nil && *r.Properties.Enabled }

// has reports whether some leaf compares a field with just that value.
func (r rule) has(field, value string) bool {
	return slices.ContainsFunc(r.Properties.Condition.AllOf, func(l leaf) bool { return is(l.Field, field) && is(l.Equals, value) })
}

func is(have *string, want string) bool { return have != nil && *have == want }

// some reports whether a rule of the subscription is as the peer wants it.
func (s subscription) some(good func(rule) bool) bool { return slices.ContainsFunc(s.rules, good) }

// among returns what reports whether an operation is one of a list.
func among(names ...string) func(catalog.Operation) bool {
	return func(o catalog.Operation) bool { return o.Incident == "" && slices.Contains(names, o.Name) }
}

// The operations that peers ask for.
const (
	groupWrite     = "Microsoft.Network/networkSecurityGroups/write"
	groupDelete    = "Microsoft.Network/networkSecurityGroups/delete"
	ruleWrite      = "Microsoft.Network/networkSecurityGroups/securityRules/write"
	ruleDelete     = "Microsoft.Network/networkSecurityGroups/securityRules/delete"
	policyWrite    = "Microsoft.Authorization/policyAssignments/write"
	policyDelete   = "Microsoft.Authorization/policyAssignments/delete"
	solutionWrite  = "Microsoft.Security/securitySolutions/write"
	solutionDelete = "Microsoft.Security/securitySolutions/delete"
	firewallWrite  = "Microsoft.Sql/servers/firewallRules/write"
	firewallDelete = "Microsoft.Sql/servers/firewallRules/delete"
	addressWrite   = "Microsoft.Network/publicIPAddresses/write"
	addressDelete  = "Microsoft.Network/publicIPAddresses/delete"
)
