package audit

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// An alarm that watches for several accounts is busy when it was in ALARM for more than a
// tenth of the last day: its actions run when it changes state, so that what a second
// account does in that time alerts nobody.
const (
	busyDay  = 24 * time.Hour
	busyMost = busyDay / 10
)

// busyMetric warns of a metric alarm that watches a filter's metric for several accounts.
func (c *controlJudge) busyMetric(w *watch, f *filter) chain.Verdict {
	if !c.shared(w, f) {
		return chain.Fine()
	}
	return c.busy(w.notify, w.alarm.State)
}

// shared reports whether an alarm watches for several accounts: by a filter on the log
// group of an organization's trail, or by queries.
func (j *judge) shared(w *watch, f *filter) bool {
	return len(w.alarm.Accounts(w.site.account.ID)) > 1 || slices.ContainsFunc(j.trails, func(t *trail) bool {
		return t.Organization && t.group != nil && t.group.site == f.site && t.group.name == f.LogGroup
	})
}

// busy judges how long an alarm that watches for several accounts was in ALARM within the
// last day. That this was not read says nothing; that it could not be is a note.
func (j *judge) busy(n *notifier, state string) chain.Verdict {
	v := chain.Fine()
	read := n.site.read().StateHistory
	if f := read.Failed(); f != nil {
		return v.With(j.evidenceMissing(finding.LinkAlarm, n.arn, "how long alarm "+n.name+" was in ALARM", f))
	}
	h, ok := read.Got()
	if !ok {
		return v
	}
	end := n.site.account.ReadAt
	if end.IsZero() {
		end = j.now
	}
	switch took := timeInAlarm(h, n.name, state, end); {
	case took > busyMost:
		return v.With(finding.Reason{Code: CodeAlarmSharedBusy, Status: finding.Warn, Link: finding.LinkAlarm, Resource: n.arn,
			Message: fmt.Sprintf("alarm %s serves several accounts and was in ALARM for %s of the last 24 hours: more events in that time alert nobody", shown(n.name), hours(took))})
	case h.Truncated:
		return v.With(j.missing(finding.LinkAlarm, n.arn, "how long alarm "+n.name+" was in ALARM is not known: its history was not read that far back"))
	}
	return v
}

// hours writes a duration as "2 h 30 min".
func hours(d time.Duration) string {
	m := int(d.Round(time.Minute).Minutes())
	return fmt.Sprintf("%d h %d min", m/60, m%60)
}

// timeInAlarm returns how long an alarm was in ALARM in the day before end, given its
// state then. Of a history that was cut off only what was read counts.
func timeInAlarm(h account.StateHistory, name, state string, end time.Time) time.Duration {
	at, took := end.Add(-busyDay), time.Duration(0)
	if h.Truncated {
		at = end
		for _, c := range h.Changes {
			if c.At.Before(at) {
				at = c.At
			}
		}
	}
	last := ""
	for _, c := range h.Changes {
		if c.Alarm != name || c.At.After(end) {
			continue
		}
		if c.At.After(at) {
			if c.From == alarm.InAlarm {
				took += c.At.Sub(at)
			}
			at = c.At
		}
		last = c.To
	}
	if cmp.Or(last, state) == alarm.InAlarm {
		took += end.Sub(at)
	}
	return took
}
