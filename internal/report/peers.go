package report

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// writePeers says what other auditors would say of the same alert rules, or of the texts
// of the same metric filters.
func writePeers(b *strings.Builder, _ finding.Report, f finding.Finding, o Options) {
	if len(f.Peers) == 0 {
		return
	}
	from := "the same alert rules"
	if f.Peers[0].Status != "" {
		from = "the text of metric filters only"
	}
	heading(b, "Other tools, from "+from+" (this never changes the verdict):", o)
	for _, p := range f.Peers {
		paragraph(b, "  ", "    ", Sanitize(p.Peer)+": "+opinionText(p), o.Width)
	}
}

// opinionText says of how many events another auditor is content, and names the others.
func opinionText(p finding.Opinion) string {
	if p.Status != "" {
		return opinionWord(p.Status) + Sanitize(strings.TrimSuffix(": "+p.Why, ": "))
	}
	n := len(p.Passes) + len(p.Fails)
	switch {
	case len(p.Fails) == 0:
		return fmt.Sprintf("passes all %d", n)
	case len(p.Passes) == 0:
		return fmt.Sprintf("fails all %d", n)
	}
	return fmt.Sprintf("passes %d of %d, fails %s", len(p.Passes), n, Sanitize(strings.Join(p.Fails, ", ")))
}

// opinionWord is what a tool does by its status.
func opinionWord(s finding.Status) string {
	switch s {
	case finding.Pass:
		return "passes"
	case finding.Fail:
		return "fails"
	}
	return "unknown"
}

// peersPassing counts how many of their checks other auditors would pass, in the order
// in which they were asked for; "" when nobody asked.
func peersPassing(r finding.Report) string {
	var order []string
	passes, checks := map[string]int{}, map[string]int{}
	for _, f := range r.Findings {
		for _, o := range f.Peers {
			if o.Status == "" { // of Azure
				continue
			}
			if checks[o.Peer] == 0 {
				order = append(order, o.Peer)
			}
			checks[o.Peer]++
			if o.Status == finding.Pass {
				passes[o.Peer]++
			}
		}
	}
	for i, peer := range order {
		order[i] = fmt.Sprintf("%s %d of %d", Sanitize(peer), passes[peer], checks[peer])
	}
	return strings.Join(order, ", ")
}

// peerLines are what the table says of other auditors; none when nobody asked.
func peerLines(r finding.Report) []string {
	text := peersPassing(r)
	if text == "" {
		return nil
	}
	return []string{"Other tools, from the text of metric filters only: " + text + "; 'monitorctl explain CONTROL' has the reasons."}
}
