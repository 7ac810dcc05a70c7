package report

import (
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Controls writes the catalog as a table, in the numbering of a benchmark
// version.
func Controls(w io.Writer, controls []catalog.Control, b catalog.Benchmark, o Options) error {
	g := grid{head: []string{"CONTROL", "CIS", "SEVERITY", "SET"}, notesHead: "TITLE", width: o.Width}
	for _, c := range controls {
		number, ok := c.Number(b)
		if !ok {
			number = "-"
		}
		g.rows = append(g.rows, gridRow{
			cells: []string{Sanitize(c.ID), number, c.Severity.String(), Sanitize(strings.Join(c.Sets, " "))},
			notes: []string{Sanitize(c.Title)},
		})
	}
	var text strings.Builder
	if err := g.write(&text); err != nil {
		return err
	}
	_, err := io.WriteString(w, text.String())
	return err
}
