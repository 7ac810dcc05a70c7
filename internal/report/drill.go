package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// DrillSchema is the value of "schema" in JSON drills; the promise of AuditSchema holds
// for it too.
const DrillSchema = "monitorctl/drill/v1"

// A Drill is what came of test messages.
type Drill struct {
	At       time.Time
	Account  finding.AccountRef
	Group    string // id of the action group
	Messages []DrillMessage
	Failed   string // why not everything was sent; "" when it was
}

// A DrillMessage is what came of one receiver's test message.
type DrillMessage struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Sent   bool   `json:"sent"` // delivered, as the cloud says
	Detail string `json:"detail"`
}

// drillText writes a drill for a person.
func drillText(w io.Writer, d Drill, o Options) error {
	var b strings.Builder
	paragraph(&b, "", "  ", accountTitle(d.Account), o.Width)
	if d.Group == "" {
		paragraph(&b, "", "  ", Sanitize("Nothing was sent: "+d.Failed), o.Width)
		_, err := io.WriteString(w, b.String())
		return err
	}
	paragraph(&b, "", "  ", Sanitize("Action group "+nameOf(d.Group)+": "+d.Group), o.Width)
	b.WriteByte('\n')
	g := &grid{head: []string{"RECEIVER", "KIND", "RESULT"}, notesHead: "DETAIL", width: o.Width}
	sent := 0
	for _, m := range d.Messages {
		result := "not sent"
		if m.Sent {
			result = "sent"
			sent++
		}
		row := gridRow{cells: []string{Sanitize(m.Name), Sanitize(m.Kind), result}}
		if m.Detail != "" {
			row.notes = []string{Sanitize(m.Detail)}
		}
		g.rows = append(g.rows, row)
	}
	if err := g.write(&b); err != nil {
		return err
	}
	b.WriteByte('\n')
	text := fmt.Sprintf("%d of %s sent, according to Azure; only the recipients can say whether it arrived. A test does not show that an alert rule fires: 'monitorctl audit' does.", sent, plural(len(d.Messages), "test message"))
	paragraph(&b, "", "", text, o.Width)
	_, err := io.WriteString(w, b.String())
	return err
}
