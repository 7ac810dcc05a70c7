package plan

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// then judges a control as it would be after actions, once new addresses are verified.
func (b *builder) then(c catalog.Control, actions []action.Action) (finding.Finding, error) {
	after := action.Simulate(b.sub, action.Moment{Salt: b.snap.Salt, Verified: true}, slices.Concat(b.actions, actions))
	r, err := b.world.With(after).Judge(b.ctx, after, []catalog.Control{c}, b.o.Audit)
	if err != nil {
		return finding.Finding{}, err
	}
	return r.Findings[0], nil
}

// suppressed reports whether an alert processing rule removes the action groups of every
// alert rule.
func suppressed(f finding.Finding) bool {
	return f.Status == finding.Fail && slices.ContainsFunc(f.Reasons, func(r finding.Reason) bool { return r.Code == audit.CodeAlertSuppressed && r.Status == finding.Fail })
}

// improves reports whether a control comes further along the chain.
func improves(now, then finding.Finding) bool {
	return worth(then) > worth(now) || len(then.Missed) < len(now.Missed) || links(then) > links(now) || len(then.BlindSpots) < len(now.BlindSpots)
}

// worth orders statuses, the best last.
func worth(f finding.Finding) int {
	return slices.Index([]finding.Status{finding.Fail, finding.Unknown, finding.Warn, finding.Waived, finding.Pass}, f.Status)
}

// links counts the links of the chain that are whole.
func links(f finding.Finding) int {
	n := 0
	for _, s := range f.Columns {
		if s.State == finding.StateOK {
			n++
		}
	}
	return n
}

// leftover tells what needs manual action when no action helps.
func (b *builder) leftover(c catalog.Control, f finding.Finding) {
	if f.Status == finding.Fail || f.Status == finding.Warn {
		b.tell(c.ID, f.Why()+"; "+f.Remediation)
	}
}
