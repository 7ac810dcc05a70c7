package plan

import (
	"errors"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/planfile"
)

// written writes the actions of a step as code, or says why that cannot be: the list is the one
// that a saved plan of the step would give.
func (b *builder) written(c catalog.Control, actions []action.Action) *finding.Repair {
	list, err := b.listOf(c, actions)
	if err != nil {
		return &finding.Repair{Why: whyNoRepair(err)}
	}
	code, err := b.o.Repair(list)
	if err != nil {
		return &finding.Repair{Why: whyNoRepair(err)}
	}
	return &code
}

// whyNoRepair is an error with what to do about it.
func whyNoRepair(err error) string {
	var elsewhere *ElsewhereError
	if errors.As(err, &elsewhere) {
		return elsewhere.Error() + "; " + elsewhere.Hint()
	}
	return err.Error()
}

// listOf lists what the actions of one control write.
func (b *builder) listOf(c catalog.Control, actions []action.Action) (desired.List, error) {
	var planned []change.Action
	for _, a := range actions {
		planned = append(planned, a)
	}
	a := planfile.Account{ID: b.account.ID, Partition: b.account.Partition}
	f := planfile.New(a, WishesOf(b.o, []string{c.ID}), nil, planned, planfile.MadeBy{}, time.Time{})
	l, err := listOf(f, []catalog.Control{c}, b.o)
	if len(l.Alarms) > 0 && b.chosen != nil {
		l.LogGroup = b.chosen.Group // that of the filter that the alarm watches
	}
	return l, err
}
