package collect

import (
	"context"
	"sync"

	"github.com/monitorctl/monitorctl/internal/aws/operation"
	"golang.org/x/time/rate"
)

// DefaultQuotaShare is the part of AWS's quotas that monitorctl uses against
// AWS. The rest stays with whatever else runs in the account: quotas are per
// account and region and shared.
const DefaultQuotaShare = 0.6

// A pacer holds calls back so that they stay under a share of AWS's quotas.
// Sessions on the same account must share one.
type pacer struct {
	share float64 // 0: no pacing

	mu       sync.Mutex
	limiters map[string]*rate.Limiter // by account, region and bucket
}

func newPacer(share float64) *pacer {
	return &pacer{share: share, limiters: map[string]*rate.Limiter{}}
}

// wait blocks until a call of the operation may be sent, or ctx ends.
func (p *pacer) wait(ctx context.Context, account, region, operation string) error {
	l := p.limiter(account, region, operation)
	if l == nil {
		return nil
	}
	return l.Wait(ctx)
}

// limiter returns the limiter of an operation's bucket; nil when the operation
// has no known quota.
func (p *pacer) limiter(account, region, name string) *rate.Limiter {
	o, ok := operation.Named(name)
	if !ok || o.PerSecond <= 0 || p.share <= 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := account + " " + region + " " + o.Limit()
	l := p.limiters[key]
	if l == nil {
		l = newLimiter(o.PerSecond, p.share)
		p.limiters[key] = l
	}
	return l
}

// newLimiter lets calls through at share x quota per second. What the share
// leaves of the quota is the burst, so no second has more than quota calls and
// the first ones never wait.
func newLimiter(quota, share float64) *rate.Limiter {
	perSecond := quota * share
	burst := max(1, int(quota-perSecond))
	return rate.NewLimiter(rate.Limit(perSecond), burst)
}
