package text

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// read returns the patterns of a text as "line:column text", holes as <what>.
func read(name, content string) []string {
	src := iac.NewSource(name, []byte(content))
	var out []string
	for _, f := range Read(iac.Plain(src, content, 0), LanguageOf(name), iac.NewHoles()) {
		var b strings.Builder
		for _, r := range f.Text.Value {
			if iac.IsHole(r) {
				fmt.Fprintf(&b, "<%s>", f.Holes.Why(r))
				continue
			}
			b.WriteRune(r)
		}
		if f.Gap != "" {
			b.Reset()
			b.WriteString("! " + f.Gap)
		}
		at := f.Source.Place(f.Pos)
		out = append(out, fmt.Sprintf("%d:%d %s", at.Line, at.Column, b.String()))
	}
	return out
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ name, file, content, want string }{
		{"an option in single quotes", "x.sh", "aws logs put-metric-filter --filter-pattern '{ $.a = b }' --x", "1:45 { $.a = b }"},
		{"an option in double quotes", "x.sh", `aws x --filter-pattern "{ (\$.a = \"b\") && (\$.c = $NAME) }"`, `1:24 { ($.a = "b") && ($.c = <$NAME>) }`},
		{"an option with =, on the next line", "x.sh", "aws x --filter-pattern=ERROR\naws x --filter-pattern \\\n  '?A ?B'", "1:24 ERROR | 3:3 ?A ?B"},
		{"an option that is a variable, empty or left out", "x.sh", "P=x; aws x --filter-pattern \"$P\" --filter-pattern \"\" --filter-pattern $P --filter-pattern \"$1\" --filter-pattern", ""},
		{"a variable that is set elsewhere", "x.sh", "aws x --filter-pattern \"${P}\"", "1:24 ! interpolation of ${P}, which is not set here"},
		{"an expression of a workflow", "x.sh", "--filter-pattern '{ $.a = ${{ b.c }} }'", "1:18 { $.a = <${{ b.c }}> }"},
		{"PowerShell", "x.ps1", "$p = \"{ `$.a = `\"$b`\" }\"\n-FilterPattern '{ $.a = \"it''s\" }'", `1:7 { $.a = "<$b>" } | 2:17 { $.a = "it's" }`},
		{"a makefile", "Makefile", "\tx --filter-pattern '{ $$.a = b }'\nP = { $$.c = d }\n", "1:21 { $.a = b } | 2:5 { $.c = d }"},
		{"C#, verbatim", "x.cs", "x(@\"{ $.a = \"\"b c\"\" }\")", `1:5 { $.a = "b c" }`},
		{"CSV", "x.csv", "a,\"{ $.a = \"\"b c\"\" }\"\n", `1:4 { $.a = "b c" }`},
		{"a format of Python", "x.py", "'{{ $.a = {} && $.b = {0} }}'.format(x)", "1:2 { $.a = <{}> && $.b = <{0}> }"},
		{"a name in angles", "x.md", "`{ $.a = <EVENT> }` and { $.a = <b c> }", "1:2 { $.a = <<EVENT>> } | 1:25 { $.a = <<b c>> }"},
		{"less than", "x.md", "`{ $.a < 5 && $.b > 3 }`", "1:2 { $.a < 5 && $.b > 3 }"},
		{"a command in a text", "Jenkinsfile", "sh \"\"\"\n x --filter-pattern '{ \\$.a = ${b} }'\n\"\"\"\n", "2:21 { $.a = <${b}> }"},
		{"pieces", "x.py", "p = \"{ \" + \" || \".join(f\"($.a = {e})\" for e in x) + \" }\"\n", "1:26 ! code builds the pattern from pieces"},
		{"a variable of a script", "x.sh", "P='{ $.a = b }'\n", "1:4 { $.a = b }"},
		{"over lines of a script", "x.sh", "P='{\n  ($.a = b) ||\n  ($.c = d)\n}'\n", "1:4 {\n  ($.a = b) ||\n  ($.c = d)\n}"},
		{"a code block", "x.md", "text\n\n```\n{ ($.a = b) ||\n  ($.c = d) }\n```\n", "4:1 { ($.a = b) ||\n  ($.c = d) }"},
		{"a code span and a table", "x.md", "| x | `{ $.a = b \\|\\| $.c = d }` |\n", "1:8 { $.a = b || $.c = d }"},
		{"prose", "x.md", "Use { $.a = \"b}\" } for it.\n", "1:5 { $.a = \"b}\" }"},
		{"a pattern that does not end", "x.md", "{ $.a = b\n\nmore }\n", "1:1 ! the pattern does not end"},
		{"Python", "x.py", "P = \"{ $.a = \\\"b\\\" }\"\n", `1:6 { $.a = "b" }`},
		{"escapes of JSON", "x.tpl", "{{ x }} \"{ $.a = b \\u0026\\u0026 $.c = d }\"\n", `1:10 { $.a = b && $.c = d }`},
		{"Python, put together", "x.py", "P = (\"{ ($.a = b) || \"\n     \"($.c = d) }\")\n", "1:7 { ($.a = b) || ($.c = d) }"},
		{"Python's f-string", "x.py", "P = f\"{{ $.a = {name} }}\"\n", "1:7 { $.a = <{name}> }"},
		{"three quotes", "x.py", "P = \"\"\"{ $.a = \"b\" }\"\"\"\n", `1:8 { $.a = "b" }`},
		{"JavaScript's template", "x.ts", "const p = `{ $.a = ${name} }`;", "1:12 { $.a = <${name}> }"},
		{"a literal of the CDK", "x.ts", "FilterPattern.literal('{ $.a = b }')", "1:24 { $.a = b }"},
		{"a builder in a builder", "x.ts", "FilterPattern.any(FilterPattern.stringValue('$.a', '=', 'b'),\n  FilterPattern.exists('$.c'))", "1:1 ! a pattern that code makes; check the template that it writes (cdk synth)"},
		{"a builder of the CDK", "x.ts", "logs.FilterPattern.stringValue('$.a', '=', 'b')", "1:6 ! a pattern that code makes; check the template that it writes (cdk synth)"},
		{"Java, put together", "X.java", "String p = \"{ $.a = b || \" +\n  \"$.c = %s }\";", "1:13 { $.a = b || $.c = <%s> }"},
		{"Go's raw string", "x.go", "const p = `{ $.a = \"b\" }`", `1:12 { $.a = "b" }`},
		{"put together with variables", "x.py", "P = \"{ $.a = \" + name + \" && $.b = \" + f(x) + \" }\"\n", "1:6 { $.a = <name> && $.b = <f(x)> }"},
		{"put together otherwise", "x.py", "P = \"{ $.a = \" + (x or y) + \" }\"\n", "1:6 ! the text goes on in a way that is not followed"},
		{"TOML", "x.toml", "filter = '{ $.a = b }'\n", "1:11 { $.a = b }"},
		{"jQuery", "x.js", "$(function () { $.ajax({ url: 1 }); });\nif (x) { $.support = 1; }", ""},
		{"a template of Go", "x.tpl", "{{ $.Values.x }} {{- if $.a }}", ""},
		{"JSON in a text", "x.sh", `aws x --cli-input-json "{\"filterPattern\": \"{ $.a = \\\"b\\\" }\"}"`, `1:47 { $.a = "b" }`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(read(c.file, c.content), " | "); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// What is begun and never ended takes no more time than what ends.
func TestBombs(t *testing.T) {
	for name, content := range map[string]string{
		"braces": strings.Repeat("{ $.a = b ", 20_000), "quotes": strings.Repeat("'{ $.a = b ", 20_000), "options": strings.Repeat("--filter-pattern \"", 20_000),
		"pieces": strings.Repeat("\"{ $.a = b || \" + ", 10_000), "variables": "`{ $.a = " + strings.Repeat("${x}", 10_000) + " }`",
	} {
		from := time.Now()
		read("x.ts", content)
		if took := time.Since(from); took > 20*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
}

// FuzzRead finds patterns in anything: no panic, every place lies in the text.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"--filter-pattern '{ $.a = b }'", "\"{ $.a = \\\"b\\\" }\"", "f\"{{ $.a = {x} }}\"", "`{ $.a = ${x} }`", "{ $.a = b\n\n", "FilterPattern.any(", "\\\"{ $.a = \\\\\\\"b\\\\\\\" }\\\"",
	} {
		for _, l := range []byte{0, 1, 2} {
			f.Add(seed, l)
		}
	}
	f.Fuzz(func(t *testing.T, content string, language byte) {
		src := iac.NewSource("x", []byte(content))
		content = string(src.Data)
		for _, found := range Read(iac.Plain(src, content, 0), Language(language%3), iac.NewHoles()) {
			if found.Source == nil || found.Pos < 0 || found.Pos > len(content) {
				t.Errorf("a pattern stands at %d", found.Pos)
			}
			for i := range found.Text.Value {
				if _, pos := found.Where(i); pos < 0 || pos > len(content) {
					t.Errorf("byte %d stands at %d", i, pos)
				}
			}
		}
	})
}
