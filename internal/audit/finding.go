package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// finding judges every probe of the control and puts the outcomes together.
func (c *controlJudge) finding() Finding {
	number, _ := c.control.Number(c.benchmark)
	f := Finding{
		ID: findingID(c.account.ID, c.control.ID), Control: c.control.ID, Title: c.control.Title,
		Severity: c.control.Severity, Number: number, Account: c.account.ID, Status: Pass,
	}
	if why := c.notApplicable(); why != "" {
		f.Status = NotApplicable
		f.Reasons = []Reason{{Code: CodeNotInScope, Status: Pass, Link: LinkTrail, Message: why}}
		return f
	}
	if c.control.Type == catalog.State {
		return c.stateFinding(f)
	}
	if len(c.probes) == 0 {
		f.Status = Unknown
		f.Reasons = []Reason{{Code: CodeNotInScope, Status: Unknown, Link: LinkTrail, Message: "none of its events can occur in the regions asked for"}}
		return f
	}
	outcomes := make([]outcome, len(c.probes))
	for i, p := range c.probes {
		outcomes[i] = c.judgeProbe(p)
	}
	f.Reasons = append(c.reasons(outcomes), c.organizationNote()...)
	f.Status = statusOfOutcomes(outcomes, f.Reasons)
	f.Missed = missed(outcomes)
	f.Narrowed = c.narrowed(outcomes)
	f.Stages = c.stages(outcomes)
	f.Chain = c.chain(outcomes)
	f.Literal = c.literal(outcomes)
	f.BlindSpots = c.blindSpots()
	f.Remediation = remediation(&f)
	f.Evidence = c.evidence(outcomes)
	return f
}

// organizationsSource is the event source of the controls that concern the
// management account of an organization only.
const organizationsSource = "organizations.amazonaws.com"

// notApplicable says why a control does not concern the account, "" when it
// does: the changes of an organization are recorded in its management account.
func (c *controlJudge) notApplicable() string {
	org, ok := c.account.Organization.Got()
	switch {
	case len(c.probes) == 0 && c.nowhereOffered():
		return "no region asked for has the service"
	case !ok || !slices.Contains(c.control.Sources, organizationsSource):
		return ""
	case org == nil:
		return "the account is in no organization"
	case org.ManagementAccount != c.account.ID:
		return "the organization is managed from account " + org.ManagementAccount
	}
	return ""
}

// nowhereOffered says whether the control's services exist in none of the
// regions in question.
func (c *controlJudge) nowhereOffered() bool {
	for _, region := range regionsOf(c.account, c.control) {
		if len(c.control.Sources) == 0 || slices.ContainsFunc(c.control.Sources, func(s string) bool { return account.Offers(s, region) }) {
			return false
		}
	}
	return true
}

// organizationNote says that the account's place in an organization could not
// be read; the control is judged all the same.
func (c *controlJudge) organizationNote() []Reason {
	f := c.account.Organization.Failed()
	if f == nil || !slices.Contains(c.control.Sources, organizationsSource) {
		return nil
	}
	return []Reason{c.evidenceMissing(LinkTrail, "", "whether the account manages an organization", f)}
}

// findingID is the stable id of a finding: the same account and control give
// the same id in every run.
func findingID(account, control string) string {
	sum := sha256.Sum256([]byte(account + "\x00" + control))
	return hex.EncodeToString(sum[:8])
}

// statusOfOutcomes combines probes and reasons: any probe missed is a fail,
// else any unread one an unknown, else any oddity a warning.
func statusOfOutcomes(outcomes []outcome, reasons []Reason) Status {
	worst := good
	for _, o := range outcomes {
		worst = min(worst, o.grade)
	}
	switch {
	case worst == bad:
		return Fail
	case worst == unread:
		return Unknown
	case slices.ContainsFunc(reasons, func(r Reason) bool { return r.Status == Warn }):
		return Warn
	}
	return Pass
}

// A tally is a reason with how often and how near it was found.
type tally struct {
	Reason
	cost   int
	probes int
	order  int
}

