package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// ownFilter is the filter that apply writes for a control.
func (b *builder) ownFilter(c catalog.Control) account.MetricFilter {
	return b.o.names().Filter(c, b.o.Audit.Benchmark, b.chosen.Group)
}

// ownAlarm is the alarm that apply writes for a control, on the metric of a
// filter.
func (b *builder) ownAlarm(c catalog.Control, region string, f account.MetricFilter, topics []string) account.MetricAlarm {
	a := b.o.names().Alarm(c, b.home(region), f.Namespace, f.Metric, "")
	a.AlarmActions = topics
	return a
}

// Own returns the filter and the alarm that apply creates for a control, before they
// have a log group, an ARN and an action.
func Own(c catalog.Control, o Options) (account.MetricFilter, account.MetricAlarm) {
	f := o.names().Filter(c, o.Audit.Benchmark, "")
	a := o.names().Alarm(c, desired.Home{}, f.Namespace, f.Metric, "")
	a.ARN, a.AlarmActions = "", nil
	return f, a
}

// home is where our objects of a region stand.
func (b *builder) home(region string) desired.Home {
	return desired.Home{Partition: b.account.Partition, Account: b.account.ID, Region: region}
}

// meta fills in what the actions of a control have in common.
func (b *builder) meta(c catalog.Control, region, why string) change.Meta {
	return change.Meta{Account: b.account.ID, Region: region, Why: why, Closes: []string{c.ID}}
}

// putFilter plans a filter of ours: new, already there, one with the text of another
// version, one that code keeps, or a foreign one in the way.
func (b *builder) putFilter(s *step, c catalog.Control, want account.MetricFilter, why string) {
	region := b.account.Region(b.chosen.Region)
	filters, _ := region.MetricFilters.Got()
	i := slices.IndexFunc(filters, func(f account.MetricFilter) bool { return f.LogGroup == want.LogGroup && f.Name == want.Name })
	if i >= 0 {
		if owner := ownerOfFilter(region, filters[i]); owner.ByCode() {
			if drifted(filters[i], want) || filters[i].Pattern != want.Pattern {
				s.keep(c.ID, owner, "metric filter %s on %s", want.Name, want.LogGroup)
			}
			return
		}
	}
	if b.foreignFeeder(s, filters, want, c) {
		return
	}
	if i < 0 {
		s.actions = append(s.actions, action.PutFilter{Meta: b.meta(c, region.Name, why), Filter: want})
		return
	}
	have := filters[i]
	owner := ownerOfFilter(region, have)
	changed := drifted(have, want) || have.Pattern != want.Pattern
	switch {
	case !b.o.names().Shipped(have, c):
		b.foreignFilter(s, c, have, want, "was not created by monitorctl")
	case !owner.Ours() && changed:
		b.foreignFilter(s, c, have, want, owner.Why)
	case drifted(have, want):
		b.driftedFilter(s, c, have, want)
	case have.Pattern != want.Pattern && want.Pattern == c.Writes(b.o.Audit.Benchmark).Text && want.Name == b.o.names().FilterName(c):
		// The older text stays: another standard may want just that. The new one comes
		// beside it on the same metric.
		want.Name += desired.VersionSuffix(c, b.o.Audit.Benchmark)
		b.putFilter(s, c, want, why)
	case changed:
		s.actions = append(s.actions, action.PutFilter{Meta: b.meta(c, region.Name, why), Filter: want, Before: &have})
	}
}

// ownerOfFilter says who keeps a filter under one of our names.
func ownerOfFilter(r *account.Region, f account.MetricFilter) desired.Owner {
	watchers, ok := desired.Watchers(r, f)
	if !ok {
		return desired.Owner{Keeper: desired.Unread, Why: "may not have been created by monitorctl: could not find out whether an alarm watches its metric"}
	}
	return desired.OwnerOfFilter(watchers)
}

// foreignFilter shows a filter of someone else under our name, or replaces it.
// whose says in a clause whose it is.
func (b *builder) foreignFilter(s *step, c catalog.Control, have, want account.MetricFilter, whose string) {
	why := irreplaceableFilter(have)
	if b.replaces(want.Name) && why == "" {
		s.actions = append(s.actions, action.PutFilter{Meta: b.meta(c, b.chosen.Region, "it exists with monitorctl's name, and --replace names it"), Filter: want, Before: &have})
		return
	}
	x := b.conflict(b.chosen.Region, want.LogGroup+":"+want.Name, want.Name,
		withReason(otherTool("a metric filter of that name "+whose, have.Namespace), why), describeFilter(have), describeFilter(want))
	x.Replaceable, x.Fields = why == "", change.Differences(action.FilterSettings(have), action.FilterSettings(want))
	s.conflicts = append(s.conflicts, x)
}

