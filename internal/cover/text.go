package cover

import (
	"context"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A TextTest asks for something in the text of the whole record: a piece of
// text or, where Find is not nil, what a regular expression finds.
type TextTest struct {
	Contains string
	Find     *regexp.Regexp
	Written  string // the expression as its language writes it
}

func (t TextTest) key() string {
	if t.Find != nil {
		return "%" + t.Find.String()
	}
	return "=" + t.Contains
}

func (t TextTest) holds(text string) bool {
	if t.Find != nil {
		return t.Find.MatchString(text)
	}
	return strings.Contains(text, t.Contains)
}

// String returns the test in words that follow "the text of the record".
func (t TextTest) String() string {
	if t.Find != nil {
		return "matches " + t.Written
	}
	return "contains " + strconv.Quote(t.Contains)
}

// denial is String of the opposite.
func (t TextTest) denial() string {
	if t.Find != nil {
		return "does not match " + t.Written
	}
	return "does not contain " + strconv.Quote(t.Contains)
}

func (p *problem) textFormula(t TextTest) *Formula {
	key := t.key()
	if p.texts[key] == nil {
		p.texts[key] = p.add(&variable{text: &t})
	}
	return literalFormula(literal{variable: p.texts[key].id})
}

// knownText returns pieces of text that every record of the set contains.
func (v view) knownText() []string {
	var pieces []string
	for _, f := range v.schema.Fields {
		d := v.relax(f.Domain)
		if d.Kinds.Has(Missing) {
			continue
		}
		name := record.Quote(f.Name)
		switch {
		case d.Kinds == String && len(d.Texts) == 1:
			pieces = append(pieces, name+":"+record.Quote(d.Texts[0]))
		case d.Kinds == TrueKind:
			pieces = append(pieces, name+":true")
		case d.Kinds == FalseKind:
			pieces = append(pieces, name+":false")
		case d.Kinds == Object:
			pieces = append(pieces, name+":{")
		case d.Kinds == String:
			pieces = append(pieces, name+`:"`)
		default:
			pieces = append(pieces, name+":")
		}
	}
	return pieces
}

// certain reports whether every text around one of the pieces passes the test.
func (t TextTest) certain(pieces []string) bool {
	if t.Find != nil && looksAround(t.Find.String()) {
		return false
	}
	for _, piece := range pieces {
		if t.holds(piece) {
			return true
		}
	}
	return false
}

// recordText matches the text of every record: compact JSON escapes control
// characters.
const recordText = `\A\{"[^\x00-\x1f]*\}\z`

// maxTextWork bounds the work on one test of the whole text.
const maxTextWork = 1 << 16

// verdicts returns what the test can be of texts that look like records.
func (t TextTest) verdicts(ctx context.Context) []bool {
	expr := regexp.QuoteMeta(t.Contains)
	if t.Find != nil {
		expr = t.Find.String()
	}
	var can [2]bool
	err := eachCombination(ctx, []string{expr}, []string{recordText}, maxTextWork, func(v, _ string) bool {
		can[v[0]] = true
		return !can[0] || !can[1]
	})
	if err != nil {
		return []bool{false, true}
	}
	var list []bool
	for i, b := range []bool{false, true} {
		if can[i] {
			list = append(list, b)
		}
	}
	return list
}

// looksAround reports whether an expression can depend on what stands around the
// text that it matches.
func looksAround(expr string) bool {
	prog, err := compileProg(expr)
	if err != nil {
		return true
	}
	for _, in := range prog.Inst {
		if in.Op == syntax.InstEmptyWidth {
			return true
		}
	}
	return false
}
