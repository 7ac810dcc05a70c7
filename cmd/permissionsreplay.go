package cmd

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/bucket"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newPermissionsReplay builds "monitorctl permissions replay".
func newPermissionsReplay(e *env) *cobra.Command {
	var f scopeFlags
	var out outputFlags
	var alone bool
	c := &cobra.Command{
		Use:   "replay s3://BUCKET/PREFIX...",
		Short: "Print the least-privilege IAM policy for replay",
		Long: `replay prints the policy that replay needs to read log files from S3: to list the
bucket below the prefix, to read the files, and to decrypt it if it is encrypted
with your own key. Without --patterns-only it also has what an audit needs, for the
chain of the account. It makes no calls.

The bucket's own policy, and that of the key, must allow it too if they belong to
another account.`,
		Example: `  monitorctl permissions replay s3://acme-trail
  monitorctl permissions replay s3://acme-trail/AWSLogs --patterns-only --region eu-central-1`,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, args []string) error {
			places, err := placesOf(args)
			if err != nil {
				return err
			}
			sinks, err := out.sinks(policyFormats)
			if err != nil {
				return err
			}
			q, err := f.request(e, c, nil, &out)
			if err != nil {
				return err
			}
			return e.each(c.Context(), &out, sinks, report.Options{}, func(w io.Writer, _ string, _ report.Options) error {
				return permissions.Write(w, run.LogPermissions(&q, places, alone))
			})
		},
	}
	f.addAccount(c)
	f.addControls(c)
	f.addConfig(c)
	out.add(c, policyFormats)
	f.addRegions(c, "regions that the command will be given, repeatable or comma-separated")
	c.Flags().BoolVar(&alone, "patterns-only", false, "for replay --patterns-only: the log files alone")
	return c
}

// placesOf reads the buckets of a command line.
func placesOf(locations []string) ([]permissions.Place, error) {
	if len(locations) == 0 {
		return nil, exit.Hinted(exit.Usage(errors.New("permissions replay needs the bucket to read")), "name it as s3://BUCKET/PREFIX; files and directories need no permission")
	}
	var places []permissions.Place
	for _, location := range locations {
		name, prefix, err := bucket.Split(location)
		if err != nil {
			return nil, exit.Usage(err)
		}
		places = append(places, permissions.Place{Bucket: name, Prefix: prefix})
	}
	return places, nil
}
