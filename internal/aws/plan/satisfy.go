package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Codes of notes about other auditors.
const (
	CodePeerNoise         = "peer-noise"         // a text has a price that nobody agreed to
	CodePeerUnsatisfiable = "peer-unsatisfiable" // what it wants is never written
	CodeCustodianPage     = "custodian-page"     // Cloud Custodian reads one page of filters only
)

// satisfy plans the filters that other auditors want of a control, on the metric of its
// own alarm: nobody is notified twice. They improve no verdict, so that they are planned
// whatever the control's status is.
func (b *builder) satisfy(c catalog.Control, f verdict) error {
	wish := b.o.Satisfy
	if len(wish.Peers) == 0 || b.way == audit.RuleTransport || b.chosen == nil || f.Status == finding.Unknown {
		return nil
	}
	if f.Status == finding.NotApplicable {
		b.notApplicable(c, f)
		return nil
	}
	var s step
	there := b.watchedTexts(c)
	filters, left := b.o.names().PeerFilters(c, b.o.Audit.Benchmark, b.chosen.Group, there, wish)
	for _, p := range filters {
		b.putFilter(&s, c, p.Filter, peerWhy(p))
	}
	for _, d := range left {
		b.peerNote(dissatisfied(c, d))
	}
	if s.keeper != "" {
		s.actions = nil
	}
	if len(s.actions) > 0 {
		topics, err := b.topics(&s, c, b.chosen.Region)
		if err != nil {
			return err
		}
		b.putAlarm(&s, c, b.chosen.Region, b.ownFilter(c), topics, "it watches the metric of the filters for other auditors")
	}
	b.take(s)
	return nil
}

// peerNote adds a note about other auditors to the plan.
func (b *builder) peerNote(m change.Manual) {
	m.Account = b.account.ID
	b.notes = append(b.notes, m)
}

// notApplicable names the peers that ask for a control of every account, whether it
// concerns that or not. Nothing is written for them.
func (b *builder) notApplicable(c catalog.Control, f verdict) {
	there := b.watchedTexts(c)
	var asking []string
	for _, p := range b.o.Satisfy.Peers {
		wants := c.Wants(p, b.o.Audit.Benchmark)
		if len(wants) > 0 && !slices.ContainsFunc(there, func(text string) bool { return catalog.Satisfies(wants, text) }) {
			asking = append(asking, string(p))
		}
	}
	if len(asking) > 0 {
		b.peerNote(change.Manual{Control: c.ID, Code: CodePeerUnsatisfiable, Text: fmt.Sprintf(
			"no filter for %s, although it asks for one in every account: the control does not apply to this account: %s", strings.Join(asking, " and "), f.Why())})
	}
}

// watchedTexts returns the patterns of the filters on the chosen log group that count
// for other auditors: those whose metric an alarm watches, and those that are planned on
// the control's own metric.
func (b *builder) watchedTexts(c catalog.Control) []string {
	region := b.account.Region(b.chosen.Region)
	filters, _ := region.MetricFilters.Got()
	own := b.ownFilter(c)
	var texts []string
	add := func(f account.MetricFilter) {
		if f.LogGroup == b.chosen.Group && !f.OnTransformed {
			texts = append(texts, f.Pattern)
		}
	}
	for _, f := range filters {
		if watchers, _ := desired.Watchers(region, f); len(watchers) > 0 || f.Namespace == own.Namespace && f.Metric == own.Metric {
			add(f)
		}
	}
	for _, a := range b.actions {
		if put, ok := a.(action.PutFilter); ok {
			add(put.Filter)
		}
	}
	return texts
}

func peerWhy(p desired.PeerFilter) string {
	names := make([]string, len(p.For))
	for i, peer := range p.For {
		names[i] = string(peer)
	}
	why := "it satisfies " + strings.Join(names, " and ")
	if p.Price != "" {
		why += "; the price: " + p.Price
	}
	return why
}

// dissatisfied says why a peer gets no filter.
func dissatisfied(c catalog.Control, d desired.Dissatisfied) change.Manual {
	if d.Want.Never != "" {
		return change.Manual{Control: c.ID, Code: CodePeerUnsatisfiable, Text: fmt.Sprintf("%s looks for the text %s, which monitorctl never writes: %s", d.Peer, d.Want.ID, d.Want.Never)}
	}
	return change.Manual{Control: c.ID, Code: CodePeerNoise, Text: fmt.Sprintf(
		"%s looks for the text %s, which has a price: %s; --satisfy-noise adds it", d.Peer, d.Want.ID, d.Want.Noise)}
}

// Cloud Custodian asks for one page of metric filters, of 50, and never for the next.
const custodianPage, custodianRoom = 50, 5

// checkCustodian warns of a log group that Custodian would soon see a part of.
func (b *builder) checkCustodian() {
	if b.chosen == nil || !slices.Contains(b.all.Satisfy.Peers, catalog.CustodianPeer) {
		return
	}
	have, added := b.countFilters()
	if n := have + added; n > custodianPage-custodianRoom {
		b.notes = append(b.notes, change.Manual{Account: b.account.ID, Code: CodeCustodianPage, Text: fmt.Sprintf(
			"log group %s will have %d metric filters, and Cloud Custodian reads the first %d of them only: the filters after those do not count for it", b.chosen.Group, n, custodianPage)})
	}
}
