package cmd

import (
	"fmt"
	"io"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
)

// orgFormats are the forms of the role in each account, and the policy of who assumes it.
var orgFormats = []string{"cloudformation", "terraform", "management"}

var roleName = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,64}$`)

// newPermissionsOrg builds "monitorctl permissions org".
func newPermissionsOrg(e *env) *cobra.Command {
	var f scopeFlags
	var out outputFlags
	role := "monitorctl-audit"
	c := &cobra.Command{
		Use:   "org [CONTROL...]",
		Short: "Print the role that an audit of an organization assumes in each account",
		Long: `org prints the role that 'monitorctl audit --org --account-role NAME' assumes in each
account: as a CloudFormation template for a stack set, or as a Terraform module in JSON.
One account of the organization may assume it, with an external id if you set one, and
it can read what an audit reads.

-o management prints the policy for whoever runs the audit: it allows listing the
accounts and assuming the role. A stack set does not reach the management account, which needs no role: it is
read with its own credentials.`,
		Example: `  monitorctl permissions org > role.json
  monitorctl permissions org --role-name audit -o terraform > role.tf.json
  monitorctl permissions org --role-name audit -o management`,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := out.sinks(orgFormats)
			if err != nil {
				return err
			}
			if !roleName.MatchString(role) {
				return exit.Usage(fmt.Errorf("--role-name %q is not the name of a role", role))
			}
			q, err := f.request(e, c, args, &out)
			if err != nil {
				return err
			}
			controls := q.Selection.Controls
			return e.each(c.Context(), &out, sinks, report.Options{}, func(w io.Writer, format string, _ report.Options) error {
				switch format {
				case "terraform":
					return report.EncodeJSON(w, permissions.Terraform(controls, role))
				case "management":
					return permissions.Write(w, permissions.ManagementPolicy(controls, role))
				}
				return report.EncodeJSON(w, permissions.Template(controls, role))
			})
		},
	}
	f.addControls(c)
	f.addConfig(c)
	out.add(c, orgFormats)
	c.Flags().StringVar(&role, "role-name", role, "name of the role")
	return c
}
