// Package suspicion finds what looks like a mistake in a filter pattern: parts that no
// record satisfies or that all satisfy, fields that CloudTrail's records do not have,
// != that is false where a field is missing, and the traps of the language itself.
//
// What holds of every log message is told from what holds of CloudTrail's records only
// (Suspicion.OfRecords); the latter rests on the axioms of package cloudtrail. The names
// of events are not known here: package events adds what they tell.
package suspicion
