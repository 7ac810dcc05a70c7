package cover

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A statement is a conjunction of facts about one variable, and the classes of
// which it is true.
type statement struct {
	choice
	facts     []Fact
	uncertain bool // their words mean something else under another reading
}

// statements describes the classes of a choice, each statement some of them and
// no others. Together they are true of all that are in care, the classes that
// records of the set can have; if there are no words for some of them, limit
// says why.
func (j *judgement) statements(c choice, care classSet) (list []statement, limit string) {
	v := j.vars[c.variable]
	t := j.tables[c.variable]
	d := describer{v: v, t: t, name: v.pathName(), care: care}
	if v.text != nil || v.group != nil {
		yes := t.classes[c.set.first()].node.Kind == record.True
		return []statement{{c, []Fact{{Path: d.name, Kind: FactOther, Text: v.bitText(d.name, yes)}}, v.isUncertain()}}, ""
	}
	d.learn()
	list, complete := d.statements(c.set)
	if !complete {
		limit = cmp.Or(t.limit, RuleTooManyCases)
	}
	return list, limit
}

// A describer puts sets of classes of one variable into words.
type describer struct {
	v     *variable
	t     *table
	name  string
	care  classSet
	words []word
}

// A word is a simple statement about a value, like `= "x"` or "is null".
type word struct {
	set  classSet // what it is true of, or may be
	sure classSet // what it is certainly true of
	text string   // follows "is anything but"
	fact Fact
	kind bool // it names a kind of value

	uncertain bool // it means something else under another reading
}

// learn collects the words for the variable: those with the most classes first.
func (d *describer) learn() {
	constants := d.t.constants()
	for i, asked := range d.v.tests {
		for _, t := range asked.Words() {
			asks := t.Asks()
			sure := d.t.passing(t, constants).minus(d.t.unclear[i])
			if asks.Positive && asks.Text != nil && asks.Text.Single && sure.in(d.t.ofKind(record.String)) {
				continue // said below
			}
			kind, like := FactOther, ""
			if asks.Text != nil && asks.Text.Like != "" && !d.t.domain.Kinds.Has(Number) {
				kind, like = FactLike, asks.Text.Like
			}
			d.add(sure, kind, like, t.String(), strings.TrimPrefix(t.String(), "= "))
			last := &d.words[len(d.words)-1]
			last.set = last.set.or(d.t.unclear[i])
			last.uncertain = asks.Uncertain
		}
	}
	for i, c := range d.t.classes {
		if c.exact && c.node.Kind == record.String {
			text, short := "= "+strconv.Quote(c.node.Text), strconv.Quote(c.node.Text)
			if d.isNumberToo(c.node.Text) {
				short = "the string " + short
				text = "is " + short
			}
			d.add(d.t.only(i), FactEquals, c.node.Text, text, short)
			d.words[len(d.words)-1].uncertain = d.v.writesUncertain(c.node.Text)
		}
	}
	slices.SortStableFunc(d.words, func(a, b word) int { return b.set.count() - a.set.count() })
	d.add(d.t.missing, FactMissing, "", "is missing", "missing")
	for _, k := range kindWords {
		d.addKind(d.t.ofKind(k.kind), k.words)
	}
	d.addKind(d.t.beyondRange(), "a number beyond the range of doubles")
	if !d.t.arrayNull.empty() {
		d.addKind(d.t.arrayNull, "an array with a null")
		d.addKind(d.t.array.minus(d.t.arrayNull), "an array without null")
	}
}

// isNumberToo reports whether a number can have the text too.
func (d *describer) isNumberToo(text string) bool {
	_, number := record.ParseDecimal(text)
	return d.t.domain.Kinds.Has(Number) && (number || strings.HasSuffix(text, "Infinity"))
}

func (d *describer) add(set classSet, kind FactKind, value, text, short string) {
	if kind != FactLike && kind != FactEquals {
		value = ""
	}
	d.words = append(d.words, word{set: set, sure: set, text: short, fact: Fact{Path: d.name, Kind: kind, Value: value, Text: d.name + " " + text}})
}

func (d *describer) addKind(set classSet, words string) {
	if !set.empty() {
		d.add(set, FactOther, "", "is "+words, words)
		d.words[len(d.words)-1].kind = true
	}
}

var kindWords = []struct {
	words string
	kind  record.Kind
}{
	{"a string", record.String},
	{"a number", record.Number},
	{"true", record.True},
	{"false", record.False},
	{"null", record.Null},
	{"an object", record.Object},
	{"an array", record.Array},
}

func (d *describer) other(set classSet, text string) statement {
	return statement{choice: choice{d.v.id, set}, facts: []Fact{{Path: d.name, Kind: FactOther, Text: d.name + " " + text}}}
}

// statements describes a set: that the value is missing, and then either what
// it is, or what it is not, or both. It is complete unless there are no words
// that tell some of the set from what is not in it.
func (d *describer) statements(set classSet) (list []statement, complete bool) {
	set = set.or(d.t.all.minus(d.care)) // what cannot be does not matter
	if d.t.missing.meets(d.care) && d.t.missing.in(set) {
		list = append(list, statement{choice: choice{d.v.id, d.t.missing}, facts: []Fact{d.missingFact()}})
	}
	present := d.care.minus(d.t.missing)
	rest := present.and(set)
	set = set.minus(d.t.missing)
	if rest.empty() {
		return list, true
	}
	if present.in(set) {
		return append(list, d.other(d.t.all.minus(d.t.missing), "exists")), true
	}
	positive, left := d.positive(rest, set)
	if left.empty() {
		return append(list, positive...), true
	}
	if s, ok := d.negative(set, present); ok {
		return append(list, s), true
	}
	list, complete = append(list, positive...), true
	for !left.empty() {
		class := left.first()
		left = left.minus(d.t.only(class))
		if s := d.mixed(class, set); s.set.in(set) {
			list = append(list, s)
			left = left.minus(s.set)
		} else {
			complete = false
		}
	}
	return list, complete
}

