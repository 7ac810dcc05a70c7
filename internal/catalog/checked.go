package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// A Checked says how much of a benchmark version the controls of a run are, so that
// "all passed" is never read as more than it says.
type Checked struct {
	Set       string // the set that the controls are; "" when they are none
	Benchmark Benchmark

	// Numbered counts the checked controls that are metric-filter controls of the
	// version, of Azure activity log alert controls; Total all that the version has.
	Numbered, Total int

	// Others are the ids of the checked controls that are none, in the order of the
	// run.
	Others []string
}

// Checked compares the controls of a run with what version b asks for.
func (c *Catalog) Checked(controls []Control, b Benchmark) Checked {
	out := Checked{Set: c.setOf(controls), Benchmark: b}
	for _, control := range c.Controls {
		if metricFilterControl(control, b) {
			out.Total++
		}
	}
	for _, control := range controls {
		if metricFilterControl(control, b) {
			out.Numbered++
		} else {
			out.Others = append(out.Others, control.ID)
		}
	}
	return out
}

// setOf names the set that has just these controls, "" when none has.
func (c *Catalog) setOf(controls []Control) string {
	ids := func(list []Control) []string {
		out := make([]string, len(list))
		for i, control := range list {
			out[i] = control.ID
		}
		return slices.Sorted(slices.Values(out))
	}
	for _, name := range Sets() {
		if set, err := c.set(name); err == nil && slices.Equal(ids(set), ids(controls)) {
			return name
		}
	}
	return ""
}

// metricFilterControl reports whether a version asks for a metric filter and an alarm
// for the control.
func metricFilterControl(c Control, b Benchmark) bool {
	_, numbered := c.Number(b)
	return numbered && c.Type != State
}

// controlsWord is what the counted controls of a version ask for.
func controlsWord(b Benchmark) string {
	if b.Cloud() == Azure {
		return "activity log alert controls"
	}
	return "metric-filter controls"
}

// String returns "core: 3 of the 15 metric-filter controls of CIS AWS Foundations
// 3.0.0, and guardduty-changes; --set cis checks the rest"; "" for the zero value.
func (c Checked) String() string {
	if c.Benchmark == "" {
		return ""
	}
	share := fmt.Sprintf("%d of the %d", c.Numbered, c.Total)
	switch c.Numbered {
	case 0:
		share = fmt.Sprintf("none of the %d", c.Total)
	case c.Total:
		share = fmt.Sprintf("all %d", c.Total)
	}
	text := share + " " + controlsWord(c.Benchmark) + " of " + c.Benchmark.Title()
	if c.Set != "" {
		text = c.Set + ": " + text
	}
	switch n := len(c.Others); {
	case n > 3:
		text += fmt.Sprintf(", and %d other controls", n)
	case n > 0:
		text += ", and " + strings.Join(c.Others, ", ")
	}
	if c.Numbered < c.Total {
		text += "; --set cis checks the rest"
	}
	return text
}
