package audit

import (
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// What is known of every alert of an activity log alert rule, by the field of a
// processing rule's condition in lower case. Rules add their id, name and description.
const (
	alertSeverity = "Sev4"
	alertService  = "Activity Log - Administrative"
)

// meets reports which of a rule's alerts meet a processing rule: none, some at most,
// nobody documents it, or all.
func (j *judge) meets(r *rule, p *subscription.ProcessingRule) condition.Value {
	v := condition.No
	for _, scope := range p.Scopes {
		id, ok := subscription.ParseID(scope)
		switch {
		case !ok:
			v = max(v, condition.Maybe)
		case !subscription.Same(id.Subscription, j.sub.ID):
		case id.Group == "" && id.Rest == "":
			v = condition.Yes
		default: // of changes in a group, or to one resource
			v = max(v, condition.Some)
		}
	}
	if len(p.Scopes) == 0 {
		v = condition.Maybe
	}
	for _, c := range p.Conditions {
		v = min(v, meetsCondition(r, c))
	}
	return v
}

// meetsCondition is meets for one condition.
func meetsCondition(r *rule, c subscription.AlertCondition) condition.Value {
	known := map[string]string{
		"severity": alertSeverity, "monitorservice": alertService, "alertruleid": r.ID, "alertrulename": r.Name, "description": r.Description,
	}
	field := subscription.Fold(c.Field)
	operator := subscription.Fold(c.Operator)
	if !slices.Contains([]string{"equals", "notequals", "contains", "doesnotcontain"}, operator) || len(c.Values) == 0 {
		return condition.Maybe
	}
	value, ok := known[field]
	switch {
	case ok:
		return compareAlert(field, value, operator, c.Values)
	case field == "targetresourcegroup", field == "targetresource" && !strings.Contains(operator, "contain"):
		return condition.Some
	}
	return condition.Maybe
}

// compareAlert compares the one value that every alert of a rule has.
func compareAlert(field, value, operator string, wants []string) condition.Value {
	negative := operator == "notequals" || operator == "doesnotcontain"
	partial := operator == "contains" || operator == "doesnotcontain"
	hits := 0
	for _, want := range wants {
		a, b := subscription.Fold(value), subscription.Fold(want)
		hit := a == b || partial && strings.Contains(a, b)
		if !hit && field == "monitorservice" && plain(a) == plain(b) {
			return condition.Maybe // the name of the service in another spelling
		}
		if hit {
			hits++
		}
	}
	switch {
	case !negative && hits > 0, negative && hits == 0:
		return condition.Yes
	case negative && hits < len(wants):
		return condition.Maybe // whether one value or all of them must differ is not documented
	}
	return condition.No
}

// plain leaves the letters of a name.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// A period is when a processing rule holds.
type period int8

const (
	over    period = iota // no more
	windows               // at times, or later on
	vague                 // whether it does now depends on a time zone
	now                   // now, and for a while
)

// zones are the greatest distances of a time zone from UTC.
const zones = 14 * time.Hour

// holds returns when a processing rule holds, seen from a time.
func holds(p *subscription.ProcessingRule, at time.Time) period {
	s := p.Schedule
	switch {
	case !p.Enabled:
		return over
	case s == nil:
		return now
	}
	slack := zones
	if s.TimeZone == "" || subscription.Same(s.TimeZone, "UTC") {
		slack = 0
	}
	bounded := func(t time.Time) bool { return !t.IsZero() }
	switch {
	case bounded(s.Until) && !at.Before(s.Until.Add(slack)):
		return over
	case s.Recurs, bounded(s.From) && at.Before(s.From.Add(-slack)):
		return windows
	case bounded(s.From) && at.Before(s.From.Add(slack)), bounded(s.Until) && !at.Before(s.Until.Add(-slack)):
		return vague
	}
	return now
}

// suppressed judges what processing rules take away from a rule's alerts. Those of
// Service Health they do not concern.
func (c *controlJudge) suppressed(r *rule) chain.Verdict {
	v := chain.Fine()
	if c.health() {
		return v
	}
	for i := range c.processing {
		p := &c.processing[i]
		meets, when := c.meets(r, p), holds(p, c.o.Now)
		if !p.Removes && len(p.Problems) == 0 || meets == condition.No || when == over {
			continue
		}
		with := func(code finding.Code, s finding.Status, format string, args ...any) {
			v = v.With(reason(code, s, finding.LinkProcessingRule, p.ID, "alert processing rule "+p.Name+" "+format, args...))
		}
		switch {
		case len(p.Problems) > 0:
			with(CodeProcessingUnclear, finding.Unknown, "is not understood: %s", p.Problems[0])
		case meets == condition.Maybe:
			with(CodeProcessingUnclear, finding.Unknown, "may remove the action groups of alert rule %s: %s", r.Name, c.unclearCondition(r, p))
		case when == windows:
			with(CodeAlertSuppressedWindow, finding.Warn, "removes the action groups of alert rule %s at times: %s", r.Name, scheduleText(p.Schedule))
		case when == vague:
			with(CodeAlertSuppressed, finding.Unknown, "may remove the action groups of alert rule %s now: its schedule is in the time zone %s", r.Name, p.Schedule.TimeZone)
		default:
			with(CodeAlertSuppressed, finding.Fail, "removes the action groups of alert rule %s%s", r.Name, suppressionText(p, meets))
		}
	}
	if text := unread(c.sub.ProcessingRules, readProcessing); text != "" && len(r.Groups) > 0 {
		status := finding.Pass
		if c.o.Strict {
			status = finding.Warn
		}
		r := reason(CodeEvidence, status, finding.LinkProcessingRule, "", "alert processing rules, which could suppress alerts, were not read: %s", text)
		r.Call = callOf(c.sub.ProcessingRules, readProcessing)
		v = v.With(r)
	}
	return v
}

// unclearCondition is why nobody knows whether a processing rule meets a rule's
// alerts.
func (c *controlJudge) unclearCondition(r *rule, p *subscription.ProcessingRule) string {
	for _, cond := range p.Conditions {
		if meetsCondition(r, cond) == condition.Maybe {
			return "what its condition on " + cond.Field + " does to them is not documented"
		}
	}
	return "its scope is not understood"
}

// suppressionText says which alerts lose their groups by a processing rule, and until
// when.
func suppressionText(p *subscription.ProcessingRule, meets condition.Value) string {
	var b strings.Builder
	if meets == condition.Some {
		var filters []string
		for _, cond := range p.Conditions {
			filters = append(filters, strings.TrimSpace(cond.Field+" "+cond.Operator+" "+strings.Join(cond.Values, ", ")))
		}
		for _, scope := range p.Scopes {
			if id, ok := subscription.ParseID(scope); ok && id.Group != "" {
				filters = append(filters, "scope "+scope)
			}
		}
		b.WriteString(" where " + strings.Join(filters, " and "))
	}
	if p.Schedule != nil && !p.Schedule.Until.IsZero() {
		b.WriteString(" until " + p.Schedule.Until.Format("2006-01-02 15:04") + zoneText(p.Schedule))
	}
	return b.String()
}

func zoneText(s *subscription.Schedule) string {
	if s.TimeZone == "" {
		return " UTC"
	}
	return " " + s.TimeZone
}

func scheduleText(s *subscription.Schedule) string {
	switch {
	case s.Recurs:
		return "its schedule recurs"
	default:
		return "from " + s.From.Format("2006-01-02 15:04") + zoneText(s)
	}
}

// added returns the ids of the action groups that processing rules surely add to
// every alert of a rule, and why others may or do not.
func (c *controlJudge) added(r *rule) (ids []string, unclear []finding.Reason, partly string) {
	if c.health() {
		return nil, nil, ""
	}
	for i := range c.processing {
		p := &c.processing[i]
		meets, when := c.meets(r, p), holds(p, c.o.Now)
		switch {
		case len(p.Adds) == 0 || meets == condition.No || when == over:
		case len(p.Problems) > 0:
			unclear = append(unclear, reason(CodeProcessingUnclear, finding.Unknown, finding.LinkProcessingRule, p.ID, "alert processing rule %s is not understood: %s", p.Name, p.Problems[0]))
		case meets == condition.Maybe:
			unclear = append(unclear, reason(CodeProcessingUnclear, finding.Unknown, finding.LinkProcessingRule, p.ID,
				"alert processing rule %s may add its action groups to alert rule %s: %s", p.Name, r.Name, c.unclearCondition(r, p)))
		case when == vague:
			unclear = append(unclear, reason(CodeProcessingUnclear, finding.Unknown, finding.LinkProcessingRule, p.ID,
				"alert processing rule %s may add its action groups to alert rule %s now: its schedule is in the time zone %s", p.Name, r.Name, p.Schedule.TimeZone))
		case meets == condition.Some:
			partly = p.Name + " adds action groups to some of its alerts only"
		case when == windows:
			partly = p.Name + " adds action groups at times only"
		default:
			ids = append(ids, p.Adds...)
		}
	}
	return ids, unclear, partly
}
