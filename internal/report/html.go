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

	"github.com/monitorctl/monitorctl/internal/finding"
)

var (
	//go:embed page/page.css
	styleFile string

	//go:embed page/page.js
	scriptFile string

	// A browser reads line ends as single line feeds before it computes a hash:
	// a build from a checkout on Windows must have the same ones.
	pageStyle  = strings.ReplaceAll(styleFile, "\r\n", "\n")
	pageScript = strings.ReplaceAll(scriptFile, "\r\n", "\n")
)

// HTML writes a report as one page that needs nothing else: style and script
// are in it, and its content security policy allows nothing but these two, by
// their hashes. Without scripts everything is shown.
//
// The findings of an account stand in the order in which a person wants to read
// them: what fails first, the most severe first.
func HTML(w io.Writer, r finding.Report, o Options) error {
	p := &htmlWriter{}
	p.raw("<!DOCTYPE html>\n")
	p.start("html", "lang", "en")
	p.line()
	writeHTMLHead(p, htmlTitle(r), pageStyle, pageScript)
	p.start("body")
	p.line()
	p.element("a", "Skip to the findings", "class", "skip", "href", "#findings")
	p.line()
	writeHTMLHeader(p, r, o)
	p.start("main", "id", "findings")
	p.line()
	ids := newHTMLIDs()
	for _, a := range accountsOf(r) {
		writeHTMLAccount(p, a, r, o, ids)
	}
	p.end()
	p.line()
	writeHTMLFooter(p, r, o)
	p.start("script")
	p.raw(pageScript)
	p.end()
	p.line()
	p.end()
	p.end()
	p.line()
	_, err := io.WriteString(w, p.b.String())
	return err
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

// writeHTMLHeader writes what someone reads who reads nothing else, and the
// filter.
func writeHTMLHeader(p *htmlWriter, r finding.Report, o Options) {
	p.start("header")
	p.line()
	p.element("h1", htmlTitle(r))
	p.line()
	p.element("p", htmlVerdict(r), "class", "verdict")
	p.line()
	writeHTMLFacts(p, r, o)
	writeHTMLFilter(p, r)
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
		return fmt.Sprintf("%d of %d checks fail%s.", s.Fail, all, htmlFailing(r))
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
	facts = append(facts, [2]string{"Generated", r.GeneratedAt.UTC().Format("2 January 2006, 15:04 UTC")})
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

// writeHTMLFilter writes the counts, which the script makes a filter.
func writeHTMLFilter(p *htmlWriter, r finding.Report) {
	count := map[finding.Status]int{}
	for _, f := range r.Findings {
		count[f.Status]++
	}
	p.start("fieldset")
	p.line()
	p.element("legend", "Findings by status")
	p.line()
	choice := func(value, name string, n int, more ...string) {
		p.start("label", "class", "choice")
		p.void("input", append([]string{"type", "radio", "name", "status", "value", value}, more...)...)
		p.text(name + " ")
		p.element("b", strconv.Itoa(n))
		p.end()
		p.line()
	}
	choice("all", "All", len(r.Findings), "checked", "", "disabled")
	for _, s := range htmlStatuses {
		if count[s.status] > 0 {
			choice(string(s.status), s.choice, count[s.status], "disabled")
		}
	}
	p.end()
	p.line()
	p.start("div", "class", "choices")
	p.element("p", fmt.Sprintf("%d of %d findings shown", len(r.Findings), len(r.Findings)), "id", "shown", "role", "status", "aria-live", "polite")
	p.element("button", "Unfold all evidence", "id", "unfold", "type", "button", "hidden")
	p.end()
	p.line()
}

func writeHTMLAccount(p *htmlWriter, a accountFindings, r finding.Report, o Options, ids *htmlIDs) {
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
	findings := slices.Clone(a.findings)
	slices.SortStableFunc(findings, func(x, y finding.Finding) int {
		if c := htmlRank(x.Status) - htmlRank(y.Status); c != 0 {
			return c
		}
		return int(y.Severity) - int(x.Severity)
	})
	for _, f := range findings {
		writeHTMLFinding(p, f, r, o, ids)
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
