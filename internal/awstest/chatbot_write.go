package awstest

import (
	"slices"
	"strings"
)

type chatTag struct {
	TagKey   string `json:"TagKey"`
	TagValue string `json:"TagValue"`
}

// A teamsChannel connects topics to a channel of Microsoft Teams.
type teamsChannel struct {
	ChatConfigurationArn string    `json:"ChatConfigurationArn"`
	ConfigurationName    string    `json:"ConfigurationName"`
	TeamID               string    `json:"TeamId"`
	TenantID             string    `json:"TenantId"`
	ChannelID            string    `json:"ChannelId"`
	SnsTopicArns         []string  `json:"SnsTopicArns"`
	IamRoleArn           string    `json:"IamRoleArn"`
	State                string    `json:"State"`
	Tags                 []chatTag `json:"Tags,omitempty"`
}

// Authorize is what a person does in the console: it lets the account's configurations use
// a workspace of Slack, by its id, or a team of Microsoft Teams, as TENANT/TEAM.
func (a *Account) Authorize(workspace string) {
	a.cloud.mu.Lock()
	defer a.cloud.mu.Unlock()
	a.workspaces = append(a.workspaces, workspace)
}

type workspacesOutput struct {
	SlackWorkspaces []workspace `json:"SlackWorkspaces"`
}

type workspace struct {
	SlackTeamID   string `json:"SlackTeamId"`
	SlackTeamName string `json:"SlackTeamName"`
	State         string `json:"State"`
}

func describeWorkspaces(c *call, _ *chatInput) (*workspacesOutput, error) {
	out := &workspacesOutput{[]workspace{}}
	for _, id := range c.account.workspaces {
		if !strings.Contains(id, "/") {
			out.SlackWorkspaces = append(out.SlackWorkspaces, workspace{id, "", "ENABLED"})
		}
	}
	return out, nil
}

type configuredTeams struct {
	ConfiguredTeams []configuredTeam `json:"ConfiguredTeams"`
}

type configuredTeam struct {
	TenantID string `json:"TenantId"`
	TeamID   string `json:"TeamId"`
	State    string `json:"State"`
}

func listConfiguredTeams(c *call, _ *chatInput) (*configuredTeams, error) {
	out := &configuredTeams{[]configuredTeam{}}
	for _, id := range c.account.workspaces {
		if tenant, team, ok := strings.Cut(id, "/"); ok {
			out.ConfiguredTeams = append(out.ConfiguredTeams, configuredTeam{tenant, team, "ENABLED"})
		}
	}
	return out, nil
}

type teamsOutput struct {
	TeamChannelConfigurations []teamsChannel `json:"TeamChannelConfigurations"`
}

func listTeamsChannels(c *call, _ *chatInput) (*teamsOutput, error) {
	return &teamsOutput{append([]teamsChannel{}, c.account.teams...)}, nil
}

type newSlackChannel struct {
	ConfigurationName string    `json:"ConfigurationName,omitempty" required:"" length:"1-128" pattern:"[A-Za-z0-9\\-_]+"`
	SlackTeamID       string    `json:"SlackTeamId,omitempty" required:""`
	SlackChannelID    string    `json:"SlackChannelId,omitempty" required:""`
	IamRoleArn        string    `json:"IamRoleArn,omitempty" required:""`
	SnsTopicArns      []string  `json:"SnsTopicArns,omitempty"`
	Tags              []chatTag `json:"Tags,omitempty"`
}

type slackChannelOutput struct {
	ChannelConfiguration SlackChannel `json:"ChannelConfiguration"`
}

func (c *call) chatARN(kind, name string) string {
	return "arn:" + c.account.partition + ":chatbot::" + c.account.id + ":chat-configuration/" + kind + "/" + name
}

// authorized refuses a workspace that nobody has authorized.
func (c *call) authorized(workspace string) error {
	if !slices.Contains(c.account.workspaces, workspace) {
		return apiError("InvalidRequestException", "AWS Chatbot is not authorized to access the workspace.")
	}
	return nil
}

func createSlackChannel(c *call, in *newSlackChannel) (*slackChannelOutput, error) {
	if err := c.authorized(in.SlackTeamID); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(c.account.slack, func(x SlackChannel) bool { return x.ConfigurationName == in.ConfigurationName }) {
		return nil, apiError("ConflictException", "A configuration of that name exists.")
	}
	x := SlackChannel{
		ChatConfigurationArn: c.chatARN("slack-channel", in.ConfigurationName), ConfigurationName: in.ConfigurationName, SlackTeamID: in.SlackTeamID,
		SlackChannelID: in.SlackChannelID, SnsTopicArns: in.SnsTopicArns, IamRoleArn: in.IamRoleArn, State: "ENABLED", Tags: in.Tags,
	}
	c.account.slack = append(slices.Clone(c.account.slack), x)
	c.connectChats(nil)
	return &slackChannelOutput{x}, nil
}

type changedSlackChannel struct {
	ChatConfigurationArn string   `json:"ChatConfigurationArn,omitempty" required:""`
	SlackChannelID       string   `json:"SlackChannelId,omitempty" required:""`
	SnsTopicArns         []string `json:"SnsTopicArns,omitempty"`
}

