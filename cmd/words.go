package cmd

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// otherCommands are words that other tools have for what a command does here.
var otherCommands = map[string]string{
	"scan": "audit", "check": "audit", "assess": "audit", "run": "audit", "report": "audit -o html=report.html", "verify": "audit", "status": "audit",
	"fix": "apply", "remediate": "apply", "repair": "apply", "deploy": "apply", "create": "apply",
	"preview": "plan", "rollback": "undo", "revert": "undo", "delete": "destroy", "remove": "destroy", "cleanup": "destroy",
	"list": "controls list", "ls": "controls list", "show": "explain", "compare": "diff", "test": "pattern test", "lint": "pattern lint", "validate": "pattern lint",
	"policy": "permissions audit", "iam": "permissions audit", "terraform": "export terraform", "tf": "export terraform", "cfn": "export cloudformation", "cloudformation": "export cloudformation",
	"cis": "audit --set cis", "all": "audit --set all", "aws": "audit", "azure": "audit --subscription all",
}

// groupWords are the words of other tools for commands below another one.
var groupWords = map[string]string{"tf": "terraform", "hcl": "terraform", "cfn": "cloudformation", "bash": "shell", "sh": "shell", "aws-cli": "shell"}

// wordFor is the command below c that a word of another tool stands for, "" for none.
func wordFor(c *cobra.Command, word string) string {
	other, _, _ := strings.Cut(otherCommands[word], " ")
	for _, name := range []string{groupWords[word], other} {
		if slices.ContainsFunc(c.Commands(), func(sub *cobra.Command) bool { return sub.Name() == name }) {
			return name
		}
	}
	return ""
}

// otherFlags are names that other tools have for what a flag does here.
var otherFlags = map[string]string{
	"json": "-o json", "csv": "-o csv", "html": "-o html=report.html", "sarif": "-o sarif", "junit": "-o junit", "markdown": "-o markdown",
	"format": "-o FORMAT", "output-format": "-o FORMAT", "output-file": "-o FORMAT=FILE", "output-modes": "-o FORMAT", "out": "-o FORMAT=FILE",
	"severity": "--fail-on", "compliance": "--benchmark", "framework": "--mapping",
	"auto-approve": "--yes", "force": "--yes", "check": "--dry-run", "assume-role": "--role-arn", "role": "--role-arn",
	"regions": "--region", "filter-region": "--region", "silent": "--quiet", "email": "--subscribe email:ADDRESS", "all": "--set all", "cis": "--set cis",
	"subscription-id": "--subscription", "subscription-ids": "--subscription", "account": "--profile or --role-arn", "account-id": "--expect-account",
	"colour": "--no-color", "color": "--no-color", "no-colour": "--no-color", "output": "--file",
	"control": "an argument: the control's id or number", "controls": "an argument: the control's id or number", "checks": "an argument: the control's id or number",
}

// otherShorts are the letters that other tools have for what a flag does here.
var otherShorts = map[string]string{
	"f": "-o FORMAT", "v": "--verbose", "j": "-o json", "c": "--config", "s": "--set", "d": "--dir", "n": "--dry-run", "o": "--file",
}

// otherFormats are names that other tools have for formats.
var otherFormats = map[string][]string{
	"md": {"markdown"}, "txt": {"table", "text", "tree"}, "text": {"table", "tree"}, "table": {"text", "tree"}, "console": {"table", "text", "tree"},
	"xml": {"junit"}, "ndjson": {"jsonl"}, "web": {"html"}, "codequality": {"gitlab"}, "json-ocsf": {"ocsf"}, "json-asff": {"asff"},
}

// textFormats are the formats of commands that have no report.
var textFormats = []string{"text", "json"}

// unknownFormat is the error for a name that is no format of a command.
func unknownFormat(name string, formats []string) error {
	err := spelling.Unknown("output format", name, formats)
	for _, other := range otherFormats[strings.ToLower(name)] {
		if slices.Contains(formats, other) {
			err.Instead = "here that is " + other
		}
	}
	return err
}

// insteadOf is what a word of another tool is called in a command, "" for nothing: a flag
// that it has, or an argument that it takes.
func insteadOf(c *cobra.Command, other string) string {
	first, _, _ := strings.Cut(other, " ")
	switch {
	case other == "":
		return ""
	case !strings.HasPrefix(first, "-"):
		if !strings.Contains(c.Use, "CONTROL") {
			return ""
		}
	case len(first) == 2 && c.Flags().ShorthandLookup(first[1:]) == nil, len(first) > 2 && c.Flags().Lookup(first[2:]) == nil:
		return ""
	}
	return "here that is " + other
}

