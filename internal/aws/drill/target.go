package drill

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A Code says what came of an alarm or a control in a drill, or why it was left out.
type Code string

// Codes of what came of it.
const (
	Delivered       Code = "drill-delivered"        // each topic took the message
	ActionFailed    Code = "drill-action-failed"    // a topic did not
	NoHistory       Code = "drill-no-history"       // the history of the alarm does not say
	Acknowledged    Code = "drill-acknowledged"     // a person typed the code of the message
	NotAcknowledged Code = "drill-not-acknowledged" // nobody did
	NotRung         Code = "drill-not-rung"         // the run ended before
)

// Codes of what is left out.
const (
	NoAlarm     Code = "drill-no-alarm"     // no alarm of the control is in order
	InAlarm     Code = "drill-in-alarm"     // actions run on a change only
	Silenced    Code = "drill-silenced"     // actions off, muted, or suppressed
	OtherAction Code = "drill-other-action" // something other than a message would happen
	Elsewhere   Code = "drill-elsewhere"    // the alarm is in another account
	Changed     Code = "drill-changed"      // the alarm is no longer as it was checked
)

// Codes of notes.
const (
	Composite Code = "drill-composite" // the alarms below a composite alarm are set, not itself
	Partial   Code = "drill-partial"   // the chain is broken before the alarm
	Rule      Code = "drill-rule"      // events come by a rule, and rules have no drill
)

// A Remark is a code with its words.
type Remark struct {
	Code  Code   `json:"code"`
	Alarm string `json:"alarm,omitempty"` // ARN
	Text  string `json:"text"`
}

// A Recipient is a subscriber of a topic that a drill sends to.
type Recipient struct {
	Topic    string `json:"topic"` // ARN
	Protocol string `json:"protocol"`
	Endpoint string `json:"endpoint"` // masked
	State    string `json:"state"`    // confirmed, pending
	Machine  bool   `json:"machine"`  // no person can type a code
}

// A Target is an alarm to be rung.
type Target struct {
	Alarm      account.MetricAlarm // as it was checked
	Region     string
	Controls   []string // ids
	Texts      []string // of the controls, for the message: "vpc-changes (CIS 4.14)"
	Heard      []string // names of the alarms whose actions are waited for: itself, composite alarms over it
	Topics     []string // ARNs that those notify, sorted
	Recipients []Recipient

	watched watched
}

// A ControlPlan is what a drill will do for a control.
type ControlPlan struct {
	Control string
	Number  string // in the benchmark version; "" when it has none there
	Title   string
	Alarms  []string // ARNs of its targets
	Refused []Remark // alarms that are left out
	Notes   []Remark
}

// A Plan is what a drill will do in an account.
type Plan struct {
	Targets  []Target // by region and name
	Controls []ControlPlan
}

// Messages is how many messages people and machines get at most when the alarms ring;
// those of OK actions come on top.
func (p *Plan) Messages() int {
	n := 0
	for i := range p.Targets {
		for _, r := range p.Targets[i].Recipients {
			if r.State == account.Confirmed {
				n++
			}
		}
	}
	return n
}

// Aim picks the alarms to ring for the findings of an account: those of each chain that
// are in order and do nothing but send messages.
func Aim(a *account.Account, findings []finding.Finding, controls []catalog.Control, b catalog.Benchmark) Plan {
	m := aimer{account: a}
	for _, c := range controls {
		i := slices.IndexFunc(findings, func(f finding.Finding) bool { return f.Account == a.ID && f.Control == c.ID })
		if i < 0 || c.Type == catalog.State || findings[i].Status == finding.NotApplicable {
			continue
		}
		number, _ := c.Number(b)
		m.control(&findings[i], ControlPlan{Control: c.ID, Number: number, Title: c.Title})
	}
	slices.SortStableFunc(m.plan.Targets, func(x, y Target) int {
		return strings.Compare(x.Region+"\x00"+x.Alarm.Name, y.Region+"\x00"+y.Alarm.Name)
	})
	return m.plan
}

// An aimer picks the targets of one account.
type aimer struct {
	account *account.Account
	plan    Plan
}

