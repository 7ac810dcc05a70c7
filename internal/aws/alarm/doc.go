// Package alarm answers two questions about a CloudWatch alarm on a metric
// that a metric filter feeds: would it go to ALARM if one matching event
// happened now, and would it do so again the next time? It computes from
// settings alone, reads no clock and knows nothing of the AWS SDK.
//
// This comment is the description of CloudWatch's evaluation that the package
// implements. The sources are AWS's pages "Using Amazon CloudWatch alarms",
// "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data",
// "CloudWatch statistics definitions", "Using metric math" and
// "Combining alarms", and the reference of PutMetricAlarm. What they leave
// open is marked "assumed".
//
// # From records to datapoints
//
// A metric filter writes its metric value for each record that matches and its
// default value, if it has one, for records that do not. In a minute without
// any record it writes nothing, default value or not. Metrics of filters have
// a resolution of one minute.
//
// CloudWatch aggregates what was written within a period into one datapoint,
// by the statistic of the alarm: Sum, Average, Minimum, Maximum, SampleCount
// or an extended one (percentiles, trimmed and winsorized means, counts and
// sums within bounds). A period in which nothing was written has no datapoint:
// it is missing, not zero.
//
// # From datapoints to a state
//
// Periods are sliding windows. An alarm with a period of a minute or more is
// evaluated every minute, on windows that end with that minute; when period
// times evaluation periods exceed a day, every hour. A datapoint breaches when
// its comparison with the threshold holds. An alarm has N evaluation periods
// and M datapoints to alarm, all N when M is not given.
//
// CloudWatch retrieves more than N datapoints, the evaluation range. How many
// more is not documented; AWS's examples retrieve 5 for N = 3, and N + 2 is
// assumed throughout (see [Range]). Then:
//
//  1. When the range holds N or more real datapoints, the newest N of them
//     decide: ALARM when M or more of them breach, else OK. How missing data
//     is treated plays no part, and a gap is stepped over.
//  2. When it holds fewer, all of them count, wherever they lie in the range,
//     and the rest is filled: with breaching or with good datapoints for
//     "breaching" and "notBreaching".
//  3. "missing" and "ignore" fill with nothing. M breaching datapoints give
//     ALARM; otherwise one good datapoint gives OK. When all real datapoints
//     breach but are fewer than M, "ignore" keeps the state that the alarm
//     has, and "missing" gives ALARM once the oldest of them is at least M
//     periods old ("premature alarm state"), until then INSUFFICIENT_DATA.
//     Without any real datapoint they give the present state and
//     INSUFFICIENT_DATA.
//
// AWS's text on the premature alarm state speaks of the oldest breaching
// datapoint only; its tables show that a good datapoint anywhere in the range
// prevents it. The tables are followed. They are test vectors, together with
// the rows that AWS's earlier editions had in their place.
//
// # What follows for one event
//
// An alarm acts when its state changes, not while it lasts. So an alarm that
// cannot leave ALARM tells of one event and never again, and an alarm that
// lingers in ALARM tells of the first of several events only.
//
// On a metric without default value, one event is one datapoint among missing
// ones. The usual alarm (Sum >= 1, 300 seconds, 1 of 1) goes to ALARM within
// the minute and stays there until the datapoint leaves the range: 15 minutes,
// although the period is 5. With the default value 0 and a busy log group every
// period has a datapoint, the newest one decides, and the alarm is back in OK
// after one period. With M > 1, one event reaches ALARM through "missing" only,
// after M - 1 periods and by the rule of the premature state, which was made
// for something else.
//
// A default value changes what the statistic sees. Sum and Maximum still show
// the event; Average, Minimum and nearly all percentiles drown it as other
// records arrive, and SampleCount counts those as well. A default value that
// adds up to the threshold keeps the alarm in ALARM for good.
//
// An alarm on a percentile that ignores low sample counts does not change
// state on fewer than 10/(1-p) samples: one event is one sample.
//
// # Expressions
//
// A metric math alarm watches one expression over metrics. A statistic aggregates
// each metric by itself before the expression sees it. [Math]
// computes the part of the language that alarms on filter metrics need. FILL
// turns gaps into datapoints and so makes a sparse metric behave like one with a
// default value; AWS warns that it also fills the newest period while its data
// is still on the way, which short periods suffer from most.
//
// A composite alarm has no metric: its state is ALARM while its rule is true of
// the states of other alarms, else OK. [ParseRule] reads rules.
package alarm
