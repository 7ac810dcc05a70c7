package pattern

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Suspicion is something about a pattern that looks like a mistake.
type Suspicion struct {
	Code   SuspicionCode
	Offset int // bytes from the start of the pattern's text, 0-based
	Text   string

	// OfRecords says that it holds of CloudTrail's management event records
	// only: the pattern may be fine for other log messages.
	OfRecords bool
}

// A SuspicionCode names a sort of suspicion.
type SuspicionCode string

// The sorts of suspicion.
const (
	SuspectEverything SuspicionCode = "matches-everything" // the pattern tells nothing apart
	SuspectNever      SuspicionCode = "never-true"         // a part cannot be true of a record
	SuspectAlways     SuspicionCode = "always-true"        // a part is true of every record
	SuspectPrecedence SuspicionCode = "precedence"         // A && B || C without parentheses
	SuspectBroad      SuspicionCode = "broad-alternative"  // != as an alternative of the whole pattern
	SuspectMissing    SuspicionCode = "excludes-missing"   // != is false where the field is missing
	SuspectNoField    SuspicionCode = "no-such-field"      // CloudTrail records have no such field
	SuspectRepeated   SuspicionCode = "repeated"           // the same operand twice
	SuspectIgnored    SuspicionCode = "ignored-term"       // ? next to other terms
	SuspectSplit      SuspicionCode = "split-word"         // - or ? inside a word
	SuspectUncertain  SuspicionCode = "uncertain-rule"     // AWS leaves the meaning open
)

// suspicions lists what looks like a mistake, by offset.
func (p *Pattern) suspicions() []Suspicion {
	s := &suspector{text: p.text}
	switch n := p.root.(type) {
	case all:
		s.add(SuspectEverything, 0, "an empty pattern matches every message")
	case *terms:
		s.terms(n)
	case *jsonPattern:
		s.root(n.expr)
		s.visit(n.expr, nil)
	case *delimited:
		s.delimited(n)
	}
	s.uncertain(p)
	slices.SortStableFunc(s.list, func(a, b Suspicion) int { return cmp.Compare(a.Offset, b.Offset) })
	return s.list
}

// A suspector collects suspicions about one pattern.
type suspector struct {
	text  string
	field string // the name of the field of a space-delimited pattern being visited
	list  []Suspicion
}

func (s *suspector) add(code SuspicionCode, offset int, format string, args ...any) {
	s.list = append(s.list, Suspicion{Code: code, Offset: offset, Text: fmt.Sprintf(format, args...)})
}

// addOfRecords adds what holds of CloudTrail records only.
func (s *suspector) addOfRecords(code SuspicionCode, offset int, format string, args ...any) {
	s.add(code, offset, format, args...)
	s.list[len(s.list)-1].OfRecords = true
}

// terms looks for signs that do not do what they seem to.
func (s *suspector) terms(n *terms) {
	others := slices.ContainsFunc(n.list, func(t term) bool { return t.sign != '?' })
	for i, t := range n.list {
		if t.sign == '?' && others {
			s.add(SuspectIgnored, t.pos, "?%s is ignored: terms with ? count only where all terms have one", quote(t.text))
		}
		if i > 0 && t.sign != 0 && !isBlank(s.text[t.pos-1]) {
			s.add(SuspectSplit, t.pos, "%q ends the term before it; put text that contains it in double quotes", t.sign)
		}
		if t.sign != '-' {
			continue
		}
		for _, wanted := range n.list {
			if wanted.sign == 0 && strings.Contains(wanted.text, t.text) {
				s.add(SuspectNever, t.pos, "never matches: a text that contains %s contains %s", quote(wanted.text), quote(t.text))
			}
		}
	}
}

// delimited looks at space-delimited patterns without conditions, and at
// conditions that exclude each other.
func (s *suspector) delimited(n *delimited) {
	conditions := 0
	for _, f := range n.fields {
		conditions += len(conditionsOf(f.cond, nil))
		s.field = f.name
		s.visit(f.cond, nil)
	}
	if conditions > 0 {
		return
	}
	if len(n.fields) <= 1 || len(n.fields) == 2 && n.skipsFields() {
		s.add(SuspectEverything, 0, "matches every message that is not blank: no field has a condition")
	}
}

// root looks at the whole of a JSON pattern.
func (s *suspector) root(e expr) {
	if tautology(e) {
		s.addOfRecords(SuspectEverything, 0, "matches every CloudTrail record")
		return
	}
	alternatives, ok := e.(*or)
	if !ok || s.oneSelector(alternatives.list) {
		return
	}
	for _, operand := range alternatives.list {
		if c, ok := operand.(*condition); ok && c.op == opNotEqual {
			s.addOfRecords(SuspectBroad, c.pos, "an alternative of the whole pattern: alone it matches every record in which %s", c.words())
		}
	}
}

