package pattern

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A class is a set of values that no test of a variable tells apart. A table's
// classes are disjoint, and together they are all values the variable can have.
type class struct {
	node  record.Value // one of them
	exact bool         // it is the only one
	found bool         // it exists: otherwise there may be no value of this class
}

// A table is what the tests of one variable make of its values in the records
// of a probe.
type table struct {
	domain  domain
	classes []class
	yes     []classSet // by test: the classes that pass
	unclear []classSet // by test: those of which that is not known

	all       classSet
	missing   classSet
	null      classSet
	object    classSet
	array     classSet // all arrays
	arrayNull classSet // arrays with a member that is null
	limit     string   // why a class is unclear or not found; "" if none is

	values []numberValue // by class, of numbers
}

// The order of kinds among the classes of a table: examples take the first.
var kindOrder = []struct {
	kind kindSet
	node record.Kind
}{
	{kindMissing, record.Missing},
	{kindTrue, record.True},
	{kindFalse, record.False},
	{kindNull, record.Null},
	{kindObject, record.Object},
	{kindArray, record.Array},
}

// newTable partitions a domain. nullMember says that arrays with a null among
// their members are told from others.
func newTable(d domain, tests []test, nullMember bool, r reading) *table {
	t := &table{domain: d}
	var kinds []class
	for _, k := range kindOrder {
		if d.kinds.has(k.kind) {
			kinds = append(kinds, class{node: record.Value{Kind: k.node}, exact: k.node < record.Object, found: true})
		}
	}
	if nullMember && d.kinds.has(kindArray) {
		kinds = append(kinds, class{node: record.Value{Kind: record.Array, NullMember: true}, found: true})
	}
	unclear := map[int][]int{} // by class: the tests
	if d.kinds.has(kindString) {
		s := stringClasses(d, tests, r)
		t.classes, unclear, t.limit = s.classes, s.unclear, s.limit
	}
	t.classes = append(t.classes, kinds...)
	if d.kinds.has(kindNumber) {
		n := numberClasses(tests, r)
		for i, list := range n.unclear {
			unclear[len(t.classes)+i] = list
		}
		t.classes = append(t.classes, n.classes...)
		t.limit = cmp.Or(t.limit, n.limit)
	}
	t.index(tests, unclear, r)
	return t
}

// index fills the sets of the table.
func (t *table) index(tests []test, unclear map[int][]int, r reading) {
	n := len(t.classes)
	set := func() classSet { return newClassSet(n) }
	t.all, t.missing, t.null, t.object, t.array, t.arrayNull = set(), set(), set(), set(), set(), set()
	for i, c := range t.classes {
		t.all.add(i)
		switch c.node.Kind {
		case record.Missing:
			t.missing.add(i)
		case record.Null:
			t.null.add(i)
		case record.Object:
			t.object.add(i)
		case record.Array:
			t.array.add(i)
			if c.node.NullMember {
				t.arrayNull.add(i)
			}
		}
	}
	constants := t.constants()
	t.values = make([]numberValue, n)
	for i, c := range t.classes {
		if c.node.Kind == record.Number {
			t.values[i].Decimal, t.values[i].finite = record.JavaValue(c.node.Text)
		}
	}
	for _, test := range tests {
		t.yes = append(t.yes, t.passing(test, constants, r))
		t.unclear = append(t.unclear, set())
	}
	for class, list := range unclear {
		for _, test := range list {
			t.unclear[test].add(class)
			t.yes[test] = t.yes[test].minus(t.unclear[test])
		}
	}
}

// constants returns the classes of single strings.
func (t *table) constants() map[string]int {
	constants := map[string]int{}
	for i, c := range t.classes {
		if c.node.Kind == record.String && c.exact {
			constants[c.node.Text] = i
		}
	}
	return constants
}

// passing returns the classes whose values pass the test. The common test for
// one string does not look at the other strings.
func (t *table) passing(test test, constants map[string]int, r reading) classSet {
	set := newClassSet(len(t.classes))
	text, single := test.constant(r)
	if single {
		if i, ok := constants[text]; ok {
			set.add(i)
		}
	}
	for i, c := range t.classes {
		switch {
		case single && c.node.Kind == record.String:
		case c.node.Kind == record.Number && test.val.kind == valueNumber && test.op <= opGreaterEqual:
			if test.holdsValue(t.values[i]) {
				set.add(i)
			}
		case test.holds(c.node, r):
			set.add(i)
		}
	}
	return set
}

