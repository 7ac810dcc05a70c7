package suspicion

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// A Suspicion is something about a pattern that looks like a mistake.
type Suspicion struct {
	Code   Code
	Offset int // bytes from the start of the pattern's text, 0-based
	Text   string

	// OfRecords says that it holds of CloudTrail's management event records
	// only: the pattern may be fine for other log messages.
	OfRecords bool
}

// A Code names a sort of suspicion.
type Code string

// The sorts of suspicion.
const (
	Everything Code = "matches-everything" // the pattern tells nothing apart
	Never      Code = "never-true"         // a part cannot be true of a record
	Always     Code = "always-true"        // a part is true of every record
	Precedence Code = "precedence"         // A && B || C without parentheses
	Broad      Code = "broad-alternative"  // != as an alternative of the whole pattern
	Missing    Code = "excludes-missing"   // != is false where the field is missing
	NoField    Code = "no-such-field"      // CloudTrail records have no such field
	Repeated   Code = "repeated"           // the same operand twice
	Ignored    Code = "ignored-term"       // ? next to other terms
	Split      Code = "split-word"         // - or ? inside a word
	Uncertain  Code = "uncertain-rule"     // AWS leaves the meaning open
)

// Of returns what looks like a mistake, by offset, without knowing the names
// of events. What is said of fields holds of CloudTrail's management event records only.
func Of(p *pattern.Pattern) []Suspicion {
	s := &suspector{text: p.Text()}
	switch n := p.Root().(type) {
	case syntax.All:
		s.add(Everything, 0, "an empty pattern matches every message")
	case *syntax.Terms:
		s.terms(n)
	case *syntax.JSON:
		s.root(n.Expr)
		s.visit(n.Expr, nil)
	case *syntax.Delimited:
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

func (s *suspector) add(code Code, offset int, format string, args ...any) {
	s.list = append(s.list, Suspicion{Code: code, Offset: offset, Text: fmt.Sprintf(format, args...)})
}

// addOfRecords adds what holds of CloudTrail records only.
func (s *suspector) addOfRecords(code Code, offset int, format string, args ...any) {
	s.add(code, offset, format, args...)
	s.list[len(s.list)-1].OfRecords = true
}

// terms looks for signs that do not do what they seem to.
func (s *suspector) terms(n *syntax.Terms) {
	others := slices.ContainsFunc(n.List, func(t syntax.Term) bool { return t.Sign != '?' })
	for i, t := range n.List {
		if t.Sign == '?' && others {
			s.add(Ignored, t.Pos, "?%s is ignored: terms with ? count only where all terms have one", pattern.Quote(t.Text))
		}
		if i > 0 && t.Sign != 0 && !syntax.IsBlank(s.text[t.Pos-1]) {
			s.add(Split, t.Pos, "%q ends the term before it; put text that contains it in double quotes", t.Sign)
		}
		if t.Sign != '-' {
			continue
		}
		for _, wanted := range n.List {
			if wanted.Sign == 0 && strings.Contains(wanted.Text, t.Text) {
				s.add(Never, t.Pos, "never matches: a text that contains %s contains %s", pattern.Quote(wanted.Text), pattern.Quote(t.Text))
			}
		}
	}
}

// delimited looks at space-delimited patterns without conditions, and at
// conditions that cannot be combined.
func (s *suspector) delimited(n *syntax.Delimited) {
	conditions := 0
	for _, f := range n.Fields {
		conditions += len(syntax.ConditionsOf(f.Cond, nil))
		s.field = f.Name
		s.visit(f.Cond, nil)
	}
	if conditions > 0 {
		return
	}
	if len(n.Fields) <= 1 || len(n.Fields) == 2 && n.SkipsFields() {
		s.add(Everything, 0, "matches every message that is not blank: no field has a condition")
	}
}

// root looks at the whole of a JSON pattern.
func (s *suspector) root(e syntax.Expr) {
	if tautology(e) {
		s.addOfRecords(Everything, 0, "matches every CloudTrail record")
		return
	}
	alternatives, ok := e.(*syntax.Or)
	if !ok || s.oneSelector(alternatives.List) {
		return
	}
	for _, operand := range alternatives.List {
		if c, ok := operand.(*syntax.Condition); ok && c.Op == syntax.OpNotEqual {
			s.addOfRecords(Broad, c.Pos, "an alternative of the whole pattern: alone it matches every record in which %s", pattern.Words(c))
		}
	}
}

// oneSelector reports whether all operands are conditions on one selector.
func (s *suspector) oneSelector(list []syntax.Expr) bool {
	first, ok := list[0].(*syntax.Condition)
	return ok && !slices.ContainsFunc(list, func(e syntax.Expr) bool {
		c, ok := e.(*syntax.Condition)
		return !ok || c.Sel.String() != first.Sel.String()
	})
}

// visit looks at an expression where the known conditions hold.
func (s *suspector) visit(e syntax.Expr, known []*syntax.Condition) {
	switch e := e.(type) {
	case *syntax.And:
		s.repeated(e.List)
		s.conjunction(e.List, known)
	case *syntax.Or:
		s.repeated(e.List)
		s.precedence(e.List)
		for _, group := range bySelector(e.List) {
			s.always(group)
		}
		for _, operand := range e.List {
			if c, ok := operand.(*syntax.Condition); ok {
				s.condition(c, known)
				s.missing(c, append(slices.Clip(known), directConditions(e.List)...))
				s.lawless(append(slices.Clip(known), c))
			} else {
				s.visit(operand, known)
			}
		}
	case *syntax.Condition:
		s.condition(e, known)
		s.missing(e, known)
		s.always([]*syntax.Condition{e})
		s.lawless(append(slices.Clip(known), e))
	}
}

// conjunction looks at the operands of &&: each condition knows those before
// it, and the alternatives among the operands know all conditions.
func (s *suspector) conjunction(list []syntax.Expr, known []*syntax.Condition) {
	direct := directConditions(list)
	for i, c := range direct {
		s.condition(c, append(slices.Clip(known), direct[:i]...))
		s.missing(c, append(slices.Clip(known), direct...))
		s.always([]*syntax.Condition{c})
	}
	if len(direct) > 0 {
		s.lawless(append(slices.Clip(known), direct...))
	}
	for _, operand := range list {
		if _, ok := operand.(*syntax.Or); ok {
			s.visit(operand, append(slices.Clip(known), direct...))
		}
	}
}

// directConditions returns the operands that are conditions.
func directConditions(list []syntax.Expr) []*syntax.Condition {
	var direct []*syntax.Condition
	for _, e := range list {
		if c, ok := e.(*syntax.Condition); ok {
			direct = append(direct, c)
		}
	}
	return direct
}

// bySelector returns the operands that are conditions, those on one selector
// together.
func bySelector(list []syntax.Expr) [][]*syntax.Condition {
	var groups [][]*syntax.Condition
	index := map[string]int{}
	for _, c := range directConditions(list) {
		key := c.Sel.String()
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
func (s *suspector) repeated(list []syntax.Expr) {
	seen := map[string]bool{}
	for _, e := range list {
		text := s.print(e)
		if seen[text] {
			s.add(Repeated, firstOf(e).Pos, "%s is said twice", text)
		}
		seen[text] = true
	}
}

// precedence looks for A && B || C. Where all alternatives are groups nobody
// has overlooked one.
func (s *suspector) precedence(list []syntax.Expr) {
	isGroup := func(e syntax.Expr) bool {
		_, ok := e.(*syntax.And)
		return ok
	}
	for _, e := range list {
		if !isGroup(e) || e.(*syntax.And).Grouped || len(list) == countIf(list, isGroup) {
			continue
		}
		s.add(Precedence, firstOf(e).Pos,
			"&& binds tighter than ||: %s is one alternative of %d; parentheses would say what is meant", s.print(e), len(list))
	}
}

func countIf(list []syntax.Expr, test func(syntax.Expr) bool) int {
	n := 0
	for _, e := range list {
		if test(e) {
			n++
		}
	}
	return n
}

// firstOf returns the leftmost condition of an expression.
func firstOf(e syntax.Expr) *syntax.Condition { return syntax.ConditionsOf(e, nil)[0] }

// print returns an expression as it is printed.
func (s *suspector) print(e syntax.Expr) string { return syntax.PrintExpr(e, s.field) }

// uncertain points at what rests on uncertain rules.
func (s *suspector) uncertain(p *pattern.Pattern) {
	const format = "%s: AWS does not say what it means"
	for _, c := range syntax.Conditions(p.Root()) {
		switch {
		case c.Val.HasMidAsterisk():
			s.add(Uncertain, c.Val.Pos, format, pattern.RuleMidAsterisk)
		case c.Val.Kind == syntax.ValueRegex && c.Val.Regex.HasBlank():
			s.add(Uncertain, c.Val.Pos, format, pattern.RuleRegexBlank)
		}
	}
	switch n := p.Root().(type) {
	case *syntax.FullRegex:
		if n.Regex.HasBlank() {
			s.add(Uncertain, strings.Index(p.Text(), n.Regex.Text), format, pattern.RuleRegexBlank)
		}
	case *syntax.Terms:
		for _, t := range n.List {
			if t.Detached {
				s.add(Uncertain, t.Pos, format, pattern.RuleDetachedMinus)
			}
		}
	case *syntax.Delimited:
		for _, f := range n.Fields {
			if strings.Contains(f.Name, "-") {
				s.add(Uncertain, f.Pos, format, pattern.RuleFieldHyphen)
			}
		}
	}
}
