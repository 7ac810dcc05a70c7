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

	home        desired.Home
	aliases     map[string]string // regions of providers
	connections map[string]called // by ARN
	roles       []desired.Role
	buckets     map[string]*account.Bucket // by name
}

func (c *configuration) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// evaluate reads the files. secrets are the values of the variables.
func evaluate(t testing.TB, files []export.File, home desired.Home, secrets map[string]string) *configuration {
	t.Helper()
	c := &configuration{
		facts: []map[string]typeFacts{facts(t, 5), facts(t, 6)}, values: map[string]cty.Value{}, imports: map[string]string{}, exists: map[string]bool{},
		home: home, aliases: map[string]string{}, connections: map[string]called{}, buckets: map[string]*account.Bucket{},
	}
	var blocks hclsyntax.Blocks
	for _, f := range files {
		parsed, diags := hclsyntax.ParseConfig(f.Data, f.Name, hcl.InitialPos)
		if diags.HasErrors() {
			c.problem("%s", diags)
			return c
		}
		blocks = append(blocks, parsed.Body.(*hclsyntax.Body).Blocks...)
	}
	c.roots(blocks, secrets)
	slices.SortStableFunc(blocks, func(a, b *hclsyntax.Block) int { return strings.Compare(rank(a), rank(b)) })
	for _, b := range blocks {
		switch b.Type {
		case "resource":
			c.resource(b)
		case "import":
			c.imported(b)
		}
	}
	for _, b := range c.buckets {
		c.result.bucket(*b)
	}
	for address := range c.imports {
		if !c.exists[address] {
			c.problem("import of %s, which is not in the code", address)
		}
	}
	c.result.sort()
	return c
}

// rank puts policies behind what they are of, and API destinations behind connections.
func rank(b *hclsyntax.Block) string {
	switch {
	case b.Type == "resource" && strings.HasPrefix(b.Labels[0], "aws_s3_bucket_"):
		return "1"
	case len(b.Labels) == 0, b.Labels[0] == "aws_cloudwatch_event_api_destination":
		return "2"
	case strings.HasSuffix(b.Labels[0], "_policy"):
		return "1"
	}
	return "0"
}

// region is where the provider of a block works.
func (c *configuration) region(body *hclsyntax.Body) string {
	a := body.Attributes["provider"]
	if a == nil {
		return c.home.Region
	}
	traversal, _ := hcl.AbsTraversalForExpr(a.Expr)
	region := c.aliases[traversal[1].(hcl.TraverseAttr).Name]
	if region == "" {
		c.problem("no provider %s", traversal[1].(hcl.TraverseAttr).Name)
	}
	return region
}

func (c *configuration) homeIn(body *hclsyntax.Body) desired.Home {
	return desired.Home{Partition: c.home.Partition, Account: c.home.Account, Region: c.region(body)}
}

// roots evaluates what other expressions refer to.
func (c *configuration) roots(blocks hclsyntax.Blocks, secrets map[string]string) {
	variables := map[string]cty.Value{}
	for name, s := range secrets {
		variables[name] = cty.StringVal(s)
	}
	c.values["var"] = cty.ObjectVal(variables)
	for _, b := range blocks {
		if b.Type == "provider" {
			c.aliases[c.text(b.Body, "alias", nil)] = c.text(b.Body, "region", nil)
		}
	}
	locals := map[string]cty.Value{}
	evaluate := func(only string) {
		for _, b := range blocks {
			if b.Type != "locals" {
				continue
			}
			for name, a := range b.Body.Attributes {
				if only == "" || name == only {
					locals[name] = c.value(a.Expr, nil)
				}
			}
		}
		c.values["local"] = cty.ObjectVal(locals)
	}
	c.values["data"] = cty.EmptyObjectVal
	evaluate("log_group")
	c.named(blocks)
	c.guards(blocks)
	evaluate("")
	rules := map[string]cty.Value{}
	for _, b := range blocks {
		if b.Type == "resource" && b.Labels[0] == "aws_cloudwatch_event_rule" {
			rules[b.Labels[1]] = c.value(b.Body.Attributes["for_each"].Expr, nil)
		}
	}
	c.values["aws_cloudwatch_event_rule"] = cty.ObjectVal(rules)
}

