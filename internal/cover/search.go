package cover

import "slices"

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

	trail  []choice // the sets before they were narrowed
	queue  []int    // variables whose consequences are to be drawn
	queued []bool   // by variable
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
	x = &search{space: s, budget: budget, inBudget: true, queued: make([]bool, len(s.vars))}
	if s.start == nil && !s.settleStart(x) {
		return x, false
	}
	x.allowed = slices.Clone(s.start)
	for _, c := range part {
		if !x.restrict(c.variable, c.set) {
			return x, false
		}
	}
	return x, x.settle()
}

// settleStart finds the classes that are left before anything is decided.
func (s *space) settleStart(x *search) bool {
	x.allowed = make([]classSet, len(s.vars))
	for i, t := range s.tables {
		if t != nil {
			x.allowed[i] = t.all
			x.queue = append(x.queue, i)
			x.queued[i] = true
		}
	}
	if !x.settle() {
		return false
	}
	s.start = x.allowed
	x.trail = nil
	return true
}

// run visits the leaves in which the goal is or may be true until visit returns
// false or the budget is exhausted. It returns whether to go on.
func (s *search) run(goal *Formula, visit func(leaf) bool) bool {
	trail, path := len(s.trail), len(s.path)
	defer func() {
		s.undo(trail)
		s.path = s.path[:path]
	}()
	f, possible := s.deduce(goal)
	if *s.budget < 0 || s.ctx.Err() != nil {
		s.inBudget = false
		return false
	}
	if !possible {
		return true
	}
	v := f.variable()
	if v < 0 {
		return visit(leaf{s.decisions(), f.doubts(nil)})
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

// deduce simplifies the goal and draws the conclusions that need no choice: an
// operand of a conjunction that speaks of one variable limits it to the classes
// in which the operand can be true.
func (s *search) deduce(goal *Formula) (f *Formula, possible bool) {
	for {
		f = s.simplify(goal)
		if f.op == never || *s.budget < 0 {
			return f, false
		}
		operands := []*Formula{f}
		if f.op == andOf {
			operands = f.list
		}
		news := false
		for _, c := range s.limits(operands) {
			if s.allowed[c.variable].in(c.set) {
				continue
			}
			if !s.restrict(c.variable, c.set) {
				return f, false
			}
			s.path = append(s.path, c)
			news = true
		}
		if !news {
			return f, true
		}
		if !s.settle() {
			return f, false
		}
		goal = f
	}
}

// limits returns the classes in which all those operands can be true that speak
// of one variable, for each such variable.
func (s *search) limits(operands []*Formula) []choice {
	var list []choice
	place := map[int]int{}
	for _, operand := range operands {
		v, only := operand.onlyVariable()
		if !only {
			continue
		}
		yes, maybe := s.classesOf(operand, v)
		set := yes.or(maybe)
		if i, ok := place[v]; ok {
			list[i].set = list[i].set.and(set)
			continue
		}
		place[v] = len(list)
		list = append(list, choice{v, set})
	}
	return list
}

// decisions returns what was decided, once for each variable.
func (s *search) decisions() []choice {
	var list []choice
	seen := map[int]bool{}
	for _, c := range s.path {
		if !seen[c.variable] {
			seen[c.variable] = true
			list = append(list, choice{c.variable, s.allowed[c.variable]})
		}
	}
	return list
}

// classesOf returns the classes of the only variable of a formula in which it
// is true, and those in which that is not known.
func (s *search) classesOf(f *Formula, v int) (yes, maybe classSet) {
	all := s.tables[v].all
	none := newClassSet(len(s.tables[v].classes))
	*s.budget -= len(all)
	switch f.op {
	case always:
		return all, none
	case unclear:
		return none, all
	case literalOf:
		if yes, maybe = s.passing(f.lit); maybe == nil {
			maybe = none
		}
		return yes, maybe
	case notOf:
		yes, maybe = s.classesOf(f.list[0], v)
		return all.minus(yes).minus(maybe), maybe
	case andOf:
		no := none
		yes = all
		for _, operand := range f.list {
			y, m := s.classesOf(operand, v)
			yes, no = yes.and(y), no.or(all.minus(y).minus(m))
		}
		return yes, all.minus(yes).minus(no)
	case orOf:
		no := all
		yes = none
		for _, operand := range f.list {
			y, m := s.classesOf(operand, v)
			yes, no = yes.or(y), no.and(all.minus(y).minus(m))
		}
		return yes, all.minus(yes).minus(no)
	default:
		return none, none
	}
}

// simplify replaces literals that are decided.
func (s *search) simplify(f *Formula) *Formula {
	*s.budget--
	switch f.op {
	case literalOf:
		return s.literal(f)
	case notOf:
		if g := s.simplify(f.list[0]); g != f.list[0] {
			return Not(g)
		}
		return f
	case andOf, orOf:
		return s.simplifyList(f)
	}
	return f
}

func (s *search) simplifyList(f *Formula) *Formula {
	decides := never
	if f.op == orOf {
		decides = always
	}
	var list []*Formula // nil as long as nothing changed
	for i, operand := range f.list {
		g := s.simplify(operand)
		if g.op == decides {
			return g
		}
		if g != operand && list == nil {
			list = append(make([]*Formula, 0, len(f.list)), f.list[:i]...)
		}
		if list != nil {
			list = append(list, g)
		}
	}
	switch {
	case list == nil:
		return f
	case f.op == andOf:
		return And(list...)
	default:
		return Or(list...)
	}
}

func (s *search) literal(f *Formula) *Formula {
	yes, maybe := s.passing(f.lit)
	allowed := s.allowed[f.lit.variable]
	*s.budget -= len(allowed) / 8
	switch {
	case allowed.in(yes):
		return True
	case allowed.meets(yes):
		return f
	case maybe == nil || !allowed.meets(maybe):
		return False
	case allowed.in(maybe):
		return Unclear(s.tables[f.lit.variable].limit)
	}
	return f
}

// passing returns the classes that make a literal true and those that may.
func (s *space) passing(l literal) (yes, maybe classSet) {
	if l.classes != nil {
		return l.classes, nil
	}
	t := s.tables[l.variable]
	return t.yes[l.test], t.unclear[l.test]
}

// variable chooses the variable to decide next, the one that is mentioned most;
// -1 if there is none.
func (f *Formula) variable() int {
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
func (f *Formula) onlyVariable() (v int, only bool) {
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
func (s *search) partition(v int, f *Formula) []classSet {
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
		yes, maybe := s.passing(l)
		*s.budget -= 1 + len(yes) + yes.count()
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
	if !s.queued[v] {
		s.queued[v] = true
		s.queue = append(s.queue, v)
	}
	return true
}

// undo takes back what was restricted since the mark.
func (s *search) undo(mark int) {
	for len(s.trail) > mark {
		last := s.trail[len(s.trail)-1]
		s.allowed[last.variable] = last.set
		s.trail = s.trail[:len(s.trail)-1]
	}
	s.forget()
}

// forget drops the consequences that were not drawn.
func (s *search) forget() {
	for _, v := range s.queue {
		s.queued[v] = false
	}
	s.queue = s.queue[:0]
}
