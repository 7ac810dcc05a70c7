package lint

import (
	"fmt"
	"github.com/monitorctl/monitorctl/internal/cover"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/report"
)

// WriteText writes a report for people: a line for each finding that editors
// understand, path:line:column: message [code], and one for each pattern that was
// not checked. Unless quiet, notes say which controls a pattern covers, and the
// last line sums up.
func WriteText(w io.Writer, r Report, quiet bool) error {
	var b strings.Builder
	for _, f := range r.Files {
		f.writeText(&b, quiet)
	}
	for _, a := range r.Asked {
		if !quiet || a.Verdict != cover.Covered {
			b.WriteString(report.Sanitize(a.String()) + "\n")
		}
	}
	if !quiet {
		b.WriteString(r.summary() + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (f File) writeText(b *strings.Builder, quiet bool) {
	name := shown(f.Path)
	switch {
	case f.Err != nil:
		line(b, name, f.Err.Place, "not read: "+f.Err.Message)
	case f.Empty:
		line(b, name, Place{}, "no pattern was found")
	}
	for _, p := range f.Patterns {
		for _, finding := range p.Findings {
			line(b, shown(finding.Path), finding.Place, finding.Message+" ["+finding.Code+"]")
		}
		if p.NotJudged != "" {
			line(b, name, p.Place, "not checked: "+p.NotJudged)
		}
		if quiet {
			continue
		}
		for _, note := range p.Notes {
			line(b, shown(note.Path), note.Place, "note: "+note.Message+" ["+note.Code+"]")
		}
		for _, c := range p.Covers {
			line(b, name, p.Place, "note: covers "+c.String())
		}
		if len(p.Unknown) > 0 && p.NotJudged == "" {
			line(b, name, p.Place, "note: checked in part: interpolation of "+strings.Join(p.Unknown, ", "))
		}
	}
}

// shown is the name of a file in a report.
func shown(path string) string {
	if path == Stdin {
		return "<stdin>"
	}
	return path
}

// line writes one line; a place that is zero is left out.
func line(b *strings.Builder, name string, at Place, message string) {
	b.WriteString(report.Sanitize(name))
	if at.Line > 0 {
		fmt.Fprintf(b, ":%d:%d", at.Line, at.Column)
	}
	b.WriteString(": " + report.Sanitize(message) + "\n")
}

// summary counts what was looked at and found.
func (r Report) summary() string {
	patterns := 0
	for _, f := range r.Files {
		patterns += len(f.Patterns)
	}
	parts := []string{count(patterns, "pattern") + " in " + count(len(r.Files), "file"), count(r.Findings(), "finding")}
	if n := r.NotJudged(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d not checked", n))
	}
	if n := r.Empty(); n > 0 {
		parts = append(parts, count(n, "file")+" without a pattern")
	}
	if n := r.Unread(); n > 0 {
		parts = append(parts, count(n, "file")+" not read")
	}
	if len(r.Asked) > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s covered", len(r.Asked)-r.Uncovered(), count(len(r.Asked), "control")))
	}
	return strings.Join(parts, ", ")
}

// count returns "1 file" or "2 files".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
