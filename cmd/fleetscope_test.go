package cmd

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// A folder is judged for what it was read for, unless a flag or an argument says otherwise.
func TestFleetFolderScope(t *testing.T) {
	l := newFleetLab(t, 3)
	dir := filepath.Join(t.TempDir(), "fleet")
	read := l.audit(exit.ControlsFailed, "nacl-changes", "vpc-changes", "--benchmark", "cis-1.4.0", "--dir", dir, "-o", "jsonl")
	judged := l.want(exit.ControlsFailed, "audit", "--snapshot", dir, "-o", "jsonl")
	if d := cmp.Diff(read.out, judged.out); d != "" {
		t.Errorf("judged again (-read +judged):\n%s", d)
	}
	if other := l.want(exit.Done, "audit", "nacl-changes", "--snapshot", dir, "-o", "jsonl").out; strings.Contains(other, `"control":"vpc-changes"`) || other == read.out {
		t.Error("an argument does not count")
	}
	if other := l.want(exit.ControlsFailed, "audit", "--snapshot", dir, "-o", "jsonl", "--benchmark", "cis-3.0.0").out; !strings.Contains(other, "cis-3.0.0") || strings.Contains(other, "cis-1.4.0") {
		t.Error("--benchmark does not count")
	}
}

// A snapshot of many accounts holds what their plan needs.
func TestFleetSnapshotPlanned(t *testing.T) {
	l := newWriteLab(t, 2)
	dir := filepath.Join(t.TempDir(), "fleet")
	l.want(exit.Done, "snapshot", "--org", "--account-role", "audit", "--dir", dir)
	live := l.planned(exit.Done, fleetWishes...)
	var saved fleetPlan
	out := l.want(exit.Done, slices.Concat([]string{"plan", "--snapshot", dir, "-o", "json"}, fleetWishes)...).out
	if err := json.Unmarshal([]byte(out), &saved); err != nil {
		t.Fatal(err)
	}
	if len(live.Owners)+len(live.Members) == 0 {
		t.Fatal("nothing is planned")
	}
	for _, p := range slices.Concat(saved.Owners, saved.Members) {
		if len(p.Conflicts) > 0 {
			t.Errorf("conflicts: %v", p.Conflicts)
		}
	}
	if d := cmp.Diff([][]fleetPlanned{live.Owners, live.Members}, [][]fleetPlanned{saved.Owners, saved.Members}); d != "" {
		t.Errorf("planned from the folder (-live +folder):\n%s", d)
	}
}
