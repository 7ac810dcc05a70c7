package collect

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestChats asks for chat configurations where a topic sends to a chat, and only there.
func TestChats(t *testing.T) {
	const calls = "chatbot:DescribeSlackChannelConfigurations"
	asked := func(l *lab) int {
		n := 0
		for _, c := range l.cloud.Calls() {
			if c.Operation == calls {
				n++
			}
		}
		return n
	}
	l := newLab(t, awstest.Options{})
	l.common()
	if snap := l.collect(Options{}); snap.Accounts[0].Chats != nil || asked(l) > 0 {
		t.Errorf("an account without a chat: %+v, %d calls", snap.Accounts[0].Chats, asked(l))
	}

	topic := l.topic(l.home, "chat", [2]string{"https", account.ChatHost})
	l.chain(l.home, "g", topic)
	l.acct.SetSlackChannels([]awstest.SlackChannel{
		{ChatConfigurationArn: "arn:aws:chatbot::111122223333:chat-configuration/slack-channel/sec", ConfigurationName: "sec", SlackTeamID: "T1", SlackChannelID: "C1", SlackChannelName: "security", State: "ENABLED", SnsTopicArns: []string{topic}},
		{ChatConfigurationArn: "arn:aws:chatbot::111122223333:chat-configuration/slack-channel/ops", ConfigurationName: "ops", SlackTeamID: "T1", SlackChannelID: "C2", State: "DISABLED"},
	})
	got, ok := l.collect(Options{}).Accounts[0].Chats.Got()
	if !ok {
		t.Fatalf("the chat configurations were not read: %+v", l.collect(Options{}).Accounts[0].Chats.Failed())
	}
	diff(t, "chats", got, []account.ChatConfiguration{
		{ARN: "arn:aws:chatbot::111122223333:chat-configuration/slack-channel/ops", Name: "ops", Chat: "Slack", Channel: "C2", ID: "T1/C2", State: "DISABLED"},
		{ARN: "arn:aws:chatbot::111122223333:chat-configuration/slack-channel/sec", Name: "sec", Chat: "Slack", Channel: "security", ID: "T1/C1", State: "ENABLED", Topics: []string{topic}},
	})

	l.cloud.Deny("chatbot:ListMicrosoftTeamsChannelConfigurations")
	if f := l.collect(Options{}).Accounts[0].Chats.Failed(); f == nil || f.Operation != "chatbot:ListMicrosoftTeamsChannelConfigurations" {
		t.Errorf("refused: %+v", f)
	}
}
