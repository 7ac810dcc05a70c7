// Package match decides whether a message matches a filter pattern, rule by rule as
// docs/patterns.md has them. It is the reference: package scan gives the same answers
// for many patterns in one pass over the bytes, and tests hold the two against each other.
//
// Decode makes a Message of the text of a log event. Root asks a tree about it, under one
// Reading of the rules that AWS leaves open; Holds and HoldsField ask one condition about
// one value of a JSON message or one field of a space-delimited one.
package match
