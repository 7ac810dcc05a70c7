package account

// ChatHost is where Amazon Q Developer in chat applications takes what it shows in Slack
// and Microsoft Teams; it is the beginning of the endpoint of its subscriptions.
const ChatHost = "https://global.sns-api.chatbot.amazonaws.com"

// A ChatConfiguration connects topics to one channel of a chat (API of AWS Chatbot,
// DescribeSlackChannelConfigurations and ListMicrosoftTeamsChannelConfigurations).
type ChatConfiguration struct {
	ARN     string            `json:"arn"`
	Name    string            `json:"name"`
	Chat    string            `json:"chat"`         // Slack, Microsoft Teams
	Channel string            `json:"channel"`      // its name where AWS knows it, else its id
	ID      string            `json:"id,omitempty"` // WORKSPACE/CHANNEL, or TEAM/CHANNEL/TENANT
	State   string            `json:"state"`        // ENABLED, DISABLED; "" counts as ENABLED
	Topics  []string          `json:"topics"`       // ARNs
	Tags    map[string]string `json:"tags,omitempty"`
}