func (d *describer) missingFact() Fact {
	return Fact{Path: d.name, Kind: FactMissing, Text: d.name + " is missing"}
}

// positive covers the classes of need by words that speak of classes in bounds
// only; left are those for which there are none. Kinds come last, in one
// statement.
func (d *describer) positive(need, bounds classSet) (list []statement, left classSet) {
	left = need
	kinds := newClassSet(len(d.t.classes))
	var names []string
	for _, w := range d.words {
		switch {
		case !w.set.in(bounds) || !w.sure.meets(left):
			continue
		case w.kind:
			kinds = kinds.or(w.set)
			names = append(names, w.text)
		default:
			list = append(list, statement{choice{d.v.id, w.set}, []Fact{w.fact}, w.uncertain})
		}
		left = left.minus(w.sure)
	}
	if len(names) > 0 {
		list = append(list, d.other(kinds, "is "+listed(names, " or ")))
	}
	return list, left
}

// negative describes a set by what is not in it.
func (d *describer) negative(set, present classSet) (statement, bool) {
	gone, left := d.positive(present.minus(set), d.t.all.minus(set))
	if !left.empty() {
		return statement{}, false
	}
	prefix := "is anything but "
	if d.care.meets(d.t.missing) {
		prefix = "exists and is anything but "
	}
	var names []string
	uncertain := false
	for _, s := range gone {
		names = append(names, s.short(d.name))
		uncertain = uncertain || s.uncertain
	}
	s := d.other(set, prefix+listed(names, " and "))
	s.uncertain = uncertain
	return s, true
}

// short returns the words of a statement as they follow "is anything but".
func (s statement) short(name string) string {
	text := strings.TrimPrefix(s.facts[0].Text, name+" ")
	text = strings.TrimPrefix(strings.TrimPrefix(text, "= "), "is ")
	return strings.ReplaceAll(text, " or ", ", ")
}

// mixed describes one class, and as many others in bounds as it can, by words
// that are true and words that are not. If those do not suffice the statement is
// true of classes out of bounds too.
func (d *describer) mixed(class int, bounds classSet) statement {
	yes, no := d.choose(class, bounds)
	no = shorten(no, func(less []word) bool { return d.meet(yes, less).in(bounds) })
	yes = shorten(yes, func(less []word) bool { return d.meet(less, no).in(bounds) })
	s := statement{choice: choice{d.v.id, d.meet(yes, no)}}
	for _, w := range yes {
		s.facts = append(s.facts, w.fact)
		s.uncertain = s.uncertain || w.uncertain
	}
	var names []string
	for _, w := range no {
		names = append(names, w.text)
		s.uncertain = s.uncertain || w.uncertain
	}
	if len(names) > 0 {
		s.facts = append(s.facts, d.other(s.set, "is anything but "+listed(names, " and ")).facts...)
	}
	return s
}

// choose takes words that are true of a class, and then words that are not,
// until they describe nothing out of bounds.
func (d *describer) choose(class int, bounds classSet) (yes, no []word) {
	beyond := d.t.all.minus(bounds)
	for _, w := range d.words {
		if w.sure.has(class) && !beyond.in(w.set) {
			yes = append(yes, w)
			beyond = beyond.and(w.set)
		}
	}
	for _, w := range d.words {
		if !w.set.has(class) && w.sure.meets(beyond) {
			no = append(no, w)
			beyond = beyond.minus(w.sure)
		}
	}
	return yes, no
}

// meet returns the classes for which all of some words are true and none of
// others.
func (d *describer) meet(yes, no []word) classSet {
	set := d.t.all
	for _, w := range yes {
		set = set.and(w.set)
	}
	for _, w := range no {
		set = set.minus(w.sure)
	}
	return set
}

// maxShortened bounds the lists in which superfluous words are looked for.
const maxShortened = 100

// shorten drops words as long as what is left is good enough.
func shorten(words []word, enough func([]word) bool) []word {
	if len(words) > maxShortened {
		return words
	}
	for i := len(words) - 1; i >= 0; i-- {
		less := slices.Delete(slices.Clone(words), i, i+1)
		if enough(less) {
			words = less
		}
	}
	return words
}

func (t *table) only(class int) classSet {
	set := newClassSet(len(t.classes))
	set.add(class)
	return set
}

func (t *table) ofKind(kind record.Kind) classSet {
	set := newClassSet(len(t.classes))
	for i, c := range t.classes {
		if c.node.Kind == kind {
			set.add(i)
		}
	}
	return set
}

// beyondRange returns the classes of numbers beyond the range of doubles.
func (t *table) beyondRange() classSet {
	set := newClassSet(len(t.classes))
	for i, c := range t.classes {
		if c.node.Kind == record.Number && !isFinite(c.node) {
			set.add(i)
		}
	}
	return set
}

func isFinite(v record.Value) bool {
	_, finite := v.Decimal()
	return finite
}

// listed joins words like `"a", "b" or "c"`.
func listed(words []string, last string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + last + words[len(words)-1]
}
