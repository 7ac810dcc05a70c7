package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// report returns a report with one finding per "control=status reason reason".
func report(lines ...string) finding.Report {
	r := finding.Report{Benchmark: "cis-3.0.0", Accounts: []finding.AccountRef{{ID: "111122223333"}}, Regions: []string{"eu-central-1"}}
	for _, line := range lines {
		fields := strings.Fields(line)
		control, status, _ := strings.Cut(fields[0], "=")
		f := finding.Finding{ID: "id-" + control, Control: control, Account: "111122223333", Status: finding.Status(status)}
		for _, text := range fields[1:] {
			f.Reasons = append(f.Reasons, reason(text))
		}
		r.Controls = append(r.Controls, control)
		r.Findings = append(r.Findings, f)
	}
	return r
}

// reason reads a failing reason: its code, with conditions in braces; "warn:" or
// "accepted:" stand before one that is not, or does not count.
func reason(text string) finding.Reason {
	r := finding.Reason{Status: finding.Fail}
	text, conditions, _ := strings.Cut(text, "{")
	if kind, code, ok := strings.Cut(text, ":"); ok {
		text = code
		switch kind {
		case "warn":
			r.Status = finding.Warn
		case "accepted":
			r.Accepted = &finding.Acceptance{Reason: "so be it"}
		}
	}
	r.Code = finding.Code(text)
	if conditions != "" {
		r.Conditions = strings.Split(strings.TrimSuffix(conditions, "}"), ",")
	}
	return r
}

