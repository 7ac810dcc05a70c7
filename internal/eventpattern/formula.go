package eventpattern

import (
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/record"
)

// What the formula of a pattern can leave open beside the uncertain rules.
const (
	// RuleArray: whether some member of an array in the record has such a leaf.
	RuleArray = "leaf of an array"

	// RuleAddress: whether a string or number counts as an IP address.
	RuleAddress = "spelling of an IP address"

	// RuleNumber: whether a number compares by value or by its spelling.
	RuleNumber = "value of a number"

	// RuleEnvelope: what AWS writes into a part of the event that the record does
	// not determine.
	RuleEnvelope = "envelope of the event"
)

// Doubts implements cover.Matcher. What AWS leaves open is unclear in the
// formula itself.
func (p *Pattern) Doubts() []string { return nil }

// Matches implements cover.Matcher: it reports whether the event that
// EventBridge makes of a CloudTrail record certainly matches.
func (p *Pattern) Matches(r *cover.Record, _ cover.Reading) bool {
	events := r.Decoded("event pattern", func(text []byte) any { return decodeAll(text) }).([]*Event)
	return len(events) > 0 && p.MatchDecoded(events[0]) == Match
}

// decodeAll returns the events that may be made of a record, the likeliest first. An
// event of a type that is not known has a detail-type that no pattern asks for, and the
// formula leaves open what a test on it does.
func decodeAll(text []byte) []*Event {
	texts, err := envelopes(text, "unknown")
	if err != nil {
		return nil
	}
	var events []*Event
	for _, text := range texts {
		e, err := Decode(text)
		if err != nil {
			return nil
		}
		events = append(events, e)
	}
	return events
}

// Formula implements cover.Matcher: what the pattern asks of the CloudTrail
// record that EventBridge makes an event of. It assumes that no name in the
// record contains a dot.
func (p *Pattern) Formula(b *cover.Builder) *cover.Formula {
	f := formulas{b}
	var some []*cover.Formula
	for _, branch := range p.branches {
		var all []*cover.Formula
		for i := range branch {
			all = append(all, f.field(&branch[i]))
		}
		some = append(some, cover.And(all...))
	}
	return cover.Or(some...)
}

type formulas struct{ *cover.Builder }

// field returns the formula of one path.
func (f formulas) field(d *Field) *cover.Formula {
	if path, ok := strings.CutPrefix(d.Path, "detail."); ok {
		return f.detail(d, pathOf(path))
	}
	switch d.Path {
	case "source":
		return f.source(d)
	case detailType:
		return f.detailType(d)
	case "account":
		return f.detail(d, pathOf("recipientAccountId"))
	case "region":
		return f.detail(d, pathOf("awsRegion"))
	case "version":
		return constant(d.accepts(&leaf{text: "0"}))
	case "id", "time":
		return written(d)
	case "resources":
		return cover.Unclear(RuleEnvelope)
	default:
		return constant(d.acceptsAbsence())
	}
}

func constant(holds bool) *cover.Formula {
	if holds {
		return cover.True
	}
	return cover.False
}

func pathOf(dotted string) record.Path {
	var path record.Path
	for name := range strings.SplitSeq(dotted, ".") {
		path = append(path, record.Step{Name: name})
	}
	return path
}

// detail returns the formula of a path of the record. Where an array is on the
// way, its members may have other leaves.
func (f formulas) detail(d *Field, path record.Path) *cover.Formula {
	var list []*cover.Formula
	for _, t := range d.Tests {
		list = append(list, f.test(path, t))
	}
	direct := cover.Or(list...)
	var arrays []*cover.Formula
	for i := range path {
		arrays = append(arrays, f.At(path[:i+1], isArray))
	}
	array := cover.Or(arrays...)
	return cover.Or(cover.And(direct, cover.Not(array)), cover.And(array, cover.Unclear(RuleArray)))
}

