package audit

import (
	"slices"
)

// linkOrder is the chain from the event to the person.
var linkOrder = []LinkKind{LinkTrail, LinkLogGroup, LinkFilter, LinkMetric, LinkAlarm, LinkAction, LinkTopic, LinkSubscription}

// rank is a link's place in the chain, from 0.
func rank(k LinkKind) int { return slices.Index(linkOrder, k) }

// sorted returns the strings in order, each once.
func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}
