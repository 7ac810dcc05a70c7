package policy

import "testing"

func TestRuleRequests(t *testing.T) {
	const (
		topic = "arn:aws:sns:eu-west-1:111122223333:alerts"
		key   = "arn:aws:kms:eu-west-1:111122223333:key/1"
		bus   = "arn:aws:events:eu-west-1:111122223333:event-bus/default"
	)
	events := `{"Service":"events.amazonaws.com"}`
	onRule := `{"ArnLike":{"aws:SourceArn":"arn:aws:events:*:*:rule/*"}}`
	tests := []struct {
		name string
		ask  func(doc string) (Decision, string, error)
		doc  string
		want Decision
	}{
		{"topic, EventBridge", publishes(topic), policyOf(allow(events, "")), Allowed},
		{"topic, alarms only", publishes(topic), policyOf(allow(service, "")), Denied},
		{"topic, the default policy", publishes(topic), policyOf(allow(`{"AWS":"*"}`, `{"StringEquals":{"AWS:SourceOwner":"111122223333"}}`)), Denied},
		{"topic, with the rule's ARN", publishes(topic), policyOf(allow(events, onRule)), Unknown},
		{"topic, with and without", publishes(topic), policyOf(allow(events, onRule), allow(events, "")), Allowed},
		{"topic, deny of other rules", publishes(topic), policyOf(allow(events, ""), deny(everyone, `{"ArnNotLike":{"aws:SourceArn":"arn:aws:events:*:*:rule/x"}}`)), Unknown},
		{"topic, deny without TLS", publishes(topic), policyOf(allow(events, ""), deny(everyone, `{"Bool":{"aws:SecureTransport":"false"}}`)), Allowed},
		{"key, EventBridge", usesKey(key), keyPolicyOf(events, ""), Allowed},
		{"key, alarms only", usesKey(key), keyPolicyOf(service, ""), Denied},
		{"key, with the account", usesKey(key), keyPolicyOf(events, `,"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`), Denied},
		{"trust", TrustsRules, `{"Statement":{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole"}}`, Allowed},
		{"trust of another service", TrustsRules, `{"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`, Denied},
		{"role", mayPut(bus), `{"Statement":[{"Effect":"Allow","Action":"events:PutEvents","Resource":"` + bus + `"}]}`, Allowed},
		{"role for another bus", mayPut(bus), `{"Statement":[{"Effect":"Allow","Action":"events:PutEvents","Resource":"` + bus + `2"}]}`, Denied},
		{"role, denied", mayPut(bus), `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"events:*","Resource":"*"}]}`, ExplicitDeny},
		{"bus, the account", admitted(bus, ""), `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"events:PutEvents","Resource":"*"}]}`, Allowed},
		{"bus, another account", admitted(bus, ""), `{"Statement":[{"Effect":"Allow","Principal":{"AWS":["555566667777"]},"Action":"events:PutEvents","Resource":"*"}]}`, Denied},
		{"bus, the organization", admitted(bus, "o-1"), `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}`, Allowed},
		{"bus, an organization that is not known", admitted(bus, ""), `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}]}`, Unknown},
	}
	for _, tt := range tests {
		if got, why, err := tt.ask(tt.doc); got != tt.want || err != nil {
			t.Errorf("%s: got %v (%s), %v, want %v", tt.name, got, why, err, tt.want)
		}
	}
	for _, ask := range []func(string) (Decision, string, error){TrustsRules, mayPut(bus), admitted(bus, "")} {
		for _, doc := range []string{"", "{", `{"Statement":1}`} {
			if got, _, err := ask(doc); got != Unknown || err == nil {
				t.Errorf("%q: got %v, %v", doc, got, err)
			}
		}
	}
}

func publishes(topic string) func(string) (Decision, string, error) {
	return func(doc string) (Decision, string, error) { return Evaluate(doc, TopicRuleRequest(topic)) }
}

func usesKey(key string) func(string) (Decision, string, error) {
	return func(doc string) (Decision, string, error) {
		return EvaluateAll(doc, KeyRuleRequest(key), "kms:Decrypt", "kms:GenerateDataKey")
	}
}

func mayPut(bus string) func(string) (Decision, string, error) {
	return func(doc string) (Decision, string, error) { return RoleAllows(doc, "events:PutEvents", bus) }
}

func admitted(bus, organization string) func(string) (Decision, string, error) {
	return func(doc string) (Decision, string, error) {
		return Admits(doc, "444455556666", organization, "aws", bus)
	}
}

func keyPolicyOf(principal, condition string) string {
	return policyOf(`{"Effect":"Allow","Principal":` + principal + `,"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*"` + condition + `}`)
}
