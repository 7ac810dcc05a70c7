package report

import (
	"crypto/sha256"
	_ "embed" // the page's style and script
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"
)

var (
	//go:embed page/page.css
	styleFile string

	//go:embed page/list.js
	listFile string

	//go:embed page/findings.js
	findingsFile string

	pageStyle  = unixLines(styleFile)
	pageScript = scriptOf(listFile, findingsFile)
)

// unixLines returns one of the page's files as a browser reads it before it computes a
// hash, with single line feeds: a build from a checkout on Windows must have the same ones.
func unixLines(file string) string { return strings.ReplaceAll(file, "\r\n", "\n") }

// scriptOf puts files together as one script, which leaves no name behind in the page.
func scriptOf(files ...string) string {
	return "\"use strict\";\n(() => {\n" + unixLines(strings.Join(files, "")) + "})();\n"
}

// HTML writes a report as one page that needs nothing else: style and script
// are in it, and its content security policy allows nothing but these two, by
// their hashes.
//
// All findings stand in an element noscript. Where scripts run it is a text, from which the
// script takes the findings that are to be shown: a browser has 50 of them to lay out,
// whatever their number. Where none run it is the page.
//
// The findings of an account stand in the order in which a person wants to read
// them: what fails first, the most severe first.
func HTML(w io.Writer, r finding.Report, o Options) error {
	p := &htmlWriter{code: newHTMLCode()}
	accounts := accountsOf(r)
	for i := range accounts {
		accounts[i].findings = worstFirst(accounts[i].findings)
	}
	p.page(htmlTitle(r), pageStyle, pageScript, func() {
		p.element("a", "Skip to the findings", "class", "skip", "href", "#findings")
		p.line()
		writeHTMLHeader(p, r, o)
		writeHTMLFindings(p, accounts, r, o)
		writeHTMLFooter(p, r, o)
		writeHTMLIndex(p, struct {
			htmlIndex
			*htmlCode
		}{indexOf(accounts), p.code})
	})
	_, err := io.WriteString(w, p.b.String())
	return err
}

// page writes a page around its body. "" is a page without a script.
func (p *htmlWriter) page(title, style, script string, body func()) {
	p.raw("<!DOCTYPE html>\n")
	p.start("html", "lang", "en")
	p.line()
	writeHTMLHead(p, title, style, script)
	p.start("body")
	p.line()
	body()
	if script != "" {
		p.start("script")
		p.raw(script)
		p.end()
		p.line()
	}
	p.end()
	p.end()
	p.line()
}

// writeHTMLHead writes the head of a page with its style and the policy that allows it and
// the script; "" for a page without one.
func writeHTMLHead(p *htmlWriter, title, style, script string) {
	p.start("head")
	p.line()
	p.void("meta", "charset", "utf-8")
	p.line()
	allowed := fmt.Sprintf("default-src 'none'; style-src '%s'; ", sourceHash(style))
	if script != "" {
		allowed += fmt.Sprintf("script-src '%s'; ", sourceHash(script))
	}
	p.void("meta", "http-equiv", "Content-Security-Policy", "content", allowed+"base-uri 'none'; form-action 'none'")
	p.line()
	for _, meta := range [][2]string{
		{"viewport", "width=device-width, initial-scale=1"},
		{"color-scheme", "light dark"},
		{"referrer", "no-referrer"},
		{"robots", "noindex"},
	} {
		p.void("meta", "name", meta[0], "content", meta[1])
		p.line()
	}
	p.element("title", title)
	p.line()
	p.start("style")
	p.raw(style)
	p.end()
	p.line()
	p.end()
	p.line()
}

// sourceHash is how a content security policy names an inline style or script.
func sourceHash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// htmlTitle names the page, in a browser's tab too.
func htmlTitle(r finding.Report) string {
	title := "CloudTrail alarm audit"
	switch {
	case r.Both():
		title = "CloudTrail alarm and Azure alert audit"
	case isAzure(r):
		title = "Azure alert audit"
	}
	if len(r.Accounts) == 1 {
		title += ": " + accountWord(r.Accounts[0].Cloud) + " " + r.Accounts[0].ID
		if r.Accounts[0].Alias != "" {
			title += " (" + r.Accounts[0].Alias + ")"
		}
	}
	return title
}

