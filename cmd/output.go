package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// outputFlags say how the result is shown.
type outputFlags struct {
	outputs                 []string
	noColor, quiet, verbose bool
	showWaived              bool // set by judgeFlags

	baseline     *report.Baseline // what the run was held against; set by audit
	warningsFail bool             // audit --strict
}

func (f *outputFlags) add(c *cobra.Command, formats []string) {
	fl := c.Flags()
	fl.StringArrayVarP(&f.outputs, "output", "o", []string{formats[0]}, "FORMAT[=FILE], repeatable: "+strings.Join(formats, ", "))
	fl.BoolVar(&f.noColor, "no-color", false, "no color, even on a terminal (also NO_COLOR)")
	fl.BoolVar(&f.quiet, "quiet", false, "only what is not a pass: no header, no progress")
	fl.BoolVar(&f.verbose, "verbose", false, "every reason, and the calls made on stderr")
	completeOutput(c, formats)
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
}

// sinks reads -o FORMAT[=FILE]; one format can go to stdout, and one to each
// file.
func (f *outputFlags) sinks(formats []string) ([]sink, error) {
	var out []sink
	for _, text := range f.outputs {
		format, path, _ := strings.Cut(text, "=")
		if !contains(formats, format) {
			return nil, &spelling.UnknownError{Kind: "output format", Name: format, Nearest: spelling.Nearest(format, formats), Known: formats}
		}
		if path == "-" {
			path = ""
		}
		if path != "" {
			path = filepath.Clean(path)
		}
		if slices.ContainsFunc(out, func(s sink) bool { return s.path == path }) {
			return nil, crowded(path, f.outputs)
		}
		out = append(out, sink{format, path})
	}
	return out, nil
}

// crowded is the error for two formats in one place.
func crowded(path string, outputs []string) error {
	place := path
	if path == "" {
		place = "standard output"
	}
	err := usage(fmt.Errorf("several formats would go to %s: %s", place, strings.Join(outputs, ", ")))
	return hinted(err, "write each but one to a file of its own: -o json=FILE")
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// write sends what the writer function makes to a sink: to stdout as it comes,
// or to a file that is replaced only when it is complete.
func (e *env) write(ctx context.Context, s sink, what func(w io.Writer) error) error {
	e.clearProgress()
	if s.path != "" {
		return files.Write(ctx, s.path, files.Public, what)
	}
	if err := what(e.out); err != nil {
		return fmt.Errorf("writing %s to standard output: %w", s.format, err)
	}
	return nil
}

// terminal returns the file behind a writer when it is a terminal.
func terminal(w any) (*os.File, bool) {
	if s, ok := w.(*stream); ok {
		w = s.w
	}
	f, ok := w.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// width is the number of columns of stdout, 0 when it is not a terminal.
func (e *env) width() int {
	f, ok := terminal(e.out)
	if !ok {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return w
}

// color reports whether stdout gets color: flag, NO_COLOR (no-color.org),
// CLICOLOR_FORCE, terminal.
func (e *env) color(noColor bool) bool {
	if noColor || e.vars["NO_COLOR"] != "" || e.vars["TERM"] == "dumb" {
		return false
	}
	if v := e.vars["CLICOLOR_FORCE"]; v != "" && v != "0" {
		return true
	}
	_, ok := terminal(e.out)
	return ok
}

// progress shows one line on stderr that later lines replace, when stderr is a
// terminal.
func (e *env) progress(quiet bool, format string, args ...any) {
	if _, ok := terminal(e.err); !ok || quiet {
		return
	}
	e.progressShown = true
	fmt.Fprintf(e.err, "\r\x1b[K"+format, args...)
}

// clearProgress makes the progress line vanish.
func (e *env) clearProgress() {
	if e.progressShown {
		fmt.Fprint(e.err, "\r\x1b[K")
		e.progressShown = false
	}
}
