package cmd

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// groupEvents is a rule's pattern for the events of security-group-changes.
const groupEvents = `{"source":["aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventName":["AuthorizeSecurityGroupIngress",` +
	`"AuthorizeSecurityGroupEgress","RevokeSecurityGroupIngress","RevokeSecurityGroupEgress","CreateSecurityGroup","DeleteSecurityGroup"]}}`

// newRuleLab is an account whose security groups a rule tells of, and nothing else.
func newRuleLab(t *testing.T) *cmdLab {
	t.Helper()
	l := newCmdLab(t)
	topic, err := l.region.CreateTopic(awstest.CreateTopicInput{Name: "told"})
	l.must(err)
	l.must(l.region.SetTopicAttribute(topic, "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"`+topic+`"}]}`))
	_, err = l.region.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "sms", Endpoint: "+491701234567"})
	l.must(err)
	_, err = l.region.PutRule(awstest.PutRuleInput{Name: "groups", EventPattern: groupEvents})
	l.must(err)
	l.must(l.region.PutTargets(awstest.PutTargetsInput{Rule: "groups", Targets: []awstest.EventTarget{{
		ID: "topic", Arn: topic, InputTransformer: &awstest.InputTransformer{InputPathsMap: map[string]string{"what": "$.detail.eventName"}, InputTemplate: `"<what>"`},
	}}}))
	return l
}

// TestTransport audits an account that rests on a rule by each transport.
func TestTransport(t *testing.T) {
	l := newRuleLab(t)
	audit := []string{"audit", "security-group-changes", "--region", demoRegion}

	r := l.want(0, audit...)
	for _, text := range []string{"STATUS  VIA   TRAIL", "PASS    rule  ok     -       -      ok", "1 control rests on EventBridge rules; benchmark tools do not see them ('--transport metric' checks as they do)."} {
		if !strings.Contains(r.out, text) {
			t.Errorf("the table lacks %q:\n%s", text, r.out)
		}
	}
	l.want(0, append(audit, "--transport", "eventbridge")...)

	l.cloud.ResetCalls()
	if r = l.want(3, append(audit, "--transport", "metric")...); strings.Contains(r.out, "VIA") || !strings.Contains(r.out, "no metric filter matches") {
		t.Errorf("by metrics:\n%s", r.out)
	}
	for _, call := range l.cloud.Calls() {
		if strings.HasPrefix(call.Operation, "events:") {
			t.Errorf("by metrics %s is called", call.Operation)
		}
	}
	if r = l.want(3, append(audit, "--mapping", "aws-security-hub")...); !strings.Contains(r.out, "FAIL") {
		t.Errorf("Security Hub does not stay red:\n%s", r.out)
	}

	r = l.want(0, append(audit, "-o", "json")...)
	var report struct {
		Findings []struct {
			Transport string
			Literal   bool
			Reasons   []struct{ Code, Status string }
			Chain     []struct{ Link string }
		}
	}
	l.must(json.Unmarshal([]byte(r.out), &report))
	f := report.Findings[0]
	if f.Transport != "eventbridge" || f.Literal || len(f.Reasons) != 1 || f.Reasons[0].Code != "covered-by-eventbridge" || f.Reasons[0].Status != "pass" {
		t.Errorf("finding: %+v", f)
	}
	var links []string
	for _, link := range f.Chain {
		links = append(links, link.Link)
	}
	if got := strings.Join(links, " "); !strings.HasSuffix(got, "trail bus rule topic subscription") {
		t.Errorf("chain: %s", got)
	}
	r = l.want(0, "explain", "security-group-changes", "--region", demoRegion)
	if !strings.Contains(r.out, "rule groups in eu-central-1 matches 6 of 6 events") {
		t.Errorf("the tree lacks the rule:\n%s", r.out)
	}

	for _, wrong := range [][]string{{"--transport", "mail"}, {"--transport", "eventbridge", "--mapping", "aws-security-hub"}} {
		l.want(2, append(audit, wrong...)...)
	}
}

// TestRuleGone loses the path when the rule goes, and says what could not be checked
// when nobody may list rules.
func TestRuleGone(t *testing.T) {
	l := newRuleLab(t)
	audit := []string{"audit", "security-group-changes", "--region", demoRegion}
	_, err := l.region.PutRule(awstest.PutRuleInput{Name: "groups", EventPattern: groupEvents, State: "DISABLED"})
	l.must(err)
	if r := l.want(3, audit...); !strings.Contains(r.out, "rule groups: it is disabled") {
		t.Errorf("a disabled rule:\n%s", r.out)
	}
	l.cloud.Deny("events:ListRules")
	if r := l.want(1, audit...); !strings.Contains(r.out, "events:ListRules failed") {
		t.Errorf("rules that could not be listed:\n%s", r.out)
	}
}