// oneSelector reports whether all operands are conditions on one selector.
func (s *suspector) oneSelector(list []expr) bool {
	first, ok := list[0].(*condition)
	return ok && !slices.ContainsFunc(list, func(e expr) bool {
		c, ok := e.(*condition)
		return !ok || c.sel.String() != first.sel.String()
	})
}

// visit looks at an expression where the known conditions hold.
func (s *suspector) visit(e expr, known []*condition) {
	switch e := e.(type) {
	case *and:
		s.repeated(e.list)
		s.conjunction(e.list, known)
	case *or:
		s.repeated(e.list)
		s.precedence(e.list)
		for _, group := range bySelector(e.list) {
			s.always(group)
		}
		for _, operand := range e.list {
			if c, ok := operand.(*condition); ok {
				s.condition(c, known)
				s.missing(c, append(slices.Clip(known), directConditions(e.list)...))
				s.lawless(append(slices.Clip(known), c))
			} else {
				s.visit(operand, known)
			}
		}
	case *condition:
		s.condition(e, known)
		s.missing(e, known)
		s.always([]*condition{e})
		s.lawless(append(slices.Clip(known), e))
	}
}

// conjunction looks at the operands of &&: each condition knows those before
// it, and the alternatives among the operands know all conditions.
func (s *suspector) conjunction(list []expr, known []*condition) {
	direct := directConditions(list)
	for i, c := range direct {
		s.condition(c, append(slices.Clip(known), direct[:i]...))
		s.missing(c, append(slices.Clip(known), direct...))
		s.always([]*condition{c})
	}
	if len(direct) > 0 {
		s.lawless(append(slices.Clip(known), direct...))
	}
	for _, operand := range list {
		if _, ok := operand.(*or); ok {
			s.visit(operand, append(slices.Clip(known), direct...))
		}
	}
}

// directConditions returns the operands that are conditions.
func directConditions(list []expr) []*condition {
	var direct []*condition
	for _, e := range list {
		if c, ok := e.(*condition); ok {
			direct = append(direct, c)
		}
	}
	return direct
}

// bySelector returns the operands that are conditions, those on one selector
// together.
func bySelector(list []expr) [][]*condition {
	var groups [][]*condition
	index := map[string]int{}
	for _, c := range directConditions(list) {
		key := c.sel.String()
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

// repeated looks for operands that are the same.
func (s *suspector) repeated(list []expr) {
	seen := map[string]bool{}
	for _, e := range list {
		text := s.print(e)
		if seen[text] {
			s.add(SuspectRepeated, firstOf(e).pos, "%s is said twice", text)
		}
		seen[text] = true
	}
}

// precedence looks for A && B || C. Where all alternatives are groups nobody
// has overlooked one.
func (s *suspector) precedence(list []expr) {
	isGroup := func(e expr) bool {
		_, ok := e.(*and)
		return ok
	}
	for _, e := range list {
		if !isGroup(e) || e.(*and).grouped || len(list) == countIf(list, isGroup) {
			continue
		}
		s.add(SuspectPrecedence, firstOf(e).pos,
			"&& binds tighter than ||: %s is one alternative of %d; parentheses would say what is meant", s.print(e), len(list))
	}
}

func countIf(list []expr, test func(expr) bool) int {
	n := 0
	for _, e := range list {
		if test(e) {
			n++
		}
	}
	return n
}

// firstOf returns the leftmost condition of an expression.
func firstOf(e expr) *condition { return conditionsOf(e, nil)[0] }

// print returns an expression as it is printed.
func (s *suspector) print(e expr) string {
	var b strings.Builder
	printExpr(&b, e, s.field)
	return b.String()
}

// uncertain points at what rests on uncertain rules.
func (s *suspector) uncertain(p *Pattern) {
	const format = "%s: AWS does not say what it means"
	for _, c := range p.conditions() {
		switch {
		case c.val.hasMidAsterisk():
			s.add(SuspectUncertain, c.val.pos, format, RuleMidAsterisk)
		case c.val.kind == valueRegex && c.val.re.hasBlank():
			s.add(SuspectUncertain, c.val.pos, format, RuleRegexBlank)
		}
	}
	switch n := p.root.(type) {
	case *fullRegex:
		if n.re.hasBlank() {
			s.add(SuspectUncertain, strings.Index(p.text, n.re.text), format, RuleRegexBlank)
		}
	case *terms:
		for _, t := range n.list {
			if t.detached {
				s.add(SuspectUncertain, t.pos, format, RuleDetachedMinus)
			}
		}
	case *delimited:
		for _, f := range n.fields {
			if strings.Contains(f.name, "-") {
				s.add(SuspectUncertain, f.pos, format, RuleFieldHyphen)
			}
		}
	}
}