// flagError says of a wrong flag what is probably meant.
func flagError(c *cobra.Command, err error) error {
	if args := c.Flags().Args(); c.HasSubCommands() && len(args) > 0 {
		return noCommand(c, args) // the flags are those of the command that was meant
	}
	var (
		missing *pflag.NotExistError
		bare    *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
	)
	hint := fmt.Sprintf("see '%s --help'", c.CommandPath())
	switch {
	case errors.As(err, &missing):
		hint = missingFlag(c, missing)
	case errors.As(err, &bare):
		_, usage := pflag.UnquoteUsage(bare.GetFlag())
		hint = "--" + bare.GetFlag().Name + ": " + usage
	case errors.As(err, &invalid) && expected[invalid.GetFlag().Value.Type()] != "":
		err = fmt.Errorf("--%s %q is not %s", invalid.GetFlag().Name, invalid.GetValue(), expected[invalid.GetFlag().Value.Type()])
	}
	return &exit.Error{Code: exit.WrongUsage, Err: err, Hint: hint}
}

// expected says what a flag of a type takes.
var expected = map[string]string{
	"bool": "true or false", "int": "a whole number", "int32": "a whole number", "int64": "a whole number", "duration": "a duration such as 90s, 5m or 2h",
}

// missingFlag says what to give in place of a flag that a command lacks.
func missingFlag(c *cobra.Command, err *pflag.NotExistError) string {
	listed := fmt.Sprintf("'%s --help' lists the flags", c.CommandPath())
	name := err.GetSpecifiedName()
	if err.GetSpecifiedShortnames() != "" {
		if hint := insteadOf(c, otherShorts[name]); hint != "" {
			return hint
		}
		return listed
	}
	var names, words []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	for _, word := range slices.Sorted(maps.Keys(otherFlags)) {
		if insteadOf(c, otherFlags[word]) != "" && len(word) <= len(name)+1 && len(word) >= len(name)-1 {
			words = append(words, word)
		}
	}
	if hint := insteadOf(c, otherFlags[name]); hint != "" {
		return hint
	}
	if owners := ownersOf(c, name); owners != "" {
		return owners
	}
	switch near := spelling.Nearest(name, slices.Concat(names, words)); {
	case near == "":
		return listed
	case slices.Contains(names, near):
		return "did you mean --" + near + "?"
	default:
		return "here --" + near + " is " + otherFlags[near]
	}
}

// ownersOf says which other commands have a flag, "" for none.
func ownersOf(c *cobra.Command, name string) string {
	var owners []string
	for _, sub := range c.Root().Commands() {
		if sub.Flags().Lookup(name) != nil {
			owners = append(owners, sub.Name())
		}
	}
	if name == "version" {
		return "'monitorctl version' prints it"
	}
	if len(owners) == 0 {
		return ""
	}
	return fmt.Sprintf("--%s is a flag of %s", name, strings.Join(owners, ", "))
}

// noCommand refuses what is neither a command nor a flag.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	err := &spelling.UnknownError{Kind: "command", Name: args[0], Nearest: spelling.Nearest(args[0], names), Known: names}
	other := otherCommands[args[0]]
	switch below := wordFor(c, args[0]); {
	case c.HasParent() && below != "":
		err.Instead = fmt.Sprintf("here that is '%s %s'", c.CommandPath(), below)
	case !c.HasParent() && isControl(strings.Join(args, " ")):
		err.Instead = "to check a control: 'monitorctl audit " + catalog.BareNumber(strings.Join(args, " ")) + "'"
	case !c.HasParent() && other != "":
		err.Instead = "here that is 'monitorctl " + other + "'"
	case !c.HasParent() && err.Nearest == "":
		err.Instead = "'monitorctl --help' lists the commands"
	}
	return err
}

// isControl reports whether a text is the id or the number of a control of the default
// benchmark.
func isControl(text string) bool {
	cat, err := run.NewCatalogs("").Of(catalog.AWS)
	if err != nil {
		return false
	}
	_, err = cat.Find(catalog.BareNumber(text), catalog.DefaultBenchmark)
	return err == nil
}

// What an argument looks like that is no control.
var (
	regionWord  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	accountWord = regexp.MustCompile(`^[0-9]{12}$`)
)

// controlHint says what to do about a word that is no control: many things are given as
// arguments that have a flag of their own.
func controlHint(err *spelling.UnknownError) string {
	switch {
	case err.Instead != "" || err.Nearest != "":
		return err.Hint()
	case regionWord.MatchString(err.Name):
		return "separate regions with commas: --region A," + err.Name
	case accountWord.MatchString(err.Name):
		return "the credentials decide which account is read: use --profile or --role-arn; --accounts names several"
	case strings.Contains(err.Name, "@"):
		return "name the people to notify with --subscribe: --subscribe email:" + err.Name
	case strings.HasSuffix(err.Name, ".json"):
		return "name a saved snapshot with --snapshot: --snapshot " + err.Name
	}
	return "'monitorctl controls' lists the controls of AWS, with --benchmark " + string(catalog.DefaultAzureBenchmark) + " those of Azure"
}

// strictGroups makes the commands that cobra adds behave as the others do: a word that they
// do not know is wrong usage.
func strictGroups(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Args = noCommand
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				target, rest, err := root.Find(args)
				if err != nil || target.HasSubCommands() {
					return noCommand(target, rest)
				}
				return nil
			}
		}
	}
}
