package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// BenchmarkFleet audits so many covered members with every metric control of the catalog,
// 80 ms +- 30 % away and with quotas: MONITORCTL_FLEET=1000,10000 says how many. Audit and
// accounts are two processes, and what is measured is the audit's. "everywhere" asks each
// member for its regions and for the trails in all of them, as --thorough does. It is a
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
		b.Run(text, func(b *testing.B) { benchmarkFleet(b, n, false) })
		b.Run(text+"/everywhere", func(b *testing.B) { benchmarkFleet(b, n, true) })
	}
}

// benchMust returns what ends a benchmark on an error.
func benchMust(b *testing.B) func(error) {
	return func(err error) {
		if err != nil {
			b.Helper()
			b.Fatal(err)
		}
	}
}

func benchmarkFleet(b *testing.B, members int, everywhere bool) {
	must := benchMust(b)
	cloud, main := benchCloud(b, members)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Duration(float64(80*time.Millisecond) * (0.7 + 0.6*rand.Float64())))
		cloud.ServeHTTP(w, r)
	}))
	defer server.Close()
	id, secret := main.Credentials()
	order, err := json.Marshal(benchOrder{server.URL, id, secret, cloud.Now(), everywhere})
	must(err)
	for b.Loop() {
		cloud.ResetCalls()
		child := exec.Command(os.Args[0], "-test.run", "^TestFleetChild$", "-test.v")
		child.Env = append(os.Environ(), benchChild+"="+string(order))
		out, err := child.CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		_, line, _ := strings.Cut(string(out), benchChild+" ")
		var told benchReport
		must(json.NewDecoder(strings.NewReader(line)).Decode(&told))
		b.ReportMetric(told.Members, "members-s")
		b.ReportMetric((child.ProcessState.UserTime() + child.ProcessState.SystemTime()).Seconds(), "cpu-s")
		b.ReportMetric(float64(told.Peak)/(1<<10), "peak-MB")
		b.ReportMetric(float64(told.Covered)/float64(told.All), "judged-by-glance")
		calls := cloud.Calls()
		b.ReportMetric(float64(len(calls)), "calls")
		failed := 0
		for _, c := range calls {
			if c.Error != "" {
				failed++
			}
		}
		b.ReportMetric(float64(failed), "failed") // throttled among them
		b.ReportMetric(float64(cloud.CallCounts()["organizations:ListAccounts"]), "pages")
	}
}

// benchControls are the controls that look at events.
func benchControls() ([]catalog.Control, error) {
	cat, err := catalog.Decode(patterns.JSON)
	if err != nil {
		return nil, err
	}
	var controls []catalog.Control
	for _, c := range cat.Controls {
		if c.Type != catalog.State {
			controls = append(controls, c)
		}
	}
	return controls, nil
}

// benchCloud is an organization with a trail, and a chain for every control behind it.
func benchCloud(b *testing.B, members int) (*awstest.Cloud, *awstest.Account) {
	must := benchMust(b)
	controls, err := benchControls()
	must(err)
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
	return cloud, main
}

// benchChild is the variable that tells a process of this test to audit, and what.
const benchChild = "FLEET_BENCH_AUDIT"

// A benchOrder is what a process is to audit.
type benchOrder struct {
	URL, ID, Secret string
	Now             time.Time
	Everywhere      bool
}

// A benchReport is what it says of it.
type benchReport struct {
	Members      float64 // seconds for everything after the world
	Peak         int     // KB of resident memory
	All, Covered int
}

// TestFleetChild is the audit of BenchmarkFleet, apart from the accounts that it reads.
func TestFleetChild(t *testing.T) {
	text := os.Getenv(benchChild)
	if text == "" {
		t.Skip("only for BenchmarkFleet, which runs it in a process of its own to measure memory")
	}
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	var order benchOrder
	must(json.Unmarshal([]byte(text), &order))
	controls, err := benchControls()
	must(err)
	ctx := context.Background()
	s, err := collect.Connect(ctx, collect.Config{EndpointURL: order.URL, Protocol: collect.CBOR, Keys: &collect.Keys{ID: order.ID, Secret: order.Secret}, QuotaShare: collect.DefaultQuotaShare})
	must(err)
	f, err := New(ctx, s, s, collect.DefaultConnections, Options{
		Controls: controls, Role: "audit", Parallel: DefaultParallel, Salt: "00", Now: time.Now, Thorough: order.Everywhere, NoRules: order.Everywhere,
		Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: order.Now},
	}, nil)
	must(err)
	must(f.ReadWorld(ctx))
	listing := time.Now()
	var counted counter
	must(f.Run(ctx, f.Directory().Accounts(ctx), &counted))
	told := benchReport{Members: time.Since(listing).Seconds(), All: counted.all, Covered: counted.covered}
	f.Close()
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		_, err = fmt.Sscan(rest, &told.Peak)
		must(err)
	}
	data, err := json.Marshal(told)
	must(err)
	fmt.Println(benchChild, string(data))
}

// A counter counts outcomes and forgets them.
type counter struct{ all, covered int }

func (c *counter) Put(o Outcome) error {
	c.all++
	if o.Basis == Covered {
		c.covered++
	}
	_, err := fmt.Fprint(io.Discard, o.Target.ID)
	return err
}
