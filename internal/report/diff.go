package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/diff"
)

// A Side is one of the two reports that are compared.
type Side struct {
	Path   string
	Schema string // of the file: AuditSchema, or a snapshot's
	Report finding.Report
}

// A Comparison is what two reports differ in, with what was compared.
type Comparison struct {
	Old, New Side
	diff.Difference

	// Notes say in which ways the two ask different questions.
	Notes []string
}

// Compare compares two reports.
func Compare(old, now Side) Comparison {
	return Comparison{old, now, diff.Compare(old.Report, now.Report), diff.Notes(old.Report, now.Report, "OLD", "NEW")}
}

// kindTitles head the changes of each kind.
var kindTitles = map[diff.Kind]string{
	diff.NewFailure: "New failures",
	diff.Fixed:      "Fixed",
	diff.Status:     "Changed status",
	diff.Reasons:    "Changed reasons",
	diff.Added:      "Checked in NEW only",
	diff.Gone:       "Checked in OLD only",
}

// DiffText writes a comparison for a person at a terminal: what was compared,
// the changes, those that matter most first, and the counts. With Quiet only
// what got worse.
func DiffText(w io.Writer, c Comparison, o Options) error {
	var b strings.Builder
	if !o.Quiet {
		writeSide(&b, "OLD", c.Old, o)
		writeSide(&b, "NEW", c.New, o)
		for _, note := range c.Notes {
			paragraph(&b, "     ", "       ", Sanitize(note), o.Width)
		}
		b.WriteByte('\n')
	}
	for _, kind := range diff.Kinds() {
		writeChanges(&b, c, kind, o)
	}
	if !o.Quiet {
		paragraph(&b, "", "", diffCounts(c), o.Width)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeSide(b *strings.Builder, name string, s Side, o Options) {
	text := fmt.Sprintf("%s  %s, %s, %s", name, Sanitize(s.Path), timeOf(s.Report.GeneratedAt), Sanitize(s.Report.Benchmark.Title()))
	paragraph(b, "", "     ", text, o.Width)
}

// writeChanges writes the changes of one kind, each with the reasons that came
// (+) and went (-).
func writeChanges(b *strings.Builder, c Comparison, kind diff.Kind, o Options) {
	first := true
	for _, change := range c.Changes {
		if change.Kind != kind || o.Quiet && !change.Worse {
			continue
		}
		if first && !o.Quiet {
			paragraph(b, "", "", kindTitles[kind]+":", o.Width)
		}
		first = false
		f := change.Finding()
		paragraph(b, "  ", "    ", fmt.Sprintf("%s in %s %s: %s", controlText(f), accountWord(f.Cloud), Sanitize(f.Account), changeText(change, o)), o.Width)
		for _, r := range change.Came {
			paragraph(b, "    + ", "      ", reasonText(r), o.Width)
		}
		for _, r := range change.Went {
			paragraph(b, "    - ", "      ", reasonText(r), o.Width)
		}
	}
	if !first && !o.Quiet {
		b.WriteByte('\n')
	}
}

// changeText returns "PASS -> FAIL", or the one status that there is.
func changeText(c diff.Change, o Options) string {
	p := painter{o.Color}
	switch {
	case c.Old == nil:
		return p.status(c.New.Status)
	case c.New == nil:
		return p.status(c.Old.Status)
	case c.Old.Status == c.New.Status:
		text := "still " + p.status(c.New.Status)
		if c.Worse {
			text += " (worse)"
		}
		return text
	}
	text := p.status(c.Old.Status) + " -> " + p.status(c.New.Status)
	if c.Worse && c.Kind != diff.NewFailure {
		text += " (worse)"
	}
	return text
}

// diffCounts returns "1 new failure, 2 fixed, 3 unchanged. It got worse."
func diffCounts(c Comparison) string {
	var parts []string
	for _, k := range []struct {
		kind      diff.Kind
		one, many string
	}{
		{diff.NewFailure, "new failure", "new failures"},
		{diff.Fixed, "fixed", "fixed"},
		{diff.Status, "with another status", "with another status"},
		{diff.Reasons, "with other reasons", "with other reasons"},
		{diff.Added, "checked in NEW only", "checked in NEW only"},
		{diff.Gone, "checked in OLD only", "checked in OLD only"},
	} {
		switch n := c.Count(k.kind); n {
		case 0:
		case 1:
			parts = append(parts, "1 "+k.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, k.many))
		}
	}
	verdict := "Nothing got worse."
	if c.Worse() {
		verdict = "It got worse."
	}
	return strings.Join(append(parts, fmt.Sprintf("%d unchanged", c.Unchanged)), ", ") + ". " + verdict
}
