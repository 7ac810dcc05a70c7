package cmd

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestFleetPlanLarge plans as many failing accounts as MONITORCTL_FLEET_PLAN says, from a
// folder: docs/performance.md has the figures.
func TestFleetPlanLarge(t *testing.T) {
	if os.Getenv("MONITORCTL_FLEET_PLAN") == "" {
		t.Skip("MONITORCTL_FLEET_PLAN=200,400 says how many accounts")
	}
	for _, text := range strings.Split(os.Getenv("MONITORCTL_FLEET_PLAN"), ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		l := newFleetLab(t, n)
		for _, m := range l.members {
			m.Member(awstest.MemberOptions{ShadowFrom: l.cloud.Now().AddDate(1, 0, 0)})
			l.own(m)
		}
		dir := filepath.Join(t.TempDir(), "read")
		l.fleet(exit.Done, "plan", append(fleetWishes, "--dir", dir)...)
		started := time.Now()
		r := l.want(exit.Done, append([]string{"plan", "--snapshot", dir, "--save", filepath.Join(t.TempDir(), "plans")}, fleetWishes...)...)
		t.Logf("%d accounts: %s", n, time.Since(started))
		if !strings.Contains(r.out, fmt.Sprintf("%d accounts need --write-accounts", n)) {
			t.Error(r.all())
		}
	}
}

// TestFleetSavedLarge audits as many covered members as MONITORCTL_FLEET_SAVED says for every
// control that looks at events, into a folder, and judges the folder again.
func TestFleetSavedLarge(t *testing.T) {
	if os.Getenv("MONITORCTL_FLEET_SAVED") == "" {
		t.Skip("MONITORCTL_FLEET_SAVED=10000 says how many accounts")
	}
	n, err := strconv.Atoi(os.Getenv("MONITORCTL_FLEET_SAVED"))
	if err != nil {
		t.Fatal(err)
	}
	l := newFleetLab(t, n)
	controls := slices.Sorted(maps.Keys(l.texts))
	controls = slices.DeleteFunc(controls, func(control string) bool { return l.texts[control] == "" }) // about no event
	for _, control := range controls {
		l.chain(l.region, control, l.texts[control])
	}
	dir := filepath.Join(t.TempDir(), "read")
	args := slices.Concat(controls, []string{"-o", "csv"})
	for _, command := range [][]string{{"audit", "--org", "--account-role", "audit", "--dir", dir}, {"audit", "--snapshot", dir}} {
		m := l.measure(exit.Done, slices.Concat(command, args)...)
		t.Logf("%s, %d controls: %s, %s of processor time, %d MB, %d lines", strings.Join(command[:2], " "), len(controls), m.wall, m.cpu, m.peak>>10, strings.Count(m.out, "\n"))
	}
}
