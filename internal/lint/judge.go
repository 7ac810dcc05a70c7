package lint

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cloudtrail/vocabulary"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/language"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/suspicion"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// A judge judges the patterns of one run.
type judge struct {
	demands []demand
	printed map[string]bool // texts of the catalog in their shortest form; true: the catalog calls them broken

	answers map[question]*answer
	memo    *memo
}

// A question is what an answer depends on.
type question struct {
	text     string // with holes
	kind     use
	deployed bool
}

// A use says what a pattern is judged for.
type use byte

const (
	filterUse use = iota // a metric filter, or something that may be one
	streamUse            // a subscription filter: no control asks for it
	eventUse             // a pattern of EventBridge
)

func questionOf(f iac.Found) question {
	q := question{text: f.Text.Value, deployed: f.Deployed}
	switch f.Kind {
	case iac.SubscriptionFilter:
		q.kind = streamUse
	case iac.EventRule:
		q.kind = eventUse
	case iac.Other:
		if language.LooksLikeEvent(q.text) {
			q.kind = eventUse
		}
	}
	return q
}

// An answer is what there is to say about a text, wherever it stands.
type answer struct {
	parsed   *pattern.Pattern      // nil if it is none, or not known as a whole; for a rule, the filter pattern that matches the same
	rule     *eventpattern.Pattern // nil for filters
	findings []Finding             // without places
	notes    []Finding             // what is worth a word, without places
	cover    []partial

	// Of a text with holes: the fields that it asks for whatever they stand for, and
	// the controls that it could cover.
	asksFor []string
	could   []partial

	// notJudged says why nothing can be said, "" if something can.
	notJudged string
}

func newJudge(controls []catalog.Control, b catalog.Benchmark) (*judge, error) {
	j := &judge{answers: map[question]*answer{}, memo: &memo{}, printed: map[string]bool{}}
	for _, c := range catalog.Repairable(controls) {
		d, err := newDemand(c, b)
		if err != nil {
			return nil, err
		}
		j.demands = append(j.demands, d)
		for _, t := range c.Patterns {
			j.print(t.Text, len(t.Versions) > 0 && len(t.Writes) == 0)
		}
		for _, text := range c.Shipped() {
			j.print(text, false)
		}
	}
	return j, nil
}

// print notes a text of the catalog. Texts that a version prints and that are
// written for none are broken: another one is written in their place.
func (j *judge) print(text string, broken bool) {
	if p, err := pattern.Parse(text); err == nil {
		key := p.String()
		if _, ok := j.printed[key]; !ok || !broken {
			j.printed[key] = broken
		}
	}
}

// answerAll judges the texts of all files, each once, on all processors.
func (j *judge) answerAll(ctx context.Context, all []*reading) error {
	var list []question
	for _, r := range all {
		for _, f := range r.found {
			if q := questionOf(f); f.Gap == "" && j.answers[q] == nil {
				j.answers[q] = &answer{}
				list = append(list, q)
			}
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, q := range list {
		a := j.answers[q]
		g.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			*a = j.judge(q)
			return nil
		})
	}
	return g.Wait()
}

// files judges the patterns of all files.
func (j *judge) files(all []*reading) []File {
	together := j.companies(all)
	said := map[said]bool{}
	var out []File
	for _, r := range all {
		if r.skip {
			continue
		}
		f := File{Path: r.path, Format: r.format, Err: r.err}
		for _, found := range r.found {
			p := j.pattern(found, together[unitOf(r, found)])
			p.Findings = once(p.Findings, said)
			f.Patterns = append(f.Patterns, p)
		}
		f.Empty = r.err == nil && len(f.Patterns) == 0 && !r.walked && !r.elsewhere
		out = append(out, f)
	}
	return out
}

// A said is a finding as a reader sees it.
type said struct {
	path, code, message string
	Place
}

// once drops findings that another pattern made of the same words has, too.
func once(list []Finding, seen map[said]bool) []Finding {
	return slices.DeleteFunc(list, func(f Finding) bool {
		key := said{f.Path, f.Code, f.Message, f.Place}
		was := seen[key]
		seen[key] = true
		return was
	})
}

