// Package plan plans the repair of Azure subscriptions: a snapshot and controls in, the
// actions that bring missed operations to a person out. It does no I/O.
//
// For goes through the findings. Where an operation is missed it proposes our own alert
// rule beside whatever is there: a PUT replaces a whole object, so nothing foreign is
// ever changed. The proposal is tried on paper (action.Simulate) and judged again; it
// stays only if the control comes further. What a rule of ours cannot help, such as an
// alert processing rule that removes all action groups, is named as needing manual
// action. Objects under our names that are not ours are conflicts: a plan with one is
// not carried out at all. What is ours but was edited is drift, and left alone.
//
// Wishes are the options as a saved plan holds them; Basis what a plan rests on.
package plan
