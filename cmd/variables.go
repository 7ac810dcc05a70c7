package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// otherVariables are those that stand for no flag.
var otherVariables = []string{collect.ProtocolVariable}

// testVariable reports whether a variable is one that the project's own tests look
// at.
func testVariable(name string) bool {
	return strings.HasPrefix(name, envPrefix+"TEST_") || strings.HasPrefix(name, envPrefix+"REQUIRE_")
}

// variables lists the environment variables that some command reads, sorted.
func variables(root *cobra.Command) []string {
	names := slices.Clone(otherVariables)
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "yes" && f.Name != "version" {
				names = append(names, envName(f.Name))
			}
		})
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
	slices.Sort(names)
	return slices.Compact(names)
}

// unknownVariables refuses a MONITORCTL_* variable that no command reads: one that
// was mistyped would be ignored in silence, and the run would not be the one that
// was meant.
func (e *env) unknownVariables(root *cobra.Command) error {
	known := variables(root)
	for _, name := range slices.Sorted(maps.Keys(e.Vars)) {
		if !strings.HasPrefix(name, envPrefix) || testVariable(name) || slices.Contains(known, name) || e.Vars[name] == "" {
			continue
		}
		if name == envName("yes") {
			return exit.Hinted(exit.Usage(fmt.Errorf("the environment variable %s has no effect", name)), "to apply without confirmation, give --yes on the command line")
		}
		err := exit.Usage(fmt.Errorf("unknown environment variable %s", name))
		if near := nearVariable(name, known); near != "" {
			return exit.Hinted(err, "did you mean "+near+"?")
		}
		return exit.Hinted(err, "MONITORCTL_<FLAG> sets a flag: MONITORCTL_REGION is --region")
	}
	return nil
}

// nearVariable returns the variable that was probably meant, "" for none. The
// prefix that all of them have makes none of them alike.
func nearVariable(name string, known []string) string {
	short := make([]string, len(known))
	for i, k := range known {
		short[i] = strings.TrimPrefix(k, envPrefix)
	}
	if near := spelling.Nearest(strings.TrimPrefix(name, envPrefix), short); near != "" {
		return envPrefix + near
	}
	return ""
}