// writeHTMLHeader writes what someone reads who reads nothing else, and what
// narrows the findings down.
func writeHTMLHeader(p *htmlWriter, r finding.Report, o Options) {
	p.start("header")
	p.line()
	p.element("h1", htmlTitle(r))
	p.line()
	p.element("p", htmlVerdict(r), "class", "verdict")
	p.line()
	count := map[finding.Status]int{}
	for _, f := range r.Findings {
		count[f.Status]++
	}
	writeHTMLBar(p, count)
	writeHTMLFacts(p, r, o)
	writeHTMLStatuses(p, "Findings by status", count)
	writeHTMLTools(p, htmlFindingTools(r))
	p.end()
	p.line()
}

// htmlVerdict is the outcome in one sentence, about what was checked and no more.
// Only a run without any failure, unknown or waiver says that someone would be
// alerted, and only as far as the reasons of its warnings allow.
func htmlVerdict(r finding.Report) string {
	s, all := r.Summary(), len(r.Findings)
	switch judged := all - s.NotApplicable; {
	case judged == 0:
		return "Nothing was checked."
	case s.Fail > 0:
		verb := "fail"
		if s.Fail == 1 {
			verb = "fails"
		}
		return fmt.Sprintf("%d of %s %s%s.", s.Fail, plural(all, "check"), verb, htmlFailing(r))
	case s.Unknown > 0:
		return fmt.Sprintf("No check fails, but %d of %d could not be checked.", s.Unknown, all)
	case s.Waived > 0:
		return fmt.Sprintf("No check fails but for %s.", plural(s.Waived, "waived one"))
	case !slices.ContainsFunc(r.Findings, hasChain):
		return "What was checked is as it should be."
	}
	return htmlAlerted(r, s)
}

// htmlFailing says what failing checks mean, as far as one of them follows a chain.
func htmlFailing(r finding.Report) string {
	worst := finding.ReachPerson
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Status == finding.Fail && hasChain(*f) {
			worst = max(worst, f.Reached())
		}
	}
	switch worst {
	case finding.ReachPerson:
		return ""
	case finding.ReachSome:
		return ": some events could happen, and nobody would be alerted"
	default:
		return ": something could happen, and nobody would be alerted"
	}
}

// htmlAlerted says who would be alerted where nothing fails and all was seen.
func htmlAlerted(r finding.Report, s finding.Summary) string {
	count := map[finding.Reach]int{}
	worst, chains := finding.ReachPerson, 0
	for i := range r.Findings {
		if f := &r.Findings[i]; hasChain(*f) {
			reach := f.Reached()
			chains++
			count[reach]++
			worst = max(worst, reach)
		}
	}
	checks := fmt.Sprintf("For %d of %s", count[worst], plural(chains, "check"))
	switch worst {
	case finding.ReachPerson:
		text := "Someone would be alerted to every event that the check requires"
		if chains > 1 {
			text = fmt.Sprintf("Someone would be alerted to every event that the %d checks require", chains)
		}
		if s.Warn > 0 {
			return text + ", but not everything is as it should be."
		}
		return text + "."
	case finding.ReachSome:
		return checks + " someone would be alerted, but not to every event or not at all times."
	case finding.ReachMachine:
		return checks + " only a machine (a queue, a function, a stream) is known to get the message."
	case finding.ReachNobody:
		return checks + " nobody would be alerted."
	default:
		return checks + " it is not certain that someone would be alerted."
	}
}

