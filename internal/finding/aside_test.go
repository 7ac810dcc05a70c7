package finding

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestWaive(t *testing.T) {
	waiver := func(control, account, expires string) Waiver {
		return Waiver{Control: control, Account: account, Reason: "moving", Owner: "platform", Expires: day(expires)}
	}
	tests := []struct {
		name    string
		status  Status
		waivers []Waiver
		want    Status
		was     Status // "" without a waiver
		codes   []Code
	}{
		{name: "none", status: Fail, want: Fail, codes: []Code{"no-filter"}},
		{name: "failing", status: Fail, waivers: []Waiver{waiver("c", "1", "2026-06-30")}, want: Waived, was: Fail, codes: []Code{"no-filter"}},
		{name: "warning", status: Warn, waivers: []Waiver{waiver("c", "1", "2026-06-30")}, want: Waived, was: Warn, codes: []Code{"no-filter"}},
		{name: "unknown", status: Unknown, waivers: []Waiver{waiver("c", "", "2026-06-30")}, want: Waived, was: Unknown, codes: []Code{"no-filter"}},
		{name: "passing needs none", status: Pass, waivers: []Waiver{waiver("c", "1", "2026-06-30")}, want: Pass, codes: []Code{"no-filter", CodeWaiverUnused}},
		{name: "passing, of all accounts", status: Pass, waivers: []Waiver{waiver("c", "", "2026-06-30")}, want: Pass, codes: []Code{"no-filter"}},
		{name: "an unknown unit", status: Fail, waivers: []Waiver{{Control: "c", Unit: "ou-1", Expires: day("2026-06-30")}}, want: Fail, codes: []Code{"no-filter"}},
		{name: "a tag of which nobody knows", status: Fail, waivers: []Waiver{{Control: "c", Tag: "a=b", Expires: day("2026-06-30")}}, want: Fail, codes: []Code{"no-filter"}},
		{name: "not applicable needs none", status: NotApplicable, waivers: []Waiver{waiver("c", "1", "2026-01-01")}, want: NotApplicable, codes: []Code{"no-filter"}},
		{name: "another control", status: Fail, waivers: []Waiver{waiver("d", "1", "2026-06-30")}, want: Fail, codes: []Code{"no-filter"}},
		{name: "another account", status: Fail, waivers: []Waiver{waiver("c", "2", "2026-06-30")}, want: Fail, codes: []Code{"no-filter"}},
		{name: "on its last day", status: Fail, waivers: []Waiver{waiver("c", "1", "2026-03-01")}, want: Waived, was: Fail, codes: []Code{"no-filter"}},
		{name: "over", status: Fail, waivers: []Waiver{waiver("c", "1", "2026-02-28")}, want: Fail, codes: []Code{"no-filter", CodeWaiverExpired}},
		{name: "over on a pass", status: Pass, waivers: []Waiver{waiver("c", "1", "2026-02-28")}, want: Warn, codes: []Code{"no-filter", CodeWaiverExpired}},
		{name: "one over, one that holds", status: Fail, waivers: []Waiver{waiver("c", "1", "2026-02-28"), waiver("c", "", "2026-06-30")}, want: Waived, was: Fail, codes: []Code{"no-filter"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Policy{Waivers: tt.waivers}
			in := Finding{Control: "c", Account: "1", Status: tt.status, Reasons: []Reason{{Code: "no-filter", Status: Fail}}}
			got := p.Apply(in, time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC))
			var was Status
			if got.Waiver != nil {
				was = got.Waiver.Was
			}
			var codes []Code
			for _, r := range got.Reasons {
				codes = append(codes, r.Code)
			}
			if got.Status != tt.want || was != tt.was || !cmp.Equal(codes, tt.codes) {
				t.Errorf("Apply(%s) = %s, was %q, codes %v; want %s, %q, %v", tt.status, got.Status, was, codes, tt.want, tt.was, tt.codes)
			}
			if (got.Status == Waived) != (got.Waiver != nil) {
				t.Errorf("status %s with waiver %v", got.Status, got.Waiver)
			}
		})
	}
}

