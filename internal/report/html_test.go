package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"

	"golang.org/x/net/html"
)

func TestHTMLGolden(t *testing.T) {
	o := withCatalog()
	o.Config = &ConfigFile{Path: "monitorctl.yaml", SHA256: digest}
	golden(t, "audit.html", outputOf(t, HTML, everyStatus(), o))
}

// htmlElements parses a page as a browser without scripts does, and returns its elements in
// the order of the source.
func htmlElements(t *testing.T, page []byte) []*html.Node {
	t.Helper()
	doc, err := html.ParseWithOptions(bytes.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	var list []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			list = append(list, n)
		}
	}
	return list
}

func htmlAttr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// htmlText returns what is written in n and below it.
func htmlText(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// freeAttrs are the attributes that hold names, or are made of names.
var freeAttrs = []string{"id", "href", "aria-labelledby"}

// readHTML is the check of the corpus of hostile names: the tree of elements
// that a parser of its own finds, and what stands between them.
func readHTML(t *testing.T, out []byte) (shape, text string) {
	t.Helper()
	var shapes, texts strings.Builder
	for _, n := range htmlElements(t, out) {
		depth := 0
		for range n.Ancestors() {
			depth++
		}
		fmt.Fprintf(&shapes, "%d %s", depth, n.Data)
		for _, a := range n.Attr {
			if slices.Contains(freeAttrs, a.Key) {
				a.Val = "*"
			}
			fmt.Fprintf(&shapes, " %s=%q", a.Key, a.Val)
		}
		shapes.WriteByte('\n')
		if data, _ := htmlAttr(n, "type"); data == "application/json" {
			shape, text := readJSONShape(t, []byte(htmlText(n)))
			shapes.WriteString(shape)
			texts.WriteString(text)
			continue
		}
		if n.Data == "style" || n.Data == "script" {
			shapes.WriteString(htmlText(n))
			continue
		}
		for c := range n.ChildNodes() {
			if c.Type == html.TextNode {
				texts.WriteString(c.Data + "\n")
			}
		}
	}
	return shapes.String(), texts.String()
}

// TestHTMLStructure looks for what people need who do not see the page, or use
// no mouse.
func TestHTMLStructure(t *testing.T) {
	for name, r := range map[string]finding.Report{"every status": everyStatus(), "hostile": hostile(), "empty": {}} {
		t.Run(name, func(t *testing.T) {
			page := outputOf(t, HTML, r, withCatalog())
			count := map[string]int{}
			ids := map[string]bool{}
			headings := 0
			elements := htmlElements(t, page)
			for _, n := range elements {
				count[n.Data]++
				if id, ok := htmlAttr(n, "id"); ok {
					if ids[id] || id == "" || strings.ContainsAny(id, " \t\"'<>") {
						t.Errorf("the id %q is empty, taken or no id", id)
					}
					ids[id] = true
				}
				if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
					level := int(n.Data[1] - '0')
					if level > headings+1 {
						t.Errorf("a heading of level %d stands below one of level %d", level, headings)
					}
					headings = level
				}
				if scope, ok := htmlAttr(n, "scope"); n.Data == "th" && (!ok || scope != "col" && scope != "row") {
					t.Errorf("a header cell has the scope %q", scope)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "action" {
						t.Errorf("<%s> has the attribute %s", n.Data, a.Key)
					}
				}
			}
			for _, n := range elements {
				for _, name := range []string{"href", "aria-labelledby"} {
					to, ok := htmlAttr(n, name)
					if ok && name == "href" && isSource(to) {
						continue
					}
					if ok && !ids[strings.TrimPrefix(to, "#")] {
						t.Errorf("%s=%q leads nowhere in the page", name, to)
					}
				}
			}
			for element, want := range map[string]int{"header": 1, "main": 1, "footer": 1, "h1": 1, "title": 1, "style": 1, "script": 2, "article": len(r.Findings), "h3": len(r.Findings), "fieldset": 1, "legend": 1} {
				if count[element] != want {
					t.Errorf("%d elements %s, want %d", count[element], element, want)
				}
			}
			if count["table"] != count["caption"] {
				t.Errorf("%d tables have %d captions", count["table"], count["caption"])
			}
			for _, forbidden := range []string{"img", "link", "iframe", "object", "embed", "form", "base"} {
				if count[forbidden] > 0 {
					t.Errorf("the page has an element %s", forbidden)
				}
			}
			for _, want := range []string{`lang="en"`, `aria-live="polite"`, `name="viewport"`, `class="skip"`} {
				if !bytes.Contains(page, []byte(want)) {
					t.Errorf("the page has no %s", want)
				}
			}
		})
	}
}

