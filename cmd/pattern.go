package cmd

import (
	"github.com/spf13/cobra"
)

// newPattern builds "monitorctl pattern" and its verbs.
func newPattern(e *env) *cobra.Command {
	c := &cobra.Command{
		Use:   "pattern",
		Short: "Understand filter patterns and event patterns",
		Long: `pattern explains, tests and checks filter patterns of CloudWatch Logs and event
patterns of EventBridge without an account: by the language as AWS runs it, not by
comparing text. The form of a pattern shows its language; --language sets it.`,
		Example: `  monitorctl pattern explain '{ $.eventName = DeleteTrail }'
  monitorctl pattern cover '{ $.eventName = "*SecurityGroup*" }' --control security-group-changes`,
		Args: noCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newPatternExplain(e), newPatternTest(e), newPatternCover(e), newPatternLint(e))
	return c
}
