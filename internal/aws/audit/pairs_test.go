package audit_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

var (
	situationsDir = flag.String("situations", "", "write the snapshot of every judged situation, and of -pairs pairs, to this folder")
	pairCount     = flag.Int("pairs", 600, "how many pairs of judged situations to lay over each other")
)

// layered returns the baseline with the changes of both cases, false where they do
// not go together: one deletes what the other changes.
func layered(t *testing.T, a, b judgingCase) (snap account.Snapshot, ok bool) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(judgingDir, "baseline.json"))
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	apply := func(path string, value any, verb string) bool {
		first, rest, _ := strings.Cut(path, ".")
		if long, ok := short[first]; ok {
			path = long
			if rest != "" {
				path += "." + rest
			}
		}
		out, err := editAt(tree, strings.Split(path, "."), value, verb)
		tree = out
		return err == nil
	}
	for _, c := range []judgingCase{a, b} {
		for _, path := range c.Delete {
			ok = apply(path, nil, "delete")
			if !ok {
				return snap, false
			}
		}
		for _, path := range sortedKeys(c.Set) {
			if !apply(path, c.Set[path], "set") {
				return snap, false
			}
		}
		for _, path := range sortedKeys(c.Add) {
			if !apply(path, c.Add[path], "add") {
				return snap, false
			}
		}
	}
	data, err = json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	snap, err = account.Decode(strings.NewReader(string(data)))
	return snap, err == nil
}

// TestPairsOfSituations lays pairs of judged situations over one baseline. No pair
// ends the run, and every finding below a pass says why.
func TestPairsOfSituations(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	var cases []judgingCase
	var names []string
	for _, file := range caseFiles(t) {
		if c := readCase(t, file); c.Central == "" {
			cases = append(cases, c)
			names = append(names, caseName(file))
		}
	}
	r := rand.New(rand.NewPCG(20, 26))
	laid := 0
	for range *pairCount {
		i, k := r.IntN(len(cases)), r.IntN(len(cases))
		snap, ok := layered(t, cases[i], cases[k])
		if i == k || !ok {
			continue
		}
		laid++
		name := names[i] + "+" + names[k]
		writeSituation(t, "pair-"+name, snap, nil)
		for _, c := range []judgingCase{cases[i], cases[k]} {
			judgePair(t, cat, name, c, snap)
		}
	}
	if laid < *pairCount/2 {
		t.Errorf("only %d of %d pairs could be laid over each other", laid, *pairCount)
	}
}

func judgePair(t *testing.T, cat *catalog.Catalog, name string, c judgingCase, snap account.Snapshot) {
	t.Helper()
	b := catalog.Benchmark(c.Benchmark)
	controls, err := cat.Select([]string{c.Control}, "", b)
	if err != nil {
		t.Fatal(err)
	}
	report, err := audit.Run(context.Background(), snap, controls, audit.Options{Benchmark: b, Now: snap.TakenAt, Strict: c.Strict})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, f := range report.Findings {
		if f.Status != finding.Pass && len(f.Reasons) == 0 {
			t.Errorf("%s: control %s is %s without a reason", name, f.Control, f.Status)
		}
	}
}

// TestWriteSituations writes the snapshots that scripts/compare.sh judges with two
// builds.
func TestWriteSituations(t *testing.T) {
	if *situationsDir == "" {
		t.Skip("only writes files for scripts/compare.sh: -situations names the folder")
	}
	for _, file := range caseFiles(t) {
		c := readCase(t, file)
		snap, central := c.accounts(t)
		writeSituation(t, fmt.Sprintf("case-%s", caseName(file)), snap, central)
	}
}

// writeSituation writes a snapshot, and beside it a configuration that names the
// accounts which are only consulted.
func writeSituation(t *testing.T, name string, snap account.Snapshot, central []account.Account) {
	t.Helper()
	if *situationsDir == "" {
		return
	}
	write := func(file string, s account.Snapshot) {
		f, err := os.Create(filepath.Join(*situationsDir, file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := account.Encode(f, s); err != nil {
			t.Fatal(err)
		}
	}
	write(name+".json", snap)
	if len(central) > 0 {
		snap.Accounts = central
		write(name+".central", snap)
		config := "central: [" + name + ".central]\n"
		if err := os.WriteFile(filepath.Join(*situationsDir, name+".yaml"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
