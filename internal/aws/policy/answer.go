package policy

// A truth is an answer in three-valued logic; the order is that of its values.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

// not negates; what is uncertain stays so.
func (t truth) not() truth { return yes - t }

func is(b bool) truth {
	if b {
		return yes
	}
	return no
}

// An answer is a truth with what it rests on.
type answer struct {
	truth truth
	why   string

	// met counts the parts of a statement that were met before one was not: of
	// several statements that do not match, the closest one is named.
	met int
}

// either joins the answers of alternatives.
func either(a, b answer) answer {
	if b.truth > a.truth || b.truth == a.truth && b.met > a.met {
		return b
	}
	return a
}
