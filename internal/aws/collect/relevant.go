package collect

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A metric is a metric of a region, whatever its dimensions.
type metric struct{ namespace, name string }

// An actor is an alarm of either kind, reduced to what its topics depend on.
type actor struct {
	name    string
	actions []string // ALARM actions, none when actions are off
}

// relevantAlarms are the alarms whose actions can decide a verdict: those that
// watch a metric which a filter on one of the log groups feeds, and the
// composite alarms above them. Too many is harmless, one too few is not: so
// dimensions, units and the other settings play no part, and a composite alarm
// counts as soon as its rule mentions the name.
func relevantAlarms(filters []account.MetricFilter, groups []string, list account.Alarms, own string) []actor {
	fed := map[metric]bool{}
	for _, f := range filters {
		for _, part := range f.Parts() {
			if part.Metric != "" && slices.Contains(groups, f.LogGroup) {
				fed[metric{part.Namespace, part.Metric}] = true
			}
		}
	}
	var found []actor
	for _, a := range list.Metric {
		if watches(a, fed, own) {
			found = append(found, actor{a.Name, live(a.ActionsEnabled, a.AlarmActions)})
		}
	}
	for _, a := range list.Log {
		if a.Searches(groups) {
			found = append(found, actor{a.Name, live(a.ActionsEnabled, a.AlarmActions)})
		}
	}
	return append(found, above(found, list.Composite)...)
}

// above are the composite alarms that stand on the alarms, directly or on other
// composites.
func above(alarms []actor, composites []account.CompositeAlarm) []actor {
	rules := make([]string, len(composites))
	for i, c := range composites {
		rules[i] = unescaped(c.Rule)
	}
	var found []actor
	taken := make([]bool, len(composites))
	for len(alarms) > 0 {
		var next []actor
		for i, c := range composites {
			if !taken[i] && mentions(rules[i], alarms) {
				taken[i] = true
				next = append(next, actor{c.Name, live(c.ActionsEnabled, c.AlarmActions)})
			}
		}
		found = append(found, next...)
		alarms = next
	}
	return found
}

// unescaped returns a composite alarm's rule as it is, followed by the same
// without the backslashes before quotes and backslashes in names.
func unescaped(rule string) string {
	if !strings.Contains(rule, `\`) {
		return rule
	}
	return rule + "\n" + strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(rule)
}

// live returns the actions of an alarm, none when they are switched off: the
// topic behind cannot change the verdict then.
func live(enabled bool, actions []string) []string {
	if !enabled {
		return nil
	}
	return actions
}

// watches reports whether an alarm can be on one of the metrics. Metrics of other
// accounts count: the snapshot may be consulted when those are judged.
func watches(a account.MetricAlarm, fed map[metric]bool, own string) bool {
	if fed[metric{a.Namespace, a.Metric}] {
		return true
	}
	for m := range fed {
		if a.Mentions(m.name) {
			return true
		}
	}
	return slices.ContainsFunc(a.Queries, func(q account.MetricQuery) bool {
		return q.AccountID != "" && q.AccountID != own || fed[metric{q.Namespace, q.Metric}]
	})
}

// mentions reports whether a composite alarm's rule can name one of the alarms.
// An ARN ends in the name.
func mentions(rule string, alarms []actor) bool {
	return slices.ContainsFunc(alarms, func(a actor) bool { return a.name != "" && strings.Contains(rule, a.name) })
}

// alarmTopics are the SNS topics of the region that the alarms notify. A topic
// elsewhere cannot be notified, so it need not be read.
func alarmTopics(alarms []actor, region string) []string {
	var topics []string
	for _, a := range alarms {
		for _, action := range a.actions {
			if arn, ok := account.ParseARN(action); ok && arn.Service == "sns" && arn.Region == region {
				topics = append(topics, action)
			}
		}
	}
	return topics
}