// control adds what is done for one control.
func (m *aimer) control(f *finding.Finding, p ControlPlan) {
	broken := ""
	for i, l := range f.Chain {
		switch {
		case l.Kind == finding.LinkRule && l.State == finding.StateOK:
			p.Notes = note(p.Notes, Remark{Code: Rule, Text: "rule " + l.Resource + " cannot be rung: EventBridge has no such call, and takes no events of AWS from others. " +
				"The audit proves what it matches, and a harmless real change that it reaches someone"})
		case l.Kind == finding.LinkAlarm && l.Resource != "":
			broken = m.alarm(f, i, &p, broken)
		}
	}
	if len(p.Alarms) == 0 && len(p.Refused) == 0 && (broken != "" || len(p.Notes) == 0) {
		if broken == "" {
			broken = f.Why()
		}
		p.Refused = append(p.Refused, Remark{Code: NoAlarm, Text: "nothing to ring: " + broken})
	}
	if len(p.Alarms) > 0 && f.Status == finding.Fail {
		p.Notes = note(p.Notes, Remark{Code: Partial, Text: "proves alarm to topic; " + f.Why()})
	}
	m.plan.Controls = append(m.plan.Controls, p)
}

// alarm looks at the i-th link of a chain, an alarm. It returns why an alarm that the
// audit found out of order is left out, which matters where no other one is left.
func (m *aimer) alarm(f *finding.Finding, i int, p *ControlPlan, broken string) string {
	l := f.Chain[i]
	arn, _ := account.ParseARN(l.Resource)
	if arn.Account != m.account.ID {
		p.Refused = note(p.Refused, Remark{Elsewhere, l.Resource, "is in account " + arn.Account + ": run the drill there"})
		return broken
	}
	r := m.account.Region(arn.Region)
	if r == nil {
		return broken
	}
	alarms, _ := r.Alarms.Got()
	k := slices.IndexFunc(alarms.Metric, func(x account.MetricAlarm) bool { return x.ARN == l.Resource })
	if k < 0 || slices.Contains(p.Alarms, l.Resource) { // a composite alarm comes with those below it
		return broken
	}
	w := look(alarms, alarms.Metric[k])
	heard := w.heard(f.Chain, i)
	if refused := w.refuse(r, heard); refused != nil {
		refused.Alarm = l.Resource
		p.Refused = note(p.Refused, *refused)
		return broken
	}
	if l.State != finding.StateOK || len(heard) == 0 {
		return l.Detail
	}
	for _, c := range w.over {
		if slices.Contains(heard, c.Name) {
			p.Notes = note(p.Notes, Remark{Composite, c.ARN, "is not set itself: alarm " + w.alarm.Name + " below it is, and its own history is read"})
		}
	}
	p.Alarms = append(p.Alarms, l.Resource)
	m.target(r.Name, w, heard, p)
	return broken
}

// note appends a remark, once.
func note(list []Remark, r Remark) []Remark {
	if slices.Contains(list, r) {
		return list
	}
	return append(list, r)
}

// target adds an alarm to the plan, or a control to one that is there.
func (m *aimer) target(region string, w watched, heard []string, p *ControlPlan) {
	text := p.Control
	if p.Number != "" {
		text += " (CIS " + p.Number + ")"
	}
	for i := range m.plan.Targets {
		if t := &m.plan.Targets[i]; t.Alarm.ARN == w.alarm.ARN {
			t.Controls, t.Texts = append(t.Controls, p.Control), append(t.Texts, text)
			return
		}
	}
	t := Target{Alarm: w.alarm, Region: region, Controls: []string{p.Control}, Texts: []string{text}, Heard: heard, Topics: w.topics(heard), watched: w}
	for _, arn := range t.Topics {
		parsed, _ := account.ParseARN(arn)
		if r := m.account.Region(parsed.Region); r != nil {
			t.Recipients = append(t.Recipients, recipients(r, arn)...)
		}
	}
	m.plan.Targets = append(m.plan.Targets, t)
}

// recipients are the subscribers of a topic that has not lost them.
func recipients(r *account.Region, arn string) []Recipient {
	t := r.Topics[arn]
	if t == nil {
		return nil
	}
	var out []Recipient
	subs, _ := t.Subscriptions.Got()
	for _, s := range subs {
		if s.State != account.Deleted {
			out = append(out, Recipient{arn, s.Protocol, s.Endpoint, s.State, s.Machine()})
		}
	}
	return out
}

// A watched is a metric alarm with the composite alarms that depend on it, by name.
type watched struct {
	alarm account.MetricAlarm
	over  []account.CompositeAlarm
	all   account.Alarms // of the region
}

// look finds the composite alarms over an alarm, also over several steps.
func look(all account.Alarms, a account.MetricAlarm) watched {
	w := watched{alarm: a, all: all}
	for below := []string{a.Name}; len(below) > 0; below = below[1:] {
		for _, c := range all.Composite {
			if mentions(c.Rule, below[0]) && !slices.ContainsFunc(w.over, func(x account.CompositeAlarm) bool { return x.Name == c.Name }) {
				w.over = append(w.over, c)
				below = append(below, c.Name)
			}
		}
	}
	return w
}