// isSource reports whether an address is one of the pages that a control is linked to.
func isSource(address string) bool {
	return slices.ContainsFunc([]string{cisAWS, cisAzure, securityHub, cloudTrailAlarm, azureAlert}, func(known string) bool {
		rest, ok := strings.CutPrefix(address, known)
		return ok && regexp.MustCompile(`^([a-z-]+\.html(#[a-z0-9-]+)?)?$`).MatchString(rest)
	})
}

// TestHTMLPolicy: the page's own style and script are allowed, by their hashes,
// and nothing else.
func TestHTMLPolicy(t *testing.T) {
	var policy, style, script string
	for _, n := range htmlElements(t, outputOf(t, HTML, everyStatus(), Options{})) {
		switch name, _ := htmlAttr(n, "http-equiv"); {
		case name == "Content-Security-Policy":
			policy, _ = htmlAttr(n, "content")
			if style+script != "" {
				t.Error("the policy stands behind what it is about")
			}
		case n.Data == "style":
			style = htmlText(n)
		case n.Data == "script" && len(n.Attr) == 0:
			script = htmlText(n)
		}
	}
	want := fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", sourceHash(style), sourceHash(script))
	if policy != want || style == "" || script == "" {
		t.Errorf("the policy is\n%s\nwant\n%s", policy, want)
	}
	// The hash of a known text, computed with another tool.
	if got, want := sourceHash("hello"), "sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="; got != want {
		t.Errorf("sourceHash is %s, want %s", got, want)
	}
	for _, file := range []string{fleetStyle, pageScript, fleetScript} { // fleetStyle begins with pageStyle
		if found := regexp.MustCompile(`(?i)url\(|@import|https?:|//[a-z]|fetch|XMLHttp|</s[ct]|innerHTML|\beval\b`).FindString(file); found != "" {
			t.Errorf("the page's style or script has %q", found)
		}
	}
}

// TestHTMLOrigin: the page says who read what: principal and role, when, the digest of the snapshot, the version
// of the tool and how much of the benchmark was checked.
func TestHTMLOrigin(t *testing.T) {
	r := everyStatus()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r.Accounts[0].Origin = finding.Origin{Principal: "arn:aws:sts::111122223333:assumed-role/audit/jane", At: at, SHA256: strings.Repeat("ab", 32)}
	r.Accounts[1].Origin = finding.Origin{Saved: true, At: at, SHA256: strings.Repeat("cd", 32)}
	r.Accounts = append(r.Accounts, finding.AccountRef{ID: "777788889999", Origin: finding.Origin{Principal: "arn:aws:iam::777788889999:user/jane", At: at, SHA256: strings.Repeat("ef", 32)}})
	var got []string
	for _, n := range htmlElements(t, outputOf(t, HTML, r, Options{Version: "1.2.3"})) {
		if class, _ := htmlAttr(n.Parent, "class"); class == "facts" {
			got = append(got, htmlText(n))
		}
	}
	want := []string{
		"Benchmark", "CIS AWS Foundations 3.0.0",
		"Checked", "core: 3 of the 15 metric-filter controls of CIS AWS Foundations 3.0.0, and guardduty-changes; --set cis checks the rest (in 4 regions)",
		"4 regions", "eu-central-1, eu-west-1, us-east-1, us-west-2",
		"Read", "1 March 2026, 12:00 UTC, by role audit: arn:aws:sts::111122223333:assumed-role/audit/jane", "Snapshot", "SHA-256 " + strings.Repeat("ab", 32),
		"Read", "1 March 2026, 12:00 UTC, checked from a saved snapshot", "Snapshot", "SHA-256 " + strings.Repeat("cd", 32),
		"Read", "1 March 2026, 12:00 UTC, by arn:aws:iam::777788889999:user/jane", "Snapshot", "SHA-256 " + strings.Repeat("ef", 32),
		"Generated", "1 March 2026, 12:30 UTC by monitorctl 1.2.3",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("facts (-want +got):\n%s", d)
	}
}

