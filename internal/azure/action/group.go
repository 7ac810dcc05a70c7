package action

import (
	"encoding/json"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// GroupSettings are the settings of an action group, as a plan shows them: of a masked
// answer, so that nothing secret is among them.
func GroupSettings(raw json.RawMessage) []change.Setting {
	g := subscription.ReadActionGroup(identified(IDOf(raw), raw))
	var receivers []string
	for _, r := range g.Receivers {
		receivers = append(receivers, receiverText(r))
	}
	return []change.Setting{
		{Name: "receivers", Value: strings.Join(receivers, ", ")},
		{Name: "short name", Value: g.ShortName},
		{Name: "enabled", Value: word(g.Enabled)},
		{Name: "location", Value: g.Location},
		{Name: "tags", Value: pairs(g.Tags)},
	}
}

// receiverText names a receiver of a masked answer.
func receiverText(r subscription.Receiver) string {
	text := string(r.Kind) + " " + r.Name
	if r.Address != "" && r.Address != r.Name {
		text += " (" + r.Address + ")"
	}
	return text
}
