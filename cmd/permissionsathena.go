package cmd

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/bucket"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
)

// newPermissionsAthena builds "monitorctl permissions replay-athena".
func newPermissionsAthena(e *env) *cobra.Command {
	var out outputFlags
	var workgroup, database, output, region, id string
	c := &cobra.Command{
		Use:   "replay-athena s3://BUCKET/PREFIX",
		Short: "Print the least-privilege IAM policy for replay on Athena",
		Long: `replay-athena prints the policy that replay --engine athena needs: to ask Athena, to
create and read the table, to list and read the log files, and to write and read the
results. The chain comes from the account, with the permissions of an audit, or from
--snapshot, or is not needed with --patterns-only. It makes no calls.`,
		Example: "  monitorctl permissions replay-athena s3://acme-trail/AWSLogs --database logs --output-location s3://acme-athena/results",
		Args:    cobra.ArbitraryArgs,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := out.sinks(policyFormats)
			if err != nil {
				return err
			}
			if len(args) != 1 || database == "" || output == "" {
				return exit.Usage(errors.New("permissions replay-athena takes s3://BUCKET/PREFIX of the log files, --database and --output-location"))
			}
			w := permissions.AthenaWishes{Workgroup: workgroup, Database: database, Region: region}
			if w.TrailBucket, w.Trail, err = placeIn(args[0]); err != nil {
				return err
			}
			if w.OutputBucket, w.Out, err = placeIn(output); err != nil {
				return err
			}
			s := permissions.Scope{Partition: "aws", Account: id}
			if region != "" {
				s.Partition = account.PartitionOf(region)
			}
			policy := permissions.ForAthena(w, s)
			return e.each(c.Context(), &out, sinks, report.Options{}, func(w io.Writer, _ string, _ report.Options) error {
				return permissions.Write(w, policy)
			})
		},
	}
	out.add(c, policyFormats)
	fl := c.Flags()
	fl.StringVar(&workgroup, "workgroup", "primary", "the Athena workgroup")
	fl.StringVar(&database, "database", "", "the Athena database that holds the table")
	fl.StringVar(&output, "output-location", "", "s3://BUCKET/PREFIX of Athena's results")
	fl.StringVarP(&region, "region", "r", "", "region of Athena (default any)")
	fl.StringVar(&id, "expect-account", "", "account of Athena (default any)")
	return c
}

// placeIn takes s3://BUCKET/PREFIX apart.
func placeIn(place string) (name, prefix string, err error) {
	rest, ok := strings.CutPrefix(place, bucket.Scheme)
	name, prefix, _ = strings.Cut(rest, "/")
	if !ok || name == "" {
		return "", "", exit.Usage(fmt.Errorf("%q is not of the form s3://BUCKET/PREFIX", place))
	}
	return name, prefix, nil
}
