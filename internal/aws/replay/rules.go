package replay

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/eventpattern/translate"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A Rule is an EventBridge rule on the default bus of a region, with the rule behind it
// where it forwards. It sends a message for every event that passes.
type Rule struct {
	Name   string // of the rule that sends
	ARN    string // likewise; "" for the rule that would carry a control
	Region string // whose default bus; "" for any
	Steps  []RuleStep

	// Alerts are the people and services that its message reaches, masked and sorted;
	// Broken is why it reaches nobody.
	Alerts []string
	Broken string
}

// A RuleStep is what one rule takes.
type RuleStep struct {
	Pattern *eventpattern.Pattern
	Reads   bool // read events come to it, too
}

// rules adds the rules of a control's chain to a question and returns their filters. Of
// the rules that may take something of the control they are those that take all that
// it requires, and else those that take nothing beside it.
func (q *Question) rules(ctx context.Context, a *account.Account, out *Control, ev audit.Evidence, o plan.Options) error {
	var whole, parts []audit.RuleEvidence
	for _, e := range ev.Rules {
		p := parsed(out, e.Rules[len(e.Rules)-1])
		if p == nil {
			continue
		}
		upper := translate.FromEventPattern(p, inPartition(a)).Upper
		if upper == nil {
			continue
		}
		answer, err := audit.Cover(ctx, []*pattern.Pattern{ofSources(upper, out.Control, o)}, out.Control, o.Audit.Benchmark)
		switch {
		case err != nil:
			return err
		case answer.Everything || len(answer.Beyond) > 0 && answer.Verdict != cover.Covered:
		case answer.Verdict == cover.Covered:
			whole = append(whole, e)
		default:
			parts = append(parts, e)
		}
	}
	if len(whole) == 0 {
		whole = parts
	}
	for _, e := range whole {
		q.addRule(a, out, e)
	}
	return nil
}

// ofSources is a pattern for records of the services that a control is about: a rule says
// aws.ec2, and there is no other ec2 than ec2.amazonaws.com.
func ofSources(p *pattern.Pattern, c catalog.Control, o plan.Options) *pattern.Pattern {
	var sources []string
	if c.Type == catalog.Events {
		for _, e := range c.Required(o.Audit.Benchmark) {
			sources = append(sources, `$.eventSource = "`+e.Source+`"`)
		}
	}
	slices.Sort(sources)
	only, err := pattern.Parse("{ " + strings.Join(slices.Compact(sources), " || ") + " }")
	if err != nil {
		return p // none: any service
	}
	if both, ok := pattern.And(p, only); ok {
		return both
	}
	return p
}

func inPartition(a *account.Account) translate.Options {
	return translate.Options{China: a.Partition == "aws-cn"}
}

// addRule adds one rule of an account to a control.
func (q *Question) addRule(a *account.Account, out *Control, e audit.RuleEvidence) {
	last := e.Rules[len(e.Rules)-1]
	r := Rule{Name: last.Name, ARN: last.ARN, Region: e.Region, Alerts: e.Alerts, Broken: e.Broken}
	out.Unknown = append(out.Unknown, e.Unknown...)
	for _, step := range e.Rules {
		p := parsed(out, step)
		if p == nil {
			return
		}
		r.Steps = append(r.Steps, RuleStep{p, step.State == account.RuleReadsToo})
	}
	q.watch(out, r, Scope{Account: a.ID, Region: e.Region}, inPartition(a))
}

// parsed reads the pattern of a rule; nil where it is not understood, which is noted.
func parsed(out *Control, r account.Rule) *eventpattern.Pattern {
	p, err := eventpattern.Parse(r.Pattern)
	if err != nil {
		out.Unknown = append(out.Unknown, "rule "+r.Name+" has a pattern that is not understood: "+err.Error())
		return nil
	}
	return p
}

// watch adds a rule to a control: what it takes are events of the control.
func (q *Question) watch(out *Control, r Rule, s Scope, o translate.Options) {
	o.Documented = true
	first := translate.FromEventPattern(r.Steps[len(r.Steps)-1].Pattern, o).Upper
	if first == nil {
		return // no record of CloudTrail passes
	}
	q.Rules = append(q.Rules, r)
	f := q.addFilter(Filter{Name: r.Name, Pattern: q.addPattern(first), Scope: q.addScope(s), Rule: len(q.Rules)})
	out.Filters, out.Rules = append(out.Filters, f), append(out.Rules, f)
}

