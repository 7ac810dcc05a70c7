package cmd

import (
	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// transportFlags say by what events are carried, and where rules are.
type transportFlags struct {
	transport string
	perRegion bool
	eventRole string
	central   string
}

func (f *transportFlags) add(c *cobra.Command) {
	fl := c.Flags()
	f.addTransport(c, "what must carry the events: metric (filter and alarm), eventbridge (rules: within seconds, and they tell who did it), both (default: metric, for what nothing carries yet)")
	fl.BoolVar(&f.perRegion, "per-region", false, "with rules: rules and a topic in every region instead of forwarding all events to one")
	fl.StringVar(&f.eventRole, "events-role-arn", "", "with rules: existing role that sends events to the home region; it is checked first")
	fl.StringVar(&f.central, "central-bus", "", "with rules: ARN of the event bus of an organization's central account: that account gets the rules and admits the members; members send it all events")
}

// addTransport adds --transport alone.
func (f *transportFlags) addTransport(c *cobra.Command, usage string) {
	c.Flags().StringVar(&f.transport, "transport", "", usage)
	complete(c, "transport", plan.Transports)
}

// wish puts the flags into the options of a plan.
func (f *transportFlags) wish(o *plan.Options) {
	o.Transport, o.PerRegion, o.RoleARN, o.CentralBus = f.transport, f.perRegion, f.eventRole, f.central
}
