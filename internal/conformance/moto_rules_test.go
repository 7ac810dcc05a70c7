package conformance

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// byRules repairs the core set with rules of EventBridge, finds nothing to do the
// second time, takes all of it back from the journal, and destroys it when it is
// written again, with a webhook.
func byRules(t *testing.T, l *lab) {
	a := l.main()
	a.addTrail(t)
	before := l.snapshot(t)
	journal := filepath.Join(t.TempDir(), "journal")
	rules := func(args ...string) command {
		return apply(append([]string{"--region", scope, "--transport", "eventbridge"}, args...)...)
	}
	done := l.exits(t, 0, rules("--journal", journal))
	contains(t, done.stdout, "\n4 passed.\n", "create role monitorctl-events-forwarder", "create rule monitorctl-forward-1 (us-east-1)")
	// moto answers TestEventPattern with nothing, which no client can read.
	l.exits(t, 0, audit("--transport", "eventbridge"))
	l.exits(t, 3, audit("--transport", "metric"))
	again := l.exits(t, 0, rules("--verbose"))
	contains(t, again.stdout, "\nNothing to do.\n")
	if call := writes.FindString(again.stderr); call != "" {
		t.Errorf("the second apply called %s", call)
	}
	l.exits(t, 0, monitorctl("undo", "--yes", journal))
	if d := cmp.Diff(before, l.snapshot(t)); d != "" {
		t.Errorf("account (-before +undone):\n%s", d)
	}

	// A webhook needs a connection and an API destination. The policy of a central bus is left
	// out: moto keeps the condition of PutPermission in a form that no policy has.
	whole := rules("--subscribe", "webhook:https://hooks.slack.com/services/T0/B0/x")
	done = l.exits(t, 0, whole)
	contains(t, done.stdout, "create API destination monitorctl-webhook-", "create connection monitorctl-webhook-")
	contains(t, l.exits(t, 0, whole).stdout, "\nNothing to do.\n")
	l.exits(t, 0, monitorctl("destroy", "--yes", "--region", scope))
	if d := cmp.Diff(before, l.snapshot(t)); d != "" {
		t.Errorf("account (-before +destroyed):\n%s", d)
	}
}

// snapshot is the account as a saved snapshot, without when and by which salt.
func (l *lab) snapshot(t *testing.T) map[string]any {
	t.Helper()
	var snap map[string]any
	decode(t, l.exits(t, 0, monitorctl("snapshot", "--region", scope, "--file", "-")).stdout, &snap)
	delete(snap, "takenAt")
	delete(snap, "salt")
	return snap
}
