package suspicion

import (
	"math/big"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// condition looks at one condition where the known ones hold.
func (s *suspector) condition(c *syntax.Condition, known []*syntax.Condition) {
	// Other logs have the fields that CloudTrail's records lack.
	if !s.noField(c) && s.impossible(c) || c.Sel.HasWildcard() {
		return
	}
	for _, k := range known {
		if k.Sel.String() == c.Sel.String() && exclude(k, c) {
			s.add(Never, c.Pos, "never true together with %s", s.print(k))
			return
		}
	}
}

// noField looks for fields that CloudTrail records do not have.
func (s *suspector) noField(c *syntax.Condition) bool {
	schema := cloudtrail.AnySchema()
	d := schema.At(nil)
	for i, st := range c.Sel {
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
			reason = fieldHint(c.Sel[:i], st.Name, d)
		}
		s.addOfRecords(NoField, c.Pos, "CloudTrail records have no %s%s", c.Sel[:i+1].Field(), reason)
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
func (s *suspector) impossible(c *syntax.Condition) bool {
	if len(c.Sel) == 0 || c.Sel.HasWildcard() || !decidable(c) {
		return false
	}
	d := fieldDomain(c.Sel)
	if slices.ContainsFunc(samples(d, c), func(n record.Value) bool { return match.Holds(c, n, match.Reading{}) }) {
		return false
	}
	s.addOfRecords(Never, c.Pos, "never true of a CloudTrail record: %s%s", d.Axiom, booleanHint(c, d))
	return true
}

// booleanHint says how booleans are tested.
func booleanHint(c *syntax.Condition, d cover.Domain) string {
	if d.Kinds != cover.TrueKind|cover.FalseKind || c.Op > syntax.OpGreaterEqual {
		return ""
	}
	want := "IS TRUE or IS FALSE"
	switch truth := strings.ToLower(c.Val.Text); {
	case truth == "true" && c.Op == syntax.OpEqual, truth == "false" && c.Op == syntax.OpNotEqual:
		want = "IS TRUE"
	case truth == "false" && c.Op == syntax.OpEqual, truth == "true" && c.Op == syntax.OpNotEqual:
		want = "IS FALSE"
	}
	return " and satisfies no comparison; write " + c.Sel.String() + " " + want
}

// always looks for alternatives about one field that are true of every record.
func (s *suspector) always(list []*syntax.Condition) {
	if !exhaustive(list) {
		return
	}
	reason := ""
	if d := fieldDomain(list[0].Sel); d.Axiom != "" {
		reason = ": " + d.Axiom
	}
	s.addOfRecords(Always, list[0].Pos, "true of every CloudTrail record%s", reason)
}

// tautology reports whether an expression is true of every CloudTrail record, as
// far as can be told field by field.
func tautology(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.And:
		return countIf(e.List, tautology) == len(e.List)
	case *syntax.Or:
		return slices.ContainsFunc(e.List, tautology) || slices.ContainsFunc(bySelector(e.List), exhaustive)
	case *syntax.Condition:
		return exhaustive([]*syntax.Condition{e})
	default:
		return true
	}
}

// exhaustive reports whether one of the conditions, which are on one selector, is
// true of every record.
func exhaustive(list []*syntax.Condition) bool {
	sel := list[0].Sel
	if len(sel) == 0 || sel.HasWildcard() || slices.ContainsFunc(list, func(c *syntax.Condition) bool { return !decidable(c) }) {
		return false
	}
	d := fieldDomain(sel)
	if d.Kinds == cover.Missing {
		return false // noField speaks of it
	}
	leftOut := func(n record.Value) bool {
		return !slices.ContainsFunc(list, func(c *syntax.Condition) bool { return match.Holds(c, n, match.Reading{}) })
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
func (s *suspector) missing(c *syntax.Condition, others []*syntax.Condition) {
	if c.Op != syntax.OpNotEqual || len(c.Sel) == 0 || c.Sel.HasWildcard() {
		return
	}
	if d := fieldDomain(c.Sel); !d.Kinds.Has(cover.Missing) || d.Kinds == cover.Missing {
		return
	}
	aware := func(k *syntax.Condition) bool { return k.Op != syntax.OpNotEqual && k.Sel.String() == c.Sel.String() }
	if slices.ContainsFunc(others, aware) {
		return
	}
	s.addOfRecords(Missing, c.Pos, "false where %s is missing; to include those records write (%s NOT EXISTS||%s)",
		c.Sel.Field(), c.Sel, s.print(c))
}

// exclude reports whether no node satisfies both conditions.
func exclude(a, b *syntax.Condition) bool {
	if !decidable(a) || !decidable(b) || isOrdering(a) && isOpen(b) || isOrdering(b) && isOpen(a) {
		return false
	}
	holds := func(c *syntax.Condition, n record.Value) bool {
		if len(c.Sel) == 0 {
			return match.HoldsField(c, n.Text, match.Reading{})
		}
		return match.Holds(c, n, match.Reading{})
	}
	return !slices.ContainsFunc(samples(cover.Free(), a, b), func(n record.Value) bool { return holds(a, n) && holds(b, n) })
}

// decidable reports whether samples tell everything about the condition.
func decidable(c *syntax.Condition) bool {
	if c.Op > syntax.OpGreaterEqual {
		return true
	}
	if c.Val.Kind == syntax.ValueNumber {
		const most = 400 // the range of doubles, and then some
		return -most < c.Val.Num.Dec.Exp && c.Val.Num.Dec.Exp < most
	}
	return c.Val.Kind == syntax.ValueText && !c.Val.HasMidAsterisk()
}

func isOrdering(c *syntax.Condition) bool {
	return c.Op >= syntax.OpLess && c.Op <= syntax.OpGreaterEqual
}

// open reports whether the value has asterisks.
func isOpen(c *syntax.Condition) bool {
	return c.Op <= syntax.OpNotEqual && c.Val.Kind == syntax.ValueText && strings.Contains(c.Val.Text, "*")
}

// samples returns nodes of a domain such that a combination of the conditions,
// at most one or two at a time, is satisfied by one of them if it is by any.
func samples(d cover.Domain, list ...*syntax.Condition) []record.Value {
	nodes := []record.Value{
		{Kind: record.Missing}, {Kind: record.Null}, {Kind: record.True}, {Kind: record.False}, {Kind: record.Object},
		{Kind: record.Array}, {Kind: record.Array, NullMember: true},
	}
	texts := []string{"", "~"} // the empty one, and one that no constant is like
	for _, a := range list {
		for _, b := range list {
			texts = append(texts, core(a.Val), core(a.Val)+core(b.Val))
			nodes = append(nodes, numbersAround(a.Val, b.Val)...)
		}
	}
	if d.Texts != nil {
		texts = d.Texts
	}
	for _, text := range texts {
		nodes = append(nodes, record.Value{Kind: record.String, Text: text})
		if _, ok := syntax.ParseNumber(text); ok {
			nodes = append(nodes, record.Value{Kind: record.Number, Text: text})
		}
	}
	return slices.DeleteFunc(nodes, func(n record.Value) bool {
		return !d.Kinds.Has(cover.KindOf(n)) || n.Kind == record.String && n.Text == "" && d.NonEmpty
	})
}

// core returns the text of a value without the asterisks at its ends.
func core(v syntax.Value) string {
	if v.Kind != syntax.ValueText {
		return v.Text
	}
	return strings.TrimSuffix(strings.TrimPrefix(v.Text, "*"), "*")
}

// numbersAround returns numbers at, next to and between two values.
func numbersAround(a, b syntax.Value) []record.Value {
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

func ratOf(v syntax.Value) (*big.Rat, bool) {
	if v.Kind != syntax.ValueNumber || v.Num == nil {
		return nil, false
	}
	return v.Num.Rat()
}
