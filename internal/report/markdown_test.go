package report

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

func auditMarkdown(b *bytes.Buffer, r finding.Report, o Options) error { return Markdown(b, r, o) }

func TestMarkdownGolden(t *testing.T) {
	golden(t, "audit.md", written(t, auditMarkdown, everyStatus()))
}

// linkedLater is what GitHub and GitLab turn into links, images or
// notifications after the Markdown is rendered, anywhere outside of code.
var linkedLater = regexp.MustCompile(`@|#|!\d|~\w|://|www\.|\b[0-9a-f]{7,40}\b|[A-Z]+-\d|:\w+:|\$`)

// ourHTML is the only HTML that a report has.
var ourHTML = []string{"<details><summary>Evidence, and what to do</summary>\n", "</details>\n"}

// readMarkdown is the check of -o markdown, by a renderer that follows
// CommonMark and GitHub's extensions: the blocks are ours, and what stands
// between them is text and code.
func readMarkdown(t *testing.T, out []byte) (shape, shown string) {
	t.Helper()
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote, extension.DefinitionList)).Parser().Parse(text.NewReader(out))
	var shapes, shownText strings.Builder
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			shownText.Write(n.Segment.Value(out))
			if _, inCode := n.Parent().(*ast.CodeSpan); !inCode {
				if bad := linkedLater.Find(n.Segment.Value(out)); bad != nil {
					t.Errorf("%q stands outside of code in %q", bad, clip(string(n.Segment.Value(out))))
				}
			}
		case *ast.String:
			shownText.Write(n.Value)
		case *ast.CodeSpan:
		case *ast.HTMLBlock:
			if html := string(n.Lines().Value(out)); !slices.Contains(ourHTML, html) {
				t.Errorf("HTML that is not ours: %q", clip(html))
			}
			shapes.WriteString("html ")
		case *ast.Document, *ast.Heading, *ast.Paragraph, *ast.TextBlock, *ast.List, *ast.ListItem, *ast.Emphasis,
			*extast.Table, *extast.TableHeader, *extast.TableRow, *extast.TableCell:
			shapes.WriteString(n.Kind().String() + " ")
			if n.Type() == ast.TypeBlock {
				shownText.WriteByte('\n')
			}
		default:
			t.Errorf("a %s stands in the document", n.Kind())
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return shapes.String(), shownText.String()
}

// TestMarkdownFitsASummary: GitHub drops the summary of a step of more than 1 MiB, so that
// what has no room is counted, and failures come first.
func TestMarkdownFitsASummary(t *testing.T) {
	fixed := many(20_000).Findings
	for name, tt := range map[string]struct {
		r    finding.Report
		o    Options
		want []string
	}{
		"enormous":       {enormous(), Options{}, []string{"</details>\n"}},
		"many":           {many(4000), Options{}, []string{" more findings: `-o json=FILE` has all", "3,952 more accounts", "</details>\n"}},
		"many, quiet":    {many(4000), Options{Quiet: true}, []string{" more findings: `-o json=FILE` has all"}},
		"many are fixed": {everyStatus(), Options{Baseline: &Baseline{Standing: diff.Standing{Fixed: fixed}}}, []string{" more lines\n", "</details>\n"}},
	} {
		text := string(outputOf(t, Markdown, tt.r, tt.o))
		if len(text) > 1<<20 || !strings.Contains(text, "| FAIL | ") {
			t.Errorf("%s: %d bytes:\n%.2000s", name, len(text), text)
		}
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not there:\n%.1000s", name, want, text)
			}
		}
		if _, table, _ := strings.Cut(text, "| Why |"); strings.HasPrefix(name, "many,") || name == "many" {
			if first := strings.Index(table, "| WARN |"); first < strings.LastIndex(table, "| FAIL |") {
				t.Errorf("%s: a warning stands before a failure", name)
			}
		}
	}
}

