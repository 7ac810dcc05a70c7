package awstest

import (
	"fmt"
	"strings"
	"testing"
)

// TestAlarmPublishes evaluates topic policies for a message of an alarm.
func TestAlarmPublishes(t *testing.T) {
	const (
		topicARN = "arn:aws:sns:eu-central-1:111122223333:t"
		allow    = `{"Sid":"allow","Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"SNS:Publish","Resource":"` + topicARN + `"}`
	)
	request := access{service: cloudwatchPrincipal, action: "SNS:Publish", resource: topicARN, context: map[string]string{
		"aws:sourcearn": "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a", "aws:sourceaccount": "111122223333",
		"aws:sourceowner": "111122223333", "aws:securetransport": "true",
	}}
	with := func(old, changed string) string { return strings.Replace(allow, old, changed, 1) }
	condition := func(c string) string { return strings.TrimSuffix(allow, "}") + `,"Condition":` + c + "}" }
	tests := []struct {
		name      string
		statement string // statements, comma separated
		want      bool
	}{
		{"the service", allow, true},
		{"none", "", false},
		{"everyone", with(`{"Service":"cloudwatch.amazonaws.com"}`, `"*"`), true},
		{"every account", with(`{"Service":"cloudwatch.amazonaws.com"}`, `{"AWS":"*"}`), true},
		{"several services", with(`"cloudwatch.amazonaws.com"`, `["events.amazonaws.com","cloudwatch.amazonaws.com"]`), true},
		{"another service", with("cloudwatch.amazonaws.com", "events.amazonaws.com"), false},
		{"root does not cover services", with(`{"Service":"cloudwatch.amazonaws.com"}`, `{"AWS":"arn:aws:iam::111122223333:root"}`), false},
		{"NotPrincipal", with(`"Principal":{"Service":"cloudwatch.amazonaws.com"}`, `"NotPrincipal":{"Service":"cloudwatch.amazonaws.com"}`), false},
		{"any case of the action", with("SNS:Publish", "sns:publish"), true},
		{"all actions", with("SNS:Publish", "sns:*"), true},
		{"another action", with("SNS:Publish", "SNS:Subscribe"), false},
		{"NotAction", with(`"Action":"SNS:Publish"`, `"NotAction":["SNS:Subscribe"]`), true},
		{"any resource", with(topicARN, "*"), true},
		{"another resource", with(topicARN, topicARN+"2"), false},
		{"NotResource", with(`"Resource":"`+topicARN, `"NotResource":"`+topicARN), false},
		{"source account", condition(`{"StringEquals":{"AWS:SourceAccount":"111122223333"}}`), true},
		{"another source account", condition(`{"StringEquals":{"aws:SourceAccount":["999999999999"]}}`), false},
		{"one of several accounts", condition(`{"StringEquals":{"aws:SourceAccount":["999999999999","111122223333"]}}`), true},
		{"source ARN", condition(`{"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:*:111122223333:alarm:*"}}`), true},
		{"another source ARN", condition(`{"ArnEquals":{"aws:SourceArn":"arn:aws:cloudwatch:*:111122223333:alarm:b"}}`), false},
		{"owner", condition(`{"StringEquals":{"AWS:SourceOwner":"111122223333"}}`), true},
		{"organization of the principal", condition(`{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`), false},
		{"... if it exists", condition(`{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`), true},
		{"absent key, negated", condition(`{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`), true},
		{"two conditions, one fails", condition(`{"Bool":{"aws:SecureTransport":true},"StringLike":{"aws:SourceAccount":"2*"}}`), false},
		{"key is null", condition(`{"Null":{"aws:PrincipalOrgID":"true","aws:SourceArn":"false"}}`), true},
		{"for all values of none", condition(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`), true},
		{"for any value of none", condition(`{"ForAnyValue:StringEquals":{"aws:TagKeys":["a"]}}`), false},
		{"unknown operator", condition(`{"StringMatches":{"aws:SourceAccount":"111122223333"}}`), false},
		{"deny wins", allow + `,{"Effect":"Deny","Principal":"*","Action":"sns:*","Resource":"*"}`, false},
		{"deny of insecure transport", allow + `,{"Effect":"Deny","Principal":"*","Action":"sns:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, true},
		{"deny of other accounts", allow + `,{"Effect":"Deny","Principal":"*","Action":"sns:*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceAccount":"111122223333"}}}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := parsePolicy(fmt.Sprintf(`{"Version":"2012-10-17","Statement":[%s]}`, tt.statement))
			if err != nil {
				t.Fatal(err)
			}
			if got, why := p.decide(request); got != tt.want {
				t.Errorf("allowed %v (%s), want %v", got, why, tt.want)
			}
		})
	}
}

func TestLike(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"a*", "abc", true}, {"*c", "abc", true}, {"a*c", "abc", true},
		{"a*c", "abcd", false}, {"a?c", "abc", true}, {"a?c", "ac", false}, {"*a*b*", "xaybz", true}, {"*a*b*", "xbya", false}, {"**", "a", true}, {"abc", "ab", false},
	}
	for _, tt := range tests {
		if got := like(tt.pattern, tt.text); got != tt.want {
			t.Errorf("like(%q, %q) = %v", tt.pattern, tt.text, got)
		}
	}
}

func TestFilterPolicies(t *testing.T) {
	m := message{
		body:       `{"AlarmName":"sg-alarm","NewStateValue":"ALARM","Trigger":{"Period":300,"Namespace":"Security"},"AlarmActions":["a","b"],"AlarmDescription":null}`,
		attributes: map[string]string{"kind": "alert"},
	}
	tests := []struct {
		policy string
		body   bool
		want   bool
	}{
		{``, false, true},
		{`{"kind":["alert","news"]}`, false, true},
		{`{"kind":["news"]}`, false, false},
		{`{"NewStateValue":["ALARM"]}`, false, false}, // looks at attributes
		{`{"NewStateValue":["ALARM"]}`, true, true},
		{`{"NewStateValue":["OK"]}`, true, false},
		{`{"AlarmName":[{"prefix":"sg-"}]}`, true, true},
		{`{"AlarmName":[{"suffix":"-x"}]}`, true, false},
		{`{"AlarmName":[{"wildcard":"*g-a*"}]}`, true, true},
		{`{"AlarmName":[{"equals-ignore-case":"SG-ALARM"}]}`, true, true},
		{`{"AlarmName":[{"anything-but":["sg-alarm"]}]}`, true, false},
		{`{"AlarmName":[{"anything-but":{"prefix":"x"}}]}`, true, true},
		{`{"Trigger":{"Period":[300]}}`, true, true},
		{`{"Trigger":{"Period":[{"numeric":[">",0,"<=",60]}]}}`, true, false},
		{`{"Trigger":{"Period":[{"numeric":[">",60]}],"Namespace":["Security"]}}`, true, true},
		{`{"Trigger":{"Nothing":["x"]}}`, true, false},
		{`{"AlarmActions":["b"]}`, true, true},
		{`{"AlarmDescription":[null]}`, true, true},
		{`{"Missing":[{"exists":false}]}`, true, true},
		{`{"Missing":[{"exists":true}]}`, true, false},
		{`{"AlarmName":[{"exists":true}]}`, true, true},
		{`{"$or":[{"NewStateValue":["OK"]},{"AlarmName":["sg-alarm"]}]}`, true, true},
		{`{"$or":[{"NewStateValue":["OK"]}]}`, true, false},
		{`{"AlarmName":[{"telepathy":"sg"}]}`, true, false},
		{`{"AlarmName":"sg-alarm"}`, true, false}, // a rule must be a list
	}
	for _, tt := range tests {
		attributes := map[string]string{"FilterPolicy": tt.policy}
		if tt.body {
			attributes["FilterPolicyScope"] = "MessageBody"
		}
		if got := passesFilter(attributes, m); got != tt.want {
			t.Errorf("%s (body %v): %v, want %v", tt.policy, tt.body, got, tt.want)
		}
	}
}
