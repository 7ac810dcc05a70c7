package lint

import (
	"fmt"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/report"
)

// WriteText writes a report for people: a line for each finding that editors
// understand, path:line:column: message [code]. Unless quiet, notes say which
// controls a pattern covers and what was not judged, and the last line sums up.
func WriteText(w io.Writer, r Report, quiet bool) error {
	var b strings.Builder
	for _, f := range r.Files {
		f.writeText(&b, quiet)
	}
	if !quiet {
		b.WriteString(r.summary() + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (f File) writeText(b *strings.Builder, quiet bool) {
	name := f.Path
	if name == Stdin {
		name = "<stdin>"
	}
	if f.Err != nil {
		line(b, name, f.Err.Place, "not read: "+f.Err.Message)
	}
	for _, p := range f.Patterns {
		for _, finding := range p.Findings {
			line(b, name, finding.Place, finding.Message+" ["+finding.Code+"]")
		}
		if quiet {
			continue
		}
		for _, c := range p.Covers {
			line(b, name, p.Place, "note: covers "+c.String())
		}
		if p.NotJudged != "" {
			line(b, name, p.Place, "note: not judged: "+p.NotJudged)
		}
	}
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
	patterns, unjudged := 0, 0
	for _, f := range r.Files {
		patterns += len(f.Patterns)
		for _, p := range f.Patterns {
			if p.NotJudged != "" {
				unjudged++
			}
		}
	}
	parts := []string{count(patterns, "pattern") + " in " + count(len(r.Files), "file"), count(r.Findings(), "finding")}
	if unjudged > 0 {
		parts = append(parts, fmt.Sprintf("%d not judged", unjudged))
	}
	if n := r.Unread(); n > 0 {
		parts = append(parts, count(n, "file")+" not read")
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
