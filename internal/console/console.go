// Package console is the terminal that a command runs at: standard streams and
// environment, color and width, one progress line, questions, and lines beside the
// output.
package console

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A Console is what a command reads from and writes to.
type Console struct {
	In       io.Reader         // standard input, for data
	Out, Err io.Writer         // standard output and standard error
	Vars     map[string]string // the environment
	typed    io.Reader         // standard input, for answers; its reads end with the run

	mu    sync.Mutex // of what goes to Err in pieces
	shown bool       // a progress line is on the screen
}

// New returns a console of these streams. environ has NAME=VALUE, as os.Environ; a
// question at the console ends with ctx.
func New(ctx context.Context, in io.Reader, out, err io.Writer, environ []string) *Console {
	c := &Console{In: in, Out: out, Err: err, Vars: map[string]string{}, typed: files.NewReader(ctx, in)}
	for _, kv := range environ {
		if k, v, ok := strings.Cut(kv, "="); ok {
			c.Vars[k] = v
		}
	}
	return c
}

// A Wrapper is a stream around another one, which may be a terminal.
type Wrapper interface{ Unwrap() any }

// terminal returns the file behind a stream when it is a terminal.
func terminal(stream any) (*os.File, bool) {
	if w, ok := stream.(Wrapper); ok {
		stream = w.Unwrap()
	}
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// Interactive reports whether someone can be asked: standard input is a terminal.
func (c *Console) Interactive() bool {
	_, ok := terminal(c.In)
	return ok
}

// Width is the number of columns of standard output, 0 when it is not a terminal.
func (c *Console) Width() int { return width(c.Out) }

// ProgressWidth is the number of columns that a line of Progress may have, 0 where none is
// shown.
func (c *Console) ProgressWidth() int { return max(0, width(c.Err)-1) }

func width(stream any) int {
	f, ok := terminal(stream)
	if !ok {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return w
}

// ASCII reports whether the locale says that the terminal shows no characters beyond ASCII
// for certain: C, POSIX, or one with another character set than UTF-8. Without a locale,
// as in containers and jobs, it does.
func (c *Console) ASCII() bool {
	locale := strings.ToUpper(cmp.Or(c.Vars["LC_ALL"], c.Vars["LC_CTYPE"], c.Vars["LANG"]))
	return locale != "" && !strings.Contains(locale, "UTF-8") && !strings.Contains(locale, "UTF8")
}

// Color reports whether standard output gets color: not with the flag noColor or
// NO_COLOR (no-color.org), always with CLICOLOR_FORCE, else on a terminal.
func (c *Console) Color(noColor bool) bool {
	if noColor || c.Vars["NO_COLOR"] != "" || c.Vars["TERM"] == "dumb" {
		return false
	}
	if v := c.Vars["CLICOLOR_FORCE"]; v != "" && v != "0" {
		return true
	}
	_, ok := terminal(c.Out)
	return ok
}

// Progress shows a line on standard error that later lines replace, when that is a
// terminal. It is cut where the terminal ends: what wraps cannot be replaced.
func (c *Console) Progress(format string, args ...any) {
	if _, ok := terminal(c.Err); !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = true
	fmt.Fprintf(c.Err, "\r\x1b[K%s", cut(report.Sanitize(fmt.Sprintf(format, args...)), c.ProgressWidth()))
}

// cut returns the first columns of a text, all of it for 0.
func cut(text string, columns int) string {
	if runes := []rune(text); columns > 0 && len(runes) > columns {
		return string(runes[:columns])
	}
	return text
}

// ClearProgress makes the progress line vanish.
func (c *Console) ClearProgress() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
}

func (c *Console) clear() {
	if c.shown {
		fmt.Fprint(c.Err, "\r\x1b[K")
		c.shown = false
	}
}

// Say writes a line on standard error, whatever characters it has. Several goroutines
// may do so at once.
func (c *Console) Say(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
	Tell(c.Err, format, args...)
}

// Tell writes a line to a stream, whatever characters it has, and breaks it between words
// where that is a terminal.
func Tell(w io.Writer, format string, args ...any) {
	fmt.Fprintln(w, report.Fold(report.Sanitize(fmt.Sprintf(format, args...)), width(w)))
}

// Peek returns the first bytes of standard input, n at most, which stay to be read.
// The error is nil when there are fewer.
func (c *Console) Peek(n int) ([]byte, error) {
	b := bufio.NewReaderSize(c.In, n)
	c.In = b
	head, err := b.Peek(n)
	if err == io.EOF {
		err = nil
	}
	return head, err
}

// maxAnswer is how many bytes of an answer are read.
const maxAnswer = 1024

// Ask shows a question on standard error and returns the line that is typed, without
// its end. What comes next begins on a line of its own, also after Ctrl-C.
func (c *Console) Ask(question string) (string, error) {
	fmt.Fprint(c.Err, question)
	var text strings.Builder
	buf := make([]byte, 1)
	for text.Len() < maxAnswer {
		n, err := c.typed.Read(buf)
		if n == 1 && buf[0] == '\n' {
			break
		}
		text.Write(buf[:n])
		if err != nil {
			fmt.Fprintln(c.Err)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
	}
	return strings.TrimSpace(text.String()), nil
}
