package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/audit"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// An Object is a filter or an alarm, as it is or as it would be written.
type Object struct {
	Filter *account.MetricFilter
	Alarm  *account.MetricAlarm
}

// A Drift is an object of ours that somebody has edited. It is left alone unless
// --replace names it.
type Drift struct {
	Account  string
	Region   string
	Resource string // ARN or log-group:filter
	Name     string // what --replace takes; "" when it cannot be replaced
	Control  string
	Why      string // why it cannot be replaced; "" when it can
	Have     Object
	Want     Object
}

// replaces says whether the wishes name an object to be replaced.
func (b *builder) replaces(name string) bool { return slices.Contains(b.o.Replace, name) }

// irreplaceableFilter says why a filter cannot be replaced without losing
// something that this build cannot write back, "" when it can.
func irreplaceableFilter(f account.MetricFilter) string {
	if len(f.Unknown) > 0 {
		return "it has settings that this build does not know: " + strings.Join(f.Unknown, ", ")
	}
	if len(f.Also) > 0 {
		return "it writes to several metrics, which this build does not write"
	}
	return ""
}

// irreplaceableAlarm says the same of an alarm.
func irreplaceableAlarm(a account.MetricAlarm) string {
	switch {
	case len(a.Unknown)+len(a.Unwritten) > 0:
		return "it has settings that this build does not know: " + strings.Join(slices.Concat(a.Unknown, a.Unwritten), ", ")
	case len(a.Queries) > 0 || a.ThresholdMetricID != "" || a.PromQL != "":
		return "it watches an expression, which this build does not write"
	}
	return ""
}

// withReason adds to a conflict that --replace cannot resolve it, and why.
func withReason(reason, why string) string {
	if why == "" {
		return reason
	}
	return reason + "; it cannot be replaced: " + why
}

// edits looks for edited objects of ours under the names of a control, whatever
// its verdict: what somebody changed and still works is shown too, and replaced
// if it is named.
func (b *builder) edits(c catalog.Control) {
	if b.chosen == nil {
		return
	}
	var s step
	region := b.account.Region(b.chosen.Region)
	filters, _ := region.MetricFilters.Got()
	want := b.ownFilter(c)
	for _, have := range filters {
		if have.LogGroup == want.LogGroup && have.Name == want.Name && ourFilter(have, want, c) && drifted(have, want) {
			b.driftedFilter(&s, c, have, want)
		}
	}
	alarms, _ := region.Alarms.Got()
	for _, have := range alarms.Metric {
		tags, ok := region.AlarmTags[have.Name].Got()
		if have.Name != b.o.NamePrefix+c.Names.Alarm || !ok || tags[ManagedTag] != "true" {
			continue
		}
		// It may watch a filter of somebody else, and notify a topic that was given.
		want := b.ownAlarm(c, region.Name, account.MetricFilter{Namespace: have.Namespace, Metric: have.Metric}, TopicARN(b.account, region.Name, b.o))
		if len(have.AlarmActions) > 0 {
			want.AlarmActions = have.AlarmActions
		}
		if !sameAlarm(have, want) {
			b.driftedAlarm(&s, c, region.Name, have, want, tags)
		}
	}
	s.actions = slices.DeleteFunc(s.actions, func(a Action) bool {
		return slices.ContainsFunc(b.actions, func(planned Action) bool { return writesSame(a, planned) })
	})
	s.drifts = slices.DeleteFunc(s.drifts, func(d Drift) bool {
		return slices.ContainsFunc(b.actions, d.settledBy)
	})
	b.take(s)
}

// writesSame says whether two actions write the same filter or alarm.
func writesSame(a, b Action) bool {
	switch a := a.(type) {
	case PutFilter:
		b, ok := b.(PutFilter)
		return ok && a.Region == b.Region && a.Filter.LogGroup == b.Filter.LogGroup && a.Filter.Name == b.Filter.Name
	case PutAlarm:
		b, ok := b.(PutAlarm)
		return ok && a.Region == b.Region && a.Alarm.Name == b.Alarm.Name
	}
	return false
}

