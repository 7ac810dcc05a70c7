package lint

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A judge judges the patterns of one run.
type judge struct {
	demands []demand
	answers map[string]*answer // by the text of the pattern
}

// An answer is what there is to say about a text, wherever it stands.
type answer struct {
	parsed   *pattern.Pattern // nil if it is none
	findings []Finding        // without places
	cover    []partial
}

func newJudge(controls []catalog.Control, b catalog.Benchmark) (*judge, error) {
	j := &judge{answers: map[string]*answer{}}
	for _, c := range catalog.Repairable(controls) {
		d, err := newDemand(c, b)
		if err != nil {
			return nil, err
		}
		j.demands = append(j.demands, d)
	}
	return j, nil
}

// file judges the candidates of one file.
func (j *judge) file(src *source, found []candidate) []Pattern {
	var answers []*answer
	for _, c := range found {
		if c.gap == nil {
			answers = append(answers, j.answer(c.text.value))
		}
	}
	together := newCompany(answers)
	var out []Pattern
	for _, c := range found {
		p := Pattern{Place: src.place(c.pos), Name: c.name}
		if c.gap != nil {
			p.NotJudged = c.gap.reason
			out = append(out, p)
			continue
		}
		a := j.answer(c.text.value)
		p.Text = c.text.value
		p.Findings = slices.Clone(a.findings)
		for _, part := range a.cover {
			j.cover(&p, a, part, together)
		}
		for i := range p.Findings {
			p.Findings[i].Place = src.place(c.where(p.Findings[i].Offset))
		}
		sortFindings(p.Findings)
		out = append(out, p)
	}
	return out
}

// cover adds what a pattern does for one control. Events that it misses and
// that other patterns of the file match are not missed.
func (j *judge) cover(p *Pattern, a *answer, part partial, together *company) {
	if part.complete() {
		p.Covers = append(p.Covers, part.Coverage)
		return
	}
	if together.complete(a, part) {
		return
	}
	c := part.Coverage
	p.Findings = append(p.Findings, Finding{Code: CodeNearly, Message: "nearly covers " + c.String(), Nearly: &c})
}

// answer judges a text once.
func (j *judge) answer(value string) *answer {
	a, ok := j.answers[value]
	if !ok {
		a = j.judge(value)
		j.answers[value] = a
	}
	return a
}

func (j *judge) judge(value string) *answer {
	if n := utf8.RuneCountInString(value); n > catalog.PatternLimit {
		return &answer{findings: []Finding{{
			Offset: characterOffset(value, catalog.PatternLimit), Code: CodeTooLong,
			Message: fmt.Sprintf("the pattern has %d characters, and CloudWatch Logs takes %d", n, catalog.PatternLimit),
		}}}
	}
	p, err := pattern.Parse(value)
	var syntax *pattern.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return &answer{findings: []Finding{{Offset: syntax.Offset, Code: CodeSyntax, Message: syntax.Msg}}}
	case err != nil:
		return &answer{findings: []Finding{{Code: CodeSyntax, Message: err.Error()}}}
	}
	a := &answer{parsed: p}
	ofRecords := aboutRecords(p)
	everything := false
	for _, s := range events.Explain(p).Suspicions {
		everything = everything || s.Code == pattern.SuspectEverything
		if ofRecords || !s.OfRecords {
			a.findings = append(a.findings, Finding{Offset: s.Offset, Code: string(s.Code), Message: s.Text})
		}
	}
	if ofRecords && !everything {
		a.cover = j.covers(p)
	}
	return a
}

// covers returns what a pattern does for the controls that it covers or nearly
// covers.
func (j *judge) covers(p *pattern.Pattern) []partial {
	var parts []partial
	for _, d := range j.demands {
		part, ok := d.judge(p)
		if ok {
			parts = append(parts, part)
		}
		if part.tooHard {
			break
		}
	}
	return withoutAsides(parts)
}

// characterOffset returns the offset in bytes of the n-th character, from 0.
func characterOffset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// recordFields are fields of CloudTrail's records that hardly any other log
// message has.
var recordFields = []string{
	"additionalEventData", "awsRegion", "eventCategory", "eventName", "eventSource", "managementEvent", "recipientAccountId", "userIdentity",
}

// aboutRecords says whether a pattern is about CloudTrail's records: metric
// filters are for other logs too, and those have other fields.
func aboutRecords(p *pattern.Pattern) bool {
	return slices.ContainsFunc(p.Paths(), func(path string) bool {
		return slices.ContainsFunc(strings.Split(path, "."), func(step string) bool {
			return slices.ContainsFunc(recordFields, func(f string) bool { return strings.EqualFold(f, step) })
		})
	})
}

// sortFindings sorts by place, and findings of one place by code.
func sortFindings(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
}
