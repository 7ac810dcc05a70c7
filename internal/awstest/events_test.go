package awstest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

const (
	eventsPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"arn:aws:sns:eu-central-1:111122223333:alerts"%s}]}`
	groupDeleted = `{"source":["aws.ec2"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventName":["DeleteSecurityGroup","DescribeSecurityGroups"]}}`
	homeBus      = "arn:aws:events:eu-central-1:111122223333:event-bus/default"
)

func withCondition(condition string) string { return strings.Replace(eventsPolicy, "%s", condition, 1) }

// A ruleLab is a region in which a deleted security group is told to the reader by
// a rule, without log group, filter and alarm.
type ruleLab struct {
	*chain
}

func newRuleLab(t *testing.T) *ruleLab {
	t.Helper()
	l := &ruleLab{&chain{lab: newLab(t, awstest.Options{})}}
	_, err := l.home.CreateTrail(awstest.CreateTrailInput{Name: "main", S3BucketName: "b", IsMultiRegionTrail: true})
	must(t, err)
	must(t, l.home.StartLogging("main"))
	_, err = l.home.CreateTopic(awstest.CreateTopicInput{Name: "alerts", Attributes: map[string]string{"Policy": withCondition("")}})
	must(t, err)
	_, err = l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "email", Endpoint: reader})
	must(t, err)
	must(t, l.cloud.ConfirmEmail(reader))
	l.rule(l.home, awstest.PutRuleInput{Name: "sg", EventPattern: groupDeleted}, awstest.EventTarget{ID: "topic", Arn: topicARN})
	return l
}

// rule puts a rule with one target.
func (l *ruleLab) rule(r *awstest.Region, in awstest.PutRuleInput, target awstest.EventTarget) {
	l.t.Helper()
	_, err := r.PutRule(in)
	must(l.t, err)
	must(l.t, r.PutTargets(awstest.PutTargetsInput{Rule: in.Name, EventBusName: in.EventBusName, Targets: []awstest.EventTarget{target}}))
}

// target replaces the target of the rule at home.
func (l *ruleLab) target(target awstest.EventTarget) {
	l.t.Helper()
	target.ID = "topic"
	must(l.t, l.home.PutTargets(awstest.PutTargetsInput{Rule: "sg", Targets: []awstest.EventTarget{target}}))
}