// text writes changes as "kind control old>new +came -went", with ! for worse.
func text(d Difference) string {
	var lines []string
	for _, c := range d.Changes {
		f := c.Finding()
		line := fmt.Sprintf("%s %s", c.Kind, f.Control)
		if c.Worse {
			line = "!" + line
		}
		for _, r := range c.Came {
			line += " +" + string(r.Code)
		}
		for _, r := range c.Went {
			line += " -" + string(r.Code)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

func TestCompare(t *testing.T) {
	tests := []struct {
		name     string
		old, now []string
		want     string
	}{
		{"the same", []string{"a=fail x", "b=pass"}, []string{"a=fail x", "b=pass"}, ""},
		{"a pass fails", []string{"a=pass"}, []string{"a=fail x"}, "!new-failure a +x"},
		{"a warning fails", []string{"a=warn w"}, []string{"a=fail x"}, "!new-failure a +x -w"},
		{"an unknown fails", []string{"a=unknown u"}, []string{"a=fail x"}, "!new-failure a +x -u"},
		{"what was waived fails", []string{"a=waived x"}, []string{"a=fail x"}, "!new-failure a"},
		{"what was not checked fails", nil, []string{"a=fail x"}, "!new-failure a +x"},
		{"fixed", []string{"a=fail x"}, []string{"a=pass"}, "fixed a -x"},
		{"fixed, with a warning", []string{"a=fail x"}, []string{"a=warn w"}, "fixed a +w -x"},
		{"no longer applicable", []string{"a=fail x"}, []string{"a=not-applicable"}, "fixed a -x"},
		{"no longer seen is not fixed", []string{"a=fail x"}, []string{"a=unknown u"}, "status a +u -x"},
		{"waived is not fixed", []string{"a=fail x"}, []string{"a=waived x"}, "status a"},
		{"a pass warns", []string{"a=pass"}, []string{"a=warn w"}, "!status a +w"},
		{"a pass cannot be seen", []string{"a=pass"}, []string{"a=unknown u"}, "!status a +u"},
		{"a warning cannot be seen", []string{"a=warn"}, []string{"a=unknown"}, "!status a"},
		{"an unknown passes", []string{"a=unknown u"}, []string{"a=pass"}, "status a -u"},
		{"a warning passes", []string{"a=warn w"}, []string{"a=pass"}, "status a -w"},
		{"a waiver ends, and it warns", []string{"a=waived w"}, []string{"a=warn w"}, "!status a"},
		{"a pass is waived", []string{"a=pass"}, []string{"a=waived x"}, "status a +x"},
		{"other reasons", []string{"a=fail x y"}, []string{"a=fail y z"}, "!reasons a +z -x"},
		{"a cause less", []string{"a=fail x y"}, []string{"a=fail y"}, "reasons a -x"},
		{"an oddity more", []string{"a=fail x"}, []string{"a=fail x warn:w"}, "reasons a +w"},
		{"an oddity more, and no failure", []string{"a=warn warn:w"}, []string{"a=warn warn:w warn:v"}, "reasons a +v"},
		{"a warning that fails now", []string{"a=fail x warn:y"}, []string{"a=fail x y"}, "!reasons a +y"},
		{"another condition", []string{"a=fail x{p,q}"}, []string{"a=fail x{p,r}"}, "!reasons a +x -x"},
		{"a condition less", []string{"a=fail x{p,q}"}, []string{"a=fail x{p}"}, "reasons a -x"},
		{"no longer accepted", []string{"a=fail x accepted:y"}, []string{"a=fail x y"}, "!reasons a +y"},
		{"accepted now", []string{"a=fail x y"}, []string{"a=fail x accepted:y"}, "reasons a -y"},
		{"accepted then and now, with another cause", []string{"a=waived accepted:x"}, []string{"a=fail accepted:x y"}, "!new-failure a +y"},
		{"judged now only", nil, []string{"a=pass"}, "added a"},
		{"judged now only, and unseen", nil, []string{"a=unknown"}, "!added a"},
		{"judged then only", []string{"a=pass", "b=fail x"}, []string{"a=pass"}, "gone b"},
		{"order", []string{"z=fail x", "a=pass", "b=fail x"}, []string{"b=pass", "a=fail x"}, "fixed b -x; !new-failure a +x; gone z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Compare(report(tt.old...), report(tt.now...))
			if got := text(d); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got, want := d.Worse(), strings.Contains(tt.want, "!"); got != want {
				t.Errorf("worse: %t, want %t", got, want)
			}
			total := d.Unchanged
			for _, k := range Kinds() {
				total += d.Count(k)
			}
			if want := d.Unchanged + len(d.Changes); total != want {
				t.Errorf("the kinds count %d findings, want %d", total, want)
			}
		})
	}
}

// TestCompareTellsAccountsApart has one control in two accounts.
func TestCompareTellsAccountsApart(t *testing.T) {
	two := func(first, second finding.Status) finding.Report {
		r := report("a="+string(first), "a="+string(second))
		r.Findings[1].Account = "444455556666"
		return r
	}
	d := Compare(two(finding.Fail, finding.Pass), two(finding.Pass, finding.Fail))
	if got, want := text(d), "fixed a; !new-failure a"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
	if got := d.Changes[1].Finding().Account; got != "444455556666" {
		t.Errorf("the new failure is in account %s", got)
	}
}

func TestAgainst(t *testing.T) {
	old := []string{"known=fail", "fixed=fail", "warns=fail", "unseen=fail", "waived=fail", "gone=fail", "late=pass", "warned=warn"}
	now := []string{"known=fail", "fixed=pass", "warns=warn", "unseen=unknown", "waived=waived", "late=fail", "new=fail", "warned=warn"}
	tests := []struct {
		name         string
		strict       bool
		known, fixed string
	}{
		{"failures", false, "id-known", "fixed warns"},
		{"warnings too", true, "id-known id-warned id-warns", "fixed"},
	}
	for _, tt := range tests {
		standing := Against(report(old...), report(now...), tt.strict)
		known, fixed := standing.Known, standing.Fixed
		var names []string
		for _, f := range fixed {
			names = append(names, f.Control)
		}
		if got := strings.Join(slices.Sorted(maps.Keys(known)), " "); got != tt.known {
			t.Errorf("%s: known %q, want %q", tt.name, got, tt.known)
		}
		if got := strings.Join(names, " "); got != tt.fixed {
			t.Errorf("%s: fixed %q, want %q", tt.name, got, tt.fixed)
		}
	}
}

// TestAgainstCauses has findings that fail in both reports: they are known while
// they have no cause more than before.
func TestAgainstCauses(t *testing.T) {
	tests := []struct {
		name     string
		old, now string
		strict   bool
		known    bool
		fresh    string // the codes that are new
	}{
		{name: "the same cause", old: "a=fail x", now: "a=fail x", known: true},
		{name: "a cause less", old: "a=fail x y", now: "a=fail y", known: true},
		{name: "a cause more", old: "a=fail x", now: "a=fail x y", fresh: "y"},
		{name: "another cause", old: "a=fail x", now: "a=fail y", fresh: "y"},
		{name: "another condition", old: "a=fail x{p}", now: "a=fail x{p,q}", fresh: "x"},
		{name: "an oddity more", old: "a=fail x", now: "a=fail x warn:w", known: true},
		{name: "an oddity more where oddities count", old: "a=fail x", now: "a=fail x warn:w", strict: true, fresh: "w"},
		{name: "a warning that is none of the old ones", old: "a=warn warn:w", now: "a=warn warn:v", strict: true, fresh: "v"},
		{name: "a warning that fails now", old: "a=fail x warn:y", now: "a=fail x y", fresh: "y"},
		{name: "accepted then", old: "a=fail x accepted:y", now: "a=fail x y", fresh: "y"},
		{name: "accepted now", old: "a=fail x y", now: "a=fail x accepted:y", known: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Against(report(tt.old), report(tt.now), tt.strict)
			var fresh []string
			for _, r := range s.Fresh["id-a"] {
				fresh = append(fresh, string(r.Code))
			}
			if got := strings.Join(fresh, " "); s.Known["id-a"] != tt.known || got != tt.fresh {
				t.Errorf("known %t, new %q; want %t, %q", s.Known["id-a"], got, tt.known, tt.fresh)
			}
		})
	}
}

// TestAgainstOlderReports has a baseline from before reasons had conditions: the
// message stands in for them.
func TestAgainstOlderReports(t *testing.T) {
	old, now := report("a=fail x"), report("a=fail x{p}")
	old.Findings[0].Reasons[0].Message, now.Findings[0].Reasons[0].Message = "lost when p", "lost when p"
	if s := Against(old, now, false); !s.Known["id-a"] {
		t.Error("a failure with the same message is not known")
	}
	now.Findings[0].Reasons[0].Message = "lost when q"
	if s := Against(old, now, false); s.Known["id-a"] {
		t.Error("a failure with another message is known")
	}
}

func TestNotes(t *testing.T) {
	old, now := report("a=pass", "b=pass"), report("a=pass", "c=pass")
	now.Benchmark = "cis-5.0.0"
	now.Accounts[0].ID = "444455556666"
	now.Regions = []string{"eu-central-1", "us-east-1"}
	want := []string{
		"OLD is checked by CIS AWS Foundations 3.0.0, NEW by CIS AWS Foundations 5.0.0: they require different events",
		"only in OLD: account 111122223333",
		"only in NEW: account 444455556666",
		"only in NEW: region us-east-1",
		"only in OLD: control b",
		"only in NEW: control c",
	}
	if got := Notes(old, now, "OLD", "NEW"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := Notes(old, old, "OLD", "NEW"); len(got) > 0 {
		t.Errorf("a report differs from itself: %q", got)
	}
}
