package desired

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/message"
	"github.com/monitorctl/monitorctl/internal/aws/transformer"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// Message is what subscribers get of an event by a rule of the control, in a partition:
// who did what, where, from where, when, by what tool, and whether it succeeded.
func Message(c catalog.Control, partition string) *account.Transformed {
	t := message.Mail(message.About{Control: c.ID, Title: c.Title, Severity: c.Severity.String(), Partition: partition})
	return &account.Transformed{Paths: t.Paths, Template: t.Template}
}

// PhoneMessage is Message for a topic to which only phones subscribe: a short line.
func PhoneMessage() *account.Transformed {
	t := message.SMS()
	return &account.Transformed{Paths: t.Paths, Template: t.Template}
}

// ShippedMessage reports whether a target sends what this version or an earlier one writes
// for a rule of the control, as patterns that some version shipped are known of filters.
func ShippedMessage(c catalog.Control, partition string, have account.Target) bool {
	word, _, _ := strings.Cut(have.ID, "-")
	form := channel.Form(word) // of an API destination
	if _, topic := TopicTargetNumber(have.ID); topic {
		form = channel.Email
	} else if have.ID == ChatTarget {
		form = channel.Slack
	}
	earlier := message.Earlier(form, message.About{Control: c.ID, Title: c.Title, Severity: c.Severity.String(), Partition: partition})
	if form == channel.Email {
		for _, t := range []*account.Transformed{Message(c, partition), PhoneMessage()} {
			earlier = append(earlier, transformer.Transformer{Paths: t.Paths, Template: t.Template})
		}
	}
	return slices.ContainsFunc(earlier, func(t transformer.Transformer) bool {
		old := account.WholeTarget{ID: have.ID, ARN: have.ARN, RoleARN: have.RoleARN, Transformer: &account.Transformed{Paths: t.Paths, Template: t.Template}}
		return have.Message.Digest == old.Target().Message.Digest
	})
}