// drifted reports whether a user changed anything but the pattern of our filter.
func drifted(have, want account.MetricFilter) bool {
	return have.Namespace != want.Namespace || have.Value != want.Value || have.Default == nil || *have.Default != *want.Default ||
		have.Unit != "" && have.Unit != "None" || len(have.Dimensions)+len(have.SystemDimensions)+len(have.Also)+len(have.Unknown) > 0 ||
		have.OnTransformed || have.FieldSelection != ""
}

// foreignFeeder looks for a filter of someone else on the metric that we would
// write to under our name, or a foreign alarm that watches it, and reports whether
// there is one: a conflict, or kept by code.
func (b *builder) foreignFeeder(s *step, filters []account.MetricFilter, want account.MetricFilter, c catalog.Control) bool {
	region := b.account.Region(b.chosen.Region)
	for _, f := range filters {
		ours := strings.HasPrefix(f.Name, b.o.names().FilterName(c)) && b.o.names().Shipped(f, c)
		if f.Namespace == want.Namespace && f.Metric == want.Metric && !ours && (f.LogGroup != want.LogGroup || f.Name != want.Name) && !b.harmless(f, c) {
			s.conflicts = append(s.conflicts, b.conflict(region.Name, f.LogGroup+":"+f.Name, want.Metric,
				"another metric filter writes to the metric that monitorctl would use", describeFilter(f), describeFilter(want)))
			return true
		}
	}
	alarms, _ := region.Alarms.Got()
	for _, a := range alarms.Metric {
		if a.Namespace != want.Namespace || a.Metric != want.Metric || a.Name == b.o.names().AlarmName(c) {
			continue
		}
		if owner := desired.OwnerOf(region.AlarmTags[a.Name]); owner.ByCode() {
			s.keep(c.ID, owner, "alarm %s on the metric %s", a.Name, want.Metric)
			return true
		}
		s.conflicts = append(s.conflicts, b.conflict(region.Name, a.ARN, want.Metric,
			"an alarm that monitorctl did not create watches the metric that monitorctl would use", describeAlarm(a), describeFilter(want)))
		return true
	}
	return false
}

// harmless reports whether a filter of someone else may write to our metric: it
// matches only what the control is about, and what it writes lets our alarm fire.
func (b *builder) harmless(f account.MetricFilter, c catalog.Control) bool {
	value, err := strconv.ParseFloat(f.Value, 64)
	if err != nil || value < 1 || f.Default != nil && *f.Default != 0 || f.Unit != "" && f.Unit != "None" ||
		f.OnTransformed || len(f.Dimensions)+len(f.SystemDimensions)+len(f.Unknown) > 0 {
		return false
	}
	p, err := pattern.Parse(f.Pattern)
	return err == nil && audit.Within(b.ctx, p, c, b.o.Audit.Benchmark)
}

// putAlarm plans our alarm: new, already there and as it should be, edited, or
// a foreign one in the way.
func (b *builder) putAlarm(s *step, c catalog.Control, region string, f account.MetricFilter, topics []string, why string) {
	b.putOwnAlarm(s, c, region, b.ownAlarm(c, region, f, topics), why)
}

// putOwnAlarm is putAlarm for an alarm with all its settings.
func (b *builder) putOwnAlarm(s *step, c catalog.Control, region string, want account.MetricAlarm, why string) {
	r := b.account.Region(region)
	alarms, ok := r.Alarms.Got()
	if !ok {
		s.conflicts = append(s.conflicts, b.unreadConflict(region, want.ARN, want.Name, "could not find out whether an alarm of that name exists: "+unreadAlarms(r), describeAlarm(want), r.Alarms.Failed()))
		return
	}
	if kind, arn, have := nameTaken(alarms, want.Name); kind != "" {
		s.conflicts = append(s.conflicts, b.conflict(region, arn, want.Name, "a "+kind+" alarm of that name was not created by monitorctl", have, describeAlarm(want)))
		return
	}
	i := slices.IndexFunc(alarms.Metric, func(a account.MetricAlarm) bool { return a.Name == want.Name })
	if i < 0 {
		s.actions = append(s.actions, action.PutAlarm{Meta: b.meta(c, region, why), Alarm: want, Tags: b.o.tags()})
		return
	}
	have := alarms.Metric[i]
	tags := r.AlarmTags[have.Name]
	switch owner := b.ownerOf(tags); {
	case owner.ByCode():
		if !sameAlarm(have, want) || !sameReturn(have, want) {
			s.keep(c.ID, owner, "alarm %s", have.Name)
		}
	case !owner.Ours():
		b.foreignAlarm(s, c, region, have, want, owner.Why)
	case !sameAlarm(have, want) || !sameReturn(have, want):
		tagged, _ := tags.Got()
		b.driftedAlarm(s, c, region, have, want, tagged)
	}
}

