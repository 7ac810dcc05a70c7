package lint

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// FuzzLint feeds files of every format to the readers and the judge: no panic,
// every place lies in the file, and only what does not parse is a syntax error.
func FuzzLint(f *testing.F) {
	for _, name := range fuzzNames {
		for _, content := range []string{
			"", "{ $.eventName = deleteTrail }", filterOf(`"{ $.a = \"é\" || $.eventName = ${local.x} }"`) + "locals { x = \"y\" }",
			filterOf("<<-EOF\n    { $.a == 1 }\n  EOF"), filterOf("each.value.p\n  for_each = { a = { p = \"x\" } }"),
			filterOf(`join("", [trimspace(" a "), chomp("b\n"), replace("c", "c", "d")])`),
			templateOf("!Sub '{ $.a = ${b} }'"), templateOf("|\n        { $.a == 1 }"), templateOf(">-\n        a\n        b"),
			templateOf(`!Join ["", [a, !Ref b, "\u00e9\x41"]]`), templateOf("&a '{ $.a = ''x'' }'"), "a: *a\n<<: {b: c}\n",
			`{"Resources": {"F": {"Type": "AWS::Logs::MetricFilter", "Properties": {"FilterPattern": {"Fn::Sub": ["${a}", {"a": "\ud83d\ude00"}]}}}}}`,
			`{"locals": {"a": "x"}, "resource": {"aws_cloudwatch_log_metric_filter": {"x": {"pattern": "${local.a} $${b}", "for_each": {"k": "v"}}}}}`,
		} {
			f.Add(name, content)
		}
	}
	o := options(f)
	f.Fuzz(func(t *testing.T, name, content string) {
		if len(content) > 1<<14 {
			t.Skip("long files are for other tests")
		}
		// One small control: the decision on coverage has fuzz targets of its own.
		j, err := newJudge(o.Controls[:1], catalog.DefaultBenchmark)
		if err != nil {
			t.Fatal(err)
		}
		file, _ := j.look(input{path: name, data: []byte(content)})
		checkPlaces(t, file, newSource([]byte(content)))
	})
}

var fuzzNames = []string{"x.tf", "x.tf.json", "x.yaml", "x.json", "x.txt"}

func checkPlaces(t *testing.T, f File, src *source) {
	t.Helper()
	check := func(what string, p Place) {
		if _, ok := src.offset(p); !ok {
			t.Errorf("%s at %v is outside of the file", what, p)
		}
	}
	if f.Err != nil && f.Err.Place != (Place{}) && utf8.Valid(src.data) {
		check("the error", f.Err.Place)
	}
	for _, p := range f.Patterns {
		if utf8.Valid(src.data) {
			check("a pattern", p.Place)
		}
		for _, x := range p.Findings {
			if x.Offset < 0 || x.Offset > len(p.Text) {
				t.Errorf("offset %d of %q", x.Offset, p.Text)
			}
			if utf8.Valid(src.data) {
				check("a finding", x.Place)
			}
		}
		if _, err := pattern.Parse(p.Text); err == nil && p.NotJudged == "" {
			for _, x := range p.Findings {
				if x.Code == CodeSyntax {
					t.Errorf("%q parses: %s", p.Text, x.Message)
				}
			}
		}
	}
}

// FuzzText composes, cuts and trims texts: a byte that is not changed stays at
// its place.
func FuzzText(f *testing.F) {
	f.Add("  ab c ", "b", "xy", 1, 4)
	f.Add("", "a", "", 0, 0)
	f.Add("aaaa", "aa", "a", 2, 3)
	f.Fuzz(func(t *testing.T, value, old, with string, from, to int) {
		if old == "" || from < 0 || to < from || to > len(value) {
			t.Skip("no such part")
		}
		whole := plain(value, 0)
		if got := whole.replace(old, with); got.value != strings.ReplaceAll(value, old, with) {
			t.Errorf("replace: got %q", got.value)
		}
		part := whole.slice(from, to).trim()
		for i := range part.value {
			if value[part.pos(i)] != part.value[i] {
				t.Errorf("byte %d of %q stands at %d of %q", i, part.value, part.pos(i), value)
			}
		}
	})
}
