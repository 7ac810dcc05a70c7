package export_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/aws/export/cloudformation"
)

// A stack evaluates a template in an account, as far as exports use the language.
type stack struct {
	home       desired.Home
	parameters map[string]any
	resources  map[string]any
	conditions map[string]any
	used       map[string]bool // parameters
	problems   []string
}

// newStack takes the defaults of the parameters unless values are given.
func newStack(template map[string]any, home desired.Home, values map[string]string) *stack {
	s := &stack{home: home, parameters: map[string]any{}, used: map[string]bool{}}
	s.resources, _ = template["Resources"].(map[string]any)
	s.conditions, _ = template["Conditions"].(map[string]any)
	for name, p := range template["Parameters"].(map[string]any) {
		s.parameters[name] = p.(map[string]any)["Default"]
		if v, ok := values[name]; ok {
			s.parameters[name] = v
		}
		if s.parameters[name] == nil {
			s.problems = append(s.problems, "parameter "+name+" has no value")
		}
	}
	return s
}

func (s *stack) value(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = s.value(v[i])
		}
		return out
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" {
					return s.ref(argument.(string))
				}
				if strings.HasPrefix(name, "Fn::") {
					return s.call(name, argument.([]any))
				}
			}
		}
		out := map[string]any{}
		for key := range v {
			out[key] = s.value(v[key])
		}
		return out
	}
	return v
}

func (s *stack) call(name string, arguments []any) any {
	switch name {
	case "Fn::GetAtt":
		return s.attribute(arguments[0].(string), arguments[1].(string))
	case "Fn::Join":
		var parts []string
		for _, x := range arguments[1].([]any) {
			parts = append(parts, s.value(x).(string))
		}
		return strings.Join(parts, arguments[0].(string))
	case "Fn::Equals":
		return s.value(arguments[0]) == s.value(arguments[1])
	case "Fn::Not":
		return !s.value(arguments[0]).(bool)
	}
	s.problems = append(s.problems, "function "+name)
	return nil
}

// attribute is the ARN of a resource.
func (s *stack) attribute(id, name string) any {
	r, _ := s.resources[id].(map[string]any)
	p, _ := r["Properties"].(map[string]any)
	switch kind := r["Type"]; {
	case name != "Arn":
	case kind == "AWS::IAM::Role":
		return account.ARN{Partition: s.home.Partition, Service: "iam", Account: s.home.Account, Resource: "role/" + s.value(p["RoleName"]).(string)}.String()
	case kind == "AWS::Logs::LogGroup":
		return desired.GroupARN(s.value(p["LogGroupName"]).(string), s.home) + ":*"
	case kind == "AWS::Events::ApiDestination":
		return desired.DestinationARN(s.value(p["Name"]).(string), s.home)
	case kind == "AWS::Events::Connection":
		return desired.ConnectionARN(s.value(p["Name"]).(string), s.home)
	}
	s.problems = append(s.problems, "GetAtt "+id+" "+name)
	return ""
}

func (s *stack) ref(name string) any {
	switch name {
	case "AWS::AccountId":
		return s.home.Account
	case "AWS::Region":
		return s.home.Region
	case "AWS::Partition":
		return s.home.Partition
	}
	if v, ok := s.parameters[name]; ok {
		s.used[name] = true
		return v
	}
	r, ok := s.resources[name].(map[string]any)
	for kind, property := range map[string]string{"AWS::Logs::LogGroup": "LogGroupName", "AWS::S3::Bucket": "BucketName"} {
		if ok && r["Type"] == kind {
			return s.value(r["Properties"].(map[string]any)[property])
		}
	}
	if !ok || r["Type"] != "AWS::SNS::Topic" {
		s.problems = append(s.problems, "Ref "+name)
		return ""
	}
	topic := s.value(r["Properties"].(map[string]any)["TopicName"]).(string)
	return account.ARN{Partition: s.home.Partition, Service: "sns", Region: s.home.Region, Account: s.home.Account, Resource: topic}.String()
}

// properties are the evaluated properties of a resource, decoded.
func decodeProperties(s *stack, r map[string]any, into any) {
	data, _ := json.Marshal(s.value(r["Properties"]))
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		s.problems = append(s.problems, fmt.Sprintf("%v: %v", r["Type"], err))
	}
}

