// Package eventpattern understands the event patterns of Amazon EventBridge:
// the language in which a rule says which events of a bus it takes.
//
// Parse reads a pattern, Match answers as AWS's engine does, String prints the
// shortest text of the same meaning, Explain puts it into words, and Branches
// gives what another package needs to translate it. A Pattern is a cover.Matcher of
// CloudTrail records (formula.go), so that rules and filters are decided together.
//
// # Vocabulary
//
// A pattern is a JSON object whose members all must hold. A member is a name
// with either another object, which goes one level down, or an array of values.
// One of the values must hold. A path is the names from the top, joined by dots; a
// name with dots in it is the same as a nesting. $or is an array of objects.
// One of the objects must hold. A leaf is a string, number, true, false or null of an
// event, also as a member of an array. Objects and arrays are no leaves.
//
// # Semantics
//
// A path holds when some leaf of it passes some test. Leaves inside of arrays
// are combined only when they stand in the same member of each array, as far as
// members are objects or arrays. exists:false asks for no leaf of the path that
// agrees with the members chosen for the paths before it, in byte order.
//
// $or is no plain OR: a path that is named outside and inside of it has the
// tests that come later in the text, not both. Branches has this settled: it
// is the pattern as an OR of ANDs in which no path comes twice.
//
// Some properties of the language surprise:
//
//   - anything-but accepts leaves of other types, null included, and rejects a
//     path that is absent;
//   - two anything-but in one array exclude nothing;
//   - null exists, and an object does not;
//   - a string that is an IP address equals the other spellings of it;
//   - cidr compares hexadecimal digits without regard to the family.
//
// # What is assumed
//
// The reference is AWS's published engine, software.amazon.event.ruler in
// version 1.8.1, whose answers are testdata/vectors.json; package
// conformance compares more. The service is taken to answer alike. What it may
// do otherwise is named by Rules: the length above the default quota, wildcards
// and $or beyond unpublished bounds, text behind the closing brace, and
// detail-types that AWS's pages spell in two ways. MatchRecord is Undetermined
// where those decide.
//
// # Sources
//
// The pages "Creating Amazon EventBridge event patterns", "Comparison operators
// for use in event patterns", "Amazon EventBridge quotas" and "AWS service
// events delivered via AWS CloudTrail" of the EventBridge user guide.
//
// The package does no I/O.
package eventpattern
