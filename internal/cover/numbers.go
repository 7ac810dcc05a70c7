package cover

import (
	"context"
	"maps"
	"math"
	"math/big"
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// numberText matches the texts that AWS sees in place of JSON numbers within
// the range of doubles: integers, and what Java makes of all others. A few of
// these texts, with more digits than a double has, stand for no number.
const numberText = `\A(?:0|-?[1-9][0-9]*` +
	`|-?0\.(?:0|0{0,2}[1-9](?:[0-9]*[1-9])?)` +
	`|-?[1-9][0-9]{0,6}\.(?:0|[0-9]*[1-9])` +
	`|-?[1-9]\.(?:0|[0-9]*[1-9])E(?:[7-9]|[1-9][0-9]|[12][0-9][0-9]|30[0-8]` +
	`|-(?:[4-9]|[1-9][0-9]|[12][0-9][0-9]|3[012][0-9])))\z`

// maxCuts bounds the constants that numbers are compared with.
const maxCuts = 1000

// numberClasses partitions the JSON numbers: into the constants of the tests
// and what lies between them, and there by the text that AWS sees. Numbers
// between two constants are too many to look at each: where the tests compare
// texts with asterisks or regular expressions, a class that was not found
// stands for what may be left.
func numberClasses(ctx context.Context, tests []Test) *numbering {
	n := &numbering{ctx: ctx, unclear: map[int][]int{}}
	for i, t := range tests {
		n.learn(i, t)
	}
	slices.SortFunc(n.cuts, record.Decimal.Compare)
	n.cuts = slices.CompactFunc(n.cuts, func(a, b record.Decimal) bool { return a.Compare(b) == 0 })
	if len(n.cuts) > maxCuts {
		n.unclear[0], n.limit = n.all, RuleNumberClasses
		n.classes = []class{{node: record.NumberValue("1")}}
		return n
	}
	n.between(nil, first(n.cuts))
	for i := range n.cuts {
		n.at(n.cuts[i])
		n.between(&n.cuts[i], first(n.cuts[i+1:]))
	}
	n.classes = append(n.classes, class{node: tooLarge, found: true}, class{node: tooSmall, found: true})
	return n
}

// Numbers beyond the range of doubles: all of one sign are alike. They are read
// once, because that takes long.
var tooLarge, tooSmall = record.NumberValue("1e309"), record.NumberValue("-1e309")

func first(list []record.Decimal) *record.Decimal {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// A numbering collects classes of numbers.
type numbering struct {
	ctx      context.Context // ends the search for texts
	cuts     []record.Decimal
	matchers []*Text
	users    []int // the tests that use matchers
	all      []int // the tests that compare with something

	anywhere map[string][]string // texts without bounds, when there are many constants

	classes []class
	unclear map[int][]int // by class: the tests whose verdict is not known
	limit   string        // why there are such; "" without
}

// learn takes the constant or the set of texts out of a test. A text that is
// shaped like a number is a constant too.
func (n *numbering) learn(i int, t Test) {
	asks := t.Asks()
	if asks.Numbers == NotCompared {
		return
	}
	n.all = append(n.all, i)
	switch {
	case asks.Numbers == ByValue && asks.Number != nil:
		n.cuts = append(n.cuts, *asks.Number)
	case asks.Numbers == ByValue:
	case asks.Text.Members != nil:
		for _, text := range asks.Text.Members {
			if dec, ok := record.ParseDecimal(text); ok {
				n.cuts = append(n.cuts, dec)
			}
		}
	case !asks.Text.Single:
		n.users = append(n.users, i)
		n.matchers = append(n.matchers, asks.Text)
	default:
		if dec, ok := record.ParseDecimal(asks.Text.Literal); ok {
			n.cuts = append(n.cuts, dec)
		}
	}
}

// maxPreciseCuts bounds the constants between which texts are looked at one by
// one.
const maxPreciseCuts = 16

// texts returns the combinations of matchers that match texts of numbers between
// two bounds, and some numbers for each. A combination may be one that only
// numbers outside of the bounds have.
func (n *numbering) texts(low, high *record.Decimal) map[string][]string {
	if len(n.matchers) == 0 {
		return nil
	}
	must := []string{numberText}
	if len(n.cuts) <= maxPreciseCuts {
		must = append(must, aboveExpr(low), belowExpr(high))
	} else if n.anywhere != nil {
		return n.anywhere
	}
	exprs := make([]string, len(n.matchers))
	for i, v := range n.matchers {
		exprs[i] = v.Expr
	}
	const enough = 50
	vectors := map[string][]string{}
	err := eachCombination(n.ctx, exprs, must, maxStringWork/4, func(v, s string) bool {
		if len(vectors[v]) < enough {
			vectors[v] = append(vectors[v], s)
		}
		return true
	})
	if err != nil {
		vectors["?"] = nil // a combination that is never found
	}
	n.anywhere = vectors
	return vectors
}

// vector says which matchers match the text of a number.
func (n *numbering) vector(token string) string {
	v := make([]byte, len(n.matchers))
	text := record.JavaText(token)
	for i, m := range n.matchers {
		if m.matches(text) {
			v[i] = 1
		}
	}
	return string(v)
}

// token adds the class of a number.
func (n *numbering) token(token string) {
	n.classes = append(n.classes, class{node: record.NumberValue(token), found: true})
}

// at adds the classes of the numbers of one value, which differ in their text.
func (n *numbering) at(d record.Decimal) {
	if integer, ok := d.Integer(); ok {
		n.token(integer)
	}
	if d.Sign() == 0 {
		n.token("0.0")
		n.token("-0.0")
	} else if f, ok := d.Float(); ok && record.FloatDecimal(f).Compare(d) == 0 {
		n.token(record.FloatText(f))
	}
}

// between adds the classes of the numbers above low and below high, nil for no
// bound.
func (n *numbering) between(low, high *record.Decimal) {
	tokens := betweenTokens(low, high)
	if len(tokens) == 0 {
		return
	}
	found := map[string]bool{}
	for _, token := range tokens {
		n.suggest(token, found)
	}
	vectors := n.texts(low, high)
	for _, v := range slices.Sorted(maps.Keys(vectors)) {
		for _, text := range vectors[v] {
			if dec, ok := record.JavaValue(text); ok && inside(dec, low, high) && record.JavaText(text) == text {
				n.suggest(text, found)
			}
		}
	}
	for v := range vectors {
		if !found[v] {
			n.unclear[len(n.classes)] = n.users
			n.classes = append(n.classes, class{node: record.NumberValue(tokens[0])})
			n.limit = RuleNumberText
			return
		}
	}
}

// suggest adds the class of a number if it is the first of its combination.
func (n *numbering) suggest(token string, found map[string]bool) {
	if v := n.vector(token); !found[v] {
		found[v] = true
		n.token(token)
	}
}

func inside(d record.Decimal, low, high *record.Decimal) bool {
	return (low == nil || d.Compare(*low) > 0) && (high == nil || d.Compare(*high) < 0)
}

// betweenTokens returns numbers between two bounds: an integer and a double if
// there are such, so none means that there is no number at all.
func betweenTokens(low, high *record.Decimal) []string {
	var tokens []string
	for _, token := range []string{"1", "0", integerBeside(low, 1), integerBeside(high, -1), floatBeside(low, 1), floatBeside(high, -1), "0.5"} {
		if token == "" {
			continue
		}
		if d, ok := record.JavaValue(token); ok && inside(d, low, high) {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// integerBeside returns the nearest integer above (side 1) or below (side -1) d.
func integerBeside(d *record.Decimal, side int64) string {
	if d == nil || d.Exp > record.MaxDigits {
		return ""
	}
	whole := d.Truncated()
	if side > 0 == (d.Sign() < 0) && !d.IsInteger() {
		return whole.String() // cut off towards zero, which is the right side
	}
	return whole.Add(whole, big.NewInt(side)).String()
}

// floatBeside returns the nearest double above (side 1) or below (side -1) d.
func floatBeside(d *record.Decimal, side int) string {
	if d == nil {
		return ""
	}
	f, ok := d.Float()
	if !ok {
		return ""
	}
	for record.FloatDecimal(f).Compare(*d)*side <= 0 {
		if f = math.Nextafter(f, math.Inf(side)); math.IsInf(f, 0) {
			return ""
		}
	}
	return record.FloatText(f)
}
