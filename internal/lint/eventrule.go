package lint

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail/vocabulary"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/eventpattern/translate"
	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/iac"
)

// judgeEvents judges a pattern of EventBridge: its syntax, what looks like a mistake,
// the names of events of CloudTrail that it asks for, and what it does for controls.
func (j *judge) judgeEvents(q question) answer {
	f := fill(q.text, fillings[0])
	rule, err := eventpattern.Parse(f.text)
	if err != nil {
		var syntax *eventpattern.SyntaxError
		switch {
		case iac.HasHole(q.text):
			return answer{notJudged: "what is known of it is not an event pattern"}
		case q.deployed:
			return answer{notJudged: "not understood, though EventBridge has accepted it: " + err.Error()}
		case errors.As(err, &syntax):
			return answer{findings: []Finding{{Offset: syntax.Offset, Code: CodeSyntax, Message: syntax.Msg}}}
		}
		return answer{findings: []Finding{{Code: CodeSyntax, Message: err.Error()}}}
	}
	var a answer
	misnamed(f, rule, &a)
	if !aboutTrails(rule) {
		return a
	}
	suspicious(f, rule, &a)
	if !iac.HasHole(q.text) {
		j.coverByRule(rule, &a)
	}
	return a
}

// misnamed finds the names of events and sources that do not exist.
func misnamed(f filled, rule *eventpattern.Pattern, a *answer) {
	var root struct {
		Detail struct {
			EventSource []any `json:"eventSource"`
		} `json:"detail"`
	}
	if json.Unmarshal([]byte(f.text), &root) != nil {
		return
	}
	note := func(value, code, message string) {
		if at, ok := f.original(max(0, strings.Index(f.text, `"`+value+`"`)+1)); ok && !f.about(message) {
			a.findings = append(a.findings, Finding{Offset: at, Code: code, Message: message})
		}
	}
	for _, v := range root.Detail.EventSource {
		s, ok := v.(string)
		if !ok || vocabulary.KnownSource(s) {
			continue
		}
		if meant, _ := vocabulary.NearestSource(s); meant != "" {
			note(s, CodeValue, s+" never occurs: it is not an event source, the nearest is "+meant)
		}
	}
	for _, x := range events.InRule(rule) {
		if at, ok := f.original(inside(f.text, x.Offset)); ok && !f.about(x.Text) {
			a.findings = append(a.findings, Finding{Offset: at, Code: string(x.Code), Message: x.Text})
		}
	}
}

// inside returns the offset of what a string says: its quotes may be none of the file's.
func inside(text string, offset int) int {
	if offset+1 < len(text) && text[offset] == '"' {
		return offset + 1
	}
	return offset
}

// aboutTrails reports whether a rule is about CloudTrail's events, and not about those
// that a service sends by itself.
func aboutTrails(rule *eventpattern.Pattern) bool {
	return slices.ContainsFunc(rule.Branches(), func(b eventpattern.Branch) bool {
		return b.Field("detail.eventName") != nil || b.Field("detail.eventSource") != nil || b.Field("detail.userIdentity.type") != nil ||
			b.Field("detail-type") != nil && b.MayHave("detail-type", eventpattern.DetailTypes("")...)
	})
}

// suspicious adds what looks like a mistake. What is odd and often meant is a note.
func suspicious(f filled, rule *eventpattern.Pattern, a *answer) {
	for _, s := range rule.Suspicions() {
		at, ok := f.original(inside(f.text, s.Offset))
		if !ok || f.about(s.Text) {
			continue
		}
		x := Finding{Offset: at, Code: string(s.Code), Message: s.Text}
		switch s.Code {
		case eventpattern.SuspectCase: // the list of events says more
		case eventpattern.SuspectForgeable, eventpattern.SuspectReadOnly, eventpattern.SuspectUncertain:
			a.notes = append(a.notes, x)
		default:
			a.findings = append(a.findings, x)
		}
	}
}

// coverByRule adds what a rule does for controls. For single controls it is asked as
// the filter pattern that matches the same records, where there is one.
func (j *judge) coverByRule(rule *eventpattern.Pattern, a *answer) {
	a.rule = rule
	b := translate.FromEventPattern(rule, translate.Options{})
	if !b.Exact() || b.Lower == nil {
		return
	}
	a.parsed = b.Lower
	parts := j.covers(b.Lower)
	if j.matchesNearlyAll(parts) {
		a.notes = append(a.notes, Finding{Code: CodeBroad, Message: "matches nearly every record"})
		return
	}
	a.cover = parts
}