// foreignAlarm shows an alarm of someone else under our name, or replaces it.
// One whose tags are not known is not replaced: they could not be kept.
func (b *builder) foreignAlarm(s *step, c catalog.Control, region string, have, want account.MetricAlarm, whose string) {
	why := irreplaceableAlarm(have)
	tags, ok := b.account.Region(region).AlarmTags[have.Name].Got()
	if !ok {
		why = "its tags are not known"
	}
	if b.replaces(want.Name) && why == "" {
		s.actions = append(s.actions, b.replaceAlarm(c, region, "it exists with monitorctl's name, and --replace names it", have, want, tags))
		return
	}
	x := b.conflict(region, have.ARN, want.Name, withReason(otherTool("an alarm of that name "+whose, have.Namespace), why), describeAlarm(have), describeAlarm(want))
	x.Replaceable, x.Fields = why == "", change.Differences(action.AlarmSettings(have), action.AlarmSettings(want))
	s.conflicts = append(s.conflicts, x)
}

// unreadAlarms says why the alarms of a region are not known.
func unreadAlarms(r *account.Region) string {
	if f := r.Alarms.Failed(); f != nil {
		return f.Operation + " failed: " + f.Code + ": " + f.Message
	}
	return "the alarms were not read"
}

// ownerOf is desired.OwnerOf, but where nobody read the tags and the builder assumes
// that they are ours.
func (b *builder) ownerOf(tags *account.Read[map[string]string]) desired.Owner {
	if tags == nil && b.o.AssumeOurs {
		return desired.Owner{Keeper: desired.Monitorctl}
	}
	return desired.OwnerOf(tags)
}

// sameReturn compares what an alarm does on the way back, where monitorctl asks for
// something; else that is the owner's.
func sameReturn(have, want account.MetricAlarm) bool {
	return len(want.OKActions) == 0 || slices.Equal(have.OKActions, want.OKActions)
}

// sameAlarm compares the settings that apply writes.
func sameAlarm(have, want account.MetricAlarm) bool {
	return have.Namespace == want.Namespace && have.Metric == want.Metric && have.Statistic == want.Statistic && have.ExtendedStatistic == "" &&
		have.Period == want.Period && have.EvaluationPeriods == want.EvaluationPeriods && max(have.DatapointsToAlarm, 1) == want.DatapointsToAlarm &&
		have.Threshold != nil && *have.Threshold == *want.Threshold && have.Comparison == want.Comparison && have.MissingData == want.MissingData &&
		have.ActionsEnabled && slices.Equal(have.AlarmActions, want.AlarmActions) && maps.Equal(have.Dimensions, want.Dimensions) &&
		have.Unit == "" && len(have.Queries)+len(have.Unknown) == 0
}

func (b *builder) conflict(region, resource, name, reason, have, want string) change.Conflict {
	return change.Conflict{Account: b.account.ID, Region: region, Resource: resource, Name: name, Reason: reason, Have: have, Want: want, Avoid: avoid(resource)}
}

// avoid is the hint how to go around an object.
func avoid(resource string) string {
	if arn, ok := account.ParseARN(resource); ok && arn.Service == "sns" {
		return "--topic-arn ARN uses an existing topic" // the prefix is not for topics
	}
	return "--name-prefix PREFIX writes under your own names"
}

func describeFilter(f account.MetricFilter) string {
	return fmt.Sprintf("%s on %s -> %s/%s = %s, pattern %s", f.Name, f.LogGroup, f.Namespace, f.Metric, f.Value, f.Pattern)
}

func describeAlarm(a account.MetricAlarm) string {
	threshold := "a band"
	if a.Threshold != nil {
		threshold = fmt.Sprintf("%g", *a.Threshold)
	}
	return fmt.Sprintf("%s on %s/%s: %s%s %s %s, %d of %d periods of %d s, actions %s", a.Name, a.Namespace, a.Metric, a.Statistic, a.ExtendedStatistic,
		a.Comparison, threshold, max(a.DatapointsToAlarm, 1), a.EvaluationPeriods, a.Period, strings.Join(a.AlarmActions, " "))
}
