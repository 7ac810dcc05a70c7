package channel

import "strings"

// A Chat is a service whose incoming webhooks take messages in a form of their own.
type Chat string

// The chats. NoChat is any other receiver.
const (
	NoChat     Chat = ""
	SlackChat  Chat = "Slack"
	Teams      Chat = "Microsoft Teams"
	Discord    Chat = "Discord"
	GoogleChat Chat = "Google Chat"
)

// chatHosts are the hosts of incoming webhooks, which ignore SNS's
// SubscriptionConfirmation; a name that begins with a dot stands for all hosts below.
// Source: the services' pages on incoming webhooks.
var chatHosts = map[string]Chat{
	"hooks.slack.com": SlackChat, "hooks.slack-gov.com": SlackChat,
	"outlook.office.com": Teams, ".webhook.office.com": Teams, ".logic.azure.com": Teams, ".api.powerplatform.com": Teams,
	"discord.com": Discord, "discordapp.com": Discord, "chat.googleapis.com": GoogleChat,
}

// ChatOf returns the chat that a host belongs to, NoChat for any other host.
func ChatOf(host string) Chat {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for name, chat := range chatHosts {
		if host == name || strings.HasPrefix(name, ".") && strings.HasSuffix(host, name) {
			return chat
		}
	}
	return NoChat
}
