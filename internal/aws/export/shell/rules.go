package shell

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/shellword"
)

// rolesIn are the roles that the script looks after.
func (w *writer) rolesIn() []desired.Role {
	return slices.DeleteFunc(slices.Clone(w.list.Roles), func(r desired.Role) bool { return r.State == desired.Kept })
}

// document is a JSON document as a value.
func document(text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return text // not JSON: a query finds nothing that is the same
	}
	return v
}

// lookRoles asks for each role and its policy.
func (w *writer) lookRoles() {
	for i, r := range w.rolesIn() {
		w.lookRole(strconv.Itoa(w.n(i)), r)
	}
}

// lookRole asks for a role and its policy. A role that is not there is an error to the CLI.
func (w *writer) lookRole(i string, r desired.Role) {
	name := map[string]any{"RoleName": r.Name}
	w.line("\n# %s\nrole%s=new\npolicyof%s=new", export.Comment("Role "+r.Name), i, i)
	alike := fmt.Sprintf("Role.AssumeRolePolicyDocument==%s && %s==`1`", literal(document(r.Trust)), isOurs("Role.Tags"))
	w.line("if answer=$(call iam get-role --cli-input-json %s --query %s 2>\"$scratch\"); then", input(name), shellword.Quote(alike))
	w.line("  role%s=same\n  [ \"$answer\" = true ] || refuse %s", i, shown("role %s exists and was not created by monitorctl, or has another trust policy", r.Name))
	name["PolicyName"] = r.Inline
	w.line("  if answer=$(call iam get-role-policy --cli-input-json %s --query %s 2>\"$scratch\"); then", input(name), shellword.Quote("PolicyDocument=="+literal(document(r.Policy))))
	w.line("    policyof%s=same\n    [ \"$answer\" = true ] || refuse %s\n  else\n    absent %s\n  fi", i, shown("role %s exists with another policy", r.Name), shown("the policy of role %s", r.Name))
	w.line("else\n  absent %s\nfi", shown("role %s", r.Name))
}

func (w *writer) writeRoles() {
	for i, r := range w.rolesIn() {
		w.writeRole(strconv.Itoa(w.n(i)), r)
	}
}

func (w *writer) writeRole(i string, r desired.Role) {
	w.add("role"+i, export.Comment("Role "+r.Name), "iam create-role", map[string]any{
		"RoleName": r.Name, "AssumeRolePolicyDocument": r.Trust, "Description": r.Description, "Tags": tags(r.Tags),
	})
	w.when(fmt.Sprintf(`"$policyof%s" = new`, i), w.aws()+" iam put-role-policy --cli-input-json "+input(map[string]any{"RoleName": r.Name, "PolicyName": r.Inline, "PolicyDocument": r.Policy}))
}

// lookEndpoints asks for API destinations and connections by their names, and keeps their
// ARNs: null for those that are not there.
func (w *writer) lookEndpoints() {
	for i, e := range w.list.Endpoints {
		i, name := w.n(i), e.Destination.Name
		find := func(kind, list, arn string) {
			w.line("%s%d=$(call events list-%s --cli-input-json %s --query %s)", kind, i, list, input(map[string]any{"NamePrefix": name}),
				shellword.Quote(fmt.Sprintf("(%s || `[]`)[?Name==%s].%s | [0]", map[string]string{"connections": "Connections", "api-destinations": "ApiDestinations"}[list], literal(name), arn)))
		}
		ours := func(kind, describe, alike, what string) {
			w.line("case $%[1]s%[2]d in\nnull) ;;\n'\"arn:'*)\n  answer=$(call events %[3]s --cli-input-json %[4]s --query %[5]s)", kind, i, describe, input(map[string]any{"Name": name}), shellword.Quote(alike))
			w.line("  [ \"$answer\" = true ] || refuse %s\n  ;;\n*) cut \"$%s%d\" ;;\nesac", shown("%s %s exists with other settings", what, name), kind, i)
		}
		w.line("\n# %s", export.Comment("API destination "+name))
		find("connection", "connections", "ConnectionArn")
		described := "Description==" + literal(e.Description)
		if e.Connection != desired.Kept {
			ours("connection", "describe-connection", described+" && AuthorizationType=="+literal(e.Destination.Authorization()), "connection")
		}
		find("destination", "api-destinations", "ApiDestinationArn")
		if !e.HidesURL() {
			described += " && InvocationEndpoint==" + literal(e.Destination.Call.URL)
		}
		if e.State != desired.Kept {
			ours("destination", "describe-api-destination", described, "API destination")
		}
	}
}