type cfnTags []struct{ Key, Value string }

func (t cfnTags) tags() map[string]string {
	out := map[string]string{}
	for _, x := range t {
		out[x.Key] = x.Value
	}
	return out
}

// result evaluates all resources.
func (s *stack) result() result {
	var r result
	s.into(&r)
	r.sort()
	return r
}

// into evaluates all resources into the result of several templates.
func (s *stack) into(r *result) {
	for _, id := range slices.Sorted(maps.Keys(s.resources)) {
		x := s.resources[id].(map[string]any)
		if name, ok := x["Condition"].(string); ok && s.value(s.conditions[name]) != true {
			continue
		}
		s.add(r, id, x)
	}
}

func (s *stack) add(r *result, id string, x map[string]any) {
	switch x["Type"] {
	case "AWS::SNS::Topic":
		var p struct {
			TopicName, KmsMasterKeyID string
			Tags                      cfnTags
		}
		decodeProperties(s, x, &p)
		arn := s.ref(id)
		policy := ""
		for _, y := range s.resources {
			var q struct {
				Topics         []string
				PolicyDocument json.RawMessage
			}
			if y.(map[string]any)["Type"] == "AWS::SNS::TopicPolicy" {
				if decodeProperties(s, y.(map[string]any), &q); q.Topics[0] == arn {
					policy = string(q.PolicyDocument)
				}
			}
		}
		if x["DeletionPolicy"] != "Retain" || x["UpdateReplacePolicy"] != "Retain" {
			s.problems = append(s.problems, "a topic that goes with the stack")
		}
		r.topic(s.home.Region, desired.Topic{Name: p.TopicName, KeyID: p.KmsMasterKeyID, Tags: p.Tags.tags(), Policy: policy})
	case "AWS::SNS::TopicPolicy":
	case "AWS::SNS::Subscription":
		var p struct{ TopicArn, Protocol, Endpoint string }
		decodeProperties(s, x, &p)
		r.subscription(desired.Subscription{TopicARN: p.TopicArn, Protocol: p.Protocol, Endpoint: p.Endpoint})
	case "AWS::Logs::MetricFilter":
		var p struct {
			LogGroupName, FilterName, FilterPattern string
			MetricTransformations                   []struct {
				MetricNamespace, MetricName, MetricValue, Unit string
				DefaultValue                                   *float64
			}
		}
		decodeProperties(s, x, &p)
		m := p.MetricTransformations[0]
		r.filter(account.MetricFilter{
			LogGroup: p.LogGroupName, Name: p.FilterName, Pattern: p.FilterPattern, Namespace: m.MetricNamespace, Metric: m.MetricName,
			Value: m.MetricValue, Default: m.DefaultValue, Unit: m.Unit,
		})
	case "AWS::CloudWatch::Alarm":
		s.addAlarm(r, x)
	default:
		s.addEvents(r, x)
	}
}

// addEvents is add for what is about rules.
func (s *stack) addEvents(r *result, x map[string]any) {
	switch x["Type"] {
	case "AWS::IAM::Role":
		var p struct {
			RoleName, Description    string
			AssumeRolePolicyDocument json.RawMessage
			Policies                 []struct {
				PolicyName     string
				PolicyDocument json.RawMessage
			}
			Tags cfnTags
		}
		decodeProperties(s, x, &p)
		r.role(desired.Role{
			Name: p.RoleName, Description: p.Description, Trust: string(p.AssumeRolePolicyDocument), Inline: p.Policies[0].PolicyName, Policy: string(p.Policies[0].PolicyDocument), Tags: p.Tags.tags(),
		})
	case "AWS::Events::Connection":
	case "AWS::Events::ApiDestination":
		s.addEndpoint(r, x)
	case "AWS::Events::Rule":
		s.addRule(r, x)
	case "AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::CloudTrail::Trail":
		s.addTrail(r, x)
	default:
		s.problems = append(s.problems, fmt.Sprintf("type %v", x["Type"]))
	}
}

