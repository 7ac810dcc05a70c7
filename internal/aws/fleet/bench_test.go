package fleet

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// BenchmarkFleet audits so many covered members with every metric control of the catalog,
// 80 ms +- 30 % away and with quotas: MONITORCTL_FLEET=1000,10000 says how many. It is a
// benchmark and no test: only what does not depend on the clock is held elsewhere.
func BenchmarkFleet(b *testing.B) {
	sizes := os.Getenv("MONITORCTL_FLEET")
	if sizes == "" {
		sizes = "100"
	}
	for _, text := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) { benchmarkFleet(b, n) })
	}
}

func benchmarkFleet(b *testing.B, members int) {
	must := func(err error) {
		if err != nil {
			b.Helper()
			b.Fatal(err)
		}
	}
	cat, err := catalog.Decode(patterns.JSON)
	must(err)
	var controls []catalog.Control
	for _, c := range cat.Controls {
		if c.Type != catalog.State {
			controls = append(controls, c)
		}
	}
	cloud := awstest.New(awstest.Options{Start: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)})
	cloud.EnforceQuotas(time.Now)
	main := cloud.Account(management, awstest.AccountOptions{})
	log := cloud.Account(logs, awstest.AccountOptions{})
	all := []*awstest.Account{log}
	for i := range members {
		all = append(all, cloud.Account(fmt.Sprintf("3%011d", i), awstest.AccountOptions{}))
	}
	for _, a := range all {
		a.Role("audit", awstest.RoleOptions{})
	}
	cloud.NamedOrganization("o-fleet00001", main, all...)
	r := log.Region(home)
	must(r.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "ct"}))
	_, err = main.Region(home).CreateTrail(awstest.CreateTrailInput{Name: "org", S3BucketName: "b", IsMultiRegionTrail: true, IsOrganizationTrail: true,
		CloudWatchLogsLogGroupARN: "arn:aws:logs:" + home + ":" + logs + ":log-group:ct:*", CloudWatchLogsRoleARN: "arn:aws:iam::" + logs + ":role/ct"})
	must(err)
	must(main.Region(home).StartLogging("org"))
	topic, err := r.CreateTopic(awstest.CreateTopicInput{Name: "alerts"})
	must(err)
	_, err = r.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "sms", Endpoint: "+4915112345678"})
	must(err)
	one := 1.0
	for _, c := range controls {
		w := c.Writes(catalog.DefaultBenchmark)
		if w.Text == "" {
			continue
		}
		must(r.PutMetricFilter(awstest.PutMetricFilterInput{LogGroupName: "ct", FilterName: c.ID, FilterPattern: w.Text,
			MetricTransformations: []awstest.MetricTransformation{{MetricName: c.ID, MetricNamespace: "Fleet", MetricValue: "1"}}}))
		must(r.PutMetricAlarm(awstest.PutMetricAlarmInput{AlarmName: c.ID, AlarmActions: []string{topic}, MetricName: c.ID, Namespace: "Fleet", Statistic: "Sum",
			Period: 300, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching"}))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Duration(float64(80*time.Millisecond) * (0.7 + 0.6*rand.Float64())))
		cloud.ServeHTTP(w, r)
	}))
	defer server.Close()
	id, secret := main.Credentials()
	ctx := context.Background()
	for b.Loop() {
		cloud.ResetCalls()
		runtime.GC()
		peak, stop := watchHeap()
		cpu := processor()
		s, err := collect.Connect(ctx, collect.Config{EndpointURL: server.URL, Protocol: collect.CBOR, Keys: &collect.Keys{ID: id, Secret: secret}, QuotaShare: collect.DefaultQuotaShare})
		must(err)
		f, err := New(ctx, s, s, collect.DefaultConnections, Options{
			Controls: controls, Role: "audit", Parallel: DefaultParallel, Salt: "00", Now: time.Now,
			Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: cloud.Now()},
		}, nil)
		must(err)
		must(f.ReadWorld(ctx))
		listing := time.Now()
		var counted counter
		must(f.Run(ctx, f.Directory().Accounts(ctx), &counted))
		b.ReportMetric(time.Since(listing).Seconds(), "members-s")
		f.Close()
		stop()
		b.ReportMetric((processor() - cpu).Seconds(), "cpu-s") // the emulator's, too
		b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MB-above")
		calls := cloud.Calls()
		b.ReportMetric(float64(len(calls)), "calls")
		failed := 0
		for _, c := range calls {
			if c.Error != "" {
				failed++
			}
		}
		b.ReportMetric(float64(failed), "failed")
		b.ReportMetric(float64(counted.suffices)/float64(counted.all), "judged-by-glance")
		b.ReportMetric(float64(cloud.CallCounts()["organizations:ListAccounts"]), "pages")
	}
}

// A counter counts outcomes and forgets them.
type counter struct{ all, suffices int }

func (c *counter) Put(o Outcome) error {
	c.all++
	if o.Basis == Covered {
		c.suffices++
	}
	_, err := fmt.Fprint(io.Discard, o.Target.ID)
	return err
}

// processor is the time that the process has had of all processors.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
