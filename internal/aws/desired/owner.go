// Package desired says what monitorctl's own objects look like: the filters,
// alarms and topics that the scope asks for, field by field, and by what an object
// of an account is known as one of them. Plans, exports and undo take both from
// here; no writer builds a field by itself.
package desired

// ManagedTag is the tag of alarms and topics by which it is known who keeps them.
const ManagedTag = "monitorctl:managed"
