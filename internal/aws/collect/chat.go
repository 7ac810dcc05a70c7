package collect

import (
	"cmp"
	"context"
	"maps"
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
	own := r.o.Own != nil && r.o.Own.Chats
	if r.caller.Partition == "aws" && (own || slices.ContainsFunc(r.account.Regions, sendsToChat)) {
		list, operation, err := r.s.chats(ctx, r.caller.Partition)
		r.account.Chats = answer(operation, some(list), err)
	}
	if r.caller.Partition == "aws" && r.o.Own != nil && r.o.Own.Workspaces {
		r.account.Workspaces = r.s.workspaces(ctx, r.caller.Partition)
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

	Workspaces []chatRow `json:"SlackWorkspaces"`
	Configured []chatRow `json:"ConfiguredTeams"`

	Next string `json:"NextToken"`
}

// A chatRow is a channel of Slack or Microsoft Teams.
type chatRow struct {
	ARN       string    `json:"ChatConfigurationArn"`
	Name      string    `json:"ConfigurationName"`
	SlackID   string    `json:"SlackChannelId"`
	SlackTeam string    `json:"SlackTeamId"`
	TeamID    string    `json:"TeamId"`
	TenantID  string    `json:"TenantId"`
	Tags      []chatTag `json:"Tags"`
	SlackName string    `json:"SlackChannelName"`
	TeamsID   string    `json:"ChannelId"`
	TeamsName string    `json:"ChannelName"`
	State     string    `json:"State"`
	Topics    []string  `json:"SnsTopicArns"`
}

// id is the channel as --subscribe takes it.
func (c chatRow) id() string {
	if c.TeamsID != "" {
		return c.TeamID + "/" + c.TeamsID + "/" + c.TenantID
	}
	return c.SlackTeam + "/" + c.SlackID
}

func (c chatRow) tags() map[string]string {
	if len(c.Tags) == 0 {
		return nil
	}
	tags := map[string]string{}
	for _, t := range c.Tags {
		tags[t.Key] = t.Value
	}
	return tags
}

type chatTag struct {
	Key   string `json:"TagKey"`
	Value string `json:"TagValue"`
}

// chats lists the configurations of both chats, sorted by ARN. Source: API of AWS
// Chatbot, version 2017-10-11.
// It returns the operation that an error is of.
func (s *Session) chats(ctx context.Context, partition string) (list []account.ChatConfiguration, operation string, err error) {
	for _, q := range []queryCall{
		s.chatCall(partition, queryCall{service: "chatbot", action: "DescribeSlackChannelConfigurations", path: "describe-slack-channel-configurations"}),
		s.chatCall(partition, queryCall{service: "chatbot", action: "ListMicrosoftTeamsChannelConfigurations", path: "list-ms-teams-channel-configurations"}),
	} {
		rows, err := s.chatRows(ctx, q)
		if err != nil {
			return nil, q.operation(), err
		}
		for _, row := range rows {
			chat := "Slack"
			if row.TeamsID != "" {
				chat = "Microsoft Teams"
			}
			list = append(list, account.ChatConfiguration{
				ARN: row.ARN, Name: row.Name, Chat: chat, Channel: cmp.Or(row.SlackName, row.SlackID, row.TeamsName, row.TeamsID), ID: row.id(), State: row.State, Topics: row.Topics, Tags: row.tags(),
			})
		}
	}
	slices.SortFunc(list, func(a, b account.ChatConfiguration) int { return cmp.Compare(a.ARN, b.ARN) })
	return list, "", nil
}

// chatCall completes a call of the service.
func (s *Session) chatCall(partition string, q queryCall) queryCall {
	q.variable, q.region, q.endpoint = "CHATBOT", chatRegion, s.endpointOf("chatbot", chatRegion, partition, true)
	return q
}

// Chats lists the chat configurations of the session's account. The error is what Code
// and Message read.
func (s *Session) Chats(ctx context.Context) ([]account.ChatConfiguration, error) {
	c, err := s.Caller(ctx)
	if err != nil {
		return nil, err
	}
	list, _, err := s.chats(ctx, c.Partition)
	return list, err
}

// workspaces lists what a person has authorized.
func (s *Session) workspaces(ctx context.Context, partition string) *account.Read[[]string] {
	var list []string
	for _, q := range []queryCall{
		s.chatCall(partition, queryCall{service: "chatbot", action: "DescribeSlackWorkspaces", path: "describe-slack-workspaces"}),
		s.chatCall(partition, queryCall{service: "chatbot", action: "ListMicrosoftTeamsConfiguredTeams", path: "list-ms-teams-configured-teams"}),
	} {
		rows, err := s.chatRows(ctx, q)
		if err != nil {
			return answer[[]string](q.operation(), nil, err)
		}
		for _, row := range rows {
			if row.TenantID != "" {
				list = append(list, row.TenantID+"/"+row.TeamID)
			} else {
				list = append(list, row.SlackTeam)
			}
		}
	}
	return answer("", sorted(list), nil)
}

// A ChatChannel is what a chat configuration is made of.
type ChatChannel struct {
	Name   string
	Slack  bool
	ID     string // WORKSPACE/CHANNEL, or TEAM/CHANNEL/TENANT
	Role   string // ARN
	Topics []string
	Tags   map[string]string
}

// CreateChat makes a chat configuration.
func (s *Session) CreateChat(ctx context.Context, c ChatChannel) error {
	body := map[string]any{"ConfigurationName": c.Name, "IamRoleArn": c.Role, "SnsTopicArns": c.Topics}
	var tags []chatTag
	for _, k := range slices.Sorted(maps.Keys(c.Tags)) {
		tags = append(tags, chatTag{k, c.Tags[k]})
	}
	body["Tags"] = tags
	part := strings.Split(c.ID, "/")
	if c.Slack {
		body["SlackTeamId"], body["SlackChannelId"] = part[0], part[1]
		return s.changeChat(ctx, queryCall{service: "chatbot", action: "CreateSlackChannelConfiguration", path: "create-slack-channel-configuration", body: body})
	}
	body["TeamId"], body["ChannelId"], body["TenantId"] = part[0], part[1], part[2]
	return s.changeChat(ctx, queryCall{service: "chatbot", action: "CreateMicrosoftTeamsChannelConfiguration", path: "create-ms-teams-channel-configuration", body: body})
}

// UpdateChat gives a chat configuration other topics.
func (s *Session) UpdateChat(ctx context.Context, arn string, c ChatChannel) error {
	body := map[string]any{"ChatConfigurationArn": arn, "SnsTopicArns": c.Topics}
	channel := strings.Split(c.ID, "/")[1]
	if c.Slack {
		body["SlackChannelId"] = channel
		return s.changeChat(ctx, queryCall{service: "chatbot", action: "UpdateSlackChannelConfiguration", path: "update-slack-channel-configuration", body: body})
	}
	body["ChannelId"] = channel
	return s.changeChat(ctx, queryCall{service: "chatbot", action: "UpdateMicrosoftTeamsChannelConfiguration", path: "update-ms-teams-channel-configuration", body: body})
}

// DeleteChat deletes a chat configuration.
func (s *Session) DeleteChat(ctx context.Context, arn string, slack bool) error {
	body := map[string]any{"ChatConfigurationArn": arn}
	if slack {
		return s.changeChat(ctx, queryCall{service: "chatbot", action: "DeleteSlackChannelConfiguration", path: "delete-slack-channel-configuration", body: body})
	}
	return s.changeChat(ctx, queryCall{service: "chatbot", action: "DeleteMicrosoftTeamsChannelConfiguration", path: "delete-ms-teams-channel-configuration", body: body})
}

func (s *Session) changeChat(ctx context.Context, q queryCall) error {
	c, err := s.Caller(ctx)
	if err != nil {
		return err
	}
	return s.query(ctx, s.chatCall(c.Partition, q), &struct{}{})
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
		rows = append(rows, slices.Concat(page.Slack, page.Teams, page.Workspaces, page.Configured)...)
		if page.Next == "" {
			return nil, false, nil
		}
		return &page.Next, false, nil
	})
	return rows, err
}
