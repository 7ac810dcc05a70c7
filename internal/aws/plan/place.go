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
