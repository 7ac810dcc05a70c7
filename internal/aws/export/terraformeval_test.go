package export_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// A typeFacts is what a version of the provider knows of a type or block:
// testdata/terraform, written by scripts/terraform-facts.sh.
type typeFacts struct {
	Attributes map[string]struct {
		Type     string
		Required bool
	}
	Blocks map[string]blockFacts
}

type blockFacts struct {
	Required, Max1 bool
	typeFacts
}

func facts(t testing.TB, version int) map[string]typeFacts {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("../../../testdata/terraform/aws-%d.json", version))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]typeFacts
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// A configuration evaluates exported files as Terraform would, as far as they use it.
type configuration struct {
	facts    []map[string]typeFacts // of each version of the provider
	values   map[string]cty.Value   // the roots of references
	problems []string
	result   result
	imports  map[string]string // id by address
	exists   map[string]bool   // addresses of all instances
}

func (c *configuration) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// evaluate reads the files. secrets are the values of the variables.
func evaluate(t testing.TB, files []export.File, home desired.Home, secrets []string) *configuration {
	t.Helper()
	c := &configuration{facts: []map[string]typeFacts{facts(t, 5), facts(t, 6)}, values: map[string]cty.Value{}, imports: map[string]string{}, exists: map[string]bool{}}
	var blocks hclsyntax.Blocks
	for _, f := range files {
		parsed, diags := hclsyntax.ParseConfig(f.Data, f.Name, hcl.InitialPos)
		if diags.HasErrors() {
			c.problem("%s", diags)
			return c
		}
		blocks = append(blocks, parsed.Body.(*hclsyntax.Body).Blocks...)
	}
	c.roots(blocks, home, secrets)
	for _, b := range blocks {
		switch b.Type {
		case "resource":
			c.resource(b)
		case "import":
			c.imported(b)
		}
	}
	for address := range c.imports {
		if !c.exists[address] {
			c.problem("import of %s, which is not in the code", address)
		}
	}
	c.result.sort()
	return c
}

