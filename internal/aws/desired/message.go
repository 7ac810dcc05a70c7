package desired

import (
	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/message"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Message is what subscribers get of an event by a rule of the control, in a partition:
// who did what, where, from where, when, by what tool, and whether it succeeded.
func Message(c catalog.Control, partition string) *account.Transformed {
	t := message.Mail(message.About{Control: c.ID, Title: c.Title, Severity: c.Severity.String(), Partition: partition})
	return &account.Transformed{Paths: t.Paths, Template: t.Template}
}
