package apply

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// operationOfChat is the operation for a configuration of its chat.
func operationOfChat(verb string, c desired.Chat) string {
	if c.Channel.Form == channel.Slack {
		return "chatbot:" + verb + "SlackChannelConfiguration"
	}
	return "chatbot:" + verb + "MicrosoftTeamsChannelConfiguration"
}

func chatChannel(c desired.Chat, topics []string, tags map[string]string) collect.ChatChannel {
	return collect.ChatChannel{Name: c.Name, Slack: c.Channel.Form == channel.Slack, ID: c.Channel.Address, Role: c.Role, Topics: topics, Tags: tags}
}

// Chats calls chatbot:DescribeSlackChannelConfigurations and
// ListMicrosoftTeamsChannelConfigurations.
func (c calls) Chats(ctx context.Context) ([]account.ChatConfiguration, error) {
	list, err := c.clients.chats.Chats(ctx)
	return list, failedRead("chatbot:DescribeSlackChannelConfigurations", err)
}

// CreateChat calls chatbot:Create...ChannelConfiguration.
func (c calls) CreateChat(ctx context.Context, x desired.Chat, topics []string, tags map[string]string) error {
	return failedWrite(operationOfChat("Create", x), c.clients.chats.CreateChat(ctx, chatChannel(x, topics, tags)))
}

// UpdateChat calls chatbot:Update...ChannelConfiguration.
func (c calls) UpdateChat(ctx context.Context, x desired.Chat, topics []string) error {
	return failedWrite(operationOfChat("Update", x), c.clients.chats.UpdateChat(ctx, x.ARN, chatChannel(x, topics, nil)))
}

// DeleteChat calls chatbot:Delete...ChannelConfiguration.
func (c calls) DeleteChat(ctx context.Context, x desired.Chat) error {
	return failedWrite(operationOfChat("Delete", x), c.clients.chats.DeleteChat(ctx, x.ARN, x.Channel.Form == channel.Slack))
}
