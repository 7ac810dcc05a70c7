package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// stages reads the stages off a path's reasons, which stand in the order of
// the chain.
func (o *outcome) stages() finding.Stages {
	if o.byRules() && (o.Gap == nil || o.gapGroup() == nil) || slices.ContainsFunc(o.Reasons, func(r finding.Reason) bool { return len(o.filters()) == 0 && isOfRules(r) }) {
		return o.ruleStages()
	}
	s := finding.Stages{Trail: finding.StateOK, Filter: finding.StateOK, Alarm: finding.StateOK, Notify: finding.StateOK}
	for _, r := range o.Reasons {
		state := finding.StateNone
		switch r.Status {
		case finding.Unknown:
			state = finding.StateUnknown
		case finding.Fail:
		default:
			continue
		}
		setStage(&s, r.Link, state)
	}
	switch o.gapCode() {
	case "":
		if len(o.Used) == 0 && o.Truth != chain.Good && o.Coverage.Detail == nil { // nothing behind the trail, or nobody could see it
			clearOK(&s.Filter, &s.Alarm, &s.Notify)
		}
	case CodeTrailExcludes:
		state := finding.StateGap
		if o.Gap.Coverage.Fit == chain.Nothing {
			state = finding.StateNone
		}
		setStage(&s, finding.LinkTrail, state)
	case CodeFilterNotUnderstood, CodeRuleNotUnderstood:
		setStage(&s, finding.LinkFilter, finding.StateUnknown)
	case CodeNoFilter:
		s.Filter, s.Alarm, s.Notify = finding.StateNone, "", ""
	default:
		setStage(&s, finding.LinkFilter, finding.StateGap)
	}
	if slices.ContainsFunc(o.Reasons, endsAtAlarm) {
		clearOK(&s.Notify)
	}
	return s
}

// clearOK empties stages where nothing was found wrong because there was nothing
// to look at.
func clearOK(stages ...*finding.LinkState) {
	for _, s := range stages {
		if *s == finding.StateOK {
			*s = ""
		}
	}
}

// endsAtAlarm reports whether a reason says that there is no alarm, or none that
// could be seen: who is notified is no question then.
func endsAtAlarm(r finding.Reason) bool {
	switch r.Code {
	case CodeNoAlarm, CodeAlarmOtherNamespace, CodeAlarmOtherRegion, CodeAlarmDimensions:
		return true
	case CodeAlarmUnit:
		return r.Status == finding.Fail
	case CodeNotReadable:
		return r.Link == finding.LinkAlarm
	}
	return false
}

// setStage lowers one stage.
func setStage(s *finding.Stages, k finding.LinkKind, state finding.LinkState) {
	stage := &s.Notify
	switch k {
	case finding.LinkTrail, finding.LinkLogGroup:
		stage = &s.Trail
	case finding.LinkFilter:
		stage = &s.Filter
	case finding.LinkMetric, finding.LinkAlarm:
		stage = &s.Alarm
	}
	if *stage != finding.StateNone {
		*stage = state
	}
}

// stages sums up the stages of all probes: what some probes pass and others do
// not is a gap.
func (c *controlJudge) stages(outcomes []outcome) finding.Stages {
	sum := outcomes[0].stages()
	for _, o := range outcomes[1:] {
		s := o.stages()
		sum.Trail = sum.Trail.Together(s.Trail)
		sum.Filter = sum.Filter.Together(s.Filter)
		sum.Alarm = sum.Alarm.Together(s.Alarm)
		sum.Notify = sum.Notify.Together(s.Notify)
	}
	return sum
}
