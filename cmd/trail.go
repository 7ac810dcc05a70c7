package cmd

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// trailFlags ask for a trail where none carries the events.
type trailFlags struct {
	create       bool
	name, bucket string
	logGroup     string
	retention    int32
	key          string
	organization bool
}

func (f *trailFlags) add(c *cobra.Command) {
	f.addNames(c, "create a trail with its bucket, role and log group if no trail carries the events, or add what an existing trail lacks")
	fl := c.Flags()
	fl.Int32Var(&f.retention, "retention", desired.DefaultRetention, "with --create-trail: how many days the log group keeps events")
	fl.StringVar(&f.key, "key", "", "with --create-trail: ARN of the KMS key that encrypts the log group and the log files; it is checked first")
	fl.BoolVar(&f.organization, "organization", false, "with --create-trail: a trail for all accounts of the organization; only in its management account")
}

// addNames adds what names the trail and its parts.
func (f *trailFlags) addNames(c *cobra.Command, usage string) {
	fl := c.Flags()
	fl.BoolVar(&f.create, "create-trail", false, usage)
	fl.StringVar(&f.name, "trail", "", "with --create-trail: name of the trail; an existing one may be connected and started even if someone else created it (default "+desired.DefaultTrailName+")")
	fl.StringVar(&f.bucket, "bucket", "", "with --create-trail: name of the bucket (default from account and region)")
	fl.StringVar(&f.logGroup, "log-group", "", "with --create-trail: name of the log group (default "+desired.DefaultTrailLogs+")")
}

// wish puts the flags, and the names of the configuration, into the options of a plan.
func (f *trailFlags) wish(o *plan.Options, conf *config.File) error {
	if !f.create {
		for _, x := range []struct {
			flag  string
			given bool
		}{{"trail", f.name != ""}, {"bucket", f.bucket != ""}, {"log-group", f.logGroup != ""}, {"key", f.key != ""}, {"organization", f.organization}, {"retention", f.retention != desired.DefaultRetention && f.retention != 0}} {
			if x.given {
				return exit.Hinted(exit.Usage(fmt.Errorf("--%s needs --create-trail", x.flag)), "add --create-trail")
			}
		}
		return nil
	}
	n := conf.Names
	o.Bootstrap = &plan.Bootstrap{
		Home: o.Region, Organization: f.organization,
		Trail: desired.Trail{
			Name: cmp.Or(f.name, n.Trail), Bucket: cmp.Or(f.bucket, n.Bucket), LogGroup: cmp.Or(f.logGroup, n.LogGroup), Role: n.Role,
			Retention: f.retention, KeyARN: f.key,
		},
	}
	if f.retention == 0 {
		return exit.Usage(errors.New("--retention 0: a log group keeps events for at least 1 day"))
	}
	return nil
}
