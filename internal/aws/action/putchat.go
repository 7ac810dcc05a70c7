package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// PutChat connects topics to a channel of Slack or Microsoft Teams by a chat configuration
// of Amazon Q Developer, which then subscribes itself to them. It makes the configuration,
// or gives ours further topics.
type PutChat struct {
	change.Meta
	Chat   desired.Chat
	Topics []string // ARNs
	Tags   map[string]string
	Before *Chat // nil: the configuration is new

	// Exact means that the configuration gets just these topics; else it keeps its others.
	Exact bool
}

func (PutChat) sealed() {}

// String returns "connect topics to slack:T07EA123LEP/C07EZ1ABC23 (monitorctl-slack-0a1b2c3d)".
func (a PutChat) String() string {
	return fmt.Sprintf("connect %s to %s (%s)", topicNames(a.Topics), a.Chat.Channel, a.Chat.Name)
}

// topicNames lists topics by their names.
func topicNames(arns []string) string {
	var list []string
	for _, arn := range sortedList(arns) {
		list = append(list, lastPart(arn))
	}
	return "topic " + strings.Join(list, ", ")
}

// Kind returns "put-chat-configuration".
func (PutChat) Kind() string { return "put-chat-configuration" }

// Name returns the name of the configuration.
func (a PutChat) Name() string { return a.Chat.Name }

// New reports whether the configuration is not there yet.
func (a PutChat) New() bool { return a.Before == nil }

// Place is behind the topics and the role.
func (PutChat) Place() Place { return putsChat }

// Object returns the configuration.
func (a PutChat) Object() change.Object { return ChatObject(a.Region, a.Chat.ARN) }

// Closing sets the controls that the action helps.
func (a PutChat) Closing(controls []string) Action { a.Closes = controls; return a }

// With returns the action for the topics of both.
func (a PutChat) With(b PutChat) PutChat {
	a.Topics = sortedList(slices.Concat(a.Topics, b.Topics))
	return a
}

// Calls returns the calls that write.
func (a PutChat) Calls() []string {
	return []string{
		"chatbot:CreateSlackChannelConfiguration", "chatbot:UpdateSlackChannelConfiguration",
		"chatbot:CreateMicrosoftTeamsChannelConfiguration", "chatbot:UpdateMicrosoftTeamsChannelConfiguration",
	}
}

// Cost is nothing.
func (PutChat) Cost() change.Cost { return change.Cost{} }

func chatSettings(c Chat) []change.Setting {
	return []change.Setting{{Name: "channel", Value: c.Channel}, {Name: "topics", Value: strings.Join(c.Topics, ", ")}}
}

// Fields has the channel and the topics.
func (a PutChat) Fields(bool) []change.Field {
	if a.Before != nil {
		return change.Differences(chatSettings(*a.Before), chatSettings(a.made(*a.Before)))
	}
	return change.Created(append(chatSettings(a.made(Chat{})), change.Setting{Name: "role", Value: a.Chat.Role}, change.Setting{Name: "tags", Value: pairs(a.Tags)}))
}

// made is the configuration afterwards.
func (a PutChat) made(have Chat) Chat {
	topics := a.Topics
	if !a.Exact {
		topics = slices.Concat(topics, have.Topics)
	}
	return Chat{a.Chat.Channel.Address, sortedList(topics)}
}

// Saved holds the configuration as a journal does.
func (a PutChat) Saved() change.Saved {
	s := change.Saved{Name: a.Chat.Name, After: struct {
		Chat
		Tags map[string]string `json:"tags,omitempty"`
	}{a.made(Chat{}), a.Tags}}
	if a.Before != nil {
		s.Before = *a.Before
	}
	return s
}

func (a PutChat) simulate(d *draft) {
	list := d.chatsOf()
	i := slices.IndexFunc(list.Value, func(c account.ChatConfiguration) bool { return c.ARN == a.Chat.ARN })
	if i < 0 {
		list.Value = append(list.Value, account.ChatConfiguration{ARN: a.Chat.ARN, Name: a.Chat.Name, Channel: a.Chat.Channel.Address, ID: a.Chat.Channel.Address, State: "ENABLED", Tags: a.Tags})
		i = len(list.Value) - 1
	}
	c := &list.Value[i]
	c.Topics = a.made(Chat{Topics: c.Topics}).Topics
	for _, arn := range c.Topics {
		to, _ := account.ParseARN(arn)
		region := d.region(to.Region)
		if region == nil {
			continue
		}
		t := topicOf(region, arn)
		if t == nil || t.Subscriptions == nil || slices.ContainsFunc(t.Subscriptions.Value, func(s account.Subscription) bool { return strings.HasPrefix(s.Endpoint, account.ChatHost) }) {
			continue
		}
		t.Subscriptions.Value = append(t.Subscriptions.Value, account.Subscription{
			ARN: arn + ":chat", State: account.Confirmed, Protocol: "https",
			Endpoint: account.MaskEndpoint("https", account.ChatHost), EndpointHash: account.HashEndpoint(d.moment.Salt, "https", account.ChatHost),
		})
	}
}

func (a PutChat) rests(b *basis) { b.chat(a.Chat.ARN) }

func (a PutChat) limits() error {
	const maxName = 128 // CreateSlackChannelConfiguration
	return first(within("characters in the name", len(a.Chat.Name), maxName), within("tags", len(a.Tags), maxTags))
}

func (a PutChat) check(ctx context.Context, s *sight) error {
	_, _, err := a.now(ctx, s.calls)
	return err
}

// now reads the configuration, nil for none, and reports whether it is what the plan would
// write; an error when it is neither that nor what the plan extends.
func (a PutChat) now(ctx context.Context, c Calls) (have *account.ChatConfiguration, there bool, err error) {
	have, err = chatNow(ctx, c, a.Chat.ARN)
	switch {
	case err != nil:
		return nil, false, err
	case have == nil && a.Before == nil:
		return nil, false, nil
	case have == nil:
		return nil, false, changedChat(a.Chat.Name, "disappeared")
	case !desired.OwnerByTags(have.Tags).Ours():
		return have, false, changedChat(a.Chat.Name, "was created by someone else")
	}
	is := *ChatState(*have).Chat
	switch {
	case sameChat(a.made(is), is):
		return have, true, nil
	case a.Before == nil:
		return have, false, changedChat(a.Chat.Name, "appeared")
	case !sameChat(is, *a.Before):
		return have, false, changedChat(a.Chat.Name, "was changed")
	}
	return have, false, nil
}

func (a PutChat) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, there, err := a.now(ctx, r.Calls)
	out := Outcome{ARN: a.Chat.ARN}
	if there || err != nil {
		return out, err
	}
	made := a.made(Chat{})
	e := change.Record[State]{Object: a.Object(), After: &State{Chat: &made, Tags: &a.Tags}}
	if have != nil {
		before := *ChatState(*have).Chat
		made = a.made(before)
		e.Before, e.After = &State{Chat: &before}, &State{Chat: &made}
	}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	err = r.write(e, func() (string, error) {
		if have != nil {
			return a.Chat.ARN, r.Calls.UpdateChat(ctx, a.Chat, made.Topics)
		}
		return a.Chat.ARN, r.Calls.CreateChat(ctx, a.Chat, made.Topics, a.Tags)
	})
	if errors.Is(err, ErrTaken) { // someone was faster
		_, there, err = a.now(ctx, r.Calls)
		return Outcome{ARN: a.Chat.ARN, Written: there}, err
	}
	out.Written = err == nil
	return out, err
}
