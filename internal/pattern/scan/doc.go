// Package scan matches messages with many filter patterns at once: one pass over the
// bytes of a message answers all JSON patterns and finds fields, without building a tree.
//
// In the order in which things are made: Compile puts the selectors of all patterns into
// one trie (trie), whose nodes have checks (check) of values by kind, text (glob, terms)
// and number, each with a slot for its truth; the expressions become jumps over slots
// (compile), and the names that records usually have are put first (expect). A scanner
// (scan, skip, text, value) walks the bytes and the trie together and fills the slots, and
// a Set (set, fields) follows the jumps to the verdicts.
//
// What a pattern matches is decided in package match; a Set gives the same answers.
package scan
