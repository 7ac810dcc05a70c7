package collect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// groupControl is a control about one event of EC2.
var groupControl = []catalog.Control{{
	ID: "security-group-changes", Type: catalog.Events, Sources: []string{"ec2.amazonaws.com"},
	Events: []catalog.Event{{Source: "ec2.amazonaws.com", Name: "CreateSecurityGroup"}},
}}

const groupPattern = `{"source":["aws.ec2"],"detail":{"eventName":["CreateSecurityGroup"]}}`

// rule puts a rule with targets on a bus of a region.
func (l *lab) rule(r *awstest.Region, bus, name, pattern string, targets ...awstest.EventTarget) string {
	l.t.Helper()
	arn, err := r.PutRule(awstest.PutRuleInput{Name: name, EventBusName: bus, EventPattern: pattern})
	l.must(err)
	if len(targets) > 0 {
		l.must(r.PutTargets(awstest.PutTargetsInput{Rule: name, EventBusName: bus, Targets: targets}))
	}
	return arn
}

// richRules adds to the common account rules that use everything that is read of
// EventBridge.
func (l *lab) richRules() {
	l.t.Helper()
	topic := l.common()
	told := l.topic(l.home, "told", confirmed)
	away := l.acct.Region("us-east-1")
	bus, err := l.home.CreateEventBus(awstest.CreateEventBusInput{Name: "custom"})
	l.must(err)
	connection, err := l.home.CreateConnection(awstest.CreateConnectionInput{Name: "pager", AuthorizationType: "API_KEY"})
	l.must(err)
	destination, err := l.home.CreateAPIDestination(awstest.CreateAPIDestinationInput{
		Name: "pager", ConnectionArn: connection, InvocationEndpoint: "https://events.pagerduty.com/v2/SECRET", HTTPMethod: "POST",
	})
	l.must(err)
	call := l.acct.Role("call", awstest.RoleOptions{Policies: map[string]string{"invoke": `{"Statement":[]}`}, Attached: []string{"arn:aws:iam::aws:policy/X"}})
	l.rule(l.home, "", "told", groupPattern,
		awstest.EventTarget{ID: "topic", Arn: told, InputTransformer: &awstest.InputTransformer{
			InputPathsMap: map[string]string{"what": "$.detail.eventName"}, InputTemplate: `"SECRET <what> <aws.events.rule-name>"`,
		}},
		awstest.EventTarget{ID: "alerts", Arn: topic},
		awstest.EventTarget{ID: "pager", Arn: destination, RoleArn: call, Input: `{"routing_key":"SECRET"}`})
	l.rule(l.home, "custom", "wrong-bus", groupPattern)
	l.rule(away, "", "forward", `{"source":["aws.ec2"]}`, awstest.EventTarget{ID: "home", Arn: bus, RoleArn: call})
	_, key := l.home.CreateKey(awstest.KeyOptions{})
	l.must(l.home.UpdateEventBus(awstest.UpdateEventBusInput{Name: "custom", KmsKeyIdentifier: key}))
}

func TestRules(t *testing.T) {
	for _, size := range []int{0, 1} {
		l := newLab(t, awstest.Options{PageSize: size})
		l.richRules()
		snap := l.collect(Options{Controls: groupControl})
		a, home, away := snap.Accounts[0], l.region(snap, homeRegion), l.region(snap, "us-east-1")

		list, _ := home.Rules.Got()
		if len(list) != 1 || list[0].Name != "told" || list[0].Pattern != groupPattern || list[0].State != account.RuleEnabled {
			t.Fatalf("rules: %+v", list)
		}
		targets, _ := list[0].Targets.Got()
		if len(targets) != 3 || targets[0].ID != "alerts" || targets[1].ID != "pager" || targets[2].ID != "topic" {
			t.Fatalf("targets: %+v", targets)
		}
		diff(t, "whole event", targets[0].Message, account.Message{Form: account.WholeEvent})
		diff(t, "constant", targets[1].Message, account.Message{Form: account.Constant})
		diff(t, "template", targets[2].Message, account.Message{
			Form: account.Template, Paths: map[string]string{"what": "$.detail.eventName"}, Placeholders: []string{"aws.events.rule-name", "what"},
		})
		if d, _ := home.APIDestinations[targets[1].ARN].Got(); d == nil || d.State != "ACTIVE" || d.Endpoint != "https://events.pagerduty.com/***" {
			t.Errorf("API destination: %+v", d)
		} else if c, _ := home.Connections[d.ConnectionARN].Got(); c == nil || c.State != "AUTHORIZED" {
			t.Errorf("connection: %+v", c)
		}
		if role := a.Roles[targets[1].RoleARN]; role == nil || role.Inline["invoke"].Value != `{"Statement":[]}` || len(role.Attached.Value) != 1 {
			t.Errorf("role: %+v", role)
		}
		told := home.Topics["arn:aws:sns:eu-central-1:111122223333:told"]
		if subs, _ := told.Subscriptions.Got(); len(subs) != 1 || home.Topics["arn:aws:sns:eu-central-1:111122223333:alerts"] == nil {
			t.Errorf("topics: %+v", home.Topics)
		}

		bus := home.Buses["arn:aws:events:eu-central-1:111122223333:event-bus/custom"]
		d, _ := bus.Description.Got()
		if k, _ := home.Keys[d.KeyID].Metadata.Got(); k == nil || k.State != "Enabled" {
			t.Errorf("the key of the bus: %+v", home.Keys)
		}
		if rules, _ := bus.Rules.Got(); len(rules) != 1 || rules[0].Targets == nil {
			t.Errorf("rules of the bus that events are forwarded to: %+v", rules)
		}
		if x, _ := away.Rules.Got(); len(x) != 1 || len(targetsOf(x)) != 1 {
			t.Errorf("rules of the other region: %+v", x)
		}
		text := encoded(t, snap)
		if strings.Contains(text, "SECRET") {
			t.Errorf("the snapshot has a secret in it:\n%s", text)
		}
		diff(t, "snapshot from its file", decoded(t, text), snap)
		if f := failures(t, snap); len(f) != 0 {
			t.Errorf("failures: %v", f)
		}
	}
}

