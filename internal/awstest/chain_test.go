package awstest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

const (
	group     = "/cloudtrail/main"
	namespace = "Security"
	reader    = "soc@example.com"
	topicARN  = "arn:aws:sns:eu-central-1:111122223333:alerts"
)

// A chain is a region in which a deleted security group is told to the reader.
type chain struct {
	*lab
	filter awstest.PutMetricFilterInput
	alarm  awstest.PutMetricAlarmInput
	bulk   int // bytes added to every event
}

// newChain builds the whole chain: trail, log group, filter, alarm, topic and
// confirmed subscriber.
func newChain(t *testing.T, opts awstest.Options) *chain {
	t.Helper()
	c := &chain{lab: newLab(t, opts)}
	_, err := c.home.Trail("main", group)
	must(t, err)
	c.filter = awstest.PutMetricFilterInput{
		LogGroupName: group, FilterName: "sg", FilterPattern: `{ $.eventName = DeleteSecurityGroup }`,
		MetricTransformations: []awstest.MetricTransformation{{MetricName: "SG", MetricNamespace: namespace, MetricValue: "1", DefaultValue: new(0.0)}},
	}
	must(t, c.home.PutMetricFilter(c.filter))
	_, err = c.home.CreateTopic(awstest.CreateTopicInput{Name: "alerts"})
	must(t, err)
	_, err = c.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "email", Endpoint: reader})
	must(t, err)
	must(t, c.cloud.ConfirmEmail(reader))
	c.alarm = awstest.PutMetricAlarmInput{
		AlarmName: "sg-alarm", AlarmDescription: "Triggered by security group changes.", Namespace: namespace, MetricName: "SG", Statistic: "Sum",
		Period: 300, EvaluationPeriods: 1, Threshold: new(1.0), ComparisonOperator: "GreaterThanOrEqualToThreshold",
		TreatMissingData: "notBreaching", AlarmActions: []string{topicARN},
	}
	must(t, c.home.PutMetricAlarm(c.alarm))
	return c
}

// happens emits an event in a region of the account and lets time pass.
func (c *chain) happens(region, source, name string, wait time.Duration) {
	c.t.Helper()
	_, err := c.cloud.Emit(acctID, region, c.acct.Region(region).Event(source, name, func(fields map[string]any) {
		if c.bulk > 0 {
			fields["requestParameters"] = map[string]any{"bulk": strings.Repeat("x", c.bulk)}
		}
	}))
	must(c.t, err)
	c.cloud.Advance(wait)
}

const soon = 15 * time.Minute

func TestReaderIsTold(t *testing.T) {
	c := newChain(t, awstest.Options{})
	c.cloud.Advance(2 * time.Minute)
	if got := c.home.AlarmState("sg-alarm"); got != awstest.StateOK {
		t.Fatalf("before the event the alarm is %s, want OK", got)
	}
	c.happens("eu-west-1", "ec2.amazonaws.com", "DeleteSecurityGroup", soon)
	inbox := c.cloud.Inbox(reader)
	if len(inbox) != 1 {
		t.Fatalf("the reader got %d messages, want 1; story:\n%s", len(inbox), story(c.cloud))
	}
	m := inbox[0]
	// The event happens at 10:02 and arrives at 10:07; the evaluation at 10:08
	// is the first whose window holds that minute.
	if want := start.Add(8 * time.Minute); !m.Time.Equal(want) {
		t.Errorf("told at %s, want %s", m.Time, want)
	}
	if m.Subject != `ALARM: "sg-alarm" in EU (Frankfurt)` || m.Alarm != "sg-alarm" || m.State != "ALARM" || m.Topic != topicARN {
		t.Errorf("got message %+v", m)
	}
	for _, want := range []string{"sg-alarm", "Triggered by security group changes.", "OK -> ALARM", acctID, "Monday 05 January, 2026 10:08:00 UTC",
		"1 out of the last 1 datapoints [1.0 (05/01/26 10:03:00)] was greater than or equal to the threshold (1.0)"} {
		if !strings.Contains(m.Body, want) {
			t.Errorf("the message lacks %q:\n%s", want, m.Body)
		}
	}
	if links := linksOf(c.cloud, true); links != "event trail log group filter metric alarm topic subscription" {
		t.Errorf("the story goes %s:\n%s", links, story(c.cloud))
	}
}