// TestRuleTells lets a security group be deleted at home and asks whether the
// reader is told of it.
func TestRuleTells(t *testing.T) {
	tests := []struct {
		name  string
		build func(l *ruleLab)
		told  bool
		story string // part of why not
	}{
		{"as it should be", func(*ruleLab) {}, true, ""},
		{"no trail records", func(l *ruleLab) { must(l.t, l.home.StopLogging("main")) }, false, "it is not logging"},
		{"reads only", func(l *ruleLab) {
			must(l.t, l.home.PutEventSelectors(awstest.PutEventSelectorsInput{TrailName: "main", EventSelectors: []awstest.EventSelector{{ReadWriteType: "ReadOnly"}}}))
		}, false, "its event selectors leave it out"},
		{"disabled", func(l *ruleLab) {
			get(l.home.PutRule(awstest.PutRuleInput{Name: "sg", EventPattern: groupDeleted, State: "DISABLED"}))(l.t)
		}, false, ""},
		{"other events", func(l *ruleLab) {
			get(l.home.PutRule(awstest.PutRuleInput{Name: "sg", EventPattern: `{"source":["aws.s3"]}`}))(l.t)
		}, false, ""},
		{"default topic policy", func(l *ruleLab) {
			must(l.t, l.home.SetTopicAttribute(topicARN, "Policy", `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"SNS:Publish","Resource":"*","Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}}]}`))
		}, false, "EventBridge is not authorized"},
		{"policy with the rule's ARN", func(l *ruleLab) {
			must(l.t, l.home.SetTopicAttribute(topicARN, "Policy", withCondition(`,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:events:*"}}`)))
		}, false, "EventBridge is not authorized"},
		{"key for EventBridge", func(l *ruleLab) { l.encrypt(`"events.amazonaws.com"`, "") }, true, ""},
		{"key for alarms only", func(l *ruleLab) { l.encrypt(`"cloudwatch.amazonaws.com"`, "") }, false, "cannot be used"},
		{"key with the account's condition", func(l *ruleLab) {
			l.encrypt(`"events.amazonaws.com"`, `,"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`)
		}, false, "cannot be used"},
		{"topic gone", func(l *ruleLab) { must(l.t, l.home.DeleteTopic(topicARN)) }, false, "the topic does not exist"},
		{"no target", func(l *ruleLab) {
			_, err := l.events().RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: aws.String("sg"), Ids: []string{"topic"}})
			must(l.t, err)
		}, false, "has no target"},
		{"key of the bus", func(l *ruleLab) {
			_, key := l.home.CreateKey(awstest.KeyOptions{State: "Disabled"})
			must(l.t, l.home.UpdateEventBus(awstest.UpdateEventBusInput{Name: "default", KmsKeyIdentifier: key}))
		}, false, "the key of bus default cannot be used"},
		{"filter policy on attributes", func(l *ruleLab) {
			_, err := l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "email", Endpoint: "other@example.com", Attributes: map[string]string{"FilterPolicy": `{"a":["b"]}`}})
			must(l.t, err)
			must(l.t, l.cloud.ConfirmEmail("other@example.com"))
		}, true, "its filter policy drops the message"},
		{"rule on a custom bus", func(l *ruleLab) {
			get(l.home.CreateEventBus(awstest.CreateEventBusInput{Name: "mine"}))(l.t)
			l.rule(l.home, awstest.PutRuleInput{Name: "sg", EventBusName: "mine", EventPattern: groupDeleted}, awstest.EventTarget{ID: "topic", Arn: topicARN})
			get(l.home.PutRule(awstest.PutRuleInput{Name: "sg", EventPattern: groupDeleted, State: "DISABLED"}))(l.t)
		}, false, ""},
		{"forwarded to a custom bus", func(l *ruleLab) {
			bus := get(l.home.CreateEventBus(awstest.CreateEventBusInput{Name: "mine"}))(l.t)
			l.rule(l.home, awstest.PutRuleInput{Name: "sg", EventBusName: "mine", EventPattern: groupDeleted}, awstest.EventTarget{ID: "topic", Arn: topicARN})
			l.target(awstest.EventTarget{Arn: bus})
		}, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newRuleLab(t)
			tt.build(l)
			l.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", time.Minute)
			if told := len(l.cloud.Inbox(reader)) == 1; told != tt.told {
				t.Errorf("told: %t, want %t; story:\n%s", told, tt.told, story(l.cloud))
			}
			if !strings.Contains(story(l.cloud), tt.story) {
				t.Errorf("the story lacks %q:\n%s", tt.story, story(l.cloud))
			}
		})
	}
}

// encrypt puts a customer's key on the topic that a service may use.
func (l *ruleLab) encrypt(service, condition string) {
	l.t.Helper()
	_, key := l.home.CreateKey(awstest.KeyOptions{Policy: `{"Statement":[{"Effect":"Allow","Principal":{"Service":` + service +
		`},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*"` + condition + `}]}`})
	must(l.t, l.home.SetTopicAttribute(topicARN, "KmsMasterKeyId", key))
}

func (l *lab) events() *eventbridge.Client { return eventbridge.NewFromConfig(l.config(l.acct, home)) }

// TestRuleReads: reads pass a rule that takes them too, and only that.
func TestRuleReads(t *testing.T) {
	for state, told := range map[string]int{"ENABLED": 0, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS": 1} {
		l := newRuleLab(t)
		get(l.home.PutRule(awstest.PutRuleInput{Name: "sg", EventPattern: groupDeleted, State: state}))(t)
		l.happens(home, "ec2.amazonaws.com", "DescribeSecurityGroups", time.Minute)
		if got := len(l.cloud.Inbox(reader)); got != told {
			t.Errorf("%s: %d messages, want %d", state, got, told)
		}
	}
}

