package lint

import (
	"context"
	"testing"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/iac"
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
		r := &reading{input: input{path: name}, format: formatOf(name)}
		if r.format == Terraform {
			t.Skip("its own package does that")
		}
		r.parse([]byte(content))
		if err := j.answerAll(context.Background(), []*reading{r}); err != nil {
			t.Fatal(err)
		}
		checkPlaces(t, j.files([]*reading{r})[0], iac.NewSource("x", []byte(content)))
	})
}

var fuzzNames = []string{"x.yaml", "x.json", "x.txt", "x.md", "x.py", "x.sh", "x.toml", "x.patterns"}

func checkPlaces(t *testing.T, f File, src *iac.Source) {
	t.Helper()
	check := func(what string, p Place) {
		if _, ok := src.Offset(p); !ok {
			t.Errorf("%s at %v is outside of the file", what, p)
		}
	}
	if f.Err != nil && f.Err.Place != (Place{}) && utf8.Valid(src.Data) {
		check("the error", f.Err.Place)
	}
	for _, p := range f.Patterns {
		if utf8.Valid(src.Data) {
			check("a pattern", p.Place)
		}
		for _, x := range p.Findings {
			if x.Offset < 0 || x.Offset > len(p.Text) && len(p.Unknown) == 0 {
				t.Errorf("offset %d of %q", x.Offset, p.Text)
			}
			if utf8.Valid(src.Data) {
				check("a finding", x.Place)
			}
		}
		if _, err := pattern.Parse(p.Text); err == nil && p.NotJudged == "" && p.Use != "event rule" {
			for _, x := range p.Findings {
				if x.Code == CodeSyntax {
					t.Errorf("%q parses: %s", p.Text, x.Message)
				}
			}
		}
	}
}