// TestHTMLSources: every control of a benchmark is linked to it, with the section that it is, and to a page of
// AWS or Microsoft; a Security Hub check has its own number in the address.
func TestHTMLSources(t *testing.T) {
	benchmarks := map[string]string{"cis-1.2.0": "1v2", "cis-1.4.0": "1v4", "cis-3.0.0": "3v0", "cis-5.0.0": "5v0"}
	for _, c := range shippedControls(t) {
		for b, n := range c.Numbers {
			list := sourcesOf(c, b)
			home := cisAWS
			if c.Cloud == catalog.Azure {
				home = cisAzure
			}
			if len(list) < 2 || list[0].url != home || list[0].text != b.Title()+", section "+n.Number {
				t.Errorf("%s of %s: %v", c.ID, b, list)
				continue
			}
			if v := benchmarks[string(b)]; v != "" && list[1].url != securityHub+"cis-aws-foundations-benchmark.html#cis"+v+"-standard" {
				t.Errorf("%s of %s: the second page is %s", c.ID, b, list[1].url)
			}
			for _, id := range c.Mappings[securityHubFramework] {
				want := source{"AWS: Security Hub " + id, securityHub + "cloudwatch-controls.html#cloudwatch-" + strings.TrimPrefix(id, "CloudWatch.")}
				if strings.HasPrefix(id, "CloudWatch.") && !slices.Contains(list, want) {
					t.Errorf("%s of %s is not linked to %s: %v", c.ID, b, id, list)
				}
			}
			for _, s := range list {
				if !isSource(s.url) {
					t.Errorf("%s of %s: the address %s is not one of the known", c.ID, b, s.url)
				}
			}
		}
	}
}

// TestHTMLCode: texts and lines are in the page once, whatever the account, and come back as they were; what
// cannot be shown as it is, is not shown.
func TestHTMLCode(t *testing.T) {
	hostile := "a ## b </script><!-- ' \" \\ $& {account} ü 🙂\n\n"
	r := everyStatus()
	first := r.Findings[1]
	first.Repair = &finding.Repair{Shell: "of 111122223333\n" + hostile, Terraform: hostile}
	second := first
	second.Account, second.ID = "444455556666", "second"
	second.Repair = &finding.Repair{Shell: "of 444455556666\n" + hostile, Terraform: "\u202e"}
	r.Findings = []finding.Finding{first, second}
	page := outputOf(t, HTML, r, Options{})
	var data struct {
		Line []string
		Code [][]int
	}
	var places []string
	for _, n := range htmlElements(t, page) {
		if id, _ := htmlAttr(n, "id"); id == "index" {
			if err := json.Unmarshal([]byte(htmlText(n)), &data); err != nil {
				t.Fatal(err)
			}
		}
		if at, ok := htmlAttr(n, "data-code"); ok {
			places = append(places, at)
		}
	}
	if want := []string{"0 111122223333", "1 111122223333"}; !slices.Equal(places, want) {
		t.Errorf("texts are at %q, want %q: the second finding has one that cannot be shown", places, want)
	}
	var texts []string
	for _, lines := range data.Code {
		var text []string
		for _, i := range lines {
			text = append(text, data.Line[i])
		}
		texts = append(texts, strings.ReplaceAll(strings.Join(text, "\n"), codeAccount, first.Account))
	}
	if want := []string{first.Repair.Shell, first.Repair.Terraform}; !slices.Equal(texts, want) {
		t.Errorf("texts %q, want %q", texts, want)
	}
	if len(data.Line) != 3 {
		t.Errorf("%d lines, want each of the 3 once: %q", len(data.Line), data.Line)
	}
	if !bytes.Contains(page, []byte("Its name cannot be shown as code")) {
		t.Error("the second finding does not say why it has no code")
	}
}

