package conformance

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fromNothing takes an empty account to a passing audit in one run, finds nothing to do the
// second time, takes all of it back from the journal, and destroys it when it is made again.
// moto delivers nothing, so that bucket and log group stay empty and go, too; it takes any
// bucket, role and log group, so that order, refusals and retries are tests of awstest.
func fromNothing(t *testing.T, l *lab) {
	before := l.snapshot(t)
	journal := filepath.Join(t.TempDir(), "journal")
	trail := func(args ...string) command {
		return apply(append([]string{"--region", scope, "--create-trail", "--no-wait"}, args...)...)
	}
	done := l.exits(t, 0, trail("--journal", journal, "--retention", "90"))
	contains(t, done.stdout, "\n5 passed.\n", "create log group /aws/cloudtrail/monitorctl", "create bucket monitorctl-cloudtrail-"+mainID+"-"+home,
		"create role monitorctl-cloudtrail-to-logs", "trail monitorctl (multi-region, logging)")
	again := l.exits(t, 0, trail("--retention", "90", "--verbose"))
	contains(t, again.stdout, "\nNothing to do.\n")
	if call := writes.FindString(again.stderr); call != "" {
		t.Errorf("the second apply called %s", call)
	}
	l.exits(t, 0, monitorctl("undo", "--yes", journal))
	if d := cmp.Diff(before, l.snapshot(t)); d != "" {
		t.Errorf("account (-before +undone):\n%s", d)
	}
	l.exits(t, 0, trail())
	drilled(t, l)
	l.exits(t, 0, monitorctl("destroy", "--yes", "--create-trail", "--region", scope))
	if d := cmp.Diff(before, l.snapshot(t)); d != "" {
		t.Errorf("account (-before +destroyed):\n%s", d)
	}
}

// drilled rings an alarm: moto sets its state and remembers no history, and cannot match
// filters, so that nothing is proven, and that is what the drill says.
func drilled(t *testing.T, l *lab) {
	matched := l.exits(t, 1, monitorctl("drill", "security-group-changes", "--region", scope))
	contains(t, matched.stdout, "not-verified")
	rung := l.exits(t, 1, monitorctl("drill", "security-group-changes", "--region", scope, "--notify", "--yes", "--wait", "0s", "--verbose"))
	contains(t, rung.stdout, "drill-no-history")
	contains(t, rung.stderr, "cloudwatch:SetAlarmState")
}
