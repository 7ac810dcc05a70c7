package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// A RealDrill is what came of a change that was made so that someone is alerted.
type RealDrill struct {
	At       time.Time // of the change
	Account  finding.AccountRef
	Resource string // id of what was created and deleted again

	Arrived bool          // someone says that the message came
	Waited  time.Duration // until that was said, or nobody waited longer
}

// RealDrillText writes a real drill for a person.
func RealDrillText(w io.Writer, d RealDrill, o Options) error {
	var b strings.Builder
	paragraph(&b, "", "  ", accountTitle(d.Account), o.Width)
	paragraph(&b, "", "  ", Sanitize("Network security group "+nameOf(d.Resource)+" was created and deleted again at "+timeOf(d.At)+"."), o.Width)
	text := fmt.Sprintf("The message has arrived, after %s.", d.Waited)
	if !d.Arrived {
		text = fmt.Sprintf("No message has arrived within %s: 'monitorctl explain nsg-changes --subscription %s' shows where the chain may be broken.", d.Waited, d.Account.ID)
	}
	paragraph(&b, "", "", Sanitize(text), o.Width)
	_, err := io.WriteString(w, b.String())
	return err
}

// RealDrillJSON writes a real drill for programs.
func RealDrillJSON(w io.Writer, d RealDrill, o Options) error {
	out := jsonDrill{
		Schema: DrillSchema, Tool: toolOf(o), At: timeOf(d.At), Cloud: string(d.Account.Cloud), Account: d.Account.ID,
		Messages: []jsonDrillMessage{}, Failed: []jsonDrillFailure{},
		Real: &jsonRealDrill{d.Resource, d.Arrived, int(d.Waited.Seconds())},
	}
	return encodeJSON(w, out)
}