func (s *stack) addEndpoint(r *result, x map[string]any) {
	var p struct{ Name, Description, ConnectionArn, HTTPMethod, InvocationEndpoint string }
	decodeProperties(s, x, &p)
	for _, y := range s.resources {
		var q struct {
			Name, Description, AuthorizationType string
			AuthParameters                       struct {
				BasicAuthParameters      struct{ Username, Password string }
				APIKeyAuthParameters     struct{ APIKeyName, APIKeyValue string }
				InvocationHTTPParameters struct {
					BodyParameters []struct {
						Key, Value    string
						IsValueSecret bool
					}
				}
			}
		}
		if y := y.(map[string]any); y["Type"] == "AWS::Events::Connection" {
			if decodeProperties(s, y, &q); desired.ConnectionARN(q.Name, s.home) != p.ConnectionArn {
				continue
			}
			c := called{name: p.Name, description: p.Description, connection: q.Description, url: p.InvocationEndpoint, auth: q.AuthorizationType,
				user: q.AuthParameters.BasicAuthParameters.Username, password: q.AuthParameters.BasicAuthParameters.Password}
			for _, b := range q.AuthParameters.InvocationHTTPParameters.BodyParameters {
				if c.key = b.Value; b.Key != desired.RoutingKeyParameter || !b.IsValueSecret {
					s.problems = append(s.problems, "the routing key is not in the body as a secret")
				}
			}
			r.endpoint(s.home.Region, c)
		}
	}
	if p.HTTPMethod != "POST" {
		s.problems = append(s.problems, "method "+p.HTTPMethod)
	}
}

func (s *stack) addRule(r *result, x map[string]any) {
	var p struct {
		Name, Description, State string
		EventPattern             json.RawMessage
		Tags                     cfnTags
		Targets                  []struct {
			ID, Arn, RoleArn string
			InputTransformer *struct {
				InputPathsMap map[string]string
				InputTemplate string
			}
		}
	}
	decodeProperties(s, x, &p)
	r.rule(s.home.Region, account.Rule{Name: p.Name, Description: p.Description, State: p.State, Pattern: string(p.EventPattern)}, p.Tags.tags())
	for _, t := range p.Targets {
		whole := account.WholeTarget{ID: t.ID, ARN: t.Arn, RoleARN: t.RoleArn}
		if i := t.InputTransformer; i != nil {
			whole.Transformer = &account.Transformed{Paths: i.InputPathsMap, Template: i.InputTemplate}
		}
		r.target(s.home.Region, p.Name, whole)
		if depends, _ := x["DependsOn"].([]any); strings.Contains(t.Arn, ":sns:") && len(depends) == 0 {
			s.problems = append(s.problems, "rule "+p.Name+" does not wait for the policy of its topic")
		}
	}
}

func (s *stack) addAlarm(r *result, x map[string]any) {
	var p struct {
		AlarmName, AlarmDescription, Namespace, MetricName, Statistic, ComparisonOperator, TreatMissingData string
		ActionsEnabled                                                                                      string
		Period, EvaluationPeriods, DatapointsToAlarm                                                        int32
		Threshold                                                                                           *float64
		AlarmActions, OKActions, InsufficientDataActions                                                    []string
		Tags                                                                                                cfnTags
		Dimensions                                                                                          []struct{ Name, Value string }
	}
	decodeProperties(s, x, &p)
	dimensions := map[string]string{}
	for _, d := range p.Dimensions {
		dimensions[d.Name] = d.Value
	}
	for _, arn := range p.AlarmActions {
		if strings.Contains(arn, ":security") {
			continue
		}
		depends, _ := x["DependsOn"].([]any)
		if len(depends) == 0 {
			s.problems = append(s.problems, "alarm "+p.AlarmName+" does not wait for the policy of its topic")
		}
		for _, d := range depends {
			if y, ok := s.resources[d.(string)].(map[string]any); !ok || y["Type"] != "AWS::SNS::TopicPolicy" {
				s.problems = append(s.problems, "DependsOn "+d.(string))
			}
		}
	}
	r.alarm(account.MetricAlarm{
		Name: p.AlarmName, Description: p.AlarmDescription, Namespace: p.Namespace, Metric: p.MetricName, Statistic: p.Statistic, Comparison: p.ComparisonOperator,
		MissingData: p.TreatMissingData, Dimensions: dimensions, ActionsEnabled: p.ActionsEnabled == "true", Period: p.Period, EvaluationPeriods: p.EvaluationPeriods,
		DatapointsToAlarm: p.DatapointsToAlarm, Threshold: p.Threshold, AlarmActions: p.AlarmActions, OKActions: p.OKActions, NoDataActions: p.InsufficientDataActions,
	}, p.Tags.tags())
}

