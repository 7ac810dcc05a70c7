package collect

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// DefaultQuotaShare is the part of AWS's quotas that monitorctl uses against
// AWS. The rest stays with whatever else runs in the account: quotas are per
// account and region and shared.
const DefaultQuotaShare = 0.6

// quotas are AWS's limits in calls per second, per account and region. Sources:
// "CloudWatch Logs quotas", "Amazon CloudWatch endpoints and quotas", the
// Amazon SNS API reference, "Quotas in AWS CloudTrail".
var quotas = map[string]float64{
	"logs:PutMetricFilter":       5,
	"logs:DeleteMetricFilter":    5,
	"logs:DescribeMetricFilters": 5,
	"logs:TestMetricFilter":      5,
	"logs:GetTransformer":        5,
	"logs:DescribeLogGroups":     10,

	"cloudwatch:PutMetricAlarm":       3,
	"cloudwatch:DescribeAlarms":       9,
	"cloudwatch:DescribeAlarmHistory": 20,
	"cloudwatch:DeleteAlarms":         3, // no figure at hand; held to that of PutMetricAlarm
	"cloudwatch:TagResource":          20,
	"cloudwatch:UntagResource":        20,
	"cloudwatch:ListTagsForResource":  10,

	"sns:Subscribe":                 100,
	"sns:Unsubscribe":               100,
	"sns:ListSubscriptionsByTopic":  30,
	"sns:GetTopicAttributes":        30, // no figure is published; held to that of the lists
	"sns:GetSubscriptionAttributes": 30,
	"sns:ListTagsForResource":       10,
	"sns:TagResource":               10,

	cloudTrailReads:  10,
	cloudTrailWrites: 1,

	// Third parties say 600. For Organizations no figure is published; one list is read
	// at a time, so that the way there and back is the pace.
	"sts:AssumeRole": 600,

	// No figure is published for reads; about 50 a second are said to pass.
	"events:ListRules":         20,
	"events:ListTargetsByRule": 20,

	// Nor for writes: the user guide's advice is to stay far below that.
	"events:PutRule":       8,
	"events:PutTargets":    8,
	"events:RemoveTargets": 8,
	"events:DeleteRule":    8,
}

// cloudTrailReads is the bucket that CloudTrail's Get, Describe and List calls
// share.
const cloudTrailReads = "cloudtrail:reads"

// cloudTrailWrites is the bucket of all its other calls.
const cloudTrailWrites = "cloudtrail:writes"

var buckets = map[string]string{
	"cloudtrail:DescribeTrails":    cloudTrailReads,
	"cloudtrail:GetTrailStatus":    cloudTrailReads,
	"cloudtrail:GetEventSelectors": cloudTrailReads,
	"cloudtrail:GetTrail":          cloudTrailReads,
	"cloudtrail:ListTags":          cloudTrailReads,
	"cloudtrail:CreateTrail":       cloudTrailWrites,
	"cloudtrail:UpdateTrail":       cloudTrailWrites,
	"cloudtrail:PutEventSelectors": cloudTrailWrites,
	"cloudtrail:StartLogging":      cloudTrailWrites,
	"cloudtrail:StopLogging":       cloudTrailWrites,
	"cloudtrail:DeleteTrail":       cloudTrailWrites,
}

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
func (p *pacer) limiter(account, region, operation string) *rate.Limiter {
	bucket := operation
	if b, ok := buckets[operation]; ok {
		bucket = b
	}
	quota, ok := quotas[bucket]
	if !ok || p.share <= 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := account + " " + region + " " + bucket
	l := p.limiters[key]
	if l == nil {
		l = newLimiter(quota, p.share)
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
