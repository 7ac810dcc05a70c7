package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// linkOrder is the chain from the event to the person.
var linkOrder = []finding.LinkKind{finding.LinkTrail, finding.LinkLogGroup, finding.LinkFilter, finding.LinkMetric, finding.LinkAlarm, finding.LinkAction, finding.LinkTopic, finding.LinkSubscription}

// rank is a link's place in the chain, from 0.
func rank(k finding.LinkKind) int { return slices.Index(linkOrder, k) }

// sorted returns the strings in order, each once.
func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}