// TestNarrowestWaiver lets the narrowest waiver that holds set a finding aside.
func TestNarrowestWaiver(t *testing.T) {
	all := []Waiver{
		{Control: "c", Reason: "all"},
		{Control: "c", Reason: "tag", Tag: "a=b", Depth: 1},
		{Control: "c", Reason: "unit", Unit: "/W", Depth: 3},
		{Control: "c", Reason: "deeper unit", Unit: "ou-2", Depth: 4},
		{Control: "c", Reason: "account", Account: "1"},
	}
	for n := len(all); n > 0; n-- {
		p := Policy{}
		for i := range n { // in any order
			w := all[(i*2)%n]
			if n%2 == 0 {
				w = all[n-1-i]
			}
			w.Expires = day("2026-06-30")
			p.Waivers = append(p.Waivers, w)
		}
		got := p.Apply(Finding{Control: "c", Account: "1", Status: Fail, Reasons: []Reason{{Code: "no-filter", Status: Fail}}}, day("2026-03-01"))
		if want := all[n-1].Reason; got.Waiver == nil || got.Waiver.Reason != want {
			t.Errorf("of %d waivers: %v, want that of the %s", n, got.Waiver, want)
		}
	}
}

// TestNarrowestAccept lets the narrowest entry that holds set a cause aside, and says which.
func TestNarrowestAccept(t *testing.T) {
	all := []Accept{
		{Reason: "all"},
		{Reason: "tag", Tag: "a=b", Depth: 1},
		{Reason: "unit", Unit: "/W", Depth: 3},
		{Reason: "deeper unit", Unit: "ou-2", Depth: 4},
		{Reason: "account", Account: "1"},
	}
	for n := len(all); n > 0; n-- {
		p, at := Policy{}, 0
		for i := range n {
			a := all[n-1-i]
			if n%2 == 0 {
				a = all[i]
			}
			if a.Reason == all[n-1].Reason {
				at = i
			}
			a.Control, a.Code, a.Expires = "c", "filter-noisy", day("2026-06-30")
			p.Accepts = append(p.Accepts, a)
		}
		got := p.Apply(Finding{Control: "c", Account: "1", Status: Warn, Reasons: []Reason{{Code: "filter-noisy", Status: Warn}}}, day("2026-03-01"))
		want := all[n-1]
		if got.Waiver == nil || got.Waiver.Reason != want.Reason || got.Waiver.Where() != want.Place() || len(got.Reasons) != 1 || !cmp.Equal(got.Reasons[0].Accepted.Entries, []int{at}) {
			t.Errorf("of %d entries: %v, %v, want that of the %s alone", n, got.Waiver, got.Reasons, want.Reason)
		}
	}
}

const narrowedText = `userAgent = "terraform-ci"`

