package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cloudtrail/eventnames"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// maxOrphans bounds the notes of one sort in a finding, and the filters of a log
// group that are looked at.
const maxOrphans = 3

// orphans are notes on filters and alarms that would serve a control which fails,
// and that nothing feeds: filters on a log group that no trail delivers to, where
// filters are what is missing, and alarms on a metric that no filter writes, where an
// alarm is.
func (c *controlJudge) orphans(outcomes []outcome, reasons []finding.Reason) []finding.Reason {
	var notes []finding.Reason
	if slices.ContainsFunc(outcomes, lacksFilters) {
		notes = append(notes, c.orphanFilters()...)
		notes = append(notes, c.orphanAlarms()...)
	}
	for _, r := range reasons {
		if r.Code != CodeNoAlarm || len(notes) > maxOrphans {
			continue
		}
		for _, m := range c.metrics {
			if m.resource() == r.Resource && m.nearest != nil {
				note := orphanAlarm(m.site, m.nearest)
				note.Message += fmt.Sprintf("; metric filter %s writes %q in %q", shown(m.feeders[0].Name), m.name, m.namespace)
				notes = append(notes, note)
				break
			}
		}
	}
	return notes
}

// lacksFilters reports whether a probe is missed because the records that a trail
// delivers, if any, meet no filter that matches them.
func lacksFilters(o outcome) bool {
	return o.Truth == chain.Bad && (o.Gap != nil || slices.ContainsFunc(o.Reasons, func(r finding.Reason) bool {
		return r.Code == CodeTrailNoLogGroup || r.Code == CodeGroupMissing
	}))
}

// orphanFilters notes the log groups of the account that no trail delivers to and
// whose filters match what the control requires.
func (c *controlJudge) orphanFilters() []finding.Reason {
	var notes []finding.Reason
	for i := range c.account.Regions {
		at := c.at(c.account, c.account.Regions[i].Name)
		filters, _ := at.read().MetricFilters.Got()
		byGroup := map[string][]account.MetricFilter{}
		for _, f := range filters {
			byGroup[f.LogGroup] = append(byGroup[f.LogGroup], f)
		}
		for _, f := range filters { // sorted by log group
			list := byGroup[f.LogGroup]
			delete(byGroup, f.LogGroup)
			fed := slices.ContainsFunc(c.groups, func(g *group) bool { return g.site == at && g.name == f.LogGroup })
			if note, ok := c.orphanGroup(at, list); ok && !fed && len(notes) < maxOrphans {
				notes = append(notes, note)
			}
		}
	}
	return notes
}

// orphanGroup notes what the filters of a log group would match; false when it is
// nothing of the control.
func (c *controlJudge) orphanGroup(at *site, list []account.MetricFilter) (finding.Reason, bool) {
	var patterns []*pattern.Pattern
	var names []string
	for _, f := range list {
		p, err := pattern.Parse(f.Pattern)
		if err != nil || len(names) == maxOrphans {
			continue
		}
		candidate := &filter{pattern: p, key: "orphan\x00" + filterARN(at, f)}
		if c.about(candidate.passage()) == writtenOf || mentioned(candidate, c.subject.names, c.subject.sources) > 0 && c.control.Type != catalog.Condition {
			patterns, names = append(patterns, p), append(names, fmt.Sprintf("%q", f.Name))
		}
	}
	if len(patterns) == 0 {
		return finding.Reason{}, false
	}
	what := c.matchedBy(patterns)
	if what == "" {
		return finding.Reason{}, false
	}
	group := account.ARN{Partition: at.account.Partition, Service: "logs", Region: at.name, Account: at.account.ID, Resource: "log-group:" + list[0].LogGroup}
	return finding.Reason{Code: CodeOrphanFilter, Status: finding.Pass, Link: finding.LinkFilter, Resource: group.String(),
		Message: fmt.Sprintf("metric filter %s of log group %q would match %s, but no trail delivers to that log group", enumerateWith(names, "and"), list[0].LogGroup, what)}, true
}

