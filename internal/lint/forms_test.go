package lint

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A form writes patterns as some tool has them: the content of files by name.
type form struct {
	name  string
	write func(r *rand.Rand, patterns []string) map[string]string
}

// hclText quotes a text for HCL.
func hclText(s string) string {
	return strconv.Quote(strings.NewReplacer("${", "$${", "%{", "%%{").Replace(s))
}

func jsonText(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func yamlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// each writes one piece for each pattern.
func each(patterns []string, piece func(i int, p string) string) string {
	var b strings.Builder
	for i, p := range patterns {
		b.WriteString(piece(i, p))
	}
	return b.String()
}

const filterBlock = "resource \"aws_cloudwatch_log_metric_filter\" \"x\" {\n"

// one returns the form of one file.
func one(name, file string, write func(patterns []string) string) form {
	return form{name, func(_ *rand.Rand, patterns []string) map[string]string {
		return map[string]string{file: write(patterns)}
	}}
}

var forms = []form{
	one("resources", "main.tf", func(patterns []string) string {
		return each(patterns, func(i int, p string) string {
			return fmt.Sprintf("resource \"aws_cloudwatch_log_metric_filter\" \"x%d\" {\n  pattern = %s\n}\n", i, hclText(p))
		})
	}),
	one("heredocs", "main.tf", func(patterns []string) string {
		return each(patterns, func(i int, p string) string {
			return fmt.Sprintf("resource \"aws_cloudwatch_log_metric_filter\" \"x%d\" {\n  pattern = <<-EOT\n    %s\n  EOT\n}\n", i, p)
		})
	}),
	one("for_each of a local", "main.tf", func(patterns []string) string {
		return "locals {\n  f = {\n" + each(patterns, func(i int, p string) string { return fmt.Sprintf("    k%d = { pattern = %s }\n", i, hclText(p)) }) +
			"  }\n}\n" + filterBlock + "  for_each = local.f\n  pattern = each.value.pattern\n}\n"
	}),
	one("merge, for and if", "main.tf", func(patterns []string) string {
		half := len(patterns) / 2
		item := func(_ int, p string) string {
			return fmt.Sprintf("    \"k%s\" = %s\n", p[len(p)-9:len(p)-2], hclText(p))
		}
		return "variable \"off\" {\n  default = []\n}\nlocals {\n  a = {\n" + each(patterns[:half], item) + "  }\n  b = {\n" + each(patterns[half:], item) +
			"  }\n  f = { for k, v in merge(local.a, local.b) : k => { p = v } if !contains(var.off, k) }\n}\n" + filterBlock +
			"  for_each = local.f\n  pattern = trimspace(lookup(each.value, \"p\", null))\n}\n"
	}),
	one("count", "main.tf", func(patterns []string) string {
		return "locals {\n  f = [\n" + each(patterns, func(_ int, p string) string { return "    { p = " + hclText(p) + " },\n" }) + "  ]\n}\n" + filterBlock +
			"  count = length(local.f)\n  pattern = element(local.f, count.index).p\n}\n"
	}),
	one("conditions on an input", "main.tf", func(patterns []string) string {
		return "variable \"on\" {}\n" + each(patterns, func(i int, p string) string {
			return fmt.Sprintf("resource \"aws_cloudwatch_log_metric_filter\" \"x%d\" {\n  count = var.on ? 1 : 0\n  pattern = (var.on ?\n    %s :\n    \"ERROR\")\n}\n", i, hclText(p))
		})
	}),
	{"a module that is called", func(_ *rand.Rand, patterns []string) map[string]string {
		return map[string]string{
			"main.tf": "module \"m\" {\n  source = \"./modules/m\"\n  filters = {\n" +
				each(patterns, func(i int, p string) string {
					return fmt.Sprintf("    k%d = {\n      pattern = %s\n    }\n", i, hclText(p))
				}) + "  }\n}\n",
			"modules/m/main.tf": "variable \"filters\" {\n  type = map(object({ pattern = string, on = optional(bool, true) }))\n}\n" + filterBlock +
				"  for_each = { for k, v in var.filters : k => v if v.on }\n  pattern = each.value.pattern\n}\n",
		}
	}},
	{"values files and a split module", func(_ *rand.Rand, patterns []string) map[string]string {
		return map[string]string{
			"variables.tf":       "variable \"filters\" {\n  type = list(string)\n}\n",
			"main.tf":            filterBlock + "  for_each = toset(var.filters)\n  pattern = each.key\n}\n",
			"terraform.tfvars":   "filters = [\n" + each(patterns, func(_ int, p string) string { return "  " + hclText(p) + ",\n" }) + "]\n",
			"other/x.tfvars":     "unrelated = 1\n",
			"other/more.tf.json": "{}",
		}
	}},
	{"yamldecode, jsondecode and templatefile", func(_ *rand.Rand, patterns []string) map[string]string {
		n := len(patterns) / 3
		return map[string]string{
			"a.yaml": "filters:\n" + each(patterns[:n], func(i int, p string) string { return fmt.Sprintf("  k%d:\n    text: %s\n", i, yamlText(p)) }),
			"b.json": "{" + strings.TrimSuffix(each(patterns[n:2*n], func(i int, p string) string { return fmt.Sprintf("\n\"l%d\": {\"text\": %s},", i, jsonText(p)) }), ",") + "}",
			"c.tpl":  each(patterns[2*n:2*n+1], func(_ int, p string) string { return p + "\n" }),
			"main.tf": "locals {\n  f = merge(yamldecode(file(\"${path.module}/a.yaml\"))[\"filters\"], jsondecode(file(\"b.json\")))\n}\n" + filterBlock +
				"  for_each = local.f\n  pattern = each.value.text\n}\nresource \"aws_cloudwatch_log_metric_filter\" \"t\" {\n" +
				"  pattern = chomp(templatefile(\"${path.module}/c.tpl\", { x = 1 }))\n}\n" + each(patterns[2*n+1:], func(i int, p string) string {
				return fmt.Sprintf("resource \"aws_cloudwatch_log_metric_filter\" \"y%d\" {\n  pattern = %s\n}\n", i, hclText(p))
			}),
		}
	}},
	one("Terraform's JSON", "x.tf.json", func(patterns []string) string {
		return "{\"resource\": {\"aws_cloudwatch_log_metric_filter\": {" + strings.TrimSuffix(each(patterns, func(i int, p string) string {
			return fmt.Sprintf("\n\"x%d\": {\"pattern\": %s},", i, jsonText(p))
		}), ",") + "}}}"
	}),
	one("a plan", "plan.json", func(patterns []string) string {
		return "{\"format_version\": \"1.2\", \"planned_values\": {\"root_module\": {\"child_modules\": [{\"resources\": [" + strings.TrimSuffix(each(patterns, func(i int, p string) string {
			return fmt.Sprintf("\n{\"type\": \"aws_cloudwatch_log_metric_filter\", \"address\": \"a.x[%d]\", \"values\": {\"pattern\": %s}},", i, jsonText(p))
		}), ",") + "]}]}}}"
	}),
	one("a state", "terraform.tfstate", func(patterns []string) string {
		return "{\"version\": 4, \"terraform_version\": \"1.9.0\", \"lineage\": \"x\", \"resources\": [{\"type\": \"aws_cloudwatch_log_metric_filter\", \"name\": \"x\", \"instances\": [" +
			strings.TrimSuffix(each(patterns, func(_ int, p string) string { return "\n{\"attributes\": {\"pattern\": " + jsonText(p) + "}}," }), ",") + "]}]}"
	}),
	one("Terragrunt", "terragrunt.hcl", func(patterns []string) string {
		return "inputs = {\n  filters = {\n" + each(patterns, func(i int, p string) string { return fmt.Sprintf("    k%d = %s\n", i, hclText(p)) }) + "  }\n}\n"
	}),
	one("a template", "t.yaml", func(patterns []string) string {
		return "Resources:\n" + each(patterns, func(i int, p string) string {
			return fmt.Sprintf("  F%d:\n    Type: AWS::Logs::MetricFilter\n    Properties:\n      FilterPattern: %s\n", i, yamlText(p))
		})
	}),
	one("a template with functions", "t.yml", func(patterns []string) string {
		return "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  On: {Type: String}\nConditions:\n  C: !Equals [!Ref On, x]\nResources:\n" + each(patterns, func(i int, p string) string {
			value := [...]string{
				"!Sub " + yamlText(p),
				"!If\n        - C\n        - " + yamlText(p) + "\n        - !Ref AWS::NoValue",
				"!Join ['', [" + yamlText(p[:20]) + ", " + yamlText(p[20:]) + "]]",
				"|-\n        " + p,
			}[i%4]
			return fmt.Sprintf("  F%d:\n    Type: AWS::Logs::MetricFilter\n    Properties:\n      FilterPattern: %s\n", i, value)
		})
	}),
	one("output of the CDK", "cdk.out/Stack.template.json", func(patterns []string) string {
		return "{\"Resources\": {" + strings.TrimSuffix(each(patterns, func(i int, p string) string {
			return fmt.Sprintf("\n\"F%d\": {\"Type\": \"AWS::Logs::MetricFilter\", \"Properties\": {\"FilterPattern\": %s}},", i, jsonText(p))
		}), ",") + "}}"
	}),
	one("a stack in a stack", "outer.yaml", func(patterns []string) string {
		return "Resources:\n  S:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      TemplateBody: |\n        Resources:\n" + each(patterns, func(i int, p string) string {
			return fmt.Sprintf("          F%d:\n            Type: AWS::Logs::MetricFilter\n            Properties:\n              FilterPattern: %s\n", i, yamlText(p))
		})
	}),
	one("the Serverless Framework", "serverless.yml", func(patterns []string) string {
		return "service: x\nfunctions:\n  f:\n    events:\n" + each(patterns[:1], func(_ int, p string) string {
			return "      - cloudwatchLog:\n          logGroup: g\n          filter: " + yamlText(p) + "\n"
		}) + "resources:\n  Resources:\n" + each(patterns[1:], func(i int, p string) string {
			return fmt.Sprintf("    F%d:\n      Type: AWS::Logs::MetricFilter\n      Properties:\n        FilterPattern: %s\n", i, yamlText(p))
		})
	}),
	one("SAM", "template.yaml", func(patterns []string) string {
		return "Transform: AWS::Serverless-2016-10-31\nResources:\n" + each(patterns, func(i int, p string) string {
			return fmt.Sprintf("  F%d:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        L:\n          Type: CloudWatchLogs\n          Properties:\n            LogGroupName: g\n            FilterPattern: %s\n", i, yamlText(p))
		})
	}),
	one("Crossplane", "filter.yaml", func(patterns []string) string {
		return each(patterns, func(i int, p string) string {
			return fmt.Sprintf("---\napiVersion: cloudwatchlogs.aws.upbound.io/v1beta1\nkind: MetricFilter\nmetadata: {name: f%d}\nspec:\n  forProvider:\n    pattern: %s\n    logGroupName: g\n", i, yamlText(p))
		})
	}),
	one("placeholders", "lza.yaml", func(patterns []string) string {
		return "{{- if x }}\nregion: {{ Region }}\n{{- end }}\nmetrics:\n" + each(patterns, func(_ int, p string) string {
			return "  - logGroupName: {{ Group }}\n    filterPattern: " + yamlText(p) + "\n"
		})
	}),
	one("describe-metric-filters", "out.json", func(patterns []string) string {
		return "{\"metricFilters\": [" + strings.TrimSuffix(each(patterns, func(i int, p string) string {
			return fmt.Sprintf("\n{\"filterName\": \"f%d\", \"filterPattern\": %s, \"logGroupName\": \"g\", \"creationTime\": 1},", i, jsonText(p))
		}), ",") + "]}"
	}),
	one("TOML", "x.toml", func(patterns []string) string {
		return each(patterns, func(i int, p string) string { return fmt.Sprintf("[f%d]\nfilter_pattern = '%s'\n", i, p) })
	}),
	one("a script", "put.sh", func(patterns []string) string {
		return "#!/bin/sh\n" + each(patterns, func(i int, p string) string {
			if i%2 == 0 {
				return "aws logs put-metric-filter \\\n  --filter-pattern '" + p + "' \\\n  --filter-name x\n"
			}
			return "aws logs put-metric-filter --filter-pattern \"" + strings.NewReplacer(`"`, `\"`, "$", `\$`).Replace(p) + "\"\n"
		})
	}),
	one("prose", "README.md", func(patterns []string) string {
		return "# Filters\n\n" + each(patterns, func(i int, p string) string {
			return [...]string{"```\n" + p + "\n```\n\n", "- `" + p + "`\n", "| x | `" + strings.ReplaceAll(p, "|", `\|`) + "` |\n"}[i%3]
		})
	}),
	one("code", "stack.py", func(patterns []string) string {
		return each(patterns, func(_ int, p string) string { return "Filter(pattern=" + strconv.Quote(p) + ")\n" })
	}),
	one("lines", "list.txt", func(patterns []string) string { return "# one a line\n" + strings.Join(patterns, "\n\n") + "\n" }),
}

// TestForms writes random patterns in each form, and demands that every one is
// found at its line. Each has a mark of its own and a field that records lack.
func TestForms(t *testing.T) {
	o := options(t)
	o.Controls = o.Controls[:1] // the decision on coverage has tests of its own
	for _, f := range append(slices.Clone(forms), moreForms...) {
		t.Run(f.name, func(t *testing.T) {
			for seed := range uint64(5) {
				r := rand.New(rand.NewPCG(seed, 1))
				patterns := make([]string, 3+r.IntN(6))
				for i := range patterns {
					patterns[i] = fmt.Sprintf(`{ ($.eventName = "Delete%s") && ($.userIdentity.typo = "a b") && ($.requestID = r%06d) }`,
						[]string{"Trail", "Vpc", "Role"}[r.IntN(3)], 100_000+int(seed)*1000+i)
				}
				files := f.write(r, patterns)
				for name, content := range files {
					switch seed {
					case 3: // as Windows writes it
						files[name] = strings.ReplaceAll(content, "\n", "\r\n")
					case 4:
						files[name] = "\ufeff" + content
					}
				}
				checkForm(t, o, files, patterns)
			}
		})
	}
}

func checkForm(t *testing.T, o Options, files map[string]string, patterns []string) {
	t.Helper()
	root := writeTree(t, files)
	r, err := Run(context.Background(), []string{root}, strings.NewReader(""), o)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for name, content := range files {
		for i, line := range strings.Split(content, "\n") {
			if strings.Contains(line, "requestID") || strings.Contains(line, "userIdentity.typo") {
				for range strings.Count(line, "userIdentity.typo") {
					want = append(want, fmt.Sprintf("%s:%d", filepath.FromSlash(name), i+1))
				}
			}
		}
	}
	found := 0
	for _, f := range r.Files {
		if f.Err != nil {
			t.Errorf("%s: %s", f.Path, f.Err.Message)
		}
		for _, p := range f.Patterns {
			if slices.Contains(patterns, p.Text) {
				found++
			}
			for _, x := range p.Findings {
				rel, err := filepath.Rel(root, x.Path)
				if err != nil {
					t.Fatal(err)
				}
				if x.Code == "no-such-field" {
					got = append(got, fmt.Sprintf("%s:%d", rel, x.Line))
				}
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || found != len(patterns) {
		t.Errorf("%d of %d patterns; got %q, want %q\n%s", found, len(patterns), got, want, strings.Join(mapValues(files), "\n---\n"))
		var b strings.Builder
		_ = WriteText(&b, r, false)
		t.Log(b.String())
	}
}

func mapValues(files map[string]string) []string {
	var out []string
	for name, content := range files {
		out = append(out, name+":\n"+content)
	}
	return out
}
