// Package cover decides exactly whether a union of patterns matches every record
// of a set, and if not, which records are lost. It knows neither a log nor a
// language: records are described by a Schema, patterns by the formulas that
// they build, so that a union may mix languages.
//
// The decision goes through these things, in the order in which they are made:
//
//   - A Question holds the matchers and the sets of records. Where a language
//     leaves a rule open, the question is answered under every Reading, and only
//     what all readings agree on is said; the rest rests on the rule, by name.
//   - A Matcher writes itself as a Formula: a boolean combination of literals.
//     A literal means that the value at one path passes a Test. A problem
//     (problem.go) is the question in this form. Its variables are the paths that
//     some literal mentions, the members that wildcards range over, and tests of
//     the whole text.
//   - A table (table.go) partitions what the schema allows at a path into classes
//     of values that no test tells apart: kinds, constants, and the combinations
//     of sets of strings (strings.go) and of numbers (numbers.go) that some value
//     has. An automaton (automaton.go) finds those combinations, with a value of
//     each.
//   - A search (search.go) looks for classes that make a formula true: of the
//     records of the set that the union does not match, and of those that it
//     does. It decides one variable at a time and keeps the rest consistent
//     (consistent.go): what is below a string is missing, and so on.
//   - An example (example.go) is a record of such classes. It counts only when the
//     matchers themselves confirm it, so that a mistake of this package ends in
//     RuleInternal and not in a verdict.
//   - What is lost is narrowed (narrow.go) to minimal cases and put into words
//     (facts.go, words.go).
//
// Axioms are the sentences on which a schema rests. A verdict leans on those
// without which it would be another one (axioms.go).
//
// Work is bounded in steps, never in time: a question has Question.Steps;
// each set of records has a fixed share of them, and each automaton maxStringWork. One
// question has one answer, whatever was asked before. Beyond the bound the answer
// is Unresolved and names the limit.
//
// What is assumed: records are JSON objects, and the fields of a schema that are
// not listed are absent where it says so. Tests of one Key are true of the same
// values. Numbers have the value and the text that record.JavaValue and
// record.JavaText give them.
package cover
