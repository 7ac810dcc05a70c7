package awstest

import "time"

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

// rates are requests per second.
// Sources: "CloudWatch Logs quotas", "Amazon CloudWatch endpoints and quotas",
// SNS API reference, "Quotas in AWS CloudTrail".
var rates = map[string]float64{
	"logs:PutMetricFilter":            5,
	"logs:DeleteMetricFilter":         5,
	"logs:DescribeMetricFilters":      5,
	"logs:TestMetricFilter":           5,
	"logs:GetTransformer":             5,
	"logs:DescribeLogGroups":          10,
	"logs:CreateLogGroup":             10,
	"cloudwatch:PutMetricAlarm":       3,
	"cloudwatch:PutCompositeAlarm":    3,
	"cloudwatch:SetAlarmState":        3,
	"cloudwatch:EnableAlarmActions":   3,
	"cloudwatch:DisableAlarmActions":  3,
	"cloudwatch:DescribeAlarms":       9,
	"cloudwatch:DescribeAlarmHistory": 20,
	"cloudwatch:GetMetricData":        50,
	"cloudwatch:TagResource":          20,
	"cloudwatch:ListTagsForResource":  10,
	"sns:Subscribe":                   100,
	"sns:Unsubscribe":                 100,
	"sns:ListSubscriptions":           30,
	"sns:ListSubscriptionsByTopic":    30,
	"sns:TagResource":                 10,
	"sns:ListTagsForResource":         10,
	"cloudtrail:DescribeTrails":       10,
	"cloudtrail:GetTrail":             10,
	"cloudtrail:GetTrailStatus":       10,
	"cloudtrail:GetEventSelectors":    10,
	"cloudtrail:ListTrails":           10,
	"cloudtrail:ListTags":             10,
	"cloudtrail:CreateTrail":          1,
	"cloudtrail:UpdateTrail":          1,
	"cloudtrail:PutEventSelectors":    1,
	"cloudtrail:StartLogging":         1,
	"cloudtrail:StopLogging":          1,
	"cloudtrail:DeleteTrail":          1,
	"logs:PutRetentionPolicy":         10,
	"sts:AssumeRole":                  600, // as third parties say
	"organizations:ListAccounts":      20,  // no figure is published
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
	rate, ok := rates[call.Operation]
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