func (w *writer) writeEndpoints() {
	for i, e := range w.list.Endpoints {
		i, d := w.n(i), e.Destination
		var put []insert
		ask := func(part string) string {
			put = append(put, secret(part, export.CredentialOf(w.inputs, e, part)))
			return secretMark(part)
		}
		auth := map[string]any{}
		if d.Call.User != "" {
			auth["BasicAuthParameters"] = map[string]string{"Username": ask("user"), "Password": ask("password")}
		} else {
			auth["ApiKeyAuthParameters"] = map[string]string{"ApiKeyName": desired.NoKeyHeader, "ApiKeyValue": desired.NoKey}
		}
		if d.Call.RoutingKey != "" {
			auth["InvocationHttpParameters"] = map[string]any{"BodyParameters": []any{map[string]any{"Key": desired.RoutingKeyParameter, "Value": ask(""), "IsValueSecret": true}}}
		}
		w.gap()
		w.about(export.Comment("API destination " + d.Name))
		w.addEndpoint("connection", i, "events create-connection", "ConnectionArn", map[string]any{
			"Name": d.Name, "Description": e.Description, "AuthorizationType": d.Authorization(), "AuthParameters": auth,
		}, put)
		put = []insert{arnOf("connection", i)}
		url := d.Call.URL
		if e.HidesURL() {
			url = ask("")
		}
		w.addEndpoint("destination", i, "events create-api-destination", "ApiDestinationArn", map[string]any{
			"Name": d.Name, "Description": e.Description, "ConnectionArn": arnMark("connection"), "InvocationEndpoint": url, "HttpMethod": "POST",
		}, put)
	}
}

func arnMark(kind string) string { return "@arn of " + kind + "@" }

// arnOf inserts an ARN that the script has in a variable, as JSON.
func arnOf(kind string, i int) insert {
	return insert{mark: `"` + arnMark(kind) + `"`, word: fmt.Sprintf("\"$%s%d\"", kind, i)}
}

// addEndpoint makes a connection or API destination that is not there, and keeps its ARN.
func (w *writer) addEndpoint(kind string, i int, call, arn string, in any, put []insert) {
	lines := w.calling(call, in, put...)
	last := len(lines) - 1
	lines[last] = fmt.Sprintf("%s%d=$(%s --query %s)", kind, i, lines[last], arn)
	w.missing(fmt.Sprintf(`"$%s%d" = null`, kind, i), lines...)
}

// rulesIn are the rules that the script looks after.
func (w *writer) rulesIn() []desired.Rule {
	return slices.DeleteFunc(slices.Clone(w.list.Rules), func(r desired.Rule) bool { return r.State == desired.Kept })
}

// lookRules asks for rules by one call, and for the targets of each that is there.
func (w *writer) lookRules() {
	rules := w.rulesIn()
	if len(rules) == 0 {
		return
	}
	var queries []string
	for _, r := range rules {
		queries = append(queries, ruleQuery(r.Rule))
	}
	w.line("\n# Rules")
	for _, chunk := range chunks(queries) {
		w.words("rule", "events list-rules --cli-input-json "+input(map[string]any{"NamePrefix": w.list.Names.RulePrefix()}), queries, chunk)
	}
	first := 0
	for i, r := range rules {
		i := w.n(i)
		w.line("case $rule%d in\nnew) ;;\nsame)", i)
		w.line("  answer=$(call events list-tags-for-resource --cli-input-json %s --query %s)", input(map[string]any{"ResourceARN": r.Rule.ARN}), shellword.Quote(isOurs("Tags")))
		w.line("  [ \"$answer\" = 1 ] || refuse %s\n  ;;", shown("rule %s exists and was not created by monitorctl", r.Rule.Name))
		w.line("other) refuse %[2]s ;;\n*) cut \"$rule%[1]d\" ;;\nesac", i, shown("rule %s exists with other settings", r.Rule.Name))
		w.lookTargets(i, first, r)
		first += len(r.Targets)
	}
}

