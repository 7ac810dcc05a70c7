package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// writeHTMLFinding writes one finding: on the side its status and place in the
// benchmark, beside it the chain, the reasons, what to do, and the evidence to
// unfold. many says that there are other accounts, so that it names its own.
func writeHTMLFinding(p *htmlWriter, f finding.Finding, r finding.Report, o Options, id string, many bool) {
	s := htmlStatusOf(f.Status)
	p.start("article", "id", id, "data-status", string(f.Status), "aria-labelledby", id+".h")
	p.line()
	p.start("div", "class", "side")
	p.element("span", s.badge, "class", "badge "+s.class)
	if f.Number != "" {
		p.element("span", "CIS "+f.Number)
	}
	p.element("span", f.Severity.String()+" severity")
	if many {
		p.element("span", f.Account)
	}
	p.end()
	p.line()
	p.start("div")
	p.start("h3", "id", id+".h")
	p.element("a", f.Title, "href", "#"+id)
	p.text(" ")
	p.element("span", f.Control, "class", "id")
	p.end()
	p.line()
	if len(f.Mapped) > 0 {
		p.element("p", r.Framework.Title+": "+strings.Join(f.Mapped, ", "), "class", "soft")
		p.line()
	}
	if hasChain(f) {
		writeHTMLChain(p, f)
	}
	writeHTMLWhy(p, f, o)
	writeHTMLFix(p, f)
	writeHTMLMissed(p, f, r)
	writeHTMLEvidence(p, f)
	writeHTMLNarrowed(p, f)
	writeHTMLBlindSpots(p, f, r)
	writeHTMLControl(p, f, r, o)
	p.end()
	p.end()
	p.line()
}

// htmlStages are the links of the row, in words. Each stands for the kinds of
// links that the table's column does.
var htmlStages = []struct {
	name  string
	kinds []finding.LinkKind
}{
	{"Trail", []finding.LinkKind{finding.LinkTrail, finding.LinkLogGroup, finding.LinkBus}},
	{"Filter", []finding.LinkKind{finding.LinkFilter}},
	{"Alarm", []finding.LinkKind{finding.LinkMetric, finding.LinkAlarm}},
	{"Notification", []finding.LinkKind{finding.LinkRule, finding.LinkForwarder, finding.LinkTarget, finding.LinkAction, finding.LinkTopic, finding.LinkSubscription}},
}

// azureStages are the same for Azure.
var azureStages = []string{"Alert rule", "Action group", "Receiver"}

func htmlStageName(f finding.Finding, i int) string {
	if f.Cloud == catalog.Azure {
		return azureStages[i]
	}
	return htmlStages[i].name
}

// writeHTMLChain draws the chain from the trail to the person as a row. The
// first link that does not carry is marked: by its shape, its words and a line
// that goes on in dots, not by color alone.
func writeHTMLChain(p *htmlWriter, f finding.Finding) {
	p.start("ol", "class", "chain", "aria-label", "The chain from the event to a person")
	p.line()
	broken := false
	for i, column := range columns(f) {
		state := column.State
		if byRules(f) && state == "" {
			continue // a rule needs neither filter nor alarm
		}
		class, glyph, words := htmlLinkState(state)
		if !broken && state != finding.StateOK {
			broken = true
			class += " broken"
			words = htmlBreak(state)
		} else if state == "" {
			class += " unreached"
		}
		writeHTMLLink(p, htmlStageName(f, i), class, glyph, words)
	}
	class, glyph, words := htmlReached(f.Reached())
	writeHTMLLink(p, "A person", class, glyph, words)
	p.end()
	p.line()
}

// htmlBreak says what is wrong with the first link that does not carry.
func htmlBreak(s finding.LinkState) string {
	switch s {
	case finding.StateGap:
		return "a gap here"
	case finding.StateUnknown:
		return "not seen"
	default:
		return "broken here"
	}
}

// htmlReached is the end of the chain: who gets the message.
func htmlReached(reach finding.Reach) (class, glyph, words string) {
	state := finding.StateUnknown
	switch reach {
	case finding.ReachPerson:
		state, words = finding.StateOK, "alerted"
	case finding.ReachSome:
		state, words = finding.StateGap, "not always alerted"
	case finding.ReachMachine:
		state, words = finding.StateGap, "only a machine gets it"
	case finding.ReachNobody:
		state, words = finding.StateNone, "not alerted"
	default:
		words = "unknown"
	}
	class, glyph, _ = htmlLinkState(state)
	return class, glyph, words
}

