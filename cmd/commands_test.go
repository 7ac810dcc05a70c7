package cmd

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestEveryCommand walks the commands: each has a short text and an example
// that it accepts, each flag a text that says what its value is.
func TestEveryCommand(t *testing.T) {
	count := 0
	walk(newRoot(testEnv(io.Discard, io.Discard)), func(c *cobra.Command) {
		count++
		path := c.CommandPath()
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short text %q", path, c.Short)
		}
		if c.Runnable() && c.HasAvailableLocalFlags() && c.Long == "" && c.Parent() != nil && !c.Parent().Runnable() {
			t.Errorf("%s has flags and no long text", path)
		}
		own := false // a flag of this project's
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { own = own || f.Name != "help" && f.Name != "version" })
		if own && c.Runnable() && c.PreRunE == nil {
			t.Errorf("%s: its flags cannot be given as %s<FLAG>", path, envPrefix)
		}
		examples := 0
		for line := range strings.Lines(c.Example) {
			if line = strings.TrimSpace(line); line != "" {
				if checkExample(t, c, line) {
					examples++
				}
			}
		}
		if examples == 0 {
			t.Errorf("%s: no example of it", path)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { checkFlag(t, path, f) })
	})
	if count < 15 {
		t.Errorf("only %d commands were found", count)
	}
}

func walk(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		if sub.Name() != "help" && sub.Name() != "completion" {
			walk(sub, visit)
		}
	}
}

// shellWords are the words of a line of the shell, as far as examples use it.
var shellWords = regexp.MustCompile(`'[^']*'|"[^"]*"|[^\s'"]+`)

// checkExample demands that an example calls commands that there are with flags
// that they have. It reports whether one is the command or below it.
func checkExample(t *testing.T, c *cobra.Command, line string) bool {
	t.Helper()
	found := false
	for part := range strings.SplitSeq(strings.ReplaceAll(line, " && ", " | "), " | ") {
		words := shellWords.FindAllString(part, -1)
		at := slices.Index(words, "monitorctl")
		if at < 0 {
			continue
		}
		args := words[at+1:]
		if i := slices.IndexFunc(args, func(w string) bool { return strings.HasPrefix(w, ">") || strings.HasPrefix(w, "#") }); i >= 0 {
			args = args[:i]
		}
		sub, rest, err := newRoot(testEnv(io.Discard, io.Discard)).Find(args)
		if err != nil {
			t.Errorf("%s: example %q: %v", c.CommandPath(), line, err)
			return true
		}
		if err := sub.ParseFlags(rest); err != nil {
			t.Errorf("%s: example %q: %v", c.CommandPath(), line, err)
		} else if sub.HasSubCommands() && sub.Args != nil {
			if err := sub.ValidateArgs(sub.Flags().Args()); err != nil {
				t.Errorf("%s: example %q: %v", c.CommandPath(), line, err)
			}
		}
		found = found || sub.CommandPath() == c.CommandPath() || strings.HasPrefix(sub.CommandPath(), c.CommandPath()+" ")
	}
	return found
}

// checkFlag demands a text in lower case without a full stop, and for numbers
// and durations the unit.
func checkFlag(t *testing.T, path string, f *pflag.Flag) {
	t.Helper()
	text := f.Usage
	if f.Name == "help" || f.Name == "version" {
		return
	}
	if len(text) < 8 || strings.HasSuffix(text, ".") || text[0] >= 'A' && text[0] <= 'Z' && (text[1] < 'A' || text[1] > 'Z') {
		t.Errorf("%s --%s: text %q", path, f.Name, text)
	}
	units := map[string]*regexp.Regexp{
		"duration": regexp.MustCompile(`\b[0-9]+(s|m|h)\b`),
		"int":      regexp.MustCompile(`\b(seconds|minutes|bytes|columns|days|how many|number of|at most)\b`),
	}
	if unit, ok := units[f.Value.Type()]; ok && !unit.MatchString(text) {
		t.Errorf("%s --%s: the text %q does not say the unit", path, f.Name, text)
	}
}

// files returns the files of a directory, by name.
func filesIn(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = text
	}
	return out
}
