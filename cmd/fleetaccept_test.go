package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestFleetAccepts sets a cause of the shared chain aside by where accounts stand: the
// narrowest entry wins, whatever else is wrong counts, and an entry that nobody needs is
// noted.
func TestFleetAccepts(t *testing.T) {
	l := newFleetLab(t, 5)
	l.chain(l.region, "vpc-changes", strings.TrimSuffix(strings.Replace(l.texts["vpc-changes"], "{", "{ (", 1), "}")+`) && ($.userAgent != "terraform-ci") }`)
	inner := l.sandbox()
	file := filepath.Join(t.TempDir(), "monitorctl.yaml")
	entry := func(control, key, where, code, reason string) string {
		return "  - {control: " + control + ", " + key + ": \"" + where + "\", code: " + code + ", reason: " + reason + ", expires: 2099-12-31}\n"
	}
	l.must(os.WriteFile(file, []byte("accept:\n"+
		entry("vpc-changes", "ou", "/Sandbox", "filter-narrowed", "outer")+
		entry("vpc-changes", "ou", inner, "filter-narrowed", "inner")+
		entry("vpc-changes", "account", l.members[2].ID(), "filter-narrowed", "alone")+
		entry("vpc-changes", "tag", "stage=dev", "filter-narrowed", "tagged")+
		entry("vpc-changes", "tag", "stage=prod", "filter-narrowed", "nobody")+
		entry("nacl-changes", "ou", "/Sandbox", "filter-narrowed", "nobody")+
		entry("root-usage", "ou", "/Nowhere", "filter-narrowed", "another control")), 0o600))
	for from, r := range l.liveAndSaved("nacl-changes", "vpc-changes", "--config", file) {
		got := map[string]string{}
		for _, f := range r.Findings {
			if f.Control == "nacl-changes" {
				if f.Status != "pass" || len(f.Reasons) > 0 {
					t.Errorf("%s: nacl-changes of %s: %s, %v", from, f.Account, f.Status, f.Reasons)
				}
				continue
			}
			got[f.Account] = f.Status
			if f.Waiver != nil {
				got[f.Account] += " " + f.Waiver.Reason
			}
		}
		want := map[string]string{fleetManagement: "fail", fleetLog: "fail", l.members[0].ID(): "waived outer", l.members[1].ID(): "waived inner", l.members[2].ID(): "waived alone", l.members[3].ID(): "waived tagged", l.members[4].ID(): "fail"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", from, diff)
		}
		var notes []string
		for _, n := range r.Notes {
			notes = append(notes, n.Code+": "+n.Message)
		}
		if diff := cmp.Diff([]string{
			"accept-unused: the accept entry of vpc-changes for filter-narrowed for accounts tagged stage=prod until 2099-12-31 matches nothing",
			"accept-unused: the accept entry of nacl-changes for filter-narrowed in /Sandbox until 2099-12-31 matches nothing",
		}, notes); diff != "" {
			t.Errorf("%s: notes %s", from, diff)
		}
	}

	l.must(os.WriteFile(file, []byte("accept:\n"+entry("vpc-changes", "ou", "/", "filter-narrowed", "everywhere")), 0o600))
	l.audit(exit.Done, "nacl-changes", "vpc-changes", "--config", file)
	l.must(l.region.DisableAlarmActions("vpc-changes"))
	r := readFleet(t, l.audit(exit.ControlsFailed, "vpc-changes", "-o", "json", "--config", file))
	if r.Summary["fail"] != 7 {
		t.Errorf("with an alarm that alerts nobody: %v", r.Summary)
	}
}
