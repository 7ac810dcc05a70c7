package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

const (
	sharedAlarm = "arn:aws:cloudwatch:eu-central-1:200000000000:alarm:shared"
	otherAlarm  = "arn:aws:cloudwatch:eu-central-1:200000000000:alarm:other"
)

// compared is a fleet of accounts with the alarm that each fails vpc-changes for; "" passes.
func compared(t *testing.T, alarms map[int]string) *Fleet {
	t.Helper()
	var members []member
	for i := range 20 {
		alarm, ok := alarms[i]
		if !ok {
			continue
		}
		id := fmt.Sprintf("3%011d", i)
		members = append(members, member{FleetAccount{ID: id, Name: fmt.Sprintf("acc-%d", i), State: "ACTIVE"},
			[]finding.Finding{judgedAs(id, "nacl-changes", catalog.Medium, ""), judgedAs(id, "vpc-changes", catalog.High, alarm)}})
	}
	return fleetOf(t, members)
}

func comparison(t *testing.T, old, now *Fleet) *FleetComparison {
	t.Helper()
	c, err := CompareFleets(FleetSide{"old.json", AuditSchema, old}, FleetSide{"new.json", FleetLinesSchema, now})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFleetDiff compares by account, control and cause: who joined is new, who left is gone
// and not fixed, a cause that grew is worse.
func TestFleetDiff(t *testing.T) {
	for _, tt := range []struct {
		name     string
		old, now map[int]string
		causes   string
		changes  string // kinds with the number of accounts
		worse    bool
	}{
		{"the same", map[int]string{1: sharedAlarm, 2: ""}, map[int]string{1: sharedAlarm, 2: ""}, "", "", false},
		{"grew", map[int]string{1: sharedAlarm, 2: "", 3: ""}, map[int]string{1: sharedAlarm, 2: sharedAlarm, 3: sharedAlarm}, "grew 1 3", "new-failure 2", true},
		{"shrank", map[int]string{1: sharedAlarm, 2: sharedAlarm}, map[int]string{1: sharedAlarm, 2: ""}, "shrank 2 1", "fixed 1", false},
		{"fixed", map[int]string{1: sharedAlarm, 2: sharedAlarm}, map[int]string{1: "", 2: ""}, "fixed 2 0", "fixed 2", false},
		{"left", map[int]string{1: sharedAlarm, 2: ""}, map[int]string{2: ""}, "gone 1 0", "gone 1 gone 1", false},
		{"one left, one was fixed", map[int]string{1: sharedAlarm, 2: sharedAlarm}, map[int]string{2: ""}, "fixed 2 0", "fixed 1 gone 1 gone 1", false},
		{"joined and fails", map[int]string{1: sharedAlarm}, map[int]string{1: sharedAlarm, 2: sharedAlarm}, "grew 1 2", "added 1 new-failure 1", true},
		{"joined and passes", map[int]string{1: ""}, map[int]string{1: "", 2: ""}, "", "added 1 added 1", false},
		{"another cause", map[int]string{1: sharedAlarm}, map[int]string{1: otherAlarm}, "new 0 1 fixed 1 0", "reasons 1", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := comparison(t, compared(t, tt.old), compared(t, tt.now))
			var causes, changes []string
			for _, x := range c.Causes {
				causes = append(causes, fmt.Sprintf("%s %d %d", x.Kind, x.Old, x.New))
			}
			for _, x := range c.Changes {
				changes = append(changes, fmt.Sprintf("%s %d", x.Kind, len(x.Accounts)))
			}
			if got := strings.Join(causes, " "); got != tt.causes {
				t.Errorf("causes %q, want %q", got, tt.causes)
			}
			if got := strings.Join(changes, " "); got != tt.changes {
				t.Errorf("changes %q, want %q", got, tt.changes)
			}
			if c.Worse() != tt.worse {
				t.Errorf("worse: %v", c.Worse())
			}
		})
	}
}

