// Package condition is the language in which activity log alert rules say which
// records of the Activity Log they match.
//
// # The language
//
// A condition is a list allOf of clauses, which must all hold. A clause is a leaf, or
// a list anyOf of leaves; one must hold. A leaf compares a field of the record
// with one value (equals) or with several; one must be it (containsAny).
// Comparison is without case. There is no negation and there are no wildcards. Null is
// absent. What else stands in a condition is not understood, and a leaf or clause that
// is not understood may match or not: [Value] says Maybe. So it is with a value of
// containsAny that is a part of the field's value: whether a part is enough is not
// documented.
//
// # Records
//
// An [Event] is a kind of records: those of one operation, or of Service Health. Some
// fields have one value in all of them (category, operationName, resourceProvider,
// resourceType), others can have any (caller, resourceGroup, resourceId, subStatus,
// properties.*), and status and level take one of a few. A call that succeeds leaves
// a record for its start (Started) and one for its end (Succeeded), some leave one
// between (Accepted). The provider chooses the level; that of a change is
// Informational as far as it is known, and could be another.
//
// # Covering
//
// [Cover] decides whether a union of conditions matches some record of every call.
// Conditions unite only where they are on status and level: without negation no union
// of conditions on a caller or a resource group is ever whole. Either the records of
// the start are matched at every level, or those of the end; a mixture would lose
// calls whose start and end have different levels.
//
// Sources: the Azure Monitor documentation of activity log alert rules and of the
// Activity Log schema, and the specification of Microsoft.Insights/activityLogAlerts
// 2020-10-01.
package condition
