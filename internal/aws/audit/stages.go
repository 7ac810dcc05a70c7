package audit

// stages reads the stages off a path's reasons, which stand in the order of
// the chain.
func (o *outcome) stages() Stages {
	s := Stages{Trail: StateOK, Filter: StateOK, Alarm: StateOK, Notify: StateOK}
	for _, r := range o.reasons {
		state := StateNone
		switch r.Status {
		case Unknown:
			state = StateUnknown
		case Fail:
		default:
			continue
		}
		setStage(&s, r.Link, state)
	}
	if o.gap != nil {
		switch o.gap.code {
		case CodeTrailExcludes:
			setStage(&s, LinkTrail, StateGap)
		case CodeFilterNotUnderstood:
			setStage(&s, LinkFilter, StateUnknown)
		case CodeNoFilter:
			s.Filter, s.Alarm, s.Notify = StateNone, "", ""
		default:
			setStage(&s, LinkFilter, StateGap)
		}
	}
	if len(o.used) == 0 && o.grade == bad && o.gap == nil { // nothing behind the trail
		s.Filter, s.Alarm, s.Notify = "", "", ""
	}
	return s
}

// setStage lowers one stage.
func setStage(s *Stages, k LinkKind, state LinkState) {
	stage := &s.Notify
	switch k {
	case LinkTrail, LinkLogGroup:
		stage = &s.Trail
	case LinkFilter:
		stage = &s.Filter
	case LinkMetric, LinkAlarm:
		stage = &s.Alarm
	}
	if *stage != StateNone {
		*stage = state
	}
}

// stages sums up the stages of all probes: what some probes pass and others do
// not is a gap.
func (c *controlJudge) stages(outcomes []outcome) Stages {
	sum := outcomes[0].stages()
	for _, o := range outcomes[1:] {
		s := o.stages()
		sum.Trail = both(sum.Trail, s.Trail)
		sum.Filter = both(sum.Filter, s.Filter)
		sum.Alarm = both(sum.Alarm, s.Alarm)
		sum.Notify = both(sum.Notify, s.Notify)
	}
	return sum
}

// both combines the states of two probes at one stage.
func both(a, b LinkState) LinkState {
	switch {
	case a == b:
		return a
	case a == "":
		return b
	case b == "":
		return a
	case a == StateUnknown || b == StateUnknown:
		return StateUnknown
	}
	return StateGap
}
