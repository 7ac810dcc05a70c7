package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// longMessage is the length in bytes beyond which the message of a reason is cut.
const longMessage = 1000

// A tally is a reason with how often and how near it was found.
type tally struct {
	finding.Reason
	cost    int
	probes  int
	order   int
	regions []string // of the probes, sorted
}

// reasons merges the reasons of all probes: fails first, then unknowns, then
// warnings and notes; among equals the one closest to working, then the one of
// most probes, then the earlier link.
func (c *controlJudge) reasons(outcomes []outcome) []finding.Reason {
	var list []*tally
	count := func(r finding.Reason, o outcome) {
		i := slices.IndexFunc(list, func(t *tally) bool { return t.Equal(r) })
		if i < 0 {
			i = len(list)
			list = append(list, &tally{Reason: r, cost: o.Cost, order: i})
		}
		t := list[i]
		t.regions = sorted(append(t.regions, o.probe.Region))
		t.cost = min(t.cost, o.Cost)
		t.probes++
	}
	for _, o := range outcomes {
		for _, r := range o.Reasons {
			count(r, o)
		}
	}
	for _, g := range c.gaps(outcomes) {
		for range g.outcomes {
			count(g.reason, g.outcomes[0])
		}
	}
	list = fold(list, len(c.regions()))
	slices.SortStableFunc(list, func(a, b *tally) int {
		return cmp.Or(
			cmp.Compare(a.Status.Rank(), b.Status.Rank()),
			cmp.Compare(a.cost, b.cost),
			cmp.Compare(b.probes, a.probes),
			cmp.Compare(finding.Rank(a.Link), finding.Rank(b.Link)),
			cmp.Compare(a.order, b.order),
		)
	})
	out := make([]finding.Reason, len(list))
	for i, t := range list {
		out[i] = t.Reason
		out[i].Message = cut(t.Message, longMessage)
	}
	return out
}

// A gapReason is the reason for all probes that share one gap.
type gapReason struct {
	reason   finding.Reason
	outcomes []outcome
}

// gaps words the gaps in filters, one for each code, log group and lost part.
func (c *controlJudge) gaps(outcomes []outcome) []gapReason {
	var keys []string
	byKey := map[string][]outcome{}
	for _, o := range outcomes {
		if o.Gap == nil {
			continue
		}
		cov := coverage(o.Gap.Coverage)
		key := string(o.gapCode()) + "\x00" + groupARN(o.gapGroup()) + "\x00" + o.gapPlace() + "\x00" + strings.Join(conditions(cov), "\x00") + strings.Join(cov.Rules, "\x00")
		if byKey[key] == nil {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], o)
	}
	var out []gapReason
	for _, key := range keys {
		list := byKey[key]
		reason, notes := c.gapReason(list)
		out = append(out, gapReason{reason, list})
		for _, note := range notes {
			out = append(out, gapReason{note, list})
		}
	}
	if r, ok := c.excluded(outcomes); ok {
		out = append(out, r)
	}
	return out
}

func groupARN(g *group) string {
	if g == nil {
		return ""
	}
	return g.arn
}

// gapReason words the gap that outcomes share, with notes on a filter that was
// meant to close it.
func (c *controlJudge) gapReason(outcomes []outcome) (r finding.Reason, notes []finding.Reason) {
	o := outcomes[0]
	if o.byRules() {
		return c.ruleGapReason(outcomes), nil
	}
	code, cov := o.gapCode(), coverage(o.Gap.Coverage)
	r = finding.Reason{Code: code, Status: finding.Fail, Link: finding.LinkFilter, Resource: groupARN(o.gapGroup())}
	if f := soleFilter(outcomes); f != nil && code != CodeNoFilter {
		r.Resource = f.arn
	}
	events := eventNames(outcomes)
	switch code {
	case CodeNoFilter:
		r.Message = "no metric filter matches " + c.whatever()
		if f := c.writtenFor(o.gapGroup()); f != nil {
			r.Code, r.Resource, r.Message = CodeFilterMissesEvent, f.arn, c.neverMatches(f)
			notes = suspicious(f, r.Message)
		}
	case CodeTrailExcludes:
		r.Link, r.Resource = finding.LinkTrail, o.narrower().ARN
		r.Message = fmt.Sprintf("trail %s does not record %s", o.narrower().Name, enumerate(events))
		if len(cov.Lost) > 0 {
			r.Message += " when " + lostText(cov.Lost)
		}
		r.Conditions = conditions(cov)
	case CodeFilterNarrowed:
		r.Conditions = conditions(cov)
		r.Message = fmt.Sprintf("%s would go unseen when %s", enumerate(events), lostText(cov.Lost))
		if f := soleFilter(outcomes); f != nil {
			r.Message += fmt.Sprintf(", because of metric filter %q", f.Name)
		}
	case CodeFilterNotUnderstood:
		r.Status = finding.Unknown
		r.Message = fmt.Sprintf("whether %s would be seen depends on something AWS does not document: %s", enumerate(events), strings.Join(cov.Rules, ", "))
	default:
		r.Message = enumerate(events) + " would go unseen"
		r.Conditions = sorted(slices.Clone(events))
		if f, why := c.whyMissed(outcomes); why != "" {
			r.Resource = f.arn
			r.Message += fmt.Sprintf(": in metric filter %q, %s", f.Name, why)
			notes = suspicious(f, r.Message)
		}
	}
	return r, notes
}