// TestForwarders sends events from another region to the home bus: one hop, with a
// role that may.
func TestForwarders(t *testing.T) {
	put := `{"Statement":[{"Effect":"Allow","Action":"events:PutEvents","Resource":"` + homeBus + `"}]}`
	tests := []struct {
		name string
		role awstest.RoleOptions
		told bool
	}{
		{"a role that may", awstest.RoleOptions{TrustedServices: []string{"events.amazonaws.com"}, Policies: map[string]string{"put": put}}, true},
		{"a role that may not", awstest.RoleOptions{Policies: map[string]string{"other": `{"Statement":[]}`}}, false},
		{"a role of another service", awstest.RoleOptions{TrustedServices: []string{"lambda.amazonaws.com"}, Policies: map[string]string{"put": put}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newRuleLab(t)
			l.rule(l.acct.Region("eu-west-1"), awstest.PutRuleInput{Name: "forward", EventPattern: `{"source":["aws.ec2"]}`},
				awstest.EventTarget{ID: "home", Arn: homeBus, RoleArn: l.acct.Role("forward", tt.role)})
			l.happens("eu-west-1", "ec2.amazonaws.com", "DeleteSecurityGroup", time.Minute)
			if told := len(l.cloud.Inbox(reader)) == 1; told != tt.told {
				t.Errorf("told: %t, want %t; story:\n%s", told, tt.told, story(l.cloud))
			}
		})
	}
	t.Run("two hops", func(t *testing.T) {
		l := newRuleLab(t)
		role := l.acct.Role("forward", awstest.RoleOptions{})
		l.rule(l.acct.Region("eu-west-1"), awstest.PutRuleInput{Name: "one", EventPattern: `{"source":["aws.ec2"]}`},
			awstest.EventTarget{ID: "next", Arn: "arn:aws:events:us-east-1:111122223333:event-bus/default", RoleArn: role})
		l.rule(l.acct.Region("us-east-1"), awstest.PutRuleInput{Name: "two", EventPattern: `{"source":["aws.ec2"]}`}, awstest.EventTarget{ID: "home", Arn: homeBus, RoleArn: role})
		l.happens("eu-west-1", "ec2.amazonaws.com", "DeleteSecurityGroup", time.Minute)
		if n := len(l.cloud.Inbox(reader)); n != 0 || !strings.Contains(story(l.cloud), "came from another bus already") {
			t.Errorf("%d messages; story:\n%s", n, story(l.cloud))
		}
	})
	t.Run("another account", func(t *testing.T) {
		for policy, told := range map[string]int{"": 0, `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"events:PutEvents","Resource":"*"}]}`: 1} {
			l := newRuleLab(t)
			member := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{home}})
			get(member.Region(home).CreateTrail(awstest.CreateTrailInput{Name: "own", S3BucketName: "b"}))(t)
			must(t, member.Region(home).StartLogging("own"))
			l.rule(member.Region(home), awstest.PutRuleInput{Name: "forward", EventPattern: `{"source":["aws.ec2"]}`},
				awstest.EventTarget{ID: "central", Arn: homeBus, RoleArn: member.Role("forward", awstest.RoleOptions{})})
			if policy != "" {
				must(t, l.home.PutPermission(awstest.PutPermissionInput{EventBusName: "default", Policy: policy}))
			}
			get(l.cloud.Emit("444455556666", home, member.Region(home).Event("ec2.amazonaws.com", "DeleteSecurityGroup", nil)))(t)
			l.cloud.Advance(time.Minute)
			if got := len(l.cloud.Inbox(reader)); got != told {
				t.Errorf("policy %q: %d messages, want %d; story:\n%s", policy, got, told, story(l.cloud))
			}
		}
	})
}

