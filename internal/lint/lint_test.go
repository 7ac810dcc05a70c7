package lint

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

var loaded = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load(patterns.FS) })

// options are those of a run with all controls.
func options(tb testing.TB) Options {
	tb.Helper()
	cat, err := loaded()
	if err != nil {
		tb.Fatal(err)
	}
	return Options{Controls: catalog.Repairable(cat.Controls), Benchmark: catalog.DefaultBenchmark}
}

// lintText lints one file of the given name and content.
func lintText(tb testing.TB, name, content string) File {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
	r, err := Run(context.Background(), []string{path}, strings.NewReader(""), options(tb))
	if err != nil {
		tb.Fatal(err)
	}
	if len(r.Files) != 1 {
		tb.Fatalf("%d files", len(r.Files))
	}
	return r.Files[0]
}

// caret marks in the content of a test where a finding must point to.
const caret = "‸"

// cutCarets returns the content without carets and the places where they stood,
// counted here in the slowest way.
func cutCarets(marked string) (content string, places []Place) {
	at := Place{Line: 1, Column: 1}
	var b strings.Builder
	for _, r := range marked {
		switch string(r) {
		case caret:
			places = append(places, at)
			continue
		case "\ufeff": // no editor shows it
		case "\n":
			at = Place{Line: at.Line + 1, Column: 1}
		default:
			at.Column++
		}
		b.WriteRune(r)
	}
	return b.String(), places
}

// findings returns the findings of a file as "line:column code", by place.
func findings(f File) []string {
	var all []Finding
	for _, p := range f.Patterns {
		all = append(all, p.Findings...)
	}
	sortFindings(all)
	var out []string
	for _, x := range all {
		out = append(out, fmt.Sprintf("%d:%d %s", x.Line, x.Column, x.Code))
	}
	return out
}

// A placeCase is a file with a caret where each finding belongs.
type placeCase struct {
	name, file, marked string
	codes              string // of the findings, in the order of the carets
}

func (c placeCase) run(t *testing.T) {
	t.Helper()
	content, places := cutCarets(c.marked)
	codes := strings.Fields(c.codes)
	if len(codes) != len(places) {
		t.Fatalf("%d codes for %d carets", len(codes), len(places))
	}
	var want []string
	for i, p := range places {
		want = append(want, fmt.Sprintf("%d:%d %s", p.Line, p.Column, codes[i]))
	}
	f := lintText(t, c.file, content)
	if f.Err != nil {
		t.Fatalf("not read: %+v", *f.Err)
	}
	for _, p := range f.Patterns {
		if p.NotJudged != "" {
			t.Errorf("%s not checked: %s", p.Name, p.NotJudged)
		}
	}
	if got := findings(f); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q\n%s", got, want, describe(f))
	}
}

func describe(f File) string {
	var b strings.Builder
	f.writeText(&b, false)
	for _, p := range f.Patterns {
		fmt.Fprintf(&b, "%d:%d %s %q\n", p.Line, p.Column, p.Name, p.Text)
	}
	return b.String()
}

func runPlaces(t *testing.T, file string, cases []placeCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.file = cmp.Or(c.file, file)
			c.run(t)
		})
	}
}

func TestTextPlaces(t *testing.T) {
	runPlaces(t, "patterns.txt", []placeCase{
		{"one line", "", "{ $.eventName = ‸DeleteTrails }", "unknown-event"},
		{"comments and blank lines", "", "# { $.a == 1 }\n\n  # x\n\t \n{ $.a =‸= 1 }\n", "syntax"},
		{"indented", "", "   { $.a =‸= 1 }  \n", "syntax"},
		{"characters, not bytes", "", "{ $.errorMessage = \"äöü€\" && $.eventName = ‸deleteTrail }", "event-case"},
		{"two on one line", "", "{ $.eventName = ‸deleteTrail || $.eventName = ‸DeleteTrails }", "event-case unknown-event"},
		{"CRLF", "", "{ $.eventName = DeleteTrail }\r\n{ $.a =‸= 1 }\r\n", "syntax"},
		{"byte order mark", "", "\ufeff{ $.a =‸= 1 }", "syntax"},
		{"invalid UTF-8 shows itself", "", "{ $.a = \"ok\" }\n{ $.a =‸= 1 }\n", "syntax"},
		{"a # that begins no line", "", "{ $.a = ‸#x }", "syntax"},
		{"terms", "", "ERROR ‸?WARN", "ignored-term"},
	})
}

