// Package audit checks, on a snapshot, whether someone would be alerted if a
// required event happened now. It does no I/O and reads no clock. The semantics of
// "would be alerted" are those of package chain; this package builds the chain of an
// AWS account, decides what its filters and rules match, and puts the answers into
// words. The rules that it follows, with their sources, are in docs/judging.md.
//
// # Vocabulary, in the order in which things are made
//
// A World (world.go) holds the accounts of a run and those that are only consulted.
// World.Judge answers for one account at a time; what other accounts contribute (an
// organization's trail, a log group, a topic, a bus) is looked up in the world.
//
// A judge (judge.go) has what is the same for every control of an account: trails,
// log groups, filters, metrics and the alarms that watch them. A filter is one object
// for each series (metric, dimensions, unit) that an alarm watches, because the same
// filter may do well for one alarm and not for another.
//
// A probe (probe.go) is one required event in one region, or a condition on events.
//
// A controlJudge (control.go) is the work on one control: its graph and what was
// asked of it. graph.go builds the ways by log groups: trail, log group, filter,
// metric, alarm, composite alarms, action, topic, subscriber. rulegraph.go builds those
// by event buses: trail, bus, rule, forwarder, target. A node's Judge says what one
// object does with a probe and looks at nothing else; objects that depend on each other
// (metric math, composite alarms, several filters on a metric) are one node.
//
// solver.go answers chain's questions about unions of filters with the exact decision
// of package cover, and keeps each answer: the same union is decided once. Its work is
// a fixed share of steps for each control.
//
// An outcome (outcome.go) is what chain found for one probe. The rest is wording:
// reasons.go (with fold.go, about.go, never.go, orphan.go), stages.go for the columns of
// the table, tree.go for explain, narrow.go for what is lost, nextstep.go for what to do
// by hand. Codes are in code.go.
//
// # What is assumed
//
// What was not read is unread, never absent: account.Read tells "not asked", "failed"
// and "there is none" apart. Alarms and composite alarms that an event does not trip
// keep the state that was read. Axioms about CloudTrail's records are those of package
// cloudtrail.
package audit
