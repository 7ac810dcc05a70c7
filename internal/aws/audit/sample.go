package audit

import (
	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A Sample is a record to try filters on.
type Sample struct {
	Source, Event string // "" where a condition leaves it open
	Region        string // "" for everyday events
	Required      bool   // the control asks for it; false: an everyday event, which no filter should match
	Record        []byte // compact JSON
}

// Samples returns a record of each probe of a control in an account, by event and then
// by region, and then the everyday events of docs/judging.md, section 3. A control of a
// state has none. The error is about its condition.
func Samples(a *account.Account, c catalog.Control, b catalog.Benchmark) ([]Sample, error) {
	if c.Type == catalog.State {
		return nil, nil
	}
	probes, err := probesOf(a, c, b)
	if err != nil {
		return nil, err
	}
	var out []Sample
	for _, p := range probes {
		if record := p.Record(); record != nil {
			out = append(out, Sample{p.Source, p.Event, p.Region, true, record})
		}
	}
	for _, e := range benignFor(c) {
		out = append(out, Sample{Event: e.what, Record: e.record})
	}
	return out, nil
}