// settledBy says whether an action replaces the edited object anyway.
func (d *Drift) settledBy(a Action) bool {
	switch {
	case d.Have.Filter != nil:
		return writesSame(PutFilter{Meta: Meta{Region: d.Region}, Filter: *d.Have.Filter}, a)
	case d.Have.Alarm != nil:
		return writesSame(PutAlarm{Meta: Meta{Region: d.Region}, Alarm: *d.Have.Alarm}, a)
	}
	return false
}

// driftedFilter shows an edited filter of ours, or replaces it.
func (b *builder) driftedFilter(s *step, c catalog.Control, have, want account.MetricFilter) {
	region, why := b.chosen.Region, irreplaceableFilter(have)
	if b.replaces(want.Name) && why == "" {
		s.actions = append(s.actions, PutFilter{Meta: b.meta(c, region, "it was edited, and --replace names it"), Filter: want, Before: &have})
		return
	}
	b.drift(s, c, Drift{
		Region: region, Resource: want.LogGroup + ":" + want.Name, Name: want.Name, Why: why, Have: Object{Filter: &have}, Want: Object{Filter: &want},
	})
}

// driftedAlarm shows an edited alarm of ours, or replaces it.
func (b *builder) driftedAlarm(s *step, c catalog.Control, region string, have, want account.MetricAlarm, tags map[string]string) {
	why := irreplaceableAlarm(have)
	if b.replaces(want.Name) && why == "" {
		s.actions = append(s.actions, b.replaceAlarm(c, region, "it was edited, and --replace names it", have, want, tags))
		return
	}
	b.drift(s, c, Drift{Region: region, Resource: have.ARN, Name: want.Name, Why: why, Have: Object{Alarm: &have}, Want: Object{Alarm: &want}})
}

// replaceAlarm keeps the tags of the alarm and adds ours.
func (b *builder) replaceAlarm(c catalog.Control, region, why string, have, want account.MetricAlarm, tags map[string]string) PutAlarm {
	all := maps.Clone(tags)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b.o.tags())
	return PutAlarm{Meta: b.meta(c, region, why), Alarm: want, Before: &have, Tags: all, TagsBefore: tags}
}

func (b *builder) drift(s *step, c catalog.Control, d Drift) {
	d.Account, d.Control = b.account.ID, c.ID
	s.drifts = append(s.drifts, d)
}

// extendPolicy plans one more statement for a topic of this account whose policy
// does not let CloudWatch publish. The error says why that does not help.
func (b *builder) extendPolicy(s *step, c catalog.Control, region string, t *account.Topic) error {
	attrs, _ := t.Attributes.Got()
	arn, ok := account.ParseARN(t.ARN)
	switch {
	case attrs == nil || !ok:
		return fmt.Errorf("topic %s was not read", t.ARN)
	case arn.Account != b.account.ID:
		return fmt.Errorf("topic %s belongs to account %s, whose owner must extend its policy", t.ARN, arn.Account)
	}
	extended, err := policy.ExtendTopicPolicy(attrs.Policy, t.ARN, b.account.ID, b.account.Partition)
	if err != nil {
		return err
	}
	s.actions = append(s.actions, SetTopicPolicy{
		Meta: b.meta(c, region, "its policy does not let CloudWatch publish"), TopicARN: t.ARN, Policy: extended, Before: attrs.Policy,
	})
	return nil
}

// onlyPolicy says whether all that keeps a topic from being used is its policy,
// and perhaps that nobody has confirmed.
func onlyPolicy(reasons []finding.Reason) bool {
	found := false
	for _, r := range reasons {
		switch {
		case r.Code == audit.CodeTopicPolicy && r.Status == finding.Fail:
			found = true
		case r.Code == audit.CodeNoSubscriber || r.Code == audit.CodeSubscriptionPending:
		case r.Status == finding.Fail || r.Status == finding.Unknown:
			return false
		}
	}
	return found
}
