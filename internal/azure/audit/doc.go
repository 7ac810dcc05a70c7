// Package audit judges Azure subscriptions: would someone be alerted if a required
// operation happened now? It does no I/O and reads no clock.
//
// # The chain
//
//	operation -> Activity Log -> alert rule -> alert processing rules -> action group -> receiver -> person
//
// The Activity Log is always on. A rule matches records by its condition (package
// condition), within its scope. Its alerts go to its own action groups and to those
// that alert processing rules add, unless a processing rule removes them all. A group
// notifies its receivers, each in its own way.
//
// # Probes
//
// A probe is one required operation in one subscription: a call that succeeds, by any
// caller, in any resource group, one created tomorrow included. The graph of nodes is
// built in graph.go; package chain answers. Rules unite where their conditions are on
// status and level. What the answer to a probe rests on and nobody documents is
// unknown or a warning, never a pass.
//
// # Rules
//
// docs/judging-azure.md has every rule of judging; testdata/judging-azure has a
// situation for each, on both sides of its line. Files follow the chain: rule.go,
// processing.go, group.go, receiver.go judge one object each; solver.go decides what
// conditions do together; reasons.go, narrowed.go, stages.go and tree.go put outcomes
// into words.
package audit
