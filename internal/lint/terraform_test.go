package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// filterOf wraps the value of a pattern into a resource.
func filterOf(value string) string {
	return "resource \"aws_cloudwatch_log_metric_filter\" \"x\" {\n  name    = \"x\"\n  pattern = " + value + "\n}\n"
}

func TestTerraformPlaces(t *testing.T) {
	runPlaces(t, "main.tf", []placeCase{
		{"quoted", "", filterOf(`"{ $.eventName = ‸DeleteTrails }"`), "unknown-event"},
		{"escapes before it", "", filterOf(`"{ $.errorMessage = \"a\\\\b\u00e9\t\" && $.eventName = ‸\"DeleteTrails\" }"`), "unknown-event"},
		{"heredoc", "", filterOf("<<EOF\n{ $.eventName = CreateVpc ||\n  $.eventName = ‸DeleteTrails }\nEOF"), "unknown-event"},
		{"heredoc whose indentation is cut", "", filterOf("<<-EOF\n      { $.errorMessage = \"é\" ||\n\t$.eventName = ‸DeleteTrails ||\n        $.eventName = ‸deleteTrail }\n    EOF"),
			"unknown-event event-case"},
		{"heredoc with CRLF", "", strings.ReplaceAll(filterOf("<<EOF\n{ $.eventName = CreateVpc ||\n  $.eventName = ‸DeleteTrails }\nEOF"), "\n", "\r\n"), "unknown-event"},
		{"a backslash in a heredoc is one", "", filterOf("<<EOF\n{ $.errorMessage = %\\d% && $.eventName = ‸DeleteTrails }\nEOF"), "unknown-event"},
		{"marks of templates", "", filterOf(`"{ $.errorMessage = \"$${x} %%{y}\" && $.eventName = ‸DeleteTrails }"`), "unknown-event"},
		{"in front of an interpolation and behind it", "",
			"locals {\n  source = \"ec2.amazonaws.com\"\n}\n" + filterOf(`"{ $.eventName = ‸deleteTrail || ($.eventSource = ${local.source} && $.eventName = ‸CreateVpcs) }"`),
			"event-case unknown-event"},
		{"inside a local", "", "locals {\n  names = \"$.eventName = ‸deleteTrail\"\n}\n" + filterOf(`"{ ${local.names} }"`), "event-case"},
		{"the whole pattern is a local", "", "locals {\n  p = \"{ $.eventName = ‸deleteTrail }\"\n}\n" + filterOf(`local.p`), "event-case"},
		{"wrapped", "", "locals {\n  p = \"{ $.eventName = ‸deleteTrail }\"\n}\n" + filterOf(`"${local.p}"`), "event-case"},
		{"a variable's default", "", "variable \"p\" {\n  type    = string\n  default = \"{ $.eventName = ‸deleteTrail }\"\n}\n" + filterOf(`var.p`), "event-case"},
		{"a local of a local, later in the file", "", filterOf(`(local.a)`) + "locals {\n  a = \"{ ${local.b} }\"\n  b = \"$.eventName = ‸deleteTrail\"\n}\n", "event-case"},
		{"members of objects and tuples", "", filterOf(`local.all.trail["names"][1]`) + "locals {\n  all = { trail = { names = [\"x\", \"{ $.eventName = ‸deleteTrail }\"] } }\n}\n", "event-case"},
		{"a member by an expression", "", filterOf(`local.all[local.key]`) + "locals {\n  key = \"b c\"\n  all = { \"b c\" = \"{ $.eventName = ‸deleteTrail }\" }\n}\n", "event-case"},
		{"trimspace", "", filterOf("trimspace(<<EOF\n   { $.eventName = ‸deleteTrail }\nEOF\n  )"), "event-case"},
		{"chomp", "", filterOf("chomp(<<EOF\n{ $.eventName = ‸deleteTrail }\nEOF\n  )"), "event-case"},
		{"replace", "", filterOf("replace(<<EOF\n{ $.eventName = CreateVpc\n|| $.eventName = ‸deleteTrail }\nEOF\n, \"\\n\", \" \")"), "event-case"},
		{"join", "", filterOf("\"{ ${join(\" || \", [\"$.eventName = CreateVpc\", \"$.eventName = ‸deleteTrail\"])} }\""), "event-case"},
		{"a subscription filter", "",
			"resource \"aws_cloudwatch_log_subscription_filter\" \"x\" {\n  filter_pattern = \"{ $.a =‸= 1 }\"\n}\nresource \"aws_cloudwatch_log_metric_filter\" \"y\" {\n  name = \"a\"\n}\n", "syntax"},
		{"OpenTofu", "main.tofu", filterOf(`"{ $.eventName = ‸deleteTrail }"`), "event-case"},
		{"an empty pattern", "", filterOf(`‸""`), "matches-everything"},
	})
}