// named evaluates the resources that others refer to by their names and ARNs.
func (c *configuration) named(blocks hclsyntax.Blocks) {
	objects := map[string]map[string]cty.Value{}
	for _, b := range blocks {
		if b.Type == "resource" && b.Labels[0] == "aws_s3_bucket" {
			objects[b.Labels[0]] = map[string]cty.Value{b.Labels[1]: cty.ObjectVal(map[string]cty.Value{"id": c.value(b.Body.Attributes["bucket"].Expr, nil)})}
		}
		if b.Type != "resource" || b.Body.Attributes["name"] == nil || b.Body.Attributes["for_each"] != nil {
			continue
		}
		h, name := c.homeIn(b.Body), c.text(b.Body, "name", nil)
		var arn string
		switch b.Labels[0] {
		case "aws_cloudwatch_log_group":
			arn = desired.GroupARN(name, h)
		case "aws_sns_topic":
			arn = account.ARN{Partition: h.Partition, Service: "sns", Region: h.Region, Account: h.Account, Resource: name}.String()
		case "aws_iam_role":
			arn = account.ARN{Partition: h.Partition, Service: "iam", Account: h.Account, Resource: "role/" + name}.String()
		case "aws_cloudwatch_event_api_destination":
			arn = desired.DestinationARN(name, h)
		case "aws_cloudwatch_event_connection":
			arn = desired.ConnectionARN(name, h)
		default:
			continue
		}
		if objects[b.Labels[0]] == nil {
			objects[b.Labels[0]] = map[string]cty.Value{}
		}
		objects[b.Labels[0]][b.Labels[1]] = cty.ObjectVal(map[string]cty.Value{"arn": cty.StringVal(arn), "name": cty.StringVal(name)})
	}
	for kind, list := range objects {
		c.values[kind] = cty.ObjectVal(list)
	}
}

