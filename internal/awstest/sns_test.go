package awstest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

func newTopicLab(t *testing.T, opts awstest.Options) (*lab, *sns.Client) {
	l := newLab(t, opts)
	get(l.home.CreateTopic(awstest.CreateTopicInput{Name: "alerts", Attributes: map[string]string{"DisplayName": "A"}, Tags: []awstest.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}}))(t)
	return l, l.sns()
}

func TestCreateTopicAgain(t *testing.T) {
	l, client := newTopicLab(t, awstest.Options{})
	tag := func(k, v string) []types.Tag { return []types.Tag{{Key: &k, Value: &v}} }
	tests := []struct {
		name string
		in   sns.CreateTopicInput
		want string // message of the error
	}{
		{"same", sns.CreateTopicInput{Attributes: map[string]string{"DisplayName": "A"}, Tags: tag("a", "1")}, ""},
		{"neither", sns.CreateTopicInput{}, ""},
		{"other attribute", sns.CreateTopicInput{Attributes: map[string]string{"DisplayName": "B"}}, "Invalid parameter: Attributes Reason: Topic already exists with different attributes"},
		{"other tag value", sns.CreateTopicInput{Tags: tag("a", "2")}, "Invalid parameter: Tags Reason: Topic already exists with different tags"},
		{"new tag", sns.CreateTopicInput{Tags: tag("c", "1")}, "Invalid parameter: Tags Reason: Topic already exists with different tags"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.Name = aws.String("alerts")
			out, err := client.CreateTopic(ctx, &tt.in)
			if tt.want != "" {
				wantCode(t, err, "InvalidParameter")
				if !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				return
			}
			must(t, err)
			if *out.TopicArn != topicARN {
				t.Errorf("got %s", *out.TopicArn)
			}
		})
	}
	for _, name := range []string{"", "a b", "x.fifo", strings.Repeat("a", 257)} {
		_, err := client.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String(name)})
		if name == "" {
			wantCode(t, err, "ValidationError")
			continue
		}
		wantCode(t, err, "InvalidParameter")
	}
	if counts := l.cloud.CallCounts(); counts["sns:CreateTopic"] != 9 {
		t.Errorf("got %d calls of CreateTopic, want 9", counts["sns:CreateTopic"])
	}
}

