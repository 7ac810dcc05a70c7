package apply

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	events "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
)

// Rules calls events:ListRules.
func (c calls) Rules(ctx context.Context, region, prefix string) ([]account.Rule, error) {
	list, err := collect.Rules(ctx, prefixed{c.clients.rules(region), prefix}, account.DefaultBus)
	return list, failedRead("events:ListRules", err)
}

// prefixed lists the rules whose names begin with a text only.
type prefixed struct {
	RulesAPI
	prefix string
}

// ListRules asks for those.
func (p prefixed) ListRules(ctx context.Context, in *eventbridge.ListRulesInput, o ...func(*eventbridge.Options)) (*eventbridge.ListRulesOutput, error) {
	in.NamePrefix = text(p.prefix)
	return p.RulesAPI.ListRules(ctx, in, o...)
}

// RuleTags calls events:ListTagsForResource.
func (c calls) RuleTags(ctx context.Context, region, arn string) (map[string]string, error) {
	tags, err := collect.RuleTags(ctx, c.clients.rules(region), arn)
	return tags, failedRead("events:ListTagsForResource", err)
}

// Targets calls events:ListTargetsByRule.
func (c calls) Targets(ctx context.Context, region, rule string) ([]account.WholeTarget, error) {
	list, err := collect.Targets(ctx, c.clients.rules(region), account.DefaultBus, rule)
	return list, failedRead("events:ListTargetsByRule", err)
}

// rulesOn calls events:ListRuleNamesByTarget: the names of the rules of the default
// bus that have a target, all pages.
func (c calls) rulesOn(ctx context.Context, region, target string) ([]string, error) {
	var names []string
	var token *string
	for {
		out, err := c.clients.rules(region).ListRuleNamesByTarget(ctx, &eventbridge.ListRuleNamesByTargetInput{TargetArn: aws.String(target), NextToken: token})
		if err != nil {
			return nil, failedRead("events:ListRuleNamesByTarget", err)
		}
		names = append(names, out.RuleNames...)
		if token = out.NextToken; aws.ToString(token) == "" {
			return names, nil
		}
	}
}

// BusPolicy calls events:DescribeEventBus.
func (c calls) BusPolicy(ctx context.Context, region string) (string, error) {
	out, err := c.clients.rules(region).DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: aws.String(account.DefaultBus)})
	if err != nil {
		return "", failedRead("events:DescribeEventBus", err)
	}
	return aws.ToString(out.Policy), nil
}

// PutPermission calls events:PutPermission with one statement: those that others wrote
// stay.
func (c calls) PutPermission(ctx context.Context, region, sid, organization string) error {
	_, err := c.clients.rules(region).PutPermission(ctx, &eventbridge.PutPermissionInput{
		EventBusName: aws.String(account.DefaultBus), StatementId: aws.String(sid), Action: aws.String("events:PutEvents"), Principal: aws.String("*"),
		Condition: &events.Condition{Type: aws.String("StringEquals"), Key: aws.String("aws:PrincipalOrgID"), Value: aws.String(organization)},
	})
	return failedWrite("events:PutPermission", err)
}

// RemovePermission calls events:RemovePermission for one statement.
func (c calls) RemovePermission(ctx context.Context, region, sid string) error {
	_, err := c.clients.rules(region).RemovePermission(ctx, &eventbridge.RemovePermissionInput{EventBusName: aws.String(account.DefaultBus), StatementId: aws.String(sid)})
	return failedWrite("events:RemovePermission", err)
}

// Role calls iam:GetRole, ListRolePolicies, GetRolePolicy, ListAttachedRolePolicies.
func (c calls) Role(ctx context.Context, name string) (*account.Role, error) {
	return c.clients.roles.Role(ctx, name)
}

// event is what event patterns are tried on. Whether it matches is of no interest.
const event = `{"version":"0","id":"00000000-0000-0000-0000-000000000000","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2",` +
	`"account":"111122223333","time":"2026-01-01T00:00:00Z","region":"us-east-1","resources":[],"detail":` + sample + `}`

// TestEventPattern calls events:TestEventPattern.
func (c calls) TestEventPattern(ctx context.Context, region, pattern string) error {
	_, err := c.clients.rules(region).TestEventPattern(ctx, &eventbridge.TestEventPatternInput{EventPattern: aws.String(pattern), Event: aws.String(event)})
	if err != nil && collect.Code(err) == "InvalidEventPatternException" {
		return &action.PatternError{Err: collect.Explain("events:TestEventPattern", err)}
	}
	return failedRead("events:TestEventPattern", err)
}

// PutRule calls events:PutRule. What is left out is gone afterwards, but for tags and
// targets.
func (c calls) PutRule(ctx context.Context, region string, r account.Rule, tags map[string]string) error {
	in := &eventbridge.PutRuleInput{
		Name: aws.String(r.Name), EventPattern: text(r.Pattern), ScheduleExpression: text(r.Schedule), State: events.RuleState(r.State),
		Description: text(r.Description), RoleArn: text(r.RoleARN),
	}
	for _, k := range sortedKeys(tags) {
		in.Tags = append(in.Tags, events.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	_, err := c.clients.rules(region).PutRule(ctx, in)
	return failedWrite("events:PutRule", err)
}

// DeleteRule calls events:DeleteRule.
func (c calls) DeleteRule(ctx context.Context, region, name string) error {
	_, err := c.clients.rules(region).DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: aws.String(name)})
	return failedWrite("events:DeleteRule", err)
}

