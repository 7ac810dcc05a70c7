package apply

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/change"
)

const (
	ruleName = "monitorctl-x"
	pattern  = `{"source":["aws.ec2"],"detail":{"eventName":["CreateVpc"]}}`
	roleName = "monitorctl-events-forwarder"
)

var home = desired.Home{Partition: "aws", Account: acct, Region: region}

func theRule() action.PutRule {
	return action.PutRule{Meta: meta(), Tags: tags(), Rule: account.Rule{
		Name: ruleName, ARN: desired.RuleARN(ruleName, home), Pattern: pattern, State: account.RuleEnabled, Description: "Triggered by X.",
	}}
}

func theTarget() action.PutTarget {
	return action.PutTarget{Meta: meta(), Rule: ruleName, Target: account.WholeTarget{
		ID: "topic", ARN: topicARN, Transformer: &account.Transformed{Paths: map[string]string{"what": "$.detail.eventName"}, Template: `"<what>"`},
	}}
}

func theRole() action.CreateRole {
	return action.CreateRole{
		Meta: meta(), Role: roleName, ARN: "arn:aws:iam::" + acct + ":role/" + roleName, Trust: desired.RoleTrust(), Policy: desired.RolePolicy(home), Tags: tags(),
	}
}

func planOf(actions ...change.Action) change.Plan { return change.Plan{Actions: actions} }

// TestRuleRefused holds plans to what is refused before the first write, and to what
// the error says where it is refused later.
func TestRuleRefused(t *testing.T) {
	long := theRule()
	long.Rule.Pattern = fmt.Sprintf(`{"source":["%s"]}`, strings.Repeat("x", desired.PatternLimit))
	wrong := theRule()
	wrong.Rule.Pattern = `{"source":[{"no-such-operator":"x"}]}`
	away := theTarget()
	away.Target.ARN = "arn:aws:sns:us-east-1:" + acct + ":x"
	before := theRule()
	before.Before = &before.Rule
	foreign := func(l *lab) {
		_, err := l.home.PutRule(awstest.PutRuleInput{Name: ruleName, EventPattern: pattern})
		l.must(err)
	}
	tests := []struct {
		name   string
		seed   func(*lab)
		plan   change.Plan
		want   string
		writes []string
	}{
		{"a pattern that is too long", nil, planOf(long), "characters in the event pattern, but AWS allows 2048 (nothing was written)", nil},
		{"a pattern that AWS refuses", nil, planOf(wrong), "testing the pattern of rule monitorctl-x: events:TestEventPattern: InvalidEventPatternException", nil},
		{"a full bus", func(l *lab) {
			for i := range 300 {
				_, err := l.home.PutRule(awstest.PutRuleInput{Name: fmt.Sprintf("r%d", i), EventPattern: pattern})
				l.must(err)
			}
		}, planOf(theRule()), "the default event bus in eu-central-1 has 300 rules and the plan adds 1, but AWS allows 300 unless the quota was raised (nothing was written)", nil},
		{"someone's rule of that name", foreign, planOf(theRule()), `rule "monitorctl-x" was created by someone else since the plan was made (nothing was written)`, nil},
		{"a rule that is gone", nil, planOf(before), `rule "monitorctl-x" disappeared since the plan was made (nothing was written)`, nil},
		{"a target that is refused in a reply of status 200", nil, planOf(theRule(), away),
			"add target topic to rule monitorctl-x (eu-central-1): events:PutTargets: ValidationException: target topic: Provided target arn:aws:sns:us-east-1:111122223333:x is in another region. (1 of 2 actions done)",
			[]string{"events:PutRule", "events:PutTargets"}},
		{"someone's role of that name", func(l *lab) {
			l.cloud.Account(acct, awstest.AccountOptions{}).Role(roleName, awstest.RoleOptions{})
		}, planOf(theRole()), `role "monitorctl-events-forwarder" appeared since the plan was made (nothing was written)`, nil},
		{"our role with another policy", func(l *lab) {
			l.cloud.Account(acct, awstest.AccountOptions{}).Role(roleName, awstest.RoleOptions{TrustPolicy: desired.RoleTrust(), Tags: tags(), Policies: map[string]string{roleName: `{"Statement":[]}`}})
		}, planOf(theRole()), `role "monitorctl-events-forwarder" was given another policy since the plan was made (nothing was written)`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			if tt.seed != nil {
				tt.seed(l)
			}
			_, err := l.run(tt.plan, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v\nwant  ...%s", err, tt.want)
			}
			if got := l.writes(); !slices.Equal(got, tt.writes) {
				t.Errorf("writes %v, want %v", got, tt.writes)
			}
		})
	}
}

