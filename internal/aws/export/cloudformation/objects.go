package cloudformation

import (
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
)

func (w *writer) filter(f desired.Filter) {
	x := f.Filter
	transformation := dict{"MetricNamespace": x.Namespace, "MetricName": w.prefixed(x.Metric), "MetricValue": x.Value}
	if x.Default != nil {
		transformation["DefaultValue"] = *x.Default
	}
	if x.Unit != "" {
		transformation["Unit"] = x.Unit
	}
	var group any = x.LogGroup
	if x.LogGroup == w.list.LogGroup {
		group = w.group()
	}
	w.add(w.id("filter", w.bare(x.Name)), "AWS::Logs::MetricFilter", dict{
		"Metadata":   dict{"Control": export.Title(f.Control)},
		"Properties": dict{"LogGroupName": group, "FilterName": w.prefixed(x.Name), "FilterPattern": x.Pattern, "MetricTransformations": []any{transformation}},
	}, f.State, dict{"LogGroupName": x.LogGroup, "FilterName": x.Name})
}

// group refers to the log group of the list: to the one of the template, or the parameter.
func (w *writer) group() any {
	if w.list.Trail.Makes(w.list.LogGroup) {
		return ref(trailGroup)
	}
	return ref(logGroup)
}

// bare is the name of an object of ours without the prefix.
func (w *writer) bare(name string) string { return strings.TrimPrefix(name, w.list.Names.Prefix) }

func (w *writer) alarm(a desired.Alarm) {
	if len(w.list.Alarms) > 0 && w.parameters[enabled] == nil {
		w.parameters[enabled] = dict{"Type": "String", "Description": "Whether alarms notify anybody.", "Default": "true", "AllowedValues": []any{"true", "false"}}
	}
	x := a.Alarm
	p := dict{
		"AlarmName": w.prefixed(x.Name), "AlarmDescription": x.Description, "ActionsEnabled": ref(enabled),
		"Namespace": x.Namespace, "MetricName": x.Metric, "Statistic": x.Statistic, "Period": x.Period, "EvaluationPeriods": x.EvaluationPeriods,
		"ComparisonOperator": x.Comparison, "Tags": tags(a.Tags),
	}
	if !x.ActionsEnabled {
		p["ActionsEnabled"] = false
	}
	if w.metrics[x.Namespace+" "+x.Metric] {
		p["MetricName"] = w.prefixed(x.Metric)
	}
	if x.DatapointsToAlarm > 0 {
		p["DatapointsToAlarm"] = x.DatapointsToAlarm
	}
	if x.Threshold != nil {
		p["Threshold"] = *x.Threshold
	}
	if x.MissingData != "" {
		p["TreatMissingData"] = x.MissingData
	}
	if len(x.Dimensions) > 0 {
		p["Dimensions"] = w.dimensions(x.Dimensions)
	}
	var policies []any
	for name, list := range map[string][]string{"AlarmActions": x.AlarmActions, "OKActions": x.OKActions, "InsufficientDataActions": x.NoDataActions} {
		var actions []any
		for _, arn := range list {
			actions = append(actions, w.notified(arn))
			if _, ours := w.topics[arn]; ours && name == "AlarmActions" {
				policies = append(policies, w.policyID(arn))
			}
		}
		if len(actions) > 0 {
			p[name] = actions
		}
	}
	resource := dict{"Metadata": dict{"Control": export.Title(a.Control)}, "Properties": p}
	if len(policies) > 0 {
		resource["DependsOn"] = policies
	}
	w.add(w.id("alarm", w.bare(x.Name)), "AWS::CloudWatch::Alarm", resource, a.State, dict{"AlarmName": x.Name})
}

// dimensions are those of a metric; the log group is the parameter.
func (w *writer) dimensions(m map[string]string) []any {
	var out []any
	for _, name := range slices.Sorted(maps.Keys(m)) {
		var value any = m[name]
		if value == w.list.LogGroup {
			value = ref(logGroup)
		}
		out = append(out, dict{"Name": name, "Value": value})
	}
	return out
}

// subscriptions writes the subscribers. The first address of our first topic is a
// parameter that may be empty; what is secret is a parameter without a default.
func (w *writer) subscriptions() {
	byParameter := false
	for _, s := range w.list.Subscriptions {
		p := dict{"TopicArn": w.notified(s.TopicARN), "Protocol": s.Protocol, "Endpoint": w.arn(s.Endpoint)}
		resource := dict{"Properties": p}
		id := "Subscription" + s.Protocol
		in := export.InputOf(w.inputs, s)
		switch {
		case in != nil:
			p["Endpoint"] = w.secret(in)
			id = inputName(in) + "Subscription"
		case s.Protocol == "email" && !byParameter:
			byParameter, p["Endpoint"], resource["Condition"], id = true, ref(email), hasEmail, "EmailSubscription"
			w.emailParameter(s.Endpoint)
		default:
			id += s.Endpoint[strings.LastIndexByte(s.Endpoint, ':')+1:]
		}
		identifier := dict{"Arn": s.ARN}
		if s.ARN == "" {
			identifier = nil
		}
		w.add(w.id("subscription "+s.TopicARN, id), "AWS::SNS::Subscription", resource, s.State, identifier)
	}
	if !byParameter && len(w.topics) > 0 {
		w.emailParameter("")
		w.add(w.id("subscription", "EmailSubscription"), "AWS::SNS::Subscription", dict{
			"Condition": hasEmail, "Properties": dict{"TopicArn": ref(w.topics[w.list.Topics[0].ARN]), "Protocol": "email", "Endpoint": ref(email)},
		}, desired.New, nil)
	}
}

// secret is the reference to an input, which is a parameter of the template.
func (w *writer) secret(in *export.Input) any {
	w.parameters[inputName(in)] = dict{"Type": "String", "NoEcho": true, "Description": in.About}
	return ref(inputName(in))
}

// inputName is the parameter of an input: Subscriber1, Subscriber2Password.
func inputName(in *export.Input) string {
	var b strings.Builder
	for _, part := range strings.Split(in.Name(), "_") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

func (w *writer) emailParameter(address string) {
	w.parameter(email, "Address that gets the messages, once it has confirmed by the link in the mail; empty for none.", address)
	if w.stackSet {
		w.parameter(email, "Address that gets the messages, once it has confirmed by the link in the mail; empty for none.", "")
	}
	w.conditions[hasEmail] = dict{"Fn::Not": []any{dict{"Fn::Equals": []any{ref(email), ""}}}}
}

// importTemplate is a template of nothing but what is imported.
func (w *writer) importTemplate(template dict) dict {
	out, resources := dict{}, dict{}
	for key, value := range template {
		out[key] = value
	}
	for _, x := range w.imported {
		id := x.(dict)["LogicalResourceId"].(string) //nolint:forcetypeassert // made by add
		resource := dict{}
		for key, value := range w.resources[id].(dict) { //nolint:forcetypeassert // made by add
			if key != "DependsOn" && key != "Condition" {
				resource[key] = value
			}
		}
		resources[id] = resource
	}
	out["Resources"] = resources
	delete(out, "Conditions")
	used := dict{}
	for name, parameter := range w.parameters {
		if refersTo(resources, name) {
			used[name] = parameter
		}
	}
	out["Parameters"] = used
	return out
}

// refersTo reports whether a value holds a reference to a parameter.
func refersTo(v any, name string) bool {
	switch v := v.(type) {
	case dict:
		if v["Ref"] == name {
			return true
		}
		for _, x := range v {
			if refersTo(x, name) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(x any) bool { return refersTo(x, name) })
	}
	return false
}