func TestTopicPolicy(t *testing.T) {
	_, client := newTopicLab(t, awstest.Options{})
	set := func(value string) error {
		_, err := client.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicArn: aws.String(topicARN), AttributeName: aws.String("Policy"), AttributeValue: &value})
		return err
	}
	policy := func() string {
		return get(client.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(topicARN)}))(t).Attributes["Policy"]
	}
	if got := policy(); !strings.Contains(got, `"AWS:SourceOwner":"111122223333"`) || !strings.Contains(got, "__default_policy_ID") {
		t.Errorf("the default policy is %s", got)
	}
	good := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"` + topicARN + `"}]}`
	must(t, set(good))
	for name, bad := range map[string]string{
		"no JSON":        "{",
		"no statement":   "{}",
		"other service":  strings.Replace(good, "sns:Publish", "s3:GetObject", 1),
		"other resource": strings.Replace(good, ":alerts", ":other", 1),
		"effect":         strings.Replace(good, "Allow", "Maybe", 1),
		"no principal":   strings.Replace(good, `"Principal":"*",`, "", 1),
		"bad principal":  strings.Replace(good, `"*"`, `"me"`, 1),
		"too long":       strings.Replace(good, "2012-10-17", strings.Repeat("x", 31*1024), 1),
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, set(bad), "InvalidParameter") })
	}
	if policy() != good {
		t.Errorf("the policy became %s", policy())
	}
	_, err := client.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicArn: aws.String(topicARN), AttributeName: aws.String("Nonsense"), AttributeValue: aws.String("x")})
	wantCode(t, err, "InvalidParameter")
}

func TestSubscriptionLife(t *testing.T) {
	l, client := newTopicLab(t, awstest.Options{})
	in := &sns.SubscribeInput{TopicArn: aws.String(topicARN), Protocol: aws.String("email"), Endpoint: aws.String(reader)}
	if arn := get(client.Subscribe(ctx, in))(t).SubscriptionArn; *arn != "pending confirmation" {
		t.Errorf("Subscribe answered %s", *arn)
	}
	in.ReturnSubscriptionArn = true
	arn := *get(client.Subscribe(ctx, in))(t).SubscriptionArn
	if !strings.HasPrefix(arn, topicARN+":") {
		t.Errorf("Subscribe answered %s", arn)
	}
	listed := func() string {
		text := ""
		for _, s := range get(client.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(topicARN)}))(t).Subscriptions {
			text += *s.SubscriptionArn + " " + *s.Endpoint + ";"
		}
		return text
	}
	counts := func() string {
		a := get(client.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(topicARN)}))(t).Attributes
		return a["SubscriptionsConfirmed"] + a["SubscriptionsPending"] + a["SubscriptionsDeleted"]
	}
	if listed() != "PendingConfirmation "+reader+";" || counts() != "010" {
		t.Errorf("pending: listed %s, counts %s", listed(), counts())
	}
	attributes := get(client.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: &arn}))(t).Attributes
	if attributes["PendingConfirmation"] != "true" || attributes["Endpoint"] != reader {
		t.Errorf("got attributes %v", attributes)
	}
	_, err := client.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: &arn})
	wantCode(t, err, "InvalidParameter")
	_, err = client.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: aws.String("PendingConfirmation")})
	wantCode(t, err, "InvalidParameter")

	must(t, l.cloud.ConfirmEmail(reader))
	if err := l.cloud.ConfirmEmail(reader); err == nil {
		t.Error("a confirmed subscription was confirmed again")
	}
	if listed() != arn+" "+reader+";" || counts() != "100" {
		t.Errorf("confirmed: listed %s, counts %s", listed(), counts())
	}
	if again := get(client.Subscribe(ctx, in))(t).SubscriptionArn; *again != arn {
		t.Errorf("subscribing again answered %s", *again)
	}
	in.Attributes = map[string]string{"FilterPolicy": `{"a":["b"]}`}
	_, err = client.Subscribe(ctx, in)
	wantCode(t, err, "InvalidParameter")

	must(t, l.cloud.UnsubscribeEmail(reader))
	if listed() != "Deleted "+reader+";" || counts() != "001" {
		t.Errorf("cancelled: listed %s, counts %s", listed(), counts())
	}
	l.cloud.Advance(72 * time.Hour)
	if listed() != "" || counts() != "000" {
		t.Errorf("72 hours later: listed %s, counts %s", listed(), counts())
	}
}

// TestAuthenticatedConfirmation: a subscription confirmed with
// authenticate-on-unsubscribe survives a click on the link to unsubscribe.
func TestAuthenticatedConfirmation(t *testing.T) {
	l, client := newTopicLab(t, awstest.Options{})
	get(l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "email", Endpoint: reader}))(t)
	out := get(client.ConfirmSubscription(ctx, &sns.ConfirmSubscriptionInput{
		TopicArn: aws.String(topicARN), Token: aws.String(l.cloud.ConfirmationToken(topicARN, reader)), AuthenticateOnUnsubscribe: aws.String("true"),
	}))(t)
	if l.cloud.ConfirmationToken(topicARN, reader) != "" {
		t.Error("a confirmed subscription still has a token")
	}
	if err := l.cloud.UnsubscribeEmail(reader); err == nil {
		t.Error("the link worked")
	}
	attributes := get(client.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: out.SubscriptionArn}))(t).Attributes
	if attributes["ConfirmationWasAuthenticated"] != "true" || attributes["PendingConfirmation"] != "false" {
		t.Errorf("got attributes %v", attributes)
	}
	get(client.Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: out.SubscriptionArn}))(t)
	_, err := client.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: out.SubscriptionArn})
	wantCode(t, err, "NotFound")
}

func TestPendingSubscriptionExpires(t *testing.T) {
	l, client := newTopicLab(t, awstest.Options{})
	get(l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "email", Endpoint: reader}))(t)
	l.cloud.Advance(48 * time.Hour)
	if err := l.cloud.ConfirmEmail(reader); err == nil {
		t.Error("the link worked after two days")
	}
	if list := get(client.ListSubscriptions(ctx, &sns.ListSubscriptionsInput{}))(t).Subscriptions; len(list) != 0 {
		t.Errorf("%d subscriptions are listed", len(list))
	}
}

func TestSubscribeRules(t *testing.T) {
	_, client := newTopicLab(t, awstest.Options{})
	tests := []struct {
		protocol, endpoint string
		want               string // "pending", "confirmed" or an error code
	}{
		{"email", "a@example.com", "pending"},
		{"email-json", "a@example.com", "pending"},
		{"https", "https://example.com/hook", "pending"},
		{"sms", "+491701234567", "confirmed"},
		{"sqs", "arn:aws:sqs:eu-central-1:111122223333:q", "confirmed"},
		{"sqs", "arn:aws:sqs:eu-central-1:999999999999:q", "pending"},
		{"lambda", "arn:aws:lambda:eu-central-1:111122223333:function:f", "confirmed"},
		{"email", "notanemail", "InvalidParameter"},
		{"https", "http://example.com", "InvalidParameter"},
		{"sms", "12", "InvalidParameter"},
		{"sqs", "q", "InvalidParameter"},
		{"pigeon", "coop", "InvalidParameter"},
	}
	for _, tt := range tests {
		t.Run(tt.protocol+" "+tt.endpoint, func(t *testing.T) {
			out, err := client.Subscribe(ctx, &sns.SubscribeInput{TopicArn: aws.String(topicARN), Protocol: &tt.protocol, Endpoint: &tt.endpoint})
			if tt.want == "InvalidParameter" {
				wantCode(t, err, tt.want)
				return
			}
			must(t, err)
			if got := *out.SubscriptionArn == "pending confirmation"; got != (tt.want == "pending") {
				t.Errorf("got %s, want %s", *out.SubscriptionArn, tt.want)
			}
		})
	}
	_, err := client.Subscribe(ctx, &sns.SubscribeInput{TopicArn: aws.String(topicARN + "x"), Protocol: aws.String("sms"), Endpoint: aws.String("+491701234567")})
	wantCode(t, err, "NotFound")
	_, err = client.ConfirmSubscription(ctx, &sns.ConfirmSubscriptionInput{TopicArn: aws.String(topicARN), Token: aws.String("guess")})
	wantCode(t, err, "InvalidParameter")
}

func TestSubscriptionPages(t *testing.T) {
	l, client := newTopicLab(t, awstest.Options{})
	for i := range 101 {
		get(l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "email", Endpoint: fmt.Sprintf("r%d@example.com", i)}))(t)
	}
	sizes := ""
	for p := sns.NewListSubscriptionsByTopicPaginator(client, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(topicARN)}); p.HasMorePages(); {
		sizes += fmt.Sprint(len(get(p.NextPage(ctx))(t).Subscriptions), " ")
	}
	if sizes != "100 1 " {
		t.Errorf("got pages of %s", sizes)
	}
}

func TestTopicOfAnotherAccount(t *testing.T) {
	l, _ := newTopicLab(t, awstest.Options{})
	other := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{home}})
	client := sns.NewFromConfig(l.config(other, home))
	read := func() error {
		_, err := client.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(topicARN)})
		return err
	}
	wantCode(t, read(), "AuthorizationError")
	must(t, l.home.SetTopicAttribute(topicARN, "Policy", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":["SNS:GetTopicAttributes"],"Resource":"`+topicARN+`"}]}`))
	must(t, read())
	_, err := client.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(topicARN)})
	wantCode(t, err, "AuthorizationError")
	_, err = client.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String("arn:aws:sns:us-east-1:111122223333:alerts")})
	wantCode(t, err, "InvalidParameter")
}

