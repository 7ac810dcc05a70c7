package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

// replaces reports whether the wishes name an object to be replaced.
func (b *builder) replaces(name string) bool { return slices.Contains(b.o.Replace, name) }

// irreplaceableFilter says why a filter cannot be replaced without losing
// something that this version cannot write back, "" when it can.
func irreplaceableFilter(f account.MetricFilter) string {
	if len(f.Unknown) > 0 {
		return "it has settings that this version does not know: " + strings.Join(f.Unknown, ", ")
	}
	if len(f.Also) > 0 {
		return "it writes to several metrics, which this version cannot write"
	}
	return ""
}

// irreplaceableAlarm says the same of an alarm.
func irreplaceableAlarm(a account.MetricAlarm) string {
	switch {
	case len(a.Unknown)+len(a.Unwritten) > 0:
		return "it has settings that this version does not know: " + strings.Join(slices.Concat(a.Unknown, a.Unwritten), ", ")
	case len(a.Queries) > 0 || a.ThresholdMetricID != "" || a.PromQL != "":
		return "it watches an expression, which this version cannot write"
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
// its verdict: what someone changed and still works is shown too, and replaced
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
		if have.LogGroup == want.LogGroup && have.Name == want.Name && b.o.names().Shipped(have, c) && drifted(have, want) && ownerOfFilter(region, have).Ours() {
			b.driftedFilter(&s, c, have, want)
		}
	}
	alarms, _ := region.Alarms.Got()
	for _, have := range alarms.Metric {
		tags, ok := region.AlarmTags[have.Name].Got()
		if have.Name != b.o.names().AlarmName(c) || !ok || !desired.OwnerByTags(tags).Ours() {
			continue
		}
		// It may watch a filter of someone else, and notify a topic that was given.
		want := b.ownAlarm(c, region.Name, account.MetricFilter{Namespace: have.Namespace, Metric: have.Metric}, []string{b.o.names().TopicARN(b.home(region.Name))})
		if len(have.AlarmActions) > 0 {
			want.AlarmActions = have.AlarmActions
		}
		if b.reroutes(&s, c, region.Name, have, want, tags) {
			continue
		}
		if !sameAlarm(have, want) {
			b.driftedAlarm(&s, c, region.Name, have, want, tags)
		}
	}
	planned := func(o change.Object) bool {
		return slices.ContainsFunc(b.actions, func(p action.Action) bool { return p.Object() == o })
	}
	s.actions = slices.DeleteFunc(s.actions, func(a action.Action) bool { return planned(a.Object()) })
	s.drifts = slices.DeleteFunc(s.drifts, func(d change.Drift) bool { return planned(d.Object) })
	b.take(s)
}

// driftedFilter shows an edited filter of ours, or replaces it.
func (b *builder) driftedFilter(s *step, c catalog.Control, have, want account.MetricFilter) {
	region, why := b.chosen.Region, irreplaceableFilter(have)
	if b.replaces(want.Name) && why == "" {
		s.actions = append(s.actions, action.PutFilter{Meta: b.meta(c, region, "it was edited, and --replace names it"), Filter: want, Before: &have})
		return
	}
	b.drift(s, c, change.Drift{
		Region: region, Resource: want.LogGroup + ":" + want.Name, Object: action.FilterObject(region, want.LogGroup, want.Name), Name: want.Name, Why: why,
		Fields: change.Differences(action.FilterSettings(have), action.FilterSettings(want)),
	})
}

// driftedAlarm shows an edited alarm of ours, or replaces it.
func (b *builder) driftedAlarm(s *step, c catalog.Control, region string, have, want account.MetricAlarm, tags map[string]string) {
	why := irreplaceableAlarm(have)
	if b.replaces(want.Name) && why == "" {
		s.actions = append(s.actions, b.replaceAlarm(c, region, "it was edited, and --replace names it", have, want, tags))
		return
	}
	b.drift(s, c, change.Drift{
		Region: region, Resource: have.ARN, Object: action.AlarmObject(region, want.Name), Name: want.Name, Why: why,
		Fields: change.Differences(action.AlarmSettings(have), action.AlarmSettings(want)),
	})
}

// replaceAlarm keeps the tags of the alarm and adds ours.
func (b *builder) replaceAlarm(c catalog.Control, region, why string, have, want account.MetricAlarm, tags map[string]string) action.PutAlarm {
	all := maps.Clone(tags)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b.o.tags())
	return action.PutAlarm{Meta: b.meta(c, region, why), Alarm: want, Before: &have, Tags: all, TagsBefore: tags}
}

func (b *builder) drift(s *step, c catalog.Control, d change.Drift) {
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
	extended, err := b.withStatements(attrs.Policy, t.ARN)
	if err != nil {
		return err
	}
	s.actions = append(s.actions, action.SetTopicPolicy{
		Meta: b.meta(c, region, "its policy does not let "+b.publisher()+" publish"), TopicARN: t.ARN, Policy: extended, Before: attrs.Policy,
	})
	return nil
}

// withStatements returns the policy of a topic with a statement for each service that
// has to publish and may not.
func (b *builder) withStatements(doc, topic string) (string, error) {
	for _, by := range []policy.Publishers{policy.Alarms, policy.Rules} {
		if b.o.publishers()&by == 0 || by.Admitted(doc, topic, b.account.ID, b.account.Partition) {
			continue
		}
		var err error
		if doc, err = policy.ExtendTopicPolicy(doc, topic, b.account.ID, b.account.Partition, by); err != nil {
			return "", err
		}
	}
	return doc, nil
}

// onlyPolicy reports whether all that keeps a topic from being used is its policy,
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
