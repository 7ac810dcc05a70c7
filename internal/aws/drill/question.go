package drill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A Question asks which of some records a filter pattern matches.
type Question struct {
	Control string         `json:"control"` // id; "" for a pattern that the user gave
	Filter  string         `json:"filter"`  // ARN of a filter of the account; "" for a text that no filter has yet
	Pattern string         `json:"pattern"`
	Region  string         `json:"region"` // where AWS is asked
	Samples []audit.Sample `json:"-"`
}

// The limits of logs:TestMetricFilter, and what is sent in one call.
const (
	maxMessages = 50
	maxPattern  = 1024      // characters
	maxBatch    = 512 << 10 // bytes of messages in a call; AWS publishes no figure
)

// Questions asks about the filters of a control that the chain of a finding has, or, where
// it has none, about the text that apply would write. More records of the user's own may
// be nil. The error is about the control's condition.
func Questions(a *account.Account, f *finding.Finding, c catalog.Control, b catalog.Benchmark, home string, more []audit.Sample) ([]Question, error) {
	samples, err := audit.Samples(a, c, b)
	if err != nil || len(samples) == 0 {
		return nil, err
	}
	var out []Question
	for _, l := range f.Chain {
		text, region, ok := filterText(a, l)
		if ok && !slices.ContainsFunc(out, func(q Question) bool { return q.Filter == l.Resource }) {
			out = append(out, Question{Control: c.ID, Filter: l.Resource, Pattern: text, Region: region})
		}
	}
	if len(out) == 0 {
		out = []Question{{Control: c.ID, Pattern: desired.Names{}.Filter(c, b, "").Pattern, Region: home}}
	}
	for i := range out {
		out[i].Samples = append(distinct(out[i].Pattern, samples), more...)
	}
	return out, nil
}

// filterText returns the pattern of the filter that a link is about, and its region; false
// for other links, and filters that were not read.
func filterText(a *account.Account, l finding.Link) (text, region string, ok bool) {
	group, name, found := strings.Cut(l.Resource, ":metric-filter:")
	arn, valid := account.ParseARN(group)
	if l.Kind != finding.LinkFilter || !found || !valid || arn.Account != a.ID {
		return "", "", false
	}
	r := a.Region(arn.Region)
	if r == nil {
		return "", "", false
	}
	logGroup, _ := arn.LogGroupName()
	filters, _ := r.MetricFilters.Got()
	i := slices.IndexFunc(filters, func(f account.MetricFilter) bool { return f.LogGroup == logGroup && f.Name == name })
	if i < 0 {
		return "", "", false
	}
	return filters[i].Pattern, arn.Region, true
}

// distinct leaves out the records of an event in other regions, unless the pattern may
// look at the region.
func distinct(text string, samples []audit.Sample) []audit.Sample {
	p, err := pattern.Parse(text)
	if err != nil || p.Kind() != pattern.KindJSON || strings.Contains(text, "egion") {
		return slices.Clone(samples)
	}
	seen := map[string]bool{}
	var out []audit.Sample
	for _, s := range samples {
		// Records of one event in several regions differ in the region, and in what of it
		// is in ARNs.
		if key := s.Source + "\x00" + s.Event; !s.Required || s.Event == "" || !seen[key] {
			seen[key] = true
			out = append(out, s)
		}
	}
	return out
}

// A Verdict says how AWS's answer compares with that of package pattern.
type Verdict string

// Verdicts.
const (
	Agree       Verdict = "agree"
	OursOnly    Verdict = "ours-only"    // monitorctl says that a record matches, AWS that it does not
	AWSOnly     Verdict = "aws-only"     // the other way round
	NotVerified Verdict = "not-verified" // AWS was not asked, or did not answer
)

// An Answer is what AWS said to a question.
type Answer struct {
	Question

	Verdict Verdict `json:"answer"`

	Sent     int `json:"sent"`     // records, without everyday events
	Matched  int `json:"matched"`  // of them, as AWS says
	Everyday int `json:"everyday"` // everyday events sent
	Noise    int `json:"noise"`    // of them matched, as AWS says; 0 is as it should be
	Unsure   int `json:"unsure"`   // records on which AWS's page leaves open what the answer is; AWS's answer stands

	Differences []Difference `json:"differences,omitempty"`
	Why         string       `json:"why,omitempty"` // of NotVerified, and of a pattern that AWS refuses
}

// A Difference is a record on which AWS and package pattern disagree.
type Difference struct {
	Verdict Verdict `json:"answer"` // OursOnly or AWSOnly
	Event   string  `json:"event,omitempty"`
	Record  string  `json:"record"`
}

// Ask asks AWS a question. The error is that of an ended ctx; that AWS does not answer is
// an answer.
func Ask(ctx context.Context, calls Calls, q Question) (Answer, error) {
	a := Answer{Question: q, Verdict: Agree}
	p, err := pattern.Parse(q.Pattern)
	switch {
	case err != nil:
		a.Verdict, a.Why = NotVerified, fmt.Sprintf("monitorctl does not understand the pattern: %v", err)
		return a, nil
	case len([]rune(q.Pattern)) > maxPattern:
		a.Verdict, a.Why = NotVerified, fmt.Sprintf("the pattern is longer than the %d characters that logs:TestMetricFilter takes", maxPattern)
		return a, nil
	}
	for rest := q.Samples; len(rest) > 0; {
		n := batch(rest)
		matched, err := calls.TestFilter(ctx, q.Region, q.Pattern, texts(rest[:n]))
		if err != nil {
			if ctx.Err() != nil {
				return a, context.Cause(ctx)
			}
			var refused *PatternError
			if a.Verdict, a.Why, a.Differences = NotVerified, err.Error(), nil; errors.As(err, &refused) {
				a.Verdict, a.Why = OursOnly, "AWS refuses the pattern, which monitorctl understands: "+err.Error()
			}
			return a, nil
		}
		a.compare(p, rest[:n], matched)
		rest = rest[n:]
	}
	return a, nil
}

// batch returns how many of the samples go into one call: at least one.
func batch(samples []audit.Sample) int {
	size := 0
	for i, s := range samples {
		if size += len(s.Record); i == maxMessages || i > 0 && size > maxBatch {
			return i
		}
	}
	return len(samples)
}

func texts(samples []audit.Sample) []string {
	var out []string
	for _, s := range samples {
		out = append(out, string(s.Record))
	}
	return out
}

// compare counts what AWS said of a batch; matched are places in it, from 0.
func (a *Answer) compare(p *pattern.Pattern, samples []audit.Sample, matched []int) {
	for i, s := range samples {
		aws := slices.Contains(matched, i)
		if s.Required {
			a.Sent++
		} else {
			a.Everyday++
		}
		switch {
		case aws && s.Required:
			a.Matched++
		case aws:
			a.Noise++
		}
		v := Agree
		switch ours := p.Match(s.Record); {
		case ours == match.Undetermined:
			a.Unsure++
		case aws && ours == match.NoMatch:
			v = AWSOnly
		case !aws && ours == match.Match:
			v = OursOnly
		}
		if v != Agree {
			a.Verdict = v
			a.Differences = append(a.Differences, Difference{v, s.Event, string(s.Record)})
		}
	}
}
