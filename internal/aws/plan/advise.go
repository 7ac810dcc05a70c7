package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Placeholder stands for the address in a command that is printed.
const Placeholder = "ADDRESS"

// Audit judges a snapshot as audit.Run does, and says of each finding what to do
// next: the command whose plan repairs it, in addition to the wishes of o, or that
// nothing that apply adds can help. It fails and ends as audit.Run does.
//
// What was read for an audit alone does not hold the tags of what stands under our
// names: with o.AssumeOurs it is taken for ours, because the plan that is proposed
// reads the account again.
func Audit(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o Options) (finding.Report, error) {
	world := audit.NewWorld(snap.Accounts, o.Audit.Central)
	r := audit.NewReport(controls, o.Audit)
	judged, err := judgeAll(ctx, world, snap.Accounts, controls, &o)
	if err != nil {
		return finding.Report{}, err
	}
	for i, results := range judged {
		b := newBuilder(ctx, world, &snap, &snap.Accounts[i], controls, o)
		for k, way := range o.ways() {
			b.way = way
			if err := b.advise(ctx, results[k]); err != nil {
				return finding.Report{}, err
			}
		}
		r.Add(results[0].Account, b.account.Scope, worst(results))
	}
	return r, nil
}

// advise puts the next step into the findings of the account.
func (b *builder) advise(ctx context.Context, result audit.Result) error {
	wanting := func(f finding.Finding) bool { return f.Status == finding.Fail || f.Status == finding.Warn }
	if !slices.ContainsFunc(result.Findings, wanting) {
		return nil
	}
	if err := b.chooseTrail(); err != nil {
		return err
	}
	if err := b.chooseLayout(); err != nil {
		return err
	}
	return audit.InParallel(b.o.Audit.Processors(), len(result.Findings), func(_, i int) error {
		f := &result.Findings[i]
		silence := b.controls[i].State == catalog.TrailDelivery
		if !wanting(*f) || b.controls[i].Type == catalog.State && !silence || silence && b.way == audit.RuleTransport {
			return nil
		}
		own := *b
		own.turnTo(b.controls[i])
		a, err := own.adviceOn(ctx, b.controls[i], verdict{*f, result.Evidence[i]})
		if err != nil {
			return err
		}
		f.Command, f.Remediation, f.Repair = a.command, a.sentence(*f), a.repair
		return nil
	})
}

// An advice is what a plan could do about a finding.
type advice struct {
	command  string           // "" when no plan helps
	conflict *change.Conflict // what stands in the way of every plan that would
	repair   *finding.Repair  // what the plan of the command does; nil where nobody asks
}

// sentence says what to do about f in one sentence.
func (a advice) sentence(f finding.Finding) string {
	byHand := f.Remediation
	switch {
	case a.command != "" && len(f.Reasons) > 0 && f.Reasons[0].Code == audit.CodeSubscriptionPending:
		return byHand + "; or run '" + a.command + "' to see another way"
	case a.command != "":
		return "run '" + a.command + "' to see the repair"
	case a.conflict != nil:
		return fmt.Sprintf("'monitorctl plan %s' shows what blocks the repair: %s: %s", f.Control, a.conflict.Name, a.conflict.Reason)
	case f.Status == finding.Fail && byHand != "" && f.Elsewhere() != "":
		return byHand + " (apply cannot help here: 'monitorctl plan' with the credentials of account " + f.Elsewhere() + ", or plan --org, plans it there)"
	case f.Status == finding.Fail && byHand != "":
		return byHand + " (apply cannot fix this)"
	}
	return byHand
}