// reasons merges the reasons of all probes: fails first, then unknowns, then
// warnings and notes; among equals the one closest to working, then the one of
// most probes, then the earlier link.
func (c *controlJudge) reasons(outcomes []outcome) []Reason {
	var list []*tally
	seen := map[Reason]*tally{}
	count := func(r Reason, o outcome) {
		t := seen[r]
		if t == nil {
			t = &tally{Reason: r, cost: o.cost, order: len(list)}
			seen[r] = t
			list = append(list, t)
		}
		t.cost = min(t.cost, o.cost)
		t.probes++
	}
	for _, o := range outcomes {
		for _, r := range o.reasons {
			count(r, o)
		}
	}
	for _, g := range c.gaps(outcomes) {
		for range g.outcomes {
			count(g.reason, g.outcomes[0])
		}
	}
	slices.SortStableFunc(list, func(a, b *tally) int {
		return cmp.Or(
			cmp.Compare(severityOf(a.Status), severityOf(b.Status)),
			cmp.Compare(a.cost, b.cost),
			cmp.Compare(b.probes, a.probes),
			cmp.Compare(rank(a.Link), rank(b.Link)),
			cmp.Compare(a.order, b.order),
		)
	})
	out := make([]Reason, len(list))
	for i, t := range list {
		out[i] = t.Reason
	}
	return out
}

func severityOf(s Status) int {
	return slices.Index([]Status{Fail, Unknown, Warn, Pass}, s)
}

// A gapReason is the reason for all probes that share one gap.
type gapReason struct {
	reason   Reason
	outcomes []outcome
}

