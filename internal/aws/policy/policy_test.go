package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	account = "111122223333"
	topic   = "arn:aws:sns:eu-west-1:111122223333:alerts"
	alarm   = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:root-usage"
	foreign = "arn:aws:cloudwatch:eu-west-1:444455556666:alarm:root-usage"
)

var publish = AlarmRequest("sns:Publish", topic, alarm)

// allow and deny write one statement about publishing on the topic.
func allow(principal, condition string) string { return statementText("Allow", principal, condition) }
func deny(principal, condition string) string  { return statementText("Deny", principal, condition) }

func statementText(effect, principal, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return fmt.Sprintf(`{"Sid":"%s","Effect":"%s","Principal":%s,"Action":"sns:Publish","Resource":"%s"%s}`,
		strings.ToLower(effect), effect, principal, topic, condition)
}

func policyOf(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

const (
	everyone = `"*"`
	service  = `{"Service":"cloudwatch.amazonaws.com"}`
	anyAWS   = `{"AWS":"*"}`
)

// defaultPolicy is what SNS gives a new topic.
const defaultPolicy = `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow",` +
	`"Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission",` +
	`"SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"` + topic + `",` +
	`"Condition":{"StringEquals":{"AWS:SourceOwner":"` + account + `"}}}]}`

func TestEvaluateTopic(t *testing.T) {
	fromElsewhere := AlarmRequest("sns:Publish", topic, foreign)
	inOrg, unasked := publish.InOrganization("o-1"), publish.WithoutOrganization("nobody asked")
	tests := []struct {
		name string
		doc  string
		req  Request
		want Decision
	}{
		{"the default policy", defaultPolicy, publish, Allowed},
		{"the default policy, alarm of another account", defaultPolicy, fromElsewhere, Denied},
		{"our own policy", TopicPolicy(topic, account, "aws"), publish, Allowed},
		{"our own policy, alarm of another account", TopicPolicy(topic, account, "aws"), fromElsewhere, Denied},
		{"the service", policyOf(allow(service, "")), publish, Allowed},
		{"the service, from anywhere", policyOf(allow(service, "")), fromElsewhere, Allowed},
		{"the service in a list", policyOf(allow(`{"Service":["events.amazonaws.com","cloudwatch.amazonaws.com"]}`, "")), publish, Allowed},
		{"another service", policyOf(allow(`{"Service":"events.amazonaws.com"}`, "")), publish, Denied},
		{"the service beside accounts", policyOf(allow(`{"AWS":"111122223333","Service":"cloudwatch.amazonaws.com"}`, "")), publish, Allowed},
		{"everyone", policyOf(allow(everyone, "")), publish, Allowed},
		{"everyone in AWS", policyOf(allow(anyAWS, "")), publish, Allowed},
		{"the root of the account", policyOf(allow(`{"AWS":"arn:aws:iam::111122223333:root"}`, "")), publish, Denied},
		{"the account", policyOf(allow(`{"AWS":"111122223333"}`, "")), publish, Denied},
		{"an account by number", policyOf(allow(`{"AWS":111122223333}`, "")), publish, Denied},
		{"any service", policyOf(allow(`{"Service":"*"}`, "")), publish, Unknown},
		{"the service by a Chinese name", policyOf(allow(`{"Service":"cloudwatch.amazonaws.com.cn"}`, "")), publish, Unknown},
		{"a federation", policyOf(allow(`{"Federated":"*","CanonicalUser":"*"}`, "")), publish, Denied},
		{"a new kind of principal", policyOf(allow(`{"Agent":"*"}`, "")), publish, Unknown},
		{"no principal named", policyOf(allow(`{}`, "")), publish, Unknown},
		{"no statements", policyOf(), publish, Denied},
		{"one statement without a list", `{"Statement":` + allow(service, "") + `}`, publish, Allowed},

		{"deny wins", policyOf(allow(service, ""), deny(everyone, "")), publish, ExplicitDeny},
		{"deny wins, whatever the order", policyOf(deny(service, ""), allow(service, "")), publish, ExplicitDeny},
		{"deny of others", policyOf(allow(service, ""), deny(`{"Service":"events.amazonaws.com"}`, "")), publish, Allowed},
		{"deny without TLS", policyOf(allow(service, ""), deny(everyone, `{"Bool":{"aws:SecureTransport":"false"}}`)), publish, Allowed},
		{"deny with TLS", policyOf(allow(service, ""), deny(everyone, `{"Bool":{"aws:SecureTransport":true}}`)), publish, ExplicitDeny},
		{"deny outside the organization", policyOf(allow(service, ""), deny(everyone, `{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`)), publish, ExplicitDeny},
		{
			"deny outside the organization, services excepted",
			policyOf(allow(service, ""), deny(everyone, `{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"},"Bool":{"aws:PrincipalIsAWSService":"false"}}`)),
			publish, Allowed,
		},
		{"the organization only", policyOf(allow(everyone, `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)), publish, Denied},
		{"the organization of the alarm", policyOf(allow(service, `{"StringEquals":{"aws:SourceOrgID":"o-1"}}`)), publish, Unknown},
		{"the organization of the alarm, which is known", policyOf(allow(service, `{"StringEquals":{"aws:SourceOrgID":"o-1"}}`)), inOrg, Allowed},
		{"another organization", policyOf(allow(service, `{"StringEquals":{"aws:sourceorgid":"o-2"}}`)), inOrg, Denied},
		{"an organization that was not asked for", policyOf(allow(service, `{"StringEquals":{"aws:SourceOrgID":"o-1"}}`)), unasked, Unknown},
		{"no organization at all", policyOf(allow(service, `{"StringEquals":{"aws:SourceOrgID":"o-1"}}`)), publish.InOrganization(""), Denied},
		{"all of the organization by its path", policyOf(allow(service, `{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-1/*"}}`)), inOrg, Allowed},
		{"a unit of the organization", policyOf(allow(service, `{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-1/r-ab/ou-1/*"}}`)), inOrg, Unknown},
		{"a unit of another organization", policyOf(allow(service, `{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-2/r-ab/ou-1/*"}}`)), inOrg, Denied},
		{"a path that begins alike", policyOf(allow(service, `{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-12/*"}}`)), inOrg, Denied},
		{"any path", policyOf(allow(service, `{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"*"}}`)), inOrg, Allowed},
		{"one path in full", policyOf(allow(service, `{"ForAnyValue:StringEquals":{"aws:SourceOrgPaths":"o-1/r-ab/"}}`)), inOrg, Unknown},
		{"deny outside the organization of the alarm", policyOf(allow(service, ""), deny(everyone, `{"StringNotEquals":{"aws:SourceOrgID":"o-1"}}`)), inOrg, Allowed},
		{"deny outside another organization", policyOf(allow(service, ""), deny(everyone, `{"StringNotEquals":{"aws:SourceOrgID":"o-2"}}`)), inOrg, ExplicitDeny},
		{"deny outside a unit", policyOf(allow(service, ""), deny(everyone, `{"StringNotLike":{"aws:SourceOrgPaths":"o-1/r-ab/*"}}`)), inOrg, Unknown},
		{"the key may be missing", policyOf(allow(service, `{"StringEqualsIfExists":{"aws:SourceOrgID":"o-1"}}`)), publish.InOrganization(""), Allowed},
		{"the topic as encryption context", policyOf(allow(service, `{"StringEquals":{"kms:EncryptionContext:aws:sns:topicArn":"`+topic+`"}}`)), publish.ForTopic(topic), Allowed},
		{"another topic as encryption context", policyOf(allow(service, `{"ArnLike":{"kms:EncryptionContext:aws:sns:topicArn":"arn:aws:sns:*:*:other"}}`)), publish.ForTopic(topic), Denied},
		{"another encryption context", policyOf(allow(service, `{"StringEquals":{"kms:EncryptionContext:aws:sqs:arn":"x"}}`)), publish.ForTopic(topic), Denied},
		{"the keys of the encryption context", policyOf(allow(service, `{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":"aws:sns:topicArn"}}`)), publish.ForTopic(topic), Allowed},
		{"an encryption context when there is no key", policyOf(allow(service, `{"StringEquals":{"kms:EncryptionContext:aws:sns:topicArn":"x"}}`)), publish, Unknown},
		{"deny for all but accounts", policyOf(allow(service, ""), notPrincipal("Deny", `{"AWS":"111122223333"}`)), publish, ExplicitDeny},
		{"deny for all but the service", policyOf(allow(service, ""), notPrincipal("Deny", service)), publish, Allowed},
		{"allow for all but the service", policyOf(notPrincipal("Allow", service)), publish, Denied},
		{"allow for all but others", policyOf(notPrincipal("Allow", `{"Service":"events.amazonaws.com"}`)), publish, Allowed},
		{"allow for all but something new", policyOf(notPrincipal("Allow", `{"Agent":"x"}`)), publish, Unknown},

		{"an uncertain deny", policyOf(allow(service, ""), deny(everyone, `{"StringEquals":{"aws:UserAgent":"x"}}`)), publish, Unknown},
		{"an uncertain deny where nothing is allowed", policyOf(deny(everyone, `{"StringEquals":{"aws:UserAgent":"x"}}`)), publish, Denied},
		{"an uncertain deny beside a certain one", policyOf(allow(service, ""), deny(everyone, `{"StringEquals":{"aws:UserAgent":"x"}}`), deny(anyAWS, "")), publish, ExplicitDeny},
		{"an uncertain allow beside a certain one", policyOf(allow(service, `{"StringEquals":{"aws:UserAgent":"x"}}`), allow(service, "")), publish, Allowed},
		{"an uncertain allow", policyOf(allow(service, `{"StringEquals":{"aws:UserAgent":"x"}}`)), publish, Unknown},
		{
			"an uncertain condition beside one not met",
			policyOf(allow(service, `{"StringEquals":{"aws:UserAgent":"x","aws:SourceAccount":"444455556666"}}`)), publish, Denied,
		},
		{"an effect in lower case", policyOf(statementText("allow", service, "")), publish, Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, why, err := Evaluate(tt.doc, tt.req)
			if err != nil || got != tt.want || why == "" {
				t.Errorf("got %v (%s), %v, want %v\n%s", got, why, err, tt.want, tt.doc)
			}
		})
	}
}

func notPrincipal(effect, principal string) string {
	return strings.Replace(statementText(effect, principal, ""), `"Principal"`, `"NotPrincipal"`, 1)
}

func TestEvaluateElements(t *testing.T) {
	tests := []struct {
		elements string // behind Effect and Principal
		want     Decision
	}{
		{`"Action":"sns:Publish","Resource":"*"`, Allowed},
		{`"Action":"SNS:publish","Resource":"*"`, Allowed},
		{`"Action":"*","Resource":"*"`, Allowed},
		{`"Action":"sns:*","Resource":"*"`, Allowed},
		{`"Action":"sns:Pub?????","Resource":"*"`, Denied},
		{`"Action":"sns:Publis?","Resource":"*"`, Allowed},
		{`"Action":["sns:Subscribe","sns:Publish"],"Resource":"*"`, Allowed},
		{`"Action":"sns:Subscribe","Resource":"*"`, Denied},
		{`"Action":[],"Resource":"*"`, Denied},
		{`"Action":null,"Resource":"*"`, Unknown},
		{`"Action":{},"Resource":"*"`, Unknown},
		{`"NotAction":"sns:Subscribe","Resource":"*"`, Allowed},
		{`"NotAction":"sns:Pub*","Resource":"*"`, Denied},
		{`"Action":"*","NotAction":"*","Resource":"*"`, Unknown},
		{`"Resource":"*"`, Unknown},
		{`"Action":"*"`, Unknown},
		{`"Action":"*","Resource":"` + topic + `"`, Allowed},
		{`"Action":"*","Resource":"arn:aws:sns:*:111122223333:*"`, Allowed},
		{`"Action":"*","Resource":"arn:aws:sns:eu-west-1:111122223333:alert?"`, Allowed},
		{`"Action":"*","Resource":"arn:aws:sns:eu-west-1:111122223333:Alerts"`, Denied},
		{`"Action":"*","Resource":"arn:aws:sns:us-east-1:111122223333:alerts"`, Denied},
		{`"Action":"*","Resource":["arn:aws:sns:x","` + topic + `"]`, Allowed},
		{`"Action":"*","Resource":"arn:aws:sns:${aws:RequestedRegion}:111122223333:alerts"`, Unknown},
		{`"Action":"*","Resource":["${a}","*"]`, Allowed},
		{`"Action":"*","NotResource":"` + topic + `"`, Denied},
		{`"Action":"*","NotResource":"arn:aws:sns:x"`, Allowed},
		{`"Action":"*","Resource":"*","Sid":""`, Allowed},
		{`"Action":"*","Resource":"*","Limit":1`, Unknown},
		{`"Action":"x","Resource":"*","Limit":1`, Denied},
		{`"Action":"*","Resource":"*","condition":{}`, Unknown},
		{`"Action":"*","Resource":"*","Condition":null`, Unknown},
		{`"Action":"*","Resource":"*","Condition":{}`, Allowed},
		{`"Action":"*","Resource":"*","Condition":{"StringEquals":[]}`, Unknown},
		{`"Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":{}}}`, Unknown},
	}
	for _, tt := range tests {
		doc := policyOf(`{"Effect":"Allow","Principal":"*",` + tt.elements + `}`)
		if got, why, err := Evaluate(doc, publish); got != tt.want || err != nil {
			t.Errorf("%s: got %v (%s), %v, want %v", tt.elements, got, why, err, tt.want)
		}
	}
}

func TestEvaluateConditions(t *testing.T) {
	req := AlarmRequest("sns:Publish", topic, alarm)
	req.Context["test:Many"] = []string{"a", "b"}
	tests := []struct {
		condition string // operator: key: values
		want      truth
	}{
		{`{"StringEquals":{"aws:SourceAccount":"111122223333"}}`, yes},
		{`{"StringEquals":{"AWS:SOURCEACCOUNT":"111122223333"}}`, yes},
		{`{"stringequals":{"aws:SourceAccount":["444455556666","111122223333"]}}`, yes},
		{`{"StringEquals":{"aws:SourceAccount":111122223333}}`, yes},
		{`{"StringEquals":{"aws:SourceAccount":"1111*"}}`, no},
		{`{"StringEquals":{"aws:SourceAccount":[]}}`, no},
		{`{"StringEquals":{"aws:SourceAccount":"${aws:PrincipalAccount}"}}`, maybe},
		{`{"StringEquals":{"aws:SourceAccount":["${aws:PrincipalAccount}","111122223333"]}}`, yes},
		{`{"StringNotEquals":{"aws:SourceAccount":"111122223333"}}`, no},
		{`{"StringNotEquals":{"aws:SourceAccount":"444455556666"}}`, yes},
		{`{"StringNotEquals":{"aws:SourceAccount":["444455556666","111122223333"]}}`, no},
		{`{"StringEqualsIgnoreCase":{"aws:SecureTransport":"TRUE"}}`, yes},
		{`{"StringNotEqualsIgnoreCase":{"aws:SecureTransport":"TRUE"}}`, no},
		{`{"StringLike":{"aws:SourceAccount":"1111*"}}`, yes},
		{`{"StringLike":{"aws:SourceArn":"arn:aws:cloudwatch:*:alarm:*"}}`, yes},
		{`{"StringNotLike":{"aws:SourceAccount":"1111*"}}`, no},
		{`{"StringNotLike":{"aws:SourceAccount":"4444*"}}`, yes},

		{`{"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*"}}`, yes},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:*:*:alarm:root-*"}}`, yes},
		{`{"ArnEquals":{"aws:SourceArn":"arn:aws:cloudwatch:*:111122223333:alarm:root-usage"}}`, yes},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:us-east-1:111122223333:alarm:*"}}`, no},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:*:alarm:*"}}`, no},
		{`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}`, no},
		{`{"ArnLike":{"aws:SourceArn":"*"}}`, maybe},
		{`{"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}`, yes},
		{`{"ArnNotEquals":{"aws:SourceArn":"arn:aws:cloudwatch:*:*:*"}}`, no},

		{`{"Bool":{"aws:SecureTransport":"true"}}`, yes},
		{`{"Bool":{"aws:SecureTransport":true}}`, yes},
		{`{"Bool":{"aws:SecureTransport":false}}`, no},

		// Keys that the request does not carry.
		{`{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`, no},
		{`{"StringEquals":{"aws:PrincipalTag/team":"x"}}`, no},
		{`{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`, yes},
		{`{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`, yes},
		{`{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`, yes},
		{`{"StringEqualsIfExists":{"aws:SourceAccount":"444455556666"}}`, no},
		{`{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}`, no},
		{`{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`, yes},
		{`{"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}`, no},
		{`{"NotIpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}`, yes},
		{`{"NumericNotEquals":{"aws:MultiFactorAuthAge":"60"}}`, yes},
		{`{"Null":{"aws:PrincipalOrgID":"true"}}`, yes},
		{`{"Null":{"aws:PrincipalOrgID":false}}`, no},
		{`{"Null":{"aws:SourceArn":"false"}}`, yes},
		{`{"Null":{"aws:SourceArn":"true"}}`, no},
		{`{"Null":{"aws:SourceArn":"perhaps"}}`, maybe},
		{`{"NullIfExists":{"aws:SourceArn":"false"}}`, maybe},

		// Keys with unknown values.
		{`{"StringEquals":{"aws:UserAgent":"x"}}`, maybe},
		{`{"StringEqualsIfExists":{"aws:UserAgent":"x"}}`, maybe},
		{`{"StringNotEquals":{"aws:UserAgent":"x"}}`, maybe},
		{`{"Null":{"aws:UserAgent":"true"}}`, maybe},
		{`{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, maybe},
		{`{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, maybe},
		{`{"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}`, maybe},
		{`{"NumericEquals":{"aws:SourceAccount":"111122223333"}}`, maybe},
		{`{"StringResembles":{"aws:SourceAccount":"1"}}`, maybe},
		{`{"ForSome:StringEquals":{"aws:SourceAccount":"1"}}`, maybe},

		// Several values.
		{`{"ForAnyValue:StringEquals":{"test:Many":"b"}}`, yes},
		{`{"ForAnyValue:StringEquals":{"test:Many":"c"}}`, no},
		{`{"ForAllValues:StringEquals":{"test:Many":["a","b","c"]}}`, yes},
		{`{"ForAllValues:StringEquals":{"test:Many":"a"}}`, no},
		{`{"ForAllValues:StringNotEquals":{"test:Many":"c"}}`, yes},
		{`{"ForAllValues:StringNotEquals":{"test:Many":"a"}}`, no},
		{`{"ForAnyValue:StringNotEquals":{"test:Many":"a"}}`, yes},
		{`{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/*"}}`, yes},
		{`{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/*"}}`, no},
		{`{"ForAnyValue:StringNotLike":{"aws:PrincipalOrgPaths":"o-1/*"}}`, maybe},
		{`{"ForAnyValue:StringLikeIfExists":{"aws:PrincipalOrgPaths":"o-1/*"}}`, yes},

		// All must hold.
		{`{"StringEquals":{"aws:SourceAccount":"111122223333","aws:SourceOwner":"1"}}`, no},
		{`{"StringEquals":{"aws:SourceAccount":"111122223333"},"Bool":{"aws:SecureTransport":"false"}}`, no},
		{`{"StringEquals":{"aws:SourceAccount":"111122223333"},"Bool":{"aws:SecureTransport":"true"}}`, yes},
		{`{"StringEquals":{"aws:UserAgent":"x"},"Bool":{"aws:SecureTransport":"true"}}`, maybe},
		{`{"StringEquals":{"aws:UserAgent":"x"},"Bool":{"aws:SecureTransport":"false"}}`, no},
		{`{"StringEquals":{"aws:RequestedRegion":"eu-west-1","aws:ResourceAccount":"111122223333","aws:PrincipalServiceName":"cloudwatch.amazonaws.com"}}`, yes},
	}
	for _, tt := range tests {
		want := map[truth]Decision{yes: Allowed, no: Denied, maybe: Unknown}[tt.want]
		if got, why, err := Evaluate(policyOf(allow(everyone, tt.condition)), req); got != want || err != nil {
			t.Errorf("allow %s: got %v (%s), %v, want %v", tt.condition, got, why, err, want)
		}
		want = map[truth]Decision{yes: ExplicitDeny, no: Allowed, maybe: Unknown}[tt.want]
		if got, why, err := Evaluate(policyOf(allow(everyone, ""), deny(everyone, tt.condition)), req); got != want || err != nil {
			t.Errorf("deny %s: got %v (%s), %v, want %v", tt.condition, got, why, err, want)
		}
	}
}

func TestEvaluateReasons(t *testing.T) {
	tests := []struct{ doc, want string }{
		{policyOf(), "no statement lets cloudwatch.amazonaws.com use sns:Publish"},
		{policyOf(allow(`{"AWS":"1"}`, "")), "no statement lets cloudwatch.amazonaws.com use sns:Publish"},
		{policyOf(allow(`{"AWS":"1"}`, ""), allow(service, `{"StringEquals":{"aws:SourceAccount":"1"}}`)), `statement "allow": the condition StringEquals aws:SourceAccount is not met`},
		{policyOf(allow(service, "")), `statement "allow" allows sns:Publish`},
		{policyOf(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`), "statement 1 denies sns:Publish"},
		{
			policyOf(allow(service, `{"StringEquals":{"aws:UserAgent":"x"}}`)),
			`statement "allow": the condition StringEquals aws:UserAgent depends on a key whose value in the request is not known`,
		},
		{policyOf(allow(service, `{"StringResembles":{"aws:SourceArn":"x"}}`)), `statement "allow": the operator StringResembles is not understood`},
		{policyOf(allow(service, `{"StringLike":{"aws:SourceArn":"${x}"}}`)), `statement "allow": a value of the condition StringLike aws:SourceArn is not understood`},
		{policyOf(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Limit":1,"Bound":2}`), `statement 1: element "Bound" is not understood`},
		{policyOf(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"${x}"}`), `statement 1: a resource is not understood: "${x}"`},
	}
	for _, tt := range tests {
		if _, got, _ := Evaluate(tt.doc, publish); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.doc, got, tt.want)
		}
	}
}

func TestEvaluateErrors(t *testing.T) {
	for _, doc := range []string{
		"", "{}", "null", "[]", `"x"`, `{"Statement":null}`, `{"Statement":1}`, `{"Statement":[1]}`, `{"Statement":[{}]`,
		`{"Version":"2030-01-01","Statement":[]}`, `{"Statement":[],"Rules":[]}`,
		policyOf(strings.Repeat(" ", maxBytes)),
	} {
		if got, why, err := Evaluate(doc, publish); err == nil || got != Unknown || why == "" {
			t.Errorf("Evaluate(%.60q) = %v (%s), %v, want unknown and an error", doc, got, why, err)
		}
	}
}

// The rows of the key policy: AWS's statement for alarms on encrypted topics.
func TestEvaluateAllKey(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/1"
	root := `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}`
	use := func(actions string) string {
		return policyOf(root, `{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":`+actions+`,"Resource":"*"}`)
	}
	tests := []struct {
		name string
		doc  string
		want Decision
	}{
		{"the root only", policyOf(root), Denied},
		{"both actions", use(`["kms:Decrypt","kms:GenerateDataKey*"]`), Allowed},
		{"everything", use(`"kms:*"`), Allowed},
		{"decrypt only", use(`"kms:Decrypt"`), Denied},
		{"data keys only", use(`["kms:GenerateDataKey*"]`), Denied},
		{"no policy", "", Unknown},
	}
	for _, tt := range tests {
		req := AlarmRequest("", key, alarm)
		got, why, err := EvaluateAll(tt.doc, req, "kms:Decrypt", "kms:GenerateDataKey")
		if got != tt.want || why == "" || (err != nil) != (tt.doc == "") {
			t.Errorf("%s: got %v (%s), %v, want %v", tt.name, got, why, err, tt.want)
		}
	}
	denied := policyOf(`{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"}`,
		`{"Effect":"Deny","Principal":"*","Action":"kms:GenerateDataKey","Resource":"*"}`)
	if got, why, _ := EvaluateAll(denied, publish, "kms:Decrypt", "kms:GenerateDataKey"); got != ExplicitDeny {
		t.Errorf("got %v (%s), want the deny of the second action", got, why)
	}
}

func TestTopicPolicy(t *testing.T) {
	const want = `{"Version":"2012-10-17","Statement":[{"Sid":"Owner","Effect":"Allow","Principal":{"AWS":"*"},` +
		`"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic",` +
		`"SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"arn:aws-cn:sns:cn-north-1:111122223333:alerts",` +
		`"Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}},{"Sid":"CloudWatchAlarms","Effect":"Allow",` +
		`"Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":["sns:Publish"],"Resource":"arn:aws-cn:sns:cn-north-1:111122223333:alerts",` +
		`"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:*"},"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}`
	if got := TopicPolicy("arn:aws-cn:sns:cn-north-1:111122223333:alerts", account, "aws-cn"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// The service's statement has to do alone: the owner's one rests on a key
	// that AWS calls legacy.
	req := AlarmRequest("sns:Publish", topic, alarm)
	delete(req.Context, "aws:SourceOwner")
	req.Absent = append(req.Absent[:len(req.Absent):len(req.Absent)], "aws:SourceOwner")
	if got, why, err := Evaluate(TopicPolicy(topic, account, "aws"), req); got != Allowed || err != nil {
		t.Errorf("without SourceOwner: %v (%s), %v", got, why, err)
	}
	if got, _, _ := Evaluate(TopicPolicy("x", account, "aws"), AlarmRequest("sns:Publish", "x", alarm)); got != Allowed {
		t.Errorf("a topic without region: %v", got)
	}
}

func TestWildcard(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"?", "", false}, {"?", "a", true},
		{"a*c", "abc", true}, {"a*c", "abcd", false}, {"a*b*c", "aXbYbZc", true}, {"*a*", "bbb", false}, {"**", "x", true},
		{"ab?", "ab", false}, {"*ab", "aab", true}, {"*aab", "aaab", true}, {"a*?", "a", false}, {"a?*", "ab", true},
	}
	for _, tt := range tests {
		if got := wildcard(tt.pattern, tt.text); got != tt.want {
			t.Errorf("wildcard(%q, %q) = %v", tt.pattern, tt.text, got)
		}
	}
}

// withStatement appends a statement to a policy.
func withStatement(t *testing.T, doc, statement string) string {
	t.Helper()
	var top map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &top); err != nil {
		t.Fatal(err)
	}
	var list []json.RawMessage
	if json.Unmarshal(top["Statement"], &list) != nil {
		list = []json.RawMessage{top["Statement"]}
	}
	top["Statement"], _ = json.Marshal(append(list, json.RawMessage(statement)))
	out, err := json.Marshal(top)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestExtendTopicPolicy(t *testing.T) {
	tests := []struct {
		name, doc string
		refused   string // "" when it works
	}{
		{"no statement for CloudWatch", policyOf(allow(`{"Service":"events.amazonaws.com"}`, "")), ""},
		{"no list", `{"Version":"2008-10-17","Id":"x","Statement":` + allow(`{"AWS":"1"}`, "") + `}`, ""},
		{"signs that HTML knows", policyOf(allow(`{"AWS":"1"}`, `{"StringLike":{"aws:UserAgent":"<a&b>"}}`)), ""},
		{"the name is taken", policyOf(strings.Replace(allow(`{"AWS":"1"}`, ""), `"allow"`, `"CloudWatchAlarms"`, 1)), ""},
		{"a deny", policyOf(deny(everyone, "")), `extending policy: publishing stays explicitly denied: statement "deny" denies sns:Publish`},
		{"an uncertain deny", policyOf(deny(everyone, `{"StringEquals":{"aws:UserAgent":"x"}}`)), "extending policy: publishing stays unknown: "},
		{"no policy", "", "reading policy: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ExtendTopicPolicy(tt.doc, topic, account, "aws")
			if tt.refused != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.refused) {
					t.Errorf("got %v, want %q", err, tt.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d, why, _ := Evaluate(got, publish); d != Allowed {
				t.Errorf("%v: %s\n%s", d, why, got)
			}
			_, old, _ := strings.Cut(tt.doc, `"Sid"`)
			if old = strings.Trim(old, "]}"); !strings.Contains(got, old) {
				t.Errorf("the old statements are changed:\n%s\n%s", tt.doc, got)
			}
		})
	}
	got, _ := ExtendTopicPolicy(tests[3].doc, topic, account, "aws")
	if !strings.Contains(got, `"Sid":"CloudWatchAlarms2"`) {
		t.Errorf("the name is not free:\n%s", got)
	}
	if got, _ := ExtendTopicPolicy(tests[1].doc, topic, account, "aws"); !strings.HasPrefix(got, `{"Version":"2008-10-17","Id":"x",`) {
		t.Errorf("version and id are not kept:\n%s", got)
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Add(defaultPolicy)
	f.Add(TopicPolicy(topic, account, "aws"))
	f.Add(policyOf(allow(service, `{"ForAnyValue:StringNotLikeIfExists":{"aws:SourceArn":["a*","${b}",1,true]},"Null":{"x":"true"}}`)))
	f.Add(policyOf(notPrincipal("Deny", `{"Service":["a","b"],"AWS":"*"}`)))
	f.Add(`{"Statement":{"NotAction":null,"NotResource":"*"}}`)
	f.Fuzz(func(t *testing.T, doc string) {
		got, why, err := Evaluate(doc, publish)
		if err != nil {
			if got != Unknown {
				t.Fatalf("%v beside error %v", got, err)
			}
			return
		}
		if why == "" {
			t.Fatal("no reason")
		}
		again, _, _ := Evaluate(doc, publish)
		if again != got {
			t.Fatalf("%v, then %v", got, again)
		}
		// A statement that denies everything decides, whatever else there is.
		if got, _, err := Evaluate(withStatement(t, doc, `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`), publish); got != ExplicitDeny && err == nil {
			t.Fatalf("a statement that denies everything gives %v", got)
		}
	})
}

// A policy is SNS's own as long as nobody has touched it, ids alone do not make it
// that.
func TestIsDefault(t *testing.T) {
	extended, err := ExtendTopicPolicy(defaultPolicy, "arn:aws:sns:eu-central-1:111122223333:t", "111122223333", "aws")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		doc  string
		want bool
	}{
		"as SNS gives it":         {defaultPolicy, true},
		"none":                    {"", true},
		"one statement more":      {extended, false},
		"the condition is gone":   {strings.Replace(defaultPolicy, "AWS:SourceOwner", "AWS:SourceArn", 1), false},
		"it denies":               {strings.Replace(defaultPolicy, `"Allow"`, `"Deny"`, 1), false},
		"our own":                 {TopicPolicy("arn:aws:sns:eu-central-1:111122223333:t", "111122223333", "aws"), false},
		"not a policy":            {"{", false},
		"its id and nothing else": {`{"Id":"__default_policy_ID"}`, false},
	} {
		if got := IsDefault(tt.doc); got != tt.want {
			t.Errorf("%s: %t, want %t", name, got, tt.want)
		}
	}
}
