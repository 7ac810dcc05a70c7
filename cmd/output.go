package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/monitorctl/monitorctl/internal/spelling"
)

// outputFlags say how the result is shown.
type outputFlags struct {
	outputs                 []string
	noColor, quiet, verbose bool
}

func (f *outputFlags) add(c *cobra.Command, formats []string) {
	fl := c.Flags()
	fl.StringArrayVarP(&f.outputs, "output", "o", []string{formats[0]}, "FORMAT[=FILE], repeatable: "+strings.Join(formats, ", "))
	fl.BoolVar(&f.noColor, "no-color", false, "no color, even on a terminal (also NO_COLOR)")
	fl.BoolVar(&f.quiet, "quiet", false, "only what is not a pass: no header, no progress")
	fl.BoolVar(&f.verbose, "verbose", false, "every reason, and the calls made on stderr")
	complete(c, "output", func() []string { return formats })
}

// A sink is one place for the result.
type sink struct {
	format string
	path   string // "" is stdout
}

// sinks reads -o FORMAT[=FILE]; at most one format can go to stdout.
func (f *outputFlags) sinks(formats []string) ([]sink, error) {
	var out []sink
	stdout := 0
	for _, text := range f.outputs {
		format, path, _ := strings.Cut(text, "=")
		if !contains(formats, format) {
			return nil, &spelling.UnknownError{Kind: "output format", Name: format, Nearest: spelling.Nearest(format, formats), Known: formats}
		}
		if path == "" || path == "-" {
			path = ""
			stdout++
		}
		out = append(out, sink{format, path})
	}
	if stdout > 1 {
		return nil, hinted(usage(fmt.Errorf("several formats would go to standard output: %s", strings.Join(f.outputs, ", "))), "write all but one to a file: -o json=FILE")
	}
	return out, nil
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// write sends what the writer function makes to a sink: stdout, or a file that
// is replaced only when it is complete.
func (e *env) write(s sink, what func(w io.Writer) error) error {
	e.clearProgress()
	var buf bytes.Buffer
	if err := what(&buf); err != nil {
		return fmt.Errorf("writing %s: %w", s.format, err)
	}
	if s.path == "" {
		_, err := e.out.Write(buf.Bytes())
		return err
	}
	return writeFile(s.path, buf.Bytes(), 0o644)
}

// terminal returns the file behind a writer when it is a terminal.
func terminal(w any) (*os.File, bool) {
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

// color says whether stdout gets color: flag, NO_COLOR (no-color.org),
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
