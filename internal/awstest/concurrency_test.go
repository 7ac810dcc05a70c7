package awstest_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestConcurrency uses a cloud from several goroutines at once; the race
// detector looks on. No write may be lost.
func TestConcurrency(t *testing.T) {
	c := newChain(t, awstest.Options{PageSize: 2})
	logs, alarms := c.logs(), c.cloudwatch()
	const writers, writes = 4, 8
	failed := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range writes {
				in := putFilter(fmt.Sprintf("f%d-%d", w, i))
				in.LogGroupName = aws.String(group)
				if _, err := logs.PutMetricFilter(ctx, in); err != nil {
					failed[w] = err
				}
				if _, err := alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}); err != nil {
					failed[w] = err
				}
				if _, err := c.cloud.Emit(acctID, home, c.home.Event("ec2.amazonaws.com", "DeleteSecurityGroup", nil)); err != nil {
					failed[w] = err
				}
				c.cloud.Advance(time.Minute)
				c.cloud.Story()
				c.cloud.Inboxes()
			}
		})
	}
	wg.Wait()
	for _, err := range failed {
		must(t, err)
	}
	n := 0
	for p := cloudwatchlogs.NewDescribeMetricFiltersPaginator(logs, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String(group)}); p.HasMorePages(); {
		n += len(get(p.NextPage(ctx))(t).MetricFilters)
	}
	if n != writers*writes+1 {
		t.Errorf("got %d filters, want %d", n, writers*writes+1)
	}
	if got := c.cloud.Now(); !got.Equal(start.Add(writers * writes * time.Minute)) {
		t.Errorf("the clock stands at %s", got)
	}
	if len(c.cloud.Inbox(reader)) == 0 {
		t.Error("nobody was alerted")
	}
}
