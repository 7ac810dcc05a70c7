package cmd

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// everyCommand calls visit with each command, the root first.
func everyCommand(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		everyCommand(sub, visit)
	}
}

// TestHelpFitsTheScreen: no line of a help text is wider than a terminal, and all of a
// command's flags are in it.
func TestHelpFitsTheScreen(t *testing.T) {
	everyCommand(documented(), func(c *cobra.Command) {
		var b strings.Builder
		writeHelp(&b, c)
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > helpWidth && !isOneWord(line) && !strings.Contains(c.CommandPath(), "completion") {
				t.Errorf("%s --help has a line of %d columns: %s", c.CommandPath(), n, line)
			}
		}
		for _, f := range strings.Fields(c.Flags().FlagUsages()) {
			if strings.HasPrefix(f, "--") && !strings.Contains(b.String(), f) {
				t.Errorf("%s --help does not list %s", c.CommandPath(), f)
			}
		}
	})
}

// isOneWord reports whether a line is too wide because of one word.
func isOneWord(line string) bool {
	return slices.ContainsFunc(strings.Fields(line), func(w string) bool { return len(w) > helpWidth/2 })
}

// TestHelpGroups: every command is in one group of the first page, and the groups of
// flags name flags that exist.
func TestHelpGroups(t *testing.T) {
	root := documented()
	root.InitDefaultHelpCmd()
	groups := map[string]int{}
	for _, g := range commandGroups {
		for _, name := range g.commands {
			groups[name]++
		}
	}
	for _, c := range root.Commands() {
		if groups[c.Name()] != 1 {
			t.Errorf("%s is in %d groups of the help", c.Name(), groups[c.Name()])
		}
		delete(groups, c.Name())
	}
	for name := range groups {
		t.Errorf("a group of the help lists %s, which is no command", name)
	}
	flags := map[string]bool{}
	everyCommand(root, func(c *cobra.Command) {
		for _, f := range strings.Fields(c.Flags().FlagUsages()) {
			flags[strings.TrimPrefix(f, "--")] = true
		}
	})
	seen := map[string]bool{}
	for _, g := range flagGroups {
		for _, name := range g.flags {
			if !flags[name] || seen[name] {
				t.Errorf("%s has --%s, which no command has or another group, too", g.title, name)
			}
			seen[name] = true
		}
	}
}

// TestWordsOfOtherTools: what is proposed in place of a word of another tool exists, and
// the word itself means nothing here.
func TestWordsOfOtherTools(t *testing.T) {
	root := documented()
	for word, instead := range otherCommands {
		args, _, _ := strings.Cut(instead, " -")
		fields := strings.Fields(args)
		c, rest, err := root.Find(fields)
		if err != nil || c == root || len(rest) > 0 && c.HasSubCommands() {
			t.Errorf("%s: there is no command %q", word, instead)
		}
		if have, _, err := root.Find([]string{word}); err == nil && have != root {
			t.Errorf("%s is a command of its own", word)
		}
	}
	all := map[string]bool{}
	everyCommand(root, func(c *cobra.Command) {
		for _, f := range regexp.MustCompile(`--?[a-z][a-z-]*`).FindAllString(c.Flags().FlagUsages(), -1) {
			all[f] = true
		}
	})
	for word, instead := range otherFlags {
		flag := strings.Fields(instead)[0]
		if strings.HasPrefix(flag, "-") && !all[flag] {
			t.Errorf("%s: there is no flag %s", word, flag)
		}
	}
}

// TestHintsForWordsOfOtherTools shows what people read who bring another tool's words.
func TestHintsForWordsOfOtherTools(t *testing.T) {
	for line, want := range map[string]string{
		"scan":                                  "hint: here that is 'monitorctl audit'",
		"fix --yes":                             "hint: here that is 'monitorctl apply'",
		"audit cis":                             "hint: cis is a set of controls: --set cis; a single control goes by its number alone, as in 4.10, or its id",
		"audit CIS 4.10":                        "hint: cis is a set of controls: --set cis; a single control goes by its number alone, as in 4.10, or its id",
		"audit 3.9":                             "hint: that is config-changes in cis-1.2.0: name the control, or add --benchmark cis-1.2.0",
		"audit --josn":                          "hint: here --json is -o json",
		"audit -f json":                         "hint: here that is -o FORMAT",
		"plan -v":                               "hint: here that is --verbose",
		"export terraform":                      "hint: --dir NAME writes the files into a new directory",
		"explain":                               "hint: write 'monitorctl explain CONTROL'; see 'monitorctl explain --help'; 'monitorctl controls' lists the controls",
		"audit --json":                          "hint: here that is -o json",
		"audit --format x":                      "hint: here that is -o FORMAT",
		"audit --reigon x":                      "hint: did you mean --region?",
		"tf":                                    "hint: here that is 'monitorctl export terraform'",
		"export tf":                             "hint: here that is 'monitorctl export terraform'",
		"4.10":                                  "hint: to check a control: 'monitorctl audit 4.10'",
		"CIS 4.10":                              "hint: to check a control: 'monitorctl audit 4.10'",
		"audit CIS-4.10":                        "hint: did you mean 4.10?",
		"audit x eu-west-1 ":                    "hint: 'monitorctl controls' lists the controls of AWS, with --benchmark cis-azure-6.0.0 those of Azure",
		"audit --region eu-central-1 eu-west-1": "hint: separate regions with commas: --region A,eu-west-1",
		"audit 111122223333":                    "hint: the credentials decide which account is read: use --profile or --role-arn; --accounts names several",
		"plan me@example.com":                   "hint: name the people to notify with --subscribe: --subscribe email:me@example.com",
		"audit account.json":                    "hint: name a saved snapshot with --snapshot: --snapshot account.json",
		"audit -o md":                           "hint: here that is markdown",
		"plan --save":                           "hint: --save: file for apply --plan, which carries out exactly this plan; for many accounts a new folder",
		"demo --version":                        "hint: 'monitorctl version' prints it",
		"completion nushell":                    "hint: known are bash, fish, powershell, zsh",
		"audit --timeout soon":                  "hint: see 'monitorctl audit --help'",
		"undo f --region":                       "hint: --region is a flag of apply, audit, destroy, drill, explain, plan, snapshot, subscribers",
	} {
		var errs strings.Builder
		code := Main(strings.Fields(line), strings.NewReader(""), io.Discard, &errs, nil)
		if code != 2 || !slices.Contains(strings.Split(errs.String(), "\n"), "monitorctl: "+want) {
			t.Errorf("%s: exit code %d, %s; want %q", line, code, errs.String(), want)
		}
	}
}
