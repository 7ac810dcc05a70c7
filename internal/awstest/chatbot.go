package awstest

import "slices"

// chatbotService is Amazon Q Developer in chat applications, API of AWS Chatbot
// 2017-10-11: a global service.
var chatbotService = &service{
	name: "chatbot", iam: "chatbot", global: true,
	errors: jsonFamily.with(family{
		denied: {Code: "AccessDeniedException", Status: 403}, throttled: {Code: "ThrottlingException", Status: 429},
		internal: {Code: "InternalServerException", Status: 500}, unknownKey: {Code: "UnrecognizedClientException", Status: 403},
		expired: {Code: "ExpiredTokenException", Status: 403},
	}),
	ops: map[string]handler{
		"DescribeSlackChannelConfigurations":      reads(describeSlackChannels),
		"ListMicrosoftTeamsChannelConfigurations": reads(listTeamsChannels),

		"DescribeSlackWorkspaces":                  reads(describeWorkspaces),
		"ListMicrosoftTeamsConfiguredTeams":        reads(listConfiguredTeams),
		"CreateSlackChannelConfiguration":          writes(createSlackChannel),
		"UpdateSlackChannelConfiguration":          writes(updateSlackChannel),
		"DeleteSlackChannelConfiguration":          writes(deleteSlackChannel),
		"CreateMicrosoftTeamsChannelConfiguration": writes(createTeamsChannel),
		"UpdateMicrosoftTeamsChannelConfiguration": writes(updateTeamsChannel),
		"DeleteMicrosoftTeamsChannelConfiguration": writes(deleteTeamsChannel),
	},
}

// chatPaths are the paths of its operations.
var chatPaths = map[string]string{
	"describe-slack-channel-configurations": "DescribeSlackChannelConfigurations", "list-ms-teams-channel-configurations": "ListMicrosoftTeamsChannelConfigurations",
	"describe-slack-workspaces": "DescribeSlackWorkspaces", "list-ms-teams-configured-teams": "ListMicrosoftTeamsConfiguredTeams",
	"create-slack-channel-configuration": "CreateSlackChannelConfiguration", "update-slack-channel-configuration": "UpdateSlackChannelConfiguration",
	"delete-slack-channel-configuration": "DeleteSlackChannelConfiguration", "create-ms-teams-channel-configuration": "CreateMicrosoftTeamsChannelConfiguration",
	"update-ms-teams-channel-configuration": "UpdateMicrosoftTeamsChannelConfiguration", "delete-ms-teams-channel-configuration": "DeleteMicrosoftTeamsChannelConfiguration",
}

// A SlackChannel connects topics to a channel of Slack.
type SlackChannel struct {
	ChatConfigurationArn string    `json:"ChatConfigurationArn"`
	ConfigurationName    string    `json:"ConfigurationName"`
	SlackTeamID          string    `json:"SlackTeamId"`
	SlackChannelID       string    `json:"SlackChannelId"`
	SlackChannelName     string    `json:"SlackChannelName"`
	SnsTopicArns         []string  `json:"SnsTopicArns"`
	IamRoleArn           string    `json:"IamRoleArn,omitempty"`
	State                string    `json:"State"`
	Tags                 []chatTag `json:"Tags,omitempty"`
}

// SetSlackChannels gives the account these channel configurations. Topics that send to the
// chat are shown in a channel only where one that is not DISABLED lists them; without a
// call of it, a subscription of the chat stands for itself.
func (a *Account) SetSlackChannels(list []SlackChannel) {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	a.slack = append([]SlackChannel{}, list...)
}

type chatInput struct {
	MaxResults int    `json:"MaxResults,omitempty"`
	NextToken  string `json:"NextToken,omitempty"`
}

type slackOutput struct {
	SlackChannelConfigurations []SlackChannel `json:"SlackChannelConfigurations"`
	NextToken                  string         `json:"NextToken,omitempty"`
}

func describeSlackChannels(c *call, in *chatInput) (*slackOutput, error) {
	after, ok := readToken("DescribeSlackChannelConfigurations", in.NextToken)
	if !ok {
		return nil, apiError("InvalidParameterException", "invalid token")
	}
	cut, next := page(c.Cloud, c.account.slack, func(x SlackChannel) string { return x.ConfigurationName }, after, 100)
	return &slackOutput{append([]SlackChannel{}, cut...), newToken("DescribeSlackChannelConfigurations", next)}, nil
}

// chatReaches reports whether the chat shows the messages of a topic in some channel.
func (a *Account) chatReaches(topic string) bool {
	return a.slack == nil && a.teams == nil ||
		slices.ContainsFunc(a.slack, func(c SlackChannel) bool { return c.State != "DISABLED" && slices.Contains(c.SnsTopicArns, topic) }) ||
		slices.ContainsFunc(a.teams, func(c teamsChannel) bool { return c.State != "DISABLED" && slices.Contains(c.SnsTopicArns, topic) })
}