// TestHTMLVerdict: only a run without failures, unknowns and waivers says that
// someone would be alerted.
func TestHTMLVerdict(t *testing.T) {
	tests := []struct {
		statuses string
		want     string
	}{
		{"", "Nothing was checked."},
		{"n", "Nothing was checked."},
		{"p", "Someone would be alerted to every event that the check requires."},
		{"pn", "Someone would be alerted to every event that the check requires."},
		{"pw", "Someone would be alerted to every event that the 2 checks require, but not everything is as it should be."},
		{"ppW", "No check fails but for 1 waived one."},
		{"pWW", "No check fails but for 2 waived ones."},
		{"pWwu", "No check fails, but 1 of 4 could not be checked."},
		{"pF", "1 of 2 checks fails."},
		{"PP", "What was checked is as it should be."},
		{"Pp", "Someone would be alerted to every event that the check requires."},
		{"pfF", "2 of 3 checks fail: something could happen, and nobody would be alerted."},
		{"pfu", "1 of 3 checks fails: something could happen, and nobody would be alerted."},
	}
	for _, tt := range tests {
		var r finding.Report
		for _, c := range tt.statuses {
			s := map[rune]finding.Status{'n': finding.NotApplicable, 'p': finding.Pass, 'w': finding.Warn, 'W': finding.Waived, 'u': finding.Unknown, 'f': finding.Fail, 'F': finding.Fail, 'P': finding.Pass}[c]
			f := finding.Finding{Status: s}
			if c != 'n' && c != 'F' && c != 'P' { // those ask for a state
				f.Stages.Trail = finding.StateOK
			}
			r.Findings = append(r.Findings, f)
		}
		if got := htmlVerdict(r); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.statuses, got, tt.want)
		}
	}
}

// TestHTMLChain reads the row of links of each finding: the first link that
// does not carry is marked, and only that one.
func TestHTMLChain(t *testing.T) {
	want := map[string]string{
		"network-gateway-changes":   "Trail ok, Filter ok, Alarm ok, [Notification broken here], A person not alerted",
		"security-group-changes":    "Trail ok, [Filter a gap here], Alarm ok, Notification ok, A person not always alerted",
		"nacl-changes":              "Trail ok, Filter ok, Alarm ok, Notification ok, A person alerted",
		"guardduty-changes":         "Trail ok, [Filter broken here], Alarm not reached, Notification not reached, A person not alerted",
		"kms-cmk-disable-or-delete": "Trail ok, Filter ok, Alarm ok, Notification ok, A person only a machine gets it",
		"root-usage":                "Trail ok, Filter ok, [Alarm not seen], Notification not reached, A person unknown",
		"config-changes":            "Trail ok, [Filter broken here], Alarm not reached, Notification not reached, A person not alerted",
		"organizations-changes":     "",
	}
	r := everyStatus()
	r.Findings = r.Findings[:8] // one account
	got := map[string]string{}
	var control string
	for _, n := range htmlElements(t, outputOf(t, HTML, r, Options{})) {
		class, _ := htmlAttr(n, "class")
		switch {
		case n.Data == "span" && class == "id":
			control = htmlText(n)
			got[control] = ""
		case n.Data == "ol":
			var links []string
			for li := range n.ChildNodes() {
				if li.Type != html.ElementNode {
					continue
				}
				var words []string
				for c := range li.ChildNodes() {
					if c.Type == html.ElementNode && c.Data != "i" {
						words = append(words, htmlText(c))
					}
				}
				link := strings.Join(words, " ")
				if class, _ := htmlAttr(li, "class"); strings.Contains(class, "broken") {
					link = "[" + link + "]"
				}
				links = append(links, link)
			}
			got[control] = strings.Join(links, ", ")
		}
	}
	for control := range want {
		if got[control] != want[control] {
			t.Errorf("%s: %s\nwant %s", control, got[control], want[control])
		}
	}
}

