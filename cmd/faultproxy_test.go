package cmd

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/awstest/faultproxy"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// wholeMatrix is the environment variable that runs the expensive damages on
// every operation, and every damage once as well as for good.
const wholeMatrix = "MONITORCTL_TEST_FAULT_MATRIX"

// behind puts a fault proxy in front of the account of a lab.
func behind(l *cmdLab) *faultproxy.Proxy {
	p := &faultproxy.Proxy{Target: l.cloud}
	server := httptest.NewServer(p)
	l.t.Cleanup(server.Close)
	l.env.run.Embedded.URL = server.URL
	l.env.run.Embedded.Retries = collect.Retries{Attempts: 2, MaxBackoff: time.Nanosecond}
	l.env.run.Embedded.Timeout = 5 * time.Second
	return p
}

// tally counts the runs of a matrix and those that broke a promise.
type tally struct{ runs, hit, survivors int }

func (n *tally) log(t *testing.T, what string) {
	t.Helper()
	t.Logf("%s: %d runs, %d of them damaged, %d survivors", what, n.runs, n.hit, n.survivors)
	if n.hit*2 < n.runs {
		t.Errorf("%s: only %d of %d runs met their damage", what, n.hit, n.runs)
	}
}

// damages are those of a run of the tests, and how often each strikes: 0 for good.
func damages() (kinds map[string]faultproxy.Damage, times []int) {
	kinds = faultproxy.Damages()
	if os.Getenv(wholeMatrix) == "" {
		return kinds, []int{0}
	}
	kinds["huge body"], kinds["slow body"], kinds["endless pages"] = faultproxy.Huge, faultproxy.Slow, faultproxy.EndlessPages
	return kinds, []int{1, 0}
}

// final are the damages that asking again would not heal.
var final = []string{"redirect", "huge body", "endless pages", "the same page again"}

// auditRun audits behind a fault and returns what is wrong with the outcome.
func auditRun(l *cmdLab, p *faultproxy.Proxy, healthy map[string]string, f faultproxy.Fault, final bool) (wrong string) {
	defer func() {
		if r := recover(); r != nil {
			wrong = fmt.Sprint("it panicked: ", r)
		}
	}()
	p.Set(f)
	started := time.Now()
	r := l.run(append([]string{"audit", "-o", "json"}, judged...)...)
	if took := time.Since(started); took > time.Minute {
		return "it took " + took.String()
	}
	if r.out == "" {
		if r.code != exit.Failed || strings.Count(r.err, "\n") != 1 {
			return fmt.Sprintf("no report, exit %d: %s", r.code, r.err)
		}
		return ""
	}
	want := exit.Done
	for _, v := range verdicts(l.t, r) {
		switch {
		case v.Status == "unknown":
			want = max(want, exit.Failed)
		case v.Status == "warn" && healthy[v.Control] == "pass" && len(v.Reasons) > 0 && v.Reasons[0].Code == "evidence-missing":
			// The damaged call can only add to a verdict; the warning names it.
		case v.Status != healthy[v.Control]:
			return fmt.Sprintf("%s is %s, and %s without the damage: %v", v.Control, v.Status, healthy[v.Control], v.Reasons)
		}
		if v.Status == "fail" {
			want = exit.ControlsFailed
		}
	}
	if r.code != want {
		return fmt.Sprintf("exit %d, want %d: %s", r.code, want, r.err)
	}
	if f.Times == 1 && want == exit.Failed && !final {
		return "one damaged reply was not asked for again"
	}
	return ""
}

// TestFaultMatrixOfAudit damages the replies of each operation in each way: a
// verdict is the true one or "unknown", or names the evidence that is missing.
func TestFaultMatrixOfAudit(t *testing.T) {
	kinds, times := damages()
	for _, broken := range []bool{false, true} {
		for _, protocol := range []collect.Protocol{collect.CBOR, collect.JSON, collect.Query} {
			var n tally
			l := newCmdLab(t)
			l.healthy()
			if broken {
				l.must(l.region.DisableAlarmActions("SecurityGroupConfigChangesAlarm"))
			}
			t.Setenv(collect.ProtocolVariable, string(protocol))
			p := behind(l)
			p.Set(faultproxy.Fault{})
			truth := map[string]string{}
			for _, v := range verdicts(t, l.run(append([]string{"audit", "-o", "json"}, judged...)...)) {
				truth[v.Control] = v.Status
			}
			if want := map[bool]string{false: "pass", true: "fail"}[broken]; truth["security-group-changes"] != want {
				t.Fatalf("without damage: %v", truth)
			}
			operations := slices.Sorted(maps.Keys(p.Calls()))
			for _, operation := range operations {
				if protocol != collect.CBOR && !slices.Contains(ofCloudWatch, operation) && os.Getenv(wholeMatrix) == "" {
					continue // the same bytes as with CBOR
				}
				for _, name := range slices.Sorted(maps.Keys(kinds)) {
					for _, k := range times {
						n.runs++
						wrong := auditRun(l, p, truth, faultproxy.Fault{Operation: operation, Damage: kinds[name], Times: k}, slices.Contains(final, name))
						if p.Hits() > 0 {
							n.hit++
						}
						if wrong != "" {
							n.survivors++
							t.Errorf("%s of %s (%s, %d times): %s", name, operation, protocol, k, wrong)
						}
					}
				}
			}
			n.log(t, fmt.Sprintf("audit, %s, broken account: %v", protocol, broken))
		}
	}
}

// ofCloudWatch are the operations whose protocol can be chosen.
var ofCloudWatch = []string{"DescribeAlarms", "DescribeAlarmHistory", "ListAlarmMuteRules", "GetAlarmMuteRule", "ListTagsForResource"}

