package audit_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/goccy/go-yaml"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// judgingDir holds one file per judged situation; its README.md says how to
// write one.
const judgingDir = "../../../testdata/judging"

// A judgingCase is a situation as a file describes it.
type judgingCase struct {
	Case      string            `yaml:"case"`    // the situation in words
	Rows      map[string]string `yaml:"rows"`    // id of a row of the rules -> the side of its line: in, out
	Control   string            `yaml:"control"` // default security-group-changes
	Benchmark string            `yaml:"benchmark"`
	Strict    bool              `yaml:"strict"`
	Accept    []acceptEntry     `yaml:"accept"`   // causes that are set aside
	Declared  []declaredEntry   `yaml:"declared"` // machines and whom they reach
	Central   string            `yaml:"central"`  // a second account, "run" or "consulted"; absent: none
	Set       map[string]any    `yaml:"set"`      // path -> new value
	Add       map[string]any    `yaml:"add"`      // path of a list -> one more entry
	Delete    []string          `yaml:"delete"`   // paths
	extra     map[string][]any  // of cases that are made up: more entries of lists, by path
	Want      struct {
		Status   string   `yaml:"status"`
		Codes    []string `yaml:"codes"`    // all codes of the finding that are no notes, in order
		Notes    []string `yaml:"notes"`    // codes of notes
		Missed   []string `yaml:"missed"`   // events, or "all"; absent: none
		Regions  []string `yaml:"regions"`  // of the missed events; absent: all in scope
		Narrowed []string `yaml:"narrowed"` // texts
		Why      string   `yaml:"why"`      // part of the first reason
		Literal  *bool    `yaml:"literal"`  // absent: either
	} `yaml:"want"`
}

// An acceptEntry is an accept entry of the case's control that has not ended.
type acceptEntry struct {
	Code     finding.Code `yaml:"code"`
	Where    string       `yaml:"where"`
	Resource string       `yaml:"resource"`
}

// accepts are the case's entries as the configuration gives them.
func (c *judgingCase) accepts(now time.Time) []finding.Accept {
	var out []finding.Accept
	for _, e := range c.Accept {
		out = append(out, finding.Accept{Control: c.Control, Code: e.Code, Where: e.Where, Resource: e.Resource, Reason: "reviewed", Expires: now})
	}
	return out
}

// A declaredEntry declares a machine; its last day is so many days from the snapshot's.
type declaredEntry struct {
	Endpoint string `yaml:"endpoint"`
	Expires  int    `yaml:"expires"`
}

// declarations are the case's declarations as the configuration gives them.
func (c *judgingCase) declarations(now time.Time) []finding.Declared {
	var out []finding.Declared
	for _, e := range c.Declared {
		out = append(out, finding.Declared{Endpoint: e.Endpoint, Reaches: "#sec", Reason: "tried", Expires: now.Truncate(24*time.Hour).AddDate(0, 0, e.Expires)})
	}
	return out
}

// short names the usual places of the baseline.
var short = map[string]string{
	"account":      "accounts.0",
	"central":      "accounts.1",
	"centralHome":  "accounts.1.regions.0",
	"trail":        "accounts.0.trails.0",
	"home":         "accounts.0.regions.0",
	"filters":      "accounts.0.regions.0.metricFilters.value",
	"filter":       "accounts.0.regions.0.metricFilters.value.name=security-group",
	"alarms":       "accounts.0.regions.0.alarms.value.metric",
	"alarm":        "accounts.0.regions.0.alarms.value.metric.name=security-group",
	"topic":        "accounts.0.regions.0.topics.*",
	"subscription": "accounts.0.regions.0.topics.*.subscriptions.value.0",
	"group":        "accounts.0.regions.0.logGroups.*",
}

func TestJudging(t *testing.T) {
	files := caseFiles(t)
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) { judgeFile(t, cat, file) })
	}
}

// judgeFile judges one file's situation and compares.
func judgeFile(t *testing.T, cat *catalog.Catalog, file string) {
	c := readCase(t, file)
	v := judgedFile(t, cat, file)
	f, control, b := v.finding, v.control, v.benchmark
	var codes, notes []string
	for _, reason := range f.Reasons {
		if reason.Accepted != nil {
			continue
		}
		if reason.Status == finding.Pass {
			notes = append(notes, string(reason.Code))
		} else if !slices.Contains(codes, string(reason.Code)) {
			codes = append(codes, string(reason.Code))
		}
	}
	check := func(what string, got, want any) {
		t.Helper()
		if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
			t.Errorf("%s (%s)\n%s: got %s, want %s\nreasons: %+v", file, c.Case, what, g, w, f.Reasons)
		}
	}
	check("status", f.Status, c.Want.Status)
	check("codes", codes, c.Want.Codes)
	check("notes", notes, c.Want.Notes)
	if c.Want.Literal != nil {
		check("literal", f.Literal, *c.Want.Literal)
	}
	checkMissed(t, check, c, control, b, f, v.snap.Accounts[0].Scope)
	var texts []string
	for _, n := range f.Narrowed {
		texts = append(texts, n.Text)
	}
	check("narrowed", texts, c.Want.Narrowed)
	if !strings.Contains(f.Why(), c.Want.Why) {
		t.Errorf("%s: why: got %q, want %q in it", file, f.Why(), c.Want.Why)
	}
}

