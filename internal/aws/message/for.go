package message

import (
	"encoding/json"
	"io"

	"github.com/monitorctl/monitorctl/internal/aws/transformer"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// For returns the text that a channel can read, behind a rule.
func For(f channel.Form, a About) transformer.Transformer {
	switch f {
	case channel.SMS:
		return SMS()
	case channel.Slack, channel.MSTeams:
		return Chat(a)
	case channel.PagerDuty:
		return PagerDuty(a)
	case channel.ServiceNow:
		return ServiceNow(a)
	case channel.Zendesk:
		return Zendesk(a)
	case channel.Webhook:
		return Webhook(a, channel.SlackChat)
	default:
		return Mail(a)
	}
}

// Sent is what the form gets of an event as EventBridge has it; lines that are JSON strings
// are unquoted, as mail and phones show them.
func Sent(f channel.Form, a About, event []byte) string {
	return transformer.Plain(For(f, a).Render(event, transformer.Rule{}))
}

// Write prints a transformer as PutTargets takes it (InputTransformer).
func Write(w io.Writer, t transformer.Transformer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		InputPathsMap map[string]string
		InputTemplate string
	}{t.Paths, t.Template})
}