// mentions reports whether a rule may depend on an alarm.
func mentions(rule, name string) bool {
	parsed, err := alarm.ParseRule(rule)
	if err != nil {
		return strings.Contains(rule, name)
	}
	return slices.Contains(parsed.Names(), name)
}

// heard are the names of the alarms whose actions the ringing of the alarm at place i of a
// chain runs, as far as the audit says.
func (w *watched) heard(chain []finding.Link, i int) []string {
	var names []string
	if len(w.alarm.AlarmActions) > 0 {
		names = append(names, w.alarm.Name)
	}
	for _, l := range chain[i+1:] {
		if l.Depth <= chain[i].Depth {
			break
		}
		k := slices.IndexFunc(w.over, func(c account.CompositeAlarm) bool { return c.ARN == l.Resource })
		if l.Kind == finding.LinkAlarm && l.State == finding.StateOK && k >= 0 && len(w.over[k].AlarmActions) > 0 {
			names = append(names, w.over[k].Name)
		}
	}
	return names
}

// topics are the topics that alarms of these names notify.
func (w *watched) topics(names []string) []string {
	var list []string
	if slices.Contains(names, w.alarm.Name) {
		list = append(list, w.alarm.AlarmActions...)
	}
	for _, c := range w.over {
		if slices.Contains(names, c.Name) {
			list = append(list, c.AlarmActions...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// refuse returns why the alarm is not rung, nil when it may be. The composite alarms over
// it need not be heard to run actions.
func (w *watched) refuse(r *account.Region, heard []string) *Remark {
	for _, action := range w.actions() {
		if arn, ok := account.ParseARN(action); !ok || arn.Service != "sns" {
			return &Remark{Code: OtherAction, Text: "would run " + action + ", which is not a topic: a drill only sends messages"}
		}
	}
	if w.alarm.State == stateAlarm {
		return &Remark{Code: InAlarm, Text: "is in ALARM now: its actions run on a change only"}
	}
	if len(w.alarm.AlarmActions) > 0 && !w.alarm.ActionsEnabled {
		return &Remark{Code: Silenced, Text: "has its actions switched off"}
	}
	if why := muted(r, w.alarm.Name); why != "" {
		return &Remark{Code: Silenced, Text: why}
	}
	for _, c := range w.over {
		if !slices.Contains(heard, c.Name) {
			continue
		}
		why := muted(r, c.Name)
		switch {
		case c.State == stateAlarm:
			return &Remark{Code: InAlarm, Text: "composite alarm " + c.Name + " over it is in ALARM now: its actions run on a change only"}
		case !c.ActionsEnabled:
			return &Remark{Code: Silenced, Text: "composite alarm " + c.Name + " over it has its actions switched off"}
		case c.Suppressor != "" && (w.state(c.Suppressor) == stateAlarm || w.state(c.Suppressor) == ""):
			return &Remark{Code: Silenced, Text: fmt.Sprintf("composite alarm %s over it may be suppressed by %s", c.Name, c.Suppressor)}
		case why != "":
			return &Remark{Code: Silenced, Text: "composite alarm " + c.Name + " over it " + why}
		}
	}
	return nil
}

// stateAlarm is the state of an alarm that has fired.
const stateAlarm = "ALARM"

// actions are all actions that ringing may run, on the way and on the way back.
func (w *watched) actions() []string {
	list := slices.Concat(w.alarm.AlarmActions, w.alarm.OKActions, w.alarm.NoDataActions)
	for _, c := range w.over {
		list = append(list, slices.Concat(c.AlarmActions, c.OKActions, c.NoDataActions)...)
	}
	return list
}

// state is the state of an alarm of the region by name or ARN; "" when it is not known.
func (w *watched) state(id string) string {
	if arn, ok := account.ParseARN(id); ok {
		id = strings.TrimPrefix(arn.Resource, "alarm:")
	}
	for _, a := range w.all.Metric {
		if a.Name == id {
			return a.State
		}
	}
	for _, c := range w.all.Composite {
		if c.Name == id {
			return c.State
		}
	}
	return ""
}

// muted says that an active mute rule is about an alarm; "" when none is known.
func muted(r *account.Region, name string) string {
	rules, _ := r.MuteRules.Got()
	for _, rule := range rules {
		details, ok := rule.Details.Got()
		if rule.Status == account.MuteActive && ok && slices.Contains(details.Alarms, name) {
			return "is muted by rule " + rule.Name
		}
	}
	return ""
}
