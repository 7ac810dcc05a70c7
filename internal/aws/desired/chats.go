package desired

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/message"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/channel"
)

const (
	// ChatTopicName is the name of the topic of ours that rules publish custom
	// notifications to: Amazon Q Developer drops any other text of theirs.
	ChatTopicName = "monitorctl-chat"

	// ChatTarget is the id of the target that publishes to it.
	ChatTarget = "chat"

	chatPrefix   = "monitorctl-"
	chatRoleName = "monitorctl-chat"
)

// A Chat is a chat configuration of ours: one channel of Slack or Microsoft Teams.
type Chat struct {
	Channel channel.Channel
	Name    string
	ARN     string
	Role    string // ARN
}

// Chat returns the configuration of a channel.
func (n Names) Chat(c channel.Channel, h Home) Chat {
	const short = 4 // bytes of the digest
	sum := sha256.Sum256([]byte(c.Address))
	name := n.Prefix + chatPrefix + string(c.Form) + "-" + hex.EncodeToString(sum[:short])
	kind := "microsoft-teams-channel"
	if c.Form == channel.Slack {
		kind = "slack-channel"
	}
	arn := account.ARN{Partition: h.Partition, Service: "chatbot", Account: h.Account, Resource: "chat-configuration/" + kind + "/" + name}
	return Chat{c, name, arn.String(), n.ChatRoleARN(h)}
}

// ChatPrefix is what the names of our chat configurations begin with.
func (n Names) ChatPrefix() string { return n.Prefix + chatPrefix }

// ChatRoleName is the name of the role that Amazon Q Developer takes in our channels.
func (n Names) ChatRoleName() string { return n.Prefix + chatRoleName }

// ChatRoleARN is its ARN.
func (n Names) ChatRoleARN(h Home) string {
	return account.ARN{Partition: h.Partition, Service: "iam", Account: h.Account, Resource: "role/" + n.ChatRoleName()}.String()
}

// ChatRoleTrust is the trust policy of that role.
func ChatRoleTrust() string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"chatbot.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
}

// ChatRolePolicy is its one inline policy: notifications need no permission, and nobody
// shall run commands from a channel by this role.
func ChatRolePolicy() string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
}

// ChatRuleTarget is the target of a control's rule that publishes a custom notification.
func ChatRuleTarget(c catalog.Control, topic, partition string) account.WholeTarget {
	t := message.Chat(message.About{Control: c.ID, Title: c.Title, Severity: c.Severity.String(), Partition: partition})
	return account.WholeTarget{ID: ChatTarget, ARN: topic, Transformer: &account.Transformed{Paths: t.Paths, Template: t.Template}}
}
