// Package lint judges activity log alert rules, action groups and alert processing rules
// of infrastructure code, before they are deployed. It does no I/O: readers hand it the
// resources that belong together.
//
// A rule is judged by itself: its condition in the language of package condition, its
// scopes, whether it is enabled. What the files do not say is unknown, and decides
// nothing: a condition with an unknown value is judged by its others. Then all rules are
// held together against the controls that some of them is about: an operation that no
// rule matches is named once. Codes are those of the audit, where it has one for the
// same fault (docs/lint.md).
package lint
