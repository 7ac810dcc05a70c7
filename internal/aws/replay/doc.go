// Package replay answers what alarms would have done over records that have already
// happened: which events each control saw, which alarm actions they led to, who would
// have been notified, and who caused them.
//
// # From records to a report
//
// A [Question] has the filters whose matches are counted and, for each control, the
// alarms that those filters feed. [Ask] takes it from a snapshot: the filters that
// audit finds for a control, every other filter that writes to the same metric, the
// alarms on it, their topics and subscribers. Where the account has no chain for a
// control, or without any snapshot, it is the chain that apply would create, which
// notifies nobody yet.
//
// A [Counter] takes records, one worker each, and counts. [Question.Answer] adds the
// counters up and follows the alarms. Counting is sums, so that neither the order
// of the files nor the number of workers can be seen in the answer.
//
// # Which records count
//
// A record counts for a filter if it matches the pattern and the log group of the
// filter would have received it: the trail that delivers there records the region
// and, unless it is an organization's, the account. CloudWatch Logs takes no event of
// more than 256 KB, so such a record is counted apart and matches nothing. Whether
// a record matches at all may depend on what AWS leaves open: it is in doubt then, and
// counts for nothing else.
//
// A record's time is its eventTime. When it arrives in the log group, and whether its
// log event has that time, is not documented (assumed: the same minute); the time at
// which its file was delivered can be taken instead.
//
// Two trails may have written one event into the same place, while each log group saw
// it once. An event is known by its eventID, account and region, and counts once. Only
// events that match are remembered for this. A record without eventID is never a copy.
//
// # From counts to alarm actions
//
// Each filter writes its value for a record that matches and its default value, if it
// has one, for one that does not (see package alarm, which evaluates). An alarm begins
// in OK, one evaluation range before the window. An alarm action is a transition into
// ALARM inside of the window, with actions enabled and not muted. Events while it is
// in ALARM are swallowed: nobody is notified of them.
//
// A metric math alarm sees what filters write to each of its metrics. A composite alarm
// is followed together with the alarms that its rule reads, and changes in the minute in
// which they do. What depends on an alarm that cannot be followed is unknown.
//
// An echo is a transition into ALARM without any match since the last one. It comes
// from the number of datapoints that CloudWatch is assumed to look back and from
// minutes without any record, so it is counted apart.
//
// # What is missed
//
// Where the filters of an account are narrower than the control asks for, events may have
// happened that none of them matches. They are found with the pattern that apply would
// write, and counted apart as missed.
package replay
