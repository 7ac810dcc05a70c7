package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/shellword"
)

// notOfApply are the flags of a plan that say nothing about what apply does, or how it
// signs in.
var notOfApply = []string{"snapshot", "save", "exit-code", "dry-run", "output", "quiet", "verbose", "brief", "no-color", "show-waived", "debug", "help"}

// besidePlan are the flags that apply takes beside a saved plan: whose account it is, and
// how it is reached.
var besidePlan = []string{
	"profile", "role-arn", "external-id", "expect-account", "subscription", "tenant", "azure-cloud", "expect-tenant", "config", "catalog", "endpoint-url", "timeout",
}

// nextApply is the command that carries out what a plan shows, for the shell: with the
// arguments and flags of the plan, or with the file to which it was saved. It is "" where
// apply itself is about to ask.
func nextApply(c *cobra.Command) string {
	fl := c.Flags()
	if dry := fl.Lookup("dry-run"); dry != nil && dry.Value.String() == "false" {
		return ""
	}
	words := append([]string{"monitorctl", "apply"}, fl.Args()...)
	saved := ""
	if f := fl.Lookup("save"); f != nil && f.Value.String() != "" {
		saved = f.Value.String()
		words = []string{"monitorctl", "apply", "--plan", saved}
	}
	fl.Visit(func(f *pflag.Flag) {
		if !slices.Contains(notOfApply, f.Name) && (saved == "" || slices.Contains(besidePlan, f.Name)) {
			words = append(words, flagWords(f)...)
		}
	})
	return shellLine(words)
}

// nextPlan is the command that shows what repairs the accounts of an audit, for the shell:
// with the arguments and flags of the audit that a plan has, too. It is "" for an audit of
// what was read before.
func nextPlan(c *cobra.Command) string {
	plan, _, err := c.Root().Find([]string{"plan"})
	if err != nil || c.Flags().Changed("snapshot") {
		return ""
	}
	words := append([]string{"monitorctl", "plan"}, c.Flags().Args()...)
	c.Flags().Visit(func(f *pflag.Flag) {
		if plan.Flags().Lookup(f.Name) != nil && !slices.Contains(notOfApply, f.Name) && f.Name != "dir" && f.Name != "resume" {
			words = append(words, flagWords(f)...)
		}
	})
	return shellLine(words)
}

// shellLine is a command for a shell.
func shellLine(words []string) string {
	for i, w := range words {
		words[i] = shellword.IfNeeded(w)
	}
	return strings.Join(words, " ")
}

// flagWords is how a flag was given.
func flagWords(f *pflag.Flag) []string {
	name := "--" + f.Name
	switch values, many := f.Value.(pflag.SliceValue); {
	case f.Value.Type() == "bool" && f.Value.String() == "true":
		return []string{name}
	case f.Value.Type() == "bool":
		return []string{name + "=" + f.Value.String()}
	case f.Value.Type() == "stringSlice":
		return []string{name, strings.Join(values.GetSlice(), ",")}
	case many:
		var words []string
		for _, v := range values.GetSlice() {
			words = append(words, name, shown(f.Name, v))
		}
		return words
	}
	return []string{name, shown(f.Name, f.Value.String())}
}

// openProtocols are the subscribers whose address is no secret.
var openProtocols = []string{"email", "sqs", "lambda", "slack", "teams", "role"}

// shown is the value of a flag without what may be a secret.
func shown(flag, value string) string {
	protocol, _, _ := strings.Cut(value, ":")
	switch {
	case flag == "external-id":
		return "..."
	case flag == "subscribe" && !slices.Contains(openProtocols, protocol):
		return protocol + ":..."
	}
	return value
}