func updateSlackChannel(c *call, in *changedSlackChannel) (*slackChannelOutput, error) {
	c.account.slack = slices.Clone(c.account.slack)
	for i := range c.account.slack {
		if x := &c.account.slack[i]; x.ChatConfigurationArn == in.ChatConfigurationArn {
			before := x.SnsTopicArns
			x.SlackChannelID, x.SnsTopicArns = in.SlackChannelID, in.SnsTopicArns
			c.connectChats(before)
			return &slackChannelOutput{*x}, nil
		}
	}
	return nil, errNoChat(in.ChatConfigurationArn)
}

type chatARNOnly struct {
	ChatConfigurationArn string `json:"ChatConfigurationArn,omitempty" required:""`
}

func errNoChat(arn string) error {
	return apiError("ResourceNotFoundException", "Configuration %s does not exist.", arn)
}

func deleteSlackChannel(c *call, in *chatARNOnly) (*struct{}, error) {
	var before []string
	left := slices.DeleteFunc(slices.Clone(c.account.slack), func(x SlackChannel) bool {
		if x.ChatConfigurationArn != in.ChatConfigurationArn {
			return false
		}
		before = x.SnsTopicArns
		return true
	})
	if len(left) == len(c.account.slack) {
		return nil, errNoChat(in.ChatConfigurationArn)
	}
	c.account.slack = left
	c.connectChats(before)
	return &struct{}{}, nil
}

type newTeamsChannel struct {
	ConfigurationName string    `json:"ConfigurationName,omitempty" required:"" length:"1-128" pattern:"[A-Za-z0-9\\-_]+"`
	TeamID            string    `json:"TeamId,omitempty" required:""`
	TenantID          string    `json:"TenantId,omitempty" required:""`
	ChannelID         string    `json:"ChannelId,omitempty" required:""`
	IamRoleArn        string    `json:"IamRoleArn,omitempty" required:""`
	SnsTopicArns      []string  `json:"SnsTopicArns,omitempty"`
	Tags              []chatTag `json:"Tags,omitempty"`
}

type teamsChannelOutput struct {
	ChannelConfiguration teamsChannel `json:"ChannelConfiguration"`
}

func createTeamsChannel(c *call, in *newTeamsChannel) (*teamsChannelOutput, error) {
	if err := c.authorized(in.TenantID + "/" + in.TeamID); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(c.account.teams, func(x teamsChannel) bool { return x.ConfigurationName == in.ConfigurationName }) {
		return nil, apiError("ConflictException", "A configuration of that name exists.")
	}
	x := teamsChannel{
		c.chatARN("microsoft-teams-channel", in.ConfigurationName), in.ConfigurationName, in.TeamID, in.TenantID, in.ChannelID, in.SnsTopicArns, in.IamRoleArn, "ENABLED", in.Tags,
	}
	c.account.teams = append(slices.Clone(c.account.teams), x)
	c.connectChats(nil)
	return &teamsChannelOutput{x}, nil
}

type changedTeamsChannel struct {
	ChatConfigurationArn string   `json:"ChatConfigurationArn,omitempty" required:""`
	ChannelID            string   `json:"ChannelId,omitempty" required:""`
	SnsTopicArns         []string `json:"SnsTopicArns,omitempty"`
}

func updateTeamsChannel(c *call, in *changedTeamsChannel) (*teamsChannelOutput, error) {
	c.account.teams = slices.Clone(c.account.teams)
	for i := range c.account.teams {
		if x := &c.account.teams[i]; x.ChatConfigurationArn == in.ChatConfigurationArn {
			before := x.SnsTopicArns
			x.ChannelID, x.SnsTopicArns = in.ChannelID, in.SnsTopicArns
			c.connectChats(before)
			return &teamsChannelOutput{*x}, nil
		}
	}
	return nil, errNoChat(in.ChatConfigurationArn)
}

func deleteTeamsChannel(c *call, in *chatARNOnly) (*struct{}, error) {
	var before []string
	left := slices.DeleteFunc(slices.Clone(c.account.teams), func(x teamsChannel) bool {
		if x.ChatConfigurationArn != in.ChatConfigurationArn {
			return false
		}
		before = x.SnsTopicArns
		return true
	})
	if len(left) == len(c.account.teams) {
		return nil, errNoChat(in.ChatConfigurationArn)
	}
	c.account.teams = left
	c.connectChats(before)
	return &struct{}{}, nil
}

// connectChats lets the service subscribe itself to the topics of the configurations, and
// unsubscribe from those of before that no configuration lists any more.
func (c *call) connectChats(before []string) {
	wanted := map[string]bool{}
	for _, x := range c.account.slack {
		for _, arn := range x.SnsTopicArns {
			wanted[arn] = true
		}
	}
	for _, x := range c.account.teams {
		for _, arn := range x.SnsTopicArns {
			wanted[arn] = true
		}
	}
	for _, r := range c.account.regions {
		for _, t := range r.topics {
			have := r.subscriptionOf(c.now, t.arn, "https", chatHost)
			switch {
			case wanted[t.arn] && have == nil:
				s := c.newSubscription(t, &SubscribeInput{TopicARN: t.arn, Protocol: "https", Endpoint: chatHost})
				s.confirmed = true
				r.subs[s.arn] = s
			case !wanted[t.arn] && have != nil && slices.Contains(before, t.arn):
				delete(r.subs, have.arn)
			}
		}
	}
}
