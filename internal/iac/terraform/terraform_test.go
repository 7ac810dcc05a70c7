package terraform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// files makes a tree of files of a text: "-- name --" begins each.
func files(text string) fstest.MapFS {
	tree := fstest.MapFS{}
	name := "main.tf"
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "-- "); ok {
			name = strings.TrimSuffix(strings.TrimSpace(rest), " --")
			tree[name] = &fstest.MapFile{}
			continue
		}
		if tree[name] == nil {
			tree[name] = &fstest.MapFile{}
		}
		tree[name].Data = append(tree[name].Data, line...)
	}
	return tree
}

// found reads files and returns their patterns as "name: text" with holes as
// <what>, or "name: ! gap".
func found(t *testing.T, tree fstest.MapFS, names ...string) []string {
	t.Helper()
	p := NewProject(Tree{FS: tree})
	if len(names) == 0 {
		for name := range tree {
			if IsModuleFile(name) || IsLooseFile(name) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
	}
	var out []string
	for _, f := range p.Read(names) {
		out = append(out, strings.TrimPrefix(f.Name, "aws_cloudwatch_log_metric_filter.")+": "+words(f))
	}
	for _, name := range names {
		if err := p.Err(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	return out
}

func words(f iac.Found) string {
	if f.Gap != "" {
		return "! " + strings.TrimPrefix(f.Gap, "interpolation of ")
	}
	var b strings.Builder
	for _, r := range f.Text.Value {
		if iac.IsHole(r) {
			fmt.Fprintf(&b, "<%s>", f.Holes.Why(r))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

const block = "resource \"aws_cloudwatch_log_metric_filter\" \"x\" {\n"

func TestExpressions(t *testing.T) {
	for _, c := range []struct{ name, files, want string }{
		{"format", block + `pattern = format("{ $.a = %s }", "b")` + "\n}", "x: { $.a = b }"},
		{"format of something unknown", block + `pattern = format("{ $.a = %s }", aws_iam_role.r.arn)` + "\n}", "x: { $.a = <aws_iam_role.r.arn> }"},
		{"jsonencode", "resource \"aws_cloudwatch_event_rule\" \"r\" {\n  event_pattern = jsonencode({ source = [\"aws.ec2\"] })\n}", `aws_cloudwatch_event_rule.r: {"source":["aws.ec2"]}`},
		{"join of a for", block + "pattern = \"{ ${join(\" || \", [for n in [\"A\", \"B\"] : \"($.eventName = ${n})\"])} }\"\n}", "x: { ($.eventName = A) || ($.eventName = B) }"},
		{"a directive", block + "pattern = \"{ %{ for i, n in [\"A\", \"B\"] ~}%{ if i > 0 } || %{ endif }$.e = ${n}%{ endfor } }\"\n}", "x: { $.e = A || $.e = B }"},
		{"a condition on an input", "variable \"v\" {\n  default = \"\"\n}\n" + block + "pattern = var.v == \"\" ? \"A\" : \"B ${var.v}\"\n}", "x: A | x: B <var.v>"},
		{"a condition on an input, whose other outcome is unknown", "variable \"v\" {\n  default = \"\"\n}\n" + block + "pattern = var.v == \"\" ? \"A\" : var.v\n}", "x: A"},
		{"a condition that the files decide", "locals {\n  on = true\n}\n" + block + "pattern = local.on ? \"A\" : \"B\"\n}", "x: A"},
		{"the same condition twice", "variable \"v\" {}\n" + block + "pattern = \"${var.v ? \"A\" : \"B\"} ${var.v ? \"C\" : \"D\"}\"\n}", "x: A C | x: B D"},
		{"two conditions", "variable \"v\" {}\nvariable \"w\" {}\n" + block + "pattern = \"${var.v ? \"A\" : \"B\"} ${var.w ? \"C\" : \"D\"}\"\n}", "x: A C | x: B C | x: A D | x: B D"},
		{"for_each that an input switches off", "variable \"on\" {\n  default = false\n}\n" + block + "for_each = var.on ? { a = \"A\" } : {}\npattern = each.value\n}", `x["a"]: A`},
		{"each of an unknown map of objects", "variable \"f\" {\n  type = map(object({ p = string }))\n}\n" + block + "for_each = var.f\npattern = \"{ $.a = ${each.value.p} }\"\n}",
			"x[...]: { $.a = <var.f[...].p> }"},
		{"default of an optional attribute", "variable \"f\" {\n  type = map(object({ p = optional(string, \"D\") }))\n  default = { a = {} }\n}\n" + block + "for_each = var.f\npattern = each.value.p\n}", `x["a"]: D`},
		{"splat, flatten and zipmap", "locals {\n  l = [{ k = \"a\", v = [\"A\"] }, { k = \"b\", v = [\"B\"] }]\n}\n" + block + "for_each = zipmap(local.l[*].k, flatten(local.l[*].v))\npattern = each.value\n}", `x["a"]: A | x["b"]: B`},
		{"try and can", block + "pattern = try(local.none.x, can(local.none) ? \"A\" : \"B\")\n}\nlocals {\n  none = {}\n}", "x: A"},
		{"coalesce, one, compact, slice, index", block + "pattern = coalesce(\"\", one([\"A\"]), compact([\"\", \"B\"])[0], slice([\"C\", \"D\"], 1, 2)[index([\"x\"], \"x\")])\n}", "x: A"},
		{"base64decode", block + "pattern = base64decode(\"QQ==\")\n}", "x: A"},
		{"regex", block + "pattern = regex(\"[A-Z]+\", \"abCDe\")\n}", "x: CD"},
		{"a function that is not known", block + "pattern = \"A ${sha1(\"x\")}\"\n}", "x: A <sha1(\"x\")>"},
		{"a provider's function", block + "pattern = provider::x::f(\"a\")\n}", `x: ! provider::x::f("a")`},
		{"an index that is not known", "locals {\n  l = { a = \"A\", b = \"B\", c = \"C\" }\n}\n" + block + "pattern = local.l[var.k]\n}", "x: A | x: B | x: C"},
		{"a module that is not there", "module \"m\" {\n  source = \"./none\"\n  pattern = \"{ $.a = b }\"\n}", "pattern: { $.a = b }"},
		{"a module of the registry", "module \"m\" {\n  source = \"x/y/aws\"\n  filters = { a = { pattern = \"{ $.a = b }\" } }\n}", "pattern: { $.a = b }"},
		{"entries beside a pattern", "module \"m\" {\n  source = \"x/y/aws\"\n  f = { a = { pattern = \"{ $.a = b }\" }, b = { pattern = \"ERROR\" } }\n  g = [{ pattern = \"*.txt\" }]\n}", "pattern: { $.a = b } | pattern: ERROR"},
		{"a template that is filled in later", "data \"template_file\" \"t\" {\n  template = \"{ $.a = $${name} }\"\n}", "template: { $.a = <${name}> }"},
		{"a module's output", "module \"m\" {\n  source = \"./m\"\n}\n" + block + "pattern = module.m.p\n}\n-- m/o.tf --\noutput \"p\" {\n  value = \"A\"\n}\n", "x: A"},
		{"modules in modules", "module \"m\" {\n  source = \"./m\"\n  p = \"A\"\n}\n-- m/m.tf --\nvariable \"p\" {}\nmodule \"n\" {\n  source = \"../n\"\n  q = \"${var.p}B\"\n}\n-- n/n.tf --\nvariable \"q\" {}\n" + block + "pattern = \"${var.q}C\"\n}\n", "x: ABC"},
		{"a module that calls itself", "module \"m\" {\n  source = \"./\"\n}\n" + block + "pattern = \"A\"\n}", "x: A"},
		{"modules in a circle", "-- a/m.tf --\nmodule \"b\" {\n  source = \"../b\"\n}\n-- b/m.tf --\nmodule \"a\" {\n  source = \"../a\"\n}\n" + block + "pattern = \"A\"\n}\n", "x: A"},
		{"a module that is called twice", "module \"m\" {\n  for_each = { a = \"A\", b = \"B\" }\n  source = \"./m\"\n  p = each.value\n}\n-- m/m.tf --\nvariable \"p\" {}\n" + block + "pattern = var.p\n}\n", "x: A | x: B"},
		{"values files in their order", "variable \"p\" {}\n" + block + "pattern = var.p\n}\n-- terraform.tfvars --\np = \"A\"\n-- a.auto.tfvars --\np = \"B\"\n-- b.auto.tfvars.json --\n{\"p\": \"C\"}\n", "x: C"},
		{"fileset", block + "for_each = fileset(path.module, \"p/**/*.{txt,pattern}\")\npattern = file(each.value)\n}\n-- p/a.txt --\nA\n-- p/q/b.pattern --\nB\n-- p/c.md --\nC\n", `x["p/a.txt"]: A | x["p/q/b.pattern"]: B`},
		{"templatefile with values", block + "pattern = templatefile(\"t.tpl\", { names = [\"A\", \"B\"] })\n}\n-- t.tpl --\n{ %{ for n in names }$.x = ${n} || %{ endfor }$.y = ${none} }\n", "x: { $.x = A || $.x = B || $.y = <none> }"},
		{"a file outside", block + "pattern = file(\"../../etc/passwd\")\n}", `x: ! file("../../etc/passwd")`},
		{"a dynamic block", "resource \"x\" \"y\" {\n  dynamic \"f\" {\n    for_each = [1]\n    content {\n      filter_pattern = \"{ $.a = ${f.value} }\"\n    }\n  }\n}", "filter_pattern: { $.a = <f.value> }"},
		{"an unknown in Terraform's JSON", "-- x.tf.json --\n{\"resource\": {\"aws_cloudwatch_log_metric_filter\": {\"x\": {\"pattern\": \"{ $.a = ${upper(\\\"b\\\")} }\"}}}}\n", "x: { $.a = B }"},
		{"numbers too long to write", "locals {\n  a = 1e900\n  b = local.a * local.a\n}\n" + block + "pattern = \"x ${local.b}\"\n}", "x: x <local.b>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(found(t, files(c.files)), " | "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What would take all memory or for ever is bounded: each ends within seconds,
// and what is not known is said.
func TestBombs(t *testing.T) {
	doubling := "locals {\n  a0 = \"xxxxxxxxxxxxxxxx\"\n"
	lists := "locals {\n  a0 = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
	for i := range 40 {
		doubling += fmt.Sprintf("  a%d = \"${local.a%d}${local.a%d}\"\n", i+1, i, i)
		lists += fmt.Sprintf("  a%d = [local.a%d, local.a%d, local.a%d, local.a%d]\n", i+1, i, i, i, i)
	}
	choices := ""
	for i := range 60 {
		choices += fmt.Sprintf("${var.v%d ? \"a%d\" : \"b%d\"}", i, i, i)
	}
	yaml := "a0: &a0 [x]\n"
	for i := range 30 {
		yaml += fmt.Sprintf("a%d: &a%d [*a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i)
	}
	for _, c := range []struct{ name, files string }{
		{"doubling", doubling + "}\n" + block + "pattern = local.a40\n}"},
		{"lists of lists", lists + "}\n" + block + "pattern = jsonencode(local.a12)\n}"},
		{"loops", block + "pattern = join(\"\", [for a in range(1000) : join(\"\", [for b in range(1000) : join(\"\", [for c in range(1000) : \"x\"])])])\n}"},
		{"format", block + "pattern = format(\"%999999999s\", \"x\")\n}"},
		{"format with an argument", block + "pattern = format(\"%*d\", 999999999, 1)\n}"},
		{"indent", block + "pattern = indent(999999999, \"a\\nb\")\n}"},
		{"setproduct", block + "pattern = jsonencode(setproduct(range(1000), range(1000), range(1000)))\n}"},
		{"replace", "locals {\n  a = join(\"\", [for i in range(1000) : \"aaaaaaaaaa\"])\n}\n" + block + "pattern = replace(replace(local.a, \"a\", local.a), \"a\", local.a)\n}"},
		{"choices", block + "pattern = \"" + choices + "\"\n}"},
		{"aliases", block + "pattern = jsonencode(yamldecode(file(\"y.yaml\")))\n}\n-- y.yaml --\n" + yaml},
		{"a template that reads itself", block + "pattern = templatefile(\"t\", {})\n}\n-- t --\n${templatefile(\"t\", {})}${templatefile(\"t\", {})}\n"},
		{"an exponent", "locals {\n  a = 1e999\n" + strings.Repeat("", 1) + "}\n" + block + "pattern = \"${local.a * local.a * local.a * local.a}\"\n}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			from := time.Now()
			got := found(t, files(c.files))
			if took := time.Since(from); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			for _, line := range got {
				if len(line) > 1<<20 {
					t.Errorf("%d bytes", len(line))
				}
			}
			if len(got) == 0 {
				t.Error("the pattern is not spoken of")
			}
		})
	}
}

func TestNumbersAreBounded(t *testing.T) {
	p := NewProject(Tree{FS: files("locals {\n  a = 1e99999999\n}\n")})
	p.Read([]string{"main.tf"})
	if err := p.Err("main.tf"); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("got %v", err)
	}
}

// A byte of a pattern stands where it was written, whatever functions it went
// through.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ name, files string }{
		{"format", block + `pattern = format("{ ($.a = %s) && ($.b = ` + "@C) }\", \"D\")\n}"},
		{"an argument of format", block + `pattern = format("{ ($.a = %s) }", "` + "@C\")\n}"},
		{"join", "locals {\n  n = [\"A\", \"@C\"]\n}\n" + block + "pattern = \"{ ${join(\" || \", [for n in local.n : \"($.eventName = ${n})\"])} }\"\n}"},
		{"replace", block + "pattern = replace(\"{ $.a = x && $.b = @C }\", \"x\", \"y\")\n}"},
		{"a key", block + "for_each = { @C = 1 }\npattern = \"{ $.a = ${each.key} }\"\n}"},
		{"a set", block + "for_each = toset([\"B\", \"@C\"])\npattern = \"{ $.a = ${each.value} }\"\n}"},
		{"split", block + "pattern = split(\",\", \"A,{ $.a = @C }\")[1]\n}"},
		{"yamldecode of a heredoc", "locals {\n  y = yamldecode(<<-EOT\n    a:\n      b: '{ $.a = @C }'\n  EOT\n  )\n}\n" + block + "pattern = local.y.a.b\n}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := strings.Index(c.files, "@")
			content := strings.ReplaceAll(c.files, "@", "")
			p := NewProject(Tree{FS: files(content)})
			for _, f := range p.Read([]string{"main.tf"}) {
				if i := strings.Index(f.Text.Value, "C"); i >= 0 {
					if _, pos := f.Where(i); pos != at {
						t.Errorf("%q: got %d, want %d", f.Text.Value, pos, at)
					}
					return
				}
			}
			t.Error("the pattern was not found")
		})
	}
}

func TestShown(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"a plan", `{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{"type": "aws_cloudwatch_log_metric_filter", "address": "f.x", "values": {"pattern": "A"}}],
			"child_modules": [{"resources": [{"type": "aws_cloudwatch_log_subscription_filter", "address": "module.m.f.y", "values": {"filter_pattern": "B"}}]}]}},
			"resource_changes": [{"type": "aws_cloudwatch_log_metric_filter", "address": "f.z", "change": {"after": {}, "after_unknown": {"pattern": true}}}]}`,
			"f.x: A | module.m.f.y: B | f.z: ! pattern is known only after apply"},
		{"a state", `{"format_version": "1.0", "values": {"root_module": {"resources": [{"type": "aws_cloudwatch_event_rule", "address": "r", "values": {"event_pattern": "{}"}}]}}}`, "r: {} (deployed)"},
		{"a state as it is kept", `{"version": 4, "terraform_version": "1", "lineage": "x", "resources": [{"type": "aws_cloudwatch_log_metric_filter", "name": "n", "instances": [{"attributes": {"pattern": "A"}}]}]}`, "n: A (deployed)"},
		{"changes alone", `{"format_version": "1.2", "resource_changes": [{"type": "aws_cloudwatch_log_metric_filter", "address": "f", "change": {"after": {"pattern": "A"}}}]}`, "f: A"},
		{"something else", `{"format_version": 1}`, ""},
	} {
		src := iac.NewSource("x.json", []byte(c.doc))
		doc, err := tree.ReadJSON(iac.Plain(src, c.doc, 0))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		if IsShown(doc) {
			for _, f := range ReadShown(src, doc) {
				text := f.Name + ": " + words(f)
				if f.Deployed {
					text += " (deployed)"
				}
				out = append(out, text)
			}
		}
		if got := strings.Join(out, " | "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// FuzzShown reads any JSON as a plan or state: no panic, and every place lies in
// it.
func FuzzShown(f *testing.F) {
	for _, seed := range []string{
		`{"format_version": "1.2", "planned_values": {"root_module": {"child_modules": [{"resources": [{"type": "aws_cloudwatch_log_metric_filter", "address": "f", "values": {"pattern": "\u00e9 \"x\""}}]}]}}}`,
		`{"format_version": "1.2", "resource_changes": [{"type": "aws_cloudwatch_log_metric_filter", "address": "f", "change": {"after": {"pattern": "A"}, "after_unknown": {"pattern": true}}}]}`,
		`{"version": 4, "lineage": "x", "terraform_version": "1", "resources": [{"type": "aws_cloudwatch_event_rule", "name": "n", "instances": [{"attributes": {"event_pattern": "{}"}}, null]}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		src := iac.NewSource("x.json", []byte(content))
		doc, err := tree.ReadJSON(iac.Plain(src, string(src.Data), 0))
		if err != nil || !IsShown(doc) {
			return
		}
		for _, found := range ReadShown(src, doc) {
			for i := range found.Text.Value {
				if at, pos := found.Where(i); at == nil || pos < 0 || pos > len(src.Data) {
					t.Errorf("byte %d of %q stands at %d", i, found.Text.Value, pos)
				}
			}
		}
	})
}

// FuzzRead reads anything as a module and as a values file: no panic, and every
// place lies in its file.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		block + "pattern = \"{ $.a = ${local.x} }\"\n}\nlocals {\n  x = [for k, v in var.y : v if v != k]\n}\n",
		block + "for_each = merge({ a = 1 }, var.x)\npattern = format(\"%s\", each.value)\n}\nvariable \"x\" {\n  type = map(object({ a = optional(string, \"b\") }))\n}\n",
		block + "count = 2\npattern = yamldecode(\"a: &a [x, *a]\")[\"a\"][count.index]\n}\n", "module \"m\" {\n  source = \"./\"\n  p = \"{ $.a = b }\"\n}\n",
		block + "pattern = <<-EOT\n  %{ if var.x }A%{ else }B%{ endif }\n  EOT\n}\n", "a = { filter_pattern = \"x\" }\n",
	} {
		f.Add("main.tf", seed)
		f.Add("x.auto.tfvars", seed)
	}
	f.Add("x.tf.json", `{"resource": {"aws_cloudwatch_log_metric_filter": {"x": {"pattern": "${each.key} %{ if x }a%{ endif }", "for_each": {"a": "b"}}}}}`)
	f.Add("x.tfvars.json", `{"p": "{ $.a = ${b} }"}`)
	f.Fuzz(func(t *testing.T, name, content string) {
		if len(content) > 1<<13 || !(IsModuleFile(name) || IsLooseFile(name)) || strings.ContainsAny(name, "/\\") {
			t.Skip()
		}
		p := NewProject(Tree{FS: fstest.MapFS{name: {Data: []byte(content)}}})
		p.steps = 100_000
		for _, found := range p.Read([]string{name}) {
			if found.Pos < 0 || found.Pos > len(found.Source.Data) {
				t.Errorf("a pattern stands at %d", found.Pos)
			}
			for i := range found.Text.Value {
				src, pos := found.Where(i)
				if src == nil || pos < 0 || pos > len(src.Data) {
					t.Errorf("byte %d of %q stands at %d", i, found.Text.Value, pos)
				}
			}
		}
	})
}