func TestTopicTags(t *testing.T) {
	_, client := newTopicLab(t, awstest.Options{})
	arn := aws.String(topicARN)
	get(client.TagResource(ctx, &sns.TagResourceInput{ResourceArn: arn, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("9")}, {Key: aws.String("c"), Value: aws.String("3")}}}))(t)
	get(client.UntagResource(ctx, &sns.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"b"}}))(t)
	got := ""
	for _, tag := range get(client.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: arn}))(t).Tags {
		got += *tag.Key + "=" + *tag.Value + " "
	}
	if got != "a=9 c=3 " {
		t.Errorf("got tags %s", got)
	}
	_, err := client.ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: aws.String(topicARN + "x")})
	wantCode(t, err, "ResourceNotFound")
}

func TestPublish(t *testing.T) {
	l, client := newTopicLab(t, awstest.Options{})
	queue := "arn:aws:sqs:eu-central-1:111122223333:q"
	get(l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "sqs", Endpoint: queue, Attributes: map[string]string{"FilterPolicy": `{"kind":["alert"]}`}}))(t)
	get(l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "sms", Endpoint: "+491701234567"}))(t)
	send := func(kind string) {
		get(client.Publish(ctx, &sns.PublishInput{TopicArn: aws.String(topicARN), Message: aws.String("hello"), Subject: aws.String("s"),
			MessageAttributes: map[string]types.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: &kind}}}))(t)
	}
	send("news")
	send("alert")
	if got := len(l.cloud.Inbox("+491701234567")); got != 2 {
		t.Errorf("the phone got %d messages, want 2", got)
	}
	inbox := l.cloud.Inbox(queue)
	if len(inbox) != 1 || !strings.Contains(inbox[0].Body, `"Type":"Notification"`) || !strings.Contains(inbox[0].Body, `"Message":"hello"`) {
		t.Errorf("the queue got %+v", inbox)
	}
}

func TestDeleteTopic(t *testing.T) {
	l, client := newTopicLab(t, awstest.Options{})
	get(l.home.Subscribe(awstest.SubscribeInput{TopicARN: topicARN, Protocol: "sms", Endpoint: "+491701234567"}))(t)
	get(client.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: aws.String(topicARN)}))(t)
	_, err := client.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: aws.String(topicARN)})
	wantCode(t, err, "NotFound")
	if list := get(client.ListSubscriptions(ctx, &sns.ListSubscriptionsInput{}))(t).Subscriptions; len(list) != 0 {
		t.Errorf("%d subscriptions survive", len(list))
	}
}
