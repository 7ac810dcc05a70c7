package audit

import (
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// columnNames are the names of the columns of the table, in the order of the chain: the
// rule, its groups with what processing rules do to them, and the receivers.
func columnNames() []string { return []string{"RULE", "GROUP", "NOTIFY"} }

// The places of Columns.
const (
	columnRule = iota
	columnGroup
	columnNotify
	columnCount
)

// column is the place of a link.
func column(k finding.LinkKind) int {
	switch k {
	case finding.LinkAlertRule:
		return columnRule
	case finding.LinkReceiver:
		return columnNotify
	}
	return columnGroup
}

// states reads the columns off an outcome.
func (o *outcome) states() [columnCount]finding.LinkState {
	s := [columnCount]finding.LinkState{finding.StateOK, finding.StateOK, finding.StateOK}
	if o.Gap != nil {
		switch o.Gap.Coverage.Fit {
		case chain.Partly:
			s[columnRule] = finding.StateGap
		case chain.Unresolved:
			s[columnRule] = finding.StateUnknown
		default:
			s[columnRule] = finding.StateNone
			if closest, _ := closestRule(*o); closest == nil {
				return [columnCount]finding.LinkState{finding.StateNone}
			}
		}
	}
	for _, r := range o.Reasons {
		at := column(r.Link)
		switch {
		case r.Status == finding.Fail:
			s[at] = finding.StateNone
		case r.Status == finding.Unknown && s[at] != finding.StateNone:
			s[at] = finding.StateUnknown
		}
		switch r.Code {
		case CodeRuleNoActionGroup, CodeGroupMissing, CodeGroupUnreadable:
			s[columnNotify] = "" // there is nothing to look at
		case CodeNotReadable:
			for i := at + 1; i < columnCount; i++ {
				s[i] = ""
			}
		}
	}
	return s
}

// columns sums up the columns of all probes: what some pass and others do not is a
// gap.
func columns(outcomes []outcome) []finding.Stage {
	sum := outcomes[0].states()
	for _, o := range outcomes[1:] {
		s := o.states()
		for i := range sum {
			sum[i] = sum[i].Together(s[i])
		}
	}
	var out []finding.Stage
	for i, name := range columnNames() {
		out = append(out, finding.Stage{Name: name, State: sum[i]})
	}
	return out
}
