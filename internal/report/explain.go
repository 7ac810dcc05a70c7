package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Tree writes one finding of r with all its evidence: the chain as a tree, the
// reasons, the events that nobody would be alerted to, and what to do.
func Tree(w io.Writer, r finding.Report, f finding.Finding, o Options) error {
	var b strings.Builder
	writeTitle(&b, r, f, o)
	if len(f.Chain) > 0 {
		b.WriteByte('\n')
		writeChain(&b, f.Chain, o)
	}
	for _, section := range sectionsOf(f, o) {
		section(&b, r, f, o)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sectionsOf are the parts of the evidence below the chain. What is wrong with
// a waived finding is shown when it is asked for.
func sectionsOf(f finding.Finding, o Options) []func(*strings.Builder, finding.Report, finding.Finding, Options) {
	if f.Waiver != nil && !o.ShowWaived && !o.Verbose {
		return []func(*strings.Builder, finding.Report, finding.Finding, Options){writeWaiver, writeBlindSpots, writeLetter, writePeers}
	}
	return []func(*strings.Builder, finding.Report, finding.Finding, Options){
		writeWaiver, writeReasons, writeMissed, writeNarrowed, writeBlindSpots, writeLetter, writePeers, writeRemedy,
	}
}

// writeWaiver says that the finding does not count, and until when.
func writeWaiver(b *strings.Builder, _ finding.Report, f finding.Finding, o Options) {
	if f.Waiver == nil {
		return
	}
	heading(b, fmt.Sprintf("Set aside: %s (it would be %s)", Sanitize(f.Waiver.String()), painter{}.status(f.Waiver.Was)), o)
	if !o.ShowWaived && !o.Verbose {
		paragraph(b, "  ", "  ", "--show-waived shows what is wrong", o.Width)
	}
}

// writeTitle names the control, the verdict and the account.
func writeTitle(b *strings.Builder, r finding.Report, f finding.Finding, o Options) {
	place := ""
	if f.Number != "" {
		place = "CIS " + Sanitize(f.Number) + ", "
	}
	fmt.Fprintf(b, "%s  %s (%sseverity %s)\n", painter{o.Color}.status(f.Status), Sanitize(f.Control), place, f.Severity)
	paragraph(b, "", "", Sanitize(f.Title), o.Width)
	ref := finding.AccountRef{ID: f.Account}
	if i := slices.IndexFunc(r.Accounts, func(a finding.AccountRef) bool { return a.ID == f.Account }); i >= 0 {
		ref = r.Accounts[i]
	}
	writeAccountLine(b, ref, r, o)
}

// heading starts a section of the evidence.
func heading(b *strings.Builder, text string, o Options) {
	b.WriteByte('\n')
	paragraph(b, "", "", text, o.Width)
}

func writeReasons(b *strings.Builder, _ finding.Report, f finding.Finding, o Options) {
	if len(f.Reasons) == 0 {
		return
	}
	heading(b, "Why:", o)
	for _, reason := range f.Reasons {
		paragraph(b, "  ", "    ", reasonText(reason), o.Width)
		if reason.Resource != "" {
			fmt.Fprintf(b, "    %s\n", Sanitize(reason.Resource))
		}
	}
}

// writeMissed lists the missed events.
func writeMissed(b *strings.Builder, r finding.Report, f finding.Finding, o Options) {
	if len(f.Missed) == 0 {
		return
	}
	heading(b, "Nobody would be alerted to:", o)
	for _, line := range missedLines(f, r.Regions) {
		paragraph(b, "  ", "    ", line, o.Width)
	}
}

// anyName returns name, or the words for the wildcard.
func anyName(name, whatever string) string {
	if name == "" || name == "*" {
		return whatever
	}
	return Sanitize(name)
}

// regionsText names regions; a long list that is all of the scope is counted.
func regionsText(regions, scope []string) string {
	switch {
	case len(regions) == 0:
		return "in no region"
	case len(regions) > 3 && slices.Equal(regions, scope):
		return fmt.Sprintf("in all %d regions in scope", len(regions))
	default:
		return "in " + Sanitize(strings.Join(regions, ", "))
	}
}

func writeNarrowed(b *strings.Builder, _ finding.Report, f finding.Finding, o Options) {
	if len(f.Narrowed) == 0 {
		return
	}
	heading(b, "Lost under a condition:", o)
	for _, n := range f.Narrowed {
		paragraph(b, "  ", "    ", fmt.Sprintf("%s (by %s)", Sanitize(n.Text), Sanitize(n.By)), o.Width)
		if n.Filter != "" {
			fmt.Fprintf(b, "    %s\n", Sanitize(n.Filter))
		}
		if n.Example != "" {
			// Not wrapped: it is a record to copy into "pattern test".
			fmt.Fprintf(b, "    for example %s\n", Sanitize(n.Example))
		}
	}
}

// writeBlindSpots lists the blind spots, the riskiest first.
func writeBlindSpots(b *strings.Builder, r finding.Report, f finding.Finding, o Options) {
	if len(f.BlindSpots) == 0 {
		return
	}
	by := Sanitize(r.Of(f.Cloud).Benchmark.Title())
	if f.Number == "" {
		by = "the control"
	}
	heading(b, fmt.Sprintf("Not required by %s, and not reported here:", by), o)
	for _, risk := range []string{"high", "medium", "low", ""} {
		var names []string
		for _, s := range f.BlindSpots {
			if s.Risk == risk || risk == "" && !slices.Contains([]string{"high", "medium", "low"}, s.Risk) {
				names = append(names, Sanitize(s.Event))
			}
		}
		if len(names) > 0 {
			paragraph(b, "  ", "    ", fmt.Sprintf("%s risk: %s", anyName(risk, "unknown"), strings.Join(names, ", ")), o.Width)
		}
	}
}

// writeLetter reports whether the benchmark's own text is in use.
func writeLetter(b *strings.Builder, r finding.Report, f finding.Finding, o Options) {
	if f.Cloud == catalog.Azure {
		writeAzureLetter(b, r, f, o)
		return
	}
	hasFilter := slices.ContainsFunc(f.Chain, func(l finding.Link) bool { return l.Kind == finding.LinkFilter && l.Resource != "" })
	if f.Number == "" || !hasFilter {
		return
	}
	verdict := "no filter of a working chain has the text that %s prints (this never changes the verdict)"
	if f.Literal {
		verdict = "a filter has exactly the text that %s prints"
	}
	heading(b, "Exact benchmark text: "+fmt.Sprintf(verdict, Sanitize(r.Of(f.Cloud).Benchmark.Title())), o)
}

// writeAzureLetter does so for a control of Azure: CIS's audit text wants a rule for each
// operation, on the whole subscription, with a condition on category and operation, no
// other, and an action group.
func writeAzureLetter(b *strings.Builder, r finding.Report, f finding.Finding, o Options) {
	hasRule := slices.ContainsFunc(f.Chain, func(l finding.Link) bool { return l.Kind == finding.LinkAlertRule && l.Resource != "" })
	if f.Number == "" || !hasRule {
		return
	}
	verdict := "not every operation that %s asks for has an alert rule in the form of its audit text (this never changes the verdict)"
	if f.Literal {
		verdict = "every operation that %s asks for has an alert rule in the form of its audit text"
	}
	heading(b, "Exact benchmark text: "+fmt.Sprintf(verdict, Sanitize(r.Of(f.Cloud).Benchmark.Title())), o)
}

func writeRemedy(b *strings.Builder, _ finding.Report, f finding.Finding, o Options) {
	if f.Remediation == "" {
		return
	}
	heading(b, "What to do: "+Sanitize(f.Remediation), o)
}
