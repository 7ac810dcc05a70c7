package collect

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// logGroups returns the names of the log groups of this account that trails
// deliver to, by region, sorted. Groups of other accounts are theirs to read: a
// local group of the same name is no substitute.
func (r *run) logGroups() map[string][]string {
	groups := map[string][]string{}
	for _, t := range r.account.Trails {
		arn, ok := account.ParseARN(t.LogGroupARN)
		name, isGroup := arn.LogGroupName()
		if !ok || !isGroup || arn.Account != r.caller.Account {
			continue
		}
		if !slices.Contains(groups[arn.Region], name) {
			groups[arn.Region] = append(groups[arn.Region], name)
		}
	}
	for _, names := range groups {
		slices.Sort(names)
	}
	return groups
}

// topicRegions are the regions of the topics and keys that were asked for by
// ARN.
func (r *run) topicRegions() []string {
	var regions []string
	for _, t := range slices.Concat(r.o.Topics, r.o.Keys) {
		if arn, ok := account.ParseARN(t); ok && (arn.Service == "sns" || arn.Service == "kms") && arn.Region != "" {
			regions = append(regions, arn.Region)
		}
	}
	return regions
}

// readChains follows the chain from the log groups to the subscribers in each
// region that has some.
func (r *run) readChains(ctx context.Context, regions map[string]*account.Region, groups map[string][]string) {
	names := slices.Sorted(maps.Keys(regions))
	each(ctx, len(names), func(i int) {
		region := regions[names[i]]
		wanted := r.topicsAskedFor(region.Name)
		if g := groups[region.Name]; len(g) > 0 && (r.readLogGroups(ctx, region, g) || r.ownTrail() != nil) {
			r.readAlarms(ctx, region)
			r.readLinks(ctx, region)
			r.readTransformers(ctx, region, g)
			relevant := r.relevantAlarms(region, g)
			wanted = append(wanted, r.topicsInUse(region, relevant)...)
			both(
				func() { r.readAlarmState(ctx, region, relevant) },
				func() { r.readNotification(ctx, region, wanted) },
			)
			return
		}
		relevant, topics := r.readMonitored(ctx, region)
		r.readAlarmState(ctx, region, relevant)
		r.readNotification(ctx, region, append(wanted, topics...))
	})
}

// readNotification reads the topics, and the keys that the caller named.
func (r *run) readNotification(ctx context.Context, region *account.Region, topics []string) {
	r.readTopics(ctx, region, topics)
	r.readKeys(ctx, region, r.keysAskedFor(region.Name), true)
}

// topicsAskedFor are the topics to read in a region because the caller named
// them.
func (r *run) topicsAskedFor(region string) []string {
	var arns []string
	for _, t := range r.o.Topics {
		if arn, ok := account.ParseARN(t); ok && arn.Service == "sns" && arn.Region == region {
			arns = append(arns, t)
		}
	}
	return arns
}

// keysAskedFor are the keys to read in a region because the caller named them.
func (r *run) keysAskedFor(region string) []string {
	var arns []string
	for _, k := range r.o.Keys {
		if arn, ok := account.ParseARN(k); ok && arn.Service == "kms" && arn.Region == region {
			arns = append(arns, k)
		}
	}
	return arns
}

// readLogGroups looks the log groups up, with their keys. It reports whether
// what is behind them matters: not when none exists.
func (r *run) readLogGroups(ctx context.Context, region *account.Region, names []string) bool {
	c := r.s.in(region.Name)
	reads := make([]*account.Read[*account.LogGroup], len(names))
	each(ctx, len(names), func(i int) { reads[i] = logGroup(ctx, c.logs, names[i]) })

	region.LogGroups = map[string]*account.Read[*account.LogGroup]{}
	var keys []string
	matters := false
	for i, name := range names {
		region.LogGroups[name] = reads[i]
		group, ok := reads[i].Got()
		matters = matters || !ok || group != nil
		if group != nil && group.KeyID != "" {
			keys = append(keys, group.KeyID)
		}
	}
	r.readKeys(ctx, region, keys, false)
	return matters
}

// readAlarms reads the metric filters and the alarms of a region, and the tags
// of the alarms that decide what is ours. Filters of all log groups count:
// they may feed the same metric.
func (r *run) readAlarms(ctx context.Context, region *account.Region) {
	c := r.s.in(region.Name)
	both(
		func() { region.MetricFilters = metricFilters(ctx, c.logs, "") },
		func() { region.Alarms = alarms(ctx, c.alarms) },
	)
	ours := r.alarmsOfOurs(region)
	reads := make([]*account.Read[map[string]string], len(ours))
	each(ctx, len(ours), func(i int) { reads[i] = alarmTags(ctx, c.alarms, ours[i].arn) })
	for i, a := range ours {
		if region.AlarmTags == nil {
			region.AlarmTags = map[string]*account.Read[map[string]string]{}
		}
		region.AlarmTags[a.name] = reads[i]
	}
}

type namedARN struct{ name, arn string }

