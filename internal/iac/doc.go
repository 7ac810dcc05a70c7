// Package iac is what the readers of infrastructure code have in common: where
// a text stands, what a reader hands out, and how a filter pattern looks.
//
// A reader turns files into Found: one filter pattern each, at its file and
// line. Every byte of its Text remembers where it stands, through escapes,
// heredocs, locals, parameters and functions, so that what is wrong with a
// pattern is shown where it was written. What a file does not say, such as an
// attribute of a resource, becomes a hole: one character of the text that
// stands for something unknown. The same expression is the same hole, so that
// equal unknowns stay equal. What is known around a hole can still be judged.
//
// The readers are the packages below:
//
//	tree             documents: JSON, YAML and TOML with places, anchors and aliases
//	cloudformation   templates: intrinsic functions, conditions, Fn::ForEach
//	terraform        modules: expressions as Terraform evaluates them, plans, state
//	shape            any other document: values that look like patterns, or whose key says so
//	text             scripts, code, Markdown: what looks like a pattern in quotes or code blocks
//
// None of them judges a pattern; package lint does.
package iac