func writeHTMLLink(p *htmlWriter, name, class, glyph, words string) {
	p.start("li", "class", strings.TrimSpace(class))
	p.element("i", glyph, "aria-hidden", "true")
	p.element("b", name)
	p.text(" ")
	p.element("span", words)
	p.end()
	p.line()
}

// htmlLinkState returns how a state is shown.
func htmlLinkState(s finding.LinkState) (class, glyph, words string) {
	switch s {
	case finding.StateOK:
		return "ok", "✓", "ok"
	case finding.StateGap:
		return "gap", "~", "gap"
	case finding.StateNone:
		return "none", "✕", "none"
	case finding.StateUnknown:
		return "unseen", "?", "unknown"
	default:
		return "", "–", "not reached"
	}
}

// writeHTMLWhy writes the waiver, the reasons and what to do.
func writeHTMLWhy(p *htmlWriter, f finding.Finding, o Options) {
	if f.Waiver != nil {
		p.element("p", fmt.Sprintf("%s. Without the waiver: %s.", capital(f.Waiver.String()), f.Waiver.Was), "class", "note")
		p.line()
	}
	writeHTMLReasons(p, f, o)
	if f.Remediation != "" {
		p.start("p", "class", "todo")
		p.element("b", "What to do:")
		p.text(" " + f.Remediation)
		p.end()
		p.line()
	}
}

// writeHTMLReasons writes the first reason as a paragraph, the others as a list
// below it.
func writeHTMLReasons(p *htmlWriter, f finding.Finding, o Options) {
	if fresh := o.fresh(f); fresh != "" {
		p.element("p", capital(freshMark+fresh), "class", "note")
		p.line()
	}
	for i, reason := range f.Reasons {
		text := capital(reason.Message)
		switch {
		case reason.Accepted != nil:
			text = fmt.Sprintf("Accepted: %s (%s)", reason.Message, reason.Accepted)
		case i == 0 && o.known(f):
			text = "Known from the baseline: " + reason.Message
		}
		if reason.Status == finding.Pass && f.Status != finding.NotApplicable {
			text += " (a note: it does not change the verdict)"
		}
		switch i {
		case 0:
			p.element("p", text, "class", "why")
			continue
		case 1:
			p.start("ul", "class", "more")
		}
		p.element("li", text)
	}
	if len(f.Reasons) > 1 {
		p.end()
	}
	p.line()
}

