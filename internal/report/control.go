package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Control writes all that the catalog knows of a control, as version b of the
// benchmark has it: why it matters, what it requires and what it leaves out,
// the texts, what apply makes of it, and the requirements of other frameworks.
func Control(w io.Writer, c catalog.Control, b catalog.Benchmark, o Options) error {
	s := sheet{width: o.Width}
	s.text("", c.ID+": "+c.Title)
	s.text("", c.Why)
	s.head(c, b)
	s.required(c, b)
	s.blindSpots(c, b)
	s.texts(c, b)
	s.mappings(c)
	_, err := io.WriteString(w, s.b.String())
	return err
}

// A sheet is a text for a person, in paragraphs of at most width columns; 0:
// unlimited.
type sheet struct {
	b     strings.Builder
	width int
}

// text writes a paragraph behind an indent, which its further lines keep.
func (s *sheet) text(indent, text string) {
	paragraph(&s.b, indent, indent, Sanitize(text), s.width)
}

func (s *sheet) section(title string) {
	s.b.WriteByte('\n')
	s.text("", title)
}

// field writes a name and its value.
func (s *sheet) field(name, value string) {
	first := fmt.Sprintf("%-14s", name)
	paragraph(&s.b, first, strings.Repeat(" ", len(first)), Sanitize(dash(value)), s.width)
}

func (s *sheet) head(c catalog.Control, b catalog.Benchmark) {
	s.b.WriteByte('\n')
	number := "not in " + b.Title()
	if n, ok := c.Numbers[b]; ok {
		number = fmt.Sprintf("%s %s (level %d): %s", b.Title(), n.Number, n.Level, n.Title)
	}
	s.field("number", number)
	severity := c.Severity.String()
	if c.SeverityReason != "" {
		severity += ": " + c.SeverityReason
	}
	s.field("severity", severity)
	s.field("sets", strings.Join(c.Sets, ", "))
	if c.Type == catalog.State {
		s.field("asks for", "a state of the account, "+c.State+", in every region; apply does not change it")
		return
	}
	if c.Cloud == catalog.Azure {
		s.field("cloud", "Azure")
		s.field("delay", "Azure alerts 3 to 20 minutes after the change")
		return
	}
	s.field("sources", cmp.Or(strings.Join(c.Sources, ", "), "any"))
	s.field("apply makes", fmt.Sprintf("filter %s, metric %s, alarm %s", c.Names.Filter, c.Names.Metric, c.Names.Alarm))
}

// required writes the events or the condition that must reach a person.
func (s *sheet) required(c catalog.Control, b catalog.Benchmark) {
	switch {
	case c.Cloud == catalog.Azure:
		s.operations(c, b)
		return
	case c.Type == catalog.State:
		return
	case c.Type == catalog.Condition:
		s.section("Required: every event that this matches")
		s.text("  ", c.Condition)
		return
	}
	events := c.Required(b)
	s.section(fmt.Sprintf("Required events (%d)", len(events)))
	for _, ev := range events {
		s.text("  ", fmt.Sprintf("%-40s %s", ev.Name, ev.Source))
	}
}

// operations writes what a control of Azure requires, with the number of each operation
// in the version.
func (s *sheet) operations(c catalog.Control, b catalog.Benchmark) {
	list := c.RequiredOperations()
	s.section(fmt.Sprintf("Required operations (%d)", len(list)))
	for _, o := range list {
		number := "not in " + b.Title()
		if n, ok := o.Numbers[b]; ok {
			number = n.Number
		}
		s.text("  ", fmt.Sprintf("%-66s %s", o.Label(), number))
	}
}

// risks are the risks of blind spots, the highest first.
var risks = []string{"high", "medium", "low"}

// blindSpots writes the operations that the version does not require, by risk.
func (s *sheet) blindSpots(c catalog.Control, b catalog.Benchmark) {
	blind := c.BlindSpots(b)
	title := "operations that this version does not require; 'apply --complete' adds them"
	if c.Cloud == catalog.Azure {
		title = "operations that have the same effect elsewhere and are never required"
		for _, o := range c.OtherOperations() {
			blind = append(blind, catalog.Event{Name: o.Label(), Risk: o.Risk, Why: o.Why})
		}
	}
	if len(blind) == 0 {
		return
	}
	s.section(fmt.Sprintf("Blind spots (%d), %s", len(blind), title))
	for _, risk := range risks {
		for _, ev := range blind {
			if ev.Risk != risk {
				continue
			}
			s.text("  ", fmt.Sprintf("%-7s %s", risk, ev.Name))
			if ev.Why != "" {
				s.text("          ", ev.Why)
			}
		}
	}
}

func (s *sheet) texts(c catalog.Control, b catalog.Benchmark) {
	if c.Type == catalog.State || c.Cloud == catalog.Azure {
		return
	}
	written := c.Writes(b)
	texts := c.Texts(b)
	if !slices.ContainsFunc(texts, func(t catalog.Text) bool { return t.ID == written.ID }) {
		texts = append(texts, written)
	}
	for _, t := range texts {
		title := "Text " + t.ID
		if t.ID == written.ID {
			title += ", which apply writes"
		}
		s.section(title)
		if t.Note != "" {
			s.text("  ", t.Note)
		}
		s.text("  ", t.Text)
	}
}

func (s *sheet) mappings(c catalog.Control) {
	if len(c.Mappings) == 0 {
		return
	}
	s.section("Helps to meet")
	for _, f := range catalog.Frameworks() {
		if list := c.Mappings[f.ID]; len(list) > 0 {
			first := fmt.Sprintf("  %-23s ", f.Title)
			paragraph(&s.b, first, strings.Repeat(" ", len(first)), Sanitize(strings.Join(list, ", ")), s.width)
		}
	}
}