// What was added to a target since stays when it is replaced: dead-letter queue and
// retries are nobody's text.
func TestTargetKeepsItsQueue(t *testing.T) {
	l := newLab(t)
	_, err := l.run(planOf(theRule(), theTarget()), Options{})
	l.must(err)
	tries := int32(7)
	queue := "arn:aws:sqs:eu-central-1:" + acct + ":dead"
	l.must(l.home.PutTargets(awstest.PutTargetsInput{Rule: ruleName, Targets: []awstest.EventTarget{{
		ID: "topic", Arn: topicARN, Input: `"edited"`, DeadLetterConfig: &awstest.DeadLetterConfig{Arn: queue}, RetryPolicy: &awstest.RetryPolicy{MaximumRetryAttempts: &tries},
	}}}))
	have := account.WholeTarget{ID: "topic", ARN: topicARN, Input: `"edited"`}.Target()
	replace := theTarget()
	replace.Before = &have
	_, err = l.run(planOf(replace), Options{})
	l.must(err)
	now, err := calls{fromSession(l.session())}.Targets(t.Context(), region, ruleName)
	l.must(err)
	if len(now) != 1 || now[0].DeadLetterARN != queue || *now[0].RetryAttempts != tries || now[0].Input != "" || now[0].Transformer.Template != `"<what>"` {
		t.Errorf("target: %+v", now)
	}
	again, err := l.run(planOf(theTarget()), Options{})
	if err != nil || again.Done[0].Written {
		t.Errorf("a second run: %+v, %v", again, err)
	}
}

// TestRuleFaults lets each write of rules fail such that it may have taken effect; the
// run comes to its end, or the next one does, to the same account.
func TestRuleFaults(t *testing.T) {
	whole := planOf(theTopic(), theRole(), theRule(), theTarget())
	state := func(l *lab) string {
		rules, err := calls{fromSession(l.session())}.Rules(t.Context(), region, "")
		l.must(err)
		targets, err := calls{fromSession(l.session())}.Targets(t.Context(), region, ruleName)
		l.must(err)
		role, _, err := func() (*action.State, []string, error) {
			r, err := l.session().Role(t.Context(), roleName)
			l.must(err)
			return action.RoleStateOf(roleName, r)
		}()
		l.must(err)
		return fmt.Sprintf("%+v %+v %s %s", rules, targets[0].Transformer, role.Role.Trust, *role.RolePolicy)
	}
	clean := newLab(t)
	_, err := clean.run(whole, Options{})
	clean.must(err)
	want := state(clean)
	for name, fault := range map[string]awstest.Fault{
		"throttled":    {Kind: awstest.Throttle},
		"503 too late": {Kind: awstest.Unavailable, Applied: true},
		"reset":        {Kind: awstest.Reset},
	} {
		for _, operation := range []string{"events:PutRule", "events:PutTargets", "iam:CreateRole", "iam:PutRolePolicy"} {
			t.Run(name+" "+operation, func(t *testing.T) {
				l := newLab(t)
				fault.Operation, fault.Times = operation, 2
				l.cloud.Fault(fault)
				if _, err := l.run(whole, Options{}); err != nil {
					var e *change.StoppedError
					if !errors.As(err, &e) {
						t.Fatal(err)
					}
					l.cloud.ClearFaults()
					_, err = l.run(whole, Options{})
					l.must(err)
				}
				if got := state(l); got != want {
					t.Errorf("account:\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}