// A numberValue is the value of a JSON number; finite is false beyond the range
// of doubles.
type numberValue struct {
	record.Decimal
	finite bool
}

// holdsValue is holds for a number literal and a number whose value was read
// before.
func (t test) holdsValue(v numberValue) bool {
	if !v.finite {
		return false
	}
	c := v.Compare(t.val.num.dec)
	switch t.op {
	case opEqual:
		return c == 0 && !t.val.num.overflow
	case opNotEqual:
		return c != 0 || t.val.num.overflow
	default:
		return t.op.accepts(c)
	}
}

// constant returns the only string that passes the test, if it is so.
func (t test) constant(r reading) (string, bool) {
	if t.op != opEqual {
		return "", false
	}
	return t.val.constant(r)
}

// constant returns the only string that equals the value, if it is so.
func (v value) constant(r reading) (string, bool) {
	switch {
	case v.kind == valueNumber:
		return v.text, true
	case v.kind == valueText && !strings.Contains(v.text, "*"):
		return v.text, true
	case v.kind == valueText:
		parts := v.parts(r)
		return parts[0], len(parts) == 1
	}
	return "", false
}

// comparesText says whether the test looks into strings.
func (t test) comparesText() bool { return t.op == opEqual || t.op == opNotEqual }

// bitTable is the table of a variable that is true or false.
func bitTable(values []bool) *table {
	t := &table{}
	for _, b := range values {
		kind := record.False
		if b {
			kind = record.True
		}
		t.classes = append(t.classes, class{node: record.Value{Kind: kind}, exact: true, found: true})
	}
	t.index([]test{{op: opIsTrue}}, nil, reading{})
	return t
}

// A space holds the tables of all variables for one probe.
type space struct {
	*problem
	view   view
	tables []*table // by variable
	elems  map[*memberGroup]*table
	known  []string // pieces of text that every record contains

	start []classSet // by variable: what is left before anything is decided; nil until it is known
}

func (p *problem) space(v view) *space {
	s := &space{problem: p, view: v, tables: make([]*table, len(p.vars)), elems: map[*memberGroup]*table{}}
	s.descend(p.root, recordDomain())
	for _, g := range p.groups {
		d := freeDomain()
		d.kinds &^= kindMissing
		s.elems[g] = s.table(g.elem, d)
	}
	for _, v := range p.vars {
		if v.group != nil {
			s.tables[v.id] = p.cached("bit", func() *table { return bitTable([]bool{false, true}) })
		}
		if v.text != nil {
			s.tables[v.id] = s.textTable(v.text)
		}
	}
	return s
}

// descend gives tables to a variable of the tree and to all below it.
func (s *space) descend(v *variable, d domain) {
	s.tables[v.id] = s.table(v, d)
	for _, k := range v.kids {
		s.descend(k, s.view.below(d, k.step))
	}
}

// table returns the table of a variable in a domain.
func (s *space) table(v *variable, d domain) *table {
	key := strconv.Itoa(v.id) + " " + strconv.Itoa(int(d.kinds)) + " " + strconv.FormatBool(d.nonEmpty) + " " + d.axiom + " " +
		strings.Join(d.strings, "\x00") + "\x01" + d.sample
	nullMember := slices.ContainsFunc(v.tests, func(t test) bool { return t.op == opIsNull }) || v.asksMembersForNull()
	return s.cached(key, func() *table { return newTable(d, v.tests, nullMember, s.reading) })
}

// asksMembersForNull says whether a wildcard or an index asks whether members
// of the value are null.
func (v *variable) asksMembersForNull() bool {
	for _, g := range v.groups {
		if len(g.rest) == 0 {
			return true
		}
	}
	return slices.ContainsFunc(v.kids, func(k *variable) bool { return k.step.Kind == record.Index })
}

// cached keeps tables from probe to probe: most are the same.
func (p *problem) cached(key string, build func() *table) *table {
	if p.tables[key] == nil {
		p.tables[key] = build()
	}
	return p.tables[key]
}

// textTable is the table of a test on the whole text: true where every record
// passes it, false where none can, else either.
func (s *space) textTable(t *textTest) *table {
	if s.known == nil {
		s.known = s.view.knownText()
	}
	if !slices.Contains(s.view.relaxed, axiomText) && t.certain(s.known) {
		return s.cached("true", func() *table { return bitTable([]bool{true}) })
	}
	return s.cached("text "+t.key(), func() *table { return bitTable(t.verdicts()) })
}
