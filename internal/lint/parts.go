package lint

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// fillings are what holes are filled with: what holds of a pattern with all of
// them that make one holds whatever the holes stand for. # becomes a number of
// the hole, so that different ones differ.
var fillings = []string{"unknown#x", "other#y", "*", ""}

// judgeParts judges what is known of a text with holes.
func (j *judge) judgeParts(q question) answer {
	var kept []Finding
	understood := 0
	for _, filling := range fillings {
		f := fill(q.text, filling)
		p, err := pattern.Parse(f.text)
		if err != nil || utf8.RuneCountInString(f.text) > 4*1024 {
			continue
		}
		var own []Finding
		a := j.judgePattern(p, false)
		for _, x := range a.findings {
			if at, ok := f.original(x.Offset); ok && !f.about(x.Message) && !leansOn(x) {
				x.Offset = at
				own = append(own, x)
			}
		}
		if understood++; understood == 1 {
			kept = own
			continue
		}
		kept = slices.DeleteFunc(kept, func(x Finding) bool {
			return !slices.ContainsFunc(own, func(y Finding) bool { return x.Offset == y.Offset && x.Code == y.Code })
		})
	}
	if understood == 0 {
		return answer{notJudged: "what is known of it is no pattern"}
	}
	return answer{findings: kept}
}

// leansOn reports whether a finding is about the whole of a pattern of which a
// part is not known.
func leansOn(x Finding) bool {
	switch x.Code {
	case string(pattern.SuspectEverything), string(pattern.SuspectBroad), string(pattern.SuspectPrecedence), string(pattern.SuspectMissing):
		return true
	}
	return false
}

// A filled is a text whose holes were filled.
type filled struct {
	text  string
	parts []part
	words []string // that were put in
}

// A part says where a filling stands.
type part struct{ from, to, original int }

// fill fills the holes of a text. Equal holes get equal words.
func fill(text, filling string) filled {
	var b strings.Builder
	var f filled
	numbers := map[rune]int{}
	for i, r := range text {
		if !iac.IsHole(r) {
			b.WriteRune(r)
			continue
		}
		n, ok := numbers[r]
		if !ok {
			n = len(numbers)
			numbers[r] = n
		}
		word := strings.ReplaceAll(filling, "#", strconv.Itoa(n))
		f.parts = append(f.parts, part{b.Len(), b.Len() + len(word), i})
		if len(word) > 1 && !slices.Contains(f.words, word) {
			f.words = append(f.words, word)
		}
		b.WriteString(word)
	}
	f.text = b.String()
	return f
}

// original returns the offset in the text with holes of an offset in the filled
// one; false when it stands in a filling.
func (f filled) original(offset int) (int, bool) {
	shift := 0
	for _, p := range f.parts {
		if offset < p.from {
			break
		}
		if offset < p.to {
			return 0, false
		}
		shift += utf8.UTFMax - (p.to - p.from)
	}
	return offset + shift, true
}

// about reports whether a message speaks of what was put in.
func (f filled) about(message string) bool {
	return slices.ContainsFunc(f.words, func(w string) bool { return strings.Contains(message, w) })
}
