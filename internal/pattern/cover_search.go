package pattern

import "slices"

// maxSearchWork bounds the work on one probe, in formulas looked at.
const maxSearchWork = 1 << 22

// exampleWork is what making and matching one record counts as.
const exampleWork = 1 << 9

// A search looks for records of a probe that make a formula true. It decides
// variable by variable which classes are left, and keeps the sets of classes
// consistent: a value below a string is missing, and so on.
type search struct {
	*space
	allowed  []classSet // by variable; never empty
	path     []choice
	budget   *int // formulas that may still be looked at
	inBudget bool // the budget was not exhausted

	trail []choice // the sets before they were narrowed
	queue []int    // variables whose consequences are to be drawn
}

// A choice limits a variable to some classes.
type choice struct {
	variable int
	set      classSet
}

// A leaf is a part of the records in which the value of the formula does not
// change any more. The search must not go on before it has been looked at.
type leaf struct {
	path   []choice // what was decided; all else follows or does not matter
	doubts []string // why the formula may be true; empty if it is
}

// newSearch prepares a search in a part of the records; ok is false when the
// part is empty.
func (s *space) newSearch(budget *int, part []choice) (x *search, ok bool) {
	x = &search{space: s, allowed: make([]classSet, len(s.vars)), budget: budget, inBudget: true}
	for i, t := range s.tables {
		if t != nil {
			x.allowed[i] = t.all
			x.queue = append(x.queue, i)
		}
	}
	for _, c := range part {
		if !x.restrict(c.variable, c.set) {
			return x, false
		}
	}
	return x, x.settle()
}

// run visits the leaves in which the goal is or may be true until visit returns
// false or the budget is exhausted. It returns whether to go on.
func (s *search) run(goal *formula, visit func(leaf) bool) bool {
	f := s.simplify(goal)
	if *s.budget < 0 {
		s.inBudget = false
		return false
	}
	if f.op == never {
		return true
	}
	v := f.variable()
	if v < 0 {
		return visit(leaf{slices.Clone(s.path), f.doubts(nil)})
	}
	for _, group := range s.partition(v, f) {
		mark := len(s.trail)
		if s.restrict(v, group) && s.settle() {
			s.path = append(s.path, choice{v, group})
			if !s.run(f, visit) {
				return false
			}
			s.path = s.path[:len(s.path)-1]
		}
		s.undo(mark)
	}
	return true
}

// simplify replaces literals that are decided.
func (s *search) simplify(f *formula) *formula {
	*s.budget--
	switch f.op {
	case literalOf:
		return s.literal(f)
	case notOf:
		if g := s.simplify(f.list[0]); g != f.list[0] {
			return not(g)
		}
		return f
	case andOf, orOf:
		return s.simplifyList(f)
	}
	return f
}

func (s *search) simplifyList(f *formula) *formula {
	decides := never
	if f.op == orOf {
		decides = always
	}
	var list []*formula // nil as long as nothing changed
	for i, operand := range f.list {
		g := s.simplify(operand)
		if g.op == decides {
			return g
		}
		if g != operand && list == nil {
			list = append(make([]*formula, 0, len(f.list)), f.list[:i]...)
		}
		if list != nil {
			list = append(list, g)
		}
	}
	switch {
	case list == nil:
		return f
	case f.op == andOf:
		return conjunction(list...)
	default:
		return disjunction(list...)
	}
}

func (s *search) literal(f *formula) *formula {
	yes, maybe := s.passing(f.lit)
	allowed := s.allowed[f.lit.variable]
	switch {
	case allowed.in(yes):
		return trueFormula
	case allowed.meets(yes):
		return f
	case maybe == nil || !allowed.meets(maybe):
		return falseFormula
	case allowed.in(maybe):
		return unclearFormula(s.tables[f.lit.variable].limit)
	}
	return f
}

// passing returns the classes of which a literal is true and those of which
// that is not known.
func (s *space) passing(l literal) (yes, maybe classSet) {
	if l.classes != nil {
		return l.classes, nil
	}
	t := s.tables[l.variable]
	return t.yes[l.test], t.unclear[l.test]
}

// variable chooses the variable to decide next, -1 if there is none: one that
// alone decides an operand of a conjunction, because most of its classes can
// then be ruled out, or else the one that is mentioned most.
func (f *formula) variable() int {
	if f.op == andOf {
		for _, operand := range f.list {
			if v, only := operand.onlyVariable(); only {
				return v
			}
		}
	}
	mentions := map[int]int{}
	best := -1
	f.literals(func(l literal) {
		v := l.variable
		mentions[v]++
		if best < 0 || mentions[v] > mentions[best] || mentions[v] == mentions[best] && v < best {
			best = v
		}
	})
	return best
}

// onlyVariable returns the variable of all literals, if it is one.
func (f *formula) onlyVariable() (v int, only bool) {
	v = -1
	only = true
	f.literals(func(l literal) {
		only = only && (v < 0 || v == l.variable)
		v = l.variable
	})
	return v, only && v >= 0
}

// partition splits the classes left to a variable into groups that the literals
// of the formula do not tell apart.
func (s *search) partition(v int, f *formula) []classSet {
	allowed := s.allowed[v]
	n := len(s.tables[v].classes)
	group := make([]int, n)
	groups := 1
	split := func(set classSet) {
		renamed := map[int]int{}
		set.each(func(class int) {
			if !allowed.has(class) {
				return
			}
			to, ok := renamed[group[class]]
			if !ok {
				to = groups
				groups++
				renamed[group[class]] = to
			}
			group[class] = to
		})
	}
	f.literals(func(l literal) {
		if l.variable != v {
			return
		}
		*s.budget--
		yes, maybe := s.passing(l)
		split(yes)
		if maybe != nil {
			split(maybe)
		}
	})
	return collect(allowed, group)
}

// collect makes a set of each group, ordered by their first class.
func collect(allowed classSet, group []int) []classSet {
	var sets []classSet
	place := map[int]int{}
	allowed.each(func(class int) {
		i, ok := place[group[class]]
		if !ok {
			i = len(sets)
			place[group[class]] = i
			sets = append(sets, newClassSet(len(group)))
		}
		sets[i].add(class)
	})
	return sets
}

// restrict leaves only some classes to a variable; false if none remains.
func (s *search) restrict(v int, set classSet) bool {
	old := s.allowed[v]
	if old.in(set) {
		return true
	}
	next := old.and(set)
	if next.empty() {
		return false
	}
	s.trail = append(s.trail, choice{v, old})
	s.allowed[v] = next
	s.queue = append(s.queue, v)
	return true
}

// undo takes back what was restricted since the mark.
func (s *search) undo(mark int) {
	for len(s.trail) > mark {
		last := s.trail[len(s.trail)-1]
		s.allowed[last.variable] = last.set
		s.trail = s.trail[:len(s.trail)-1]
	}
	s.queue = s.queue[:0]
}
