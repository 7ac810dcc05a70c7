package cover

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// settle draws the consequences of all restrictions; false if some variable
// has no class left.
func (s *search) settle() bool {
	for len(s.queue) > 0 {
		v := s.vars[s.queue[len(s.queue)-1]]
		s.queue = s.queue[:len(s.queue)-1]
		s.queued[v.id] = false
		*s.budget--
		if !s.consequences(v) {
			return false
		}
	}
	return true
}

func (s *search) consequences(v *variable) bool {
	switch {
	case v.text != nil:
		return true
	case v.group != nil:
		return s.agreeGroup(v.group)
	}
	ok := v.parent == nil || s.agree(v) && s.agreeNeighbours(v)
	for _, k := range v.kids {
		ok = ok && s.agree(k)
	}
	for _, g := range v.groups {
		ok = ok && s.agreeGroup(g)
	}
	for _, g := range v.shadowOf {
		ok = ok && s.agreeGroup(g)
	}
	return ok
}

// agree makes a variable and its parent consistent: what exists is in a
// container, and what is in no container is missing.
func (s *search) agree(v *variable) bool {
	t, parent := s.tables[v.id], s.tables[v.parent.id]
	container := parent.object
	if v.step.Kind == record.Index {
		container = parent.array
	}
	ok := true
	if !s.allowed[v.id].meets(t.missing) {
		ok = s.restrict(v.parent.id, container)
	}
	if ok && !s.allowed[v.parent.id].meets(container) {
		ok = s.restrict(v.id, t.missing)
	}
	if ok && v.step.Kind == record.Index {
		ok = s.agreeNull(v)
	}
	return ok
}

// agreeNull makes a member of an array consistent with whether the array has
// a member that is null.
func (s *search) agreeNull(v *variable) bool {
	t, parent := s.tables[v.id], s.tables[v.parent.id]
	if s.allowed[v.parent.id].in(parent.array.minus(parent.arrayNull)) && !s.restrict(v.id, t.all.minus(t.null)) {
		return false
	}
	return !s.allowed[v.id].in(t.null) || s.restrict(v.parent.id, parent.arrayNull)
}

// agreeNeighbours makes the members of an array consistent: there are no gaps.
func (s *search) agreeNeighbours(v *variable) bool {
	if v.step.Kind != record.Index {
		return true
	}
	t, members := s.tables[v.id], v.parent.indexed
	if v.place > 0 && !s.allowed[v.id].meets(t.missing) {
		before := members[v.place-1].id
		if !s.restrict(before, s.tables[before].all.minus(s.tables[before].missing)) {
			return false
		}
	}
	if v.place+1 < len(members) && s.allowed[v.id].in(t.missing) {
		behind := members[v.place+1].id
		return s.restrict(behind, s.tables[behind].missing)
	}
	return true
}

// agreeGroup makes what is said of some member of a value consistent with the
// value, with the members that have names, and with itself.
func (s *search) agreeGroup(g *memberGroup) bool {
	parent := s.tables[g.parent.id]
	containers := parent.object.or(parent.array)
	*s.budget -= len(g.bits) * (1 + len(g.shadows))
	for i, bit := range g.bits {
		if !s.allowed[g.parent.id].meets(containers) && !s.restrict(bit.id, s.bit(bit, false)) {
			return false
		}
		if s.isBit(bit, true) && !s.restrict(g.parent.id, containers) {
			return false
		}
		if !s.agreeNullMember(g, i) {
			return false
		}
		for _, sh := range g.shadows {
			if !s.agreeShadow(sh, i, bit) {
				return false
			}
		}
	}
	return s.membersExist(g)
}

// agreeNullMember ties "some member is null" to the kinds of arrays.
func (s *search) agreeNullMember(g *memberGroup, i int) bool {
	if len(g.rest) > 0 || g.elem.tests[i] != IsNull {
		return true
	}
	parent := s.tables[g.parent.id]
	switch {
	case s.isBit(g.bits[i], true):
		return s.restrict(g.parent.id, parent.object.or(parent.arrayNull))
	case s.isBit(g.bits[i], false):
		return s.restrict(g.parent.id, parent.all.minus(parent.arrayNull))
	case s.allowed[g.parent.id].in(parent.arrayNull):
		return s.restrict(g.bits[i].id, s.bit(g.bits[i], true))
	}
	return true
}

func (s *search) agreeShadow(sh shadow, i int, bit *variable) bool {
	t := s.tables[sh.v.id]
	yes := t.yes[sh.tests[i]]
	if s.allowed[sh.v.id].in(yes) && !s.restrict(bit.id, s.bit(bit, true)) {
		return false
	}
	return !s.isBit(bit, false) || s.restrict(sh.v.id, t.all.minus(yes))
}

// membersExist reports whether there is a member for every test that some member
// has to pass, among those that pass no test that none may pass.
func (s *search) membersExist(g *memberGroup) bool {
	elem := s.elems[g]
	left := elem.all
	some := false
	for i, bit := range g.bits {
		some = some || s.isBit(bit, true)
		if s.isBit(bit, false) {
			left = left.minus(elem.yes[i])
		}
	}
	for i, bit := range g.bits {
		if s.isBit(bit, true) && !left.meets(elem.yes[i]) && !left.meets(elem.unclear[i]) {
			return false
		}
	}
	return !some || !s.forbidsOnTheWay(g)
}

// forbidsOnTheWay reports whether another wildcard over the same members means that
// there is nothing at a path on which a member of g must have something.
func (s *search) forbidsOnTheWay(g *memberGroup) bool {
	for _, other := range g.parent.groups {
		if len(other.rest) >= len(g.rest) || !slices.Equal(other.rest, g.rest[:len(other.rest)]) {
			continue
		}
		for i, bit := range other.bits {
			if other.elem.tests[i] == Exists && s.isBit(bit, false) {
				return true
			}
		}
	}
	return false
}

// bit returns the class of a variable that is true or false.
func (s *search) bit(v *variable, b bool) classSet {
	t := s.tables[v.id]
	if b {
		return t.yes[0]
	}
	return t.all.minus(t.yes[0])
}

// isBit reports whether only b is left.
func (s *search) isBit(v *variable, b bool) bool { return s.allowed[v.id].in(s.bit(v, b)) }
