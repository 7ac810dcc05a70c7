package lint

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/suspicion"
)

// fillings are what holes are filled with: what holds of a pattern with all of
// them that make one holds whatever the holes stand for. # becomes a number of
// the hole, so that different ones differ. The last one is a condition, for holes
// that are one.
var fillings = []string{"unknown#x", "other#y", "*", "", condition}

const condition = "($.unknown#x = y)"

// judgeParts judges what is known of a text with holes.
func (j *judge) judgeParts(q question) answer {
	var out answer
	var kept []Finding
	understood := 0
	for _, filling := range fillings {
		if filling == condition && !strings.Contains(q.text, "$.") {
			continue // nothing is known
		}
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
		vacuous := filling == "*" && len(p.Paths()) < 2
		if q.kind == filterUse && mayCover(p) && !vacuous {
			if parts := j.covers(p); !j.matchesNearlyAll(parts) {
				out.couldCover(parts, understood == 0)
			}
		}
		if understood++; understood == 1 {
			kept, out.asksFor = own, slices.DeleteFunc(p.Paths(), func(path string) bool { return strings.HasPrefix(path, "unknown") })
			continue
		}
		out.asksFor = slices.DeleteFunc(out.asksFor, func(path string) bool { return !slices.Contains(p.Paths(), path) })
		kept = slices.DeleteFunc(kept, func(x Finding) bool {
			return !slices.ContainsFunc(own, func(y Finding) bool { return x.Offset == y.Offset && x.Code == y.Code })
		})
	}
	if understood == 0 {
		return answer{notJudged: "what is known of it is not a pattern"}
	}
	out.findings = kept
	if len(out.could) > maxCould {
		out.could = nil
	}
	return out
}

// couldCover adds the controls that a pattern covers with some filling of its
// holes: no more is known. Of a filling that is like nothing else also those are
// told that it nearly covers, because an exception may be all that the hole is.
func (a *answer) couldCover(parts []partial, likeNothing bool) {
	for _, part := range parts {
		if !part.complete() && (!likeNothing || part.half) {
			continue
		}
		at := slices.IndexFunc(a.could, func(have partial) bool { return have.Control == part.Control })
		switch {
		case at < 0:
			a.could = append(a.could, part)
		case part.complete() && !a.could[at].complete():
			a.could[at] = part
		}
	}
}

// unfilled writes what holes stand for in the place of what they were filled
// with; unknown is by the number of the hole.
func unfilled(text string, unknown []string) string {
	for i, what := range unknown {
		text = strings.ReplaceAll(text, strconv.Quote(strings.ReplaceAll(fillings[0], "#", strconv.Itoa(i))), what)
	}
	return text
}

// maxCould is how many controls a pattern could cover: one that could cover more
// is about none of them.
const maxCould = 3

// leansOn reports whether a finding is about the whole of a pattern that is
// known in part only.
func leansOn(x Finding) bool {
	switch x.Code {
	case string(suspicion.Everything), string(suspicion.Broad), string(suspicion.Precedence), string(suspicion.Missing):
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
