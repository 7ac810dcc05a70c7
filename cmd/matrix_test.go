package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// A mishap is something that goes wrong with a read.
type mishap struct {
	name string
	kind awstest.FaultKind
}

var mishaps = []mishap{
	{"throttled", awstest.Throttle},
	{"500", awstest.ServerError},
	{"503", awstest.Unavailable},
	{"proxy page", awstest.HTMLError},
	{"reset", awstest.Reset},
	{"truncated", awstest.Truncate},
	{"denied", awstest.Denied},
	{"expired", awstest.Expired},
	{"timeout", awstest.Timeout},
}

// readsOf are the calls of an audit of the healthy account, each operation once;
// those of the lists of regions too, though one stands in for the other.
func (l *cmdLab) readsOf(audit []string) []string {
	l.t.Helper()
	l.cloud.ResetCalls()
	l.want(exit.Done, audit...)
	l.cloud.Deny("account:ListRegions")
	l.want(exit.Done, audit...)
	l.cloud.AllowAll()
	return slices.Sorted(maps.Keys(l.cloud.CallCounts()))
}

// TestReadMatrix lets every read of an audit go wrong for good in every way: that
// has exactly the effect of docs/judging.md, section 8, and is said. What goes wrong for a
// moment is nobody's concern: TestFaultsThatPass of package collect says so of
// every call and mishap but the timeout, which is here.
func TestReadMatrix(t *testing.T) {
	l := newCmdLab(t)
	l.healthy()
	audit := append([]string{"audit", "-o", "json"}, judged...)
	healthy := statuses(verdicts(t, l.want(exit.Done, audit...)))
	l.env.run.Embedded.Retries = collect.Retries{Attempts: 2, MaxBackoff: time.Nanosecond}
	reads := l.readsOf(audit)
	if len(reads) < 15 {
		t.Fatalf("only %d reads were recorded: %v", len(reads), reads)
	}
	for _, operation := range reads {
		for _, m := range mishaps {
			t.Run(operation+"/"+m.name, func(t *testing.T) {
				l.t = t
				l.env.run.Embedded.Timeout = 0
				if m.kind == awstest.Timeout {
					l.env.run.Embedded.Timeout = 250 * time.Millisecond
					r := l.suffer(awstest.Fault{Operation: operation, Kind: m.kind, Times: 1}, audit)
					if d := cmp.Diff(healthy, statuses(verdicts(t, r))); d != "" || r.code != exit.Done || r.err != "" {
						t.Errorf("no answer for a moment: exit %d, verdicts (-healthy +now):\n%s%s", r.code, d, r.err)
					}
				}
				r := l.suffer(awstest.Fault{Operation: operation, Kind: m.kind}, audit)
				wantEffect(t, r, operation, healthy)
			})
		}
	}
}

// suffer runs a command while a fault is armed.
func (l *cmdLab) suffer(f awstest.Fault, args []string) ran {
	if f.Operation == "ec2:DescribeRegions" {
		l.cloud.Deny("account:ListRegions")
		defer l.cloud.AllowAll()
	}
	l.cloud.Fault(f)
	defer l.cloud.ClearFaults()
	return l.run(args...)
}

// wantEffect demands what the failure of an operation does to an audit.
func wantEffect(t *testing.T, r ran, operation string, healthy map[string]string) {
	t.Helper()
	effect := effectsOfReads[operation]
	switch operation {
	case "sts:GetCallerIdentity":
		effect = runFails
	case "ec2:DescribeRegions": // after account:ListRegions failed
		effect = noted
	}
	switch effect {
	case runFails:
		if r.code != exit.Failed || !strings.Contains(r.err, operation) || r.out != "" {
			t.Errorf("exit %d, want a run that fails and names %s:\n%s", r.code, operation, r.all())
		}
	case unreadable, missingProof:
		wantEveryVerdict(t, r, operation, effect, healthy)
	case noted, unneeded:
		if d := cmp.Diff(healthy, statuses(verdicts(t, r))); d != "" || r.code != exit.Done {
			t.Errorf("exit %d; verdicts (-healthy +now):\n%s", r.code, d)
		}
		if said := strings.Contains(r.all(), operation); said != (effect == noted) {
			t.Errorf("the failure of %s is said: %v\n%s", operation, said, r.err)
		}
	default:
		t.Fatal("what its failure does to an audit is not written down")
	}
}

// One region of several that does not answer: what it alone shows is not known,
// what others show is.
func TestOneRegionFails(t *testing.T) {
	l := newCmdLab(t)
	l.healthy()
	for _, m := range mishaps {
		if m.kind == awstest.Timeout {
			continue // as the others, only slower
		}
		t.Run(m.name, func(t *testing.T) {
			l.t = t
			for _, region := range []string{demoRegion, "us-east-1"} {
				l.env.run.Embedded.Retries = collect.Retries{Attempts: 2, MaxBackoff: time.Nanosecond}
				l.cloud.Fault(awstest.Fault{Operation: "cloudtrail:DescribeTrails", Region: region, Kind: m.kind})
				for _, v := range verdicts(t, l.run(append([]string{"audit", "-o", "json"}, judged...)...)) {
					if v.Status == "fail" {
						t.Errorf("%s does not answer: %s fails: %+v", region, v.Control, v.Reasons)
					}
				}
				l.cloud.ClearFaults()
			}
			// A region whose own trail is the only one it has.
			l.cloud.Fault(awstest.Fault{Operation: "cloudtrail:DescribeTrails", Region: "us-east-1", Kind: m.kind})
			r := l.run("audit", "-o", "json", "security-group-changes", "--region", "us-east-1,"+demoRegion)
			for _, v := range verdicts(t, r) {
				if v.Status == "fail" || v.Status == "unknown" && !strings.Contains(fmt.Sprint(v.Reasons), "cloudtrail:DescribeTrails") {
					t.Errorf("%s is %s: %+v", v.Control, v.Status, v.Reasons)
				}
			}
			l.cloud.ClearFaults()
		})
	}
}
