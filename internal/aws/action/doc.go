// Package action holds the changes that can be made to an AWS account, one kind
// of action to a file: its name and place in the order, the fields that a plan
// shows, the account afterwards, what a plan that has it rests on, the checks
// before and at the write, what the journal records of it, its calls and its
// cost. Adding a kind of action is adding a file.
//
// The files in the order in which things are made and taken back:
//
//	createtopic, settopicpolicy, subscribe, putfilter, putalarm
//	createrole, putrule, puttarget (rules at home, then forwarders)
//	deletealarm, deletefilter
//	removetarget, deleterole, deleterule (forwarders, then rules at home)
//	unsubscribe, deletetopic
//
// What two actions on the same kind of object share (settings in words, limits,
// its state in a journal, and the action that brings it from one state to another)
// is in filter.go, alarm.go, rule.go, role.go, topic.go and subscription.go.
//
// The package makes no call by itself. Draft is an account in the making on which
// an action is simulated; Sight and Run reach the account through Calls, which
// internal/aws/apply implements.
package action
