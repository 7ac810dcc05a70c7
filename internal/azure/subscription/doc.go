// Package subscription holds what was read of Azure subscriptions: plain data,
// without I/O.
//
// A [Snapshot] holds [Subscription] values, each with the raw answers of Azure
// Resource Manager: activity log alert rules, action groups and alert processing
// rules, as they came, but for addresses and keys, which [Mask] takes out. What
// could not be read is a [Failure] in its place. [ReadAlertRule], [ReadActionGroup]
// and [ReadProcessingRule] decode an answer strictly: what this version does not know
// is kept as a problem of the object, never dropped, because it may decide whether
// anyone is alerted.
//
// Ids and names compare without case everywhere in Azure and are kept as written;
// [Fold] gives the form that compares.
package subscription