// test returns the formula of one value of the pattern, where no array is on the
// way.
func (f formulas) test(path record.Path, t Test) *cover.Formula {
	at := func(t cover.Test) *cover.Formula { return f.At(path, t) }
	switch t := t.(type) {
	case *Text:
		exact := at(textTest{t.StringTest})
		if t.span == nil {
			return exact
		}
		return cover.Or(exact, f.perhaps(path, likeAddress, RuleAddress))
	case *CIDR:
		return f.perhaps(path, likeAddress, RuleAddress)
	case *Number, *Numeric:
		return f.perhaps(path, isNumber, RuleNumber)
	case *Constant:
		return at(isConstant(t.Word))
	case *Exists:
		if t.Present {
			return at(isLeaf)
		}
		return cover.Not(at(isLeaf))
	case *AnythingBut:
		list := []*cover.Formula{at(isLeaf)}
		for _, s := range t.Texts {
			list = append(list, cover.Not(at(textTest{s})))
		}
		if len(t.Numbers) > 0 {
			list = append(list, cover.Or(cover.Not(at(isNumber)), cover.Unclear(RuleNumber)))
		}
		return cover.And(list...)
	default:
		return cover.Unclear(cover.RuleNotUnderstood)
	}
}

// perhaps is unclear where the test is true, and false elsewhere.
func (f formulas) perhaps(path record.Path, t cover.Test, why string) *cover.Formula {
	return cover.And(f.At(path, t), cover.Unclear(why))
}

// source returns the formula of the event's source, a string that is always there.
func (f formulas) source(d *Field) *cover.Formula {
	passes := func(t StringTest) *cover.Formula {
		expr := sourceExpression(t)
		switch expr {
		case nothing:
			return cover.False
		case anything:
			return cover.True
		}
		return f.At(pathOf("eventSource"), sourceTest{t, expr})
	}
	var list []*cover.Formula
	for _, t := range d.Tests {
		switch t := t.(type) {
		case *Text:
			list = append(list, passes(t.StringTest))
		case *Exists:
			list = append(list, constant(t.Present))
		case *AnythingBut:
			all := []*cover.Formula{cover.True}
			for _, s := range t.Texts {
				all = append(all, cover.Not(passes(s)))
			}
			list = append(list, cover.And(all...))
		}
	}
	return cover.Or(list...)
}

// written returns the formula of a part of the envelope that AWS writes: it is there,
// and what it says is not known.
func written(d *Field) *cover.Formula {
	if slices.ContainsFunc(d.Tests, func(t Test) bool { e, ok := t.(*Exists); return ok && e.Present }) {
		return cover.True
	}
	if !slices.ContainsFunc(d.Tests, func(t Test) bool { _, ok := t.(*Exists); return !ok }) {
		return cover.False
	}
	return cover.Unclear(RuleEnvelope)
}

// detailType returns the formula of the event's type, which the record's
// eventType determines.
func (f formulas) detailType(d *Field) *cover.Formula {
	var list, known []*cover.Formula
	for _, event := range eventTypes {
		types := detailTypes[event]
		is := f.At(pathOf("eventType"), textTest{newStringTest(Exactly, event)})
		known = append(known, is)
		switch {
		case d.accepts(&leaf{text: types[0]}):
			list = append(list, is)
		case len(types) > 1 && d.accepts(&leaf{text: types[1]}):
			list = append(list, cover.And(is, cover.Unclear(RuleSignInDetailType)))
		}
	}
	if d.accepts(&leaf{text: apiCallChina}) && !d.accepts(&leaf{text: apiCall}) {
		call := f.At(pathOf("eventType"), textTest{newStringTest(Exactly, "AwsApiCall")})
		china := f.At(pathOf("awsRegion"), textTest{newStringTest(Prefix, "cn-")})
		list = append(list, cover.And(call, china, cover.Unclear(RuleCNDetailType)))
	}
	return cover.Or(append(list, cover.And(cover.Not(cover.Or(known...)), cover.Unclear(RuleEnvelope)))...)
}

// A textTest is a test on strings, as a test of one value.
type textTest struct{ StringTest }

// Key implements cover.Test.
func (t textTest) Key() string { return "event " + string('0'+rune(t.Op)) + t.Text }

// Holds implements cover.Test.
func (t textTest) Holds(v record.Value) bool {
	return v.Kind == record.String && t.StringTest.holds(v.Text)
}

// String implements cover.Test.
func (t textTest) String() string {
	if like := t.like(); like != "" {
		return "= " + quote(like)
	}
	return t.Op.verb() + " " + quote(t.Text) + t.Op.manner()
}