func checkMissed(t *testing.T, check func(string, any, any), c judgingCase, control catalog.Control, b catalog.Benchmark, f finding.Finding, scope []string) {
	t.Helper()
	want := slices.Clone(c.Want.Missed)
	if len(want) == 1 && want[0] == "all" {
		want = nil
		for _, e := range control.Required(b) {
			want = append(want, e.Name)
		}
		if control.Type == catalog.Condition {
			want = []string{"*"}
		}
	}
	slices.Sort(want)
	regions := c.Want.Regions
	if regions == nil {
		regions = scope
		if control.Scope == catalog.Global {
			regions = []string{"us-east-1"}
		}
	}
	var got []string
	for _, m := range f.Missed {
		got = append(got, m.Event)
		check("regions of "+m.Event, m.Regions, regions)
	}
	slices.Sort(got)
	check("missed", got, want)
}

func readCase(t *testing.T, file string) judgingCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := judgingCase{Control: "security-group-changes", Benchmark: string(catalog.DefaultBenchmark)}
	if err := yaml.UnmarshalWithOptions(data, &c, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if c.Case == "" || len(c.Rows) == 0 || c.Want.Status == "" {
		t.Fatalf("%s: a case names its situation, its rows and the wanted status", file)
	}
	return c
}

// snapshot is the baseline with the case's changes: deletions, then new
// values, then additions, each in the order of their paths.
func (c *judgingCase) snapshot(t *testing.T) account.Snapshot {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(judgingDir, "baseline.json"))
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	if c.Central != "" {
		all := tree.(map[string]any)
		all["accounts"] = append(all["accounts"].([]any), second(t, data))
	}
	for _, path := range c.Delete {
		tree = edit(t, tree, path, nil, "delete")
	}
	for _, path := range sortedKeys(c.Set) {
		tree = edit(t, tree, path, c.Set[path], "set")
	}
	for _, path := range sortedKeys(c.Add) {
		tree = edit(t, tree, path, c.Add[path], "add")
	}
	for _, path := range slices.Sorted(maps.Keys(c.extra)) {
		for _, entry := range c.extra[path] {
			tree = edit(t, tree, path, entry, "add")
		}
	}
	data, err = json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := account.Decode(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// centralID is the id of a case's second account.
const centralID = "444455556666"

// second is the baseline as another account's.
func second(t *testing.T, baseline []byte) any {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(baseline), "111122223333", centralID)), &tree); err != nil {
		t.Fatal(err)
	}
	return tree["accounts"].([]any)[0]
}

// accounts returns the snapshot and what is only consulted.
func (c *judgingCase) accounts(t *testing.T) (account.Snapshot, []account.Account) {
	t.Helper()
	snap := c.snapshot(t)
	switch c.Central {
	case "", "run":
		return snap, nil
	case "consulted":
		central := snap.Accounts[1:]
		snap.Accounts = snap.Accounts[:1]
		return snap, central
	}
	t.Fatalf("central is %q, want run or consulted", c.Central)
	return snap, nil
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// edit changes one place of a JSON tree. Steps are separated by dots: a key, an
// index, name=VALUE for the list entry of that name, or * for the only key.
func edit(t *testing.T, tree any, path string, value any, verb string) any {
	t.Helper()
	first, rest, _ := strings.Cut(path, ".")
	if long, ok := short[first]; ok {
		path = long
		if rest != "" {
			path += "." + rest
		}
	}
	out, err := editAt(tree, strings.Split(path, "."), value, verb)
	if err != nil {
		t.Fatalf("%s %s: %v", verb, path, err)
	}
	return out
}

func editAt(node any, steps []string, value any, verb string) (any, error) {
	if len(steps) == 0 {
		return changed(node, value, verb)
	}
	switch n := node.(type) {
	case map[string]any:
		key := steps[0]
		if key == "*" && len(n) == 1 {
			for only := range n {
				key = only
			}
		}
		if len(steps) == 1 && verb == "delete" {
			delete(n, key)
			return n, nil
		}
		child, err := editAt(n[key], steps[1:], value, verb)
		n[key] = child
		return n, err
	case []any:
		i := index(n, steps[0])
		if i < 0 || i >= len(n) {
			return nil, fmt.Errorf("no entry %s", steps[0])
		}
		if len(steps) == 1 && verb == "delete" {
			return slices.Delete(n, i, i+1), nil
		}
		child, err := editAt(n[i], steps[1:], value, verb)
		n[i] = child
		return n, err
	case nil:
		child, err := editAt(nil, steps[1:], value, verb)
		return map[string]any{steps[0]: child}, err
	}
	return nil, fmt.Errorf("%s is no object or list", steps[0])
}

func index(list []any, step string) int {
	if name, ok := strings.CutPrefix(step, "name="); ok {
		return slices.IndexFunc(list, func(e any) bool { return e.(map[string]any)["name"] == name })
	}
	i, err := strconv.Atoi(step)
	if err != nil {
		return -1
	}
	return i
}

func changed(node, value any, verb string) (any, error) {
	if verb != "add" {
		return value, nil
	}
	list, ok := node.([]any)
	if node != nil && !ok {
		return nil, fmt.Errorf("not a list")
	}
	return append(list, value), nil
}
