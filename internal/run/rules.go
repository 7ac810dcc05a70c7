package run

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// withRules adds the names of rules, and of the role of forwarders.
func withRules(own *collect.Own, o plan.Options, s Selection) *collect.Own {
	n := desired.Names{Prefix: o.NamePrefix}
	own.Rules, own.Roles, own.PerRegion = plan.RuleNames(s.Controls, n), []string{n.RoleName()}, o.PerRegion
	if o.Region != "" {
		own.Homes = []string{o.Region}
	}
	if bus, ok := desired.CentralHome(o.CentralBus); ok {
		own.Homes, own.Organization = append(own.Homes, bus.Region), true
	}
	if len(o.Scope) == 1 {
		own.Homes = append(own.Homes, o.Scope[0])
	}
	if o.RoleARN != "" {
		own.Roles = []string{o.RoleARN[strings.LastIndexByte(o.RoleARN, '/')+1:]}
	}
	if o.Calls() {
		return withDestinations(own, o)
	}
	return own
}

// withAlarmRules adds the names of rules on the state of alarms, and what they call.
func withAlarmRules(own *collect.Own, o plan.Options, s Selection) *collect.Own {
	n := desired.Names{Prefix: o.NamePrefix}
	for _, c := range catalog.Repairable(s.Controls) {
		own.Rules = append(own.Rules, n.AlarmRuleName(c))
	}
	return withDestinations(own, o)
}

// withDestinations adds the names of API destinations, and of the role by which rules call
// them.
func withDestinations(own *collect.Own, o plan.Options) *collect.Own {
	n := desired.Names{Prefix: o.NamePrefix}
	own.Destinations = n.DestinationPrefix()
	own.Roles = append(own.Roles, n.DestinationRoleName())
	return own
}

// withChats adds chat configurations and the role that they have.
func withChats(own *collect.Own, o plan.Options) *collect.Own {
	own.Chats = true
	own.Roles = append(own.Roles, desired.Names{Prefix: o.NamePrefix}.ChatRoleName())
	return own
}

// byRules reports whether a plan is asked for rules.
func byRules(o plan.Options) bool {
	return o.Transport == audit.RuleTransport || o.Transport == plan.BothTransports
}

// withOthers adds all that may be there of ours, whatever was wished.
func withOthers(own *collect.Own, o plan.Options, s Selection) *collect.Own {
	own = withChats(withDestinations(withRules(own, o, s), o), o)
	own.Topics = append(own.Topics, desired.ChatTopicName)
	return own
}