// An applyRun is a kind of apply that is damaged.
type applyRun struct {
	name  string
	lab   func(*testing.T) *cmdLab
	args  []string
	share int // of the kinds of damage each operation meets one in share, by turns
}

// applyRuns together make every kind of object. The whole matrix has every damage of each.
func applyRuns() []applyRun {
	empty := func(t *testing.T) *cmdLab {
		t.Helper()
		return newEmptyLab(t, awstest.Options{})
	}
	runs := []applyRun{
		{"metric alarms", newCmdLab, nil, 2},
		{"rules", newCmdLab, []string{"--transport", "eventbridge"}, 5},
		{"a trail", empty, []string{"--create-trail", "--home-region", demoRegion, "--no-wait"}, 5},
	}
	for i := range runs {
		runs[i].args = append([]string{"apply", "--yes", "--quiet", "--subscribe", "sms:+4915112345678", judged[0]}, runs[i].args...)
		if os.Getenv(wholeMatrix) != "" {
			runs[i].share = 1
		}
	}
	return runs
}

// TestFaultMatrixOfApply damages each operation of an apply: what it writes is
// part of what it writes otherwise, and when it says that all is well, it is.
func TestFaultMatrixOfApply(t *testing.T) {
	kinds, _ := damages()
	for _, run := range applyRuns() {
		undamaged := run.lab(t)
		p := behind(undamaged)
		p.Set(faultproxy.Fault{})
		undamaged.want(exit.Done, run.args...)
		all, calls := undamaged.writes(), p.Calls()
		var n tally
		for i, operation := range slices.Sorted(maps.Keys(calls)) {
			for j, name := range slices.Sorted(maps.Keys(kinds)) {
				if (i+j)%run.share != 0 {
					continue
				}
				for from := 1; from <= min(2, calls[operation]); from++ { // from 2 on the reads of the plan are whole
					l := run.lab(t)
					hit, wrong := run.suffer(l, behind(l), faultproxy.Fault{Operation: operation, Damage: kinds[name], From: from}, all)
					n.runs++
					if hit {
						n.hit++
					}
					if wrong != "" {
						n.survivors++
						t.Errorf("%s: %s of %s from call %d: %s", run.name, name, operation, from, wrong)
					}
				}
			}
		}
		n.log(t, "apply of "+run.name)
	}
}

// suffer applies behind a fault and returns what is wrong with the outcome. all are the
// writes of a run without it.
func (a applyRun) suffer(l *cmdLab, p *faultproxy.Proxy, f faultproxy.Fault, all []string) (hit bool, wrong string) {
	p.Set(f)
	r := l.run(a.args...)
	hit = p.Hits() > 0
	for _, w := range l.writes() {
		if !slices.Contains(all, w) && w != "cloudtrail:DeleteTrail" { // a trail that fails is taken back
			return hit, "it wrote " + w
		}
	}
	p.Set(faultproxy.Fault{})
	switch {
	case r.code == exit.Interrupted || r.code == exit.WrongUsage:
		return hit, fmt.Sprintf("exit %d: %s", r.code, r.all())
	case r.code == exit.Done && l.run("audit", judged[0]).code != exit.Done:
		return hit, "it said that all is well: " + r.all()
	}
	return hit, ""
}

// TestNothingForeignIsOverwritten has someone else create an object under our
// name between the plan and the write, and damages the read before that write.
func TestNothingForeignIsOverwritten(t *testing.T) {
	kinds := faultproxy.Damages()
	one := 99.0
	foreign := map[string]func(l *cmdLab){
		"DescribeAlarms": func(l *cmdLab) {
			l.must(l.region.PutMetricAlarm(awstest.PutMetricAlarmInput{
				AlarmName: "SecurityGroupConfigChangesAlarm", MetricName: "M", Namespace: "N", Statistic: "Sum",
				Period: 60, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanThreshold",
			}))
		},
		"DescribeMetricFilters": func(l *cmdLab) {
			l.must(l.region.PutMetricFilter(awstest.PutMetricFilterInput{
				LogGroupName: demoGroup, FilterName: "SecurityGroupConfigChanges", FilterPattern: "theirs",
				MetricTransformations: []awstest.MetricTransformation{{MetricName: "M", MetricNamespace: "N", MetricValue: "1"}},
			}))
		},
	}
	write := map[string]string{"DescribeAlarms": "cloudwatch:PutMetricAlarm", "DescribeMetricFilters": "logs:PutMetricFilter"}
	var n tally
	for operation, create := range foreign {
		for _, name := range slices.Sorted(maps.Keys(kinds)) {
			for from := 2; from <= 4; from++ {
				l := newCmdLab(t)
				p, before := behind(l), 0
				p.Set(faultproxy.Fault{Operation: operation, Damage: kinds[name], From: from, Before: func() {
					before = count(l.writes(), write[operation])
					create(l)
				}})
				n.runs++
				r := l.run("apply", "--yes", "--quiet", "--subscribe", "sms:+4915112345678", judged[0])
				if p.Hits() == 0 {
					continue
				}
				n.hit++
				if after := count(l.writes(), write[operation]); after > before {
					n.survivors++
					t.Errorf("%s of %s from call %d: %s was made over a foreign object (exit %d)", name, operation, from, write[operation], r.code)
				}
			}
		}
	}
	n.log(t, "foreign objects")
}

func count(list []string, s string) int {
	n := 0
	for _, have := range list {
		if have == s {
			n++
		}
	}
	return n
}
