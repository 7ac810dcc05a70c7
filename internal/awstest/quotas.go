package awstest

import (
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/operation"
)

// quotas are the request rates per account and region that AWS allows.
type quotas struct {
	clock   func() time.Time
	buckets map[string]*bucket
}

// A bucket lets rate requests a second through, and a second's worth at once.
type bucket struct {
	tokens float64
	last   time.Time
}

// rates are requests per second of the operations that only tests call; the others
// are in the table of package operation. Sources: as there.
var rates = map[string]float64{
	"cloudwatch:PutCompositeAlarm":   3,
	"cloudwatch:EnableAlarmActions":  3,
	"cloudwatch:DisableAlarmActions": 3,
	"sns:ListSubscriptions":          30,
	"sns:TagResource":                10,
	"cloudtrail:ListTrails":          10,

	// undocumented: AWS publishes no rate of Organizations' lists. One after the other they
	// stay below this at any distance, side by side they do not.
	"organizations:ListAccounts":          20,
	"organizations:ListAccountsForParent": 20,
	"organizations:ListTagsForResource":   20,
}

// rateOf returns the requests per second that AWS allows; false where no figure is
// known.
func rateOf(name string) (float64, bool) {
	if o, ok := operation.Named(name); ok && o.PerSecond > 0 {
		return o.PerSecond, true
	}
	rate, ok := rates[name]
	return rate, ok
}

// EnforceQuotas makes the Cloud throttle callers that exceed AWS's request
// rates, by the given clock (time.Now for real time).
func (c *Cloud) EnforceQuotas(clock func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quotas = &quotas{clock: clock, buckets: map[string]*bucket{}}
}

func (c *Cloud) throttleByQuota(logged loggedCall, svc *service) error {
	if c.quotas == nil {
		return nil
	}
	call := logged.call()
	rate, ok := rateOf(call.Operation)
	if !ok || c.quotas.take(call.Account+"/"+call.Region+"/"+call.Operation, rate) {
		return nil
	}
	return svc.errors.err(throttled, "")
}

// take removes one token, false if there is none.
func (q *quotas) take(key string, rate float64) bool {
	now := q.clock()
	b := q.buckets[key]
	if b == nil {
		b = &bucket{tokens: rate, last: now}
		q.buckets[key] = b
	}
	b.tokens = min(rate, b.tokens+rate*now.Sub(b.last).Seconds())
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
