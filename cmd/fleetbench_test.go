package cmd

import (
	"fmt"
	"os"
	"path/filepath"
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
