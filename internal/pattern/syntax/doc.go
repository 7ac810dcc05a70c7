// Package syntax reads and prints CloudWatch Logs filter patterns: it has their tree,
// and no opinion about what a pattern matches, which package match has.
//
// Parse reads a text: a lexer (lex) makes tokens, a parser for each kind of pattern
// makes the tree (ast), and numbers and regular expressions are understood on the way
// (number, regex). An Error has the place and what was expected, in AWS's own words
// where the service was observed to say them. Print is the way back: the shortest text
// with the same tree.
//
// Trees are immutable by agreement: nobody changes one that Parse returned. The limits
// of the language are constants here (limits).
package syntax