// roots evaluates what other expressions refer to.
func (c *configuration) roots(blocks hclsyntax.Blocks, home desired.Home, secrets []string) {
	variables, topics, locals := map[string]cty.Value{}, map[string]cty.Value{}, map[string]cty.Value{}
	for i, s := range secrets {
		variables[fmt.Sprintf("subscriber_%d", i+1)] = cty.StringVal(s)
	}
	c.values["var"] = cty.ObjectVal(variables)
	for _, b := range blocks {
		if b.Type == "resource" && b.Labels[0] == "aws_sns_topic" {
			arn := account.ARN{Partition: home.Partition, Service: "sns", Region: home.Region, Account: home.Account, Resource: c.text(b.Body, "name", nil)}
			topics[b.Labels[1]] = cty.ObjectVal(map[string]cty.Value{"arn": cty.StringVal(arn.String())})
		}
	}
	c.values["aws_sns_topic"] = cty.ObjectVal(topics)
	c.values["data"] = cty.EmptyObjectVal
	for _, b := range blocks {
		if b.Type == "locals" {
			locals["log_group"] = c.value(b.Body.Attributes["log_group"].Expr, nil)
		}
	}
	c.values["local"] = cty.ObjectVal(locals)
	for _, b := range blocks {
		if b.Type == "data" {
			c.checkBody(b.Body, "data."+b.Labels[0], nil)
			name := c.text(b.Body, "name", nil)
			arn := cty.StringVal(fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", home.Partition, home.Region, home.Account, name))
			self := cty.ObjectVal(map[string]cty.Value{"arn": arn, "name": cty.StringVal(name)})
			c.values["data"] = cty.ObjectVal(map[string]cty.Value{b.Labels[0]: cty.ObjectVal(map[string]cty.Value{b.Labels[1]: self})})
			condition := b.Body.Blocks[0].Body.Blocks[0].Body.Attributes["condition"].Expr
			if !c.value(condition, map[string]cty.Value{"self": self}).True() {
				c.problem("the guard refuses the home")
			}
			elsewhere := cty.ObjectVal(map[string]cty.Value{"arn": cty.StringVal(strings.Replace(arn.AsString(), home.Account, "999988887777", 1))})
			if c.value(condition, map[string]cty.Value{"self": elsewhere}).True() {
				c.problem("the guard lets another account pass")
			}
		}
	}
	for _, b := range blocks {
		if b.Type == "locals" {
			for name, a := range b.Body.Attributes {
				locals[name] = c.value(a.Expr, nil)
			}
		}
	}
	c.values["local"] = cty.ObjectVal(locals)
}

// value evaluates an expression.
func (c *configuration) value(e hclsyntax.Expression, more map[string]cty.Value) cty.Value {
	values := maps.Clone(c.values)
	maps.Copy(values, more)
	v, diags := e.Value(&hcl.EvalContext{Variables: values, Functions: map[string]function.Function{
		"jsonencode": stdlib.JSONEncodeFunc, "join": stdlib.JoinFunc, "trimsuffix": stdlib.TrimSuffixFunc,
	}})
	if diags.HasErrors() {
		c.problem("%s", diags)
		return cty.StringVal("")
	}
	return v
}

// text evaluates an attribute as Terraform's providers get it, "" for none.
func (c *configuration) text(body *hclsyntax.Body, name string, more map[string]cty.Value) string {
	a := body.Attributes[name]
	if a == nil {
		return ""
	}
	v, err := convert.Convert(c.value(a.Expr, more), cty.String)
	if err != nil || v.IsNull() {
		c.problem("%s: no text: %v", name, err)
		return ""
	}
	return v.AsString()
}

func (c *configuration) list(body *hclsyntax.Body, name string, more map[string]cty.Value) []string {
	var out []string
	if a := body.Attributes[name]; a != nil {
		v, err := convert.Convert(c.value(a.Expr, more), cty.List(cty.String))
		if err != nil {
			c.problem("%s: %v", name, err)
			return nil
		}
		for _, x := range v.AsValueSlice() {
			out = append(out, x.AsString())
		}
	}
	return out
}

func (c *configuration) tags(body *hclsyntax.Body, more map[string]cty.Value) map[string]string {
	out := map[string]string{}
	if a := body.Attributes["tags"]; a != nil {
		for key, v := range c.value(a.Expr, more).AsValueMap() {
			out[key] = v.AsString()
		}
	}
	return out
}

// metaArguments are Terraform's own.
var metaArguments = []string{"for_each", "depends_on"}

// checkBody holds arguments and blocks to every version of the provider.
func (c *configuration) checkBody(body *hclsyntax.Body, kind string, more map[string]cty.Value) {
	for _, version := range c.facts {
		known, ok := version[kind]
		if !ok {
			c.problem("unknown type %s", kind)
			continue
		}
		c.check(body, kind, known, more)
	}
}

func (c *configuration) check(body *hclsyntax.Body, kind string, known typeFacts, more map[string]cty.Value) {
	types := map[string]cty.Type{"string": cty.String, "number": cty.Number, "bool": cty.Bool, "list": cty.List(cty.String), "map": cty.Map(cty.String)}
	for name, a := range body.Attributes {
		fact, ok := known.Attributes[name]
		if slices.Contains(metaArguments, name) {
			continue
		}
		if !ok {
			c.problem("%s has no argument %s", kind, name)
			continue
		}
		if _, err := convert.Convert(c.value(a.Expr, more), types[fact.Type]); err != nil {
			c.problem("%s.%s: %v", kind, name, err)
		}
	}
	for name, fact := range known.Attributes {
		if fact.Required && body.Attributes[name] == nil {
			c.problem("%s lacks %s", kind, name)
		}
	}
	count := map[string]int{}
	for _, b := range body.Blocks {
		if b.Type == "lifecycle" {
			continue
		}
		fact, ok := known.Blocks[b.Type]
		if !ok {
			c.problem("%s has no block %s", kind, b.Type)
			continue
		}
		count[b.Type]++
		c.check(b.Body, kind+"."+b.Type, fact.typeFacts, more)
	}
	for name, fact := range known.Blocks {
		if fact.Required && count[name] == 0 || fact.Max1 && count[name] > 1 {
			c.problem("%s has %d blocks %s", kind, count[name], name)
		}
	}
}

// resource evaluates all instances of a resource.
func (c *configuration) resource(b *hclsyntax.Block) {
	address := b.Labels[0] + "." + b.Labels[1]
	each := b.Body.Attributes["for_each"]
	if each == nil {
		c.instance(b, address, nil)
		return
	}
	for key, v := range c.value(each.Expr, nil).AsValueMap() {
		c.instance(b, fmt.Sprintf("%s[%q]", address, key), map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": cty.StringVal(key), "value": v})})
	}
}

func (c *configuration) instance(b *hclsyntax.Block, address string, more map[string]cty.Value) {
	c.checkBody(b.Body, b.Labels[0], more)
	c.exists[address] = true
	get := func(name string) string { return c.text(b.Body, name, more) }
	switch b.Labels[0] {
	case "aws_sns_topic":
		c.result.Topics = append(c.result.Topics, fmt.Sprintf("%q key=%q tags=%q policy=", get("name"), get("kms_master_key_id"), c.tags(b.Body, more)))
	case "aws_sns_topic_policy":
		arn := get("arn")
		for i, t := range c.result.Topics {
			if strings.HasPrefix(t, fmt.Sprintf("%q ", arn[strings.LastIndexByte(arn, ':')+1:])) {
				c.result.Topics[i] += canonical(get("policy"))
			}
		}
	case "aws_sns_topic_subscription":
		c.result.subscription(desired.Subscription{TopicARN: get("topic_arn"), Protocol: get("protocol"), Endpoint: get("endpoint")})
	case "aws_cloudwatch_log_metric_filter":
		x := b.Body.Blocks[0].Body
		c.result.filter(account.MetricFilter{
			LogGroup: get("log_group_name"), Name: get("name"), Pattern: get("pattern"), Namespace: c.text(x, "namespace", more), Metric: c.text(x, "name", more),
			Value: c.text(x, "value", more), Default: float(c.text(x, "default_value", more)), Unit: c.text(x, "unit", more),
		})
	case "aws_cloudwatch_metric_alarm":
		c.result.alarm(account.MetricAlarm{
			Name: get("alarm_name"), Description: get("alarm_description"), Namespace: get("namespace"), Metric: get("metric_name"), Statistic: get("statistic"),
			Comparison: get("comparison_operator"), Threshold: float(get("threshold")), DatapointsToAlarm: int32Of(get("datapoints_to_alarm")),
			EvaluationPeriods: int32Of(get("evaluation_periods")), Period: int32Of(get("period")), MissingData: get("treat_missing_data"), ActionsEnabled: get("actions_enabled") == "true",
			AlarmActions: c.list(b.Body, "alarm_actions", more), OKActions: c.list(b.Body, "ok_actions", more), NoDataActions: c.list(b.Body, "insufficient_data_actions", more),
		}, c.tags(b.Body, more))
	default:
		c.problem("resource %s", b.Labels[0])
	}
}

// imported reads an import block: the address as a reference with a key that is a text.
func (c *configuration) imported(b *hclsyntax.Block) {
	traversal, diags := hcl.AbsTraversalForExpr(b.Body.Attributes["to"].Expr)
	if diags.HasErrors() {
		c.problem("%s", diags)
		return
	}
	address := traversal.RootName()
	for _, step := range traversal[1:] {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			address += "." + step.Name
		case hcl.TraverseIndex:
			address += fmt.Sprintf("[%q]", step.Key.AsString())
		}
	}
	c.imports[address] = c.text(b.Body, "id", nil)
}
