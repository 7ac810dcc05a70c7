package audit

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A condition is what a trail demands of a record, as a filter pattern.
type condition struct{ text string }

// Key implements chain.Matcher.
func (c condition) Key() string { return c.text }

// A passage is what passes a filter or a rule, or several objects in a row: rules that
// forward, and the conditions of a trail. Filter patterns and event patterns stand side
// by side, so that a union of both is decided at once.
type passage struct {
	key   string          // tells passages apart
	parts []cover.Matcher // a record passes that matches all of them; none: no record does

	// What somebody wanted to know of it: for which events a part asks, and what the memo
	// knows it by.
	asked  map[*pattern.Pattern]*asked
	digest *memoKey
	plain  bool

	judge  *controlJudge // who asked about it last
	solved *solved       // what that one decided
}

// passage returns what the filter passes, the same each time.
func (f *filter) passage() *passage {
	if f.passes == nil {
		f.passes = &passage{key: f.key}
		if f.pattern != nil && !f.deselected {
			f.passes.parts = []cover.Matcher{f.pattern}
		}
	}
	return f.passes
}

func (t *taken) passage() *passage {
	if t.rule.passes == nil {
		t.rule.passes = &passage{key: t.rule.key(), parts: []cover.Matcher{t.rule.takes}}
	}
	return t.rule.passes
}

// join returns what all of the matchers pass; nil where neither filter nor rule is
// among them.
func (c *controlJudge) join(p chain.Probe, all []chain.Matcher) *passage {
	if len(all) == 1 {
		if f, ok := all[0].(*filter); ok {
			return f.passage()
		}
	}
	out := c.joinAll(p, all)
	if out == nil {
		return nil
	}
	if have := c.joined[out.key]; have != nil && len(have.parts) == len(out.parts) {
		return have
	}
	c.joined[out.key] = out
	return out
}

func (c *controlJudge) joinAll(p chain.Probe, all []chain.Matcher) *passage {
	var out *passage
	var only []string
	for _, m := range all {
		var next *passage
		switch m := m.(type) {
		case *filter:
			next = m.passage()
		case *taken:
			next = m.passage()
			if m.only != "" && m.only != c.probe(p).Region {
				return &passage{key: "nothing"} // another region's events come to its bus
			}
		case condition:
			only = append(only, m.text)
			continue
		}
		switch {
		case out == nil:
			out = next
		case len(out.parts) > 0 && len(next.parts) > 0:
			out = &passage{key: out.key + "\x00and\x00" + next.key, parts: slices.Concat(out.parts, next.parts)}
		default:
			return &passage{key: "nothing"}
		}
	}
	if out == nil || len(out.parts) == 0 {
		return out
	}
	for _, text := range only {
		out = &passage{key: out.key + "\x00" + text, parts: append(slices.Clip(out.parts), c.demanded(text))}
	}
	return out
}

// demanded returns what a trail's condition matches; nil for one that is not understood.
func (c *controlJudge) demanded(text string) cover.Matcher {
	m, ok := c.conditions[text]
	if !ok {
		if p, err := pattern.Parse("{ " + text + " }"); err == nil {
			m = p
		}
		c.conditions[text] = m
	}
	return m
}

func (x *passage) matcher() cover.Matcher { return cover.All(x.parts...) }

// text is what the parts say.
func (x *passage) text() string {
	var texts []string
	for _, m := range x.parts {
		switch m := m.(type) {
		case *pattern.Pattern:
			texts = append(texts, m.Text())
		case *eventpattern.Pattern:
			texts = append(texts, m.String())
		}
	}
	return strings.Join(texts, "\x00")
}

// mayPass is false when some part asks for other events than the probe's, which needs
// no decision.
func (x *passage) mayPass(p cloudtrail.Probe) bool {
	return !slices.ContainsFunc(x.parts, func(m cover.Matcher) bool {
		switch m := m.(type) {
		case *pattern.Pattern:
			a := x.asks(m)
			return !a.names.has(p.Event) || !a.sources.has(p.Source)
		case *eventpattern.Pattern:
			return !slices.ContainsFunc(m.Branches(), func(b eventpattern.Branch) bool { return asksOf(b, p) })
		}
		return false
	})
}

// An asked is what a pattern asks the name and the source of events for.
type asked struct{ names, sources choice }

// A choice are the texts that a field is asked for; all of them unless only those.
type choice struct {
	texts []string
	only  bool
}

// has is false when other texts than this one are asked for. "" stands for any text.
func (c choice) has(text string) bool { return text == "" || !c.only || slices.Contains(c.texts, text) }

func (x *passage) asks(p *pattern.Pattern) *asked {
	have := x.asked[p]
	if have == nil {
		have = &asked{}
		have.names.texts, have.names.only = p.Texts("eventName")
		have.sources.texts, have.sources.only = p.Texts("eventSource")
		if x.asked == nil {
			x.asked = map[*pattern.Pattern]*asked{}
		}
		x.asked[p] = have
	}
	return have
}

// asksOf is false when a branch of an event pattern asks for the events of others.
func asksOf(b eventpattern.Branch, p cloudtrail.Probe) bool {
	may := func(path, text string) bool { return text == "" || b.MayHave(path, text) }
	service, _, _ := strings.Cut(p.Source, ".")
	return may("detail.eventName", p.Event) && may("detail.eventSource", p.Source) && (p.Source == "" || b.MayHave("source", "aws."+service))
}

// mentions are the texts that the parts test for.
func (x *passage) mentions() []pattern.Mention {
	var list []pattern.Mention
	for _, m := range x.parts {
		switch m := m.(type) {
		case *pattern.Pattern:
			list = append(list, m.Mentions()...)
		case *eventpattern.Pattern:
			for _, b := range m.Branches() {
				for _, f := range b {
					list = append(list, mentionsOf(f)...)
				}
			}
		}
	}
	return list
}

// mentionsOf are the texts that a field of an event pattern tests for, by the path of the
// record.
func mentionsOf(f eventpattern.Field) []pattern.Mention {
	path, ok := strings.CutPrefix(f.Path, "detail.")
	if !ok {
		path, ok = map[string]string{"source": "eventSource", "detail-type": "eventType", "account": "recipientAccountId", "region": "awsRegion"}[f.Path]
	}
	if !ok {
		return nil
	}
	var list []pattern.Mention
	for _, t := range f.Tests {
		switch t := t.(type) {
		case *eventpattern.Text:
			list = append(list, pattern.Mention{Path: path, Equal: true, Value: t.Like()})
		case *eventpattern.AnythingBut:
			for _, s := range t.Texts {
				list = append(list, pattern.Mention{Path: path, Value: s.Like()})
			}
		}
	}
	return list
}