func writeHTMLFacts(p *htmlWriter, r finding.Report, o Options) {
	facts := [][2]string{{"Benchmark", benchmarksText(r)}}
	if text := checkedText(r); text != "" {
		facts = append(facts, [2]string{"Checked", text})
	}
	if r.Framework.Title != "" {
		facts = append(facts, [2]string{"Mapped to", r.Framework.Title})
	}
	if n := len(r.Regions); n > 0 {
		facts = append(facts, [2]string{plural(n, "region"), strings.Join(r.Regions, ", ")})
	}
	facts = append(facts, originFacts(r)...)
	facts = append(facts, [2]string{"Generated", htmlTime(r.GeneratedAt) + by(o)})
	if o.Config != nil {
		facts = append(facts, [2]string{"Configuration", o.Config.Path + ", SHA-256 " + o.Config.SHA256})
	}
	for i, line := range o.baselineLines() {
		name := ""
		if i == 0 {
			name = "Baseline"
		}
		facts = append(facts, [2]string{name, line})
	}
	p.facts(facts)
}

// htmlTime is a time as people read it.
func htmlTime(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// by says which tool made the page.
func by(o Options) string {
	if o.Version == "" {
		return " by monitorctl"
	}
	return " by monitorctl " + o.Version
}

// originsShown is how many snapshots a page names.
const originsShown = 5

// originFacts say who read the accounts, when, and what the digests of the snapshots are.
func originFacts(r finding.Report) [][2]string {
	var facts [][2]string
	var seen []finding.Origin
	for _, a := range r.Accounts {
		if a.Origin != (finding.Origin{}) && !slices.Contains(seen, a.Origin) {
			seen = append(seen, a.Origin)
		}
	}
	for _, origin := range seen[:min(len(seen), originsShown)] {
		facts = append(facts, [2]string{"Read", originText(origin)}, [2]string{"Snapshot", "SHA-256 " + origin.SHA256})
	}
	if n := len(seen) - originsShown; n > 0 {
		facts = append(facts, [2]string{"", fmt.Sprintf("and %s more", plural(n, "snapshot"))})
	}
	return facts
}

// originText says when an account was read, and by whom.
func originText(o finding.Origin) string {
	text := htmlTime(o.At)
	switch role := roleOf(o.Principal); {
	case role != "":
		return fmt.Sprintf("%s, by role %s: %s", text, role, o.Principal)
	case o.Principal != "":
		return text + ", by " + o.Principal
	case o.Saved:
		return text + ", checked from a saved snapshot"
	}
	return text
}

// roleOf returns the name of the role of arn:aws:sts::111122223333:assumed-role/NAME/SESSION; "" for
// another principal.
func roleOf(principal string) string {
	_, rest, ok := strings.Cut(principal, ":assumed-role/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// facts writes a list of names with their values.
func (p *htmlWriter) facts(list [][2]string) {
	p.start("dl", "class", "facts")
	p.line()
	for _, fact := range list {
		p.element("dt", fact[0])
		p.element("dd", fact[1])
		p.line()
	}
	p.end()
	p.line()
}

// An htmlStatus is a status as the page shows it.
type htmlStatus struct {
	status finding.Status
	class  string
	badge  string // on a finding
	choice string // in the filter
}

// htmlStatuses are in the order in which a person wants to read.
var htmlStatuses = []htmlStatus{
	{finding.Fail, "fail", "Fail", "Failing"},
	{finding.Unknown, "unknown", "Unknown", "Unknown"},
	{finding.Warn, "warn", "Warning", "Warnings"},
	{finding.Waived, "waived", "Waived", "Waived"},
	{finding.Pass, "pass", "Pass", "Passing"},
	{finding.NotApplicable, "na", "N/A", "Not applicable"},
}

func htmlStatusOf(s finding.Status) htmlStatus {
	for _, known := range htmlStatuses {
		if known.status == s {
			return known
		}
	}
	return htmlStatus{s, "na", string(s), string(s)}
}

// writeHTMLBar draws how many findings or accounts have which status, the gravest first. The counts
// beside it say the same.
func writeHTMLBar(p *htmlWriter, count map[finding.Status]int) {
	all := 0
	for _, n := range count {
		all += n
	}
	p.start("svg", "class", "bar", "aria-hidden", "true")
	at := 0.0
	for _, s := range htmlStatuses {
		width := 0.0
		if all > 0 {
			width = 100 * float64(count[s.status]) / float64(all)
		}
		p.start("rect", "class", s.class, "x", percent(at), "width", percent(width), "height", "100%")
		p.end()
		at += width
	}
	p.end()
	p.line()
}

func percent(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) + "%" }

// writeHTMLStatuses writes the counts, which the script makes a filter.
func writeHTMLStatuses(p *htmlWriter, legend string, count map[finding.Status]int) {
	all := 0
	for _, n := range count {
		all += n
	}
	p.start("fieldset")
	p.line()
	p.element("legend", legend)
	p.line()
	choice := func(value, name string, n int, more ...string) {
		p.start("label", "class", "choice")
		p.void("input", append([]string{"type", "radio", "name", "status", "value", value}, more...)...)
		p.text(name + " ")
		p.element("b", Thousands(n))
		p.end()
		p.line()
	}
	choice("all", "All", all, "checked", "", "disabled")
	for _, s := range htmlStatuses {
		if count[s.status] > 0 {
			choice(string(s.status), s.choice, count[s.status], "disabled")
		}
	}
	p.end()
	p.line()
}

// htmlTools are the fields that narrow a list down, and the orders that it can have. The script fills
// the filters from its data; one with a single choice stays hidden.
type htmlTools struct {
	hint    string // what can be looked for
	filters [][2]string
	orders  [][2]string
	shown   string
}

func htmlFindingTools(r finding.Report) htmlTools {
	t := htmlTools{
		hint:    "Control, account, resource, event, words",
		filters: [][2]string{{"severity", "Severity"}, {"control", "Control"}, {"account", "Account"}, {"cause", "Cause"}},
		orders:  [][2]string{{"worst", "Worst first"}, {"severity", "Severity"}, {"number", "Number"}, {"cause", "Cause"}},
		shown:   plural(len(r.Findings), "finding"),
	}
	if len(r.Accounts) > 1 {
		t.orders = slices.Insert(t.orders, 0, [2]string{"account", "Account, worst first"})
	}
	return t
}

// writeHTMLTools writes the fields, which are hidden until the script makes them work.
func writeHTMLTools(p *htmlWriter, t htmlTools) {
	p.start("div", "id", "tools", "role", "search", "aria-label", "Narrow the list down", "hidden")
	p.line()
	field := func(class, name string, content func()) {
		p.start("label", "class", class)
		p.element("span", name)
		content()
		p.end()
		p.line()
	}
	field("field wide", "Search", func() {
		p.void("input", "type", "search", "id", "q", "placeholder", t.hint, "autocomplete", "off", "spellcheck", "false", "disabled")
	})
	for _, f := range t.filters {
		field("field", f[1], func() { p.element("select", "", "id", "by-"+f[0], "disabled") })
	}
	field("field", "Order", func() {
		p.start("select", "id", "order", "disabled")
		for _, order := range t.orders {
			p.element("option", order[1], "value", order[0])
		}
		p.end()
	})
	p.end()
	p.line()
	p.start("div", "class", "choices")
	p.element("p", t.shown, "id", "shown", "role", "status", "aria-live", "polite")
	p.element("button", "Clear filters", "id", "clear", "type", "button", "hidden")
	p.element("button", "Unfold all evidence", "id", "unfold", "type", "button", "hidden")
	p.end()
	p.line()
}

// writeHTMLFindings writes the findings: for paper as a table, and each by itself.
func writeHTMLFindings(p *htmlWriter, accounts []accountFindings, r finding.Report, o Options) {
	p.start("main", "id", "findings", "tabindex", "-1")
	p.line()
	p.start("noscript", "id", "table")
	p.line()
	writeHTMLPaper(p, accounts)
	p.end()
	p.start("noscript", "id", "all")
	p.line()
	ids := newHTMLIDs()
	for _, a := range accounts {
		writeHTMLAccount(p, a, r, o, ids, len(accounts) > 1)
	}
	p.end()
	p.line()
	writeHTMLList(p)
	p.end()
	p.line()
}

// writeHTMLList writes where the script shows what is chosen, page by page.
func writeHTMLList(p *htmlWriter) {
	p.element("div", "", "id", "list")
	p.start("nav", "id", "pager", "aria-label", "Pages of the list", "hidden")
	p.element("button", "‹ Previous", "id", "previous", "type", "button")
	p.element("span", "", "id", "page")
	p.element("button", "Next ›", "id", "next", "type", "button")
	p.end()
	p.line()
}

// writeHTMLPaper writes the table of findings that paper begins with: a line each, in the order of
// what follows.
func writeHTMLPaper(p *htmlWriter, accounts []accountFindings) {
	if !slices.ContainsFunc(accounts, func(a accountFindings) bool { return len(a.findings) > 0 }) {
		return
	}
	head := []string{"Status", "Severity", "CIS", "Control", "Account", "Why"}
	p.start("div", "class", "paper")
	htmlTable(p, "All findings", head, func() {
		for _, a := range accounts {
			for _, f := range a.findings {
				p.start("tr", "class", "row")
				p.element("td", htmlStatusOf(f.Status).badge, "class", "state t-"+htmlStatusOf(f.Status).class)
				p.element("td", f.Severity.String())
				p.element("td", f.Number)
				p.element("th", f.Control, "scope", "row")
				p.element("td", f.Account)
				p.element("td", truncate(f.Why(), paperWhy))
				p.end()
				p.line()
			}
		}
	})
	p.end()
	p.line()
}

// paperWhy is how many characters of a reason the table of findings has.
const paperWhy = 160

// worstFirst returns findings in the order in which a person wants to read them.
func worstFirst(list []finding.Finding) []finding.Finding {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(x, y finding.Finding) int {
		if c := htmlRank(x.Status) - htmlRank(y.Status); c != 0 {
			return c
		}
		return int(y.Severity) - int(x.Severity)
	})
	return list
}

// writeHTMLAccount writes the findings of an account; many says that there are others.
func writeHTMLAccount(p *htmlWriter, a accountFindings, r finding.Report, o Options, ids *htmlIDs, many bool) {
	if len(a.findings) == 0 {
		return
	}
	id := ids.of("account-" + a.ref.ID)
	p.start("section", "aria-labelledby", id)
	p.line()
	p.element("h2", accountTitle(a.ref), "id", id)
	p.line()
	p.element("p", strings.Join(placeParts(a.ref), " · "), "class", "soft")
	p.line()
	for _, f := range a.findings {
		writeHTMLFinding(p, f, r, o, ids.of(f.Control+"-"+f.Account), many)
	}
	p.end()
	p.line()
}

func htmlRank(s finding.Status) int {
	return slices.IndexFunc(htmlStatuses, func(known htmlStatus) bool { return known.status == s })
}

func writeHTMLFooter(p *htmlWriter, r finding.Report, o Options) {
	version := ""
	if o.Version != "" {
		version = " " + o.Version
	}
	p.start("footer")
	p.line()
	p.element("p", fmt.Sprintf("monitorctl%s, read-only. %s", version, nextStep(r)))
	p.line()
	p.end()
	p.line()
}

// htmlIDs hands out ids of elements, each once.
type htmlIDs struct{ used map[string]int }

func newHTMLIDs() *htmlIDs { return &htmlIDs{map[string]int{}} }

// of returns an id made from name: letters, digits, - and _ of it, and a number
// where it is taken already.
func (ids *htmlIDs) of(name string) string {
	id := strings.ReplaceAll(segment(name), "%", "_")
	ids.used[id]++
	if n := ids.used[id]; n > 1 {
		return fmt.Sprintf("%s.%d", id, n)
	}
	return id
}