// TestAccept has reasons written as in "fail filter-narrowed{condition}": the
// finding has the worst of their statuses.
func TestAccept(t *testing.T) {
	narrowed := Reason{Code: "filter-narrowed", Status: Fail, Resource: "arn:aws:logs:eu-central-1:1:log-group:g:metric-filter:f", Conditions: []string{narrowedText}}
	two := narrowed
	two.Conditions = []string{narrowedText, `userAgent = "x"`}
	unlisted := narrowed
	unlisted.Conditions = []string{narrowedText, Unlisted}
	disabled := Reason{Code: "alarm-actions-disabled", Status: Fail, Resource: "arn:aws:cloudwatch:eu-central-1:1:alarm:a"}
	noisy := Reason{Code: "filter-noisy", Status: Warn}
	unread := Reason{Code: "not-readable", Status: Unknown}
	muted, mutedForGood := Reason{Code: "alarm-muted", Status: Warn}, Reason{Code: "alarm-muted", Status: Fail}
	note := Reason{Code: "evidence-missing", Status: Pass}

	entry := func(code Code, more ...string) Accept {
		a := Accept{Control: "c", Code: code, Reason: "reviewed in Git", Owner: "platform", Expires: day("2026-06-30")}
		if len(more) > 0 {
			a.Where = more[0]
		}
		if len(more) > 1 {
			a.Resource = more[1]
		}
		return a
	}
	elsewhere := entry("filter-narrowed")
	elsewhere.Account = "2"
	nobodyKnows, inUnit, tagged := entry("filter-narrowed"), entry("filter-narrowed"), entry("filter-noisy")
	nobodyKnows.Unit = "ou-1"
	inUnit.Unit, inUnit.Depth = "ou-1", 2
	tagged.Tag, tagged.Depth = "a=b", 1
	here := entry("filter-narrowed", narrowedText)
	here.Account = "1"
	over := entry("filter-narrowed")
	over.Expires = day("2026-02-28")

	tests := []struct {
		name     string
		reasons  []Reason
		accepts  []Accept
		want     Status
		accepted string // codes that are set aside
		notes    string // codes that were added
	}{
		{name: "by code", reasons: []Reason{narrowed}, accepts: []Accept{entry("filter-narrowed")}, want: Waived, accepted: "filter-narrowed"},
		{name: "by condition", reasons: []Reason{narrowed}, accepts: []Accept{entry("filter-narrowed", narrowedText)}, want: Waived, accepted: "filter-narrowed"},
		{name: "another condition", reasons: []Reason{narrowed}, accepts: []Accept{entry("filter-narrowed", `userAgent = "x"`)}, want: Fail, notes: "accept-unused"},
		{name: "by resource", reasons: []Reason{narrowed}, accepts: []Accept{entry("filter-narrowed", "", "arn:aws:logs:*:metric-filter:f")}, want: Waived, accepted: "filter-narrowed"},
		{name: "another resource", reasons: []Reason{narrowed}, accepts: []Accept{entry("filter-narrowed", narrowedText, "arn:aws:logs:*:metric-filter:g")}, want: Fail, notes: "accept-unused"},
		{name: "one of two conditions", reasons: []Reason{two}, accepts: []Accept{entry("filter-narrowed", narrowedText)}, want: Fail, notes: "accept-unused"},
		{name: "both conditions", reasons: []Reason{two}, accepts: []Accept{entry("filter-narrowed", narrowedText), entry("filter-narrowed", `userAgent = "x"`)}, want: Waived, accepted: "filter-narrowed"},
		{name: "and more than can be said", reasons: []Reason{unlisted}, accepts: []Accept{entry("filter-narrowed", narrowedText), entry("filter-narrowed", Unlisted)}, want: Fail, notes: "accept-unused accept-unused"},
		{name: "a new cause counts", reasons: []Reason{disabled, narrowed}, accepts: []Accept{entry("filter-narrowed")}, want: Fail, accepted: "filter-narrowed"},
		{name: "a new cause that nobody may accept", reasons: []Reason{disabled}, accepts: []Accept{entry("alarm-actions-disabled")}, want: Fail, notes: "accept-unused"},
		{name: "a warning is left", reasons: []Reason{narrowed, noisy}, accepts: []Accept{entry("filter-narrowed")}, want: Warn, accepted: "filter-narrowed"},
		{name: "an unknown is left", reasons: []Reason{narrowed, unread, noisy}, accepts: []Accept{entry("filter-narrowed")}, want: Unknown, accepted: "filter-narrowed"},
		{name: "the warning of a failure", reasons: []Reason{disabled, noisy}, accepts: []Accept{entry("filter-noisy")}, want: Fail, accepted: "filter-noisy"},
		{name: "a warning", reasons: []Reason{muted}, accepts: []Accept{entry("alarm-muted")}, want: Waived, accepted: "alarm-muted"},
		{name: "the same code as a failure", reasons: []Reason{mutedForGood}, accepts: []Accept{entry("alarm-muted")}, want: Fail, notes: "accept-unused"},
		{name: "a note needs none", reasons: []Reason{note}, accepts: []Accept{entry("evidence-missing")}, want: Pass, notes: "accept-unused"},
		{name: "another account", reasons: []Reason{narrowed}, accepts: []Accept{elsewhere}, want: Fail},
		{name: "in a unit", reasons: []Reason{narrowed}, accepts: []Accept{inUnit}, want: Waived, accepted: "filter-narrowed"},
		{name: "a unit that nobody knows", reasons: []Reason{narrowed}, accepts: []Accept{nobodyKnows}, want: Fail},
		{name: "by unit and by tag, about other accounts' causes", reasons: []Reason{disabled}, accepts: []Accept{inUnit, tagged}, want: Fail},
		{name: "by tag", reasons: []Reason{noisy}, accepts: []Accept{tagged}, want: Waived, accepted: "filter-noisy"},
		{name: "all accounts where the account's own does", reasons: []Reason{narrowed}, accepts: []Accept{entry("filter-narrowed"), here}, want: Waived, accepted: "filter-narrowed"},
		{name: "all accounts where the account's own does not", reasons: []Reason{two}, accepts: []Accept{entry("filter-narrowed"), here}, want: Waived, accepted: "filter-narrowed"},
		{name: "over", reasons: []Reason{narrowed}, accepts: []Accept{over}, want: Fail, notes: "waiver-expired"},
		{name: "over, and nothing is wrong any more", accepts: []Accept{over}, want: Warn, notes: "waiver-expired"},
		{name: "one over, one that holds", reasons: []Reason{narrowed}, accepts: []Accept{over, entry("filter-narrowed")}, want: Warn, accepted: "filter-narrowed", notes: "waiver-expired"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := Finding{Control: "c", Account: "1", Status: Pass, Reasons: tt.reasons}
			for _, s := range []Status{Warn, Unknown, Fail} {
				for _, r := range tt.reasons {
					if r.Status == s {
						in.Status = s
					}
				}
			}
			p := Policy{Accepts: tt.accepts}
			got := p.Apply(in, day("2026-03-01"))
			var accepted, notes []string
			open := true
			for _, r := range got.Reasons {
				switch {
				case r.Accepted != nil:
					accepted = append(accepted, string(r.Code))
					open = false
				case !open:
					t.Errorf("reason %s stands behind an accepted one", r.Code)
				case r.Code == CodeAcceptUnused || r.Code == CodeWaiverExpired:
					notes = append(notes, string(r.Code))
				}
			}
			if a, n := strings.Join(accepted, " "), strings.Join(notes, " "); got.Status != tt.want || a != tt.accepted || n != tt.notes {
				t.Errorf("status %s, accepted %q, notes %q; want %s, %q, %q", got.Status, a, n, tt.want, tt.accepted, tt.notes)
			}
			if w := got.Waiver; (got.Status == Waived) != (w != nil) || w != nil && (!w.Causes || w.Was != in.Status || w.Reason != "reviewed in Git") {
				t.Errorf("status %s with waiver %v", got.Status, w)
			}
		})
	}
}

