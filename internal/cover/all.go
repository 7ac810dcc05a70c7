package cover

// All returns a matcher of the records that every one of list matches. A list of one
// is that one; list is not empty. Nil stands for a pattern that was not understood.
func All(list ...Matcher) Matcher {
	m := list[0]
	for _, next := range list[1:] {
		m = all{m, next}
	}
	return m
}

// all matches what both of two matchers match.
type all struct{ a, b Matcher }

// Formula implements Matcher.
func (m all) Formula(b *Builder) *Formula { return And(b.formula(m.a), b.formula(m.b)) }

// Matches implements Matcher.
func (m all) Matches(r *Record, reading Reading) bool {
	return m.a != nil && m.b != nil && m.a.Matches(r, reading) && m.b.Matches(r, reading)
}

// Doubts implements Matcher.
func (m all) Doubts() []string { return doubtsOf([]Matcher{m.a, m.b}) }

// formula returns the formula of a matcher, nil included.
func (b *Builder) formula(m Matcher) *Formula {
	if m == nil {
		return Unclear(RuleNotUnderstood)
	}
	return m.Formula(b)
}
