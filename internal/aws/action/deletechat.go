package action

import (
	"context"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteChat removes a chat configuration of ours. The service unsubscribes itself.
type DeleteChat struct {
	change.Meta
	Chat desired.Chat
	Seen Chat // as it was read
}

func (DeleteChat) sealed() {}

// String returns "delete chat configuration monitorctl-slack-0a1b2c3d".
func (a DeleteChat) String() string { return "delete chat configuration " + a.Chat.Name }

// Kind returns "delete-chat-configuration".
func (DeleteChat) Kind() string { return "delete-chat-configuration" }

// Name returns the name of the configuration.
func (a DeleteChat) Name() string { return a.Chat.Name }

// New returns false.
func (DeleteChat) New() bool { return false }

// Place is before the topics.
func (DeleteChat) Place() Place { return deletesChat }

// Object returns the configuration.
func (a DeleteChat) Object() change.Object { return ChatObject(a.Region, a.Chat.ARN) }

// Closing sets the controls that the action is about.
func (a DeleteChat) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that write.
func (DeleteChat) Calls() []string {
	return []string{"chatbot:DeleteSlackChannelConfiguration", "chatbot:DeleteMicrosoftTeamsChannelConfiguration"}
}

// Cost is nothing.
func (DeleteChat) Cost() change.Cost { return change.Cost{} }

// Fields has the channel and the topics.
func (a DeleteChat) Fields(bool) []change.Field { return change.Gone(chatSettings(a.Seen)) }

// Saved holds the configuration as a journal does.
func (a DeleteChat) Saved() change.Saved {
	return change.Saved{Name: a.Chat.Name, Before: &State{Chat: &a.Seen}}
}

func (a DeleteChat) simulate(d *draft) {
	list := d.chatsOf()
	list.Value = slices.DeleteFunc(list.Value, func(c account.ChatConfiguration) bool { return c.ARN == a.Chat.ARN })
}

func (a DeleteChat) rests(b *basis) { b.chat(a.Chat.ARN) }

func (DeleteChat) limits() error { return nil }

func (a DeleteChat) check(ctx context.Context, s *sight) error {
	_, err := a.look(ctx, s.calls)
	return err
}

func (a DeleteChat) apply(ctx context.Context, r *Run) (Outcome, error) {
	e := change.Record[State]{Object: a.Object(), Before: &State{Chat: &a.Seen}}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.DeleteChat(ctx, a.Chat) })
}

// look reports whether the configuration is there, as the plan saw it.
func (a DeleteChat) look(ctx context.Context, c Calls) (bool, error) {
	have, err := chatNow(ctx, c, a.Chat.ARN)
	switch {
	case err != nil || have == nil:
		return false, err
	case !sameChat(*ChatState(*have).Chat, a.Seen):
		return false, changedChat(a.Chat.Name, "was changed")
	}
	return true, nil
}
