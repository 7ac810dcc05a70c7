package collect

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/operation"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestLimitersStayUnderQuota counts what a limiter lets through in any second,
// on a made-up clock: never more than the quota, and in the long run its share.
func TestLimitersStayUnderQuota(t *testing.T) {
	for _, o := range operation.All() {
		if o.PerSecond == 0 {
			continue
		}
		bucket, quota := o.Limit(), o.PerSecond
		l := newLimiter(quota, DefaultQuotaShare)
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		const seconds, step = 10, 5 * time.Millisecond
		var sent []time.Time
		for at := start; at.Before(start.Add(seconds * time.Second)); at = at.Add(step) {
			for l.AllowN(at, 1) {
				sent = append(sent, at)
			}
		}
		first := 0 // of the calls within a second of at
		for i, at := range sent {
			for at.Sub(sent[first]) >= time.Second {
				first++
			}
			if n := i - first + 1; float64(n) > quota {
				t.Errorf("%s: %d calls within the second before %s, quota is %g", bucket, n, at.Sub(start), quota)
				break
			}
		}
		if most := DefaultQuotaShare*quota*seconds + quota; float64(len(sent)) > most {
			t.Errorf("%s: %d calls in %d s, want at most %g", bucket, len(sent), seconds, most)
		}
		if least := DefaultQuotaShare * quota * seconds * 0.9; float64(len(sent)) < least {
			t.Errorf("%s: %d calls in %d s, want at least %g", bucket, len(sent), seconds, least)
		}
	}
}

func TestPacerKeys(t *testing.T) {
	p := newPacer(DefaultQuotaShare)
	base := p.limiter("1", "eu-central-1", "logs:PutMetricFilter")
	if base == nil || base != p.limiter("1", "eu-central-1", "logs:PutMetricFilter") {
		t.Error("one bucket must have one limiter")
	}
	for _, other := range [][3]string{
		{"2", "eu-central-1", "logs:PutMetricFilter"},
		{"1", "us-east-1", "logs:PutMetricFilter"},
		{"1", "eu-central-1", "logs:DescribeMetricFilters"},
	} {
		if p.limiter(other[0], other[1], other[2]) == base {
			t.Errorf("%v shares a limiter with another account, region or bucket", other)
		}
	}
	if p.limiter("1", "r", "cloudtrail:GetTrailStatus") != p.limiter("1", "r", "cloudtrail:DescribeTrails") {
		t.Error("CloudTrail's reads must share a bucket")
	}
	if p.limiter("1", "r", "sts:GetCallerIdentity") != nil {
		t.Error("an operation without known quota must not be held back")
	}
	if newPacer(0).limiter("1", "r", "logs:PutMetricFilter") != nil {
		t.Error("share 0 must switch pacing off")
	}
}

// The first calls of an audit never wait, and a wait ends with the context.
func TestPacerWait(t *testing.T) {
	p := newPacer(DefaultQuotaShare)
	ctx, cancel := context.WithCancel(context.Background())
	for _, op := range []string{"cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"} {
		if !p.limiter("1", "eu-central-1", op).Allow() {
			t.Errorf("%s would wait in a common audit", op)
		}
	}
	l := p.limiter("1", "eu-central-1", "cloudwatch:PutMetricAlarm")
	for l.Allow() {
	}
	cancel()
	if err := p.wait(ctx, "1", "eu-central-1", "cloudwatch:PutMetricAlarm"); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting with a cancelled context: got %v, want context canceled", err)
	}
}

// Calls of a session go through its pacer under the account's name, against AWS
// without being asked to.
func TestSessionPaces(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	s := l.session(Config{QuotaShare: DefaultQuotaShare})
	l.collectWith(s, Options{})
	reads, _ := operation.Named("cloudtrail:GetTrailStatus")
	for _, bucket := range []string{reads.Limit(), "logs:DescribeLogGroups", "logs:DescribeMetricFilters", "cloudwatch:DescribeAlarms", "sns:ListSubscriptionsByTopic"} {
		if s.pacer.limiters[acct+" "+homeRegion+" "+bucket] == nil {
			t.Errorf("calls of %s were not paced; paced were %v", bucket, slices.Sorted(maps.Keys(s.pacer.limiters)))
		}
	}
	if n := len(l.session(Config{}).pacer.limiters); n != 0 {
		t.Errorf("calls to an emulator are paced: %d buckets", n)
	}
	aws, err := Connect(context.Background(), Config{})
	l.must(err)
	if !aws.isAWS || aws.pacer.share != DefaultQuotaShare || aws.retries.Attempts != awsAttempts {
		t.Errorf("session with AWS: share %g, %d attempts", aws.pacer.share, aws.retries.Attempts)
	}
}