// alarmsOfOurs are the alarms that stand under our names, and those on the metric
// of a filter that does: filters carry no tags, their alarms say whose they are.
func (r *run) alarmsOfOurs(region *account.Region) []namedARN {
	list, ok := region.Alarms.Got()
	if !ok || r.o.Own == nil {
		return nil
	}
	var ours []namedARN
	add := func(name, arn string) {
		if slices.Contains(r.o.Own.Alarms, name) {
			ours = append(ours, namedARN{name, arn})
		}
	}
	filters, _ := region.MetricFilters.Got()
	filters = slices.DeleteFunc(slices.Clone(filters), func(f account.MetricFilter) bool {
		return !slices.ContainsFunc(r.o.Own.Filters, func(name string) bool { return strings.HasPrefix(f.Name, name) })
	})
	for _, a := range list.Metric {
		if slices.ContainsFunc(filters, func(f account.MetricFilter) bool { return a.Watches(f.Namespace, f.Metric) }) {
			ours = append(ours, namedARN{a.Name, a.ARN})
			continue
		}
		add(a.Name, a.ARN)
	}
	for _, a := range list.Composite {
		add(a.Name, a.ARN)
	}
	return ours
}

// topicsInUse are the topics of a region that can decide a verdict: those that
// an alarm on a metric of the trails' filters notifies, and for plan our own.
func (r *run) topicsInUse(region *account.Region, relevant []actor) []string {
	return append(alarmTopics(relevant, region.Name), r.ownTopics(region.Name)...)
}

func (r *run) relevantAlarms(region *account.Region, groups []string) []actor {
	filters, _ := region.MetricFilters.Got()
	list, _ := region.Alarms.Got()
	relevant := relevantAlarms(filters, groups, list, r.caller.Account)
	if slices.ContainsFunc(r.o.Controls, func(c catalog.Control) bool { return c.State == catalog.TrailDelivery }) {
		relevant = append(relevant, onSilence(groups, list.Metric)...)
	}
	return relevant
}

// onSilence are the alarms on what AWS itself counts of the log groups.
func onSilence(groups []string, list []account.MetricAlarm) []actor {
	var found []actor
	for _, a := range list {
		if a.Namespace == "AWS/Logs" && slices.Contains(groups, a.Dimensions["LogGroupName"]) {
			found = append(found, actor{a.Name, live(a.ActionsEnabled, a.AlarmActions)})
		}
	}
	return found
}

// readAlarmState reads what keeps alarms from telling whatever their settings
// are: mute rules, actions that failed, and states that last. Alarms without actions have
// none of it.
func (r *run) readAlarmState(ctx context.Context, region *account.Region, relevant []actor) {
	var names []string
	for _, a := range relevant {
		if len(a.actions) > 0 {
			names = append(names, a.name)
		}
	}
	if len(names) == 0 {
		return
	}
	api := r.s.in(region.Name).alarms
	both(
		func() { region.MuteRules = muteRules(ctx, api) },
		func() {
			region.ActionHistory = actionHistory(ctx, api, names)
			if r.forSeveral(region, names) {
				region.StateHistory = stateHistory(ctx, api, names, r.o.Now())
			}
		},
	)
}

// ownTopics are the ARNs that the topics under our names have or would have in a
// region; none in an audit.
func (r *run) ownTopics(region string) []string {
	if r.o.Own == nil {
		return nil
	}
	var arns []string
	for _, name := range r.o.Own.Topics {
		arns = append(arns, account.ARN{Partition: r.caller.Partition, Service: "sns", Region: region, Account: r.caller.Account, Resource: name}.String())
	}
	return arns
}

// readTopics reads topics with their subscribers and keys, unless they are known.
// Tags are read of our own topics only.
func (r *run) readTopics(ctx context.Context, region *account.Region, arns []string) {
	arns = slices.DeleteFunc(slices.Compact(sorted(arns)), func(arn string) bool { return region.Topics[arn] != nil })
	if len(arns) == 0 {
		return
	}
	c := r.s.in(region.Name)
	own := r.ownTopics(region.Name)
	if r.o.Own != nil && r.o.Own.Notified {
		own = slices.DeleteFunc(slices.Clone(arns), func(arn string) bool { a, ok := account.ParseARN(arn); return !ok || a.Account != r.caller.Account })
	}
	topics := make([]*account.Topic, len(arns))
	each(ctx, len(arns), func(i int) {
		topics[i] = topic(ctx, c.topics, arns[i], r.o, slices.Contains(own, arns[i]))
	})
	if ctx.Err() != nil {
		return // slots that were never filled
	}
	if region.Topics == nil {
		region.Topics = map[string]*account.Topic{}
	}
	var keys []string
	for i, arn := range arns {
		region.Topics[arn] = topics[i]
		qualifyKey(topics[i], r.caller.Account)
		if a, _ := topics[i].Attributes.Got(); a != nil && a.KeyID != "" && !isManagedAlias(a.KeyID) {
			keys = append(keys, a.KeyID)
		}
	}
	r.readKeys(ctx, region, keys, true)
}

// readKeys asks about the keys by the names they are given, with their policies
// when topics use them.
func (r *run) readKeys(ctx context.Context, region *account.Region, names []string, withPolicy bool) {
	names = slices.DeleteFunc(slices.Compact(sorted(names)), func(name string) bool {
		return region.Keys[name] != nil && (!withPolicy || region.Keys[name].Policy != nil)
	})
	c := r.s.in(region.Name)
	keys := make([]*account.Key, len(names))
	each(ctx, len(names), func(i int) { keys[i] = key(ctx, c.keys, names[i], withPolicy) })
	for i, name := range names {
		if region.Keys == nil {
			region.Keys = map[string]*account.Key{}
		}
		region.Keys[name] = keys[i]
	}
}
