package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// transportFlags say by what events are carried, and where rules stand.
type transportFlags struct {
	transport string
	perRegion bool
	eventRole string
}

func (f *transportFlags) add(c *cobra.Command) {
	fl := c.Flags()
	f.addTransport(c, "what must carry the events: metric (filter and alarm), eventbridge (rules, within seconds and with who did it), both (default: what any carries needs nothing, else metric)")
	fl.BoolVar(&f.perRegion, "per-region", false, "with rules: rules and a topic in every region instead of forwarding all events to one")
	fl.StringVar(&f.eventRole, "events-role-arn", "", "with rules: existing role by which events are sent to the home region, checked before it is used")
}

// addTransport adds --transport alone.
func (f *transportFlags) addTransport(c *cobra.Command, usage string) {
	c.Flags().StringVar(&f.transport, "transport", "", usage)
	complete(c, "transport", plan.Transports)
}

// wish puts the flags into the options of a plan.
func (f *transportFlags) wish(o *plan.Options) {
	o.Transport, o.PerRegion, o.RoleARN = f.transport, f.perRegion, f.eventRole
}

// ownRules adds to the names that collect must know those of rules of ours.
func ownRules(own *collect.Own, controls []catalog.Control, o plan.Options) {
	n := desired.Names{Prefix: o.NamePrefix}
	own.Rules, own.Role, own.PerRegion = plan.RuleNames(controls, n), n.RoleName(), o.PerRegion
	if o.Region != "" {
		own.Homes = []string{o.Region}
	}
	if len(o.Scope) == 1 {
		own.Homes = append(own.Homes, o.Scope[0])
	}
	if o.RoleARN != "" {
		own.Role = o.RoleARN[strings.LastIndexByte(o.RoleARN, '/')+1:]
	}
}
