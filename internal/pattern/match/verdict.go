package match

// A Verdict reports whether a message matches.
type Verdict int8

// Undetermined means that the answer depends on a rule of the language that
// AWS neither documents nor was observed to settle.
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