// TestRuleMessages renders what the reader gets.
func TestRuleMessages(t *testing.T) {
	chat := `{"version":"1.0","source":"custom","content":{"textType":"client-markdown","description":"<what>"}}`
	tests := []struct {
		name     string
		target   awstest.EventTarget
		endpoint string // of a further subscriber; "" for the reader
		want     string // "-": nothing comes
	}{
		{"constant", awstest.EventTarget{Input: `"something happened"`}, "", "something happened"},
		{"path", awstest.EventTarget{InputPath: "$.detail.eventName"}, "", "DeleteSecurityGroup"},
		{"template", awstest.EventTarget{InputTransformer: &awstest.InputTransformer{
			InputPathsMap: map[string]string{"what": "$.detail.eventName", "no": "$.detail.nothing"}, InputTemplate: "\"What: <what><no>\"\n\"by <aws.events.rule-name>\"",
		}}, "", "What: DeleteSecurityGroup\nby sg"},
		{"chat, custom", awstest.EventTarget{InputTransformer: &awstest.InputTransformer{InputPathsMap: map[string]string{"what": "$.detail.eventName"}, InputTemplate: chat}},
			"https://global.sns-api.chatbot.amazonaws.com", strings.Replace(chat, "<what>", "DeleteSecurityGroup", 1)},
		{"chat, text", awstest.EventTarget{Input: `"text"`}, "https://global.sns-api.chatbot.amazonaws.com", "-"},
		{"PagerDuty, no alarm", awstest.EventTarget{Input: `"text"`}, "https://events.pagerduty.com/integration/K/enqueue", "-"},
		{"PagerDuty, event rules", awstest.EventTarget{Input: `"text"`}, "https://events.pagerduty.com/x-ere/K", `"text"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newRuleLab(t)
			tt.target.Arn = topicARN
			l.target(tt.target)
			endpoint := reader
			if tt.endpoint != "" {
				endpoint = tt.endpoint
				get(l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "https", Endpoint: endpoint, Attributes: map[string]string{"RawMessageDelivery": "true"}}))(t)
				_, err := l.sns().ConfirmSubscription(ctx, &sns.ConfirmSubscriptionInput{TopicArn: aws.String(topicARN), Token: aws.String(l.cloud.ConfirmationToken(topicARN, endpoint))})
				must(t, err)
			}
			l.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", time.Minute)
			got := "-"
			if inbox := l.cloud.Inbox(endpoint); len(inbox) == 1 {
				got = strings.Trim(inbox[0].Body, " ")
				if endpoint == reader {
					got = strings.Trim(got, `"`)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q; story:\n%s", got, tt.want, story(l.cloud))
			}
		})
	}
}

// TestAPIDestination calls a pager, tries again while it is out, and gives up after
// 185 times.
func TestAPIDestination(t *testing.T) {
	const pager = "https://events.pagerduty.com/v2/enqueue"
	build := func(t *testing.T) *ruleLab {
		l := newRuleLab(t)
		connection := get(l.home.CreateConnection(awstest.CreateConnectionInput{Name: "pager", AuthorizationType: "API_KEY"}))(t)
		destination := get(l.home.CreateAPIDestination(awstest.CreateAPIDestinationInput{Name: "pager", ConnectionArn: connection, InvocationEndpoint: pager, HTTPMethod: "POST"}))(t)
		l.target(awstest.EventTarget{Arn: destination, RoleArn: l.acct.Role("call", awstest.RoleOptions{})})
		return l
	}
	tests := []struct {
		name  string
		build func(l *ruleLab)
		wait  time.Duration
		want  int
	}{
		{"answers", func(*ruleLab) {}, time.Minute, 1},
		{"out for an hour", func(l *ruleLab) { l.cloud.Outage(pager, time.Hour) }, 30 * time.Minute, 0},
		{"back after an hour", func(l *ruleLab) { l.cloud.Outage(pager, time.Hour) }, 2 * time.Hour, 1},
		{"out for two days", func(l *ruleLab) { l.cloud.Outage(pager, 48*time.Hour) }, 50 * time.Hour, 0},
		{"inactive", func(l *ruleLab) { l.home.SetAPIDestinationActive("pager", false) }, time.Minute, 0},
		{"connection not authorized", func(l *ruleLab) { l.home.SetConnectionState("pager", "DEAUTHORIZED") }, time.Minute, 0},
		{"role may not", func(l *ruleLab) {
			l.acct.Role("call", awstest.RoleOptions{Attached: []string{"arn:aws:iam::aws:policy/X"}})
		}, time.Minute, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := build(t)
			tt.build(l)
			l.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", tt.wait)
			if got := len(l.cloud.Inbox(pager)); got != tt.want {
				t.Errorf("%d calls, want %d; story:\n%s", got, tt.want, story(l.cloud))
			}
		})
	}
}