// templates returns the files in both forms, which say the same.
func templates(t testing.TB, l desired.List, o cloudformation.Options) map[string]map[string]any {
	t.Helper()
	out := map[string]map[string]any{}
	for _, asYAML := range []bool{false, true} {
		o.YAML = asYAML
		files, err := cloudformation.Files(l, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			var v map[string]any
			decode := json.Unmarshal
			if strings.HasSuffix(f.Name, ".yaml") {
				decode = fromYAML
			}
			if strings.HasPrefix(f.Name, "import") && !strings.HasPrefix(f.Name, "import-template") {
				continue
			}
			if err := decode(f.Data, &v); err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			out[f.Name] = v
		}
	}
	for name := range out {
		if d := cmp.Diff(out[strings.TrimSuffix(name, ".yaml")+".json"], out[name]); strings.HasSuffix(name, ".yaml") && d != "" {
			t.Errorf("%s: -JSON +YAML:\n%s", name, d)
		}
	}
	return out
}

// fromYAML decodes a document with the types that JSON has.
func fromYAML(data []byte, v any) error {
	var document map[string]any
	if err := yaml.Unmarshal(data, &document); err != nil {
		return err
	}
	asJSON, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return json.Unmarshal(asJSON, v)
}

// values are the parameters that have no default: what may not be in the file.
func values(l desired.List) map[string]string {
	out := map[string]string{}
	for name, secret := range secretsOf(l) {
		parameter := ""
		for _, part := range strings.Split(name, "_") {
			parameter += strings.ToUpper(part[:1]) + part[1:]
		}
		out[parameter] = secret
	}
	return out
}

// CloudFormation would make the objects of the list, field by field.
func TestCloudFormation(t *testing.T) {
	for _, s := range situations(t) {
		t.Run(s.name, func(t *testing.T) {
			files := templates(t, s.list, cloudformation.Options{})
			var got result
			for i, r := range s.list.Regions() {
				name := "template.json"
				if i > 0 {
					name = "template-" + r.Home.Region + ".json"
				}
				stack := newStack(files[name], r.Home, values(s.list))
				stack.into(&got)
				if len(stack.problems) > 0 {
					t.Fatalf("%s: %s", name, strings.Join(stack.problems, "\n"))
				}
				for parameter := range stack.parameters {
					if !stack.used[parameter] {
						t.Errorf("%s: parameter %s is not used", name, parameter)
					}
				}
			}
			got.sort()
			if d := cmp.Diff(of(s.list, desired.CloudFormation), got); d != "" {
				t.Errorf("-list +CloudFormation:\n%s", d)
			}
		})
	}
}

// A template for a StackSet says nothing of the account that it was made in, and makes the
// same objects in another one.
func TestStackSet(t *testing.T) {
	l := whole(t, bare(t), controls(t, "core"), optionsFor(person, queue))
	template := templates(t, l, cloudformation.Options{StackSet: true})["template.json"]
	text, _ := json.Marshal(template)
	for _, own := range []string{accountID, region, l.LogGroup, person.Endpoint} {
		if strings.Contains(string(text), own) {
			t.Errorf("the template holds %s", own)
		}
	}
	if !strings.Contains(template["Description"].(string), "home region") {
		t.Errorf("description %q", template["Description"])
	}
	if d := template["Parameters"].(map[string]any)["LogGroupName"].(map[string]any); d["Default"] != nil {
		t.Errorf("LogGroupName has the default %v", d["Default"])
	}
	elsewhere := desired.Home{Partition: "aws-us-gov", Account: "999988887777", Region: "us-gov-west-1"}
	there := whole(t, bare(t), controls(t, "core"), optionsFor(person, queue))
	move := strings.NewReplacer("arn:aws:", "arn:aws-us-gov:", region, elsewhere.Region, accountID, elsewhere.Account)
	there.Home = elsewhere
	for i := range there.Topics {
		there.Topics[i].ARN, there.Topics[i].Policy = move.Replace(there.Topics[i].ARN), move.Replace(there.Topics[i].Policy)
	}
	for i := range there.Subscriptions {
		there.Subscriptions[i].TopicARN, there.Subscriptions[i].Endpoint = move.Replace(there.Subscriptions[i].TopicARN), move.Replace(there.Subscriptions[i].Endpoint)
	}
	for i := range there.Alarms {
		there.Alarms[i].Alarm.AlarmActions = []string{move.Replace(ourTopic)}
	}
	stack := newStack(template, elsewhere, map[string]string{"LogGroupName": l.LogGroup, "SubscriberEmail": person.Endpoint})
	if d := cmp.Diff(of(there, desired.CloudFormation), stack.result()); d != "" || len(stack.problems) > 0 {
		t.Errorf("%v (-list +template):\n%s", stack.problems, d)
	}
	without := newStack(template, elsewhere, map[string]string{"LogGroupName": l.LogGroup}).result()
	if len(without.Subscriptions) != 1 {
		t.Errorf("without an address: %v", without.Subscriptions)
	}
}

