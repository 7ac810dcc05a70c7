package cover

import (
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// maxStringWork bounds the search for classes of strings, in steps of one
// automaton.
const maxStringWork = 1 << 21

// maxMatchers bounds the values with asterisks and regular expressions that are
// looked at together.
const maxMatchers = 400

var errStringWork = errors.New(RuleStringClasses)

// stringPartition is the partition of the strings of a domain.
type stringPartition struct {
	classes []class
	unclear map[int][]int // by class: tests whose verdict is not known
	limit   string
}

// stringClasses partitions the strings of a domain. Every constant is a class
// of its own. The others fall into classes by which values with asterisks and
// which regular expressions they match; an automaton that runs all of those at
// once finds every combination that some string has.
func stringClasses(ctx context.Context, d Domain, tests []Test) stringPartition {
	p := stringPartition{unclear: map[int][]int{}}
	if d.Texts != nil {
		for _, s := range d.Texts {
			p.classes = append(p.classes, class{node: textNode(s), exact: true, found: true})
		}
		return p
	}
	constants, lists, matchers := textsOf(tests)
	if d.NonEmpty {
		constants = slices.DeleteFunc(constants, func(s string) bool { return s == "" })
	}
	m := matcherSet{matchers: matchers, nonEmpty: d.NonEmpty, not: map[string]bool{}, found: map[string]bool{}}
	for _, c := range constants {
		m.not[c] = true
	}
	p.addMembers(lists, matchers, m.not, d.NonEmpty)
	m.suggest(d.Sample)
	m.suggest("example")
	for _, v := range matchers[:min(len(matchers), maxMatchers)] {
		for _, s := range v.Try {
			m.suggest(s)
		}
	}
	err := m.explore(ctx)
	for _, s := range m.witnesses {
		p.classes = append(p.classes, class{node: textNode(s), found: true})
	}
	for _, c := range constants {
		p.classes = append(p.classes, class{node: textNode(c), exact: true, found: true})
	}
	p.preferSample(d.Sample)
	if err != nil {
		p.limit = RuleStringClasses
		p.unclear[len(p.classes)] = unclearTests(tests)
		p.classes = append(p.classes, class{node: textNode(m.other())})
	}
	return p
}

// addMembers adds the classes of the strings that are in some list and are no
// constants: those that no test tells apart are one. They are done with then.
func (p *stringPartition) addMembers(lists, matchers []*Text, done map[string]bool, nonEmpty bool) {
	place := map[string]int{}
	all := slices.Concat(lists, matchers)
	for _, list := range lists {
		for _, s := range list.Members {
			if done[s] || s == "" && nonEmpty {
				continue
			}
			done[s] = true
			key := (&matcherSet{matchers: all}).vector(s)
			if i, ok := place[key]; ok {
				p.classes[i].exact = false
				continue
			}
			place[key] = len(p.classes)
			p.classes = append(p.classes, class{node: textNode(s), exact: true, found: true})
		}
	}
}

func textNode(s string) record.Value { return record.Value{Kind: record.String, Text: s} }

// preferSample moves the class of the sample to the front.
func (p *stringPartition) preferSample(sample string) {
	i := slices.IndexFunc(p.classes, func(c class) bool { return c.node.Text == sample })
	if i > 0 {
		c := p.classes[i]
		p.classes = slices.Insert(slices.Delete(p.classes, i, i+1), 0, c)
	}
}

// textsOf returns what the tests compare strings with: constants, lists, and
// other sets of more than one string.
func textsOf(tests []Test) (constants []string, lists, matchers []*Text) {
	seen := map[string]bool{}
	for _, t := range tests {
		text := t.Asks().Text
		if text == nil || seen[text.Key] {
			continue
		}
		seen[text.Key] = true
		switch {
		case text.Members != nil:
			lists = append(lists, text)
		case !text.Single:
			matchers = append(matchers, text)
		case !slices.Contains(constants, text.Literal):
			constants = append(constants, text.Literal)
		}
	}
	return constants, lists, matchers
}

// unclearTests returns the tests that compare with more than one string.
func unclearTests(tests []Test) []int {
	var list []int
	for i, t := range tests {
		if text := t.Asks().Text; text != nil && !text.Single && text.Members == nil {
			list = append(list, i)
		}
	}
	return list
}

// A matcherSet finds one string for every combination of matchers that some
// string matches exactly.
type matcherSet struct {
	matchers []*Text
	nonEmpty bool
	not      map[string]bool // strings that do not count

	found     map[string]bool // combinations, as by vector
	witnesses []string        // one for each, in the order found
}

// vector says which matchers match s.
func (m *matcherSet) vector(s string) string {
	v := make([]byte, len(m.matchers))
	for i, value := range m.matchers {
		if value.matches(s) {
			v[i] = 1
		}
	}
	return string(v)
}

// suggest makes s the string of its combination, if it is the first.
func (m *matcherSet) suggest(s string) {
	if m.not[s] || s == "" {
		return
	}
	if v := m.vector(s); !m.found[v] {
		m.found[v] = true
		m.witnesses = append(m.witnesses, s)
	}
}

// explore finds the combinations that no suggestion has.
func (m *matcherSet) explore(ctx context.Context) error {
	switch {
	case len(m.matchers) == 0:
		m.suggest(m.other())
		return nil
	case len(m.matchers) > maxMatchers:
		return errStringWork
	}
	exprs := make([]string, len(m.matchers))
	for i, v := range m.matchers {
		exprs[i] = v.Expr
	}
	taken := map[string]bool{} // combinations seen only with strings that do not count
	err := eachCombination(ctx, exprs, nil, maxStringWork, func(v, s string) bool {
		switch {
		case m.found[v] || s == "" && m.nonEmpty:
		case m.not[s]:
			taken[v] = true
		default:
			m.found[v] = true
			m.witnesses = append(m.witnesses, s)
		}
		return true
	})
	maps.DeleteFunc(taken, func(v string, _ bool) bool { return m.found[v] })
	if err != nil || len(taken) == 0 {
		return err
	}
	return m.exploreTaken(ctx, exprs, taken)
}

// exploreTaken looks for other strings of some combinations.
func (m *matcherSet) exploreTaken(ctx context.Context, exprs []string, taken map[string]bool) error {
	var quoted []string
	for s := range m.not {
		if taken[m.vector(s)] {
			quoted = append(quoted, regexp.QuoteMeta(s))
		}
	}
	slices.Sort(quoted)
	exprs = append(exprs, `\A(?:`+strings.Join(quoted, "|")+`)\z`)
	return eachCombination(ctx, exprs, nil, maxStringWork, func(v, s string) bool {
		v, one := v[:len(m.matchers)], v[len(m.matchers)] == 1
		if taken[v] && !m.found[v] && !one && (s != "" || !m.nonEmpty) {
			m.found[v] = true
			m.witnesses = append(m.witnesses, s)
		}
		return true
	})
}

// other returns a string that counts.
func (m *matcherSet) other() string {
	s := "other"
	for m.not[s] {
		s += "x"
	}
	return s
}

// eachCombination calls visit with every combination of expressions that some
// string of valid Unicode matches exactly, and with such a string: short ones
// first, and often several of one combination. Only strings that match all of
// must count. It stops when visit returns false, or with an error after so much
// work.
func eachCombination(ctx context.Context, exprs, must []string, work int, visit func(vector, witness string) bool) error {
	list := slices.Concat(exprs, must)
	symbols, err := alphabet(list)
	if err != nil {
		return err
	}
	x := explorer{symbols: symbols, index: map[string]bool{}, limit: work}
	for _, expr := range list {
		d, err := newDFA(expr, symbols)
		if err != nil {
			return err
		}
		x.dfas = append(x.dfas, d)
	}
	return x.run(ctx, len(exprs), visit)
}

// An explorer walks the states of several automata that read the same text, in
// the order of the length of the shortest text that leads to them.
type explorer struct {
	dfas    []*dfa
	symbols []rune
	nodes   []explored
	index   map[string]bool
	work    int
	limit   int
}

type explored struct {
	states []int32 // by automaton
	from   int     // the node before, -1 for the beginning
	symbol rune
}

func (x *explorer) run(ctx context.Context, exprs int, visit func(vector, witness string) bool) error {
	x.reach(explored{states: make([]int32, len(x.dfas)), from: -1})
	for at := 0; at < len(x.nodes); at++ {
		if vector, ok := x.vector(at, exprs); ok && !visit(vector, x.text(at)) {
			return nil
		}
		for i, symbol := range x.symbols {
			x.reach(explored{states: x.step(at, i), from: at, symbol: symbol})
		}
		if x.spent() > x.limit || ctx.Err() != nil {
			return errStringWork
		}
	}
	return nil
}

// spent counts the steps of single automata, those that had to be computed by
// their cost.
func (x *explorer) spent() int {
	work := x.work
	for _, d := range x.dfas {
		work += d.work
	}
	return work
}

func (x *explorer) reach(n explored) {
	key := make([]byte, 0, 4*len(n.states))
	for _, s := range n.states {
		key = binary.LittleEndian.AppendUint32(key, uint32(s))
	}
	if !x.index[string(key)] {
		x.index[string(key)] = true
		x.nodes = append(x.nodes, n)
	}
}

func (x *explorer) step(at, symbol int) []int32 {
	next := make([]int32, len(x.dfas))
	x.work += len(x.dfas)
	for i, d := range x.dfas {
		next[i] = d.step(x.nodes[at].states[i], symbol)
	}
	return next
}

// vector says which expressions accept at a node; ok is false when one of those
// behind them, which must, does not.
func (x *explorer) vector(at, exprs int) (v string, ok bool) {
	bits := make([]byte, exprs)
	for i, d := range x.dfas {
		accepts := d.states[x.nodes[at].states[i]].accepts
		switch {
		case i >= exprs && !accepts:
			return "", false
		case i < exprs && accepts:
			bits[i] = 1
		}
	}
	return string(bits), true
}

// text returns the text that leads to a node.
func (x *explorer) text(at int) string {
	var reversed []rune
	for ; x.nodes[at].from >= 0; at = x.nodes[at].from {
		reversed = append(reversed, x.nodes[at].symbol)
	}
	slices.Reverse(reversed)
	return string(reversed)
}
