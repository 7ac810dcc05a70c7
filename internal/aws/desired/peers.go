package desired

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Satisfy are the wishes about other auditors.
type Satisfy struct {
	Peers []catalog.Peer // in the order of reports
	Noise bool           // filters whose text has a price too
}

// A PeerFilter is a filter that a control needs for other auditors.
type PeerFilter struct {
	Filter account.MetricFilter
	For    []catalog.Peer // at least one
	Price  string         // what its text matches beyond the control, as a clause; "" for nothing
}

// A Dissatisfied is a peer that gets no filter, and why.
type Dissatisfied struct {
	Peer catalog.Peer
	Want catalog.Want // the one that would do: it is noisy, or never written
}

// peerWord goes between the name of a control's filter and the number of a text for
// peers, which is the same whoever asks for it.
const peerWord = "Peer"

// PeerFilters are the filters on the metric of a control that satisfy peers, beside
// filters with the patterns that are there. Each peer that those do not satisfy gets the
// text that costs least, and peers that want the same text share it.
func (n Names) PeerFilters(c catalog.Control, b catalog.Benchmark, group string, there []string, wish Satisfy) (filters []PeerFilter, left []Dissatisfied) {
	for _, p := range wish.Peers {
		wants := c.Wants(p, b)
		if len(wants) == 0 || slices.ContainsFunc(there, func(text string) bool { return catalog.Satisfies(wants, text) }) {
			continue
		}
		if i := slices.IndexFunc(filters, func(f PeerFilter) bool { return catalog.Satisfies(wants, f.Filter.Pattern) }); i >= 0 {
			filters[i].For = append(filters[i].For, p)
			continue
		}
		want := wants[0]
		if want.Never != "" || want.Noise != "" && !wish.Noise {
			left = append(left, Dissatisfied{p, want})
			continue
		}
		f := n.Filter(c, b, group)
		f.Name, f.Pattern = n.peerName(c, want.Text), want.Text
		filters = append(filters, PeerFilter{Filter: f, For: []catalog.Peer{p}, Price: want.Noise})
	}
	return filters, left
}

func (n Names) peerName(c catalog.Control, text string) string {
	for _, t := range c.PeerTexts() {
		if t.Text == text {
			return fmt.Sprintf("%s%s%d", n.FilterName(c), peerWord, t.Number)
		}
	}
	return n.FilterName(c) + peerWord // not reached: every text that is wanted has a number
}