func TestTerraformJSONPlaces(t *testing.T) {
	wrap := func(rest string) string {
		return "{\n  \"resource\": {\"aws_cloudwatch_log_metric_filter\": {\"x\": {\"name\": \"x\", \"pattern\": " + rest + "}}}\n}\n"
	}
	runPlaces(t, "main.tf.json", []placeCase{
		{"simple", "", wrap(`"{ $.eventName = ‸deleteTrail }"`), "event-case"},
		{"escapes before it", "", wrap(`"{ $.errorMessage = \"\u00e9\ud83d\ude00\n\/\" && $.eventName = ‸deleteTrail }"`), "event-case"},
		{"marks of templates", "", wrap(`"{ $.errorMessage = \"$${x}\" && $.eventName = ‸deleteTrail }"`), "event-case"},
		{"a local", "", `{"locals": {"n": "‸deleteTrail"},` + wrap(`"{ $.eventName = ${local.n} || $.eventName = ‸DeleteTrails }"`)[1:], "event-case unknown-event"},
		{"a variable's default as a whole", "", `{"variable": {"p": {"default": "{ $.eventName = ‸deleteTrail }"}},` + wrap(`"${var.p}"`)[1:], "event-case"},
		{"lists of blocks", "", `{"resource": [{"aws_cloudwatch_log_metric_filter": [{"x": [{"pattern": "{ $.eventName = ‸deleteTrail }"}]}]}]}`, "event-case"},
		{"a member of a local", "", `{"locals": [{"all": {"a": [{"b": "{ $.eventName = ‸deleteTrail }"}]}}],` + wrap(`"${local.all.a[0].b}"`)[1:], "event-case"},
		{"other resources", "", `{"resource": {"aws_sns_topic": {"x": {"pattern": "{ $.a =‸= 1 }"}}}}`, "syntax"},
	})
}

// texts returns names and texts of the patterns of a file, or why they are not
// known.
func texts(f File) []string {
	var out []string
	for _, p := range f.Patterns {
		text := p.Text
		switch {
		case p.NotJudged != "":
			text = "! " + p.NotJudged
		case len(p.Unknown) > 0:
			text = "? " + strings.Join(p.Unknown, ", ")
		}
		out = append(out, fmt.Sprintf("%s: %s", strings.TrimPrefix(p.Name, "aws_cloudwatch_log_metric_filter."), text))
	}
	return out
}

