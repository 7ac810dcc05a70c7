package cover

import "math/bits"

// A classSet is a set of the classes of one variable, by their number. Sets of
// one variable have the same length. Those of a table are shared, never changed.
type classSet []uint64

func newClassSet(classes int) classSet { return make(classSet, (classes+63)/64) }

func (s classSet) add(class int) { s[class/64] |= 1 << (class % 64) }

func (s classSet) has(class int) bool { return s[class/64]&(1<<(class%64)) != 0 }

func (s classSet) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// in reports whether all of s is in t.
func (s classSet) in(t classSet) bool {
	for i, w := range s {
		if w&^t[i] != 0 {
			return false
		}
	}
	return true
}

// meets reports whether s and t have a class in common.
func (s classSet) meets(t classSet) bool {
	for i, w := range s {
		if w&t[i] != 0 {
			return true
		}
	}
	return false
}

func (s classSet) and(t classSet) classSet {
	out := make(classSet, len(s))
	for i, w := range s {
		out[i] = w & t[i]
	}
	return out
}

func (s classSet) or(t classSet) classSet {
	out := make(classSet, len(s))
	for i, w := range s {
		out[i] = w | t[i]
	}
	return out
}

func (s classSet) minus(t classSet) classSet {
	out := make(classSet, len(s))
	for i, w := range s {
		out[i] = w &^ t[i]
	}
	return out
}

// each calls f for every class of s, in order.
func (s classSet) each(f func(class int)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			f(64*i + bits.TrailingZeros64(w))
		}
	}
}

// first returns the first class, -1 for the empty set.
func (s classSet) first() int {
	for i, w := range s {
		if w != 0 {
			return 64*i + bits.TrailingZeros64(w)
		}
	}
	return -1
}

func (s classSet) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}
