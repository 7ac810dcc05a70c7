// Package action holds the changes that can be made to an Azure subscription, one kind
// to a file: its place in the order, the fields that a plan shows, the subscription
// afterwards, what a plan that has it rests on, the checks before and at the write,
// what the journal records of it and the permissions that it needs. Adding a kind of
// action is adding a file.
//
// The files in the order in which things are made and taken back:
//
//	registerprovider, createresourcegroup, putgroup, putrule
//	deleterule, deletegroup, deleteresourcegroup
//
// A PUT replaces a whole object, and Azure has no condition by which it would be
// refused when the object is not the one that was read. So every write reads the object
// again, compares it whole (same.go), and changes the answer as it came: no key that
// this version does not know is lost. Addresses and keys of receivers are in no action
// that was read from a snapshot, where they are masked; the answer has them.
//
// The package makes no call by itself: Run reaches Azure through Calls, which
// internal/azure/apply implements.
package action