// What exists is imported by the identifiers of CloudFormation's schemas, in a template of
// these resources alone, each with a DeletionPolicy.
func TestCloudFormationImports(t *testing.T) {
	l := whole(t, bare(t), controls(t, "core", "nacl-changes", "guardduty-changes"), optionsFor(person, pager))
	l.Topics[0].State, l.Filters[0].State, l.Alarms[0].State = desired.Ours, desired.Ours, desired.Changed
	l.Alarms[1].State = desired.Kept
	files, err := cloudformation.Files(l, cloudformation.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		ResourceType, LogicalResourceID string
		ResourceIdentifier              map[string]string
	}
	if err := json.Unmarshal(files[2].Data, &list); err != nil || files[2].Name != "import.json" {
		t.Fatalf("%s: %v", files[2].Name, err)
	}
	got := map[string]map[string]string{}
	resources := templates(t, l, cloudformation.Options{})["import-template.json"]["Resources"].(map[string]any)
	for _, x := range list {
		got[x.ResourceType] = x.ResourceIdentifier
		r, ok := resources[x.LogicalResourceID].(map[string]any)
		if !ok || r["Type"] != x.ResourceType || r["DeletionPolicy"] == nil || r["DependsOn"] != nil {
			t.Errorf("%s: %v", x.LogicalResourceID, r)
		}
	}
	want := map[string]map[string]string{
		"AWS::SNS::Topic":         {"TopicArn": ourTopic},
		"AWS::Logs::MetricFilter": {"LogGroupName": "/aws/cloudtrail/org", "FilterName": l.Filters[0].Filter.Name},
		"AWS::CloudWatch::Alarm":  {"AlarmName": l.Alarms[0].Alarm.Name},
	}
	if d := cmp.Diff(want, got); d != "" || len(resources) != len(list) {
		t.Errorf("%d of %d resources (-want +got):\n%s", len(list), len(resources), d)
	}
}

// A dynamic reference would be replaced by a secret, whatever string it is in.
func TestDynamicReferences(t *testing.T) {
	l := whole(t, bare(t), controls(t, "core"), optionsFor(person))
	for name, change := range map[string]func(*desired.List, string){
		"a description": func(l *desired.List, text string) { l.Alarms[0].Alarm.Description = text },
		"a pattern":     func(l *desired.List, text string) { l.Filters[0].Filter.Pattern = text },
		"a tag":         func(l *desired.List, text string) { l.Topics[0].Tags = map[string]string{"x": text} },
		"an address":    func(l *desired.List, text string) { l.Subscriptions[0].Endpoint = text },
	} {
		for text, formats := range map[string]string{"{{resolve:ssm:x}}": "cloudformation", "a\x00b": "cloudformation terraform shell", "a\xed\xa0\x80": "cloudformation terraform shell", "e\u0301": "terraform"} {
			c := copied(l)
			change(&c, text)
			for format, write := range writers {
				_, err := write(c)
				var unsafe *export.UnsafeError
				if refused := errors.As(err, &unsafe); refused != strings.Contains(formats, strings.Fields(format)[0]) || refused && unsafe.Field == "" {
					t.Errorf("%s with %q as %s: %v", name, text, format, err)
				}
			}
		}
	}
}