func TestTerraformTexts(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"unknown variable", filterOf(`var.p`), "x: ! interpolation of var.p"},
		{"variable without default", "variable \"p\" {}\n" + filterOf(`"{ $.a = ${var.p} }"`), "x: ? var.p"},
		{"a data source", filterOf(`"{ $.a = \"${data.aws_caller_identity.this.account_id}\" }"`), "x: ? data.aws_caller_identity.this.account_id"},
		{"a function that is not followed", filterOf(`file("x")`), `x: ! interpolation of file("x")`},
		{"a condition", filterOf(`var.a ? "x" : "y"`), `x: x | x: y`},
		{"a long expression", filterOf(`file("` + strings.Repeat("x", 100) + `")`), `x: ! interpolation of file("` + strings.Repeat("x", 54) + "..."},
		{"a directive", filterOf(`"%{ if true }x%{ endif }"`), "x: x"},
		{"a circle", "locals {\n  a = local.b\n  b = local.a\n}\n" + filterOf(`local.a`), "x: ! interpolation of local.a"},
		{"a circle of templates", "locals {\n  a = \"x${local.b}\"\n  b = \"y${local.a}\"\n}\n" + filterOf(`local.a`), "x: ? local.a"},
		{"null", filterOf(`null`), ""},
		{"a number", filterOf(`404`), "x: 404"},
		{"replace by a regular expression", filterOf(`replace("a b", "/ /", "")`), `x: ab`},
		{"replace", filterOf(`replace("a b a", "a", "cc")`), `x: cc b cc`},
		{"join of what is not known", filterOf(`join("", var.x)`), `x: ! interpolation of join("", var.x)`},
		{"trimspace", filterOf(`trimspace("  a b ")`), `x: a b`},
		{"each of an object", filterOf("each.value.p\n  for_each = local.f") + "locals {\n  f = {\n    a = { p = \"A\" }\n    \"b c\" = { p = var.x }\n  }\n}\n",
			`x["a"]: A | x["b c"]: ! interpolation of var.x`},
		{"each of a set", filterOf("\"{ $.eventName = ${each.key} || $.eventName = ${each.value} }\"\n  for_each = toset([\"A\", \"B\"])"),
			`x["A"]: { $.eventName = A || $.eventName = A } | x["B"]: { $.eventName = B || $.eventName = B }`},
		{"each of what is not known", filterOf("each.value\n  for_each = var.f"), "x: ! interpolation of each.value"},
		{"each that the pattern does not need", filterOf("\"A\"\n  for_each = { a = 1, b = 2 }"), "x: A"},
		{"each whose members say nothing", filterOf("each.value.q\n  for_each = { a = { p = 1 }, b = {} }"), `x["a"]: ! interpolation of each.value.q | x["b"]: ! interpolation of each.value.q`},
		{"a member that does not exist", "locals {\n  a = { b = \"c\" }\n}\n" + filterOf(`local.a.x`), "x: ! interpolation of local.a.x"},
		{"an index beyond the end", "locals {\n  a = [\"b\"]\n}\n" + filterOf(`local.a[7]`), "x: ! interpolation of local.a[7]"},
		{"a splat", "locals {\n  a = [\"b\"]\n}\n" + filterOf(`local.a[*]`), "x: ! interpolation of local.a[*]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lintText(t, "main.tf", c.content)
			if f.Err != nil {
				t.Fatalf("not read: %+v", *f.Err)
			}
			if got := strings.Join(texts(f), " | "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTerraformJSONTexts(t *testing.T) {
	for _, c := range []struct{ name, resource, rest, want string }{
		{"unknown variable", `"pattern": "${var.p}"`, ``, "x: ! interpolation of var.p"},
		{"an expression", `"pattern": "a ${file(\"x\")}"`, ``, `x: ? file("x")`},
		{"no template", `"pattern": "a ${"`, ``, "x: ! interpolation of a template that cannot be read"},
		{"no text", `"pattern": ["a"]`, ``, "x: ! interpolation of a value that is not text"},
		{"null", `"pattern": null`, ``, ""},
		{"a circle", `"pattern": "${local.a}"`, `"locals": {"a": "${local.b}", "b": "${local.a}"},`, "x: ! interpolation of local.a"},
		{"each", `"pattern": "${each.value.p} ${each.key}", "for_each": {"a": {"p": "A"}, "b": {"p": "B"}}`, ``, `x["a"]: A a | x["b"]: B b`},
		{"each of a local", `"pattern": "${each.value}", "for_each": "${local.f}"`, `"locals": {"f": {"a": "A"}},`, `x["a"]: A`},
		{"each of what is not known", `"pattern": "${each.value}", "for_each": "${var.f}"`, ``, `x: ! interpolation of each.value`},
		{"a number", `"pattern": 404`, ``, `x: 404`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lintText(t, "x.tf.json", "{"+c.rest+`"resource": {"aws_cloudwatch_log_metric_filter": {"x": {`+c.resource+`}}}}`)
			if f.Err != nil {
				t.Fatalf("not read: %+v", *f.Err)
			}
			if got := strings.Join(texts(f), " | "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTerraformUnreadable(t *testing.T) {
	for _, c := range []struct{ name, file, marked, message string }{
		{"an open block", "x.tf", "resource \"a\" \"b\" ‸{\n", "unclosed configuration block"},
		{"no expression", "x.tf", "locals {\n  a = ‸=\n}\n", "invalid expression"},
		{"no JSON", "x.tf.json", "{\"a\": ‸x}", "invalid character 'x' looking for beginning of value"},
		{"JSON ends early", "x.tf.json", "{\"a\": 1‸", "the JSON value ends early"},
		{"more behind JSON", "x.tf.json", "{} ‸x", "there is more after the JSON value"},
		{"invalid UTF-8", "x.tf", "locals {\n  é = \"‸\xff\"\n}\n", "it is not valid UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Cut in bytes: one of the files is not UTF-8.
			before, after, _ := strings.Cut(c.marked, caret)
			_, places := cutCarets(before + caret)
			f := lintText(t, c.file, before+after)
			if f.Err == nil || !strings.Contains(f.Err.Message, c.message) || f.Err.Place != places[0] {
				t.Errorf("got %+v, want %q at %v", f.Err, c.message, places[0])
			}
			if len(f.Patterns) > 0 {
				t.Errorf("%d patterns of an unreadable file", len(f.Patterns))
			}
		})
	}
}

// What would take the parser too deep or too long is refused in front of it.
func TestTerraformLimits(t *testing.T) {
	const n = 30_000
	for _, c := range []struct{ name, content, want string }{
		{"parentheses", "a = " + strings.Repeat("(", n), "nested"},
		{"lists", "a = " + strings.Repeat("[", n) + strings.Repeat("]", n), "nested"},
		{"objects", "a = " + strings.Repeat("{a=", n), "nested"},
		{"blocks", strings.Repeat("a {\n", n) + strings.Repeat("}\n", n), "nested"},
		{"templates", "a = " + strings.Repeat("\"${", n), "nested"},
		{"directives", "a = \"" + strings.Repeat("%{if a}", n), "nested"},
		{"negations", "a = " + strings.Repeat("!", n) + "true", "nested"},
		{"minus", "a = " + strings.Repeat("-", n) + "1", "nested"},
		{"conditions", "a = " + strings.Repeat("a?b:", n) + "c", "nested"},
		{"splats", "a = a" + strings.Repeat("[*]", n), "nested"},
		{"attribute splats", "a = a" + strings.Repeat(".*", n), "nested"},
		{"a long heredoc", "a = <<EOF\n" + strings.Repeat("x\n", 2*n) + "EOF\n", "heredoc"},
		{"calls", "a = " + strings.Repeat("f(", n), "nested"},
		{"for", "a = " + strings.Repeat("[for a in ", n), "nested"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := lintText(t, "x.tf", c.content)
			if f.Err == nil || !strings.Contains(f.Err.Message, c.want) {
				t.Errorf("got %+v, want %s", f.Err, c.want)
			}
		})
	}
}

// Long expressions that are not deep are fine.
func TestTerraformLongExpressions(t *testing.T) {
	const n = 5_000
	for _, c := range []struct{ name, content string }{
		{"attributes", "a = a" + strings.Repeat(".b", n)},
		{"indexes", "a = a" + strings.Repeat("[0]", n)},
		{"sums", "a = 1" + strings.Repeat("+1", n)},
		{"products", "a = 1" + strings.Repeat("/1", n)},
		{"alternatives", "a = b" + strings.Repeat("||b", n)},
		{"lists", "a = [" + strings.Repeat("-1,\n", n) + "]"},
		{"text", "a = \"" + strings.Repeat("${b}x", n) + "\""},
		{"lines", strings.Repeat("a {\n  b = !c ? -1 : d[*]\n}\n", n)},
		{"a heredoc", "a = <<EOF\n" + strings.Repeat("x\n", n) + "EOF\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if f := lintText(t, "x.tf", c.content); f.Err != nil {
				t.Errorf("not read: %+v", *f.Err)
			}
		})
	}
}

// A file with very many resources is read in one go, each pattern with its own
// place, and equal patterns are judged once.
func TestTerraformManyResources(t *testing.T) {
	var b strings.Builder
	const n = 10_000
	for i := range n {
		fmt.Fprintf(&b, "resource \"aws_cloudwatch_log_metric_filter\" \"r%d\" {\n  pattern = \"{ $.eventName = deleteTrail && $.requestID = r%d }\"\n}\n", i, i%100)
	}
	f := lintText(t, "main.tf", b.String())
	if f.Err != nil || len(f.Patterns) != n {
		t.Fatalf("%d patterns, error %+v", len(f.Patterns), f.Err)
	}
	got := findings(f)
	if len(got) != n || got[0] != "2:30 event-case" || got[n-1] != fmt.Sprintf("%d:30 event-case", 3*n-1) {
		t.Errorf("%d findings, from %s to %s", len(got), got[0], got[len(got)-1])
	}
	if names := texts(f); !slices.IsSortedFunc(f.Patterns, func(a, b Pattern) int { return a.Line - b.Line }) || !strings.HasPrefix(names[n-1], "r9999: ") {
		t.Errorf("the order is not that of the file: %s", names[n-1])
	}
}
