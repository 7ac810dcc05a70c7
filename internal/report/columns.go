package report

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// columns are the states that the table shows of a chain, in its order, under the names
// that its cloud has for them.
func columns(f finding.Finding) []finding.Stage {
	if f.Columns != nil {
		return f.Columns
	}
	return []finding.Stage{{Name: "TRAIL", State: f.Stages.Trail}, {Name: "FILTER", State: f.Stages.Filter}, {Name: "ALARM", State: f.Stages.Alarm}, {Name: "NOTIFY", State: f.Stages.Notify}}
}

// byRules reports whether a chain leads through an event bus, which has neither
// filter nor alarm.
func byRules(f finding.Finding) bool {
	return f.Stages.Filter == "" && f.Stages.Alarm == "" && f.Stages.Notify != ""
}

// viaColumn is where the column VIA stands: behind STATUS.
const viaColumn = 4

// usesRules reports whether some control uses EventBridge rules.
func usesRules(r finding.Report) bool {
	return slices.ContainsFunc(r.Findings, func(f finding.Finding) bool {
		return f.Transport == finding.EventBridge || f.Transport == finding.Both
	})
}

// viaOf says by what the events of a control reach a person.
func viaOf(f finding.Finding) string {
	switch f.Transport {
	case finding.EventBridge:
		return "rule"
	case "":
		return "-"
	}
	return string(f.Transport)
}

// ruleLines tell how many controls rest on rules, which benchmark tools do not see;
// none when there is none.
func ruleLines(r finding.Report) []string {
	n := 0
	for _, f := range r.Findings {
		if slices.ContainsFunc(f.Reasons, func(r finding.Reason) bool { return r.Code == coveredByRules }) {
			n++
		}
	}
	switch n {
	case 0:
		return nil
	case 1:
		return []string{"1 control rests on EventBridge rules; benchmark tools do not see them ('--transport metric' checks as they do)."}
	}
	return []string{fmt.Sprintf("%d controls rest on EventBridge rules; benchmark tools do not see them ('--transport metric' checks as they do).", n)}
}

// coveredByRules is the code of the note that no metric path carries a control.
const coveredByRules finding.Code = "covered-by-eventbridge"
