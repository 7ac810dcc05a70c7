package finding

import (
	"fmt"
	"time"
)

// A Declared says whom a machine reaches that reads messages: a function, a queue, a
// stream or an API destination, by its ARN. Nobody can check that; so it has a reason and
// an end.
type Declared struct {
	Endpoint string // ARN
	Reaches  string // who gets the message in the end
	Reason   string
	Owner    string    // who answers for it; may be ""
	Checked  time.Time // the day on which someone tried it; zero when that is not said
	Expires  time.Time // the last day on which it holds, at 00:00 UTC
}

// Expired reports whether the last day of d is over.
func (d *Declared) Expired(now time.Time) bool { return !now.Before(d.Expires.AddDate(0, 0, 1)) }

// String returns "reaches #sec on Slack, as declared until 2027-05-01 (platform): reason".
func (d *Declared) String() string {
	a := Acceptance{Reason: d.Reason, Owner: d.Owner, Expires: d.Expires}
	checked := ""
	if !d.Checked.IsZero() {
		checked = "checked on " + d.Checked.Format(time.DateOnly) + ", "
	}
	return fmt.Sprintf("reaches %s, as declared: %s%s", d.Reaches, checked, a.String())
}