// TestFleetDiffForms reads the text, which opens with the causes, and holds the JSON to its
// schema, with a change for each account.
func TestFleetDiffForms(t *testing.T) {
	old := map[int]string{19: ""}
	now := map[int]string{}
	for i := range 19 {
		old[i], now[i] = "", sharedAlarm
	}
	now[18] = ""
	c := comparison(t, compared(t, old), compared(t, now))
	var b bytes.Buffer
	if err := FleetDiffText(&b, c, Options{Width: 100}); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(b.String()), " ")
	places := []int{}
	for _, want := range []string{"OLD old.json", "Causes: NEW (18 accounts) (worse): FAIL its threshold is too high: " + sharedAlarm, "Gone, which fixes nothing: 1 account 300000000019 acc-19",
		"New failures: vpc-changes in 18 accounts (300000000000, 300000000001, 300000000002 and 15 more): PASS -> FAIL + alarm-threshold: its threshold", "18 new failures, 2 checked in OLD only, 20 unchanged. It got worse."} {
		at := strings.Index(text, want)
		if at < 0 {
			t.Errorf("the text lacks %q:\n%s", want, b.String())
		}
		places = append(places, at)
	}
	for i := 1; i < len(places); i++ {
		if places[i] < places[i-1] {
			t.Errorf("the parts stand in another order:\n%s", b.String())
		}
	}
	b.Reset()
	if err := FleetDiffJSON(&b, c, c.New.Fleet.Report.GeneratedAt, Options{Version: "1"}); err != nil {
		t.Fatal(err)
	}
	validate(t, compileSchemas(t, true)["diff"], b.Bytes())
	var doc jsonDiff
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, x := range doc.Changes {
		ids[x.ID+x.Account] = true
		if x.Kind == "new-failure" && x.ID != finding.HashID(x.Account, x.Control) {
			t.Errorf("%s in %s has the id of another account", x.Control, x.Account)
		}
	}
	if len(doc.Changes) != 20 || len(ids) != 20 || doc.Summary.NewFailures != 18 {
		t.Errorf("%d changes, %d of them different, %+v", len(doc.Changes), len(ids), doc.Summary)
	}
}

// TestFleetBaseline knows the failures of an earlier report by account, control and cause,
// whichever form that has.
func TestFleetBaseline(t *testing.T) {
	old := compared(t, map[int]string{1: sharedAlarm, 2: sharedAlarm, 3: sharedAlarm, 4: "", 5: sharedAlarm})
	now := compared(t, map[int]string{1: sharedAlarm, 2: otherAlarm, 3: "", 4: sharedAlarm, 6: sharedAlarm})
	id := func(n int) string { return finding.HashID(fmt.Sprintf("3%011d", n), "vpc-changes") }
	lines := writeFleet(t, old, "jsonl")
	read, err := OpenFleetLines(bytes.NewReader(lines), int64(len(lines)))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := ReadFleetJSON(writeFleet(t, old, "json"))
	if err != nil {
		t.Fatal(err)
	}
	for i, baseline := range []*Fleet{old, read, whole} {
		got, err := FleetAgainst(baseline, now, false)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]bool{id(1): true}, got.Known); diff != "" {
			t.Errorf("form %d: known: %s", i, diff)
		}
		if len(got.Fresh) != 1 || len(got.Fresh[id(2)]) != 1 || len(got.Fixed) != 1 || got.Fixed[0].ID != id(3) {
			t.Errorf("form %d: fresh %v, fixed %v", i, got.Fresh, got.Fixed)
		}
		var b bytes.Buffer
		if err := fleetTable(&b, now, Options{Width: 100, Baseline: &Baseline{Path: "main.jsonl", Standing: got}}); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(b.String()), " ")
		if !strings.Contains(text, "1 failure is known from the baseline main.jsonl; only new ones count. Fixed since the baseline: vpc-changes in 1 account.") || strings.Contains(text, "known: its") {
			t.Errorf("form %d:\n%s", i, b.String())
		}
	}
	same, err := FleetAgainst(old, old, false)
	if err != nil || len(same.Known) != 4 {
		t.Fatal(len(same.Known), err)
	}
	var b bytes.Buffer
	if err := fleetTable(&b, old, Options{Baseline: &Baseline{Path: "main.jsonl", Standing: same}}); err != nil || !strings.Contains(b.String(), "known: its threshold") {
		t.Errorf("a cause that is known everywhere is not marked (%v):\n%s", err, b.String())
	}
	cut, err := OpenFleetLines(bytes.NewReader(lines[:len(lines)/2]), int64(len(lines)/2))
	if err == nil && (cut.Complete || cut.Why == "") {
		t.Error("a file that was cut off is taken for complete")
	}
}