// lookTargets asks for the targets of a rule; the variables of the first one have the
// number first.
func (w *writer) lookTargets(rule, first int, r desired.Rule) {
	queries, chunk := make([]string, first+len(r.Targets)), []int{}
	for k, t := range r.Targets {
		queries[first+k] = w.targetQuery(t.Target)
		chunk = append(chunk, first+k)
		w.line("target%d=new", w.n(first+k))
	}
	w.line("if [ \"$rule%d\" = same ]; then", rule)
	w.words("target", "events list-targets-by-rule --cli-input-json "+input(map[string]any{"Rule": r.Rule.Name}), queries, chunk)
	w.line("fi")
	for k, t := range r.Targets {
		w.line("case $target%[1]d in\nnew | same) ;;\nother) refuse %[2]s ;;\n*) cut \"$target%[1]d\" ;;\nesac", w.n(first+k), shown("target %s of rule %s exists with other settings", t.Target.ID, r.Rule.Name))
	}
}

// ruleQuery is a query for how a rule stands.
func ruleQuery(r account.Rule) string {
	name := condition{"Name", r.Name}
	return inWords(same("Rules", name), same("Rules", name, condition{"EventPattern", optional(r.Pattern)}, condition{"State", r.State}, condition{"Description", optional(r.Description)},
		condition{"ScheduleExpression", nil}, condition{"RoleArn", nil}, condition{"ManagedBy", nil}))
}

// targetQuery is a query for how a target stands. The ARN of an API destination that may be
// made by the script is known by its name.
func (w *writer) targetQuery(t account.WholeTarget) string {
	id := condition{"Id", t.ID}
	alike := []condition{id, {"RoleArn", optional(t.RoleARN)}, {"Input", nil}, {"InputPath", nil}}
	if x := t.Transformer; x != nil {
		alike = append(alike, condition{"InputTransformer.InputTemplate", x.Template}, condition{"InputTransformer.InputPathsMap", paths(x)})
	} else {
		alike = append(alike, condition{"InputTransformer", nil})
	}
	e := w.list.Endpoint(t.ARN)
	if e == nil {
		alike = append(alike, condition{"Arn", t.ARN})
	}
	query := same("Targets", alike...)
	if e != nil {
		h := w.list.Home
		arn := account.ARN{Partition: h.Partition, Service: "events", Region: h.Region, Account: h.Account, Resource: "api-destination/" + e.Destination.Name + "/"}
		query = query[:len(query)-len("])")] + " && starts_with(Arn, " + literal(arn.String()) + ")])"
	}
	return inWords(same("Targets", id), query)
}

func paths(x *account.Transformed) any {
	if len(x.Paths) == 0 {
		return nil
	}
	return x.Paths
}

func (w *writer) writeRules() {
	first := 0
	for i, r := range w.rulesIn() {
		about := export.Comment("Events for the rules of another region")
		if !r.IsForwarder() {
			about = export.Title(r.Control)
		}
		in := map[string]any{"Name": r.Rule.Name, "EventPattern": r.Rule.Pattern, "State": r.Rule.State, "Tags": tags(r.Tags)}
		if r.Rule.Description != "" {
			in["Description"] = r.Rule.Description
		}
		w.add(fmt.Sprintf("rule%d", w.n(i)), about, "events put-rule", in)
		for k, t := range r.Targets {
			w.writeTarget(w.n(first+k), r, t.Target)
		}
		first += len(r.Targets)
	}
}

// writeTarget adds a target. A refusal of it is no error to the CLI.
func (w *writer) writeTarget(i int, r desired.Rule, t account.WholeTarget) {
	target := map[string]any{"Id": t.ID, "Arn": t.ARN}
	var put []insert
	if k := slices.IndexFunc(w.list.Endpoints, func(e desired.Endpoint) bool { return e.ARN == t.ARN }); k >= 0 {
		target["Arn"] = arnMark("destination")
		put = append(put, arnOf("destination", w.n(k)))
	}
	if t.RoleARN != "" {
		target["RoleArn"] = t.RoleARN
	}
	if x := t.Transformer; x != nil {
		transformer := map[string]any{"InputTemplate": x.Template}
		if p := paths(x); p != nil {
			transformer["InputPathsMap"] = p
		}
		target["InputTransformer"] = transformer
	}
	lines := w.calling("events put-targets", map[string]any{"Rule": r.Rule.Name, "Targets": []any{target}}, put...)
	last := len(lines) - 1
	lines[last] = "answer=$(" + lines[last] + " --query FailedEntryCount)"
	w.missing(fmt.Sprintf(`"$target%d" = new`, i), append(lines, `if [ "$answer" != 0 ]; then`,
		"  printf '%s\\n' "+shown("target %s of rule %s was refused", t.ID, r.Rule.Name)+" >&2", "  exit 1", "fi")...)
}