// pattern words what there is to say about one pattern at its place.
func (j *judge) pattern(f iac.Found, together *company) Pattern {
	p := Pattern{Place: f.Source.Place(f.Pos), Name: f.Name, Use: string(f.Kind), Unknown: f.Unknown()}
	src, pos := f.Where(0)
	p.TextPath, p.TextPlace = src.Path, src.Place(pos)
	if f.Gap != "" {
		p.NotJudged = f.Gap
		return p
	}
	a := j.answers[questionOf(f)]
	if p.Text = f.Text.Value; len(p.Unknown) > 0 {
		p.Text = ""
	}
	p.NotJudged = a.notJudged
	if a.notJudged != "" && len(p.Unknown) > 0 {
		p.NotJudged = iac.Interpolation(strings.Join(p.Unknown, ", "))
	}
	p.Findings, p.Notes = slices.Clone(a.findings), slices.Clone(a.notes)
	for _, part := range a.cover {
		p.cover(a, part, together)
	}
	p.AsksFor = a.asksFor
	for _, part := range a.could {
		c := part.Coverage
		c.Lost = nil
		for _, lost := range part.Lost {
			c.Lost = append(c.Lost, unfilled(lost, p.Unknown))
		}
		p.Could = append(p.Could, c)
	}
	for i := range p.Findings {
		p.Findings[i].locate(f)
	}
	for i := range p.Notes {
		p.Notes[i].locate(f)
	}
	sortFindings(p.Findings)
	sortFindings(p.Notes)
	return p
}

// locate fills in where the offending part stands.
func (x *Finding) locate(f iac.Found) {
	src, pos := f.Where(min(x.Offset, len(f.Text.Value)))
	x.Path, x.Place = src.Path, src.Place(pos)
}

// cover adds what a pattern does for one control. Events that it misses and
// that other patterns of the module or file match are not missed.
func (p *Pattern) cover(a *answer, part partial, together *company) {
	c := part.Coverage
	switch {
	case part.complete():
		p.Covers = append(p.Covers, c)
		return
	case together.complete(a, part):
		return
	}
	x := Finding{Code: CodeNearly, Message: "nearly covers " + c.String(), Nearly: &c}
	if part.half {
		x.Code, x.Message = CodeHalf, c.half()
	}
	if part.printed {
		p.Notes = append(p.Notes, x)
		return
	}
	p.Findings = append(p.Findings, x)
}

// judge judges one text.
func (j *judge) judge(q question) answer {
	switch {
	case q.kind == eventUse:
		return j.judgeEvents(q)
	case iac.HasHole(q.text):
		return j.judgeParts(q)
	}
	if n := utf8.RuneCountInString(q.text); n > catalog.PatternLimit && !q.deployed {
		return answer{findings: []Finding{{
			Offset: characterOffset(q.text, catalog.PatternLimit), Code: CodeTooLong,
			Message: fmt.Sprintf("the pattern has %d characters, and CloudWatch Logs takes %d", n, catalog.PatternLimit),
		}}}
	}
	p, err := pattern.Parse(q.text)
	var syntax *syntax.Error
	switch {
	case err != nil && q.deployed:
		return answer{notJudged: "not understood, though CloudWatch Logs has accepted it: " + err.Error()}
	case errors.As(err, &syntax):
		return answer{findings: []Finding{{Offset: syntax.Offset, Code: CodeSyntax, Message: syntax.Msg}}}
	case err != nil:
		return answer{findings: []Finding{{Code: CodeSyntax, Message: err.Error()}}}
	}
	a := j.judgePattern(p, q.kind == filterUse)
	if q.kind == streamUse {
		a.handsAllOn()
	}
	return a
}

// handsAllOn makes a note of it that a subscription filter matches everything:
// that is how all events are handed on.
func (a *answer) handsAllOn() {
	all := func(f Finding) bool { return f.Code == string(suspicion.Everything) }
	for _, f := range a.findings {
		if all(f) {
			a.notes = append(a.notes, f)
		}
	}
	a.findings = slices.DeleteFunc(a.findings, all)
}

