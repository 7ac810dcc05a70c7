package run

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// withRules adds the names of rules, and of the role of forwarders.
func withRules(own *collect.Own, o plan.Options, s Selection) *collect.Own {
	n := desired.Names{Prefix: o.NamePrefix}
	own.Rules, own.Role, own.PerRegion = plan.RuleNames(s.Controls, n), n.RoleName(), o.PerRegion
	if o.Region != "" {
		own.Homes = []string{o.Region}
	}
	if len(o.Scope) == 1 {
		own.Homes = append(own.Homes, o.Scope[0])
	}
	if o.RoleARN != "" {
		own.Role = o.RoleARN[strings.LastIndexByte(o.RoleARN, '/')+1:]
	}
	return own
}

// byRules reports whether a plan is asked for rules.
func byRules(o plan.Options) bool {
	return o.Transport == audit.RuleTransport || o.Transport == plan.BothTransports
}
