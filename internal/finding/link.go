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

// The links of a chain of Azure, from the event to the person.
const (
	LinkAlertRule      LinkKind = "alert-rule"
	LinkProcessingRule LinkKind = "processing-rule"
	LinkActionGroup    LinkKind = "action-group"
	LinkReceiver       LinkKind = "receiver"
)

// A kindName is a kind of link with its name in words.
type kindName struct {
	kind LinkKind
	name string
}

// links is everything that is known of the kinds of links, in the order of the
// chain; azureLinks are those of Azure.
var links = [...]kindName{
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

var azureLinks = [...]kindName{
	{LinkAlertRule, "alert rule"},
	{LinkProcessingRule, "alert processing rule"},
	{LinkActionGroup, "action group"},
	{LinkReceiver, "receiver"},
}

// Links is the number of links in the longest chain.
const Links = len(links)

// Rank is the place of a link in the chain of its cloud, from 0; -1 for a kind that
// is not known.
func Rank(k LinkKind) int {
	for _, chain := range [][]kindName{links[:], azureLinks[:]} {
		for i, l := range chain {
			if l.kind == k {
				return i
			}
		}
	}
	return -1
}

// Name is the kind in words, "" for one that is not known.
func (k LinkKind) Name() string {
	for _, l := range append(links[:], azureLinks[:]...) {
		if l.kind == k {
			return l.name
		}
	}
	return ""
}
