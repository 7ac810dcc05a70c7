package report

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

func TestTableGolden(t *testing.T) {
	tests := []struct {
		name string
		r    finding.Report
		o    Options
	}{
		{name: "table.txt", r: fourControls()},
		{name: "table-120.txt", r: fourControls(), o: Options{Width: 120}},
		{name: "table-100.txt", r: fourControls(), o: Options{Width: 100}},
		{name: "table-80.txt", r: fourControls(), o: Options{Width: 80}},
		{name: "table-60.txt", r: fourControls(), o: Options{Width: 60, ASCII: true}},
		{name: "table-every.txt", r: everyStatus()},
		{name: "table-verbose.txt", r: everyStatus(), o: Options{Width: 120, Verbose: true}},
		{name: "table-waived.txt", r: everyStatus(), o: Options{Width: 120, ShowWaived: true, Config: &ConfigFile{
			Path: "ci/monitorctl.yaml", SHA256: "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"}}},
		{name: "table-mapping.txt", r: mapped(), o: Options{Width: 110}},
		{name: "table-quiet.txt", r: fourControls(), o: Options{Quiet: true}},
		{name: "table-quiet-accounts.txt", r: everyStatus(), o: Options{Quiet: true, Width: 80}},
		{name: "table-color.txt", r: everyStatus(), o: Options{Color: true, Width: 120}},
		{name: "table-hostile.txt", r: hostile()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Table(&b, tt.r, tt.o); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, b.Bytes())
		})
	}
}

// TestTableFits checks at every width that no line is wider than the terminal
// and that nothing of what the wide table says is lost.
func TestTableFits(t *testing.T) {
	blanks := regexp.MustCompile(`\s+`)
	for width := 60; width <= 160; width++ {
		var b bytes.Buffer
		if err := Table(&b, everyStatus(), Options{Width: width, ShowWaived: true}); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if w := twwidth.Width(line); w > width {
				t.Errorf("width %d: a line has %d columns: %q", width, w, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("width %d: blanks at the end of %q", width, line)
			}
		}
		squeezed := blanks.ReplaceAllString(text, "")
		for _, f := range everyStatus().Findings {
			for _, reason := range f.Reasons[:min(1, len(f.Reasons))] {
				want := blanks.ReplaceAllString(reason.Message, "")
				if !strings.Contains(squeezed, want) {
					t.Errorf("width %d: %q is not in the table:\n%s", width, reason.Message, text)
				}
			}
		}
	}
}

