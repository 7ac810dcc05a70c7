// Package pattern understands CloudWatch Logs filter patterns: the language of
// metric filters, subscription filters, FilterLogEvents and Live Tail.
//
// Parse reads a pattern of any kind: terms, a regular expression, JSON or
// space-delimited. A Pattern prints itself in its shortest form (String), says
// which messages it matches (Match) and explains itself (Explain). A Pattern is
// a cover.Matcher: package cloudtrail decides whether a union of patterns matches
// all records that a requirement describes.
//
// AWS does not publish an implementation. The package follows its guide and,
// where the two differ, answers that the service was observed to give. Rules
// that neither settles are named (Rules): a verdict that depends on one of them
// is Undetermined, never a guess.
//
// Some properties of the language surprise:
//
//   - a missing property satisfies no comparison, != included;
//   - booleans satisfy no comparison, only IS TRUE and IS FALSE;
//   - plain terms are substrings, and terms with ? count only among themselves;
//   - a number literal equals a string of the same spelling only, while the text
//     that a quoted value sees of a number is Java's rendering of it.
//
// The package does no I/O. Its types are
// immutable, and its functions are safe for use by several goroutines.
package pattern