// matchedBy words how much of what the control requires some patterns match
// together; "" for nothing.
func (c *controlJudge) matchedBy(patterns []*pattern.Pattern) string {
	var probes []cloudtrail.Probe
	for _, p := range c.probes {
		probes = append(probes, p.Probe)
	}
	whole, some := map[string]bool{}, false // by source and name
	for i, cov := range cloudtrail.Cover(c.ctx, pattern.Matchers(patterns), cloudtrail.Requirement{Probes: probes, Steps: c.steps}).Probes {
		cov = withDoubts(cov)
		name := probes[i].Source + " " + probes[i].Event
		if _, seen := whole[name]; !seen {
			whole[name] = true
		}
		whole[name] = whole[name] && acceptable(cov, c.account.ID)
		some = some || cov.Verdict != cover.Missed
	}
	matched := 0
	for name := range whole {
		if whole[name] {
			matched++
		}
	}
	switch {
	case matched == len(whole):
		return "all that the control requires"
	case matched > 0:
		return fmt.Sprintf("%d of its %d events", matched, len(whole))
	case some:
		return "some of what the control requires"
	}
	return ""
}

// orphanAlarms notes the alarms whose name, or the name of whose metric, is that of
// the control, and whose metric no filter writes.
func (c *controlJudge) orphanAlarms() []finding.Reason {
	stem := letters(strings.TrimSuffix(c.control.ID, "-changes"))
	if len(stem) < shortestStem {
		stem = letters(c.control.ID)
	}
	var notes []finding.Reason
	for i := range c.account.Regions {
		at := c.at(c.account, c.account.Regions[i].Name)
		if _, read := at.read().MetricFilters.Got(); !read {
			continue
		}
		alarms := c.alarmsAt(at).metric
		for i := range alarms {
			a := &alarms[i]
			about := strings.Contains(letters(a.Name), stem) || strings.Contains(letters(a.Metric), stem)
			if about && len(notes) < maxOrphans && orphaned(at, a) {
				notes = append(notes, orphanAlarm(at, a))
			}
		}
	}
	return notes
}

// shortestStem is the length from which on a part of a control's id says enough.
const shortestStem = 6

// orphaned reports whether an alarm of a site is on one metric, no metric of AWS,
// and no filter writes it.
func orphaned(at *site, a *account.MetricAlarm) bool {
	filters, _ := at.read().MetricFilters.Got()
	return len(a.Queries) == 0 && a.Metric != "" && !strings.HasPrefix(a.Namespace, "AWS/") &&
		!slices.ContainsFunc(parts(filters), func(f account.MetricFilter) bool { return f.Metric == a.Metric && f.Namespace == a.Namespace })
}

// orphanAlarm notes an alarm on a metric that no filter writes.
func orphanAlarm(at *site, a *account.MetricAlarm) finding.Reason {
	return finding.Reason{Code: CodeOrphanAlarm, Status: finding.Pass, Link: finding.LinkAlarm, Resource: a.ARN,
		Message: fmt.Sprintf("alarm %s watches metric %q in namespace %q, which no metric filter in %s writes", shown(a.Name), a.Metric, a.Namespace, at.name)}
}

// nearestTo returns the alarm on a metric that no filter writes and whose name is
// almost that of m, by the name of the alarm; nil for none.
func (j *judge) nearestTo(m *metric) *account.MetricAlarm {
	var best *account.MetricAlarm
	alarms := j.alarmsAt(m.site).metric
	for i := range alarms {
		a := &alarms[i]
		// The cheap questions first: an account may have thousands of alarms.
		if strings.HasPrefix(a.Namespace, "AWS/") || !almost(a.Namespace, m.namespace) || !almost(a.Metric, m.name) || !orphaned(m.site, a) {
			continue
		}
		if best == nil || cmp.Compare(a.Name, best.Name) < 0 {
			best = a
		}
	}
	return best
}

// almost reports whether two names are the same but for case, blanks and signs, or
// for a misspelling.
func almost(a, b string) bool {
	if a == b {
		return true
	}
	x, y := letters(a), letters(b)
	if x == y {
		return true
	}
	_, near := eventnames.NearestOf(x, []string{y})
	return near
}

// letters returns the letters and digits of a name, in lower case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}
