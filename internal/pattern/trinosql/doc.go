// Package trinosql says in the SQL of Trino, which Athena speaks too, what filter
// patterns match. It is text from text: it asks no engine.
//
// # Two bounds
//
// A [Predicate] has two conditions on a record. Must is true only of records that the
// pattern matches, May of all that it may match: must => matches => may. For nearly
// all patterns they are one text, and the engine's answer is the matcher's. Where
// they differ on a record, the record is in doubt: whoever asks the engine has it read
// and matched by package pattern. A pattern with an asterisk in the middle has two
// readings (see pattern.RuleMidAsterisk) and bounds for each of them.
//
// Patterns that search the text of a message have no predicate: no table keeps the
// text as it was.
//
// # The record
//
// A record is a value d of type json, from CAST(... AS array(json)) or json_parse.
// Both give a normal form: of two members with one name the last one counts, escapes
// are resolved, and numbers have the text that Java gives them. CloudWatch Logs gives
// numbers the same text, so that numbers are compared as texts. A value that is no JSON
// object matches nothing; the callers see to that.
//
// # Columns
//
// Paths without a wildcard are found once, for all patterns, in three columns each
// ([Columns]): x, the value or NULL where there is none; f, its text, whose first
// character tells its kind; r, the text that = and != see, NULL unless it is a
// string or a number. json_extract takes [0] of an object with a member "0", too, so
// that x looks at the kind of what it steps into where this could matter.
//
// # Tables with columns
//
// A [Table] has a column for each field, and no d. What it does not keep apart (true and
// "true", null and nothing) is in doubt, so that fewer conditions are exact.
//
// # Three-valued logic
//
// A comparison with NULL is NULL, which is as good as false below AND and OR. NOT is
// only ever written around a coalesce.
package trinosql