func TestInvalidUTF8Line(t *testing.T) {
	f := lintText(t, "x.txt", "a b\n{ $.a = \"\xff\" }\n")
	if got, want := findings(f), []string{"2:10 syntax"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTooLong(t *testing.T) {
	long := "{ $.a = \"" + strings.Repeat("é", 1020) + "\" }" // 1032 characters
	f := lintText(t, "x.txt", "ERROR\n"+long)
	if got, want := findings(f), []string{"2:1025 too-long"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := "the pattern has 1032 characters, and CloudWatch Logs takes 1024"; f.Patterns[1].Findings[0].Message != want {
		t.Errorf("got %q, want %q", f.Patterns[1].Findings[0].Message, want)
	}
	// Terraform's provider cuts the blanks of a heredoc off.
	fits := "{ $.a = \"" + strings.Repeat("x", 1012) + "\" }" // 1024 characters
	f = lintText(t, "x.tf", "resource \"aws_cloudwatch_log_metric_filter\" \"x\" {\n  pattern = <<EOF\n   "+fits+"   \nEOF\n}\n")
	if got := findings(f); len(got) > 0 {
		t.Errorf("got %q, want none", got)
	}
}

func TestStdin(t *testing.T) {
	r, err := Run(context.Background(), []string{"-", "-"}, strings.NewReader("{ $.a == 1 }\n"), options(t))
	if err != nil || len(r.Files) != 1 || r.Files[0].Path != "-" || r.Findings() != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
	r, err = Run(context.Background(), []string{"-"}, io.MultiReader(strings.NewReader("x"), brokenReader{}), options(t))
	if err != nil || r.Unread() != 1 || r.Files[0].Err.Message != "the pipe broke" {
		t.Errorf("got %+v, %v", r, err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, fmt.Errorf("the pipe broke") }

// The patterns of other logs are left alone as far as they have other fields.
func TestOtherLogs(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`{ $.level = ERROR }`, ""},
		{`{ $.status != 200 || $.latency > 5 }`, ""},
		{`{ $.errorCode != "x" }`, ""},
		{`{ $.readOnly = "false" }`, ""},
		{`[ip, user, status = 4*]`, ""},
		{`ERROR -WARN`, ""},
		{`{ $.level = ERROR && $.level = WARN }`, "never-true"},
		{`{ $.eventname = DeleteTrail }`, "no-such-field"},
		{`{ $.detail.eventName = DeleteTrail }`, "no-such-field"},
		{`{ $.eventSource = "ec2.amazonaws.com" && $.readOnly = "false" }`, "never-true"},
		{``, ""}, // no pattern at all in a text file
	} {
		f := lintText(t, "x.txt", c.pattern)
		var got []string
		for _, p := range f.Patterns {
			for _, x := range p.Findings {
				got = append(got, x.Code)
			}
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: got %q, want %q", c.pattern, text, c.want)
		}
	}
}

// Every text of every benchmark version, and every text that apply writes, is
// clean but for those that the catalog calls broken, and covers its control in
// the version that prints it.
func TestCatalogTexts(t *testing.T) {
	o := options(t)
	broken := 0
	for _, b := range catalog.Benchmarks() {
		j, err := newJudge(o.Controls, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range o.Controls {
			for _, text := range append(slices.Clone(c.Patterns), c.Writes(b)) {
				a := j.judge(question{text: strings.Join(strings.Fields(text.Text), " ")})
				own := len(text.Versions) == 0 || slices.Contains(text.Versions, b)
				covers := slices.ContainsFunc(a.cover, func(p partial) bool { return p.Control == c.ID && p.complete() })
				all := slices.ContainsFunc(a.notes, func(f Finding) bool { return f.Code == CodeBroad })
				if own && !covers && !all {
					t.Errorf("%s %s %s: it does not cover its control: %+v", b, c.ID, text.ID, a.cover)
				}
				if len(text.Versions) > 0 && len(text.Writes) == 0 {
					broken++
					continue
				}
				for _, x := range a.findings {
					t.Errorf("%s %s %s: %s [%s]", b, c.ID, text.ID, x.Message, x.Code)
				}
				for _, part := range a.cover {
					if !part.complete() && !part.printed {
						t.Errorf("%s %s %s: %s", b, c.ID, text.ID, part.Coverage)
					}
				}
			}
		}
	}
	if broken == 0 {
		t.Error("no text is broken: the exception is not tested")
	}
}
