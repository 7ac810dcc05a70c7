// Package chain decides whether an event reaches a person. It knows no cloud:
// whoever judges one builds nodes, and this package answers.
//
// # Vocabulary
//
// A [Probe] is a question: do all records of this event, in this place, reach a
// person? A [Node] is one object that records pass through: a trail, a filter, an
// alarm, a topic, a subscriber. Its [Verdict] on a probe is three-valued ([Truth]):
// it carries the records, it does not, or nobody could see. A node may pass some
// records only; which ones, a [Matcher] says, and only a [Solver] understands
// matchers.
//
// Nodes hang on each other through Next, which lists alternatives. A node whose
// alternatives share the records between them, by their matchers, is a fork: a log
// group with its filters, a bus with its rules. An end is a person, or the place
// where sight ends.
//
// # Semantics
//
// A way is a path from a root to an end. Its truth is the minimum of the truths
// on it (AND), its matcher the conjunction of the matchers on it. Of several ways
// with the same matchers the closest to working counts: better truth, then fewer
// warnings, then a break further along the chain. A path that stops at a node that
// is no end is bad, whatever its nodes say.
//
// A probe passes if the union of the matchers of all good ways covers it, or all
// but what may be left out on purpose. It is unread if it would pass once the
// unread ways were good, or if a way that nobody could look into might carry it:
// one without a matcher, one whose matcher is a guess, or a doubt that the graph
// cannot hold. Otherwise it is missed. Ways with a guessed matcher count by
// themselves, never in the union.
//
// What a missed probe needs is said by an attempt: each root is followed as far
// as it goes, and the one with the fewest broken links counts. At a fork an
// attempt takes all alternatives together that match, because they may share the
// work; what they leave out together is the [Gap]. Behind the fork the closest
// tail is followed.
//
// Of the causes of an unread probe the first sort only is listed: ways that
// nobody could look into, then unread ways, then doubts in their order. The reasons
// of a way stand in the order of the chain, those behind a broken link included.
//
// # What is assumed
//
// Judge functions are pure: the same probe gives the same verdict. Verdicts that do
// not depend on the probe are kept once, the others once for each probe; nothing is
// judged before it is known to match. A graph is used by one goroutine at a time.
package chain
