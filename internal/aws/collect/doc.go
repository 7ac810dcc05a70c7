// Package collect reads AWS accounts: it makes the SDK's clients, calls them
// without hurting the account's quotas, and turns the answers into an
// account.Snapshot.
//
// It judges nothing. A call that is denied or fails is recorded in the snapshot
// with its operation and error code; a "not found" is an answer and recorded as
// one. Only what makes a snapshot impossible is an error: no credentials, an
// unknown caller, no readable region, a cancelled context.
package collect