// capital begins a sentence: reasons begin in lower case, because elsewhere
// they stand behind a colon. A word with a capital inside is a name.
func capital(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if text == "" || first != strings.ToLower(first) || strings.ContainsAny(first, ":./-_") || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// htmlTable writes a table that scrolls on its own, with a caption for those
// who hear it.
func htmlTable(p *htmlWriter, caption string, head []string, rows func()) {
	p.start("div", "class", "scroll")
	p.start("table")
	p.line()
	p.element("caption", caption, "class", "hide")
	p.start("thead")
	p.start("tr")
	for _, name := range head {
		p.element("th", name, "scope", "col")
	}
	p.end()
	p.end()
	p.line()
	p.start("tbody")
	p.line()
	rows()
	p.end()
	p.end()
	p.end()
	p.line()
}

// fold writes evidence to unfold.
func fold(p *htmlWriter, summary string, content func(), attrs ...string) {
	p.start("details", attrs...)
	p.element("summary", summary)
	p.line()
	content()
	p.end()
	p.line()
}

func writeHTMLEvidence(p *htmlWriter, f finding.Finding) {
	if len(f.Chain) == 0 {
		return
	}
	fold(p, "Evidence: "+plural(len(f.Chain), "link"), func() {
		htmlTable(p, "Every link that was looked at", []string{"Link", "State", "Resource and detail"}, func() {
			for _, l := range f.Chain {
				name := l.Kind.Name()
				if name == "" {
					name = string(l.Kind)
				}
				p.start("tr")
				p.element("th", name, "scope", "row", "class", "d"+strconv.Itoa(min(max(l.Depth, 0), 7)))
				p.element("td", string(l.State), "class", "state s-"+stateClass(l.State))
				p.start("td")
				if l.Resource != "" {
					p.element("code", l.Resource)
				}
				p.text(l.Detail)
				p.end()
				p.end()
				p.line()
			}
		})
	})
}

// stateClass is a state as part of a class.
func stateClass(s finding.LinkState) string {
	switch s {
	case finding.StateOK, finding.StateGap, finding.StateNone, finding.StateUnknown:
		return string(s)
	default:
		return "other"
	}
}

func writeHTMLMissed(p *htmlWriter, f finding.Finding, r finding.Report) {
	if len(f.Missed) == 0 {
		return
	}
	fold(p, plural(len(f.Missed), "missed event"), func() {
		p.element("p", "Nobody would be alerted to:", "class", "soft")
		htmlTable(p, "Events that nobody would be alerted to", []string{"Event", "Source", "Regions"}, func() {
			for _, m := range f.Missed {
				p.start("tr")
				p.element("th", anyName(m.Event, "every event that meets the condition"), "scope", "row")
				p.element("td", anyName(m.Source, "any source"))
				p.element("td", strings.TrimPrefix(regionsText(m.Regions, r.Regions), "in "))
				p.end()
				p.line()
			}
		})
	})
}

func writeHTMLNarrowed(p *htmlWriter, f finding.Finding) {
	if len(f.Narrowed) == 0 {
		return
	}
	fold(p, plural(len(f.Narrowed), "condition"), func() {
		p.element("p", "An event is lost when the condition holds:", "class", "soft")
		htmlTable(p, "Conditions under which an event is lost", []string{"By", "Condition", "Filter and an example"}, func() {
			for _, n := range f.Narrowed {
				p.start("tr")
				p.element("th", n.By, "scope", "row")
				p.element("td", n.Text)
				p.start("td")
				for _, text := range []string{n.Filter, n.Example} {
					if text != "" {
						p.element("code", text)
					}
				}
				p.end()
				p.end()
				p.line()
			}
		})
	})
}

func writeHTMLBlindSpots(p *htmlWriter, f finding.Finding, r finding.Report) {
	if len(f.BlindSpots) == 0 {
		return
	}
	by := "the control"
	if f.Number != "" {
		by = r.Of(f.Cloud).Benchmark.Title()
	}
	fold(p, plural(len(f.BlindSpots), "blind spot"), func() {
		p.element("p", "Not required by "+by+", and not reported here:", "class", "soft")
		htmlTable(p, "Operations that are not required, and that nobody would be alerted to", []string{"Event", "Source", "Risk"}, func() {
			for _, s := range f.BlindSpots {
				p.start("tr")
				p.element("th", s.Event, "scope", "row")
				p.element("td", s.Source)
				p.element("td", anyName(s.Risk, "unknown"))
				p.end()
				p.line()
			}
		})
	})
}

// writeHTMLControl says what the catalog knows of the control.
func writeHTMLControl(p *htmlWriter, f finding.Finding, r finding.Report, o Options) {
	c, known := controlOf(f.Control, nil, o)
	if !known {
		return
	}
	r = r.Of(f.Cloud)
	fold(p, "About this control", func() {
		if c.Why != "" {
			p.element("p", c.Why, "class", "why")
		}
		if n, ok := c.Numbers[r.Benchmark]; ok {
			p.element("p", fmt.Sprintf("%s, %s, level %d: %s.", r.Benchmark.Title(), n.Number, n.Level, n.Title), "class", "why")
		}
		if names := requiredNames(c, r.Benchmark); len(names) > 0 {
			p.start("p", "class", "why")
			p.text("It requires " + plural(len(names), "event") + ": ")
			p.element("code", strings.Join(names, ", "))
			p.end()
		}
		writeHTMLMappings(p, c)
		writeHTMLLinks(p, c, r.Benchmark)
		p.line()
	}, "class", "about")
}

// writeHTMLMappings names what a control helps to meet.
func writeHTMLMappings(p *htmlWriter, c catalog.Control) {
	if len(c.Mappings) == 0 {
		return
	}
	p.line()
	htmlTable(p, "What the control helps to meet", []string{"Framework", "Requirements"}, func() {
		for _, framework := range catalog.Frameworks() {
			if names := c.Mappings[framework.ID]; len(names) > 0 {
				p.start("tr")
				p.element("th", framework.Title, "scope", "row")
				p.element("td", strings.Join(names, ", "))
				p.end()
				p.line()
			}
		}
	})
}
