package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/console"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// outputFlags say how the result is shown.
type outputFlags struct {
	outputs                 []string
	noColor, quiet, verbose bool
	showWaived, brief       bool
}

func (f *outputFlags) add(c *cobra.Command, formats []string) {
	fl := c.Flags()
	fl.StringArrayVarP(&f.outputs, "output", "o", []string{formats[0]}, "FORMAT[=FILE], repeatable: "+strings.Join(formats, ", "))
	fl.BoolVar(&f.noColor, "no-color", false, "no color, even on a terminal (also NO_COLOR)")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "hide passing controls, the header and progress")
	fl.BoolVar(&f.verbose, "verbose", false, "every reason, and the calls made on stderr")
	completeOutput(c, formats)
}

// addShowWaived adds --show-waived.
func (f *outputFlags) addShowWaived(c *cobra.Command) {
	c.Flags().BoolVar(&f.showWaived, "show-waived", false, "show what is wrong with waived controls, along with the waiver")
}

// addBrief adds --brief.
func (f *outputFlags) addBrief(c *cobra.Command) {
	c.Flags().BoolVar(&f.brief, "brief", false, "shorten the plan to a line for each change, what is in the way, and the count")
}

// completeOutput offers the formats with what each is for, and behind "FORMAT="
// files.
func completeOutput(c *cobra.Command, formats []string) {
	err := c.RegisterFlagCompletionFunc("output", func(_ *cobra.Command, _ []string, start string) ([]string, cobra.ShellCompDirective) {
		if strings.Contains(start, "=") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		var names []string
		for _, name := range formats {
			names = append(names, strings.TrimSuffix(name+"\t"+report.Purpose(name), "\t"))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag does not exist: a bug that the first run of any test shows
	}
}

// A sink is one place for the result.
type sink struct {
	format string
	path   string // "" is stdout
	folder bool   // the path ends in a slash: files go into it
}

// sinks reads -o FORMAT[=FILE]; one format can go to stdout, and one to each
// file. The workflow commands of GitHub's runner may go to stdout as well as the table,
// and stand behind it.
func (f *outputFlags) sinks(formats []string) ([]sink, error) {
	var out []sink
	for _, text := range f.outputs {
		format, path, _ := strings.Cut(text, "=")
		if !slices.Contains(formats, format) {
			return nil, unknownFormat(format, formats)
		}
		if path == "-" {
			path = ""
		}
		folder := path != "" && strings.HasSuffix(filepath.ToSlash(path), "/")
		if path != "" {
			path = filepath.Clean(path)
		}
		if slices.ContainsFunc(out, func(s sink) bool { return s.path == path && (path != "" || !sharesLog(s.format, format)) }) {
			return nil, crowded(path, f.outputs)
		}
		out = append(out, sink{format, path, folder})
	}
	table, commands := slices.Index(out, sink{format: "table"}), slices.Index(out, sink{format: "github"})
	if table > commands && commands >= 0 {
		out[table], out[commands] = out[commands], out[table]
	}
	return out, nil
}

// sharesLog reports whether two formats go together in the log of a job.
func sharesLog(a, b string) bool {
	return a != b && slices.Contains([]string{"table", "github"}, a) && slices.Contains([]string{"table", "github"}, b)
}

// crowded is the error for two formats in one place.
func crowded(path string, outputs []string) error {
	place := path
	if path == "" {
		place = "standard output"
	}
	err := exit.Usage(fmt.Errorf("several formats would be written to %s: %s", place, strings.Join(outputs, ", ")))
	return exit.Hinted(err, "write all but one to files: -o json=FILE")
}

// each writes the result to every sink; write does so in one format. The options have
// what the flags do not say.
func (e *env) each(ctx context.Context, f *outputFlags, sinks []sink, o report.Options, write func(w io.Writer, format string, o report.Options) error) error {
	o.Quiet, o.Verbose, o.ShowWaived, o.Version = f.quiet, f.verbose, f.showWaived, e.run.Version
	worst := o.Worst
	for _, s := range sinks {
		o.Color, o.Width, o.Worst, o.ASCII = false, 0, 0, false
		if s.path == "" {
			o.Color, o.Width, o.Worst, o.ASCII = e.Color(f.noColor), e.Width(), worst, e.ASCII()
		}
		if err := e.write(ctx, s, func(w io.Writer) error { return write(w, s.format, o) }); err != nil {
			return err
		}
	}
	return nil
}

// write sends what the writer function makes to a sink: to stdout as it comes,
// or to a file that is replaced only when it is complete.
func (e *env) write(ctx context.Context, s sink, what func(w io.Writer) error) error {
	e.ClearProgress()
	if s.path != "" {
		return files.Write(ctx, s.path, files.Public, what)
	}
	if err := what(e.Out); err != nil {
		return fmt.Errorf("writing %s to standard output: %w", s.format, err)
	}
	return nil
}

// teller returns what shows the steps of a repair: on stdout among the text, on stderr
// when stdout belongs to another format.
func (e *env) teller(sinks []sink) func(format string, args ...any) {
	return func(format string, args ...any) {
		w := e.Err
		if sinks[0].format == "text" && sinks[0].path == "" {
			w = e.Out
		}
		console.Tell(w, format, args...)
	}
}

// confirm asks whether to carry out changes: "Apply 3 changes to account ...?". The
// accounts are one account, or subscriptions. A subscription may have no change. The error says that
// nothing is to be done.
func (e *env) confirm(verb string, changes []change.Action, accounts []finding.AccountRef) error {
	where := report.AccountWords(accounts[0])
	if len(accounts) > 1 {
		changed := slices.DeleteFunc(slices.Clone(accounts), func(a finding.AccountRef) bool {
			return !slices.ContainsFunc(changes, func(c change.Action) bool { return c.Common().Account == a.ID })
		})
		if where = fmt.Sprintf("%d subscriptions", len(changed)); len(changed) == 1 {
			where = report.AccountWords(changed[0])
		}
	}
	answer, err := e.Ask(fmt.Sprintf("\n%s %s to %s? Only 'yes' is accepted: ", verb, run.Plural(len(changes), "change"), where))
	switch {
	case err != nil:
		return fmt.Errorf("asking: %w", err)
	case answer != "yes":
		return &exit.Error{Code: exit.Failed, Err: errors.New("not confirmed; nothing was written")}
	}
	return nil
}

// placeFor refuses formats that have no place for a cloud, and folders.
func placeFor(cloud catalog.Cloud, sinks []sink) error {
	if err := onePage(sinks); err != nil {
		return err
	}
	for _, s := range sinks {
		if f, err := report.Find(s.format); err == nil && f.AWSOnly && cloud == catalog.Azure {
			return exit.Usage(fmt.Errorf("%s is AWS's own format: it is not available for Azure", s.format))
		}
	}
	return nil
}

// auditWriter returns what writes the report of an audit in a format.
func auditWriter(r finding.Report) func(w io.Writer, format string, o report.Options) error {
	return func(w io.Writer, format string, o report.Options) error {
		f, err := report.Find(format)
		if err != nil {
			return err
		}
		return f.Write(w, r, o)
	}
}