// adviceOn finds a wish that lets a plan repair f: the first after which someone is
// alerted, else the one that brings it furthest. Each trial judges the control anew, so
// that a new topic that nobody would listen to is tried last.
func (b *builder) adviceOn(ctx context.Context, c catalog.Control, f verdict) (advice, error) {
	var out advice
	if b.way != audit.RuleTransport && b.chosen == nil || b.way == audit.RuleTransport && b.layout == nil {
		return out, nil
	}
	transport, err := b.transportFlag(ctx, c)
	if err != nil {
		return out, err
	}
	var trials, last []trial
	for _, w := range b.wishes(c, f) {
		t := trial{builder: *b, flags: w.flags}
		t.builder.o, t.builder.actions = w.o, nil
		s, err := t.builder.stepFor(c, f)
		switch {
		case err != nil || len(s.actions) == 0 && len(s.conflicts) == 0: // the wish cannot be met, or nothing comes of it
		case len(s.conflicts) > 0:
			if out.conflict == nil {
				out.conflict = &s.conflicts[0]
			}
		default:
			if t.step = s; slices.ContainsFunc(s.actions, isNewTopic) && len(w.o.Subscribers) == 0 {
				last = append(last, t)
			} else {
				trials = append(trials, t)
			}
		}
	}
	best, chosen := -1, trial{}
	for _, t := range append(trials, last...) {
		better, status, err := t.builder.outcome(ctx, c, f, t.step)
		if err != nil {
			return advice{}, err
		}
		if value := worth(finding.Finding{Status: status}); better && value > best {
			out.command, best, chosen = "monitorctl plan "+c.ID+transport+t.flags, value, t
		}
		if best >= worth(finding.Finding{Status: finding.Warn}) {
			break
		}
	}
	if b.o.Repair != nil && out.command != "" {
		out.repair = chosen.builder.written(c, chosen.step.actions)
	}
	return out, nil
}

// transportFlag is what a plan has to be told to repair what an audit by one transport
// finds, where a plan by any would find nothing to repair.
func (b *builder) transportFlag(ctx context.Context, c catalog.Control) (string, error) {
	switch {
	case b.o.Transport != "":
		return " --transport " + b.o.Transport, nil
	case b.way == audit.RuleTransport:
		return " --transport " + audit.RuleTransport, nil
	case b.way == audit.AnyTransport:
		return "", nil
	}
	r, err := b.world.Judge(ctx, b.account, []catalog.Control{c}, b.o.along(audit.AnyTransport))
	if err != nil || r.Findings[0].Status == finding.Fail || r.Findings[0].Status == finding.Warn {
		return "", err
	}
	return " --transport " + audit.MetricTransport, nil
}

// A trial is the step of a control under a wish.
type trial struct {
	builder builder
	flags   string
	step    step
}

func isNewTopic(a action.Action) bool {
	_, ok := a.(action.CreateTopic)
	return ok
}

// A wish is what a user could ask for beside what he has asked for.
type wish struct {
	flags string // " --topic-arn ARN", "" for nothing
	o     Options
}

// wishes lists what could be asked for, the least first.
func (b *builder) wishes(c catalog.Control, f verdict) []wish {
	first := wish{"", b.o}
	if c.State == catalog.TrailDelivery {
		first.flags, first.o.HeartbeatHours = " --heartbeat", desired.DefaultHeartbeatHours
	}
	list := []wish{first}
	add := func(flags string, set func(*Options)) {
		o := first.o
		set(&o)
		list = append(list, wish{first.flags + flags, o})
	}
	if !b.o.ExtendTopicPolicy && slices.ContainsFunc(f.Reasons, func(r finding.Reason) bool { return r.Code == audit.CodeTopicPolicy }) {
		add(" --extend-topic-policy", func(o *Options) { o.ExtendTopicPolicy = true })
	}
	if b.o.TopicARN == "" {
		if arn := b.usableTopic(c); arn != "" {
			add(" --topic-arn "+arn, func(o *Options) { o.TopicARN, o.KeyARN = arn, "" })
		}
	}
	if len(b.o.Subscribers) == 0 {
		add(" --subscribe email:"+Placeholder, func(o *Options) { o.Subscribers = []Subscriber{{Protocol: "email", Endpoint: Placeholder}} })
	}
	return list
}

// usableTopic returns a topic of the account, not our own, that our alarm could use
// and that someone has confirmed: the first by ARN; "" for none.
func (b *builder) usableTopic(c catalog.Control) string {
	at := ""
	switch {
	case b.way != audit.RuleTransport:
		at = b.chosen.Region
	case b.isMember():
	case !b.layout.perRegion:
		at = b.layout.home
	}
	region := b.account.Region(at)
	if region == nil {
		return ""
	}
	own := b.o.names().TopicARN(b.home(region.Name))
	for _, arn := range slices.Sorted(maps.Keys(region.Topics)) {
		parsed, ok := account.ParseARN(arn)
		if !ok || arn == own || parsed.Account != b.account.ID || parsed.Region != region.Name || strings.HasSuffix(arn, ".fifo") {
			continue
		}
		odd := func(r finding.Reason) bool { return r.Status != finding.Pass }
		if !slices.ContainsFunc(b.judgeTopic(c, region.Name, region.Topics[arn]), odd) {
			return arn
		}
	}
	return ""
}
