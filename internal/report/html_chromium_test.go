package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestPageInChromium looks at the page as a browser does.
func TestPageInChromium(t *testing.T) {
	b := startBrowser(t)
	page := outputOf(t, HTML, everyStatus(), withCatalog())
	steps := []struct {
		name string
		run  func(t *testing.T, b *browser)
	}{
		{"loads in peace", pageLoads},
		{"filters by keyboard", pageFilters},
		{"searches", pageSearches},
		{"narrows and orders", pageNarrows},
		{"copies a fix", pageCopies},
		{"copies the code of a fix", pageCopiesCode},
		{"unfolds", pageUnfolds},
		{"follows a link to what is hidden", pageFollows},
		{"has two themes", pageThemes},
		{"fits", pageFits},
		{"can be heard", pageCanBeHeard},
		{"can be gone through by keyboard", pageByKeyboard},
		{"prints a summary, a table and what is unfolded", pagePrints},
		{"works without scripts", pageWithoutScripts},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			b = startBrowser(t)
			b.open(page)
			step.run(t, b)
			for _, complaint := range b.complaints() {
				t.Error(clip(complaint))
			}
		})
	}
}

// pageLoads: the script ran, and the browser had nothing to ask or to say.
func pageLoads(t *testing.T, b *browser) {
	if !eval[bool](b, "document.documentElement.classList.contains('js')") {
		t.Error("the script did not run")
	}
	if got := b.visible("article"); got != len(everyStatus().Findings) {
		t.Errorf("%d findings are shown, want %d", got, len(everyStatus().Findings))
	}
	if font := eval[string](b, "getComputedStyle(document.body).fontFamily"); !strings.Contains(font, "system-ui") {
		t.Errorf("the style is not applied: the font is %s", font)
	}
}

// pageFilters goes through the choices with the keys that a radio group has,
// and compares what is shown with the counts of the report.
func pageFilters(t *testing.T, b *browser) {
	count := map[string]int{}
	for _, f := range everyStatus().Findings {
		count[string(f.Status)]++
	}
	eval[bool](b, "document.querySelector('input[name=status]').focus(), true")
	order := []string{"fail", "unknown", "warn", "waived", "pass", "not-applicable"}
	for _, want := range order {
		b.press("ArrowRight", 39, "")
		if got := eval[string](b, "document.querySelector('input[name=status]:checked').value"); got != want {
			t.Fatalf("the choice is %s, want %s", got, want)
		}
		statuses := eval[[]string](b, "[...document.querySelectorAll('article')].filter(a => a.getClientRects().length).map(a => a.dataset.status)")
		if len(statuses) != count[want] || slices.ContainsFunc(statuses, func(s string) bool { return s != want }) {
			t.Errorf("with the choice %s these are shown: %v; want %d of them", want, statuses, count[want])
		}
		if got, said := b.texts("#shown")[0], fmt.Sprintf("%d of 9 findings shown", count[want]); got != said {
			t.Errorf("with the choice %s the page says %q, want %q", want, got, said)
		}
	}
	// The second account has one finding, which fails.
	if got := b.visible("main section"); got != 1 {
		t.Errorf("%d accounts are shown for what does not apply, want 1", got)
	}
	b.press("ArrowRight", 39, "")
	if got := b.visible("article"); got != len(everyStatus().Findings) {
		t.Errorf("back at the first choice %d findings are shown", got)
	}
}

