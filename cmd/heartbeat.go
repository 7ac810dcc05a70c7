package cmd

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/config"
)

// heartbeatFlags ask for the alarm on silence.
type heartbeatFlags struct {
	on    bool
	given func() bool // whether the command line or a variable says so
}

func (f *heartbeatFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.on, "heartbeat", false, "also create an alarm for when CloudTrail delivers nothing for 6 hours (always with --create-trail; heartbeat: in the configuration sets the hours)")
	f.given = func() bool { return c.Flags().Changed("heartbeat") }
}

// wish adds the heartbeat to the wishes, to which a trail's were added before: the flag decides, else
// the configuration does by naming it, and a trail that is to be created comes with one where
// alarms are asked for.
func (f *heartbeatFlags) wish(o *plan.Options, conf *config.File) {
	beat := conf.Heartbeat
	withTrail := o.Bootstrap != nil && o.Transport != audit.RuleTransport
	refused := f.given != nil && f.given() // what permissions prints has no such flag
	if !f.on && (refused || beat == nil && !withTrail) {
		return
	}
	o.HeartbeatHours = desired.DefaultHeartbeatHours
	if beat == nil {
		return
	}
	o.HeartbeatHours = cmp.Or(beat.Hours, o.HeartbeatHours)
	if beat.TopicARN+beat.TopicName != "" {
		o.Routes = append(o.Routes, plan.Route{Controls: []string{catalog.TrailDeliverySilence}, TopicARN: beat.TopicARN, TopicName: beat.TopicName, Subscribers: o.Subscribers})
	}
}