// ownRule adds a control with the rules that apply writes, for an account that has none, or
// none that was asked about.
func (q *Question) ownRule(c catalog.Control, id string, o plan.Options, nobody string) error {
	out := Control{ID: c.ID, Title: c.Title, Account: id, Wanted: -1, Nobody: nobody, Required: required(c, o), Control: c}
	rules := desired.Names{}.Rules(c, desired.Home{Partition: "aws", Account: id}, nil, desired.Wanted(c, o.Audit.Benchmark, o.Complete))
	if len(rules) == 0 {
		out.Unknown = append(out.Unknown, "the catalog has no event pattern for it, so apply writes no rule")
	}
	for _, rule := range rules {
		own, err := eventpattern.Parse(rule.Pattern)
		if err != nil {
			return fmt.Errorf("control %s: %w", c.ID, err)
		}
		r := Rule{Name: c.ID, Steps: []RuleStep{{own, rule.State == account.RuleReadsToo}}, Broken: nobody}
		q.watch(&out, r, Scope{Account: id}, translate.Options{})
	}
	q.Controls = append(q.Controls, out)
	return nil
}

// AddRule adds an event pattern of the user's as a control of its own, by a rule that
// gets every event of any account.
func (q *Question) AddRule(name string, p *eventpattern.Pattern) {
	out := Control{ID: name, Title: name, Wanted: -1, Nobody: "the pattern has no rule"}
	r := Rule{Name: name, Steps: []RuleStep{{p, true}}, Broken: out.Nobody}
	q.watch(&out, r, Scope{}, translate.Options{})
	q.Controls = append(q.Controls, out)
}

// A busEvent is the present record as rules see it, taken apart when the first of them
// asks.
type busEvent struct {
	known    bool
	events   []*eventpattern.Event // several where AWS leaves the envelope open; none for no known event
	read     bool                  // a read event of management
	name     string
	verdicts map[int]match.Verdict // by rule
}

// take takes a record apart.
func (b *busEvent) take(record []byte) {
	*b = busEvent{known: true, verdicts: b.verdicts}
	if b.verdicts == nil {
		b.verdicts = map[int]match.Verdict{}
	}
	clear(b.verdicts)
	texts, err := eventpattern.Envelopes(record)
	if err != nil {
		return
	}
	for _, text := range texts {
		e, err := eventpattern.Decode(text)
		if err != nil {
			b.events = nil
			return
		}
		b.events = append(b.events, e)
	}
	var r struct {
		EventName       string `json:"eventName"`
		EventCategory   string `json:"eventCategory"`
		ReadOnly        *bool  `json:"readOnly"`
		ManagementEvent *bool  `json:"managementEvent"`
	}
	if json.Unmarshal(record, &r) != nil { // with fields of other types than CloudTrail's
		b.events = nil
		return
	}
	management := cmp.Or(r.EventCategory, "Management") == "Management" && (r.ManagementEvent == nil || *r.ManagementEvent)
	b.read, b.name = management && r.ReadOnly != nil && *r.ReadOnly, r.EventName
}

// passes reports whether the present record passes a rule, which is given by its place in
// Question.Rules and 1.
func (n *Counter) passes(record []byte, rule int) match.Verdict {
	if !n.bus.known {
		n.bus.take(record)
	}
	v, ok := n.bus.verdicts[rule]
	if !ok {
		v = n.bus.pass(n.question.Rules[rule-1].Steps)
		n.bus.verdicts[rule] = v
	}
	return v
}

func (b *busEvent) pass(steps []RuleStep) match.Verdict {
	out := match.Match
	for _, s := range steps {
		switch s.verdict(b) {
		case match.NoMatch:
			return match.NoMatch
		case match.Undetermined:
			out = match.Undetermined
		}
	}
	return out
}

// verdict reports whether one rule takes an event. In state ENABLED no read event comes to
// it whose name says so; of other read events AWS's pages say both.
func (s *RuleStep) verdict(b *busEvent) match.Verdict {
	if len(b.events) == 0 {
		return match.Undetermined
	}
	first := s.Pattern.MatchDecoded(b.events[0])
	open := first == eventpattern.Undetermined || slices.ContainsFunc(b.events[1:], func(e *eventpattern.Event) bool { return s.Pattern.MatchDecoded(e) != first })
	kept := b.read && !s.Reads
	switch {
	case kept && eventpattern.IsReadName(b.name), !open && first == eventpattern.NoMatch:
		return match.NoMatch
	case open, kept:
		return match.Undetermined
	}
	return match.Match
}

// Messages are those that one rule would have sent.
type Messages struct {
	Rule *Rule
	Sent int64 // in the window
}

// messages counts what the rules of a control sent, in all and by day.
func (q *Question) messages(c *Control, hits []map[int64]int64, from, to int64) (list []Messages, byDay map[int64]int64) {
	byDay = map[int64]int64{}
	for _, f := range c.Rules {
		m := Messages{Rule: &q.Rules[q.Filters[f].Rule-1]}
		for minute, n := range hits[f] {
			if from <= minute && minute < to {
				m.Sent += n
				byDay[minute/(24*60)] += n
			}
		}
		list = append(list, m)
	}
	return list, byDay
}

// Messages returns how many messages rules would have sent to someone.
func (a *Answer) Messages() int64 {
	n := int64(0)
	for _, m := range a.Sent {
		if len(m.Rule.Alerts) > 0 {
			n += m.Sent
		}
	}
	return n
}
