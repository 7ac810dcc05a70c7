package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/bucket"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
)

// permissionsReplayFlags are those of permissions replay.
type permissionsReplayFlags struct {
	judgeFlags
	patternsOnly bool
}

// newPermissionsReplay builds "monitorctl permissions replay".
func newPermissionsReplay(e *env) *cobra.Command {
	var f permissionsReplayFlags
	c := &cobra.Command{
		Use:   "replay s3://BUCKET/PREFIX...",
		Short: "Print the least IAM policy for replay",
		Long: `replay prints the policy that replay needs to read log files from S3: to list the
bucket below the prefix, to read what is there, and to decrypt it where it is encrypted
with a key of yours. Without --patterns-only it also has what an audit needs, for the
chain of the account. Nothing is called.

The bucket's own policy, and that of the key, must allow it too where they belong to
another account.`,
		Example: `  monitorctl permissions replay s3://acme-trail
  monitorctl permissions replay s3://acme-trail/AWSLogs --patterns-only --region eu-central-1`,
		PreRunE: e.configured(&f.controlFlags, &f.source),
		RunE: func(c *cobra.Command, args []string) error {
			return e.permissionsReplay(c.Context(), &f, args)
		},
	}
	f.judgeFlags.add(c, policyFormats)
	c.Flags().StringSliceVar(&f.regions, "region", nil, "regions that the command is given, repeatable or comma-separated")
	completeRegions(c, "region")
	c.Flags().BoolVar(&f.patternsOnly, "patterns-only", false, "for replay --patterns-only: the log files alone")
	return c
}

// permissionsReplay prints the policy for replay.
func (e *env) permissionsReplay(ctx context.Context, f *permissionsReplayFlags, locations []string) error {
	if len(locations) == 0 {
		return hinted(usage(errors.New("permissions replay takes the bucket that is read")), "name it as s3://BUCKET/PREFIX; files and directories need no permission")
	}
	sinks, err := f.sinks(policyFormats)
	if err != nil {
		return err
	}
	if len(f.files) > 0 {
		return usage(errors.New("permissions replay reads no snapshot"))
	}
	var places []permissions.Place
	for _, location := range locations {
		name, prefix, err := bucket.Split(location)
		if err != nil {
			return usage(err)
		}
		places = append(places, permissions.Place{Bucket: name, Prefix: prefix})
	}
	p, s := permissions.EmptyPolicy(), scopeIn(f.expectAccount, f.regions)
	if !f.patternsOnly {
		r := permissions.Request{Command: permissions.Audit, Regions: len(f.regions) > 0}
		if r.Controls, _, err = f.selection(nil); err != nil {
			return err
		}
		p = permissions.For(r, s)
	}
	p.ForReplay(places, s)
	for _, sink := range sinks {
		if err := e.write(ctx, sink, func(w io.Writer) error { return permissions.Write(w, p) }); err != nil {
			return fmt.Errorf("writing the policy: %w", err)
		}
	}
	return nil
}
