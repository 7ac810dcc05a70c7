package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

const (
	// maxSteps bounds the work on one project: templates, calls and turns of loops
	// that are evaluated.
	maxSteps = 10_000_000

	// maxOwnSteps bounds the work on one pattern in one session.
	maxOwnSteps = 300_000

	// maxWeight bounds a local: its members, however deep, and the bytes of its
	// texts.
	maxWeight = 1 << 21
)

// maxSessions bounds the outcomes of one pattern that are looked at.
const maxSessions = 24

// A session evaluates under one choice of decisions.
type session struct {
	project *Project
	picks   map[string]bool    // decisions that differ from what the files say
	unknown map[inputMark]bool // variables that those picks contradict
	memo    map[memoKey]*memo

	log  []decision // decisions asked for, in order, each once
	seen map[string]bool

	inputs int // how often an input was asked for
}

// A decision is a condition that the files do not settle.
type decision struct {
	key    string
	value  bool // what the files say, or true
	known  bool
	inputs []inputMark
}

type memoKey struct {
	of   *instance
	kind byte // 'l'ocal, 'v'ariable, 'o'utput
	name string
}

// A memo is a value that was computed before.
type memo struct {
	busy      bool // it is being computed: it refers to itself
	value     cty.Value
	diags     hcl.Diagnostics
	decisions []decision
	pure      bool // neither a decision nor an input has to do with it
}

func newSession(p *Project, flipped []decision) *session {
	s := &session{project: p, memo: map[memoKey]*memo{}, seen: map[string]bool{}}
	if len(flipped) == 0 {
		return s
	}
	s.picks, s.unknown = map[string]bool{}, map[inputMark]bool{}
	for _, d := range flipped {
		s.picks[d.key] = !d.value
		for _, in := range d.inputs {
			if d.known {
				s.unknown[in] = true
			}
		}
	}
	return s
}

// choose returns the outcome of a condition in this evaluation.
func (s *session) choose(key string, d verdict) bool {
	s.note(decision{key, d.value, d.known, d.inputs})
	if pick, ok := s.picks[key]; ok {
		return pick
	}
	return d.value
}

func (s *session) note(d decision) {
	if !s.seen[d.key] {
		s.seen[d.key] = true
		s.log = append(s.log, d)
	}
}

// once computes a value, or returns it as it was computed before.
func (s *session) once(key memoKey, compute func() (cty.Value, hcl.Diagnostics)) (cty.Value, hcl.Diagnostics) {
	m := s.memo[key]
	if m == nil && s != s.project.base {
		if m = s.project.base.memo[key]; m != nil && !m.pure {
			m = nil
		}
	}
	if m != nil {
		if m.busy {
			return cty.DynamicVal, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "it refers to itself"}}
		}
		for _, d := range m.decisions {
			s.note(d)
		}
		if !m.pure {
			s.inputs++
		}
		return m.value, m.diags
	}
	m = &memo{busy: true}
	s.memo[key] = m
	outer, seen, inputs := s.log, s.seen, s.inputs
	s.log, s.seen = nil, map[string]bool{}
	defer func() {
		own := s.log
		s.log, s.seen = outer, seen
		if m.busy { // there was too much work
			delete(s.memo, key)
			return
		}
		for _, d := range own {
			s.note(d)
		}
	}()
	m.value, m.diags = compute()
	if !m.diags.HasErrors() && weight(m.value, maxWeight) > maxWeight {
		m.value, m.diags = cty.DynamicVal, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: tooMuch}}
	}
	m.decisions, m.busy = s.log, false
	m.pure = len(m.decisions) == 0 && s.inputs == inputs
	return m.value, m.diags
}

// weight counts the members of a value and the bytes of its texts, until there
// are more than most.
func weight(v cty.Value, most int) int {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() {
		return 1
	}
	if v.Type() == cty.String {
		return 1 + len(v.AsString())
	}
	total := 1
	if v.CanIterateElements() {
		for it := v.ElementIterator(); it.Next() && total <= most; {
			_, member := it.Element()
			total += weight(member, most-total)
		}
	}
	return total
}

// exhausted is what spend panics with: the library goes on after an error, so
// that nothing else ends a loop. Project.bounded recovers from it.
type exhausted struct{}

// spend pays for one step of work.
func spend(ctx *hcl.EvalContext) {
	s := scopeOf(ctx)
	if s == nil {
		return
	}
	p := s.session.project
	p.steps--
	p.own--
	if p.steps < 0 || p.own < 0 {
		panic(exhausted{})
	}
}

// bounded calls a function that evaluates, and returns false when it was too
// much work.
func (p *Project) bounded(evaluate func()) (done bool) {
	outer := p.own
	p.own = maxOwnSteps
	defer func() {
		p.own = outer
		if r := recover(); r != nil {
			if _, ok := r.(exhausted); !ok {
				panic(r)
			}
			done = false
		}
	}()
	evaluate()
	return true
}