// judgePattern judges a pattern that was understood.
func (j *judge) judgePattern(p *pattern.Pattern, covers bool) answer {
	a := answer{parsed: p}
	broken, printed := j.printed[p.String()]
	printed = printed && !broken
	ofRecords := aboutRecords(p)
	everything := false
	words := wordsOf(p)
	for _, s := range events.All(p) {
		everything = everything || s.Code == suspicion.Everything
		if !ofRecords && s.OfRecords || words.explains(s) {
			continue
		}
		x := Finding{Offset: s.Offset, Code: string(s.Code), Message: s.Text}
		if printed || words.harmless(s) {
			a.notes = append(a.notes, x)
			continue
		}
		a.findings = append(a.findings, words.reword(x, p))
	}
	if ofRecords {
		for _, w := range words.list {
			a.findings = append(a.findings, w.Finding)
		}
		a.notes = append(a.notes, words.unknownSources(p)...)
	}
	if !covers || everything || !mayCover(p) {
		return a
	}
	a.cover = j.covers(p)
	if j.matchesNearlyAll(a.cover) {
		a.cover = nil
		a.notes = append(a.notes, Finding{Code: CodeBroad, Message: "matches nearly every record"})
		return a
	}
	for i := range a.cover {
		a.cover[i].printed = printed
		a.cover[i].Lost = words.withoutThem(a.cover[i].Lost)
	}
	if ofRecords && !printed {
		a.findings = append(a.findings, j.corrected(p, words, a.cover)...)
	}
	a.findings = withoutRepeats(a.findings, a.cover)
	return a
}

// withoutRepeats drops what says of a field what a near miss says: that records
// which lack it are lost.
func withoutRepeats(findings []Finding, cover []partial) []Finding {
	return slices.DeleteFunc(findings, func(f Finding) bool {
		if f.Code != string(suspicion.Missing) || strings.Contains(f.Message, noSession) {
			return false
		}
		path, _, _ := strings.Cut(strings.TrimPrefix(f.Message, "false where "), " ")
		return slices.ContainsFunc(cover, func(part partial) bool {
			return !part.complete() && slices.Contains(part.Lost, path+" is missing")
		})
	})
}

// matchesNearlyAll reports whether a pattern covers so many controls that it is
// about none.
func (j *judge) matchesNearlyAll(parts []partial) bool {
	n := 0
	for _, p := range parts {
		if p.complete() {
			n++
		}
	}
	const few = 3
	return n > few && 2*n > len(j.demands)
}

// covers returns what a pattern does for the controls that it covers, nearly
// covers or half covers.
func (j *judge) covers(p *pattern.Pattern) []partial {
	var parts []partial
	names := newAsked(p)
	for _, d := range j.demands {
		part, ok := d.judge(p, names, j.memo)
		if ok {
			parts = append(parts, part)
		}
		if part.tooHard {
			break
		}
	}
	return withoutAsides(parts)
}

// corrected says which controls a pattern would cover if its words were those
// that were probably meant.
func (j *judge) corrected(p *pattern.Pattern, words words, have []partial) []Finding {
	text, changes := words.correct(p.Text())
	if changes == "" {
		return nil
	}
	meant, err := pattern.Parse(text)
	if err != nil {
		return nil
	}
	var list []Finding
	for _, part := range j.covers(meant) {
		same := func(h partial) bool { return h.Control == part.Control }
		if !part.complete() || slices.ContainsFunc(have, same) {
			continue
		}
		c := part.Coverage
		c.Lost = []string{changes}
		list = append(list, Finding{Code: CodeNearly, Nearly: &c, Message: "nearly covers " + part.Coverage.String() + ": it would with " + changes})
	}
	return list
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

// aboutRecords reports whether a pattern is about CloudTrail's records: metric
// filters are for other logs too, and those have other fields.
func aboutRecords(p *pattern.Pattern) bool {
	return slices.ContainsFunc(p.Paths(), func(path string) bool {
		return slices.ContainsFunc(strings.Split(path, "."), vocabulary.IsRecordField)
	})
}

// mayCover reports whether a pattern is about CloudTrail's records, or could be.
func mayCover(p *pattern.Pattern) bool {
	others := []string{"errorCode", "errorMessage", "sourceIPAddress", "eventType"}
	return aboutRecords(p) || slices.ContainsFunc(p.Paths(), func(path string) bool {
		first, _, _ := strings.Cut(path, ".")
		return slices.Contains(others, first)
	})
}

// sortFindings sorts by place, and findings of one place by code. What a pattern
// does for a control comes last: the slips before it say why.
func sortFindings(list []Finding) {
	last := func(f Finding) int {
		if f.Nearly != nil {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
}
