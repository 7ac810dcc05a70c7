package cover

import (
	"cmp"
	"context"
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A problem is a question as formulas over variables, under one reading of the
// uncertain rules.
type problem struct {
	ctx        context.Context
	base       *Schema
	reading    Reading
	share      int // of the steps, for each set
	matchers   []Matcher
	vars       []*variable
	root       *variable  // the record
	union      []*Formula // of the matchers
	conditions map[Matcher]*Formula
	laws       map[string]*Formula // by key, see addLaws
	schemaLaws map[*Schema][]Law   // see lawsOf
	groups     []*memberGroup
	texts      map[string]*variable
	spelledOut bool // a wildcard was replaced by the names that the schema lists

	tables map[string]*table // those of earlier sets, see space
	words  map[string]string // texts that were found to match, by key of the test
}

// A variable is something on which verdicts depend: the value at a path of the
// record, whether some member of a container passes a test, or whether the text
// of the record passes one.
type variable struct {
	id      int
	parent  *variable   // of a path; nil for the record itself and for all others
	step    record.Step // from parent
	kids    []*variable
	byStep  map[record.Step]*variable // the kids
	indexed []*variable               // the kids that are members of an array, by index
	place   int                       // among the indexed of parent
	tests   []Test
	places  map[string]int // of tests, by key

	group *memberGroup // some member of the group passes the test group.elem.tests[bit]
	bit   int

	text *TextTest // the text of the record passes

	groups   []*memberGroup // wildcards over the members of this value
	shadowOf []*memberGroup // wildcards that reach this value too
}

// A memberGroup is what conditions with a wildcard over the members of one
// value and the same path behind it ask.
type memberGroup struct {
	parent *variable
	rest   record.Path
	elem   *variable   // what rest finds in a member; not part of the tree
	bits   []*variable // one for each test of elem

	shadows []shadow
}

// A shadow is a variable of the tree that rest finds in a member which some
// condition names: it passes the tests of the group too.
type shadow struct {
	v     *variable
	tests []int // by test of the group: the same test of v
}

func newProblem(ctx context.Context, q Question, r Reading) *problem {
	p := &problem{ctx: ctx, base: q.Base, reading: r, share: q.share(), matchers: q.Matchers, conditions: map[Matcher]*Formula{}, laws: map[string]*Formula{}, schemaLaws: map[*Schema][]Law{},
		texts: map[string]*variable{}, tables: map[string]*table{}, words: map[string]string{}}
	p.root = p.add(&variable{})
	b := &Builder{p: p, Reading: r}
	for _, m := range q.Matchers {
		p.union = append(p.union, b.formula(m))
	}
	for _, set := range q.Sets {
		if c := set.Condition; c != nil && p.conditions[c] == nil {
			p.conditions[c] = c.Formula(b)
		}
	}
	p.addLaws(q.Sets)
	for _, g := range p.groups {
		p.castShadows(g)
	}
	for _, v := range p.vars {
		slices.SortFunc(v.indexed, func(a, b *variable) int { return cmp.Compare(a.step.Index, b.step.Index) })
		for i, k := range v.indexed {
			k.place = i
		}
	}
	return p
}

func (p *problem) add(v *variable) *variable {
	v.id = len(p.vars)
	p.vars = append(p.vars, v)
	return v
}

// literal means that the value at a path passes a test.
func (p *problem) literal(path record.Path, t Test) *Formula {
	v := p.path(path)
	return literalFormula(literal{variable: v.id, test: v.testNumber(t)})
}

// path returns the variable of a path without wildcards.
func (p *problem) path(path record.Path) *variable {
	v := p.root
	for _, s := range path {
		v = p.kid(v, s)
	}
	return v
}

func (p *problem) kid(v *variable, s record.Step) *variable {
	if k := v.find(s); k != nil {
		return k
	}
	k := p.add(&variable{parent: v, step: s})
	v.kids = append(v.kids, k)
	if v.byStep == nil {
		v.byStep = map[record.Step]*variable{}
	}
	v.byStep[s] = k
	if s.Kind == record.Index {
		v.indexed = append(v.indexed, k)
	}
	return k
}

// testNumber returns the place of a test among those of the variable.
func (v *variable) testNumber(t Test) int {
	key := t.Key()
	i, ok := v.places[key]
	if !ok {
		i = len(v.tests)
		v.tests = append(v.tests, t)
		if v.places == nil {
			v.places = map[string]int{}
		}
		v.places[key] = i
	}
	return i
}

// someMember means that what rest finds in some member of the value at parent
// passes the test. Where all members have known names it is spelled out.
func (p *problem) someMember(parent, rest record.Path, t Test) *Formula {
	d := p.base.At(parent)
	switch {
	case !d.Kinds.Has(Object | Array):
		return False
	case d.Fields == nil || d.Open || d.Kinds.Has(Array):
		g := p.group(p.path(parent), rest)
		i := g.elem.testNumber(t)
		for len(g.bits) <= i {
			g.bits = append(g.bits, p.add(&variable{group: g, bit: len(g.bits)}))
		}
		return literalFormula(literal{variable: g.bits[i].id})
	}
	p.spelledOut = true
	var some []*Formula
	for _, f := range d.Fields {
		path := slices.Concat(parent, record.Path{{Kind: record.Name, Name: f.Name}}, rest)
		some = append(some, p.literal(path, t))
	}
	return Or(some...)
}

// group returns the members of v with rest behind them.
func (p *problem) group(v *variable, rest record.Path) *memberGroup {
	for _, g := range v.groups {
		if slices.Equal(g.rest, rest) {
			return g
		}
	}
	g := &memberGroup{parent: v, rest: rest, elem: p.add(&variable{})}
	v.groups = append(v.groups, g)
	p.groups = append(p.groups, g)
	return g
}

// castShadows gives the tests of a group to the variables that are among its
// members anyway.
func (p *problem) castShadows(g *memberGroup) {
	for _, member := range g.parent.kids {
		v := member
		for _, s := range g.rest {
			if v = v.find(s); v == nil {
				break
			}
		}
		if v == nil {
			continue
		}
		sh := shadow{v: v}
		v.shadowOf = append(v.shadowOf, g)
		for _, t := range g.elem.tests {
			sh.tests = append(sh.tests, v.testNumber(t))
		}
		g.shadows = append(g.shadows, sh)
	}
}

// find returns the variable one step on, nil when no condition speaks of it.
func (v *variable) find(s record.Step) *variable { return v.byStep[s] }

// path returns the steps from the record to the value.
func (v *variable) path() record.Path {
	if v.parent == nil {
		return nil
	}
	return append(v.parent.path(), v.step)
}
