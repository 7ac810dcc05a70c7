package console_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/monitorctl/monitorctl/internal/console"
)

// typedAt returns a console at which text is typed, and what it shows.
func typedAt(text string, environ ...string) (*console.Console, *strings.Builder) {
	var errs strings.Builder
	return console.New(context.Background(), strings.NewReader(text), io.Discard, &errs, environ), &errs
}

func TestAsk(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"yes\nno\n", "yes"}, {" yes \r\n", "yes"}, {"yes", "yes"}, {"", ""}, {strings.Repeat("y", 5000), strings.Repeat("y", 1024)},
	} {
		c, errs := typedAt(tt.text)
		shown := "Apply? "
		if len(tt.text) < 1024 && !strings.Contains(tt.text, "\n") { // nobody pressed Enter
			shown += "\n"
		}
		if got, err := c.Ask("Apply? "); got != tt.want || err != nil || errs.String() != shown {
			t.Errorf("%.20q: %.20q, %v; shown %q, want %q", tt.text, got, err, errs, shown)
		}
	}
}

// TestAskEndsWithTheRun asks someone who never answers.
func TestAskEndsWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	silent, _ := io.Pipe()
	var errs strings.Builder
	c := console.New(ctx, silent, io.Discard, &errs, nil)
	cancel(errors.New("interrupted"))
	if answer, err := c.Ask("Apply? "); err == nil || answer != "" || errs.String() != "Apply? \n" {
		t.Errorf("%q, %v; shown %q", answer, err, &errs)
	}
}

func TestPeekLeavesTheInput(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("long", 5000)} {
		c, _ := typedAt(text)
		head, err := c.Peek(4096)
		if err != nil || !strings.HasPrefix(text, string(head)) || len(head) != min(len(text), 4096) {
			t.Errorf("%d bytes: %d, %v", len(text), len(head), err)
		}
		if rest, err := io.ReadAll(c.In); err != nil || string(rest) != text {
			t.Errorf("%d bytes: %d are left, %v", len(text), len(rest), err)
		}
	}
}

func TestColor(t *testing.T) {
	for _, tt := range []struct {
		environ []string
		flag    bool
		want    bool
	}{
		{nil, false, false}, // no terminal
		{[]string{"CLICOLOR_FORCE=1"}, false, true},
		{[]string{"CLICOLOR_FORCE=0"}, false, false},
		{[]string{"CLICOLOR_FORCE=1"}, true, false},
		{[]string{"CLICOLOR_FORCE=1", "NO_COLOR=1"}, false, false},
		{[]string{"CLICOLOR_FORCE=1", "TERM=dumb"}, false, false},
	} {
		if c, _ := typedAt("", tt.environ...); c.Color(tt.flag) != tt.want {
			t.Errorf("%q with --no-color=%v: want %v", tt.environ, tt.flag, tt.want)
		}
	}
}

func TestASCII(t *testing.T) {
	for _, tt := range []struct {
		environ []string
		want    bool
	}{
		{nil, false},
		{[]string{"LANG=C"}, true},
		{[]string{"LANG=POSIX"}, true},
		{[]string{"LANG=de_DE.ISO-8859-1"}, true},
		{[]string{"LANG=C.UTF-8"}, false},
		{[]string{"LANG=en_US.utf8"}, false},
		{[]string{"LANG=en_US.UTF-8", "LC_ALL=C"}, true},
		{[]string{"LANG=C", "LC_CTYPE=en_US.UTF-8"}, false},
		{[]string{"LANG=C", "LC_ALL="}, true},
	} {
		if c, _ := typedAt("", tt.environ...); c.ASCII() != tt.want {
			t.Errorf("%q: want %v", tt.environ, tt.want)
		}
	}
}

// TestSay shows hostile text escaped, from many goroutines line by line, and no
// progress where nobody looks.
func TestSay(t *testing.T) {
	c, errs := typedAt("")
	c.Progress("reading %d", 1)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { c.Say("note: %s", "a\x1b[2Jb") })
	}
	wg.Wait()
	c.ClearProgress()
	if want := strings.Repeat(`note: a\x1b[2Jb`+"\n", 50); errs.String() != want {
		t.Errorf("%q", errs)
	}
	if c.Interactive() || c.Width() != 0 {
		t.Error("a reader of text is no terminal")
	}
}
