package cmd

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// newSnapshot builds "monitorctl snapshot".
func newSnapshot(e *env) *cobra.Command {
	f := scopeFlags{set: catalog.SetAll}
	var out outputFlags
	var names nameFlags
	var file string
	var many fleetFlags
	c := &cobra.Command{
		Use:   "snapshot --file FILE | --org --dir DIR",
		Short: "Save what an audit and a plan read",
		Long: `snapshot reads an account as audit and plan do and saves it as JSON, so that it can
be checked without credentials. The file holds no secret: subscribers are kept as
protocol, masked text and a salted hash. It is written with mode 0600. With
--subscription it holds subscriptions of Azure; with --profile, --role-arn or --region
as well, one file holds both clouds.

For many accounts (--org and similar flags) it writes a folder and takes the flags
of audit, which checks the folder with --snapshot DIR. Of members that the organization's
trail covers it reads only what audit needs; --thorough reads all of each.`,
		Example: `  monitorctl snapshot --file account.json
  monitorctl snapshot --file - --region eu-central-1 | monitorctl audit --snapshot -
  monitorctl snapshot --subscription all --profile audit --file both.json
  monitorctl snapshot --org --account-role audit --dir fleet`,
		Args:    noArgs,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, _ []string) error {
			fleet, err := many.given(c, nil)
			switch {
			case err != nil:
				return err
			case fleet:
				if err := many.checkSnapshot(file); err != nil {
					return err
				}
			case file == "":
				return exit.Hinted(exit.Usage(errors.New("snapshot needs --file")), "--file - writes to standard output")
			}
			q, err := f.request(e, c, nil, &out)
			if err != nil {
				return err
			}
			o, err := names.options(&q.Scope.Config.File)
			if err != nil {
				return err
			}
			if fleet {
				return many.snapshot(e, c, q, o)
			}
			return e.run.Snapshot(c.Context(), q, o, file)
		},
	}
	f.addAccount(c)
	f.addSubscription(c)
	f.addCatalog(c)
	f.addConfig(c)
	names.add(c)
	many.add(c)
	fl := c.Flags()
	fl.StringVar(&file, "file", "", "file to write; - is standard output")
	f.addRegions(c, "regions to read, repeatable or comma-separated (default all enabled ones)")
	fl.BoolVar(&out.verbose, "verbose", false, "show the calls made on stderr")
	fl.BoolVarP(&out.quiet, "quiet", "q", false, "no progress")
	return c
}
