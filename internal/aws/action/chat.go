package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// A Chat is a chat configuration in a journal.
type Chat struct {
	Channel string   `json:"channel"` // WORKSPACE/CHANNEL, or TEAM/CHANNEL/TENANT
	Topics  []string `json:"topics"`  // ARNs, sorted
}

func sameChat(x, y Chat) bool {
	return x.Channel == y.Channel && slices.Equal(sortedList(x.Topics), sortedList(y.Topics))
}

func sortedList(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// ChatObject is a chat configuration as a journal names it, by its ARN. The service has no
// regions: the region is that of the topic.
func ChatObject(region, arn string) change.Object {
	return change.Object{Kind: ChatKind, Region: region, Name: arn}
}

// ChatState is a chat configuration in a journal.
func ChatState(c account.ChatConfiguration) *State {
	tags := c.Tags
	if tags == nil {
		tags = map[string]string{}
	}
	return &State{Chat: &Chat{c.ID, sortedList(c.Topics)}, Tags: &tags}
}

// chatOf returns the configuration of an ARN of ours.
func chatOf(arn, id string) desired.Chat {
	form := channel.MSTeams
	if strings.Contains(arn, "/slack-channel/") {
		form = channel.Slack
	}
	return desired.Chat{Channel: channel.Channel{Form: form, Address: id}, Name: arn[strings.LastIndexByte(arn, '/')+1:], ARN: arn}
}

// RestoreChat is the action that brings a chat configuration from what it is to what it was
// before a journal's runs; target is nil for one that was not there.
func RestoreChat(m change.Meta, arn string, now State, target *State) Action {
	chat := chatOf(arn, now.Chat.Channel)
	if target == nil {
		m.Why = whyMade
		return DeleteChat{Meta: m, Chat: chat, Seen: *now.Chat}
	}
	m.Why = whyReplaced
	return PutChat{Meta: m, Chat: chat, Topics: target.Chat.Topics, Before: now.Chat, Exact: true}
}

// chatNow reads a chat configuration by ARN; nil when there is none.
func chatNow(ctx context.Context, c Calls, arn string) (*account.ChatConfiguration, error) {
	list, err := c.Chats(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for chat configuration %s: %w", arn, err)
	}
	for i := range list {
		if list[i].ARN == arn {
			return &list[i], nil
		}
	}
	return nil, nil //nolint:nilnil // there is none
}

func changedChat(name, what string) error {
	return &ChangedError{Resource: fmt.Sprintf("chat configuration %q", name), Change: what}
}

// chatsOf returns the chat configurations of an account that may be changed.
func (d *draft) chatsOf() *account.Read[[]account.ChatConfiguration] {
	d.account.Chats = ownList(d.account.Chats)
	if d.account.Chats == nil {
		d.account.Chats = &account.Read[[]account.ChatConfiguration]{}
	}
	return d.account.Chats
}