// conditions are all the conditions under which a union of filters loses records,
// sorted.
func conditions(cov cloudtrail.ProbeCoverage) []string {
	var out []string
	for _, c := range cov.Lost {
		out = append(out, textOf(c))
	}
	if cov.MoreLost {
		out = append(out, finding.Unlisted)
	}
	return sorted(out)
}

// whatever words all that the control requires.
func (c *controlJudge) whatever() string {
	if c.control.Type == catalog.Condition {
		return "what the control asks for"
	}
	if n := len(c.control.Required(c.benchmark)); n > 1 {
		return fmt.Sprintf("any of its %d events", n)
	}
	return "its event"
}

// excluded is the warning for named identities that the filters leave out.
func (c *controlJudge) excluded(outcomes []outcome) (gapReason, bool) {
	var with []outcome
	var texts, rare []string
	var by *trail
	for _, o := range outcomes {
		if lost := o.lost(); o.Truth == chain.Good && len(lost) > 0 {
			with = append(with, o)
			by = cmp.Or(by, o.narrower())
			list := &texts
			if len(coverage(o.Coverage).Doubtful) > 0 {
				list = &rare
			}
			for _, l := range lost {
				*list = append(*list, lostText([]cover.Case{l}))
			}
		}
	}
	if len(with) == 0 {
		return gapReason{}, false
	}
	r := finding.Reason{Code: CodeFilterExcludes, Status: finding.Warn, Link: finding.LinkFilter, Message: leftOut(texts, rare), Conditions: sorted(slices.Concat(texts, rare))}
	if f := soleFilter(with); f != nil {
		r.Resource = f.arn
	}
	if !slices.ContainsFunc(with, func(o outcome) bool { return !o.byRules() }) {
		r.Code, r.Link = CodeRuleExcludes, finding.LinkRule
		if only := soleRule(with); only != nil {
			r.Resource = only.ARN
		}
	}
	if by != nil {
		r.Code, r.Link, r.Resource = CodeTrailExcludes, finding.LinkTrail, by.ARN
		r.Message = "trail " + by.Name + ": " + r.Message
	}
	return gapReason{r, with}, true
}

// leftOut words what is lost on purpose, and what hardly ever occurs.
func leftOut(texts, rare []string) string {
	var parts []string
	if len(texts) > 0 {
		parts = append(parts, "left out on purpose: "+strings.Join(sorted(texts), "; "))
	}
	if len(rare) > 0 {
		parts = append(parts, "left out, though it should not occur: "+strings.Join(sorted(rare), "; "))
	}
	return strings.Join(parts, "; ")
}

// lostText words lost cases: the first one, and how many more there are.
func lostText(cases []cover.Case) string {
	if len(cases) == 0 {
		return ""
	}
	n := narrowings(cases[:1], "")
	if len(cases) == 1 {
		return n[0].Text
	}
	return fmt.Sprintf("%s (and %d more cases)", n[0].Text, len(cases)-1)
}

// soleFilter returns the one filter that all outcomes used, nil when there are
// several or none.
func soleFilter(outcomes []outcome) *filter {
	var sole *filter
	for _, o := range outcomes {
		for _, f := range o.filters() {
			if sole != nil && sole != f {
				return nil
			}
			sole = f
		}
	}
	return sole
}

// eventNames returns the events of outcomes, each once, in catalog order.
func eventNames(outcomes []outcome) []string {
	var names []string
	for _, o := range outcomes {
		name := o.probe.Event
		if name == "" {
			name = "an event that the control asks for"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// enumerate lists up to three names of events in words.
func enumerate(names []string) string {
	if n := len(names); n > 3 {
		return fmt.Sprintf("%s, %s and %d more events", names[0], names[1], n-2)
	}
	return enumerateWith(names, "and")
}

// enumerateWith lists names in words, those beyond the third counted only.
func enumerateWith(names []string, word string) string {
	switch n := len(names); {
	case n == 1:
		return names[0]
	case n <= 3:
		return strings.Join(names[:n-1], ", ") + " " + word + " " + names[n-1]
	default:
		return fmt.Sprintf("%s, %s %s %d more", names[0], names[1], word, n-2)
	}
}
