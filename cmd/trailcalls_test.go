package cmd

import (
	"sync"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestTrailCalls measures a bootstrap for the whole benchmark at AWS's quotas, on a clock
// that each request moves on by 80 ms: as if one was made after the other. The figures are
// in docs/performance.md.
func TestTrailCalls(t *testing.T) {
	l := newEmptyLab(t, awstest.Options{Propagation: 10 * time.Second})
	acct := l.cloud.Account(demoAccount, awstest.AccountOptions{})
	for _, name := range []string{"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-2", "us-west-1", "us-west-2"} {
		acct.Region(name)
	}
	l.env.run.Embedded.Retries = collect.Retries{Attempts: 60, MaxBackoff: time.Nanosecond}
	begin := l.cloud.Now()
	var mu sync.Mutex
	var spent time.Duration // in requests; pauses are on the account's own clock
	l.cloud.EnforceQuotas(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		spent += 80 * time.Millisecond
		return begin.Add(spent)
	})
	l.want(exit.Done, "apply", "--set", "cis", "--create-trail", "--home-region", demoRegion, "--subscribe", "sms:+4915112345678", "--yes", "--quiet")
	reads, writes, throttled, attempts := 0, 0, 0, 0
	for _, c := range l.cloud.Calls() {
		switch {
		case c.Error == "ThrottlingException" || c.Error == "Throttling":
			throttled++
		case c.Operation == "cloudtrail:CreateTrail" && c.Error != "":
			attempts++
		case c.Read:
			reads++
		default:
			writes++
		}
	}
	waited := l.cloud.Now().Sub(begin)
	t.Logf("%d reads, %d writes, %d attempts of CreateTrail that were too early, %s of requests (%d of them throttled), %s of waiting", reads, writes, attempts, spent, throttled, waited)
	if writes < 40 || writes > 45 || reads > 450 || attempts != 2 || spent > time.Minute || waited > 7*time.Minute {
		t.Errorf("%d reads, %d writes, %d early attempts, %s of requests, %s of waiting", reads, writes, attempts, spent, waited)
	}
}
