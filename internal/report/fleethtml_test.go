package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// bigFleet is a report on accounts that an organization's trail covers, and on some with chains of their own,
// in which text is part of every name.
func bigFleet(t testing.TB, covered, own int, text string) *Fleet {
	t.Helper()
	r := everyStatus()
	header := FleetHeader{
		Report: finding.Report{Benchmark: r.Benchmark, Controls: r.Controls, GeneratedAt: r.GeneratedAt, Checked: r.Checked}, Organization: "o-fleet00001", Management: "100000000000",
		Trails:    []FleetTrail{{"org-trail" + text, "100000000000", "ct" + text, "200000000000", "eu-central-1"}},
		Principal: "arn:aws:sts::100000000000:assumed-role/audit/jane" + text,
	}
	for i := len(header.Report.Controls); i < 24 && text == ""; i++ {
		header.Report.Controls = append(header.Report.Controls, fmt.Sprintf("control-%02d", i))
	}
	findings := func(account string, n int) []finding.Finding {
		var out []finding.Finding
		for i, id := range header.Report.Controls {
			f := r.Findings[i%8]
			if n > 0 && i == 2 { // it passes elsewhere
				f = noFilter()
				f.Number = "4.11"
				f.Reasons = slices.Clone(f.Reasons)
				f.Reasons[0].Message = fmt.Sprintf("no filter on log group own-%d%s matches", n, text)
				f.Reasons[0].Resource = fmt.Sprintf("arn:aws:logs:eu-central-1:%s:log-group:own-%d%s", account, n, text)
			}
			f.Control, f.Title = id, "Control "+id+text
			out = append(out, f.At(account))
		}
		return out
	}
	var b bytes.Buffer
	w, err := NewFleetWriter(&b, header, Options{})
	if err != nil {
		t.Fatal(err)
	}
	shared := &FleetClass{Number: 1, Account: finding.AccountRef{ID: "300000000000"}, Findings: findings("300000000000", 0), Regions: []string{"eu-central-1"}}
	for i := range covered + own {
		id, class, basis := fmt.Sprintf("3%011d", i), shared, "covered"
		if i >= covered {
			class, basis = &FleetClass{Number: i, Account: finding.AccountRef{ID: id}, Findings: findings(id, i-covered+1), Regions: []string{"eu-central-1"}}, ""
		}
		a := FleetAccount{ID: id, Name: fmt.Sprintf("team-%d%s", i, text), OUPath: "o-fleet00001/r-0001/ou-1/", OUNames: fmt.Sprintf("/Workloads/Unit %d%s", i%40, text), State: "ACTIVE", Basis: basis}
		if err := w.Put(a, class); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(FleetEnd{Complete: true, Listed: covered + own}); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFleet(bytes.NewReader(b.Bytes()), int64(b.Len()), header)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// fleetPageOf is the page of a fleet.
func fleetPageOf(t testing.TB, f *Fleet) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := fleetHTML(&b, f, Options{Version: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pageIndex is the data of a page.
func pageIndex(t *testing.T, page []byte, v any) {
	t.Helper()
	for _, n := range htmlElements(t, page) {
		if id, _ := htmlAttr(n, "id"); id == "index" {
			if err := json.Unmarshal([]byte(htmlText(n)), v); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("the page has no data")
}

// TestFleetPageSize: 10,000 accounts with 24 controls, 60 of them with chains of their own, are at most 5 MB, and every
// account has a letter for each control.
func TestFleetPageSize(t *testing.T) {
	page := fleetPageOf(t, bigFleet(t, 9940, 60, ""))
	if len(page) > 5e6 {
		t.Errorf("the page has %d bytes", len(page))
	}
	var x struct {
		Class []struct {
			S    string
			C, E []int
		}
		Account  [][]any
		Evidence []string
	}
	pageIndex(t, page, &x)
	if len(x.Account) != 10000 || len(x.Class) != 61 {
		t.Errorf("%d accounts in %d classes", len(x.Account), len(x.Class))
	}
	size := 0
	for _, c := range x.Class {
		if len(c.S) != 24 || len(c.C) != 24 || len(c.E) != 24 || strings.Trim(c.S, statusLetters) != "" {
			t.Fatalf("a class has %q", c.S)
		}
	}
	for _, text := range x.Evidence {
		size += len(text)
	}
	if size > fleetEvidence {
		t.Errorf("evidence has %d bytes", size)
	}
}

// TestFleetEvidenceIsBounded: what is beyond the bound is left out and said, never something else.
func TestFleetEvidenceIsBounded(t *testing.T) {
	x := &fleetIndex{known: map[string]int{}}
	large := strings.Repeat("x", fleetEvidence-1)
	for i, tt := range []struct {
		text string
		want int
	}{{large, 0}, {"ab", -1}, {"a", 1}, {large, 0}, {"b", -1}} {
		if got := x.evidence(tt.text); got != tt.want {
			t.Errorf("text %d is at %d, want %d", i, got, tt.want)
		}
	}
}

// TestFleetPageHostile: a name changes neither the elements of the page nor where its data end.
func TestFleetPageHostile(t *testing.T) {
	shape := func(page []byte) string {
		var b strings.Builder
		for _, n := range htmlElements(t, page) {
			b.WriteString(n.Data + " ")
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" {
					t.Errorf("<%s> has the attribute %s", n.Data, a.Key)
				}
			}
		}
		return b.String()
	}
	want := shape(fleetPageOf(t, bigFleet(t, 3, 2, "x")))
	for _, tt := range hostileNames {
		if len(tt.text) > 1000 {
			continue
		}
		page := fleetPageOf(t, bigFleet(t, 3, 2, tt.text))
		checkBytes(t, "html", page)
		if got := shape(page); got != want {
			t.Errorf("%s: the elements are\n%s\nwant\n%s", tt.name, got, want)
		}
		var x struct{ Account [][]any }
		pageIndex(t, page, &x)
		if got := fmt.Sprint(x.Account[4][1]); got != Sanitize(validUTF8("team-4"+tt.text)) {
			t.Errorf("%s: the name is %q", tt.name, got)
		}
	}
}

// TestFleetPageWithoutScript: the roll-up, the causes and the first accounts are there without any.
func TestFleetPageWithoutScript(t *testing.T) {
	page := fleetPageOf(t, bigFleet(t, 148, 2, ""))
	tables := map[string]int{}
	var caption string
	for _, n := range htmlElements(t, page) {
		switch {
		case n.Data == "caption":
			caption = htmlText(n)
		case n.Data == "th":
			if scope, _ := htmlAttr(n, "scope"); scope == "row" {
				tables[caption]++
			}
		}
	}
	want := map[string]int{"How many accounts have which status, by control": 24, "What is wrong, starting with what breaks most": tables["What is wrong, starting with what breaks most"], "Accounts, worst first": 100}
	if fmt.Sprint(tables) != fmt.Sprint(want) || tables["What is wrong, starting with what breaks most"] < 4 {
		t.Errorf("rows are %v, want %v", tables, want)
	}
	text := string(page)
	for _, want := range []string{"150 of 150 accounts fail at least one check; one cause accounts for ", "The first 100, worst first. This page holds 50 more", "role audit: arn:aws:sts::100000000000:assumed-role/audit/jane"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if first := strings.Index(text, `<th scope="row">300000000148`); first < 0 || first > strings.Index(text, `<th scope="row">300000000000`) {
		t.Error("an account that is worse than the others does not stand first")
	}
}

// TestFleetVerdict says what the page begins with.
func TestFleetVerdict(t *testing.T) {
	f := &Fleet{Accounts: make([]FleetAccount, 1200)}
	for _, tt := range []struct {
		fail, unknown int
		want          string
	}{
		{0, 0, "No check fails in 1,200 accounts."},
		{0, 7, "No check fails, but in 7 of 1,200 accounts something could not be checked."},
		{1, 7, "1 of 1,200 accounts fails at least one check."},
		{20, 7, "20 of 1,200 accounts fail at least one check."},
	} {
		x := &fleetIndex{worst: map[finding.Status]int{finding.Fail: tt.fail, finding.Unknown: tt.unknown}}
		if got := x.verdict(f); got != tt.want {
			t.Errorf("%d fail, %d unknown: %s, want %s", tt.fail, tt.unknown, got, tt.want)
		}
	}
	if got := (&fleetIndex{}).verdict(&Fleet{}); got != "Nothing was checked." {
		t.Errorf("of no account it says %s", got)
	}
}

// TestFleetPageInChromium looks at the page as a person does who looks for an account.
func TestFleetPageInChromium(t *testing.T) {
	b := startBrowser(t)
	b.open(fleetPageOf(t, bigFleet(t, 1996, 4, " <b>&amp;")))
	rows := func() int { return len(b.texts(".account")) }
	said := func(want string) {
		t.Helper()
		if got := b.texts("#shown")[0]; got != want {
			t.Errorf("the page says %q, want %q", got, want)
		}
	}
	if nodes := eval[int](b, "document.querySelectorAll('*').length"); nodes > 5000 || rows() != 50 {
		t.Errorf("%d elements, %d of them rows", nodes, rows())
	}
	said("2,000 of 2,000 accounts shown")
	if first := b.texts(".account b")[0]; first != "300000001996" {
		t.Errorf("the first account is %s, which is not the worst", first)
	}

	look(b, "team-17")
	said("111 of 2,000 accounts shown")
	look(b, "own-3")
	said("1 of 2,000 accounts shown")
	if got := b.texts(".account .sum")[0]; !strings.Contains(got, "fail") {
		t.Errorf("an account's checks are summed up as %q", got)
	}
	eval[bool](b, "document.querySelector('.account summary').focus(), true")
	b.press("Enter", 13, "\r")
	b.settle()
	if got := b.visible(".account article"); got != 8 {
		t.Errorf("unfolded, %d checks are shown, want 8", got)
	}
	if text := b.texts(".account")[0]; strings.Contains(text, "{account}") || !strings.Contains(text, "log-group:own-3 <b>&amp;") && !strings.Contains(text, "own-3 <b>&amp; matches") {
		t.Error("the evidence is not that of the account")
	}
	if got := b.visible(".account .chain"); got != 7 {
		t.Errorf("unfolded, %d chains are drawn, want 7", got)
	}
	if got := b.visible(".account b > b"); got != 0 {
		t.Error("a name became an element")
	}

	look(b, "", "by-unit", "/Workloads/Unit 39", "order", "id")
	said("50 of 2,000 accounts shown")
	eval[bool](b, "document.getElementById('clear').click(), true")
	look(b, "", "by-control", "4.11 nacl-changes")
	if got := b.texts("label.choice b"); got[0] != "2,000" {
		t.Errorf("the counts are %v", got)
	}
	eval[bool](b, "document.getElementById('clear').click(), document.querySelectorAll('.pick')[0].click(), true")
	if got := eval[string](b, "document.getElementById('by-cause').value + document.activeElement.id"); got != "0accounts" {
		t.Errorf("after Show the cause and the focus are %s", got)
	}
	eval[bool](b, "document.getElementById('clear').click(), document.getElementById('next').click(), true")
	if got := b.texts("#page")[0]; got != "51–100 of 2,000" || rows() != 50 {
		t.Errorf("on the second page %s, %d rows", got, rows())
	}
	fleetPageOnPaper(t, b)
	for _, width := range []int{320, 768, 1200} {
		b.width(width)
		if got := eval[int](b, "document.scrollingElement.scrollWidth"); got > width {
			t.Errorf("in a window of %d pixels the page is %d wide", width, got)
		}
	}
	for _, complaint := range b.complaints() {
		t.Error(clip(complaint))
	}
}

func fleetPageOnPaper(t *testing.T, b *browser) {
	look(b, "team-17")
	eval[bool](b, "dispatchEvent(new Event('beforeprint')), true")
	b.media("print", "dark")
	if got := b.visible(".paper tr.row"); got != 111 {
		t.Errorf("%d accounts are on paper, want the 111 that are chosen", got)
	}
	b.media("", "light")
	eval[bool](b, "dispatchEvent(new Event('afterprint')), true")
	if got := len(b.texts(".account")); got != 50 {
		t.Errorf("after printing %d rows are shown", got)
	}
}

// BenchmarkFleetPage opens the page of 10,000 accounts with 24 controls in Chromium.
func BenchmarkFleetPage(b *testing.B) {
	benchmarkPage(b, fleetPageOf(b, bigFleet(b, 9700, 300, "")))
}
