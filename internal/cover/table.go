package cover

import (
	"cmp"
	"context"
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

// A table is what the tests of one variable make of its values in a set of
// records.
type table struct {
	domain  Domain
	classes []class
	yes     []classSet // by test: the classes that pass
	unclear []classSet // by test: those that may pass

	all       classSet
	missing   classSet
	null      classSet
	object    classSet
	array     classSet // all arrays
	arrayNull classSet // arrays with a member that is null
	limit     string   // why a class is unclear or not found; "" if none is
}

// The order of kinds among the classes of a table: examples take the first.
var kindOrder = []struct {
	kind Kinds
	node record.Kind
}{
	{Missing, record.Missing},
	{TrueKind, record.True},
	{FalseKind, record.False},
	{Null, record.Null},
	{Object, record.Object},
	{Array, record.Array},
}

// newTable partitions a domain. nullMember means that arrays with a null among
// their members are told from others.
func newTable(ctx context.Context, d Domain, tests []Test, nullMember bool) *table {
	t := &table{domain: d}
	var kinds []class
	for _, k := range kindOrder {
		if d.Kinds.Has(k.kind) {
			kinds = append(kinds, class{node: record.Value{Kind: k.node}, exact: k.node < record.Object, found: true})
		}
	}
	if nullMember && d.Kinds.Has(Array) {
		kinds = append(kinds, class{node: record.Value{Kind: record.Array, NullMember: true}, found: true})
	}
	unclear := map[int][]int{} // by class: the tests
	if d.Kinds.Has(String) {
		s := stringClasses(ctx, d, tests)
		t.classes, unclear, t.limit = s.classes, s.unclear, s.limit
	}
	t.classes = append(t.classes, kinds...)
	if d.Kinds.Has(Number) {
		n := numberClasses(ctx, tests)
		for i, list := range n.unclear {
			unclear[len(t.classes)+i] = list
		}
		t.classes = append(t.classes, n.classes...)
		t.limit = cmp.Or(t.limit, n.limit)
	}
	t.index(tests, unclear)
	return t
}

// index fills the sets of the table.
func (t *table) index(tests []Test, unclear map[int][]int) {
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
	for _, test := range tests {
		t.yes = append(t.yes, t.passing(test, constants))
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
func (t *table) passing(test Test, constants map[string]int) classSet {
	set := newClassSet(len(t.classes))
	asks := test.Asks()
	single := asks.Positive && asks.Text != nil && asks.Text.Single
	if single {
		if i, ok := constants[asks.Text.Literal]; ok {
			set.add(i)
		}
	}
	for i, c := range t.classes {
		if (!single || c.node.Kind != record.String) && test.Holds(c.node) {
			set.add(i)
		}
	}
	return set
}

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
	t.index([]Test{isTrue}, nil)
	return t
}

// A space holds the tables of all variables for one set of records.
type space struct {
	*problem
	view   view
	tables []*table // by variable
	elems  map[*memberGroup]*table
	known  []string // pieces of text that every record contains

	// example is that of the set.
	example func(text func(record.Path) string, lean bool) *record.Node

	start []classSet // by variable: what is left before anything is decided; nil until it is known
}

func (p *problem) space(v view) *space {
	s := &space{problem: p, view: v, tables: make([]*table, len(p.vars)), elems: map[*memberGroup]*table{}}
	s.descend(p.root, v.schema.root())
	for _, g := range p.groups {
		d := Free()
		d.Kinds &^= Missing
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
func (s *space) descend(v *variable, d Domain) {
	s.tables[v.id] = s.table(v, d)
	for _, k := range v.kids {
		s.descend(k, s.view.below(d, k.step))
	}
}

// table returns the table of a variable in a domain.
func (s *space) table(v *variable, d Domain) *table {
	key := strconv.Itoa(v.id) + " " + strconv.Itoa(int(d.Kinds)) + " " + strconv.FormatBool(d.NonEmpty) + " " + d.Axiom + " " +
		strings.Join(d.Texts, "\x00") + "\x01" + d.Sample
	nullMember := slices.ContainsFunc(v.tests, func(t Test) bool { return t.Asks().NullMember }) || v.asksMembersForNull()
	return s.cached(key, func() *table { return newTable(s.ctx, d, v.tests, nullMember) })
}

// asksMembersForNull reports whether a wildcard or an index asks whether members
// of the value are null.
func (v *variable) asksMembersForNull() bool {
	for _, g := range v.groups {
		if len(g.rest) == 0 {
			return true
		}
	}
	return slices.ContainsFunc(v.kids, func(k *variable) bool { return k.step.Kind == record.Index })
}

// cached keeps tables from set to set: most are the same.
func (p *problem) cached(key string, build func() *table) *table {
	if p.tables[key] == nil {
		p.tables[key] = build()
	}
	return p.tables[key]
}

// textTable is the table of a test on the whole text: true where every record
// passes it, false where none can, else either.
func (s *space) textTable(t *TextTest) *table {
	if s.known == nil {
		s.known = s.view.knownText()
	}
	if !slices.Contains(s.view.relaxed, s.view.schema.Text) && t.certain(s.known) {
		return s.cached("true", func() *table { return bitTable([]bool{true}) })
	}
	return s.cached("text "+t.key(), func() *table { return bitTable(t.verdicts(s.ctx)) })
}
