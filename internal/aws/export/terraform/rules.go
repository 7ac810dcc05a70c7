package terraform

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// rules are the entries of the rules.
func (w *writer) rules() table {
	t := table{always: []string{"name", "description", "pattern"}}
	for _, r := range w.list.Rules {
		e := entry{key: r.Key, values: map[string]string{}}
		if !r.IsForwarder() {
			e.comments = []string{export.Title(r.Control)}
		}
		e.set("name", quote(r.Rule.Name))
		e.set("description", quote(r.Rule.Description))
		e.set("pattern", quote(r.Rule.Pattern))
		if r.Rule.State != account.RuleEnabled { // what a rule is by itself
			e.set("state", quote(r.Rule.State))
		}
		e.set("tags", object(r.Tags))
		t.entries = append(t.entries, e)
	}
	return t
}

func (w *writer) ruleResource(t table) {
	if len(t.entries) == 0 {
		return
	}
	w.resource("resource", "aws_cloudwatch_event_rule", w.own("control"))
	w.line("for_each = local.%s\n\nname = each.value.name\ndescription = each.value.description\nevent_pattern = each.value.pattern", w.own("rules"))
	w.argument(t, "state", "state")
	w.argument(t, "tags", "tags")
	w.line("}\n")
}

// targetKey is the key of a target.
func targetKey(r desired.Rule, t desired.Target) string { return r.Key + " " + t.Target.ID }

// targets are the entries of the targets that send a text of ours, or of those that send
// the event as it is.
func (w *writer) targets(forward bool) table {
	t := table{always: []string{"rule", "id", "arn"}}
	if !forward {
		t.always = append(t.always, "paths", "template")
	}
	for _, r := range w.list.Rules {
		for _, x := range r.Targets {
			to := x.Target
			if (to.Transformer == nil) != forward {
				continue
			}
			e := entry{key: targetKey(r, x), values: map[string]string{}}
			e.set("rule", quote(r.Key))
			e.set("id", quote(to.ID))
			e.set("arn", w.arn(to.ARN))
			if to.RoleARN != "" {
				e.set("role", w.arn(to.RoleARN))
			}
			if !forward {
				e.set("paths", object(to.Transformer.Paths))
				e.set("template", quote(to.Transformer.Template))
			}
			t.entries = append(t.entries, e)
		}
	}
	return t
}

// targetResource writes the targets of a map.
func (w *writer) targetResource(name string, t table) {
	if len(t.entries) == 0 {
		return
	}
	label := w.own("control")
	if name == "forwarders" {
		label = w.own("forwarder")
	}
	w.resource("resource", "aws_cloudwatch_event_target", label)
	w.line("for_each = local.%s\n\nrule = aws_cloudwatch_event_rule.%s[each.value.rule].name\ntarget_id = each.value.id\narn = each.value.arn", w.own(name), w.own("control"))
	w.argument(t, "role_arn", "role")
	if name == "targets" {
		w.line("\ninput_transformer {\ninput_paths = each.value.paths\ninput_template = each.value.template\n}")
	}
	if waits := w.waits(); waits != "" {
		w.line("\n# A rule must not send before it may.\ndepends_on = [%s]", waits)
	}
	w.line("}\n")
}

// waits are references to what lets the targets be reached: the policies of topics and
// roles.
func (w *writer) waits() string {
	var parts []string
	if policies := w.policies(); policies != "" {
		parts = append(parts, policies)
	}
	for _, r := range slices.Concat(w.list.Roles, w.roles) {
		parts = append(parts, "aws_iam_role_policy."+w.label(r.ARN))
	}
	return strings.Join(parts, ", ")
}

func (w *writer) role(r desired.Role) error {
	label := w.label(r.ARN)
	trust, policy, err := export.PoliciesOf(r)
	if err != nil {
		return err
	}
	w.line("resource \"aws_iam_role\" %s {\nname = %s\ndescription = %s\nassume_role_policy = jsonencode(%s)\ntags = %s\n}\n", quote(label), quote(r.Name), quote(r.Description), w.expression(trust), object(r.Tags))
	w.line("resource \"aws_iam_role_policy\" %s {\nname = %s\nrole = aws_iam_role.%s.name\npolicy = jsonencode(%s)\n}\n", quote(label), quote(r.Inline), label, w.expression(policy))
	return nil
}

// endpoint writes a connection and its API destination. What signs in is a variable.
func (w *writer) endpoint(e desired.Endpoint) {
	label, call := w.label(e.ARN), e.Destination.Call
	secret := func(part string) string { return "var." + export.CredentialOf(w.inputs, e, part).Name() }
	w.resource("resource", "aws_cloudwatch_event_connection", label)
	w.line("name = %s\ndescription = %s\nauthorization_type = %s\n\nauth_parameters {", quote(e.Destination.Name), quote(e.Description), quote(e.Destination.Authorization()))
	if call.User != "" {
		w.line("basic {\nusername = %s\npassword = %s\n}", secret("user"), secret("password"))
	} else {
		w.line("api_key {\nkey = %s\nvalue = %s\n}", quote(desired.NoKeyHeader), quote(desired.NoKey))
	}
	if call.RoutingKey != "" {
		w.line("\ninvocation_http_parameters {\nbody {\nkey = %s\nvalue = %s\nis_value_secret = true\n}\n}", quote(desired.RoutingKeyParameter), secret(""))
	}
	w.line("}\n}\n")
	url := quote(call.URL)
	if e.HidesURL() {
		url = secret("")
	}
	w.resource("resource", "aws_cloudwatch_event_api_destination", label)
	w.line("name = %s\ndescription = %s\ninvocation_endpoint = %s\nhttp_method = \"POST\"\nconnection_arn = aws_cloudwatch_event_connection.%s.arn\n}\n", quote(e.Destination.Name), quote(e.Description), url, label)
}

// ruleImports takes over roles, connections, API destinations, rules and targets.
func (w *writer) ruleImports(block func(to, id string)) {
	for _, r := range w.list.Roles {
		if exists(r.State) {
			block("aws_iam_role."+w.label(r.ARN), r.Name)
			block("aws_iam_role_policy."+w.label(r.ARN), r.Name+":"+r.Inline)
		}
	}
	for _, e := range w.list.Endpoints {
		if exists(e.Connection) {
			block("aws_cloudwatch_event_connection."+w.label(e.ARN), e.Destination.Name)
		}
		if exists(e.State) {
			block("aws_cloudwatch_event_api_destination."+w.label(e.ARN), e.Destination.Name)
		}
	}
	for _, r := range w.list.Rules {
		if exists(r.State) {
			block("aws_cloudwatch_event_rule."+w.own("control")+"["+quote(r.Key)+"]", account.DefaultBus+"/"+r.Rule.Name)
		}
		for _, t := range r.Targets {
			if !exists(t.State) {
				continue
			}
			label := w.own("control")
			if t.Target.Transformer == nil {
				label = w.own("forwarder")
			}
			block("aws_cloudwatch_event_target."+label+"["+quote(targetKey(r, t))+"]", account.DefaultBus+"/"+r.Rule.Name+"/"+t.Target.ID)
		}
	}
}
