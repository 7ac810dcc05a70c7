package pattern

import (
	"math/big"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/record"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// condition looks at one condition where the known ones hold.
func (s *suspector) condition(c *condition, known []*condition) {
	// Other logs have the fields that CloudTrail's records lack.
	if !s.noField(c) && s.impossible(c) || c.sel.HasWildcard() {
		return
	}
	for _, k := range known {
		if k.sel.String() == c.sel.String() && exclude(k, c) {
			s.add(SuspectNever, c.pos, "never true together with %s", s.print(k))
			return
		}
	}
}

// noField looks for fields that CloudTrail records do not have.
func (s *suspector) noField(c *condition) bool {
	schema := cloudtrail.AnySchema()
	d := schema.At(nil)
	for i, st := range c.sel {
		if st.Kind == record.Any && d.Kinds&(cover.Object|cover.Array) != 0 {
			return false // anything may be below
		}
		next := schema.Below(d, st)
		if next.Kinds != cover.Missing {
			d = next
			continue
		}
		reason := ": " + d.Axiom
		if next.Axiom == cloudtrail.AxiomUnlisted {
			reason = fieldHint(c.sel[:i], st.Name, d)
		}
		s.addOfRecords(SuspectNoField, c.pos, "CloudTrail records have no %s%s", c.sel[:i+1].Field(), reason)
		return true
	}
	return false
}

// fieldHint says what may have been meant by a name that is not in a domain.
func fieldHint(parent record.Path, name string, d cover.Domain) string {
	switch {
	case len(parent) == 0 && name == "detail":
		return ": that is the form of EventBridge events"
	case len(parent) == 0 && name == "Records":
		return ": that is the form of the files in S3"
	}
	if near := nearestField(d.Fields, name); near != "" {
		return ", but " + append(slices.Clip(parent), record.Step{Name: near}).Field()
	}
	if path := findField(cloudtrail.AnySchema().Fields, nil, name); path != nil {
		return ", but " + path.Field()
	}
	return ""
}

// nearestField returns the listed name that differs least, "" when all differ
// in more than two letters or half of the name.
func nearestField(fields []cover.Field, name string) string {
	best, least := "", min(2, len(name)/2)+1
	for _, f := range fields {
		distance := spelling.Distance(strings.ToLower(f.Name), strings.ToLower(name))
		if distance < least {
			best, least = f.Name, distance
		}
	}
	return best
}

// findField returns the path of a listed field of this name, nil when there is
// none.
func findField(fields []cover.Field, parent record.Path, name string) record.Path {
	for _, f := range fields {
		path := append(slices.Clip(parent), record.Step{Name: f.Name})
		if strings.EqualFold(f.Name, name) {
			return path
		}
		if found := findField(f.Fields, path, name); found != nil {
			return found
		}
	}
	return nil
}

// fieldDomain returns what is known of the field that a selector names. For
// fields whose value depends on what a trail records it is only their type.
func fieldDomain(sel record.Path) cover.Domain {
	d := cloudtrail.AnySchema().At(sel)
	if d.Kinds.Has(cover.TrueKind) {
		d.Kinds |= cover.FalseKind // managementEvent
	}
	if len(sel) == 1 && sel[0].Name == "eventCategory" {
		d.Texts = nil
	}
	return d
}

// impossible looks for a condition that no CloudTrail record can satisfy.
func (s *suspector) impossible(c *condition) bool {
	if len(c.sel) == 0 || c.sel.HasWildcard() || !decidable(c) {
		return false
	}
	d := fieldDomain(c.sel)
	if slices.ContainsFunc(samples(d, c), func(n record.Value) bool { return c.holds(n, reading{}) }) {
		return false
	}
	s.addOfRecords(SuspectNever, c.pos, "never true of a CloudTrail record: %s%s", d.Axiom, booleanHint(c, d))
	return true
}

// booleanHint says how booleans are tested.
func booleanHint(c *condition, d cover.Domain) string {
	if d.Kinds != cover.TrueKind|cover.FalseKind || c.op > opGreaterEqual {
		return ""
	}
	want := "IS TRUE or IS FALSE"
	switch truth := strings.ToLower(c.val.text); {
	case truth == "true" && c.op == opEqual, truth == "false" && c.op == opNotEqual:
		want = "IS TRUE"
	case truth == "false" && c.op == opEqual, truth == "true" && c.op == opNotEqual:
		want = "IS FALSE"
	}
	return " and satisfies no comparison; write " + c.sel.String() + " " + want
}

// always looks for alternatives about one field that are true of every record.
func (s *suspector) always(list []*condition) {
	if !exhaustive(list) {
		return
	}
	reason := ""
	if d := fieldDomain(list[0].sel); d.Axiom != "" {
		reason = ": " + d.Axiom
	}
	s.addOfRecords(SuspectAlways, list[0].pos, "true of every CloudTrail record%s", reason)
}

// tautology reports whether an expression is true of every CloudTrail record, as
// far as can be told field by field.
func tautology(e expr) bool {
	switch e := e.(type) {
	case *and:
		return countIf(e.list, tautology) == len(e.list)
	case *or:
		return slices.ContainsFunc(e.list, tautology) || slices.ContainsFunc(bySelector(e.list), exhaustive)
	case *condition:
		return exhaustive([]*condition{e})
	default:
		return true
	}
}

// exhaustive reports whether one of the conditions, which are on one selector, is
// true of every record.
func exhaustive(list []*condition) bool {
	sel := list[0].sel
	if len(sel) == 0 || sel.HasWildcard() || slices.ContainsFunc(list, func(c *condition) bool { return !decidable(c) }) {
		return false
	}
	d := fieldDomain(sel)
	if d.Kinds == cover.Missing {
		return false // noField speaks of it
	}
	leftOut := func(n record.Value) bool {
		return !slices.ContainsFunc(list, func(c *condition) bool { return c.holds(n, reading{}) })
	}
	// Most lists of values leave out already what is like none of them.
	if len(list) > maxExhaustive || slices.ContainsFunc(samples(d), leftOut) {
		return false
	}
	return !slices.ContainsFunc(samples(d, list...), leftOut)
}

// maxExhaustive bounds the conditions on one field that are tried out together.
const maxExhaustive = 12

// missing looks for exclusions that also exclude records without the field. Of
// the conditions next to it others on the field show that this was thought of.
func (s *suspector) missing(c *condition, others []*condition) {
	if c.op != opNotEqual || len(c.sel) == 0 || c.sel.HasWildcard() {
		return
	}
	if d := fieldDomain(c.sel); !d.Kinds.Has(cover.Missing) || d.Kinds == cover.Missing {
		return
	}
	aware := func(k *condition) bool { return k.op != opNotEqual && k.sel.String() == c.sel.String() }
	if slices.ContainsFunc(others, aware) {
		return
	}
	s.addOfRecords(SuspectMissing, c.pos, "false where %s is missing; to include those records write (%s NOT EXISTS||%s)",
		c.sel.Field(), c.sel, s.print(c))
}

// exclude reports whether no node satisfies both conditions.
func exclude(a, b *condition) bool {
	if !decidable(a) || !decidable(b) || a.ordering() && b.open() || b.ordering() && a.open() {
		return false
	}
	holds := func(c *condition, n record.Value) bool {
		if len(c.sel) == 0 {
			return c.holdsField(n.Text, reading{})
		}
		return c.holds(n, reading{})
	}
	return !slices.ContainsFunc(samples(cover.Free(), a, b), func(n record.Value) bool { return holds(a, n) && holds(b, n) })
}

// decidable reports whether samples tell everything about the condition.
func decidable(c *condition) bool {
	if c.op > opGreaterEqual {
		return true
	}
	if c.val.kind == valueNumber {
		const most = 400 // the range of doubles, and then some
		return -most < c.val.num.dec.Exp && c.val.num.dec.Exp < most
	}
	return c.val.kind == valueText && !c.val.hasMidAsterisk()
}

func (c *condition) ordering() bool { return c.op >= opLess && c.op <= opGreaterEqual }

// open reports whether the value has asterisks.
func (c *condition) open() bool {
	return c.op <= opNotEqual && c.val.kind == valueText && strings.Contains(c.val.text, "*")
}

// samples returns nodes of a domain such that a combination of the conditions,
// at most one or two at a time, is satisfied by one of them if it is by any.
func samples(d cover.Domain, list ...*condition) []record.Value {
	nodes := []record.Value{
		{Kind: record.Missing}, {Kind: record.Null}, {Kind: record.True}, {Kind: record.False}, {Kind: record.Object},
		{Kind: record.Array}, {Kind: record.Array, NullMember: true},
	}
	texts := []string{"", "~"} // the empty one, and one that no constant is like
	for _, a := range list {
		for _, b := range list {
			texts = append(texts, a.val.core(), a.val.core()+b.val.core())
			nodes = append(nodes, numbersAround(a.val, b.val)...)
		}
	}
	if d.Texts != nil {
		texts = d.Texts
	}
	for _, text := range texts {
		nodes = append(nodes, record.Value{Kind: record.String, Text: text})
		if _, ok := parseNumber(text); ok {
			nodes = append(nodes, record.Value{Kind: record.Number, Text: text})
		}
	}
	return slices.DeleteFunc(nodes, func(n record.Value) bool {
		return !d.Kinds.Has(cover.KindOf(n)) || n.Kind == record.String && n.Text == "" && d.NonEmpty
	})
}

// core returns the text of a value without the asterisks at its ends.
func (v value) core() string {
	if v.kind != valueText {
		return v.text
	}
	return strings.TrimSuffix(strings.TrimPrefix(v.text, "*"), "*")
}

// numbersAround returns numbers at, next to and between two values.
func numbersAround(a, b value) []record.Value {
	nodes := []record.Value{{Kind: record.Number, Text: "0"}}
	x, ok := ratOf(a)
	y, both := ratOf(b)
	if !ok || !both {
		return nodes
	}
	one := big.NewRat(1, 1)
	half := new(big.Rat).Quo(new(big.Rat).Add(x, y), big.NewRat(2, 1))
	for _, r := range []*big.Rat{x, half, new(big.Rat).Add(x, one), new(big.Rat).Sub(x, one)} {
		text := r.FloatString(40)
		if r.IsInt() {
			text = r.Num().String()
		}
		nodes = append(nodes, record.Value{Kind: record.Number, Text: text})
	}
	return nodes
}

func ratOf(v value) (*big.Rat, bool) {
	if v.kind != valueNumber || v.num == nil {
		return nil, false
	}
	return v.num.rat()
}
