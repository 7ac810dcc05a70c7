package desired

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A Rule is a rule of ours on the default bus, with its targets.
type Rule struct {
	State   State
	Key     string  // id of its control, of further rules "ID/2"; of forwarders "forward-1", "forward-ID"
	Control Control // the zero value for a forwarder
	Rule    account.Rule
	Tags    map[string]string
	Targets []Target
}

// IsForwarder reports whether the rule sends events to another region.
func (r Rule) IsForwarder() bool { return r.Control == Control{} }

// A Target is a target of a rule of the list.
type Target struct {
	State  State
	Target account.WholeTarget
}

// A Role is a role of ours with its one inline policy. Roles are those of an account: a
// list holds them whatever its region.
type Role struct {
	State         State
	Name, ARN     string
	Description   string
	Trust, Policy string // JSON documents
	Inline        string // name of the policy
	Tags          map[string]string
}

// An Endpoint is an API destination of ours with its connection, which has the same name
// and description.
type Endpoint struct {
	State       State // of the API destination
	Connection  State
	Destination Destination
	ARN         string // of the API destination, or what stands for it
	Description string // says who keeps both
}

// Credentials are the secrets that an endpoint asks for, by what they are: "" for the only
// one, "user" and "password".
func (e Endpoint) Credentials() map[string]string {
	switch call := e.Destination.Call; {
	case call.User != "":
		return map[string]string{"user": call.User, "password": call.Password}
	case call.RoutingKey != "":
		return map[string]string{"": call.RoutingKey}
	default:
		return map[string]string{"": call.URL}
	}
}

// HidesURL reports whether the URL itself is the secret.
func (e Endpoint) HidesURL() bool {
	return e.Destination.Call.User == "" && e.Destination.Call.RoutingKey == ""
}

// Endpoint returns the API destination of the list with an ARN; nil for none.
func (l *List) Endpoint(arn string) *Endpoint {
	i := slices.IndexFunc(l.Endpoints, func(e Endpoint) bool { return e.ARN == arn })
	if i < 0 {
		return nil
	}
	return &l.Endpoints[i]
}

// Regions are the list and those of the other regions.
func (l List) Regions() []List { return append([]List{l}, l.Elsewhere...) }

// Lacks reports whether an object of the list is not in the account as it should be.
func (l List) Lacks() bool {
	var states []State
	for _, r := range l.Regions() {
		states = append(states, r.Trail.States()...)
		for _, x := range r.Topics {
			states = append(states, x.State)
		}
		for _, x := range r.Subscriptions {
			states = append(states, x.State)
		}
		for _, x := range r.Filters {
			states = append(states, x.State)
		}
		for _, x := range r.Alarms {
			states = append(states, x.State)
		}
		for _, x := range r.Roles {
			states = append(states, x.State)
		}
		for _, x := range r.Endpoints {
			states = append(states, x.State, x.Connection)
		}
		for _, x := range r.Rules {
			states = append(states, x.State)
			for _, t := range x.Targets {
				states = append(states, t.State)
			}
		}
	}
	return slices.ContainsFunc(states, func(s State) bool { return s == New || s == Changed })
}
