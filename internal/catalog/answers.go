package catalog

import (
	"slices"
	"strings"
)

// versions returns the benchmark versions that have the control, oldest first;
// a control beyond the benchmark has the version "" only.
func (c Control) versions() []Benchmark {
	if len(c.Numbers) == 0 {
		return []Benchmark{""}
	}
	return slices.DeleteFunc(BenchmarksOf(c.Cloud), func(b Benchmark) bool { _, ok := c.Numbers[b]; return !ok })
}

// in returns the version whose facts stand for the control in b: b itself, or
// the nearest one that has the control, or "" when no version has it.
func (c Control) in(b Benchmark) Benchmark {
	return nearestTo(b, func(b Benchmark) bool { _, ok := c.Numbers[b]; return ok })
}

// Number returns the control's number in b ("4.10"; for Azure all of them, "6.1.2.3,
// 6.1.2.4"), and false when b does not have the control.
func (c Control) Number(b Benchmark) (string, bool) {
	n, ok := c.Numbers[b]
	return n.Number, ok
}

// numbers returns the control's numbers in b: one for AWS, several for Azure, none
// when b does not have the control.
func (c Control) numbers(b Benchmark) []string {
	number, ok := c.Number(b)
	if !ok {
		return nil
	}
	return strings.Split(number, numberSeparator)
}

// In tells whether the control belongs to the set.
func (c Control) In(set string) bool { return set == SetAll || slices.Contains(c.Sets, set) }

// Required returns the events that b requires, in catalog order. In a version
// that does not have the control the nearest one that has it decides. None for
// conditions.
func (c Control) Required(b Benchmark) []Event {
	return c.events(func(_ Event, required bool) bool { return required }, b)
}

// BlindSpots returns the core events that b, or the nearest version that has the
// control, does not require, in catalog order.
func (c Control) BlindSpots(b Benchmark) []Event {
	return c.events(func(e Event, required bool) bool { return e.Core && !required }, b)
}

func (c Control) events(keep func(e Event, required bool) bool, b Benchmark) []Event {
	in := c.in(b)
	var events []Event
	for _, e := range c.Events {
		if keep(e, e.Always || slices.Contains(e.Versions, in)) {
			events = append(events, e)
		}
	}
	return events
}

// Texts returns the patterns that b prescribes, in catalog order: those of the
// nearest version that has the control, or, where none has it, all of them.
func (c Control) Texts(b Benchmark) []Text {
	in := c.in(b)
	var texts []Text
	for _, t := range c.Patterns {
		if in == "" || slices.Contains(t.Versions, in) {
			texts = append(texts, t)
		}
	}
	return texts
}

// Writes returns the pattern that apply writes for b: the one that names b,
// else the one for every version. Every control that Load returns has one.
func (c Control) Writes(b Benchmark) Text {
	for _, version := range []Benchmark{b, "", c.in(b)} {
		if t := writer(c.Patterns, version); t != nil {
			return *t
		}
	}
	return Text{}
}

// Shipped returns every text that apply writes in any version, or wrote in an earlier
// release, supplements and those for peers included, each once: a filter under our name with one of them was written by
// monitorctl.
func (c Control) Shipped() []string {
	var shipped []string
	add := func(text string) {
		if !slices.Contains(shipped, text) {
			shipped = append(shipped, text)
		}
	}
	for _, t := range c.Patterns {
		if len(t.Writes) > 0 {
			add(t.Text)
		}
	}
	for _, t := range c.PeerTexts() {
		add(t.Text)
	}
	for _, b := range benchmarks {
		for _, text := range slices.Concat(c.Supplements(b, PatternLimit), c.Complements(b, PatternLimit)) {
			add(text)
		}
	}
	return shipped
}
