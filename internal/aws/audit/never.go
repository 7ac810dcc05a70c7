package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/suspicion"
)

// maxClauses bounds the clauses of a filter that are looked at one by one.
const maxClauses = 16

// maxSuspicions bounds the notes on one filter.
const maxSuspicions = 3

// neverMatches words why a filter that was written for the control matches none of
// it.
func (c *controlJudge) neverMatches(f *filter) string {
	text := fmt.Sprintf("metric filter %q was written for this control but never matches", f.Name)
	if n := len(c.subject.names); c.control.Type != catalog.Condition && n > 1 {
		text = fmt.Sprintf("metric filter %q names %d of the %d events but matches none of them", f.Name, mentioned(f, c.subject.names, c.subject.sources), n)
	}
	why := c.whyNever(f, c.probes)
	if why == "" {
		why = "no record meets all its conditions"
	}
	return text + ": " + why
}

// whyMissed words why the filters of a log group miss events, if it is not simply
// that none names them, and returns the filter that was meant to match them.
func (c *controlJudge) whyMissed(outcomes []outcome) (*filter, string) {
	var names, sources []string
	var probes []probe
	for _, o := range outcomes {
		names, sources = append(names, o.probe.Event), append(sources, o.probe.Source)
		probes = append(probes, o.probe)
	}
	best, most := soleFilter(outcomes), 0
	for _, f := range outcomes[0].gapGroup().filters {
		if n := mentioned(f, names, sources); n > most {
			best, most = f, n
		}
	}
	if best == nil {
		return nil, ""
	}
	return best, c.whyNever(best, probes)
}

// whyNever names what keeps a filter from matching any of the probes: a clause of
// its own, or what is odd about the names that were meant; "" when it is neither.
func (c *controlJudge) whyNever(f *filter, probes []probe) string {
	p, err := pattern.Parse(f.Pattern)
	if err != nil {
		return ""
	}
	suspicions := certain(events.All(p))
	clauses := p.Clauses()
	if len(clauses) > 1 && len(clauses) <= maxClauses {
		for i, clause := range clauses {
			part := &passage{key: f.key + "\x00clause " + strconv.Itoa(i), parts: []cover.Matcher{clause.Pattern}}
			if slices.ContainsFunc(probes, func(p probe) bool { return c.touches(part, p) }) {
				continue
			}
			for _, s := range suspicions {
				if slices.Contains(clause.Offsets, s.Offset) {
					return suspicionText(s, clauses)
				}
			}
			return clause.String() + " is never true of " + pronoun(probes) + c.whatIs(clause, probes)
		}
	}
	for _, s := range suspicions {
		if s.Code == suspicion.Never || s.Code == suspicion.NoField || namesOne(p, s, probes) {
			return suspicionText(s, clauses)
		}
	}
	return ""
}

// longClause is the length in bytes from which on a clause is not quoted.
const longClause = 80

// suspicionText words a suspicion, with the clause that it is about: the names of
// events speak for themselves.
func suspicionText(s suspicion.Suspicion, clauses []pattern.Clause) string {
	for _, clause := range clauses {
		if text := clause.String(); slices.Contains(clause.Offsets, s.Offset) && s.Code == suspicion.Never && len(text) < longClause {
			return text + " is " + s.Text
		}
	}
	return s.Text
}

// certain are the suspicions that say why a part is never true.
func certain(list []suspicion.Suspicion) []suspicion.Suspicion {
	return slices.DeleteFunc(slices.Clone(list), func(s suspicion.Suspicion) bool {
		switch s.Code {
		case suspicion.Never, suspicion.NoField, events.SuspectCase, events.SuspectUnknown, events.SuspectSource:
			return false
		}
		return true
	})
}

// namesOne reports whether a suspicion is about a name that was meant for one of
// the probes.
func namesOne(p *pattern.Pattern, s suspicion.Suspicion, probes []probe) bool {
	return slices.ContainsFunc(p.Mentions(), func(m pattern.Mention) bool {
		return m.Offset == s.Offset && slices.ContainsFunc(probes, func(p probe) bool {
			names := []string{p.Event}
			if p.Condition != nil {
				names, _ = p.Condition.Texts("eventName")
			}
			return slices.ContainsFunc(names, func(name string) bool { return mentions(m, name) })
		})
	})
}

func pronoun(probes []probe) string {
	names := map[string]bool{}
	for _, p := range probes {
		names[p.Event] = true
	}
	if len(names) == 1 {
		return "it"
	}
	return "them"
}

// whatIs says what the fields of a clause are instead, where that is known.
func (c *controlJudge) whatIs(clause pattern.Clause, probes []probe) string {
	values := map[string][]string{}
	for _, p := range probes {
		values["eventSource"] = append(values["eventSource"], p.Source)
		values["awsRegion"] = append(values["awsRegion"], p.Region)
		values["recipientAccountId"] = append(values["recipientAccountId"], p.Account)
	}
	for _, m := range clause.Pattern.Mentions() {
		if have := sorted(values[m.Path]); m.Equal && len(have) > 0 && have[0] != "" {
			return fmt.Sprintf(": %s is %s", m.Path, enumerateWith(have, "or"))
		}
		for _, want := range c.subject.mentions {
			if have := strings.Trim(want.Value, "*"); m.Equal && want.Equal && m.Value != want.Value && strings.EqualFold(strings.Trim(m.Value, "*"), have) {
				return fmt.Sprintf(": case counts, the value is %q", have)
			}
		}
	}
	return ""
}

// suspicious are notes on what else looks like a mistake in a filter.
func suspicious(f *filter, said string) []finding.Reason {
	p, err := pattern.Parse(f.Pattern)
	if err != nil {
		return nil
	}
	var notes []finding.Reason
	more := 0
	for _, s := range events.All(p) {
		switch {
		case strings.Contains(said, s.Text):
		case len(notes) == maxSuspicions:
			more++
		default:
			notes = append(notes, finding.Reason{Code: CodeFilterSuspicious, Status: finding.Pass, Link: finding.LinkFilter, Resource: f.arn,
				Message: fmt.Sprintf("metric filter %q: %s", f.Name, s.Text)})
		}
	}
	if more > 0 {
		notes[len(notes)-1].Message += fmt.Sprintf(" (and %d more)", more)
	}
	return notes
}
