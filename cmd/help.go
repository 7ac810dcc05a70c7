package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the widest line of a help text, in columns.
const helpWidth = 80

// commandGroups are the headings under which the first page lists the commands, in
// order.
var commandGroups = []struct {
	title    string
	commands []string
}{
	{"Start here", []string{"demo", "audit", "explain"}},
	{"Repair", []string{"plan", "apply", "export", "undo", "destroy"}},
	{"Who is alerted", []string{"subscribers", "channels", "drill"}},
	{"Many accounts (audit, plan, apply and snapshot take --org)", []string{"merge"}},
	{"Offline and CI", []string{"snapshot", "diff", "replay", "permissions"}},
	{"Controls and patterns", []string{"controls", "pattern"}},
	{"Other", []string{"completion", "help", "version"}},
}

// flagGroups are the headings of the flags that several commands share, in order. All
// other flags are the command's own and come first.
var flagGroups = []struct {
	title string
	flags []string
}{
	{"Controls", []string{"set", "control", "benchmark", "mapping", "catalog", "config", "transport"}},
	{"What apply creates", []string{
		"subscribe", "complete", "home-region", "topic-arn", "topic-name", "kms-key", "extend-topic-policy", "name-prefix", "tag", "replace",
		"per-region", "events-role-arn", "central-bus", "heartbeat", "satisfy", "satisfy-noise",
	}},
	{"A trail for an account without one", []string{"create-trail", "trail", "bucket", "log-group", "retention", "key", "organization", "no-wait"}},
	{"AWS account", []string{"profile", "region", "role-arn", "external-id", "expect-account", "snapshot"}},
	{"Many accounts", []string{
		"org", "accounts", "profiles", "ou", "exclude", "account-tag", "include-suspended", "account-role", "management-profile", "management-role",
		"session-policy", "trust-org", "thorough", "keep-going", "denied-regions",
		"allow-unreadable", "parallel", "connections", "dir", "resume", "max-age", "shard",
		"write-accounts", "waves", "max-failures", "expect-accounts", "journal-dir",
		"worst", "by",
	}},
	{"Azure", []string{
		"subscription", "tenant", "azure-cloud", "expect-tenant", "resource-group", "create-resource-group", "action-group", "once", "one-rule",
		"register-provider",
	}},
	{"Output", []string{"output", "quiet", "verbose", "brief", "show-waived", "no-color"}},
	{"Connection", []string{"timeout", "endpoint-url", "debug"}},
}

// helpEnd is what the first page says last.
const helpEnd = `Exit codes:
  0 done, 1 could not finish or could not check, 2 wrong usage,
  3 controls failed, 130 interrupted

Environment variables:
  MONITORCTL_<FLAG> sets a flag: MONITORCTL_HOME_REGION is
  --home-region. AWS_* and AZURE_* are read as the clouds' own tools
  read them. NO_COLOR turns colors off.

'monitorctl COMMAND --help' describes a command.
`

// addHelp replaces cobra's help by one with groups, at most helpWidth columns wide.
func addHelp(root *cobra.Command) {
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { writeHelp(c.OutOrStdout(), c) })
	root.SetUsageFunc(func(c *cobra.Command) error { writeUsage(c.OutOrStderr(), c); return nil })
}

// writeHelp writes what a command does, and how it is used.
func writeHelp(w io.Writer, c *cobra.Command) {
	c.InitDefaultHelpFlag()
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if !strings.HasPrefix(paragraph, " ") {
			paragraph = wrapped(paragraph, "\n", 0)
		}
		fmt.Fprintf(w, "%s\n\n", paragraph)
	}
	writeUsage(w, c)
	if !c.HasParent() {
		fmt.Fprintf(w, "\n%s", helpEnd)
	}
}

