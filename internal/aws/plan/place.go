package plan

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Place returns where a plan with these wishes would put our filters, whether
// or not some are missing now; nil when no trail can carry them. The error is a
// *NoTrailError.
func Place(a *account.Account, controls []catalog.Control, o Options) (*change.Choice, error) {
	b := newBuilder(context.Background(), nil, nil, a, controls, o) // it only chooses a trail
	if err := b.chooseTrail(); err != nil || b.chosen == nil {
		return nil, err
	}
	c := b.choice()
	return &c, nil
}

// RuleHomes returns the regions in which a plan with these wishes would put rules of
// controls, with their topics; nil when it asks for none, or no trail records
// anything.
func RuleHomes(a *account.Account, controls []catalog.Control, o Options) ([]string, error) {
	b := newBuilder(context.Background(), nil, nil, a, controls, o)
	if err := b.chooseLayout(); err != nil || b.layout == nil {
		return nil, err
	}
	return b.layout.homes(a.Scope), nil
}
