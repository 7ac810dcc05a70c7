package cloudformation

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// events writes roles, API destinations and rules.
func (w *writer) events() error {
	for _, r := range w.list.Roles {
		if err := w.role(r); err != nil {
			return err
		}
	}
	for _, e := range w.list.Endpoints {
		w.endpoint(e)
	}
	for _, r := range w.list.Rules {
		if err := w.rule(r); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) role(r desired.Role) error {
	trust, policy, err := export.PoliciesOf(r)
	if err != nil {
		return err
	}
	id := w.id("role", w.bare(r.Name))
	w.made[r.ARN] = id
	w.add(id, "AWS::IAM::Role", dict{"Properties": dict{
		"RoleName": w.prefixed(r.Name), "Description": r.Description, "AssumeRolePolicyDocument": w.value(trust), "Tags": tags(r.Tags),
		"Policies": []any{dict{"PolicyName": w.prefixed(r.Inline), "PolicyDocument": w.value(policy)}},
	}}, r.State, dict{"RoleName": r.Name})
	return nil
}

// endpoint writes a connection and its API destination. What signs in is a parameter.
func (w *writer) endpoint(e desired.Endpoint) {
	d, auth := e.Destination, dict{}
	secret := func(part string) any { return w.secret(export.CredentialOf(w.inputs, e, part)) }
	if d.Call.User != "" {
		auth["BasicAuthParameters"] = dict{"Username": secret("user"), "Password": secret("password")}
	} else {
		auth["ApiKeyAuthParameters"] = dict{"ApiKeyName": desired.NoKeyHeader, "ApiKeyValue": desired.NoKey}
	}
	if d.Call.RoutingKey != "" {
		auth["InvocationHttpParameters"] = dict{"BodyParameters": []any{dict{"Key": desired.RoutingKeyParameter, "Value": secret(""), "IsValueSecret": true}}}
	}
	connection := w.id("connection", w.bare(d.Name)+"Connection")
	w.add(connection, "AWS::Events::Connection", dict{"Properties": dict{
		"Name": w.prefixed(d.Name), "Description": e.Description, "AuthorizationType": d.Authorization(), "AuthParameters": auth,
	}}, e.Connection, dict{"Name": d.Name})
	var url any = d.Call.URL
	if e.HidesURL() {
		url = secret("")
	}
	id := w.id("destination", w.bare(d.Name))
	w.made[e.ARN] = id
	w.add(id, "AWS::Events::ApiDestination", dict{"Properties": dict{
		"Name": w.prefixed(d.Name), "Description": e.Description, "ConnectionArn": dict{"Fn::GetAtt": []any{connection, "Arn"}}, "HttpMethod": "POST", "InvocationEndpoint": url,
	}}, e.State, dict{"Name": d.Name})
}

func (w *writer) rule(r desired.Rule) error {
	pattern, err := export.ParseJSON(r.Rule.Pattern)
	if err != nil {
		return fmt.Errorf("reading the event pattern of rule %s: %w", r.Rule.Name, err)
	}
	p := dict{"Name": w.prefixed(r.Rule.Name), "Description": r.Rule.Description, "EventPattern": w.value(pattern), "State": r.Rule.State, "Tags": tags(r.Tags)}
	var targets, policies []any
	for _, x := range r.Targets {
		t := x.Target
		target := dict{"Id": t.ID, "Arn": w.notified(t.ARN)}
		if t.RoleARN != "" {
			target["RoleArn"] = w.arn(t.RoleARN)
		}
		if t.Transformer != nil {
			paths := dict{}
			for name, path := range t.Transformer.Paths {
				paths[name] = path
			}
			target["InputTransformer"] = dict{"InputPathsMap": paths, "InputTemplate": t.Transformer.Template}
		}
		if _, ours := w.topics[t.ARN]; ours {
			policies = append(policies, w.policyID(t.ARN))
		}
		targets = append(targets, target)
	}
	if len(targets) > 0 {
		p["Targets"] = targets
	}
	resource := dict{"Properties": p}
	if !r.IsForwarder() {
		resource["Metadata"] = dict{"Control": export.Title(r.Control)}
	}
	if len(policies) > 0 {
		resource["DependsOn"] = policies
	}
	w.add(w.id("rule", w.bare(r.Rule.Name)), "AWS::Events::Rule", resource, r.State, dict{"Arn": desired.RuleARN(r.Rule.Name, w.list.Home)})
	return nil
}
