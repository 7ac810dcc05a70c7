// Package pattern understands CloudWatch Logs filter patterns: the language of
// metric filters, subscription filters, FilterLogEvents and Live Tail.
//
// Parse reads a pattern of any kind: terms, a regular expression, JSON or
// space-delimited. A Pattern prints itself in its shortest form (String), reports
// which messages it matches (Match), explains itself (Explain), tells what it asks
// for (Equalities, Texts, Mentions, Clauses, Expression) and joins with others (And,
// Or, Given). A Pattern is a cover.Matcher (Formula): package cloudtrail decides
// whether a union of patterns matches all records that a requirement describes.
//
// The parts of the language are packages of their own: syntax has the tree, its
// parser and printer; match has what a tree matches; scan matches many patterns in
// one pass; suspicion finds likely mistakes; trinosql writes patterns in SQL.
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
// The package does no I/O. Its types are immutable, and its functions are safe for use by several goroutines.
package pattern
