// Package drill proves parts of the chain of an account on AWS itself, instead of
// reading what they should do. It makes no call: apply lends it the calls that it names
// (Calls).
//
// # What a drill is
//
// A Question (question.go) is a filter pattern with records. AWS is asked which of them
// the pattern matches (logs:TestMetricFilter), and the Answer stands beside what package
// pattern says. They must agree: everything else that monitorctl says of a filter rests on
// it. Questions read and change nothing in the account.
//
// A Target (target.go) is an alarm of the chain that can be rung: put into ALARM for a
// moment, with a reason that says DRILL, so that CloudWatch runs its actions and people
// get a message. What would do more than send messages is refused before the first call.
//
// Ring (ring.go) rings targets and looks what became of their actions. A Receipt
// (receipt.go) has all of it for an auditor. A message carries a code; the receipt
// holds only its hash: who types it has read the message (Receipt.Acknowledge).
//
// # What is assumed
//
// SetAlarmState runs the actions of a change of state, as an evaluation would; CloudWatch
// evaluates a metric alarm again within its next minute, which takes it back. A composite
// alarm that was set by hand may stay so until an alarm below it changes, so that only
// metric alarms are set. Source: API reference of CloudWatch, SetAlarmState.
package drill
