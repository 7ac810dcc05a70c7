package run

import (
	"time"

	"github.com/monitorctl/monitorctl/internal/config"
)

// excuse notes which accounts may be unreadable by the configuration. Entries that hold no
// longer, or are about an account that could be read, are said once.
func (r *Runner) excuse(f *FleetRun, list []config.Unreadable, now time.Time) {
	unreadable := map[string]bool{}
	for _, a := range f.Report.Accounts {
		unreadable[a.ID] = a.Unreadable != ""
	}
	f.excused = map[string]bool{}
	for _, u := range list {
		failed, listed := unreadable[u.Account]
		switch {
		case failed && u.Holds(now):
			f.excused[u.Account] = true
		case failed:
			r.Console.Say("monitorctl: note: account %s counts as unreadable again: its entry in the configuration held until %s", u.Account, u.Expires.Format(time.DateOnly))
		case listed:
			r.Console.Say("monitorctl: note: account %s is listed as unreadable in the configuration, but could be read: the entry can be removed", u.Account)
		}
	}
}