// TestHTMLOrder: what fails stands first, the most severe first.
func TestHTMLOrder(t *testing.T) {
	var got []string
	for _, n := range htmlElements(t, outputOf(t, HTML, everyStatus(), Options{})) {
		if class, _ := htmlAttr(n, "class"); n.Data == "span" && class == "id" {
			got = append(got, htmlText(n))
		}
	}
	want := []string{
		"security-group-changes", "network-gateway-changes", "guardduty-changes", "root-usage", "kms-cmk-disable-or-delete",
		"config-changes", "nacl-changes", "organizations-changes",
		"security-group-changes", // of the second account
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestHTMLBaseline: the page says what is known, what was fixed, and that only
// the rest counts.
func TestHTMLBaseline(t *testing.T) {
	o := Options{Baseline: &Baseline{
		Path: "old.json", Standing: diff.Standing{
			Known: map[string]bool{gapInFilter().ID: true},
			Fixed: []finding.Finding{{ID: "x", Control: "nacl-changes", Account: "111122223333"}},
		},
	}}
	page := string(outputOf(t, HTML, fourControls(), o))
	for _, want := range []string{
		"1 failure is known from the baseline old.json; only new ones count.",
		"Fixed since the baseline: nacl-changes in account 111122223333.",
		"Known from the baseline: DeleteSecurityGroup would go unseen",
	} {
		if strings.Count(page, want) != 1 {
			t.Errorf("the page says %d times %q, want once", strings.Count(page, want), want)
		}
	}
	if got := strings.Count(page, "Known from the baseline"); got != 1 {
		t.Errorf("%d findings are known, want 1", got)
	}
}

func TestCapital(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"no trail records this account", "No trail records this account"},
		{"cloudwatch:DescribeAlarms was denied", "cloudwatch:DescribeAlarms was denied"},
		{"cis-alerts has no subscriber", "cis-alerts has no subscriber"},
		{"deleteTrail never occurs", "deleteTrail never occurs"},
		{"DeleteTrail would go unseen", "DeleteTrail would go unseen"},
		{"über alles", "über alles"},
	}
	for _, tt := range tests {
		if got := capital(tt.in); got != tt.want {
			t.Errorf("capital(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// TestHTMLContrast computes the contrast of the page's colors as WCAG 2.2 does:
// 4.5 to 1 for text (1.4.3), 3 to 1 for what is no text but has a meaning
// (1.4.11), in every theme and on paper.
func TestHTMLContrast(t *testing.T) {
	themes := palettes(t)
	if len(themes) != 3 {
		t.Fatalf("%d palettes, want light, dark and paper", len(themes))
	}
	for i, colors := range themes {
		check := func(fg, bg string, least float64) {
			t.Helper()
			if got := contrast(t, colors[fg], colors[bg]); got < least {
				t.Errorf("palette %d: %s %s on %s %s has %.2f to 1, want %.1f", i, fg, colors[fg], bg, colors[bg], got, least)
			}
		}
		for _, ground := range []string{"ground", "panel"} {
			for _, fg := range []string{"ink", "soft", "link", "fail", "unknown", "warn", "pass"} {
				check(fg, ground, 4.5)
			}
			check("edge", ground, 3) // the outline of choices, the lines of the chain
		}
		check("ground", "ink", 4.5) // the choice that is made
		for _, status := range []string{"fail", "unknown", "warn", "waived", "pass", "na"} {
			check(status, status+"-bg", 4.5)
		}
	}
}

// TestContrastFormula holds the formula to the examples that everybody knows.
func TestContrastFormula(t *testing.T) {
	for _, tt := range []struct {
		fg, bg string
		want   float64
	}{{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#777777", "#ffffff", 4.48}, {"#0000ff", "#ffffff", 8.59}} {
		if got := contrast(t, tt.fg, tt.bg); math.Abs(got-tt.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", tt.fg, tt.bg, got, tt.want)
		}
	}
}

// palettes returns the colors of each :root block of the style.
func palettes(t *testing.T) []map[string]string {
	t.Helper()
	var list []map[string]string
	for _, block := range regexp.MustCompile(`:root \{([^}]*)\}`).FindAllStringSubmatch(pageStyle, -1) {
		colors := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(block[1], -1) {
			colors[m[1]] = m[2]
		}
		list = append(list, colors)
	}
	for _, colors := range list[1:] {
		if len(colors) != len(list[0]) {
			t.Errorf("a palette has %d colors, the first %d", len(colors), len(list[0]))
		}
	}
	return list
}

// contrast is the contrast ratio of WCAG 2.2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is the relative luminance of #rrggbb.
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		if len(color) != 7 {
			t.Fatalf("%q is no color", color)
		}
		n, err := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
