// Package logs reads CloudTrail's log files, and what else people keep records in,
// and matches every record with a set of patterns in the same pass.
//
// # What is read
//
// A file is a sequence of documents. Each is one of these, told apart by its
// content, never by the file's name:
//
//   - a CloudTrail log file: {"Records":[...]}
//   - what "aws logs filter-log-events" and get-log-events print: {"events":[...]},
//     and a subscription's {"logEvents":[...]}
//   - what "aws cloudtrail lookup-events" prints: {"Events":[...]}
//   - what "aws logs get-query-results" prints (Logs Insights): {"results":[...]},
//     as long as the query asks for @message, and the same query's result as its
//     console saves it, in CSV
//   - a list of any of their entries, of records, or of texts: [...]
//   - one JSON object, on one line or several
//   - a line of text
//
// Any of it may be packed with gzip, in one member or several. A byte order mark
// and Windows line ends are as if they were not there.
//
// # How much memory
//
// A [Reader] holds one window onto the unpacked file: 256 KB, and more only while a
// single record is larger, up to [Options.MaxRecord]. A record beyond that is
// stepped over and counted. So the size of a file does not matter, nor what it
// unpacks to, which [Options.MaxUnpacked] bounds.
//
// # What is an error
//
// JSON is read by the rules of encoding/json. Where a document breaks them, or ends
// too early, reading the file ends with an error that tells the place; what came
// before has been seen. An error says that something was not seen: no caller may
// take such a file for one without matches.
//
// # Names
//
// [ParseKey] reads the names that CloudTrail gives its objects. Of the files in a
// directory ([List]) only those with such a name are read; a file that is
// itself asked for is read whatever its name.
package logs