func writeUsage(w io.Writer, c *cobra.Command) {
	fmt.Fprintln(w, "Usage:")
	if c.Runnable() && c.HasParent() && !isGroup(c) {
		fmt.Fprintf(w, "  %s\n", c.UseLine())
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "  %s COMMAND\n", c.CommandPath())
	}
	if c.HasExample() {
		fmt.Fprint(w, "\nExamples:\n")
		for line := range strings.Lines(c.Example) {
			writeCommandLine(w, strings.TrimRight(line, "\n"))
		}
	}
	if c.HasAvailableSubCommands() {
		writeCommands(w, c)
	}
	writeFlags(w, c)
}

// isGroup reports whether a command only has others below it.
func isGroup(c *cobra.Command) bool {
	flags := 0
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" {
			flags++
		}
	})
	return c.HasAvailableSubCommands() && flags == 0
}

// writeCommandLine writes a line for the shell, broken where it is too wide.
func writeCommandLine(w io.Writer, line string) {
	for len(line) > helpWidth {
		at := strings.LastIndexByte(line[:helpWidth-1], ' ')
		if at < helpWidth/2 { // a long word: what follows it goes to the next line
			if at = strings.IndexByte(line[helpWidth/2:], ' ') + helpWidth/2; at < helpWidth/2 {
				break
			}
		}
		fmt.Fprintf(w, "%s \\\n", line[:at])
		line = "      " + line[at+1:]
	}
	fmt.Fprintln(w, line)
}

// writeCommands lists the commands below one, those of the first page in groups.
func writeCommands(w io.Writer, c *cobra.Command) {
	if c.HasParent() {
		fmt.Fprint(w, "\nCommands:\n")
		for _, sub := range c.Commands() {
			writeColumns(w, sub.Name(), sub.Short, 14)
		}
		return
	}
	for _, g := range commandGroups {
		fmt.Fprintf(w, "\n%s:\n", g.title)
		for _, name := range g.commands {
			if sub, _, err := c.Find([]string{name}); err == nil && sub != c {
				writeColumns(w, sub.Name(), sub.Short, 14)
			}
		}
	}
}

// writeFlags lists the flags of a command in groups, its own first.
func writeFlags(w io.Writer, c *cobra.Command) {
	grouped := map[string]bool{}
	for _, g := range flagGroups {
		for _, name := range g.flags {
			grouped[name] = true
		}
	}
	var own []*pflag.Flag
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && !grouped[f.Name] {
			own = append(own, f)
		}
	})
	writeFlagGroup(w, "Flags", own)
	for _, g := range flagGroups {
		var list []*pflag.Flag
		for _, name := range g.flags {
			if f := c.Flags().Lookup(name); f != nil && !f.Hidden {
				list = append(list, f)
			}
		}
		writeFlagGroup(w, g.title, list)
	}
}

func writeFlagGroup(w io.Writer, title string, list []*pflag.Flag) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	for _, f := range list {
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		value, text := pflag.UnquoteUsage(f)
		if value != "" {
			name += " " + strings.TrimSuffix(value, "Array")
		}
		if !strings.Contains(text, "(default") && !slices.Contains([]string{"", "false", "0", "0s", "[]", "-1"}, f.DefValue) {
			text += " (default " + strings.Trim(f.DefValue, "[]") + ")"
		}
		writeColumns(w, name, text, 26)
	}
}

// writeColumns writes a name and beside it a text, in lines of helpWidth. A name that is
// wider than its column has a line of its own.
func writeColumns(w io.Writer, name, text string, column int) {
	indent := "\n" + strings.Repeat(" ", column+4)
	var b strings.Builder
	b.WriteString("  " + name)
	if len(name) > column {
		b.WriteString(indent)
	} else {
		b.WriteString(strings.Repeat(" ", column-len(name)+2))
	}
	b.WriteString(wrapped(text, indent, column+4))
	fmt.Fprintln(w, b.String())
}

// wrapped breaks a text into lines of helpWidth. The first line begins at a column.
func wrapped(text, newline string, column int) string {
	var b strings.Builder
	at := column
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case at+1+len(word) > helpWidth:
			b.WriteString(newline)
			at = column
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String()
}