// look types what is looked for, and chooses in lists.
func look(b *browser, text string, choices ...string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(() => {
		const set = (e, value, event) => { e.value = value; e.dispatchEvent(new Event(event)) };
		set(document.getElementById("q"), %q, "input");
		const choices = %s;
		for (let i = 0; i < choices.length; i += 2) {
			const e = document.getElementById(choices[i]);
			const option = [...e.options].find((o) => o.value === choices[i + 1] || o.text.startsWith(choices[i + 1]));
			if (!option) throw new Error(choices[i] + " has no choice " + choices[i + 1]);
			set(e, option.value, "change");
		}
		return true;
	})()`, text, jsonText(b.t, append([]string{}, choices...))))
}

func jsonText(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// shownControls are the controls of the findings that are shown, in their order.
func shownControls(b *browser) []string { return b.texts("article .id") }

// pageSearches: every word must be there, in any case, with the characters that HTML has names for.
func pageSearches(t *testing.T, b *browser) {
	for _, tt := range []struct {
		text string
		want string
	}{
		{"deletesecuritygroup UNSEEN", "security-group-changes"},
		{"444455556666", "security-group-changes"},
		{"Sum >= 1 topic", "network-gateway-changes"},
		{`"eventName":"CreateSecurityGroup"`, "security-group-changes"},
		{"landing zone", "config-changes"},
		{"span class", ""},
		{"export terraform", ""}, // the commands of a fix are not looked at
		{"DeleteSecurityGroup s***@example.com errorCode ModifySecurityGroupRules", "security-group-changes"}, // nor is what follows them left out
		{"no such thing", ""},
	} {
		look(b, tt.text)
		got := shownControls(b)
		if tt.want == "" && len(got) != 0 || tt.want != "" && !slices.Contains(got, tt.want) || len(got) == len(everyStatus().Findings) {
			t.Errorf("%q finds %v, want %s and not all", tt.text, got, tt.want)
		}
		if said := fmt.Sprintf("%d of 9 findings shown", len(got)); b.texts("#shown")[0] != said {
			t.Errorf("%q: the page says %q, want %q", tt.text, b.texts("#shown")[0], said)
		}
		if all := b.texts("label.choice b")[0]; all != fmt.Sprint(len(got)) {
			t.Errorf("%q: the count of all is %s, want %d", tt.text, all, len(got))
		}
	}
	eval[bool](b, "document.getElementById('clear').click(), true")
	if got := len(shownControls(b)); got != len(everyStatus().Findings) {
		t.Errorf("after Clear filters %d findings are shown", got)
	}
}

// pageNarrows: the filters and the orders.
func pageNarrows(t *testing.T, b *browser) {
	all := []string{"by-severity", "-1", "by-control", "-1", "by-account", "-1", "by-cause", "-1", "order", "account"}
	for _, tt := range []struct {
		choices []string
		want    string
	}{
		{[]string{"by-severity", "low"}, "guardduty-changes"},
		{[]string{"by-control", "4.10 security-group-changes"}, "security-group-changes security-group-changes"},
		{[]string{"by-account", "444455556666"}, "security-group-changes"},
		{[]string{"by-cause", "Topic cis-alerts"}, "network-gateway-changes"},
		{[]string{"by-cause", "No trail records", "by-account", "111122223333"}, ""},
		{[]string{"by-account", "111122223333", "order", "number"}, "root-usage kms-cmk-disable-or-delete config-changes security-group-changes nacl-changes network-gateway-changes organizations-changes guardduty-changes"},
		{[]string{"by-severity", "high", "order", "worst"}, "security-group-changes security-group-changes root-usage kms-cmk-disable-or-delete nacl-changes organizations-changes"},
		{[]string{"by-control", "4.10", "order", "severity"}, "security-group-changes security-group-changes"},
	} {
		look(b, "", append(slices.Clone(all), tt.choices...)...)
		if got := strings.Join(shownControls(b), " "); got != tt.want {
			t.Errorf("%v shows %s\nwant %s", tt.choices, got, tt.want)
		}
	}
}

// pageCopies: the button copies its command, and says so.
func pageCopies(t *testing.T, b *browser) {
	eval[bool](b, "document.getElementById('unfold').click(), document.querySelector('article .copy').click(), true")
	eval[bool](b, "new Promise(r => setTimeout(() => r(true), 50))")
	want := "monitorctl plan security-group-changes"
	if got := b.texts("#shown")[0]; !strings.HasSuffix(got, ": "+want) || strings.HasPrefix(got, "Copy") && !strings.HasPrefix(got, "Copied") {
		t.Errorf("the page says %q, want that it copied %q", got, want)
	}
	if got := strings.Join(b.texts("article:first-of-type .fix code"), "\n"); got != strings.Join([]string{
		want, "monitorctl apply security-group-changes",
		"monitorctl export shell security-group-changes --dir fix-security-group-changes",
		"monitorctl export terraform security-group-changes --dir fix-security-group-changes",
	}, "\n") {
		t.Errorf("the commands are\n%s", got)
	}
}

// pageCopiesCode: the code of a fix is there when it is unfolded, byte for byte, and is copied as it is.
func pageCopiesCode(t *testing.T, b *browser) {
	if got := b.visible("pre"); got != 0 || len(b.texts("pre")) != 0 {
		t.Errorf("%d texts of code are shown at first", got)
	}
	eval[bool](b, "document.querySelector('details:has(.code)').open = true, document.querySelector('.code > summary').focus(), true")
	b.press("Enter", 13, "\r")
	eval[bool](b, "new Promise(r => requestAnimationFrame(() => setTimeout(() => r(true))))")
	if got := b.visible("pre"); got != 1 {
		t.Fatalf("after Enter on the summary %d texts of code are shown, want 1", got)
	}
	eval[bool](b, "for (const d of document.querySelectorAll('article:first-of-type .code')) d.open = true; new Promise(r => requestAnimationFrame(() => setTimeout(() => r(true))))")
	got := eval[[]string](b, "[...document.querySelectorAll('article:first-of-type pre code')].map(e => e.textContent)")
	if len(got) != 2 || got[0] != repairShell || got[1] != repairTerraform {
		t.Errorf("the code is not what the report has:\n%s", strings.Join(got, "\n---\n"))
	}
	eval[bool](b, "document.querySelector('article:first-of-type .code .copy').click(), new Promise(r => setTimeout(() => r(true), 50))")
	if said := b.texts("#shown")[0]; !strings.HasSuffix(said, ": AWS CLI commands") {
		t.Errorf("the page says %q, want that it copied the commands", said)
	}
	if why := strings.Join(b.texts("article p.soft"), "\n"); !strings.Contains(why, "The AWS CLI and Terraform have no form of it: it cannot be written as code: the policy of topic cis-alerts") {
		t.Errorf("no finding says why it has no code:\n%s", why)
	}
}

// pageUnfolds opens one fold by keyboard, then all by the button.
func pageUnfolds(t *testing.T, b *browser) {
	if b.visible("table") != 0 {
		t.Error("evidence is unfolded at first")
	}
	eval[bool](b, "document.querySelector('details:has(table) > summary').focus(), true")
	b.press("Enter", 13, "\r")
	if got := b.visible("table"); got != 1 {
		t.Errorf("after Enter on a summary %d tables are shown, want 1", got)
	}
	tables := len(b.texts("table"))
	eval[bool](b, "document.getElementById('unfold').click(), true")
	if got := b.visible("table"); got != tables || tables < 9 {
		t.Errorf("after the button %d of %d tables are shown", got, tables)
	}
	eval[bool](b, "document.getElementById('unfold').click(), true")
	if got := b.visible("table"); got != 0 {
		t.Errorf("after the button once more %d tables are shown", got)
	}
}

// pageFollows: a link to a finding that the filter hides shows it.
func pageFollows(t *testing.T, b *browser) {
	eval[bool](b, "(() => { const c = document.querySelector('input[value=pass]'); c.checked = true; c.dispatchEvent(new Event('change')); return true })()")
	if got := b.visible("#root-usage-111122223333"); got != 0 {
		t.Fatal("the filter does not hide the finding")
	}
	eval[bool](b, "new Promise(r => { addEventListener('hashchange', () => setTimeout(() => r(true))); location.hash = 'root-usage-111122223333' })")
	if got := b.visible("#root-usage-111122223333"); got != 1 {
		t.Error("the finding that the link names stays hidden")
	}
}

// pageThemes: the background follows the system.
func pageThemes(t *testing.T, b *browser) {
	const ground = "getComputedStyle(document.body).backgroundColor"
	light := eval[string](b, ground)
	b.media("", "dark")
	dark := eval[string](b, ground)
	if light != "rgb(251, 250, 248)" || dark != "rgb(17, 20, 23)" {
		t.Errorf("light is %s, dark %s", light, dark)
	}
}

// pageFits: no width makes the page scroll sideways, with all evidence unfolded
// (WCAG 1.4.10 asks for 320 pixels).
func pageFits(t *testing.T, b *browser) {
	eval[bool](b, "document.getElementById('unfold').click(), true")
	for _, width := range []int{320, 480, 768, 1200, 1920} {
		b.width(width)
		if got := eval[int](b, "document.scrollingElement.scrollWidth"); got > width {
			t.Errorf("in a window of %d pixels the page is %d wide", width, got)
		}
	}
}

// pageCanBeHeard asks the accessibility tree, in a narrow window too: tables
// stay tables, and everything that can be pressed has a name.
func pageCanBeHeard(t *testing.T, b *browser) {
	eval[bool](b, "document.getElementById('unfold').click(), true")
	for _, width := range []int{1200, 360} {
		b.width(width)
		var tree struct {
			Nodes []struct {
				Ignored    bool
				Role, Name struct{ Value any }
			}
		}
		b.call("Accessibility.getFullAXTree", nil, &tree)
		roles := map[string]int{}
		for _, n := range tree.Nodes {
			role, _ := n.Role.Value.(string)
			name, _ := n.Name.Value.(string)
			if n.Ignored {
				continue
			}
			roles[role]++
			if slices.Contains([]string{"radio", "button", "link", "table", "article", "region", "group", "DisclosureTriangle"}, role) && strings.TrimSpace(name) == "" && role != "group" {
				t.Errorf("width %d: a %s has no name", width, role)
			}
		}
		findings := len(everyStatus().Findings)
		for role, least := range map[string]int{
			"banner": 1, "main": 1, "contentinfo": 1, "radio": 7, "status": 1, "heading": 1 + 2 + findings, "article": findings,
			"list": 8, "table": 9, "columnheader": 27, "rowheader": 30, "cell": 60,
		} {
			if roles[role] < least {
				t.Errorf("width %d: %d of the role %s, want at least %d; there are %v", width, roles[role], role, least, roles)
			}
		}
	}
}

// pageByKeyboard goes from one thing to the next, with the first finding's evidence unfolded: everything that can be pressed has
// its turn, in the order of the page, and each shows that it has the focus.
func pageByKeyboard(t *testing.T, b *browser) {
	eval[bool](b, "document.querySelectorAll('article:first-of-type details').forEach(d => d.open = true), true")
	b.settle()
	var got []string
	for range 60 {
		b.press("Tab", 9, "")
		at := eval[[]string](b, `(() => {
			const e = document.activeElement, s = getComputedStyle(e.closest("label.choice") ?? e);
			const name = e.id || e.getAttribute("aria-label") || e.textContent.trim() || e.value;
			const inside = e.closest("article")?.id === document.querySelector("article").id ? "first" : e.closest("article") ? "next" : "";
			return [e.tagName.toLowerCase() + " " + name, s.outlineStyle === "none" || s.outlineWidth === "0px" ? "" : "seen", inside];
		})()`)
		if at[2] == "next" || at[0] == "body " {
			break
		}
		if got = append(got, at[0]); at[1] == "" {
			t.Errorf("%s does not show that it has the focus", at[0])
		}
	}
	want := []string{
		"a Skip to the findings", "input all", "input q", "select by-severity", "select by-control", "select by-account", "select by-cause", "select order", "button unfold",
		"a Changes to security groups reach a person", "summary Fix it", "button Copy the command: See the changes first", "button Copy the command: Make them",
		"button Copy the command: As a script that checks before it writes", "button Copy the command: As files for Terraform",
		"summary AWS CLI commands", "button Copy: AWS CLI commands", "pre AWS CLI commands", "summary Terraform", "button Copy: Terraform", "pre Terraform",
		"summary 1 missed event", "summary Evidence: 11 links", "summary 1 condition", "summary 2 blind spots", "summary About this control",
		"a CIS AWS Foundations 3.0.0, section 4.10", "a AWS: sections of CIS AWS Foundations 3.0.0 in Security Hub", "a AWS: alarms for CloudTrail events",
	}
	if !slices.Equal(got, want) {
		t.Errorf("by Tab\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	eval[bool](b, "document.querySelector('.skip').focus(), true")
	b.press("Enter", 13, "\r")
	if id := eval[string](b, "document.activeElement.id"); id != "findings" {
		t.Errorf("the link to the findings moves the focus to %q", id)
	}
}

// pagePrints: paper has the table of findings and the findings, folded what is folded; afterwards the page
// is as it was.
func pagePrints(t *testing.T, b *browser) {
	findings := len(everyStatus().Findings)
	eval[bool](b, "document.querySelector('details:has(table)').open = true")
	eval[bool](b, "dispatchEvent(new Event('beforeprint')), true")
	b.media("print", "dark")
	if got := eval[string](b, "getComputedStyle(document.body).backgroundColor"); got != "rgb(255, 255, 255)" {
		t.Errorf("in the dark theme the paper is %s", got)
	}
	if got := b.visible(".paper tr.row"); got != findings {
		t.Errorf("the table on paper has %d rows, want %d", got, findings)
	}
	if got := b.visible("article"); got != findings {
		t.Errorf("%d findings are on paper, want %d", got, findings)
	}
	if got := b.visible("article table"); got != 1 {
		t.Errorf("%d tables of evidence are on paper, want the unfolded one", got)
	}
	for _, hidden := range []string{"#tools", "#pager", "#unfold", "button"} {
		if got := b.visible(hidden); got != 0 {
			t.Errorf("%d of %s are on paper", got, hidden)
		}
	}
	b.media("", "light")
	eval[bool](b, "dispatchEvent(new Event('afterprint')), true")
	if got := b.visible(".paper"); got != 0 {
		t.Error("the table for paper stays on the screen")
	}
	// One page for the summary with its table, and at most one for five findings.
	if pages, most := b.pages(), 1+(findings+4)/5; pages > most {
		t.Errorf("%d findings take %d pages, want at most %d", findings, pages, most)
	}
}

// pageWithoutScripts: everything is shown, and nothing is offered that would
// not work.
func pageWithoutScripts(t *testing.T, b *browser) {
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	b.open(outputOf(t, HTML, everyStatus(), withCatalog()))
	if eval[bool](b, "document.documentElement.classList.contains('js')") {
		t.Fatal("the script ran")
	}
	if got := b.visible("article"); got != len(everyStatus().Findings) {
		t.Errorf("%d findings are shown", got)
	}
	if got := b.visible("#unfold"); got != 0 {
		t.Error("the button is shown")
	}
	if eval[bool](b, "[...document.querySelectorAll('input')].some(i => !i.disabled)") {
		t.Error("a choice can be made")
	}
	eval[bool](b, "document.querySelector('details:has(table) > summary').focus(), true")
	b.press("Enter", 13, "\r")
	if got := b.visible("table"); got != 1 {
		t.Errorf("after Enter on a summary %d tables are shown, want 1", got)
	}
	b.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": false}, nil)
}

// TestHostilePageInChromium loads a page with every name of the corpus: none
// runs, none asks for anything, none makes the page wider than its window.
func TestHostilePageInChromium(t *testing.T) {
	b := startBrowser(t)
	var r finding.Report
	for _, tt := range hostileNames {
		one := named(tt.text)
		r.Accounts = one.Accounts
		r.Findings = append(r.Findings, one.Findings[1], one.Findings[6]) // one with everything, one waived
	}
	b.width(360)
	b.open(outputOf(t, HTML, r, Options{}))
	eval[bool](b, "document.getElementById('unfold').click(), true")
	seen := 0
	for {
		seen += len(b.texts("article"))
		if got := eval[int](b, "document.scrollingElement.scrollWidth"); got > 360 {
			t.Errorf("in a window of 360 pixels the page is %d wide", got)
		}
		if eval[bool](b, "document.getElementById('next').disabled") {
			break
		}
		eval[bool](b, "document.getElementById('next').click(), true")
	}
	if seen != len(r.Findings) {
		t.Errorf("%d findings, want %d", seen, len(r.Findings))
	}
	if got := b.texts("script:not([type])"); len(got) != 1 || got[0] != strings.TrimSpace(pageScript) {
		t.Errorf("scripts: %s", clip(joined(got)))
	}
	for _, complaint := range b.complaints() {
		t.Error(clip(complaint))
	}
}

// TestBrowserWatches makes sure that the watching finds what it is for: a page
// with a request, an error and a script that the policy forbids.
func TestBrowserWatches(t *testing.T) {
	b := startBrowser(t)
	for _, bad := range []string{
		`<img src="http://example.com/x.png">`,
		`<script>console.error("x")</script>`,
		`<script>nowhere()</script>`,
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><script>1</script>`,
	} {
		b.open([]byte("<!DOCTYPE html><html><body>" + bad + "</body></html>"))
		if len(b.complaints()) == 0 {
			t.Errorf("nothing was noticed of %s", bad)
		}
	}
}
