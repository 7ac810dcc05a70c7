package condition

import (
	"slices"
	"strings"
)

// fold is the form in which fields and values compare.
func fold(text string) string { return strings.ToLower(text) }

// Fields that a condition can name, beside properties.*, in lower case.
var fields = []string{
	"category", "caller", "level", "operationname", "resourcegroup", "resourceid", "resourceprovider", "resourcetype", "status", "substatus",
}

// ofProperties is how the fields of a record's properties begin.
const ofProperties = "properties."

func knownField(field string) bool {
	f := fold(field)
	return slices.Contains(fields, f) || strings.HasPrefix(f, ofProperties) && len(f) > len(ofProperties)
}

// Statuses of the records of a call, and the levels that the documentation of the
// Activity Log lists.
const (
	Started   = "Started"
	Accepted  = "Accepted"
	Succeeded = "Succeeded"
	Failed    = "Failed"

	Informational = "Informational"
)

var levels = []string{Informational, "Warning", "Error", "Critical"}

// folded are statuses and levels in lower case.
var folded = map[string]string{
	"": "", Started: "started", Accepted: "accepted", Succeeded: "succeeded", Failed: "failed",
	Informational: "informational", "Warning": "warning", "Error": "error", "Critical": "critical",
}

// An Event is what is known of a kind of records.
type Event struct {
	// Operation is the name of the operation; "" for Service Health.
	Operation string

	known map[string]string // the one value of a field, both in lower case
	vague []string          // fields whose value is known, but not for certain
	calls bool              // they are the records of calls: status and level vary
	parts []string          // texts that are surely parts of resourceId
}

// Administrative returns the records of an operation of Azure Resource Manager, such
// as Microsoft.Network/networkSecurityGroups/write, in a subscription.
func Administrative(operation, subscription string) Event {
	name := fold(operation)
	provider, _, _ := strings.Cut(name, "/")
	e := Event{Operation: operation, calls: true, known: map[string]string{
		"category": "administrative", "operationname": name, "resourceprovider": provider,
	}}
	last := strings.LastIndexByte(name, '/')
	kind := name[:max(last, 0)]
	e.known["resourcetype"] = kind
	if verb := name[last+1:]; verb != "write" && verb != "delete" {
		e.vague = append(e.vague, "resourcetype") // of an action the part before the verb is often no type
	}
	types := strings.Split(kind, "/")
	e.parts = []string{fold("/subscriptions/" + subscription + "/resourceGroups/")}
	if len(types) > 1 {
		e.parts = append(e.parts, "/providers/"+types[0]+"/"+types[1]+"/")
	}
	for _, t := range types[min(2, len(types)):] {
		e.parts = append(e.parts, "/"+t+"/")
	}
	return e
}

// ServiceHealth returns the records of Service Health of one type of incident:
// Incident, Maintenance, Informational, ActionRequired or Security.
func ServiceHealth(incident string) Event {
	return Event{known: map[string]string{"category": "servicehealth", ofProperties + "incidenttype": fold(incident)}}
}

// Foreign is an operation of no provider: a condition that matches its records asks
// for no operation at all.
func Foreign() Event { return Administrative("Example.Provider/anything/write", "") }