// TestAlarmStateEvent tells of an alarm without actions by a rule on its state.
func TestAlarmStateEvent(t *testing.T) {
	c := newChain(t, awstest.Options{})
	must(t, c.home.SetTopicAttribute(topicARN, "Policy", withCondition("")))
	c.alarm.AlarmActions = nil
	must(t, c.home.PutMetricAlarm(c.alarm))
	l := &ruleLab{c}
	l.rule(c.home, awstest.PutRuleInput{Name: "alarms", EventPattern: `{"source":["aws.cloudwatch"],"detail-type":["CloudWatch Alarm State Change"],"detail":{"state":{"value":["ALARM"]},"alarmName":["sg-alarm"]}}`},
		awstest.EventTarget{ID: "1", Arn: topicARN})
	c.cloud.Advance(2 * time.Minute)
	c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", soon)
	if inbox := c.cloud.Inbox(reader); len(inbox) != 1 || inbox[0].Rule != "alarms" {
		t.Errorf("inbox %+v; story:\n%s", inbox, story(c.cloud))
	}
}

// TestRuleCalls speaks to the service with the SDK's client.
func TestRuleCalls(t *testing.T) {
	l := newRuleLab(t)
	client := l.events()
	bad := func(pattern string) error {
		_, err := client.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("x"), EventPattern: &pattern})
		return err
	}
	wantCode(t, bad(`{"a":"b"}`), "InvalidEventPatternException")
	wantCode(t, bad(`{"a":["`+strings.Repeat("x", 2048)+`"]}`), "LimitExceededException")
	wantCode(t, bad(""), "ValidationException")

	// A reply of status 200 tells which entries failed; the others are taken.
	out, err := client.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("sg"), Targets: []types.Target{
		{Id: aws.String("good"), Arn: aws.String("arn:aws:lambda:eu-central-1:111122223333:function:f")},
		{Id: aws.String("bad"), Arn: aws.String("no ARN")},
		{Id: aws.String("bus"), Arn: aws.String("arn:aws:events:us-east-1:111122223333:event-bus/default")},
	}})
	must(t, err)
	if out.FailedEntryCount != 2 || *out.FailedEntries[0].TargetId != "bad" || *out.FailedEntries[1].TargetId != "bus" {
		t.Errorf("failed entries: %+v", out.FailedEntries)
	}
	list, err := client.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: aws.String("sg"), Limit: aws.Int32(1)})
	must(t, err)
	if len(list.Targets) != 1 || *list.Targets[0].Id != "good" || list.NextToken == nil {
		t.Errorf("targets: %+v", list)
	}
	var more []types.Target
	for _, id := range []string{"a", "b", "c", "d"} {
		more = append(more, types.Target{Id: &id, Arn: aws.String("arn:aws:lambda:eu-central-1:111122223333:function:f")})
	}
	_, err = client.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("sg"), Targets: more})
	wantCode(t, err, "LimitExceededException")

	_, err = client.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: aws.String("sg")})
	wantCode(t, err, "ValidationException")
	_, err = client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: aws.String("none")})
	wantCode(t, err, "ResourceNotFoundException")
	l.home.ManageRule("sg", "notifications.amazonaws.com")
	_, err = client.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: aws.String("sg")})
	wantCode(t, err, "ManagedRuleException")

	// Replacing a rule drops what is left out, and keeps targets and tags.
	_, err = client.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("tagged"), Description: aws.String("d"), EventPattern: aws.String(groupDeleted), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	must(t, err)
	put, err := client.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("tagged"), EventPattern: aws.String(groupDeleted)})
	must(t, err)
	described, err := client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: aws.String("tagged")})
	must(t, err)
	tags, err := client.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: put.RuleArn})
	must(t, err)
	if described.Description != nil || len(tags.Tags) != 1 {
		t.Errorf("description %v, tags %v", described.Description, tags.Tags)
	}
	tested, err := client.TestEventPattern(ctx, &eventbridge.TestEventPatternInput{EventPattern: aws.String(groupDeleted), Event: aws.String(`{"source":"aws.ec2"}`)})
	must(t, err)
	if tested.Result {
		t.Error("an event without detail-type matches")
	}
}
