package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Limits of GitHub's code scanning, in characters and entries ("SARIF support
// for code scanning").
const (
	sarifNameLimit        = 255
	sarifDescriptionLimit = 1024
	sarifTagLimit         = 10
)

type (
	sarifRule struct {
		ID                   string              `json:"id"`
		Name                 string              `json:"name"`
		ShortDescription     sarifText           `json:"shortDescription"`
		FullDescription      sarifText           `json:"fullDescription"`
		Help                 sarifText           `json:"help"`
		DefaultConfiguration sarifConfiguration  `json:"defaultConfiguration"`
		Properties           sarifRuleProperties `json:"properties"`
	}

	sarifConfiguration struct {
		Level string `json:"level"`
	}

	sarifRuleProperties struct {
		Tags             []string `json:"tags"`
		Precision        string   `json:"precision"`
		SecuritySeverity string   `json:"security-severity"`
	}
)

// sarifRules are the rules of a report in its order of controls, whether or not
// a control has a result: GitHub closes the alerts of a rule that is gone.
type sarifRules struct {
	list  []sarifRule
	index map[string]int // by control
}

func newSARIFRules(r finding.Report, o Options) sarifRules {
	rules := sarifRules{list: []sarifRule{}, index: map[string]int{}}
	findings := map[string]finding.Finding{}
	order := slices.Clone(r.Controls)
	for _, f := range r.Findings {
		if _, have := findings[f.Control]; !have {
			findings[f.Control] = f
			order = append(order, f.Control)
		}
	}
	for _, id := range order {
		_, have := rules.index[id]
		if c, known := controlOf(id, findings, o); known && !have {
			rules.index[id] = len(rules.list)
			rules.list = append(rules.list, sarifRuleOf(c, r))
		}
	}
	return rules
}

func sarifRuleOf(c catalog.Control, r finding.Report) sarifRule {
	r = r.Of(c.Cloud)
	title := orID(Sanitize(c.Title), c)
	full := title + "."
	if c.Why != "" {
		full = Sanitize(c.Why)
	}
	return sarifRule{
		ID:                   Sanitize(c.ID),
		Name:                 truncate(pascal(c.ID), sarifNameLimit),
		ShortDescription:     sarifText{Text: truncate(title, sarifDescriptionLimit)},
		FullDescription:      sarifText{Text: truncate(full, sarifDescriptionLimit)},
		Help:                 sarifHelp(c, r.Benchmark),
		DefaultConfiguration: sarifConfiguration{Level: "error"},
		Properties:           sarifRuleProperties{Tags: sarifTags(c, r), Precision: "high", SecuritySeverity: securitySeverity(c.Severity)},
	}
}

// orID returns title, or the control's id where it is empty: GitHub refuses
// empty texts.
func orID(title string, c catalog.Control) string {
	if title == "" {
		return Sanitize(c.ID)
	}
	return title
}

// securitySeverity returns a score that GitHub translates back into the
// severity: critical is over 9.0, high from 7.0, medium from 4.0.
func securitySeverity(s catalog.Severity) string {
	switch s {
	case catalog.Critical:
		return "9.5"
	case catalog.High:
		return "8.0"
	case catalog.Medium:
		return "5.5"
	default:
		return "2.0"
	}
}

// sarifTags are what someone filters by: the control's place in the benchmark,
// the requirements of the framework that labels the report, and its sets.
func sarifTags(c catalog.Control, r finding.Report) []string {
	tags := []string{"security", "aws", "cloudtrail"}
	if c.Cloud == catalog.Azure {
		tags = []string{"security", "azure", "activity-log"}
	}
	if number, ok := c.Number(r.Benchmark); ok {
		tags = append(tags, Sanitize(string(r.Benchmark)+"/"+number))
	}
	var more []string
	for _, requirement := range c.Mappings[r.Framework.ID] {
		more = append(more, r.Framework.ID+"/"+requirement)
	}
	for _, tag := range append(more, c.Sets...) {
		if tag = Sanitize(tag); len(tags) < sarifTagLimit && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// sarifHelp is the documentation of a rule: what it asks for, why, and what to
// do, as text and as Markdown.
func sarifHelp(c catalog.Control, b catalog.Benchmark) sarifText {
	type section struct{ head, body, listed string }
	sections := []section{{body: orID(Sanitize(c.Title), c) + "."}}
	if c.Why != "" {
		sections = append(sections, section{head: "Why it matters", body: Sanitize(c.Why)})
	}
	switch {
	case c.Cloud == catalog.Azure:
		sections = append(sections, section{
			head: "What is checked",
			body: "An activity log alert rule of the subscription matches the operations, its action group (its own, or one that an alert processing rule adds) is " +
				"there and enabled, no alert processing rule takes it away, and a receiver notifies someone. The first link that is broken is named in the alert.",
		})
	case c.Type != catalog.State:
		sections = append(sections, section{
			head: "What is checked",
			body: "A CloudTrail trail records the events in every region, a metric filter matches them, an alarm watches the metric, " +
				"and a confirmed subscriber is notified. The alert names the first broken link.",
		})
	}
	if events := requiredNames(c, b); len(events) > 0 {
		sections = append(sections, section{head: "Required events", listed: strings.Join(events, ", ")})
	}
	if number, ok := c.Number(b); ok {
		sections = append(sections, section{head: "Benchmark", body: fmt.Sprintf("%s, %s: %s", b.Title(), Sanitize(number), Sanitize(c.Numbers[b].Title))})
	}
	var meets []string
	for _, framework := range catalog.Frameworks() {
		if names := c.Mappings[framework.ID]; len(names) > 0 {
			meets = append(meets, framework.Title+": "+Sanitize(strings.Join(names, ", ")))
		}
	}
	if len(meets) > 0 {
		sections = append(sections, section{head: "Helps to meet", listed: strings.Join(meets, "; ")})
	}
	remedy := "'monitorctl explain " + Sanitize(c.ID) + "' shows the evidence"
	if c.Type != catalog.State && c.Cloud == catalog.AWS {
		remedy += ", 'monitorctl plan " + Sanitize(c.ID) + "' the repair"
	}
	sections = append(sections, section{head: "What to do", body: remedy + "."})
	var text, rich []string
	for _, s := range sections {
		body := s.body + s.listed
		if s.head == "" {
			text, rich = append(text, body), append(rich, "**"+markdown(body)+"**")
			continue
		}
		text = append(text, s.head+": "+body)
		rich = append(rich, "### "+s.head+"\n\n"+markdown(body))
	}
	return sarifText{Text: strings.Join(text, "\n\n"), Markdown: strings.Join(rich, "\n\n") + "\n"}
}

// requiredNames returns the names of the events that a control requires in a
// version, each once; none for a condition.
func requiredNames(c catalog.Control, b catalog.Benchmark) []string {
	var names []string
	for _, o := range c.RequiredOperations() {
		names = append(names, Sanitize(o.Label()))
	}
	for _, e := range c.Required(b) {
		if name := Sanitize(e.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// pascal turns "security-group-changes" into "SecurityGroupChanges", the form
// in which names of rules are usual.
func pascal(id string) string {
	var b strings.Builder
	upper := true
	for _, r := range id {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
		case upper:
			b.WriteRune(unicode.ToUpper(r))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return "Control"
	}
	return b.String()
}