// TestMarkdownTable compares the cells of the table with the report.
func TestMarkdownTable(t *testing.T) {
	shape, shown := readMarkdown(t, written(t, auditMarkdown, everyStatus()))
	if rows := strings.Count(shape, "TableRow "); rows != 8 {
		t.Errorf("%d rows, want one for each finding that is not a pass", rows)
	}
	if cells := strings.Count(shape, "TableCell "); cells != 9*6 {
		t.Errorf("%d cells, want 9 rows of 6", cells)
	}
	for _, want := range []string{
		"monitorctl: 1 passed, 1 passed with a warning, 4 failed, 1 unknown, 1 waived, 1 not applicable",
		"FAIL\nsecurity-group-changes\n4.10\nhigh\n111122223333\nDeleteSecurityGroup would go unseen\n",
		"UNKNOWN\nroot-usage\n4.3\nhigh\n111122223333\ncloudwatch:DescribeAlarms was denied in eu-central-1 (AccessDenied)",
		"WAIVED\nconfig-changes\n4.9\nmedium\n111122223333\nwaived until 2026-06-30 (cloud-platform), waives everything: Config is not in use until the move to the new landing zone",
		"nobody would be alerted to DeleteDetector (guardduty.amazonaws.com; in all 4 regions in scope)",
		"what to do: create a multi-region trail that delivers to a log group",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not in\n%s", want, shown)
		}
	}
	if strings.Contains(shown, "nacl-changes") {
		t.Error("a pass is shown")
	}
}

// TestMarkdownCells puts each hostile name into a table and compares the
// renderer's cells with it.
func TestMarkdownCells(t *testing.T) {
	for _, tt := range hostileNames {
		out := []byte("| a | b |\n| --- | --- |\n| " + markdownCell(tt.text) + " | second |\n")
		shape, shown := readMarkdown(t, out)
		if want := "Document Table TableHeader TableCell TableCell TableRow TableCell TableCell "; shape != want {
			t.Errorf("%s: the table is %s, want %s", tt.name, shape, want)
		}
		cells := strings.Split(strings.TrimSpace(shown), "\n")
		got := strings.ReplaceAll(squeeze(cells[max(0, len(cells)-2)]), `\x7c`, "|")
		want := squeeze(Sanitize(tt.text))
		if want != "" && got != want {
			t.Errorf("%s: the cell shows %q, want %q", tt.name, clip(got), clip(want))
		}
	}
}

func TestMarkdownWords(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"a sentence", "topic cis-alerts: its only subscription is pending confirmation", "topic cis-alerts: its only subscription is pending confirmation"},
		{"neighbors share a span", "see eu-central-1 4.10 there", "see `eu-central-1 4.10` there"},
		{"mention", "ask @org/team", "ask `@org/team`"},
		{"commit", "deadbee 111122223333 effaced", "`deadbee 111122223333 effaced`"},
		{"issue", "#1 GH-1", "`#1 GH-1`"},
		{"numbers", "1 of 2, 3: 1. 2)", "1 of 2, 3: `1`. `2`)"},
		{"punctuation around code", "(in eu-west-1, us-east-1) 'a=b'.", "(in `eu-west-1`, `us-east-1`) '`a=b`'."},
		{"punctuation only", "... (( !", "`... (( !`"},
		{"backticks", "a`b ``` `", "```` a`b ``` ` ````"},
		{"blanks", "  a   b  ", "a b"},
		{"empty", "", ""},
		{"link", "[a](b)", "`[a](b`)"},
	}
	for _, tt := range tests {
		if got := markdown(tt.in); got != tt.want {
			t.Errorf("%s: markdown(%q) = %s, want %s", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestMarkdownQuiet(t *testing.T) {
	var b bytes.Buffer
	if err := Markdown(&b, everyStatus(), Options{Quiet: true}); err != nil {
		t.Fatal(err)
	}
	if out := b.String(); strings.Contains(out, "<details>") || strings.Contains(out, "###") || !strings.Contains(out, "| FAIL |") {
		t.Errorf("quiet is\n%s", out)
	}
}

// FuzzMarkdown looks for a text that becomes more than text.
func FuzzMarkdown(f *testing.F) {
	for _, tt := range hostileNames {
		if len(tt.text) < 500 {
			f.Add(tt.text)
		}
	}
	f.Fuzz(func(t *testing.T, in string) {
		shape, shown := readMarkdown(t, []byte("- "+markdown(in)+"\n"))
		plain, _ := readMarkdown(t, []byte("- plain\n"))
		if got, want := squeeze(shown), squeeze(Sanitize(in)); got != want {
			t.Errorf("markdown(%q) shows %q", in, got)
		}
		if squeeze(Sanitize(in)) != "" && shape != plain {
			t.Errorf("markdown(%q) is a %s, want %s", in, shape, plain)
		}
		shape, _ = readMarkdown(t, []byte("| a | b |\n| --- | --- |\n| "+markdownCell(in)+" | c |\n"))
		if want := "Document Table TableHeader TableCell TableCell TableRow TableCell TableCell "; shape != want {
			t.Errorf("markdownCell(%q) makes %s", in, shape)
		}
	})
}
