package pattern

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A problem is a set of filters and of conditions of probes as formulas over
// variables, under one reading of the uncertain rules.
type problem struct {
	reading    reading
	vars       []*variable
	root       *variable // the record
	filters    []*formula
	conditions map[*Pattern]*formula
	groups     []*memberGroup
	texts      map[string]*variable
	spelledOut bool // a wildcard was replaced by the names that the reference lists

	tables map[string]*table // those of earlier probes, see space
	words  map[*regex]string // texts that were found to match
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
	tests   []test
	places  map[string]int // of tests, by key

	group *memberGroup // some member of the group passes the test group.elem.tests[bit]
	bit   int

	text *textTest // the text of the record passes

	groups   []*memberGroup // wildcards over the members of this value
	shadowOf []*memberGroup // wildcards that reach this value too
}

// A test is a condition without its selector.
type test struct {
	op  operator
	val value
}

// The tests that have no operator of their own in the language.
const (
	opExists operator = 100 + iota
	opIsNullItself
)

// key identifies a test among those of one variable.
func (t test) key() string {
	key := strconv.Itoa(int(t.op)) + " " + strconv.Itoa(int(t.val.kind)) + " " + t.val.text
	if t.val.kind == valueRegex {
		key += t.val.re.text
	}
	return key
}

// holds says whether a value passes the test.
func (t test) holds(n record.Value, r reading) bool {
	switch t.op {
	case opExists:
		return n.Kind != record.Missing
	case opIsNullItself:
		return n.Kind == record.Null
	default:
		c := condition{op: t.op, val: t.val}
		return c.holds(n, r)
	}
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

func newProblem(filters []*Pattern, probes []Probe, r reading) *problem {
	p := &problem{reading: r, conditions: map[*Pattern]*formula{}, texts: map[string]*variable{}, tables: map[string]*table{}, words: map[*regex]string{}}
	p.root = p.add(&variable{})
	for _, f := range filters {
		p.filters = append(p.filters, p.pattern(f))
	}
	for _, probe := range probes {
		if c := probe.Condition; c != nil && p.conditions[c] == nil {
			p.conditions[c] = p.pattern(c)
		}
	}
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

// pattern returns the formula of a pattern; nil stands for one that was not
// understood.
func (p *problem) pattern(f *Pattern) *formula {
	if f == nil {
		return unclearFormula(RuleNotUnderstood)
	}
	switch n := f.root.(type) {
	case *jsonPattern:
		return p.expr(n.expr, p.condition)
	case *terms:
		return p.terms(n)
	case *fullRegex:
		return p.textFormula(textTest{re: n.re})
	case *delimited:
		return p.delimited(n)
	default:
		return trueFormula
	}
}

func (p *problem) expr(e expr, leaf func(*condition) *formula) *formula {
	list := func(operands []expr) []*formula {
		formulas := make([]*formula, len(operands))
		for i, o := range operands {
			formulas[i] = p.expr(o, leaf)
		}
		return formulas
	}
	switch e := e.(type) {
	case *and:
		return conjunction(list(e.list)...)
	case *or:
		return disjunction(list(e.list)...)
	case *condition:
		return leaf(e)
	default:
		return trueFormula // a field without condition
	}
}

// condition returns the formula of one condition on the record.
func (p *problem) condition(c *condition) *formula {
	wild := slices.IndexFunc(c.sel, func(s record.Step) bool { return s.Kind == record.Any })
	if wild < 0 {
		return p.literal(c.sel, test{c.op, c.val})
	}
	parent, rest := c.sel[:wild], c.sel[wild+1:]
	some := func(t test) *formula { return p.someMember(parent, rest, t) }
	switch c.op {
	case opNotExists:
		return not(some(test{op: opExists}))
	case opNotEqual:
		return conjunction(p.literal(parent, test{op: opExists}), not(some(test{opEqual, c.val})))
	case opIsNull:
		return some(test{op: opIsNullItself})
	default:
		return some(test{c.op, c.val})
	}
}

// literal says that the value at a path passes a test.
func (p *problem) literal(path record.Path, t test) *formula {
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
func (v *variable) testNumber(t test) int {
	key := t.key()
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

// someMember says that what rest finds in some member of the value at parent
// passes the test. Where all members have known names it is spelled out.
func (p *problem) someMember(parent, rest record.Path, t test) *formula {
	d := recordDomain()
	for _, s := range parent {
		d = view{}.below(d, s)
	}
	switch {
	case !d.kinds.has(kindObject | kindArray):
		return falseFormula
	case d.fields == nil || d.open || d.kinds.has(kindArray):
		g := p.group(p.path(parent), rest)
		i := g.elem.testNumber(t)
		for len(g.bits) <= i {
			g.bits = append(g.bits, p.add(&variable{group: g, bit: len(g.bits)}))
		}
		return literalFormula(literal{variable: g.bits[i].id})
	}
	p.spelledOut = true
	var some []*formula
	for _, f := range d.fields {
		path := slices.Concat(parent, record.Path{{Kind: record.Name, Name: f.name}}, rest)
		some = append(some, p.literal(path, t))
	}
	return disjunction(some...)
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
