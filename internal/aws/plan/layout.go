package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// A layout says where rules stand. There are two: a rule of each control at home and a
// forwarder in every other region, or (perRegion) a rule of each control with a topic
// in every region. With a central bus of another account there are forwarders only.
type layout struct {
	trail     audit.TrailChoice // that records the events
	home      string            // where forwarders end; the first region with perRegion; the trail's with away
	perRegion bool
	away      *desired.Home // the bus of another account that all events go to; nil for none
}

// homes are the regions with rules of controls and a topic, of those in which events of
// a control occur.
func (l *layout) homes(regions []string) []string {
	switch {
	case l.away != nil:
		return nil
	case l.perRegion:
		return regions
	}
	return []string{l.home}
}

// forwarding are the regions with forwarders among those.
func (l *layout) forwarding(regions []string) []string {
	switch {
	case l.away != nil:
		return regions
	case l.perRegion:
		return nil
	}
	return slices.DeleteFunc(slices.Clone(regions), func(r string) bool { return r == l.home })
}

// A LayoutError says why rules cannot stand as they are wished.
type LayoutError struct {
	Account string
	Why     string
	Advice  string // "" for none
}

// Error names the account and the reason.
func (e *LayoutError) Error() string {
	return fmt.Sprintf("choosing where rules of account %s go: %s", e.Account, e.Why)
}

// Hint says what to do.
func (e *LayoutError) Hint() string { return e.Advice }

// chooseLayout decides where rules stand; the layout stays nil when no trail records
// anything.
func (b *builder) chooseLayout() error {
	if !b.o.byRules() || b.layout != nil {
		return nil
	}
	for _, t := range audit.Recorders(b.account, b.controls, b.o.Audit) {
		if t.Carried == 0 || b.o.Region != "" && t.Trail.HomeRegion != b.o.Region {
			continue
		}
		b.layout = &layout{trail: t, home: t.Trail.HomeRegion, perRegion: b.o.PerRegion}
		break
	}
	switch {
	case b.layout == nil:
		return nil
	case b.o.CentralBus != "":
		return b.centralLayout()
	}
	var regions []string
	for _, c := range b.controls {
		for _, r := range audit.Regions(b.account, c) {
			if !slices.Contains(regions, r) {
				regions = append(regions, r)
			}
		}
	}
	slices.Sort(regions)
	if len(regions) == 1 {
		b.layout.perRegion, b.layout.home = true, regions[0]
	}
	if b.o.PerRegion {
		return b.checkPerRegion(regions)
	}
	return nil
}

// checkPerRegion refuses rules in every region where events are forwarded to another
// account already: who is alerted is decided there.
func (b *builder) checkPerRegion(regions []string) error {
	for _, name := range regions {
		r := b.account.Region(name)
		if r == nil {
			continue
		}
		rules, _ := r.Rules.Got()
		for _, rule := range rules {
			targets, _ := rule.Targets.Got()
			for _, t := range targets {
				arn, ok := account.ParseARN(t.ARN)
				if ok && rule.State != account.RuleDisabled && arn.Service == "events" && strings.HasPrefix(arn.Resource, "event-bus/") && arn.Account != b.account.ID {
					return &LayoutError{
						Account: b.account.ID,
						Why:     fmt.Sprintf("rule %s in %s forwards events to account %s, and rules in every region would notify a second time", rule.Name, name, arn.Account),
						Advice:  "audit that account with a snapshot of this one (--snapshot for both), or leave out --per-region",
					}
				}
			}
		}
	}
	if b.o.TopicARN != "" && len(regions) > 1 {
		return &LayoutError{Account: b.account.ID, Why: "rules publish only to topics in their own region, but --topic-arn names a single one", Advice: "leave out --per-region or --topic-arn"}
	}
	return nil
}

// firstDestinations are the regions that AWS named when forwarding to other regions was
// new ("Sending and receiving events between AWS Regions"); the list has grown since.
var firstDestinations = []string{"us-east-1", "us-west-2", "eu-west-1"}

// remarkOnHome notes a home region that events may not be forwarded to: AWS does not
// say.
func (b *builder) remarkOnHome() {
	forwards := slices.ContainsFunc(b.actions, func(a action.Action) bool {
		p, ok := a.(action.PutRule)
		return ok && p.Forward
	})
	if end := b.receiver().Region; forwards && !slices.Contains(firstDestinations, end) {
		b.remark("the EventBridge user guide lists the regions that events can be forwarded to, and this version does not know that list: make sure that " + end + " is on it")
	}
}

// ruleChoice explains where rules stand.
func (b *builder) ruleChoice() change.Choice {
	l := b.layout
	why := fmt.Sprintf("it records %d of %d required events and regions", l.trail.Carried, l.trail.Probes)
	if l.trail.Carried == l.trail.Probes {
		why = "it records every required event"
	}
	switch {
	case l.away != nil:
		why += "; every region forwards to " + desired.BusARN(*l.away)
	case l.perRegion:
		why += "; every region has its own rules"
	default:
		why += "; the rules are here, and other regions forward to them"
	}
	return change.Choice{Account: b.account.ID, TrailARN: l.trail.Trail.ARN, Region: l.home, Why: why}
}
