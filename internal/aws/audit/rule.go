package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A rule is an EventBridge rule as one control sees it.
type rule struct {
	*account.Rule
	site    *site
	bus     string                // its name
	pattern *eventpattern.Pattern // nil when the text is not understood
	takes   cover.Matcher         // the pattern; everything where it is not understood
	why     string                // why what it takes is a guess; "" when it is none

	passes   *passage  // see taken.passage; nil before somebody asks
	everyday *[]string // what noisy said, the same for every probe; nil before
}

// A parsedPattern is the pattern of a rule, or why it is not understood.
type parsedPattern struct {
	pattern *eventpattern.Pattern
	err     error
}

// parsedRule reads the pattern of a rule, each text once.
func (j *judge) parsedRule(text string) (*eventpattern.Pattern, error) {
	have, ok := j.ruleTexts[text]
	if !ok {
		have.pattern, have.err = eventpattern.Parse(text)
		if j.ruleTexts == nil {
			j.ruleTexts = map[string]parsedPattern{}
		}
		j.ruleTexts[text] = have
	}
	return have.pattern, have.err
}

// ruleOf returns a rule that may take an event of the control, on or off; nil for
// others. An account may have hundreds of those.
func (c *controlJudge) ruleOf(r *account.Rule, at *site, bus string) *rule {
	if r.Pattern == "" {
		return nil // a schedule
	}
	if p, err := c.parsedRule(r.Pattern); err == nil && (!slices.ContainsFunc(p.Branches(), c.concerns) || c.tooNarrow(p)) {
		return nil
	}
	if out := c.newRule(r, at, bus); c.mayTake(out) {
		return out
	}
	return nil
}

// maxNarrow is how many rules on named events are looked at for a condition on any
// event.
const maxNarrow = 20

// tooNarrow reports whether a pattern names all its events or services, for a
// condition on any event, and so many others have done so before that it is left
// out: by itself it cannot carry the control.
func (c *controlJudge) tooNarrow(p *eventpattern.Pattern) bool {
	if !slices.ContainsFunc(c.probes, func(p probe) bool { return p.Source == "" && p.Event == "" }) ||
		slices.ContainsFunc(p.Branches(), func(b eventpattern.Branch) bool {
			return !slices.ContainsFunc([]string{"source", "detail.eventSource", "detail.eventName"}, func(path string) bool { return isListOf(b.Field(path)) })
		}) {
		return false
	}
	c.narrowRules++
	return c.narrowRules > maxNarrow
}

// isListOf reports whether a field accepts the texts of a list only.
func isListOf(f *eventpattern.Field) bool {
	return f != nil && !slices.ContainsFunc(f.Tests, func(t eventpattern.Test) bool {
		text, ok := t.(*eventpattern.Text)
		return !ok || text.Op != eventpattern.Equals && text.Op != eventpattern.Exactly
	})
}

// concerns reports whether a branch may hold of an event of the control, by its
// source, type and name.
func (c *controlJudge) concerns(b eventpattern.Branch) bool {
	return b.MayHave("detail-type", eventpattern.DetailTypes("")...) && slices.ContainsFunc(slices.Concat(c.probes, c.beyond), func(p probe) bool { return asksOf(b, p.Probe) })
}

// newRule reads what a rule takes.
func (c *controlJudge) newRule(r *account.Rule, at *site, bus string) *rule {
	out := &rule{Rule: r, site: at, bus: bus}
	p, err := c.parsedRule(r.Pattern)
	switch {
	case err != nil:
		everything, _ := pattern.Parse("{ $.eventName = * }") // a pattern of this version
		out.takes, out.why = everything, err.Error()
		return out
	case slices.Contains(p.Rules(), eventpattern.RuleTrailingText):
		out.why = eventpattern.RuleTrailingText
	}
	out.pattern, out.takes = p, p
	return out
}

// mayTake reports whether some event of the control passes the pattern of a rule.
func (c *controlJudge) mayTake(r *rule) bool {
	x := (&taken{rule: r}).passage()
	return slices.ContainsFunc(slices.Concat(c.probes, c.beyond), func(p probe) bool { return c.touches(x, p) })
}

// key tells rules apart.
func (r *rule) key() string { return r.ARN + "\x00" + r.site.name }

// A taken matcher passes what a rule takes.
type taken struct {
	rule *rule
	only string // the region that events must come from; "" for any
}

// Key implements chain.Matcher.
func (t *taken) Key() string { return t.rule.key() + "\x00" + t.only }

// verdict judges a rule by itself.
func (r *rule) verdict(p probe, benign []benign) chain.Verdict {
	v := chain.Fine()
	with := func(s finding.Status, code finding.Code, format string, args ...any) {
		v = v.With(finding.Reason{Code: code, Status: s, Link: finding.LinkRule, Resource: r.ARN, Message: "rule " + r.Name + ": " + fmt.Sprintf(format, args...)})
	}
	switch r.State {
	case account.RuleDisabled:
		with(finding.Fail, CodeRuleDisabled, "it is disabled")
	case account.RuleReadsToo:
	case account.RuleEnabled:
		r.reads(p, with)
	default:
		with(finding.Unknown, CodeRuleNotUnderstood, "its state %s is not known to this version", r.State)
	}
	if r.ManagedBy == "notifications.amazonaws.com" {
		with(finding.Unknown, CodeRuleManaged, "AWS User Notifications manages it, and monitorctl does not read who that notifies")
	}
	if noisy := r.noisy(benign); len(noisy) > 0 {
		with(finding.Warn, CodeRuleNoisy, "it matches everyday events too: %s", strings.Join(noisy, ", "))
	}
	if r.pattern != nil && slices.ContainsFunc(r.pattern.Branches(), func(b eventpattern.Branch) bool { return b.Field("source") == nil && b.Field("account") == nil }) {
		with(finding.Pass, CodeRuleForgeable, "it tests neither source nor account, so anyone who can put events can trigger it")
	}
	return v
}

// reads judges an enabled rule about a probe of reads. List, Get and Describe do not
// come to it; of other reads AWS's pages say both.
func (r *rule) reads(p probe, with func(finding.Status, finding.Code, string, ...any)) {
	switch {
	case p.ReadOnly != "true":
	case p.Event == "" || eventpattern.IsReadName(p.Event):
		with(finding.Fail, CodeRuleWritesOnly, "in state ENABLED it gets no read events: it needs state %s", account.RuleReadsToo)
	default:
		with(finding.Unknown, CodeRuleWritesOnly, "AWS does not document whether a rule in state ENABLED gets %s", p.Event)
	}
}

// noisy names the everyday events that come to a rule and that it takes.
func (r *rule) noisy(set []benign) []string {
	if r.everyday != nil {
		return *r.everyday
	}
	var list []string
	defer func() { r.everyday = &list }()
	for _, b := range set {
		read := strings.Contains(string(b.record), `"readOnly":true`)
		if read && r.State != account.RuleReadsToo || r.pattern == nil {
			continue
		}
		if r.pattern.MatchRecord(b.record) == eventpattern.Match {
			list = append(list, b.what)
		}
	}
	return list
}

// notUnderstood is why nobody can tell what a rule takes.
func (r *rule) notUnderstood() finding.Reason {
	return finding.Reason{Code: CodeRuleNotUnderstood, Status: finding.Unknown, Link: finding.LinkRule, Resource: r.ARN,
		Message: fmt.Sprintf("rule %s: what it matches is not certain: %s", r.Name, r.why)}
}
