package eventpattern

// A Verdict is the answer to whether an event matches.
type Verdict int8

// Undetermined means that the answer depends on something that AWS leaves
// open, or that it would take more work than is allowed.
const (
	NoMatch Verdict = iota
	Match
	Undetermined
)

// String returns "no match", "match" or "undetermined".
func (v Verdict) String() string {
	switch v {
	case Match:
		return "match"
	case Undetermined:
		return "undetermined"
	default:
		return "no match"
	}
}