// gaps words the gaps in filters, one for each code, log group and lost part.
func (c *controlJudge) gaps(outcomes []outcome) []gapReason {
	var keys []string
	byKey := map[string][]outcome{}
	for _, o := range outcomes {
		if o.gap == nil {
			continue
		}
		key := string(o.gap.code) + "\x00" + groupARN(o.gap.group) + "\x00" + lostText(o.gap.lost) + strings.Join(o.gap.rules, "\x00")
		if byKey[key] == nil {
			keys = append(keys, key)
		}
		byKey[key] = append(byKey[key], o)
	}
	var out []gapReason
	for _, key := range keys {
		list := byKey[key]
		out = append(out, gapReason{c.gapReason(list[0].gap, list), list})
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

// gapReason words one gap.
func (c *controlJudge) gapReason(g *gap, outcomes []outcome) Reason {
	r := Reason{Code: g.code, Status: Fail, Link: LinkFilter, Resource: groupARN(g.group)}
	if f := soleFilter(outcomes); f != nil && g.code != CodeNoFilter {
		r.Resource = f.arn
	}
	events := eventNames(outcomes)
	switch g.code {
	case CodeNoFilter:
		r.Message = "no metric filter matches " + c.whatever()
	case CodeTrailExcludes:
		r.Link, r.Resource = LinkTrail, g.trail.ARN
		r.Message = fmt.Sprintf("trail %s does not record %s when %s", g.trail.Name, enumerate(events), lostText(g.lost))
	case CodeFilterNarrowed:
		r.Message = fmt.Sprintf("%s would go unseen when %s", enumerate(events), lostText(g.lost))
	case CodeFilterNotUnderstood:
		r.Status = Unknown
		r.Message = fmt.Sprintf("whether %s would be seen depends on what AWS leaves open: %s", enumerate(events), strings.Join(g.rules, ", "))
	default:
		r.Message = enumerate(events) + " would go unseen"
	}
	return r
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
	var texts []string
	var by *trail
	for _, o := range outcomes {
		if o.grade == good && len(o.lost) > 0 {
			with = append(with, o)
			by = cmp.Or(by, c.narrower(o.used, o.probe))
			for _, l := range o.lost {
				texts = append(texts, lostText([]pattern.Case{l}))
			}
		}
	}
	if len(with) == 0 {
		return gapReason{}, false
	}
	r := Reason{Code: CodeFilterExcludes, Status: Warn, Link: LinkFilter, Message: "left out on purpose: " + strings.Join(sorted(texts), "; ")}
	if f := soleFilter(with); f != nil {
		r.Resource = f.arn
	}
	if by != nil {
		r.Code, r.Link, r.Resource = CodeTrailExcludes, LinkTrail, by.ARN
		r.Message = "trail " + by.Name + ": " + r.Message
	}
	return gapReason{r, with}, true
}

// lostText words lost cases: the first one, and how many more there are.
func lostText(cases []pattern.Case) string {
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
		for _, f := range o.used {
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

// enumerate lists up to three names in words.
func enumerate(names []string) string {
	switch n := len(names); {
	case n == 1:
		return names[0]
	case n <= 3:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return fmt.Sprintf("%s, %s and %d more events", names[0], names[1], n-2)
	}
}

// missed lists the events that nobody would be told of, with their regions.
func missed(outcomes []outcome) []MissedEvent {
	var out []MissedEvent
	for _, o := range outcomes {
		if o.grade != bad {
			continue
		}
		m := MissedEvent{Source: cmp.Or(o.probe.Source, "*"), Event: cmp.Or(o.probe.Event, "*"), Regions: []string{o.probe.Region}}
		i := slices.IndexFunc(out, func(h MissedEvent) bool { return h.Source == m.Source && h.Event == m.Event })
		if i < 0 {
			out = append(out, m)
			continue
		}
		out[i].Regions = append(out[i].Regions, m.Regions...)
	}
	for i := range out {
		out[i].Regions = sorted(out[i].Regions)
	}
	slices.SortFunc(out, func(a, b MissedEvent) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Event, b.Event))
	})
	return out
}

// narrowed lists what the filters leave out, each condition once.
func (c *controlJudge) narrowed(outcomes []outcome) []Narrowing {
	var out []Narrowing
	seen := map[string]bool{}
	for _, o := range outcomes {
		arn := ""
		if f := soleFilter([]outcome{o}); f != nil {
			arn = f.arn
		}
		for _, n := range append(narrowings(o.lost, arn), narrowings(o.failures, arn)...) {
			if key := n.Text + "\x00" + n.Filter; !seen[key] {
				seen[key] = true
				out = append(out, n)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Narrowing) int { return cmp.Or(cmp.Compare(a.Filter, b.Filter), cmp.Compare(a.Text, b.Text)) })
	return out
}

// literal says whether a filter of the carrying chain is tree for tree a text
// of the selected version.
func (c *controlJudge) literal(outcomes []outcome) bool {
	texts := literalTexts(c.control, c.benchmark)
	for _, o := range outcomes {
		for _, f := range o.used {
			if o.grade == good && f.pattern != nil && texts[f.pattern.String()] {
				return true
			}
		}
	}
	return false
}

// blindSpots lists the core operations that the version does not require and
// that no live chain reports either.
func (c *controlJudge) blindSpots() []BlindSpot {
	var out []BlindSpot
	for _, p := range c.beyond {
		if slices.ContainsFunc(out, func(b BlindSpot) bool { return b.Source == p.Source && b.Event == p.Event }) {
			continue
		}
		if fine, _ := c.paths(p); !acceptable(c.cover(fine, p), c.account.ID) {
			out = append(out, BlindSpot{p.Source, p.Event, c.riskOf(p)})
		}
	}
	slices.SortFunc(out, func(a, b BlindSpot) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Event, b.Event))
	})
	return out
}

// riskOf is the risk of an event that the version does not require.
func (c *controlJudge) riskOf(p probe) string {
	for _, e := range c.control.BlindSpots(c.benchmark) {
		if e.Source == p.Source && e.Name == p.Event {
			return e.Risk
		}
	}
	return ""
}

// remediation says in one sentence what to do next.
func remediation(f *Finding) string {
	if f.Status == Pass || len(f.Reasons) == 0 {
		return ""
	}
	r := f.Reasons[0]
	switch {
	case r.Status == Unknown:
		return "let the audit read what it could not (see 'monitorctl explain " + f.Control + "') and run it again"
	case r.Link == LinkTrail || r.Link == LinkLogGroup:
		return "mend the trail: a multi-region trail that logs all management events to a log group of this account"
	case r.Link == LinkSubscription && r.Code == CodeSubscriptionPending:
		return "confirm the subscription from the message that SNS sent, or add a subscriber with 'monitorctl apply --subscribe'"
	case r.Link == LinkSubscription:
		return "add a subscriber: 'monitorctl apply " + f.Control + " --subscribe email:ADDRESS'"
	default:
		return "run 'monitorctl plan " + f.Control + "' to see the repair"
	}
}
