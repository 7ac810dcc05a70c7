package subscribers

import (
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Since returns when someone was subscribed, by the records of a journal and the times at
// which they were begun.
func Since(records []change.Record[action.State], times []time.Time) map[Key]time.Time {
	since := map[Key]time.Time{}
	for i, r := range records {
		if r.After != nil && r.After.Subscription != nil && r.Result != change.Failed {
			since[Key{r.Object.Name, r.After.Subscription.Protocol, r.After.Subscription.Endpoint}] = times[i]
		}
	}
	return since
}
