package collect

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// chatRegion is a region in which Amazon Q Developer in chat applications, a global
// service, has an endpoint. There is none in the partitions of China and GovCloud.
const chatRegion = "us-east-2"

// readChats lists the chat configurations of the account, where a topic that was read
// sends to a chat.
func (r *run) readChats(ctx context.Context) {
	if r.caller.Partition == "aws" && slices.ContainsFunc(r.account.Regions, sendsToChat) {
		r.account.Chats = r.s.chats(ctx, r.caller.Partition)
	}
}

func sendsToChat(r account.Region) bool {
	for _, t := range r.Topics {
		subs, _ := t.Subscriptions.Got()
		if slices.ContainsFunc(subs, func(s account.Subscription) bool { return strings.HasPrefix(s.Endpoint, account.ChatHost) }) {
			return true
		}
	}
	return false
}

// A chatPage is a page of either list.
type chatPage struct {
	Slack []chatRow `json:"SlackChannelConfigurations"`
	Teams []chatRow `json:"TeamChannelConfigurations"`
	Next  string    `json:"NextToken"`
}

// A chatRow is a channel of Slack or Microsoft Teams.
type chatRow struct {
	ARN       string   `json:"ChatConfigurationArn"`
	Name      string   `json:"ConfigurationName"`
	SlackID   string   `json:"SlackChannelId"`
	SlackName string   `json:"SlackChannelName"`
	TeamsID   string   `json:"ChannelId"`
	TeamsName string   `json:"ChannelName"`
	State     string   `json:"State"`
	Topics    []string `json:"SnsTopicArns"`
}

// chats lists the configurations of both chats, sorted by ARN. Source: API of AWS
// Chatbot, version 2017-10-11.
func (s *Session) chats(ctx context.Context, partition string) *account.Read[[]account.ChatConfiguration] {
	endpoint := s.endpointOf("chatbot", chatRegion, partition, true)
	slack := queryCall{
		service: "chatbot", variable: "CHATBOT", region: chatRegion, action: "DescribeSlackChannelConfigurations", path: "describe-slack-channel-configurations", endpoint: endpoint,
	}
	teams := queryCall{
		service: "chatbot", variable: "CHATBOT", region: chatRegion, action: "ListMicrosoftTeamsChannelConfigurations", path: "list-ms-teams-channel-configurations", endpoint: endpoint,
	}
	var list []account.ChatConfiguration
	for _, q := range []queryCall{slack, teams} {
		rows, err := s.chatRows(ctx, q)
		if err != nil {
			return answer[[]account.ChatConfiguration](q.operation(), nil, err)
		}
		for _, row := range rows {
			chat := "Slack"
			if row.TeamsID != "" {
				chat = "Microsoft Teams"
			}
			list = append(list, account.ChatConfiguration{
				ARN: row.ARN, Name: row.Name, Chat: chat, Channel: cmp.Or(row.SlackName, row.SlackID, row.TeamsName, row.TeamsID), State: row.State, Topics: row.Topics,
			})
		}
	}
	slices.SortFunc(list, func(a, b account.ChatConfiguration) int { return cmp.Compare(a.ARN, b.ARN) })
	return answer("", some(list), nil)
}

// chatRows reads all pages of a list.
func (s *Session) chatRows(ctx context.Context, q queryCall) ([]chatRow, error) {
	var rows []chatRow
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		body := map[string]string{}
		if token != nil {
			body["NextToken"] = *token
		}
		q.body = body
		var page chatPage
		if err := s.query(ctx, q, &page); err != nil {
			return nil, false, err
		}
		rows = append(rows, append(page.Slack, page.Teams...)...)
		if page.Next == "" {
			return nil, false, nil
		}
		return &page.Next, false, nil
	})
	return rows, err
}
