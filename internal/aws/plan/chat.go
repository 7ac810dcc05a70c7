package plan

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// isChat reports whether a subscriber is a channel of a chat.
func (s Subscriber) isChat() bool { return channel.Form(s.Protocol).Chats() }

// Chats reports whether some subscriber of the wishes, or of a route, is a channel of a
// chat.
func (o Options) Chats() bool {
	for _, w := range o.Everywhere() {
		if slices.ContainsFunc(w.Subscribers, Subscriber.isChat) {
			return true
		}
	}
	return false
}

// A ChatError says why a chat cannot be connected.
type ChatError struct{ Channel, Why, Advice string }

// Error names the channel and the reason.
func (e *ChatError) Error() string { return "connecting " + e.Channel + ": " + e.Why }

// Hint says what to do.
func (e *ChatError) Hint() string { return e.Advice }

// checkChats refuses a workspace that nobody has authorized, which has no API.
func (b *builder) checkChats() error {
	list, ok := b.account.Workspaces.Got()
	for _, o := range b.all.Everywhere() {
		for _, s := range o.Subscribers {
			if !s.isChat() {
				continue
			}
			if b.account.Partition != "aws" {
				return &ChatError{s.String(), "Amazon Q Developer in chat applications is not offered in partition " + b.account.Partition, "use the e-mail address of the channel, or webhook:URL"}
			}
			if ok && !slices.Contains(list, s.workspace()) {
				return &ChatError{s.String(), "workspace " + s.workspace() + " is not authorized in account " + b.account.ID, s.channel().ByHand()}
			}
		}
	}
	return nil
}

// workspace is what a person authorizes: a Slack workspace, or TENANT/TEAM.
func (s Subscriber) workspace() string {
	part := strings.Split(s.Endpoint, "/")
	if channel.Form(s.Protocol) == channel.Slack {
		return part[0]
	}
	return part[2] + "/" + part[0]
}

// chatTarget plans the topic for custom notifications and its channels, and returns the
// target that publishes to it; false without a channel.
func (b *builder) chatTarget(s *step, c catalog.Control, region string) (account.WholeTarget, bool, error) {
	given := b.o
	chats := slices.DeleteFunc(slices.Clone(given.Subscribers), func(s Subscriber) bool { return !s.isChat() })
	if len(chats) == 0 {
		return account.WholeTarget{}, false, nil
	}
	b.o.TopicARN, b.o.TopicName, b.o.Subscribers = "", desired.ChatTopicName, nil
	arn, err := b.topic(s, c, region)
	b.o = given
	if err != nil {
		return account.WholeTarget{}, false, err
	}
	for _, chat := range chats {
		b.connect(s, c, region, chat, arn)
	}
	return desired.ChatRuleTarget(c, arn, b.account.Partition), true, nil
}

// connect plans the chat configuration that shows a topic in a channel, unless one does.
func (b *builder) connect(s *step, c catalog.Control, region string, sub Subscriber, topic string) {
	home := b.home(region)
	chat := b.o.names().Chat(sub.channel(), home)
	list, ok := b.account.Chats.Got()
	if !ok && !b.o.AssumeOurs {
		why, f := "the chat configurations are not in the snapshot", b.account.Chats.Failed()
		if f != nil {
			why = f.Operation + " failed: " + f.Code
		}
		s.conflicts = append(s.conflicts, b.unreadConflict(region, chat.ARN, chat.Name, why, "chat configuration "+chat.Name, f))
		return
	}
	if slices.ContainsFunc(list, func(x account.ChatConfiguration) bool {
		return x.ID == sub.Endpoint && x.State != "DISABLED" && slices.Contains(x.Topics, topic)
	}) {
		return
	}
	put := action.PutChat{Meta: b.meta(c, region, "Amazon Q Developer needs a chat configuration to show a topic in a channel"), Chat: chat, Topics: []string{topic}, Tags: b.o.tags()}
	if i := slices.IndexFunc(list, func(x account.ChatConfiguration) bool { return x.ARN == chat.ARN }); i >= 0 {
		switch owner := desired.OwnerByTags(list[i].Tags); {
		case !owner.Ours():
			s.conflicts = append(s.conflicts, b.conflict(region, chat.ARN, chat.Name, "a chat configuration of that name "+owner.Why, list[i].ID, "chat configuration "+chat.Name))
			return
		case list[i].State == "DISABLED":
			s.note(c.ID, "chat configuration %s is disabled: enable it in the console of Amazon Q Developer, or ask whoever administers the organization", chat.Name)
			return
		}
		put.Before = action.ChatState(list[i]).Chat
	} else {
		b.ownRole(s, action.CreateRole{
			Meta: b.meta(c, region, "a chat configuration needs a role; this one has no permissions"), Role: b.o.names().ChatRoleName(), ARN: chat.Role,
			Trust: desired.ChatRoleTrust(), Policy: desired.ChatRolePolicy(), Tags: b.o.tags(),
		}, func() bool { return true }, "another --name-prefix")
	}
	s.actions = append(s.actions, put)
}

// connectAll plans the channels that show a topic of alarms.
func (b *builder) connectAll(s *step, c catalog.Control, region, topic string) {
	if b.way == audit.RuleTransport {
		return // they get a topic of their own
	}
	for _, sub := range b.o.Subscribers {
		if sub.isChat() {
			b.connect(s, c, region, sub, topic)
		}
	}
}

// chats plans the removal of our chat configurations and their role. With a single
// transport they stay: the other one may need them.
func (d *destroyer) chats() {
	if d.o.Transport != "" && d.o.Transport != BothTransports || len(d.account.Regions) == 0 {
		return
	}
	d.region = d.roleRegion()
	if f := d.account.Chats.Failed(); f != nil {
		if f.Code == account.CodeEmulatorGap {
			return // where chat configurations are not known, there are none
		}
		d.leave(d.account.Roles[d.chatRole()] == nil, f.Operation+" failed: "+f.Code, "the chat configurations")
		return
	}
	stays := ""
	list, _ := d.account.Chats.Got()
	for _, x := range list {
		if !strings.HasPrefix(x.Name, d.o.names().ChatPrefix()) {
			continue
		}
		owner := desired.OwnerByTags(x.Tags)
		foreign := slices.DeleteFunc(slices.Clone(x.Topics), d.ownTopicARN)
		switch {
		case !owner.Ours():
			d.leave(true, "it "+owner.Why, "chat configuration %s", x.Name)
		case len(foreign) > 0:
			stays = "chat configuration " + x.Name + ", which stays, has it"
			d.leave(false, "it has topic "+foreign[0]+", which was not created by monitorctl", "chat configuration %s", x.Name)
		default:
			a := action.RestoreChat(d.meta("", ""), x.ARN, *action.ChatState(x), nil)
			del, _ := a.(action.DeleteChat)
			del.Why = "it has monitorctl's name and tag"
			d.actions = append(d.actions, del)
		}
	}
	d.role(d.o.names().ChatRoleName(), stays, true)
}

func (d *destroyer) chatRole() string {
	return d.o.names().ChatRoleARN(desired.Home{Partition: d.account.Partition, Account: d.account.ID})
}

// ownTopicARN reports whether an ARN is that of a topic of ours, by its name or its tag.
func (d *destroyer) ownTopicARN(arn string) bool {
	name := arn[strings.LastIndexByte(arn, ':')+1:]
	_, names := d.o.Topics()
	return slices.Contains(names, name) || name == desired.ChatTopicName || slices.ContainsFunc(d.account.Regions, func(r account.Region) bool {
		t := r.Topics[arn]
		return t != nil && desired.OwnerOf(t.Tags).Ours()
	})
}
