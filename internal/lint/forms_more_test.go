package lint

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// list joins the pieces of patterns with commas.
func list(patterns []string, piece func(i int, p string) string) string {
	parts := make([]string, len(patterns))
	for i, p := range patterns {
		parts[i] = piece(i, p)
	}
	return strings.Join(parts, ",\n")
}

func several(name string, write func(patterns []string) map[string]string) form {
	return form{name, func(_ *rand.Rand, patterns []string) map[string]string { return write(patterns) }}
}

// moreForms are the other forms of the table in docs/lint.md.
var moreForms = []form{
	one("OpenTofu", "main.tofu", func(patterns []string) string {
		return each(patterns, func(i int, p string) string {
			return fmt.Sprintf("resource \"aws_cloudwatch_log_metric_filter\" \"x%d\" {\n  pattern = %s\n}\n", i, hclText(p))
		})
	}),
	one("a template with directives", "main.tf", func(patterns []string) string {
		return "variable \"more\" {\n  default = false\n}\n" + each(patterns, func(i int, p string) string {
			return fmt.Sprintf("resource \"aws_cloudwatch_log_metric_filter\" \"x%d\" {\n  pattern = \"%s%%{ if var.more } || x %%{ endif }}\"\n}\n", i,
				strings.ReplaceAll(strings.TrimSuffix(p, "}"), `"`, `\"`))
		})
	}),
	one("splats and outer products", "main.tf", func(patterns []string) string {
		return "locals {\n  groups = [{ name = \"g\", filters = [\n" + list(patterns, func(_ int, p string) string { return "    { p = " + hclText(p) + " }" }) +
			"\n  ] }]\n  all = flatten([for g in local.groups : [for t in g.filters[*].p : { group = g.name, text = t }]])\n}\n" + filterBlock +
			"  for_each = { for i, f in local.all : \"${f.group}-${i}\" => f }\n  pattern = each.value.text\n}\n"
	}),
	several("a module in a module, outputs", func(patterns []string) map[string]string {
		return map[string]string{
			"main.tf":          "module \"texts\" {\n  source = \"./texts\"\n}\nmodule \"outer\" {\n  source = \"./outer\"\n  filters = module.texts.all\n}\n",
			"texts/outputs.tf": "output \"all\" {\n  value = local.all\n}\n",
			"texts/locals.tf":  "locals {\n  all = {\n" + each(patterns, func(i int, p string) string { return fmt.Sprintf("    k%d = %s\n", i, hclText(p)) }) + "  }\n}\n",
			"outer/main.tf":    "variable \"filters\" {}\nmodule \"inner\" {\n  source = \"../inner\"\n  for_each = var.filters\n  text = each.value\n}\n",
			"inner/main.tf":    "variable \"text\" {}\n" + filterBlock + "  pattern = var.text\n}\n",
		}
	}),
	several("one file each", func(patterns []string) map[string]string {
		files := map[string]string{
			"main.tf": filterBlock + "  for_each = fileset(path.module, \"filters/*.pat\")\n  pattern = trimspace(file(\"${path.module}/${each.value}\"))\n}\n",
		}
		for i, p := range patterns {
			files[fmt.Sprintf("filters/%d.pat", i)] = p + "\n"
		}
		return files
	}),
	one("a module of a registry", "main.tf", func(patterns []string) string {
		return each(patterns, func(i int, p string) string {
			return fmt.Sprintf("module \"m%d\" {\n  source  = \"terraform-aws-modules/cloudwatch/aws//modules/log-metric-filter\"\n  version = \"5.0.0\"\n  pattern = %s\n}\n", i, hclText(p))
		})
	}),
	several("values that no module here reads", func(patterns []string) map[string]string {
		half := len(patterns) / 2
		return map[string]string{
			"env/prod.tfvars": "filters = [\n" + each(patterns[:half], func(_ int, p string) string { return "  { pattern = " + hclText(p) + " },\n" }) + "]\n",
			"env/dev.tfvars.json": "{\"filters\": [\n" + list(patterns[half:], func(_ int, p string) string { return "{\"pattern\": " + jsonText(p) + "}" }) +
				"\n]}",
		}
	}),
	one("locals of Terragrunt", "live/terragrunt.hcl", func(patterns []string) string {
		return "include \"root\" {\n  path = find_in_parent_folders()\n}\nlocals {\n  f = {\n" +
			each(patterns, func(i int, p string) string { return fmt.Sprintf("    k%d = %s\n", i, hclText(p)) }) +
			"  }\n}\ninputs = merge(local.f, { env = get_env(\"ENV\", \"dev\") })\n"
	}),
	one("parameters, mappings and lists", "t.template", func(patterns []string) string {
		var top, body strings.Builder
		top.WriteString("Parameters:\n  P:\n    Type: String\n    Default: " + yamlText(patterns[0]) + "\nMappings:\n  M:\n    A:\n" +
			each(patterns[1:], func(i int, p string) string { return fmt.Sprintf("      k%d: %s\n", i, yamlText(p)) }))
		for i := range patterns {
			value := "!Ref P"
			if i > 0 {
				value = fmt.Sprintf("!FindInMap [M, A, k%d]", i-1)
			}
			fmt.Fprintf(&body, "  F%d:\n    Type: AWS::Logs::MetricFilter\n    Properties:\n      FilterPattern: %s\n", i, value)
		}
		return "AWSTemplateFormatVersion: '2010-09-09'\n" + top.String() + "Resources:\n" + body.String()
	}),
	one("Fn::ForEach and Fn::Select", "t.yaml", func(patterns []string) string {
		return "Transform: AWS::LanguageExtensions\nMappings:\n  M:\n" + each(patterns, func(i int, p string) string { return fmt.Sprintf("    k%d: {Text: %s}\n", i, yamlText(p)) }) +
			"Resources:\n  Fn::ForEach::Filters:\n    - K\n    - [" + strings.TrimSuffix(each(patterns, func(i int, _ string) string { return fmt.Sprintf("k%d, ", i) }), ", ") +
			"]\n    - F${K}:\n        Type: AWS::Logs::MetricFilter\n        Properties:\n          FilterPattern: !Select [0, [!FindInMap [M, !Ref K, Text]]]\n"
	}),
	one("anchors, aliases and merged mappings", "t.yaml", func(patterns []string) string {
		return "Resources:\n" + each(patterns, func(i int, p string) string {
			if i%2 == 0 {
				return fmt.Sprintf("  F%d:\n    Type: AWS::Logs::MetricFilter\n    Properties:\n      LogGroupName: &a%d %s\n      FilterPattern: *a%d\n", i, i, yamlText(p), i)
			}
			return fmt.Sprintf("  F%d:\n    Metadata: &m%d\n      FilterPattern: %s\n    Type: AWS::Logs::MetricFilter\n    Properties:\n      <<: *m%d\n", i, i, yamlText(p), i)
		})
	}),
	one("org-formation", "organization.yml", func(patterns []string) string {
		return "AWSTemplateFormatVersion: '2010-09-09-OC'\nOrganization: !Include ./organization.yml\nResources:\n" + each(patterns, func(i int, p string) string {
			return fmt.Sprintf("  F%d:\n    Type: AWS::Logs::MetricFilter\n    OrganizationBinding: {Account: '*'}\n    Properties:\n      FilterPattern: %s\n", i, yamlText(p))
		})
	}),
	one("a template in JSON that is indented by tabs", "t.json", func(patterns []string) string {
		return "{\n\t\"Resources\": {\n" + list(patterns, func(i int, p string) string {
			return fmt.Sprintf("\t\t\"F%d\": {\n\t\t\t\"Type\": \"AWS::Logs::MetricFilter\",\n\t\t\t\"Properties\": {\"FilterPattern\": {\"Fn::Join\": [\"\", [%s, %s]]}}\n\t\t}", i, jsonText(p[:25]), jsonText(p[25:]))
		}) + "\n\t}\n}\n"
	}),
	one("Landing Zone Accelerator", "security-config.yaml", func(patterns []string) string {
		return "cloudWatch:\n  metricSets:\n    - regions: [&home eu-central-1]\n      metrics:\n" + each(patterns, func(i int, p string) string {
			return fmt.Sprintf("        - filterName: f%d\n          logGroupName: aws-controltower/CloudTrailLogs\n          filterPattern: %s\n          metricNamespace: N\n", i, yamlText(p))
		})
	}),
	one("Secure Environment Accelerator", "config.json", func(patterns []string) string {
		return "{\"global-options\": {\"cloudwatch\": {\"metrics\": [\n" + list(patterns, func(i int, p string) string {
			return fmt.Sprintf("{\"filter-name\": \"f%d\", \"loggroup-name\": \"g\", \"filter-pattern\": %s}", i, jsonText(p))
		}) + "\n]}}}"
	}),
	one("Ansible", "tasks/main.yml", func(patterns []string) string {
		return each(patterns, func(i int, p string) string {
			return fmt.Sprintf("- name: f%d\n  community.aws.cloudwatchlogs_log_group_metric_filter:\n    log_group_name: \"{{ trail_log_group }}\"\n    filter_name: f%d\n    filter_pattern: %s\n  loop: \"{{ regions }}\"\n", i, i, strconv.Quote(p))
		})
	}),
	one("Pulumi", "Pulumi.yaml", func(patterns []string) string {
		return "name: x\nruntime: yaml\nresources:\n" + each(patterns, func(i int, p string) string {
			return fmt.Sprintf("  f%d:\n    type: aws:cloudwatch:LogMetricFilter\n    properties:\n      logGroupName: ${trail.name}\n      pattern: %s\n      metricTransformation: {name: m, namespace: n, value: '1'}\n", i, yamlText(p))
		})
	}),
	one("input of the AWS CLI", "filter.json", func(patterns []string) string {
		return "[\n" + list(patterns, func(_ int, p string) string {
			return "{\"logGroupName\": \"g\", \"filterName\": \"f\", \"filterPattern\": " + jsonText(p) + ", \"metricTransformations\": []}"
		}) + "\n]"
	}),
	one("describe-subscription-filters", "out.json", func(patterns []string) string {
		return "{\"subscriptionFilters\": [\n" + list(patterns, func(_ int, p string) string {
			return "{\"filterName\": \"f\", \"logGroupName\": \"g\", \"filterPattern\": " + jsonText(p) + ", \"destinationArn\": \"arn:aws:lambda:x\"}"
		}) + "\n]}"
	}),
	one("a document in a text", "configmap.yaml", func(patterns []string) string {
		return "kind: ConfigMap\ndata:\n  filters.yaml: |\n    filters:\n" + each(patterns, func(_ int, p string) string { return "      - filterPattern: " + yamlText(p) + "\n" })
	}),
	one("a script in a text", ".github/workflows/deploy.yml", func(patterns []string) string {
		return "jobs:\n  x:\n    steps:\n      - run: |\n" + each(patterns, func(_ int, p string) string {
			return "          aws logs put-metric-filter --log-group-name g \\\n            --filter-pattern '" + p + "'\n"
		})
	}),
	one("an ERB template", "filters.yaml.json", func(patterns []string) string {
		return "{\"a\": <%= x %>,\n\"filters\": [\n" + list(patterns, func(_ int, p string) string { return "{\"filterPattern\": " + jsonText(p) + "}" }) + "\n]}"
	}),
	one("a Jinja template", "template.yaml", func(patterns []string) string {
		return "Resources:\n{% for g in groups %}\n" + each(patterns, func(i int, p string) string {
			return fmt.Sprintf("  F{{ g.id }}x%d:\n    Type: AWS::Logs::MetricFilter\n    Properties:\n      LogGroupName: {{ g.name }}\n      FilterPattern: %s\n", i, yamlText(p))
		}) + "{% endfor %}\n"
	}),
	one("inline tables of TOML", "x.toml", func(patterns []string) string {
		return "filters = [\n" + each(patterns, func(_ int, p string) string {
			return "  {log_group_name = \"g\", pattern = " + strconv.Quote(p) + "},\n"
		}) + "]\n"
	}),
	one("TypeScript", "lib/stack.ts", func(patterns []string) string {
		return each(patterns, func(i int, p string) string {
			return [...]string{
				"  filterPattern: { logPatternString: '" + p + "' },\n",
				"  filterPattern: FilterPattern.literal(`" + p + "`),\n",
				"  const x = FilterPattern.literal(\"" + strings.ReplaceAll(p, `"`, `\"`) + "\");\n",
			}[i%3]
		})
	}),
	one("Python that puts texts together", "stack.py", func(patterns []string) string {
		return each(patterns, func(i int, p string) string {
			at := strings.Index(p, " && ($.userIdentity")
			return [...]string{
				"    P = (\n        " + strconv.Quote(p[:at]) + "\n        " + strconv.Quote(p[at:]) + "\n    )\n",
				"    x('''" + p + "''')\n",
				"    x(f'{" + p + "}')\n",
			}[i%3]
		})
	}),
	one("Java and Go", "Stack.java", func(patterns []string) string {
		return each(patterns, func(_ int, p string) string {
			at := strings.Index(p, " && ($.requestID")
			return "    .filterPattern(FilterPattern.literal(" + strconv.Quote(p[:at]) + "\n        + " + strconv.Quote(p[at:]) + "))\n"
		})
	}),
	one("Go", "main.go", func(patterns []string) string {
		return each(patterns, func(_ int, p string) string { return "\tPattern: pulumi.String(`" + p + "`),\n" })
	}),
	one("PowerShell", "put.ps1", func(patterns []string) string {
		return each(patterns, func(_ int, p string) string {
			return "Write-CWLMetricFilter -LogGroupName g -FilterPattern '" + p + "' `\n  -FilterName f\n"
		})
	}),
	one("reStructuredText", "filters.rst", func(patterns []string) string {
		return each(patterns, func(i int, p string) string {
			return [...]string{"Use::\n\n    " + p + "\n\n", "or ``" + p + "``\n\n"}[i%2]
		})
	}),
	one("patterns", "list.patterns", func(patterns []string) string { return "# one a line\n" + strings.Join(patterns, "\n") + "\n" }),
}