// PutTarget calls events:PutTargets with one entry.
func (c calls) PutTarget(ctx context.Context, region, rule string, t account.WholeTarget) error {
	entry := events.Target{
		Id: aws.String(t.ID), Arn: aws.String(t.ARN), RoleArn: text(t.RoleARN), Input: text(t.Input), InputPath: text(t.InputPath),
	}
	if x := t.Transformer; x != nil {
		entry.InputTransformer = &events.InputTransformer{InputTemplate: aws.String(x.Template), InputPathsMap: x.Paths}
	}
	if t.DeadLetterARN != "" {
		entry.DeadLetterConfig = &events.DeadLetterConfig{Arn: aws.String(t.DeadLetterARN)}
	}
	if t.RetryAttempts != nil || t.RetryAge != nil {
		entry.RetryPolicy = &events.RetryPolicy{MaximumRetryAttempts: t.RetryAttempts, MaximumEventAgeInSeconds: t.RetryAge}
	}
	const operation = "events:PutTargets"
	return entries(ctx, operation, func() ([]refusal, error) {
		out, err := c.clients.rules(region).PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String(rule), Targets: []events.Target{entry}})
		if err != nil {
			return nil, err
		}
		var list []refusal
		for _, f := range out.FailedEntries {
			list = append(list, refusal{aws.ToString(f.TargetId), aws.ToString(f.ErrorCode), aws.ToString(f.ErrorMessage)})
		}
		return counted(list, out.FailedEntryCount), nil
	})
}

// RemoveTarget calls events:RemoveTargets with one entry.
func (c calls) RemoveTarget(ctx context.Context, region, rule, id string) error {
	const operation = "events:RemoveTargets"
	return entries(ctx, operation, func() ([]refusal, error) {
		out, err := c.clients.rules(region).RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: aws.String(rule), Ids: []string{id}})
		if err != nil {
			return nil, err
		}
		var list []refusal
		for _, f := range out.FailedEntries {
			list = append(list, refusal{aws.ToString(f.TargetId), aws.ToString(f.ErrorCode), aws.ToString(f.ErrorMessage)})
		}
		return counted(list, out.FailedEntryCount), nil
	})
}

// A refusal is an entry that AWS refused in a reply of status 200.
type refusal struct{ id, code, message string }

// counted adds a refusal where the reply counts one that it does not list.
func counted(list []refusal, count int32) []refusal {
	if len(list) == 0 && count > 0 {
		list = append(list, refusal{code: collect.CodeUnknown, message: strconv.Itoa(int(count)) + " entries failed, and the reply does not say which"})
	}
	return list
}

// Tries of an entry that AWS refuses for the moment, and the pause between them.
const (
	entryTries = 4
	entryPause = 250 * time.Millisecond
)

// entries makes a call with one entry, and tries again while its refusal is one for
// the moment: the SDK does not see those.
func entries(ctx context.Context, operation string, call func() ([]refusal, error)) error {
	for try := 1; ; try++ {
		refused, err := call()
		if err != nil || len(refused) == 0 {
			return failedWrite(operation, err)
		}
		r := refused[0]
		passing := strings.HasPrefix(r.code, "ConcurrentModification") || strings.HasPrefix(r.code, "Throttling") || strings.HasPrefix(r.code, "Internal")
		if !passing || try == entryTries || !wait(ctx, time.Duration(try)*entryPause) {
			failed := &action.WriteError{Err: &collect.CallError{Operation: operation, Code: r.code, Message: "target " + r.id + ": " + r.message}}
			if strings.HasPrefix(r.code, "ResourceNotFound") {
				return marked{failed, action.ErrNotThere}
			}
			return failed
		}
	}
}

// wait pauses; false when ctx ended meanwhile.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// CreateRole calls iam:CreateRole.
func (c calls) CreateRole(ctx context.Context, name, trust, description string, tags map[string]string) error {
	in := url.Values{
		"RoleName": {name}, "AssumeRolePolicyDocument": {trust}, "Description": {description},
	}
	for i, k := range sortedKeys(tags) {
		in["Tags.member."+strconv.Itoa(i+1)+".Key"], in["Tags.member."+strconv.Itoa(i+1)+".Value"] = []string{k}, []string{tags[k]}
	}
	return failedWrite("iam:CreateRole", c.clients.roles.CreateRole(ctx, in))
}

// PutRolePolicy calls iam:PutRolePolicy.
func (c calls) PutRolePolicy(ctx context.Context, role, name, document string) error {
	return failedWrite("iam:PutRolePolicy", c.clients.roles.PutRolePolicy(ctx, url.Values{"RoleName": {role}, "PolicyName": {name}, "PolicyDocument": {document}}))
}

// DeleteRolePolicy calls iam:DeleteRolePolicy.
func (c calls) DeleteRolePolicy(ctx context.Context, role, name string) error {
	return failedWrite("iam:DeleteRolePolicy", c.clients.roles.DeleteRolePolicy(ctx, url.Values{"RoleName": {role}, "PolicyName": {name}}))
}

// DeleteRole calls iam:DeleteRole.
func (c calls) DeleteRole(ctx context.Context, name string) error {
	return failedWrite("iam:DeleteRole", c.clients.roles.DeleteRole(ctx, url.Values{"RoleName": {name}}))
}
