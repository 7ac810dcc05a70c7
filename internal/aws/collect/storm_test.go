package collect

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"golang.org/x/sync/errgroup"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// direct hands requests to a Cloud without a network, so that nothing but the
// clock is ever waited for, and that can be a made-up one.
type direct struct{ cloud *awstest.Cloud }

func (d direct) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.cloud.ServeHTTP(w, r)
	reply := w.Result()
	reply.Request = r
	return reply, r.Context().Err()
}

// stormLab is an account that takes some hundred calls to read: many topics, and
// short pages.
func stormLab(t *testing.T) *lab {
	t.Helper()
	l := newLab(t, awstest.Options{PageSize: 2})
	_, err := l.home.Trail("org", groupName)
	l.must(err)
	for i := range 60 {
		name := fmt.Sprintf("%02d", i)
		topic := l.topic(l.home, "t"+name, confirmed)
		l.filter(l.home, groupName, "F"+name, "M"+name)
		l.alarm(l.home, "A"+name, "M"+name, topic)
	}
	return l
}

// storm reads the account and then writes to it what apply would, with no more
// than AWS's quotas when limited. It returns the requests that the account
// received, those that were lost in the end, and how long it took, on the
// bubble's clock.
func storm(t *testing.T, share float64, limited bool) (requests, lost int, took time.Duration) {
	t.Helper()
	l := stormLab(t)
	synctest.Test(t, func(t *testing.T) {
		if limited {
			l.cloud.EnforceQuotas(time.Now)
		}
		s := l.session(Config{QuotaShare: share, Retries: Retries{Attempts: awsAttempts, MaxBackoff: 20 * time.Second}})
		s.cfg.HTTPClient = direct{l.cloud}
		started := time.Now()
		snap := l.collectWith(s, Options{})
		lost = len(failures(t, snap)) + 60 - len(snap.Accounts[0].Region(homeRegion).Topics) + writeStorm(s)
		requests, took = len(l.cloud.Calls()), time.Since(started)
	})
	return requests, lost, took
}

// writeStorm writes filters and alarms as fast as it can. It returns how many
// writes failed.
func writeStorm(s *Session) int {
	ctx := context.Background()
	var g errgroup.Group
	var failed atomic.Int32
	count := func(err error) error {
		if err != nil {
			failed.Add(1)
		}
		return nil
	}
	for i := range 30 {
		name := aws.String(fmt.Sprintf("W%02d", i))
		g.Go(func() error {
			_, err := s.Logs(homeRegion).PutMetricFilter(ctx, &cloudwatchlogs.PutMetricFilterInput{
				LogGroupName: aws.String(groupName), FilterName: name, FilterPattern: aws.String("{ $.eventName = CreateVpc }"),
				MetricTransformations: []logtypes.MetricTransformation{{MetricName: name, MetricNamespace: aws.String(namespace), MetricValue: aws.String("1")}},
			})
			return count(err)
		})
		g.Go(func() error {
			_, err := s.CloudWatch(homeRegion).PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
				AlarmName: name, Namespace: aws.String(namespace), MetricName: name, Statistic: types.StatisticSum, Period: aws.Int32(300),
				EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: types.ComparisonOperatorGreaterThanOrEqualToThreshold,
			})
			return count(err)
		})
	}
	_ = g.Wait() // nothing is returned but nil
	return int(failed.Load())
}

// TestThrottlingStorm: against an account that throttles at AWS's quotas nothing
// is lost, and at most 5 % more calls are made than there are answers wanted.
// Without pacing it would be another story.
func TestThrottlingStorm(t *testing.T) {
	wanted, lost, _ := storm(t, 0, false)
	if wanted < 200 || lost > 0 {
		t.Fatalf("undisturbed: %d calls, %d lost", wanted, lost)
	}
	requests, lost, took := storm(t, DefaultQuotaShare, true)
	if requests*100 > wanted*105 || lost > 0 {
		t.Errorf("%d calls were made where %d would do, and %d lost", requests, wanted, lost)
	}
	if took > time.Minute {
		t.Errorf("it took %s, for 60 pages and 60 writes", took)
	}
	if unpaced, _, _ := storm(t, 0, true); unpaced*100 < wanted*125 {
		t.Errorf("without pacing %d calls were made where %d would do: this is no storm", unpaced, wanted)
	}
}
