package finding

// A LinkKind names one kind of link of a chain.
type LinkKind string

// The links of a chain, from the event to the person.
const (
	LinkTrail        LinkKind = "trail"
	LinkLogGroup     LinkKind = "log-group"
	LinkFilter       LinkKind = "filter"
	LinkMetric       LinkKind = "metric"
	LinkAlarm        LinkKind = "alarm"
	LinkAction       LinkKind = "action"
	LinkTopic        LinkKind = "topic"
	LinkSubscription LinkKind = "subscription"

	// The links of EventBridge, in place of those from the log group to the action.
	LinkBus       LinkKind = "bus"
	LinkRule      LinkKind = "rule"
	LinkForwarder LinkKind = "forwarder" // a target that is another bus
	LinkTarget    LinkKind = "target"
)

// links is everything that is known of the kinds of links, in the order of the
// chain.
var links = [...]struct {
	kind LinkKind
	name string // in words
}{
	{LinkTrail, "trail"},
	{LinkLogGroup, "log group"},
	{LinkBus, "event bus"},
	{LinkFilter, "metric filter"},
	{LinkRule, "rule"},
	{LinkForwarder, "forwarder"},
	{LinkMetric, "metric"},
	{LinkAlarm, "alarm"},
	{LinkTarget, "target"},
	{LinkAction, "action"},
	{LinkTopic, "topic"},
	{LinkSubscription, "subscription"},
}

// Links is the number of kinds of links.
const Links = len(links)

// Rank is the place of a link in the chain, from 0; -1 for a kind that is not
// known.
func Rank(k LinkKind) int {
	for i, l := range links {
		if l.kind == k {
			return i
		}
	}
	return -1
}

// Name is the kind in words, "" for one that is not known.
func (k LinkKind) Name() string {
	if i := Rank(k); i >= 0 {
		return links[i].name
	}
	return ""
}
