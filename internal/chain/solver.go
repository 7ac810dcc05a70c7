package chain

// A Solver decides what matchers do with a probe. Its answers are exact, or
// Unresolved.
type Solver interface {
	// Cover decides what the union of conjunctions of matchers does.
	Cover(p Probe, union [][]Matcher) Coverage

	// Touches reports whether some record of a probe may pass all of the matchers, whose
	// list it must not keep.
	Touches(p Probe, all []Matcher) bool

	// Incidental reports whether the matchers, which touch the probe, pass its
	// records only by the way: they are about something else.
	Incidental(p Probe, all []Matcher) bool

	// Relevant reports whether a matcher is about what is asked for, in any probe.
	Relevant(m Matcher) bool
}

// Fit is how well a union of matchers fits a probe.
type Fit int8

// Fits, from the best on.
const (
	Covered    Fit = iota // every record passes
	Tolerated             // all but what may be left out on purpose
	Partly                // some records pass
	Unresolved            // it depends on what nobody documents
	Nothing               // no record passes
)

// A Coverage is what a union of matchers does with a probe.
type Coverage struct {
	Fit  Fit
	Lost int // the cases that are left out, as far as they are known

	// Key tells apart coverages that leave out other records; "" where nothing does.
	Key string

	// Detail is the solver's own answer, to whoever puts it into words.
	Detail any
}

// Suffices reports whether nothing is lost but on purpose.
func (c Coverage) Suffices() bool { return c.Fit <= Tolerated }