// like returns the test as a value with asterisks at its ends, "" when it is not
// one.
func (t textTest) like() string {
	plain := !strings.Contains(t.Text, "*")
	switch {
	case t.Op == Equals && plain, t.Op == Exactly && plain:
		return t.Text
	case t.Op == Prefix && plain:
		return t.Text + "*"
	case t.Op == Suffix && plain:
		return "*" + t.Text
	default:
		return ""
	}
}

// Asks implements cover.Test.
func (t textTest) Asks() cover.Asks {
	text := &cover.Text{Key: t.Key(), Like: t.like()}
	if t.Op == Equals || t.Op == Exactly {
		text.Single, text.Literal = true, t.Text
	} else {
		text.Expr, text.Match, text.Try = t.expression(), t.StringTest.holds, []string{strings.ReplaceAll(t.Text, "*", "")}
	}
	return cover.Asks{Text: text, Positive: true}
}

// Words implements cover.Test.
func (t textTest) Words() []cover.Test { return []cover.Test{t} }

// expression finds a match in exactly the strings that pass.
func (t textTest) expression() string {
	const anything = `(?s:.*)`
	switch t.Op {
	case Prefix:
		return `\A` + regexp.QuoteMeta(t.Text)
	case Suffix:
		return regexp.QuoteMeta(t.Text) + `\z`
	case EqualsFold:
		return `\A` + t.folded.expression() + `\z`
	case PrefixFold:
		return `\A` + t.folded.expression()
	case SuffixFold:
		return t.folded.expression() + `\z`
	case MatchesWildcard:
		var quoted []string
		for _, part := range t.parts {
			quoted = append(quoted, regexp.QuoteMeta(part))
		}
		return `\A` + strings.Join(quoted, anything) + `\z`
	default:
		return `\A` + regexp.QuoteMeta(t.Text) + `\z`
	}
}

// expression finds a match in the spellings of f.
func (f folded) expression() string {
	var b strings.Builder
	for _, forms := range f {
		var quoted []string
		for _, form := range forms {
			quoted = append(quoted, regexp.QuoteMeta(form))
		}
		b.WriteString("(?:" + strings.Join(quoted, "|") + ")")
	}
	return b.String()
}

// A kindTest is true of some kinds of values.
type kindTest struct {
	words string
	kinds cover.Kinds
}

var (
	isLeaf   = kindTest{"is a string, a number, a boolean or null", cover.String | cover.Number | cover.TrueKind | cover.FalseKind | cover.Null}
	isNumber = kindTest{"is a number", cover.Number}
	isArray  = kindTest{"is an array", cover.Array}
)

func isConstant(word string) kindTest {
	return kindTest{"is " + word, map[string]cover.Kinds{"true": cover.TrueKind, "false": cover.FalseKind, "null": cover.Null}[word]}
}

// Key implements cover.Test.
func (t kindTest) Key() string { return t.words }

// Holds implements cover.Test.
func (t kindTest) Holds(v record.Value) bool { return t.kinds.Has(cover.KindOf(v)) }

// String implements cover.Test.
func (t kindTest) String() string { return t.words }

// Asks implements cover.Test.
func (t kindTest) Asks() cover.Asks { return cover.Asks{} }

// Words implements cover.Test.
func (t kindTest) Words() []cover.Test { return nil }

// likeAddress is true of everything that may count as an IP address.
var likeAddress cover.Test = addressTest{}

type addressTest struct{}

var addressLetters = regexp.MustCompile(`\A[0-9a-fA-F.:]+\z`)

// Key implements cover.Test.
func (addressTest) Key() string { return "like an address" }

// Holds implements cover.Test.
func (addressTest) Holds(v record.Value) bool {
	leaf := slices.Contains([]record.Kind{record.Number, record.True, record.False, record.Null}, v.Kind)
	return leaf || v.Kind == record.String && addressLetters.MatchString(v.Text)
}

// String implements cover.Test.
func (addressTest) String() string { return "= what may be an IP address" }

// Asks implements cover.Test.
func (t addressTest) Asks() cover.Asks {
	return cover.Asks{Text: &cover.Text{Key: t.Key(), Expr: addressLetters.String(), Match: addressLetters.MatchString}}
}

// Words implements cover.Test.
func (t addressTest) Words() []cover.Test { return []cover.Test{t} }
