// Package fleet audits many AWS accounts in one run.
//
// # The flow
//
// Targets come as a stream. Before the first account is judged the world is read
// (world.go): the accounts that own what the organization's trail needs (the trail, its
// log group, topics elsewhere), each in full and once. Then a pool of workers takes one
// target after the other (run.go), enters the account (enter.go), reads it (member.go),
// judges it in the world (judge.go), hands the result to the Sink and forgets it.
//
// A member that the organization's trail covers is read in two calls: the role is assumed,
// and one region shows the trail. What it passes by the chain of the world it passes; only
// where that chain is not enough is the account read in full, because a chain of its own
// may help.
//
// Accounts of one class (audit.Classes) are judged once.
//
// # What is assumed
//
// A trail of the organization that an account shows, with the log group that the owner's
// reading has, delivers the account's events there: membership is CloudTrail's affair. An
// account that could not be entered is unknown in every control, and no failure of one
// account ends the run; what ends it early is in breaker.go.
package fleet
