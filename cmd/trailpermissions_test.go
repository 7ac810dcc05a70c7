package cmd

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestTrailPermissions drives a bootstrap on an empty account: with exactly the permissions
// it comes to the end, and undo takes it back with its own; without one of them it says which
// is missing, and the next run finishes.
func TestTrailPermissions(t *testing.T) {
	wishes := []string{"security-group-changes", "--create-trail", "--home-region", demoRegion, "--subscribe", "sms:+4915112345678"}
	apply := append(append([]string{"apply"}, wishes...), "--yes", "--no-wait")
	done := newEmptyLab(t, awstest.Options{})
	before := done.everything()
	wide := done.permissionsFor(append([]string{"apply"}, wishes...)...)
	scoped := done.permissionsFor(append([]string{"apply", "--scoped"}, wishes...)...)
	journal := filepath.Join(t.TempDir(), "journal")
	for _, g := range []grant{wide, scoped} {
		l := newEmptyLab(t, awstest.Options{})
		l.allow(g, "")
		l.want(exit.Done, apply...)
	}
	done.allow(scoped, "")
	done.want(exit.Done, append(apply, "--journal", journal)...)
	called := done.cloud.CallCounts()
	want := done.everything()
	done.allow(done.permissionsFor(append([]string{"undo"}, wishes...)...), "")
	done.want(exit.Done, "undo", "--yes", journal)
	if d := cmp.Diff(before, done.everything()); d != "" {
		t.Errorf("account (-before +undone):\n%s", d)
	}
	for _, a := range scoped.actions() {
		t.Run(a, func(t *testing.T) {
			l := newEmptyLab(t, awstest.Options{})
			l.allow(scoped, a)
			r := l.run(apply...)
			switch {
			case r.code == exit.Done:
				if called[a] > 0 && !isRead(a) {
					t.Errorf("apply calls %s, yet it ended well without", a)
				}
			case r.code == exit.Interrupted, r.code == exit.WrongUsage, !strings.Contains(strings.ToLower(r.all()), strings.ToLower(a)) && a != "s3:ListBucket":
				t.Errorf("apply exits with %d and does not say what is missing:\n%s", r.code, r.all())
			case isRead(a) && len(l.writes()) > 0 && !strings.HasPrefix(a, "s3:Get") && !strings.HasPrefix(a, "cloudtrail:") && l.everything() != want: // those are about what was made a moment ago
				t.Errorf("without the read %s it wrote %v", a, l.writes())
			case strings.Contains(l.everything(), "delete-trail") && isRead(a) && l.everything() != want:
				t.Error("the unfinished trail is left")
			}
			l.allow(wide, "")
			l.want(exit.Done, apply...)
			if d := cmp.Diff(want, l.everything()); d != "" {
				t.Errorf("after the next run (-undisturbed +this):\n%s", d)
			}
		})
	}
}
