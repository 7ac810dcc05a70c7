package cmd

import (
	"slices"

	"github.com/spf13/cobra"
)

// accountNames are the flags of AWS that name whose account is read: beside
// --subscription they make one run over both clouds.
var accountNames = []string{"profile", "role-arn", "region"}

// judgesBoth are the commands that take both clouds in one run.
var judgesBoth = []string{"audit", "explain", "snapshot"}

// given reports whether a flag was set, on the command line or by its variable.
func given(c *cobra.Command, name string) bool {
	flag := c.Flags().Lookup(name)
	return flag != nil && flag.Changed
}

// namesAWS reports whether a command takes both clouds, and a flag names AWS.
func namesAWS(c *cobra.Command) bool {
	return slices.Contains(judgesBoth, c.Name()) && slices.ContainsFunc(accountNames, func(name string) bool { return given(c, name) })
}

// bothHint says how a run is about both clouds.
func bothHint(c *cobra.Command) string {
	if slices.Contains(judgesBoth, c.Name()) {
		return "--profile, --role-arn or --region together with --subscription checks both clouds"
	}
	return "run monitorctl once for each cloud"
}

// A benchmarkValue is the flag --benchmark: versions with a comma between two. The first
// one takes the place of the default.
type benchmarkValue struct {
	list  *string
	given bool
}

// Set implements pflag.Value.
func (v *benchmarkValue) Set(text string) error {
	if v.given {
		text = *v.list + "," + text
	}
	*v.list, v.given = text, true
	return nil
}

// String implements pflag.Value.
func (v *benchmarkValue) String() string {
	if v.list == nil {
		return ""
	}
	return *v.list
}

// Type implements pflag.Value.
func (v *benchmarkValue) Type() string { return "string" }