// TestTableBreaksNoWord looks for every word of the wide table and of the wide tree in the
// narrow ones: a name or an ARN that is broken cannot be copied. Only what is longer than a
// line is broken.
func TestTableBreaksNoWord(t *testing.T) {
	r := everyStatus()
	failing := &r.Findings[slices.IndexFunc(r.Findings, func(f finding.Finding) bool { return f.Status == finding.Fail })]
	failing.Reasons[0].Message += " (arn:aws:sns:eu-central-1:111122223333:a-topic-with-a-long-name)"
	tree := func(b *bytes.Buffer, o Options) {
		for _, f := range r.Findings {
			if err := Tree(b, r, f, o); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, write := range map[string]func(*bytes.Buffer, Options){
		"table": func(b *bytes.Buffer, o Options) {
			if err := Table(b, r, o); err != nil {
				t.Fatal(err)
			}
		},
		"tree": tree,
	} {
		var wide bytes.Buffer
		write(&wide, Options{ShowWaived: true})
		for width := 60; width <= 200; width += 7 {
			var narrow bytes.Buffer
			write(&narrow, Options{Width: width, ShowWaived: true})
			have := map[string]bool{}
			for _, word := range strings.Fields(narrow.String()) {
				have[strings.TrimSuffix(word, ",")] = true
			}
			for _, word := range strings.Fields(wide.String()) {
				if word != "WHY" && !have[strings.TrimSuffix(word, ",")] && twwidth.Width(word) <= width-4 {
					t.Errorf("%s, width %d: %q is broken", name, width, word)
				}
			}
		}
	}
}

// TestTableIsSortedByNumber reads the numbers of the rows: 4.3, 4.9, 4.10, and those
// without one behind them.
func TestTableIsSortedByNumber(t *testing.T) {
	r := fourControls()
	r.Findings = nil
	for _, number := range []string{"4.10", "", "4.3", "5.1", "4.9"} {
		f := plainPass()
		f.Number, f.Account = number, r.Accounts[0].ID
		r.Findings = append(r.Findings, f)
	}
	for _, o := range []Options{{}, {Width: 60}} {
		var b bytes.Buffer
		if err := Table(&b, r, o); err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(b.String()) {
			if words := strings.Fields(line); len(words) > 3 && words[3] == "PASS" {
				got = append(got, words[1])
				if words[2] != plainPass().Severity.String() {
					t.Errorf("%q lacks the severity", line)
				}
			}
		}
		if want := "4.3 4.9 4.10 5.1 -"; strings.Join(got, " ") != want {
			t.Errorf("width %d: %v, want %s", o.Width, got, want)
		}
	}
}

func TestTableQuietSaysNothingWhenAllIsWell(t *testing.T) {
	r := fourControls()
	r.Findings = []finding.Finding{plainPass()}
	var b bytes.Buffer
	if err := Table(&b, r, Options{Quiet: true}); err != nil {
		t.Fatal(err)
	}
	if b.Len() != 0 {
		t.Errorf("got %q, want nothing", b.String())
	}
}

// TestColorAddsNothing compares the colored table, its colors removed, with
// the plain one.
func TestColorAddsNothing(t *testing.T) {
	escape := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for _, width := range []int{0, 60, 100, 140} {
		var plain, colored bytes.Buffer
		if err := Table(&plain, everyStatus(), Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		if err := Table(&colored, everyStatus(), Options{Width: width, Color: true}); err != nil {
			t.Fatal(err)
		}
		if !escape.Match(colored.Bytes()) {
			t.Errorf("width %d: no color at all", width)
		}
		if escape.Match(plain.Bytes()) {
			t.Errorf("width %d: color where none was asked for", width)
		}
		if got := escape.ReplaceAllString(colored.String(), ""); trimLines(got) != trimLines(plain.String()) {
			t.Errorf("width %d: without its colors the table is\n%s\nwant\n%s", width, got, plain.String())
		}
	}
}

func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// TestWriteErrorsAreReturned gives every writer a full disk.
func TestWriteErrorsAreReturned(t *testing.T) {
	want := errors.New("disk full")
	w := failingWriter{want}
	for _, format := range formats {
		name := format.Name
		if err := format.Write(w, fourControls(), Options{}); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", name, err, want)
		}
	}
	if err := Tree(w, fourControls(), gapInFilter(), Options{}); !errors.Is(err, want) {
		t.Errorf("Tree: error %v, want %v", err, want)
	}
	if err := PlanText(w, repair(), Options{}); !errors.Is(err, want) {
		t.Errorf("PlanText: error %v, want %v", err, want)
	}
	if err := PlanJSON(w, repair(), Options{}); !errors.Is(err, want) {
		t.Errorf("PlanJSON: error %v, want %v", err, want)
	}
	if err := DiffText(w, march(), Options{}); !errors.Is(err, want) {
		t.Errorf("DiffText: error %v, want %v", err, want)
	}
	if err := DiffJSON(w, march(), time.Time{}, Options{}); !errors.Is(err, want) {
		t.Errorf("DiffJSON: error %v, want %v", err, want)
	}
}

// TestFullDiskIsNoticed gives each format a disk with room for a part only: at
// its start, in the middle, and but for the last byte.
func TestFullDiskIsNoticed(t *testing.T) {
	want := errors.New("disk full")
	for _, format := range formats {
		name := format.Name
		var whole bytes.Buffer
		if err := format.Write(&whole, fourControls(), Options{}); err != nil {
			t.Fatal(err)
		}
		for _, room := range []int{1, whole.Len() / 2, whole.Len() - 1} {
			if err := format.Write(&fullDisk{room, want}, fourControls(), Options{}); !errors.Is(err, want) {
				t.Errorf("%s: room for %d of %d bytes: error %v, want %v", name, room, whole.Len(), err, want)
			}
		}
	}
}

// A fullDisk takes some bytes and fails then.
type fullDisk struct {
	room int
	err  error
}

func (w *fullDisk) Write(p []byte) (int, error) {
	if len(p) > w.room {
		n := w.room
		w.room = 0
		return n, w.err
	}
	w.room -= len(p)
	return len(p), nil
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
