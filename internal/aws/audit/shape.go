package audit

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
)

// The shapes of a control are its probes as far as filters can tell them apart. They are
// numbered from 0, so that what was decided about one is found again without its text.
type shapes struct {
	regional bool           // some filter or trail of the account may look at the region
	numbers  map[string]int // by what a filter sees
	families []*family      // the control's probes, and those beyond
}

// A family is decided together: what is known of the filters serves all of its shapes, and
// whoever asks about one asks about the others.
type family struct {
	probes  []cloudtrail.Probe // one of each shape
	numbers []int              // of their shapes
	digest  string             // of what the probes are, but for the account; "" where nobody needs it twice
}

// key is the digest.
func (f *family) key() string {
	if f.digest == "" {
		h := sha256.New()
		for _, p := range f.probes {
			for _, s := range []string{p.Source, p.Event, p.Region, p.ReadOnly, strconv.FormatBool(p.Failures), strconv.FormatBool(p.Condition != nil), strings.Join(p.EventTypes, "\x00")} {
				h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
			}
		}
		f.digest = string(h.Sum(nil))
	}
	return f.digest
}

// newShapes numbers the shapes of families, and notes the numbers in their probes.
func newShapes(regional bool, families ...[]probe) *shapes {
	s := &shapes{regional: regional, numbers: map[string]int{}}
	for _, list := range families {
		f := &family{}
		seen := map[int]bool{}
		for i := range list {
			n := s.number(list[i].Probe)
			list[i].shape = n + 1
			if !seen[n] {
				seen[n] = true
				f.probes, f.numbers = append(f.probes, list[i].Probe), append(f.numbers, n)
			}
		}
		s.families = append(s.families, f)
	}
	return s
}

// number returns the number of a probe's shape.
func (s *shapes) number(p cloudtrail.Probe) int {
	key := p.Source + "\x00" + p.Event + "\x00" + p.ReadOnly
	if s.regional {
		key += "\x00" + p.Region
	}
	n, ok := s.numbers[key]
	if !ok {
		n = len(s.numbers)
		s.numbers[key] = n
	}
	return n
}

// of is number for a probe that may have been numbered before.
func (s *shapes) of(p probe) int {
	if p.shape > 0 {
		return p.shape - 1
	}
	return s.number(p.Probe)
}

// together returns the family of a shape, or the probe by itself.
func (s *shapes) together(p cloudtrail.Probe, number int) *family {
	for _, f := range s.families {
		if slices.Contains(f.numbers, number) {
			return f
		}
	}
	return &family{probes: []cloudtrail.Probe{p}, numbers: []int{number}}
}

// An answer is one of three: not asked yet, no, yes.
type answer int8

// Answers.
const (
	unasked answer = iota
	answerNo
	answerYes
)

// answers are kept by a number; the zero value holds none.
type answers []answer

func (a answers) at(n int) (yes, known bool) {
	if n >= len(a) {
		return false, false
	}
	return a[n] == answerYes, a[n] != unasked
}

func (a *answers) set(n int, yes bool) {
	if n >= len(*a) {
		*a = append(*a, make(answers, n+1-len(*a))...)
	}
	(*a)[n] = answerNo
	if yes {
		(*a)[n] = answerYes
	}
}
