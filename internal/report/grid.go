package report

import (
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

const (
	columnGap = 2  // blanks between columns
	minNotes  = 40 // columns below which notes get lines of their own
	minName   = 10 // columns that a name keeps in the narrowest terminal

	notesIndent = 4 // blanks before notes on lines of their own
)

// A grid is a table without borders whose last column holds notes: text of any
// length that wraps within the terminal. Where the other columns leave too
// little room for it, or would break a word, the notes stand below their row instead.
type grid struct {
	head      []string // nil for no header line
	notesHead string
	rows      []gridRow
	states    []string // names of the last columns, which move below their row when the cells are too wide
	nameCol   int      // the column that is broken when the others are too wide still
	width     int      // of the terminal; 0: unlimited
}

// A gridRow holds cells, colored if at all, and notes, one paragraph each.
type gridRow struct {
	cells []string
	notes []string
}

// write renders the grid.
func (g *grid) write(b *strings.Builder) error {
	used := 0
	for _, w := range g.cellWidths() {
		used += w + columnGap
	}
	room := g.width - used
	if g.width == 0 || room >= g.notesWidth() || room >= minNotes && !g.breaks(room) {
		return g.writeBeside(b, max(room, 0))
	}
	if used-columnGap > g.width && len(g.states) > 0 {
		return g.statesBelow().write(b)
	}
	return g.writeBelow(b, used-columnGap-g.width)
}

// breaks reports whether notes in so many columns have a word that breaks, and would be
// whole on a line of its own.
func (g *grid) breaks(room int) bool {
	for _, row := range g.rows {
		for _, note := range row.notes {
			for word := range strings.SplitSeq(note, " ") {
				if n := twwidth.Width(word); n > room && n <= g.width-notesIndent {
					return true
				}
			}
		}
	}
	return false
}

// statesBelow is the grid with the states of a row as its first note: no word of a row is
// broken for them.
func (g *grid) statesBelow() *grid {
	out := &grid{notesHead: g.notesHead, nameCol: g.nameCol, width: g.width}
	if g.head != nil {
		out.head = g.head[:len(g.head)-len(g.states)]
	}
	for _, row := range g.rows {
		kept := len(row.cells) - len(g.states)
		var named []string
		for i, state := range row.cells[kept:] {
			named = append(named, g.states[i]+" "+state)
		}
		out.rows = append(out.rows, gridRow{cells: row.cells[:kept], notes: append([]string{strings.Join(named, ", ")}, row.notes...)})
	}
	return out
}

// writeBeside writes the notes as the last column, room columns wide; 0:
// unlimited.
func (g *grid) writeBeside(b *strings.Builder, room int) error {
	rows := make([][]string, len(g.rows))
	for i, row := range g.rows {
		var lines []string
		for _, note := range row.notes {
			lines = append(lines, wrap(note, room)...)
		}
		rows[i] = append(slices.Clone(row.cells), strings.Join(lines, "\n"))
	}
	head := g.head
	if head != nil {
		head = append(slices.Clone(head), g.notesHead)
	}
	lines, err := renderTable(head, rows)
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	return err
}

// writeBelow writes each row's notes under it; excess is by how many columns
// the cells alone are too wide.
func (g *grid) writeBelow(b *strings.Builder, excess int) error {
	nameWidth := max(g.cellWidths()[g.nameCol]-max(excess, 0), minName)
	rows := make([][]string, len(g.rows))
	for i, row := range g.rows {
		rows[i] = slices.Clone(row.cells)
		rows[i][g.nameCol] = strings.Join(wrap(row.cells[g.nameCol], nameWidth), "\n")
	}
	lines, err := renderTable(g.head, rows)
	if err != nil {
		return err
	}
	next := func(n int) {
		for _, line := range lines[:n] {
			b.WriteString(line + "\n")
		}
		lines = lines[n:]
	}
	if g.head != nil {
		next(1)
	}
	lead := strings.Repeat(" ", notesIndent)
	for i, row := range g.rows {
		next(height(rows[i]))
		for _, note := range row.notes {
			paragraph(b, lead, lead, note, g.width)
		}
	}
	return nil
}

// cellWidths returns the width of each column but the notes.
func (g *grid) cellWidths() []int {
	widths := make([]int, len(g.rows[0].cells))
	measure := func(cells []string) {
		for i, cell := range cells {
			widths[i] = max(widths[i], twwidth.Width(cell))
		}
	}
	measure(g.head)
	for _, row := range g.rows {
		measure(row.cells)
	}
	return widths
}

// notesWidth returns the width of the longest note.
func (g *grid) notesWidth() int {
	width := twwidth.Width(g.notesHead)
	for _, row := range g.rows {
		for _, note := range row.notes {
			width = max(width, twwidth.Width(note))
		}
	}
	return width
}

// height returns how many lines a row of cells takes.
func height(cells []string) int {
	lines := 1
	for _, cell := range cells {
		lines = max(lines, strings.Count(cell, "\n")+1)
	}
	return lines
}

// renderTable lays out cells, whose lines are broken already, and returns the
// lines of the table.
func renderTable(head []string, rows [][]string) ([]string, error) {
	var b strings.Builder
	cell := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft},
		Padding:    tw.CellPadding{Global: tw.Padding{Right: strings.Repeat(" ", columnGap), Overwrite: true}},
	}
	t := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbols(tw.StyleNone),
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithConfig(tablewriter.Config{
			Header:   cell,
			Row:      cell,
			Behavior: tw.Behavior{TrimSpace: tw.Off, TrimLine: tw.Off},
		}),
	)
	if head != nil {
		t.Header(head)
	}
	if err := t.Bulk(rows); err != nil {
		return nil, err
	}
	if err := t.Render(); err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	for i, line := range lines {
		lines[i] = trimRight(line)
	}
	return lines, nil
}

// trimRight drops the padding of the last cells. The library ends a colored
// cell and its padding with a reset of its own; one is enough.
func trimRight(line string) string {
	const reset = "\x1b[0m"
	text := line
	for {
		shorter := strings.TrimSuffix(strings.TrimRight(text, " "), reset)
		if shorter == text {
			break
		}
		text = shorter
	}
	if strings.Contains(line[len(text):], reset) {
		text += reset
	}
	return text
}
