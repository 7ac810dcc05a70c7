package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// finding judges every probe of the control and puts the outcomes together.
func (c *controlJudge) finding() (Finding, Evidence) {
	number, _ := c.control.Number(c.benchmark)
	f := Finding{
		ID: findingID(c.account.ID, c.control.ID), Control: c.control.ID, Title: c.control.Title,
		Severity: c.control.Severity, Number: number, Account: c.account.ID, Status: Pass,
	}
	if why := c.notApplicable(); why != "" {
		f.Status = NotApplicable
		f.Reasons = []Reason{{Code: CodeNotInScope, Status: Pass, Link: LinkTrail, Message: why}}
		return f, Evidence{}
	}
	if c.control.Type == catalog.State {
		return c.stateFinding(f), Evidence{}
	}
	if len(c.probes) == 0 {
		f.Status = Unknown
		f.Reasons = []Reason{{Code: CodeNotInScope, Status: Unknown, Link: LinkTrail, Message: "none of its events can occur in the regions asked for"}}
		return f, Evidence{}
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
	return f, c.evidence(outcomes)
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
	case r.Code == CodeAlarmMuted:
		return "delete the mute rule, or give it an end"
	case r.Code == CodeActionFailed:
		return "mend what the alarm's history names, and let the alarm act once more: the next entry counts"
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