// TestRulesNotFollowed reads rules that can tell nobody of what is asked about:
// nothing is asked about them.
func TestRulesNotFollowed(t *testing.T) {
	tests := []struct {
		name, pattern, schedule, state string
		follow                         bool
	}{
		{"the event", groupPattern, "", "", true},
		{"any of CloudTrail's", `{"detail-type":[{"suffix":" via CloudTrail"}]}`, "", "", true},
		{"another source", `{"source":["aws.s3"]}`, "", "", false},
		{"another event", `{"source":["aws.ec2"],"detail":{"eventName":["RunInstances"]}}`, "", "", false},
		{"another detail-type", `{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"]}`, "", "", false},
		{"findings", `{"source":["aws.guardduty"],"detail-type":["GuardDuty Finding"]}`, "", "", false},
		{"off", groupPattern, "", "DISABLED", false},
		{"a schedule", "", "rate(1 day)", "", false},
		{"the change of an alarm", `{"source":["aws.cloudwatch"],"detail-type":["CloudWatch Alarm State Change"]}`, "", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			l.common()
			_, err := l.home.PutRule(awstest.PutRuleInput{Name: "x", EventPattern: tt.pattern, ScheduleExpression: tt.schedule, State: tt.state})
			l.must(err)
			snap := l.collect(Options{Controls: groupControl})
			list, _ := l.region(snap, homeRegion).Rules.Got()
			if got := list[0].Targets != nil; got != tt.follow {
				t.Errorf("asked for targets: %t, want %t", got, tt.follow)
			}
			if n := l.cloud.CallCounts()["events:ListTargetsByRule"]; (n > 0) != tt.follow {
				t.Errorf("%d calls of ListTargetsByRule", n)
			}
		})
	}
}

// TestRuleCalls counts: one call for each region where nothing stands, and with
// many rules only those that can matter.
func TestRuleCalls(t *testing.T) {
	calls := func(l *lab, o Options) map[string]int {
		l.cloud.ResetCalls()
		l.collect(o)
		counts := map[string]int{}
		for name, n := range l.cloud.CallCounts() {
			if strings.HasPrefix(name, "events:") {
				counts[name] = n
			}
		}
		return counts
	}
	l := newLab(t, awstest.Options{})
	diff(t, "no trail", calls(l, Options{Controls: groupControl}), map[string]int{})
	l.common()
	diff(t, "no rules", calls(l, Options{Controls: groupControl}), map[string]int{"events:ListRules": len(threeRegions)})
	diff(t, "not asked for", calls(l, Options{Controls: groupControl, NoRules: true}), map[string]int{})
	diff(t, "a state only", calls(l, Options{Controls: []catalog.Control{{Type: catalog.State, State: catalog.SecurityHub}}}), map[string]int{})
	for i := range 299 {
		l.rule(l.home, "", fmt.Sprintf("other-%03d", i), `{"source":["aws.s3"]}`)
	}
	l.rule(l.home, "", "told", groupPattern, awstest.EventTarget{ID: "1", Arn: l.topic(l.home, "told", confirmed)})
	diff(t, "300 rules", calls(l, Options{Controls: groupControl}), map[string]int{
		"events:ListRules": len(threeRegions) + 2, "events:ListEventBuses": 1, "events:ListTargetsByRule": 1, "events:DescribeEventBus": 1,
	})
}

// TestTrailForRulesOnly reads a trail without log group where a rule waits for its
// events.
func TestTrailForRulesOnly(t *testing.T) {
	l := newLab(t, awstest.Options{})
	_, err := l.home.CreateTrail(awstest.CreateTrailInput{Name: "to-s3", S3BucketName: "bucket", IsMultiRegionTrail: true})
	l.must(err)
	if got := l.collect(Options{Controls: groupControl}).Accounts[0].Trails[0]; got.Status != nil {
		t.Errorf("without a rule the trail's status was asked for: %+v", got)
	}
	l.rule(l.home, "", "told", groupPattern)
	if got := l.collect(Options{Controls: groupControl}).Accounts[0].Trails[0]; got.Status == nil || got.Selectors == nil {
		t.Errorf("a rule waits for what the trail records: %+v", got)
	}
}

// TestRulesDenied denies each call of EventBridge, and of IAM about roles, in turn:
// the failure stands in its place, and nothing is made up.
func TestRulesDenied(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.richRules()
	l.collect(Options{Controls: groupControl})
	for _, operation := range l.operations() {
		if !strings.HasPrefix(operation, "events:") && !strings.Contains(operation, "Role") {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			l.t = t
			l.cloud.Deny(operation)
			defer l.cloud.AllowAll()
			snap := l.collect(Options{Controls: groupControl})
			code := "AccessDeniedException"
			if strings.HasPrefix(operation, "iam:") {
				code = "AccessDenied"
			}
			diff(t, "failures", failures(t, snap), []string{operation + " " + code})
			diff(t, "snapshot from its file", decoded(t, encoded(t, snap)), snap)
		})
	}
}
