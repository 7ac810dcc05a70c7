package condition

// Fit is how well a union of conditions fits an event.
type Fit int8

// Fits, from the best on.
const (
	Whole   Fit = iota // some record of every call is matched
	Usual              // of every call whose records have the usual level, Informational
	Unclear            // it depends on what nobody documents
	Partial            // of some calls only
	None               // of no call
)

// A Coverage is what a union of conditions does with an event.
type Coverage struct {
	Fit Fit

	// Levels are those whose records are lost; nil unless Fit is Usual.
	Levels []string
}

// Cover decides what a union of conditions does with an event.
func Cover(e Event, union []Condition) Coverage {
	at := func(status, level string) Value {
		v := No
		for _, c := range union {
			v = max(v, c.Of(e, status, level))
		}
		return v
	}
	if !e.calls {
		return Coverage{Fit: map[Value]Fit{Yes: Whole, Maybe: Unclear, Some: Partial, No: None}[at("", "")]}
	}
	// through reports whether a status is matched at the given levels.
	through := func(least Value, of []string, statuses ...string) bool {
		for _, s := range statuses {
			all := true
			for _, l := range of {
				all = all && at(s, l) >= least
			}
			if all {
				return true
			}
		}
		return false
	}
	usual := []string{Informational}
	switch {
	case through(Yes, levels, Started, Succeeded):
		return Coverage{Fit: Whole}
	case through(Yes, usual, Started, Succeeded):
		return Coverage{Fit: Usual, Levels: lostLevels(at)}
	case through(Maybe, usual, Started, Accepted, Succeeded):
		return Coverage{Fit: Unclear}
	}
	for _, s := range []string{Started, Accepted, Succeeded} {
		for _, l := range levels {
			if at(s, l) > No {
				return Coverage{Fit: Partial}
			}
		}
	}
	return Coverage{Fit: None}
}

// lostLevels are the levels at which the better of the two statuses is not matched.
func lostLevels(at func(status, level string) Value) []string {
	var best []string
	for _, s := range []string{Succeeded, Started} {
		if at(s, Informational) != Yes {
			continue
		}
		var lost []string
		for _, l := range levels {
			if at(s, l) != Yes {
				lost = append(lost, l)
			}
		}
		if best == nil || len(lost) < len(best) {
			best = lost
		}
	}
	return best
}
