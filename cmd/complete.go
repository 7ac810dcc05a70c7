package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// fileFlags are the flags that take a file or a folder. After any other flag the shell
// offers values, or nothing: never whatever files are in the folder.
var fileFlags = []string{
	"accounts", "baseline", "catalog", "config", "dir", "file", "journal", "journal-dir", "output", "plan", "receipt", "resume", "save", "snapshot",
}

// fileArguments are the commands whose arguments are files or folders.
var fileArguments = []string{"diff", "merge", "undo", "pattern lint", "pattern test", "replay"}

// flagValues are the values of flags that several commands have, each declared by itself.
var flagValues = map[string]func() []string{
	"fail-on":   func() []string { return severities },
	"set":       catalog.Sets,
	"benchmark": benchmarkNames,
	"control":   controlNames,
	"heartbeat": controlNames,
	"message":   controlNames,
}

// severities are the values of --fail-on.
var severities = []string{"low", "medium", "high", "critical"}

// benchmarkNames are the values of --benchmark, of both clouds.
func benchmarkNames() []string {
	var names []string
	for _, b := range slices.Concat(catalog.Benchmarks(), catalog.BenchmarksOf(catalog.Azure)) {
		names = append(names, string(b))
	}
	return names
}

// controlNames are the ids of the controls of AWS, each with its title.
func controlNames() []string {
	names, _ := new(scopeFlags).completeControls(nil, nil, "")
	return names
}

// completeAll gives each flag and argument of the tree that has no values of its own
// those of flagValues, files, or nothing.
func completeAll(root *cobra.Command) {
	for _, c := range root.Commands() {
		completeAll(c)
	}
	path := strings.TrimPrefix(root.CommandPath(), "monitorctl ")
	if root.ValidArgsFunction == nil && len(root.ValidArgs) == 0 && !root.HasSubCommands() && !slices.Contains(fileArguments, path) {
		root.ValidArgsFunction = cobra.NoFileCompletions
	}
	root.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if _, done := root.GetFlagCompletionFunc(f.Name); done || f.Value.Type() == "bool" {
			return
		}
		values := flagValues[f.Name]
		switch listed := usageFormats(f); {
		case values != nil:
			complete(root, f.Name, values)
		case listed != nil:
			complete(root, f.Name, func() []string { return listed })
		case !slices.Contains(fileFlags, f.Name):
			complete(root, f.Name, func() []string { return nil })
		}
	})
}

// usageFormats are the formats of a command whose --output is one of a few words; nil
// for any other flag.
func usageFormats(f *pflag.Flag) []string {
	if f.Name != "output" || strings.Contains(f.Usage, "FORMAT") {
		return nil
	}
	return strings.Split(f.Usage, ", ")
}
