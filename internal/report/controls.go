package report

import (
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Controls lists controls for a person, in the order given, with their numbers
// in benchmark version b.
func Controls(w io.Writer, controls []catalog.Control, b catalog.Benchmark, o Options) error {
	g := &grid{head: []string{"CONTROL", "CIS", "SEVERITY", "SETS"}, notesHead: "TITLE", width: o.Width}
	for _, c := range controls {
		number, _ := c.Number(b)
		g.rows = append(g.rows, gridRow{
			cells: []string{Sanitize(c.ID), dash(shortNumber(Sanitize(number))), c.Severity.String(), dash(Sanitize(strings.Join(c.Sets, ", ")))},
			notes: []string{Sanitize(c.Title)},
		})
	}
	if len(g.rows) == 0 {
		return nil
	}
	var text strings.Builder
	if err := g.write(&text); err != nil {
		return err
	}
	_, err := io.WriteString(w, text.String())
	return err
}
