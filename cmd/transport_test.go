package cmd

import (
	"encoding/json"
	"path/filepath"
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
	if f.Transport != "eventbridge" || f.Literal || len(f.Reasons) != 2 {
		t.Errorf("finding: %+v", f)
	}
	for i, code := range []string{"rule-no-dead-letter", "covered-by-eventbridge"} {
		if f.Reasons[i].Code != code || f.Reasons[i].Status != "pass" {
			t.Errorf("reason %d is %+v, want the note %s", i, f.Reasons[i], code)
		}
	}
	var links []string
	for _, link := range f.Chain {
		links = append(links, link.Link)
	}
	if got := strings.Join(links, " "); !strings.HasSuffix(got, "trail bus rule topic subscription") {
		t.Errorf("chain: %s", got)
	}
	r = l.want(0, "explain", "security-group-changes", "--region", demoRegion)
	for _, text := range []string{"rule groups in eu-central-1 matches 6 of 6 events", "target topic has no dead-letter queue"} {
		if !strings.Contains(r.out, text) {
			t.Errorf("the tree lacks %q:\n%s", text, r.out)
		}
	}

	for _, wrong := range [][]string{{"--transport", "mail"}, {"--transport", "eventbridge", "--mapping", "aws-security-hub"}} {
		l.want(2, append(audit, wrong...)...)
	}
}

// TestTransportOfEveryJudgement gives --transport to each command that checks.
func TestTransportOfEveryJudgement(t *testing.T) {
	l := newRuleLab(t)
	before, after := filepath.Join(t.TempDir(), "before.json"), filepath.Join(t.TempDir(), "after.json")
	l.want(0, "snapshot", "--region", demoRegion, "--file", before)
	_, err := l.region.PutRule(awstest.PutRuleInput{Name: "groups", EventPattern: groupEvents, State: "DISABLED"})
	l.must(err)
	l.want(0, "snapshot", "--region", demoRegion, "--file", after)
	for _, tt := range []struct {
		transport    string
		audit, worse int
		alertedFor   string
	}{
		{"any", 0, 3, "told   security-group-changes"},
		{"eventbridge", 0, 3, "told   security-group-changes"},
		{"metric", 3, 0, "security-group-changes: no-filter"},
	} {
		by := []string{"--transport", tt.transport}
		l.want(tt.audit, append(by, "audit", "security-group-changes", "--snapshot", before)...)
		l.want(tt.audit, append(by, "explain", "security-group-changes", "--snapshot", before)...)
		if r := l.want(3, append(by, "subscribers", "--set", "core", "--snapshot", before)...); !strings.Contains(r.out, tt.alertedFor) {
			t.Errorf("subscribers by %s:\n%s", tt.transport, r.out)
		}
		l.want(tt.worse, append(by, "diff", before, after)...)
	}
	r := l.want(2, "diff", before, after, "--transport", "mail")
	if !strings.Contains(r.err, "expected any, metric or eventbridge") {
		t.Errorf("a transport that is none: %s", r.err)
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
