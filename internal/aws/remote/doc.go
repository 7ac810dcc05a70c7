// Package remote answers a replay's question with a SQL engine that is near the log
// files, and gives the answer that reading them here would give.
//
// # How it stays exact
//
// The engine counts, in one statement for all controls (package replay, Statement). A
// record that it cannot judge makes its file doubtful: the file is read here, and what
// the engine counted of it is taken away again. A file at which the engine's statement
// ends is left out, and read here. Files that are listed and that the engine did not
// see are read here, too; files that came after the listing are taken away. Every event
// that the report shows is read from its file and matched here.
//
// # Tables
//
// A [Table] is a trail's folder with one column, the line, and partitions for account,
// region and day that are projected, so that nothing has to be kept up to date. Its
// name is a hash of what it holds: another account, and it is another table.
//
// # What is not seen
//
// Copies of an event are known where one statement reads both. Where one of two
// is in a file that only this machine can read, or in another slice of days, both count.
package remote