// guards evaluates the data sources, and tries what they demand on another account.
func (c *configuration) guards(blocks hclsyntax.Blocks) {
	data, regions := map[string]map[string]cty.Value{}, map[string]bool{}
	for _, b := range blocks {
		if b.Type != "data" {
			continue
		}
		c.checkBody(b.Body, "data."+b.Labels[0], nil)
		name, h := c.text(b.Body, "name", nil), c.homeIn(b.Body)
		regions[h.Region] = true
		arn := cty.StringVal(fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", h.Partition, h.Region, h.Account, name))
		if b.Labels[0] == "aws_cloudwatch_event_bus" {
			arn = cty.StringVal(fmt.Sprintf("arn:%s:events:%s:%s:event-bus/%s", h.Partition, h.Region, h.Account, name))
		}
		self := cty.ObjectVal(map[string]cty.Value{"arn": arn, "name": cty.StringVal(name)})
		if data[b.Labels[0]] == nil {
			data[b.Labels[0]] = map[string]cty.Value{}
		}
		data[b.Labels[0]][b.Labels[1]] = self
		lifecycle := slices.IndexFunc(b.Body.Blocks, func(x *hclsyntax.Block) bool { return x.Type == "lifecycle" })
		condition := b.Body.Blocks[lifecycle].Body.Blocks[0].Body.Attributes["condition"].Expr
		if !c.value(condition, map[string]cty.Value{"self": self}).True() {
			c.problem("the guard refuses the home")
		}
		for _, other := range [][2]string{{h.Account, "999988887777"}, {h.Region, "eu-west-9"}} {
			elsewhere := cty.ObjectVal(map[string]cty.Value{"arn": cty.StringVal(strings.Replace(arn.AsString(), other[0], other[1], 1))})
			if c.value(condition, map[string]cty.Value{"self": elsewhere}).True() {
				c.problem("the guard lets %s pass", other[1])
			}
		}
	}
	for _, b := range blocks {
		if b.Type == "resource" && !regions[c.region(b.Body)] {
			c.problem("no guard in %s", c.region(b.Body))
		}
	}
	kinds := map[string]cty.Value{}
	for kind, list := range data {
		kinds[kind] = cty.ObjectVal(list)
	}
	c.values["data"] = cty.ObjectVal(kinds)
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
	if err == nil && v.IsNull() {
		return ""
	}
	if err != nil {
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
		if v.IsNull() {
			return nil
		}
		for _, x := range v.AsValueSlice() {
			out = append(out, x.AsString())
		}
	}
	return out
}

func (c *configuration) tags(body *hclsyntax.Body, more map[string]cty.Value) map[string]string {
	return c.mapOf(body, "tags", more)
}

// connection notes what an API destination signs in with.
func (c *configuration) connection(b *hclsyntax.Block, get func(string) string) {
	x := called{name: get("name"), connection: get("description"), auth: get("authorization_type")}
	for _, y := range b.Body.Blocks[0].Body.Blocks {
		switch y.Type {
		case "basic":
			x.user, x.password = c.text(y.Body, "username", nil), c.text(y.Body, "password", nil)
		case "api_key":
			if c.text(y.Body, "key", nil)+c.text(y.Body, "value", nil) != desired.NoKeyHeader+desired.NoKey {
				c.problem("another key")
			}
		case "invocation_http_parameters":
			body := y.Body.Blocks[0].Body
			if x.key = c.text(body, "value", nil); c.text(body, "key", nil) != desired.RoutingKeyParameter || c.text(body, "is_value_secret", nil) != "true" {
				c.problem("the routing key is not in the body as a secret")
			}
		}
	}
	c.connections[desired.ConnectionARN(x.name, c.homeIn(b.Body))] = x
}

func (c *configuration) mapOf(body *hclsyntax.Body, name string, more map[string]cty.Value) map[string]string {
	out := map[string]string{}
	if a := body.Attributes[name]; a != nil && !c.value(a.Expr, more).IsNull() {
		for key, v := range c.value(a.Expr, more).AsValueMap() {
			out[key] = v.AsString()
		}
	}
	return out
}

// metaArguments are Terraform's own.
var metaArguments = []string{"for_each", "depends_on", "provider"}

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
	region := c.region(b.Body)
	switch b.Labels[0] {
	case "aws_sns_topic":
		c.result.Topics = append(c.result.Topics, fmt.Sprintf("%s %q key=%q tags=%q policy=", region, get("name"), get("kms_master_key_id"), c.tags(b.Body, more)))
	case "aws_sns_topic_policy":
		arn := get("arn")
		for i, t := range c.result.Topics {
			if strings.HasPrefix(t, fmt.Sprintf("%s %q ", region, arn[strings.LastIndexByte(arn, ':')+1:])) {
				c.result.Topics[i] += canonical(get("policy"))
			}
		}
	case "aws_iam_role":
		c.roles = append(c.roles, desired.Role{Name: get("name"), Description: get("description"), Trust: get("assume_role_policy"), Tags: c.tags(b.Body, more)})
	case "aws_iam_role_policy":
		i := slices.IndexFunc(c.roles, func(r desired.Role) bool { return r.Name == get("role") })
		c.roles[i].Inline, c.roles[i].Policy = get("name"), get("policy")
		c.result.role(c.roles[i])
	case "aws_cloudwatch_event_connection":
		c.connection(b, get)
	case "aws_cloudwatch_event_api_destination":
		x := c.connections[get("connection_arn")]
		if x.name != get("name") || get("http_method") != "POST" {
			c.problem("API destination %s has the connection of %s", get("name"), x.name)
		}
		x.description, x.url = get("description"), get("invocation_endpoint")
		c.result.endpoint(region, x)
	case "aws_cloudwatch_event_rule":
		state := get("state")
		if state == "" {
			state = account.RuleEnabled
		}
		c.result.rule(region, account.Rule{Name: get("name"), Description: get("description"), Pattern: get("event_pattern"), State: state}, c.tags(b.Body, more))
	case "aws_cloudwatch_event_target":
		t := account.WholeTarget{ID: get("target_id"), ARN: get("arn"), RoleARN: get("role_arn")}
		for _, x := range b.Body.Blocks {
			t.Transformer = &account.Transformed{Template: c.text(x.Body, "input_template", more), Paths: c.mapOf(x.Body, "input_paths", more)}
		}
		c.result.target(region, get("rule"), t)
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
			EvaluationPeriods: int32Of(get("evaluation_periods")), Period: int32Of(get("period")), MissingData: get("treat_missing_data"), Dimensions: c.mapOf(b.Body, "dimensions", more), ActionsEnabled: get("actions_enabled") == "true",
			AlarmActions: c.list(b.Body, "alarm_actions", more), OKActions: c.list(b.Body, "ok_actions", more), NoDataActions: c.list(b.Body, "insufficient_data_actions", more),
		}, c.tags(b.Body, more))
	default:
		if !c.trail(b, get) {
			c.problem("resource %s", b.Labels[0])
		}
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
