package report

import (
	"cmp"
	_ "embed" // the page's style and script
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

var (
	//go:embed page/fleet.css
	fleetStyleFile string

	//go:embed page/fleet.js
	fleetScriptFile string

	fleetStyle  = pageStyle + unixLines(fleetStyleFile)
	fleetScript = scriptOf(listFile, fleetScriptFile)
)

const (
	// fleetNoScript is how many accounts the page names where no script runs.
	fleetNoScript = 100

	// fleetCauses is how many causes the page's table has.
	fleetCauses = 100
)

// fleetHTML writes a report on many accounts as one page that needs nothing else: how each control stands,
// what the causes are, and a list of the accounts. The script shows fifty of them at a time.
func fleetHTML(w io.Writer, f *Fleet, o Options) error { return fleetPage(w, f, o, nil) }

// fleetPage writes the page; pages names the accounts that have a page of their own beside it.
func fleetPage(w io.Writer, f *Fleet, o Options, pages map[string]bool) error {
	x, err := fleetIndexOf(f, o, pages)
	if err != nil {
		return err
	}
	p := &htmlWriter{}
	p.page(fleetTitle(f), fleetStyle, fleetScript, func() {
		p.element("a", "Skip to the accounts", "class", "skip", "href", "#accounts")
		p.line()
		x.header(p, f, o)
		p.start("main", "id", "findings")
		p.line()
		x.controlTable(p)
		x.causeTable(p)
		x.accountList(p)
		p.end()
		p.line()
		p.start("footer")
		p.element("p", "monitorctl"+strings.TrimSuffix(" "+o.Version, " ")+", read-only. A cause is one thing that is wrong, whatever the number of accounts that it breaks.")
		p.end()
		p.line()
		writeHTMLIndex(p, x)
	})
	_, err = io.WriteString(w, p.b.String())
	return err
}

func fleetTitle(f *Fleet) string {
	if f.Organization == "" {
		return "CloudTrail alarm audit: " + accountsText(len(f.Accounts))
	}
	return "CloudTrail alarm audit: organization " + f.organizationText()
}

// header says the outcome, and what it is about.
func (x *fleetIndex) header(p *htmlWriter, f *Fleet, o Options) {
	p.start("header")
	p.line()
	p.element("h1", fleetTitle(f))
	p.line()
	p.element("p", x.verdict(f), "class", "verdict")
	p.line()
	writeHTMLBar(p, x.worst)
	if !f.Complete {
		p.element("p", fmt.Sprintf("Incomplete: %s of %s checked: %s.", Thousands(len(f.Accounts)), accountsText(f.Listed-len(f.Skipped)), f.Why), "class", "note incomplete")
		p.line()
	}
	p.facts(x.facts(f, o))
	p.end()
	p.line()
}

// verdict is the outcome in one sentence.
func (x *fleetIndex) verdict(f *Fleet) string {
	all := len(f.Accounts)
	switch fail, unknown := x.worst[finding.Fail], x.worst[finding.Unknown]; {
	case all == 0:
		return "Nothing was checked."
	case fail > 0:
		text := fmt.Sprintf("%s of %s fail", Thousands(fail), accountsText(all))
		if fail == 1 {
			text += "s"
		}
		i := slices.IndexFunc(x.causes, func(c rollup.Cause) bool { return c.Status == finding.Fail })
		if i < 0 || x.causes[i].Accounts == 1 && fail == 1 {
			return text + " at least one check."
		}
		of := Thousands(x.causes[i].Accounts)
		if x.causes[i].Accounts == fail {
			of = "all"
		}
		return text + fmt.Sprintf(" at least one check; one cause accounts for %s of them.", of)
	case unknown > 0:
		return fmt.Sprintf("No check fails, but in %s of %s something could not be checked.", Thousands(unknown), accountsText(all))
	}
	return fmt.Sprintf("No check fails in %s.", accountsText(all))
}

func (x *fleetIndex) facts(f *Fleet, o Options) [][2]string {
	r := f.Report
	facts := [][2]string{{"Accounts", f.judgedText()}}
	for _, t := range f.Trails {
		facts = append(facts, [2]string{"Trail", fmt.Sprintf("%s of %s, log group %s in %s, %s", t.Name, t.Account, t.LogGroup, t.Owner, t.Region)})
	}
	if covered, assumed := f.basisCounts(); covered+assumed > 0 {
		text := accountsText(covered+assumed) + " are checked by the organization's trail"
		if assumed > 0 {
			text += fmt.Sprintf(" (%s of them not read, because of --trust-org)", Thousands(assumed))
		}
		facts = append(facts, [2]string{"", text})
	}
	facts = append(facts, [2]string{"Benchmark", benchmarksText(r)})
	if text := checkedText(r); text != "" {
		facts = append(facts, [2]string{"Checked", text})
	}
	if n := len(r.Regions); n > 0 {
		facts = append(facts, [2]string{plural(n, "region"), strings.Join(r.Regions, ", ")})
	}
	if f.Principal != "" {
		text := f.Principal
		if role := roleOf(text); role != "" {
			text = "role " + role + ": " + text
		}
		facts = append(facts, [2]string{"Read by", text})
	}
	facts = append(facts, [2]string{"Findings", "SHA-256 " + x.digest + " of -o jsonl"}, [2]string{"Generated", htmlTime(r.GeneratedAt) + by(o)})
	if o.Config != nil {
		facts = append(facts, [2]string{"Configuration", o.Config.Path + ", SHA-256 " + o.Config.SHA256})
	}
	return facts
}

// controlTable says how each control stands, the most severe first.
func (x *fleetIndex) controlTable(p *htmlWriter) {
	p.start("section", "aria-labelledby", "controls")
	p.line()
	p.element("h2", "Controls", "id", "controls")
	p.line()
	rows := slices.Clone(x.rows)
	slices.SortStableFunc(rows, func(a, b rollup.Row) int { return cmp.Compare(b.Severity, a.Severity) })
	head := []string{"Control", "CIS", "Severity", "Accounts"}
	var statuses []htmlStatus // that any control has
	for _, s := range htmlStatuses {
		if slices.ContainsFunc(rows, func(r rollup.Row) bool { return r.Counts[s.status] > 0 }) {
			statuses = append(statuses, s)
			head = append(head, s.badge)
		}
	}
	htmlTable(p, "How many accounts have which status, by control", append(head, "Why most"), func() {
		for _, r := range rows {
			p.start("tr")
			p.element("th", r.Control, "scope", "row")
			p.element("td", shortNumber(r.Number), "class", "whole", "data-name", "CIS")
			p.element("td", r.Severity.String(), "data-name", "Severity")
			p.start("td", "class", "drawn")
			writeHTMLBar(p, r.Counts)
			p.end()
			for _, s := range statuses {
				class := "n zero"
				if r.Counts[s.status] > 0 {
					class = "n t-" + s.class
				}
				p.element("td", dash(count(r.Counts[s.status])), "class", class, "data-name", s.badge)
			}
			p.element("td", placed(r.Most), "class", "most")
			p.end()
			p.line()
		}
	})
	p.end()
	p.line()
}

// causeTable says what is to be fixed, and where.
func (x *fleetIndex) causeTable(p *htmlWriter) {
	if len(x.causes) == 0 {
		return
	}
	p.start("section", "aria-labelledby", "causes")
	p.line()
	p.element("h2", "Causes", "id", "causes")
	p.line()
	htmlTable(p, "What is wrong, starting with what breaks most", []string{"#", "Status", "What is wrong", "Accounts", "Controls", "Fix in"}, func() {
		for i, c := range x.causes[:min(len(x.causes), fleetCauses)] {
			s := htmlStatusOf(c.Status)
			p.start("tr")
			p.element("th", fmt.Sprint(i+1), "scope", "row", "class", "short")
			p.start("td")
			p.element("span", s.badge, "class", "badge "+s.class)
			p.end()
			p.start("td", "class", "most")
			p.text(capital(causeText(c)))
			if c.Resource != "" {
				p.element("code", strings.ReplaceAll(c.Resource, anyAccount, "ACCOUNT"))
			}
			p.end()
			p.start("td", "data-name", "Accounts", "class", "n")
			p.text(Thousands(c.Accounts))
			p.element("button", "Show", "type", "button", "class", "pick", "value", fmt.Sprint(i), "aria-label", fmt.Sprintf("Show the accounts of cause %d", i+1))
			p.end()
			p.element("td", strings.Join(c.Controls, ", "), "data-name", "Controls")
			p.element("td", fixIn(c), "data-name", "Fix in")
			p.end()
			p.line()
		}
	})
	x.next(p)
	if n := len(x.causes) - fleetCauses; n > 0 {
		p.element("p", fmt.Sprintf("%s more causes break less: -o json has all of them.", Thousands(n)), "class", "soft")
		p.line()
	}
	p.end()
	p.line()
}

// next writes the command that shows the repair, with a button to copy it.
func (x *fleetIndex) next(p *htmlWriter) {
	if x.repair == "" || x.worst[finding.Fail] == 0 {
		return
	}
	p.start("dl", "class", "fix")
	p.line()
	p.element("dt", "See the repair: first in the accounts that own the log group, then in those that still fail")
	p.start("dd")
	p.element("code", x.repair)
	p.element("button", "Copy", "type", "button", "class", "copy", "aria-label", "Copy the command that shows the repair")
	p.end()
	p.line()
	p.end()
	p.line()
}

// accountList writes what the script makes a list; without scripts it is the first accounts, the worst first.
func (x *fleetIndex) accountList(p *htmlWriter) {
	p.start("section", "aria-labelledby", "accounts")
	p.line()
	p.element("h2", "Accounts", "id", "accounts", "tabindex", "-1")
	p.line()
	writeHTMLStatuses(p, "By their worst check, or by the chosen control", x.worst)
	writeHTMLTools(p, htmlTools{
		hint:    "Id, name, organizational unit, cause",
		filters: [][2]string{{"control", "Control"}, {"cause", "Cause"}, {"unit", "Organizational unit"}},
		orders:  [][2]string{{"worst", "Worst first"}, {"id", "Id"}, {"name", "Name"}, {"unit", "Organizational unit"}},
		shown:   accountsText(len(x.Accounts)),
	})
	p.start("noscript")
	p.line()
	n := min(len(x.Accounts), fleetNoScript)
	if rest := len(x.Accounts) - n; rest > 0 {
		p.element("p", fmt.Sprintf("The first %d, worst first. This page holds %s more, which a script shows.", n, Thousands(rest)), "class", "soft")
		p.line()
	}
	htmlTable(p, "Accounts, worst first", []string{"Account", "Name", "Organizational unit", "Checks"}, func() {
		for _, i := range x.worstAccounts(n) {
			a := x.Accounts[i]
			p.start("tr")
			p.element("th", a.ID, "scope", "row")
			p.element("td", a.Name)
			p.element("td", x.Units[a.Unit])
			p.element("td", x.Classes[a.Class].text())
			p.end()
			p.line()
		}
	})
	p.end()
	p.line()
	writeHTMLList(p)
	p.end()
	p.line()
}