// TestAcceptBesideWaiver has a control with both: what is left of it is waived, and
// a strict run says where the waiver is wider than it has to be.
func TestAcceptBesideWaiver(t *testing.T) {
	narrowed := Reason{Code: "filter-narrowed", Status: Fail}
	disabled := Reason{Code: "alarm-actions-disabled", Status: Fail}
	accept := Accept{Control: "c", Code: "filter-narrowed", Reason: "reviewed in Git", Expires: day("2026-06-30")}
	waiver := Waiver{Control: "c", Reason: "moving", Expires: day("2026-06-30")}
	tests := []struct {
		name    string
		reasons []Reason
		accepts []Accept
		strict  bool
		text    string
		broad   bool
	}{
		{name: "accepting is enough", reasons: []Reason{narrowed}, accepts: []Accept{accept}, text: "accepted until 2026-06-30: reviewed in Git"},
		{name: "something is left", reasons: []Reason{disabled, narrowed}, accepts: []Accept{accept}, strict: true, text: "waived until 2026-06-30, waives everything: moving"},
		{name: "no entry", reasons: []Reason{narrowed}, text: "waived until 2026-06-30, waives everything: moving"},
		{name: "an entry would do", reasons: []Reason{narrowed}, strict: true, text: "waived until 2026-06-30, waives everything: moving", broad: true},
		{name: "an entry would not do", reasons: []Reason{disabled}, strict: true, text: "waived until 2026-06-30, waives everything: moving"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Policy{Waivers: []Waiver{waiver}, Accepts: tt.accepts, Strict: tt.strict}
			got := p.Apply(Finding{Control: "c", Account: "1", Status: Fail, Reasons: tt.reasons}, day("2026-03-01"))
			broad := slices.ContainsFunc(got.Reasons, func(r Reason) bool { return r.Code == CodeWaiverBroad })
			if got.Status != Waived || got.Waiver.String() != tt.text || broad != tt.broad {
				t.Errorf("%s, %q, broad %t; want waived, %q, %t", got.Status, got.Waiver, broad, tt.text, tt.broad)
			}
		})
	}
}