// TestAlarmReturns sees that a second event is told too: the alarm must go back
// to OK in between, which takes the 3 periods of its evaluation range.
func TestAlarmReturns(t *testing.T) {
	c := newChain(t, awstest.Options{})
	c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", 20*time.Minute)
	if got := c.home.AlarmState("sg-alarm"); got != awstest.StateAlarm {
		t.Errorf("20 minutes after the event the alarm is %s, want ALARM", got)
	}
	c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", time.Minute)
	if got := c.home.AlarmState("sg-alarm"); got != awstest.StateOK {
		t.Errorf("21 minutes after the event the alarm is %s, want OK", got)
	}
	c.cloud.Advance(soon)
	if got := len(c.cloud.Inbox(reader)); got != 2 {
		t.Errorf("the reader got %d messages, want 2", got)
	}
}

// TestUsualVariants are chains that differ from the plain one and still work.
func TestUsualVariants(t *testing.T) {
	service := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":%s,"Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}`
	for name, edit := range map[string]func(t *testing.T, c *chain){
		"topic policy for alarms": func(t *testing.T, c *chain) {
			must(t, c.home.SetTopicAttribute(topicARN, "Policy", fmt.Sprintf(service, `"sns:Publish"`)))
		},
		"customer key that admits alarms": func(t *testing.T, c *chain) {
			_, arn := c.home.CreateKey(awstest.KeyOptions{Policy: fmt.Sprintf(service, `["kms:Decrypt","kms:GenerateDataKey*"]`)})
			must(t, c.home.SetTopicAttribute(topicARN, "KmsMasterKeyId", arn))
		},
		"filter policy on the body": func(t *testing.T, c *chain) {
			must(t, c.home.SetSubscriptionAttribute(c.subscription(), "FilterPolicyScope", "MessageBody"))
			must(t, c.home.SetSubscriptionAttribute(c.subscription(), "FilterPolicy", `{"NewStateValue":["ALARM"]}`))
		},
		"actions disabled and enabled again": func(t *testing.T, c *chain) {
			must(t, c.home.DisableAlarmActions("sg-alarm"))
			must(t, c.home.EnableAlarmActions("sg-alarm", "nosuch"))
		},
		"another action first": func(t *testing.T, c *chain) {
			c.alarm.AlarmActions = []string{"arn:aws:lambda:eu-central-1:111122223333:function:f", "arn:aws:sns:eu-central-1:111122223333:nosuch", topicARN}
			must(t, c.home.PutMetricAlarm(c.alarm))
		},
		"single-region trail at home": func(t *testing.T, c *chain) {
			must(t, c.home.UpdateTrail(awstest.UpdateTrailInput{Name: "main", IsMultiRegionTrail: new(false)}))
		},
		"encrypted log group": func(t *testing.T, c *chain) {
			_, arn := c.home.CreateKey(awstest.KeyOptions{})
			must(t, c.home.DeleteLogGroup(group))
			must(t, c.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: group, KmsKeyID: arn}))
			must(t, c.home.PutMetricFilter(c.filter))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChain(t, awstest.Options{})
			edit(t, c)
			c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", soon)
			if n := len(c.cloud.Inbox(reader)); n != 1 {
				t.Errorf("the reader got %d messages, want 1:\n%s", n, story(c.cloud))
			}
		})
	}
}

func TestBrokenLinks(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(t *testing.T, c *chain)
		event string // default DeleteSecurityGroup
		link  string // where the story ends
		says  string
	}{
		{name: "trail stopped", edit: func(t *testing.T, c *chain) { must(t, c.home.StopLogging("main")) },
			link: awstest.LinkTrail, says: "it is not logging"},
		{name: "no trail", edit: func(t *testing.T, c *chain) { must(t, c.home.DeleteTrail("main")) },
			link: awstest.LinkTrail, says: "has no trail"},
		{name: "single-region trail", edit: func(t *testing.T, c *chain) {
			must(t, c.home.UpdateTrail(awstest.UpdateTrailInput{Name: "main", IsMultiRegionTrail: new(false)}))
		}, link: awstest.LinkTrail, says: "it records only eu-central-1"},
		{name: "no log group", edit: func(t *testing.T, c *chain) {
			must(t, c.home.UpdateTrail(awstest.UpdateTrailInput{Name: "main", CloudWatchLogsLogGroupARN: new(""), CloudWatchLogsRoleARN: new("")}))
		}, link: awstest.LinkTrail, says: "has no log group"},
		{name: "read events only", edit: func(t *testing.T, c *chain) {
			must(t, c.home.PutEventSelectors(awstest.PutEventSelectorsInput{TrailName: "main", EventSelectors: []awstest.EventSelector{{ReadWriteType: "ReadOnly"}}}))
		}, link: awstest.LinkTrail, says: "event selectors leave it out"},
		{name: "log group deleted", edit: func(t *testing.T, c *chain) { must(t, c.home.DeleteLogGroup(group)) },
			link: awstest.LinkLogGroup, says: "does not exist"},
		{name: "key of the log group disabled", edit: func(t *testing.T, c *chain) {
			id, arn := c.home.CreateKey(awstest.KeyOptions{})
			must(t, c.home.DeleteLogGroup(group))
			must(t, c.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: group, KmsKeyID: arn}))
			must(t, c.home.PutMetricFilter(c.filter))
			must(t, c.home.SetKey(id, "Disabled", ""))
		}, link: awstest.LinkLogGroup, says: "the key of log group"},
		{name: "no matching filter", edit: func(t *testing.T, c *chain) { must(t, c.home.DeleteMetricFilter(group, "sg")) },
			link: awstest.LinkFilter, says: "none of the 0 metric filters"},
		{name: "gap in the filter", event: "CreateSecurityGroup", edit: func(*testing.T, *chain) {},
			link: awstest.LinkFilter, says: "none of the 1 metric filters"},
		{name: "alarm on another metric", edit: func(t *testing.T, c *chain) {
			c.alarm.Namespace = "Other"
			must(t, c.home.PutMetricAlarm(c.alarm))
		}, link: awstest.LinkAlarm, says: "no alarm watches this metric"},
		{name: "stuck in ALARM", edit: func(t *testing.T, c *chain) {
			c.alarm.TreatMissingData, c.alarm.AlarmActions = "breaching", nil
			must(t, c.home.PutMetricAlarm(c.alarm))
			c.cloud.Advance(time.Minute)
			c.alarm.AlarmActions = []string{topicARN}
			must(t, c.home.PutMetricAlarm(c.alarm))
		}, link: awstest.LinkAlarm, says: "already is in ALARM"},
		{name: "threshold of two", edit: func(t *testing.T, c *chain) {
			c.alarm.Threshold = new(2.0)
			must(t, c.home.PutMetricAlarm(c.alarm))
		}, link: awstest.LinkMetric, says: "metric Security/SG gets 1"},
		{name: "unit", edit: func(t *testing.T, c *chain) {
			c.alarm.Unit = "Count"
			must(t, c.home.PutMetricAlarm(c.alarm))
		}, link: awstest.LinkMetric, says: "metric Security/SG gets 1"},
		{name: "actions disabled", edit: func(t *testing.T, c *chain) { must(t, c.home.DisableAlarmActions("sg-alarm")) },
			link: awstest.LinkAction, says: "are disabled"},
		{name: "no action", edit: func(t *testing.T, c *chain) {
			c.alarm.AlarmActions = nil
			must(t, c.home.PutMetricAlarm(c.alarm))
		}, link: awstest.LinkAction, says: "has no action"},
		{name: "no topic", edit: func(t *testing.T, c *chain) { must(t, c.home.DeleteTopic(topicARN)) },
			link: awstest.LinkAction, says: "not found"},
		{name: "topic policy", edit: func(t *testing.T, c *chain) {
			must(t, c.home.SetTopicAttribute(topicARN, "Policy", `{"Statement":{"Sid":"users","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sns:Publish","Resource":"`+topicARN+`"}}`))
		}, link: awstest.LinkAction, says: "not authorized"},
		{name: "managed key", edit: func(t *testing.T, c *chain) {
			must(t, c.home.SetTopicAttribute(topicARN, "KmsMasterKeyId", "alias/aws/sns"))
		}, link: awstest.LinkAction, says: "managed by AWS"},
		{name: "customer key disabled", edit: func(t *testing.T, c *chain) {
			id, _ := c.home.CreateKey(awstest.KeyOptions{State: "Disabled"})
			must(t, c.home.SetTopicAttribute(topicARN, "KmsMasterKeyId", id))
		}, link: awstest.LinkAction, says: "is Disabled"},
		{name: "no such key", edit: func(t *testing.T, c *chain) {
			must(t, c.home.SetTopicAttribute(topicARN, "KmsMasterKeyId", "alias/nosuch"))
		}, link: awstest.LinkAction, says: "does not exist"},
		{name: "FIFO topic", edit: func(t *testing.T, c *chain) {
			arn := get(c.home.CreateTopic(awstest.CreateTopicInput{Name: "t.fifo", Attributes: map[string]string{"FifoTopic": "true"}}))(t)
			c.alarm.AlarmActions = []string{arn}
			must(t, c.home.PutMetricAlarm(c.alarm))
		}, link: awstest.LinkAction, says: "MessageGroupId"},
		{name: "action that notifies nobody", edit: func(t *testing.T, c *chain) {
			c.alarm.AlarmActions = []string{"arn:aws:automate:eu-central-1:ec2:stop"}
			must(t, c.home.PutMetricAlarm(c.alarm))
		}, link: awstest.LinkAction, says: "nobody reads it"},
		{name: "no subscriber", edit: func(t *testing.T, c *chain) {
			must(t, c.home.DeleteTopic(topicARN))
			get(c.home.CreateTopic(awstest.CreateTopicInput{Name: "alerts"}))(t)
		}, link: awstest.LinkSubscription, says: "has no subscription"},
		{name: "pending subscriber", edit: func(t *testing.T, c *chain) {
			must(t, c.home.DeleteTopic(topicARN))
			get(c.home.CreateTopic(awstest.CreateTopicInput{Name: "alerts"}))(t)
			c.subscription()
		}, link: awstest.LinkSubscription, says: "the subscription is pending"},
		{name: "event too large", edit: func(_ *testing.T, c *chain) { c.bulk = 300 << 10 },
			link: awstest.LinkTrail, says: "larger than 256 KB"},
		{name: "customer key without statement", edit: func(t *testing.T, c *chain) {
			id, _ := c.home.CreateKey(awstest.KeyOptions{})
			must(t, c.home.SetTopicAttribute(topicARN, "KmsMasterKeyId", id))
		}, link: awstest.LinkAction, says: "no resource-based policy allows the kms:Decrypt action"},
		{name: "filter policy", edit: func(t *testing.T, c *chain) {
			must(t, c.home.SetSubscriptionAttribute(c.subscription(), "FilterPolicy", `{"severity":["high"]}`))
		}, link: awstest.LinkSubscription, says: "its filter policy drops the message"},
		{name: "unsubscribed", edit: func(t *testing.T, c *chain) { must(t, c.cloud.UnsubscribeEmail(reader)) },
			link: awstest.LinkSubscription, says: "the subscription is deleted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain(t, awstest.Options{})
			tt.edit(t, c)
			event := tt.event
			if event == "" {
				event = "DeleteSecurityGroup"
			}
			c.happens("eu-west-1", "ec2.amazonaws.com", event, soon)
			if n := len(c.cloud.Inboxes()); n != 0 {
				t.Fatalf("%d subscribers were told; story:\n%s", n, story(c.cloud))
			}
			steps := c.cloud.Story()
			last := lastStep(steps)
			if last.Link != tt.link || !strings.Contains(last.Text, tt.says) {
				t.Errorf("the story ends with %s, want the link %s and %q:\n%s", last, tt.link, tt.says, story(c.cloud))
			}
		})
	}
}

// lastStep returns the last step that is not an alarm's way back to OK.
func lastStep(steps []awstest.Step) awstest.Step {
	for i := len(steps) - 1; i >= 0; i-- {
		s := steps[i]
		if !strings.Contains(s.Text, "to OK") {
			return s
		}
	}
	return awstest.Step{}
}

// subscription returns the ARN of the reader's subscription.
func (c *chain) subscription() string {
	c.t.Helper()
	arn, err := c.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "email", Endpoint: reader})
	must(c.t, err)
	return arn
}

func story(c *awstest.Cloud) string {
	var b strings.Builder
	for _, s := range c.Story() {
		b.WriteString(s.String() + "\n")
	}
	return b.String()
}

// linksOf joins the links of the steps that went on, without repeats.
func linksOf(c *awstest.Cloud, ok bool) string {
	var links []string
	for _, s := range c.Story() {
		if s.OK == ok && (len(links) == 0 || links[len(links)-1] != s.Link) {
			links = append(links, s.Link)
		}
	}
	return strings.Join(links, " ")
}
