package subscription

import (
	"regexp"
	"strings"
)

// Fold returns the form in which ids and names compare: lower case, without
// slashes at the end.
func Fold(id string) string { return strings.ToLower(strings.TrimRight(id, "/")) }

// Same reports whether two ids or names mean the same object.
func Same(a, b string) bool { return Fold(a) == Fold(b) }

// guid is the form of ids of subscriptions and tenants.
var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// IsGUID reports whether text has the form of a subscription id.
func IsGUID(text string) bool { return guid.MatchString(text) }

// An ID is a resource id in its parts, as they are written.
type ID struct {
	Subscription string // "" for an id of a tenant or management group
	Group        string // resource group; "" for an id of a whole subscription
	Rest         string // what follows the group: "/providers/...", "" for the group itself
}

// ParseID returns the parts of an id that begins with /subscriptions/; false for
// any other text.
func ParseID(id string) (ID, bool) {
	parts := strings.Split(strings.TrimRight(id, "/"), "/")
	if len(parts) < 3 || parts[0] != "" || !strings.EqualFold(parts[1], "subscriptions") || parts[2] == "" {
		return ID{}, false
	}
	out := ID{Subscription: parts[2]}
	rest := parts[3:]
	if len(rest) >= 2 && strings.EqualFold(rest[0], "resourceGroups") {
		out.Group, rest = rest[1], rest[2:]
	}
	if len(rest) > 0 {
		out.Rest = "/" + strings.Join(rest, "/")
	}
	return out, true
}

// Name returns the last part of an id: the name of the object.
func Name(id string) string {
	id = strings.TrimRight(id, "/")
	return id[strings.LastIndexByte(id, '/')+1:]
}

// IsManagementGroup reports whether an id is that of a management group.
func IsManagementGroup(id string) bool {
	return strings.HasPrefix(strings.ToLower(id), "/providers/microsoft.management/managementgroups/")
}
