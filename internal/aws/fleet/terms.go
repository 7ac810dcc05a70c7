package fleet

import (
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// Terms are what is asked of an account where that depends on where it stands.
type Terms struct {
	Key      string            // the same for accounts that are asked the same
	Controls []catalog.Control // some of those of the run
	Regions  []string          // nil: those of the run
	Waivers  []finding.Waiver  // that may be about the account
	Accepts  []finding.Accept  // likewise; as many as the configuration has, in its order
}

// terms returns what is asked of an account.
func (o *Options) terms(t *targets.Target) Terms {
	if o.Terms == nil {
		return Terms{Controls: o.Controls, Waivers: o.Audit.Waivers, Accepts: o.Audit.Accepts}
	}
	return o.Terms(t)
}