// TestAcceptNeverCoversMore accepts random sets of causes: a finding is set aside
// only while every failing reason is accepted.
func TestAcceptNeverCoversMore(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 7))
	all := Codes()
	statuses := []Status{Fail, Unknown, Warn, Pass}
	waived := 0
	for range 40_000 {
		f := Finding{Control: "c", Account: "1", Status: Pass}
		for range 1 + rng.IntN(4) {
			r := Reason{Code: all[rng.IntN(len(all))].Code, Status: statuses[rng.IntN(4)]}
			for range rng.IntN(3) {
				r.Conditions = append(r.Conditions, string(rune('p'+rng.IntN(3))))
			}
			f.Reasons = append(f.Reasons, r)
			if i := slices.Index(statuses, r.Status); i < slices.Index(statuses, f.Status) {
				f.Status = r.Status
			}
		}
		p := Policy{}
		for range rng.IntN(6) {
			a := Accept{Control: "c", Code: f.Reasons[rng.IntN(len(f.Reasons))].Code, Expires: day("2026-06-30")}
			if rng.IntN(2) == 0 {
				a.Where = string(rune('p' + rng.IntN(3)))
			}
			p.Accepts = append(p.Accepts, a)
		}
		got := p.Apply(f, day("2026-03-01"))
		worst := Pass
		for _, r := range got.Reasons {
			if r.Accepted == nil && slices.Index(statuses, r.Status) < slices.Index(statuses, worst) {
				worst = r.Status
			}
			if r.Accepted != nil && (r.Code.Info().Accept == AcceptNever || r.Code.Info().Accept == AcceptWarnings && r.Status != Warn) {
				t.Fatalf("%s is accepted as %s", r.Code, r.Status)
			}
		}
		if got.Status == Waived {
			waived++
			got.Status = Pass
		}
		if got.Status != worst {
			t.Fatalf("status %s, and the worst reason that counts is %s: %+v", got.Status, worst, got.Reasons)
		}
	}
	if waived < 500 {
		t.Errorf("only %d findings were set aside: the test shows little", waived)
	}
}

func TestLike(t *testing.T) {
	for _, tt := range []struct {
		glob, text string
		want       bool
	}{
		{"abc", "abc", true}, {"abc", "abcd", false}, {"a*", "abc", true}, {"*c", "abc", true}, {"a*c", "ac", true}, {"a*c", "acb", false},
		{"a*b*c", "axbxc", true}, {"a*b*c", "axc", false}, {"ab*ba", "aba", false}, {"*", "", true}, {"", "", true}, {"", "a", false},
	} {
		if got := like(tt.glob, tt.text); got != tt.want {
			t.Errorf("like(%q, %q) = %t", tt.glob, tt.text, got)
		}
	}
}
