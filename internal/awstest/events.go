package awstest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// eventsService is EventBridge, API 2015-10-07.
var eventsService = &service{
	name: "events", iam: "events", target: "AWSEvents",
	errors: jsonFamily.with(family{internal: {Code: "InternalException"}}),
	ops: map[string]handler{
		"CreateEventBus":         writes(createEventBus),
		"DescribeEventBus":       reads(describeEventBus),
		"ListEventBuses":         reads(listEventBuses),
		"DeleteEventBus":         writes(deleteEventBus),
		"UpdateEventBus":         writes(updateEventBus),
		"PutPermission":          writes(putPermission),
		"RemovePermission":       writes(removePermission),
		"PutRule":                writes(putRule),
		"DeleteRule":             writes(deleteRule),
		"DescribeRule":           reads(describeRule),
		"EnableRule":             writes(enableRule),
		"DisableRule":            writes(disableRule),
		"ListRules":              reads(listRules),
		"ListRuleNamesByTarget":  reads(listRuleNamesByTarget),
		"PutTargets":             writes(putTargets),
		"RemoveTargets":          writes(removeTargets),
		"ListTargetsByRule":      reads(listTargetsByRule),
		"TestEventPattern":       reads(testEventPattern),
		"CreateConnection":       writes(createConnection),
		"DescribeConnection":     reads(describeConnection),
		"DeauthorizeConnection":  writes(deauthorizeConnection),
		"ListConnections":        reads(listConnections),
		"DeleteConnection":       writes(deleteConnection),
		"ListApiDestinations":    reads(listAPIDestinations),
		"DeleteApiDestination":   writes(deleteAPIDestination),
		"CreateApiDestination":   writes(createAPIDestination),
		"DescribeApiDestination": reads(describeAPIDestination),
		"UpdateApiDestination":   writes(updateAPIDestination),
		"TagResource":            writes(tagRule),
		"UntagResource":          writes(untagRule),
		"ListTagsForResource":    reads(listRuleTags),
	},
}

// defaultBus is the name of the bus that every account has in every region.
const defaultBus = "default"

// A bus is an event bus.
type bus struct {
	name   string
	policy string // JSON document, "" for none
	key    string // ARN of a customer's key, "" for AWS's own
}

// bus returns the bus of that name, nil when there is none.
func (r *Region) bus(name string) *bus {
	if b := r.buses[name]; b != nil {
		return b
	}
	if name == defaultBus {
		return &bus{name: name}
	}
	return nil
}

func (r *Region) busARN(name string) string { return r.arn("events", "event-bus/"+name) }

// busName returns the name of a bus that is given by name or ARN, the default
// one for "".
func busName(nameOrARN string) string {
	if p, ok := splitARN(nameOrARN); ok {
		return strings.TrimPrefix(p.resource, "event-bus/")
	}
	return cmp.Or(nameOrARN, defaultBus)
}

func errNoBus(name string) error {
	return apiError("ResourceNotFoundException", "Event bus %s does not exist.", name)
}

// findBus finds a bus of the call's region.
func (c *call) findBus(nameOrARN string) (*bus, error) {
	name := busName(nameOrARN)
	if b := c.region.bus(name); b != nil {
		return b, nil
	}
	return nil, errNoBus(name)
}

// CreateEventBusInput is the input of events:CreateEventBus.
type CreateEventBusInput struct {
	Name             string `json:"Name,omitempty" required:"" length:"1-256" pattern:"[/\\.\\-_A-Za-z0-9]+"`
	Description      string `json:"Description,omitempty" length:"0-512"`
	KmsKeyIdentifier string `json:"KmsKeyIdentifier,omitempty" length:"0-2048"`
	Tags             []Tag  `json:"Tags,omitempty"`
}

type eventBusARN struct {
	EventBusARN string `json:"EventBusArn"`
}

// CreateEventBus creates a custom event bus and returns its ARN.
func (r *Region) CreateEventBus(in CreateEventBusInput) (string, error) {
	out, err := seed[eventBusARN](r, eventsService, "CreateEventBus", &in)
	return out.EventBusARN, err
}

func createEventBus(c *call, in *CreateEventBusInput) (*eventBusARN, error) {
	if c.region.bus(in.Name) != nil {
		return nil, apiError("ResourceAlreadyExistsException", "Event bus %s already exists.", in.Name)
	}
	key, err := c.busKey(in.KmsKeyIdentifier)
	if err != nil {
		return nil, err
	}
	c.region.buses[in.Name] = &bus{name: in.Name, key: key}
	return &eventBusARN{c.region.busARN(in.Name)}, nil
}

// busKey returns the ARN of a key of the region, "" for no key.
func (c *call) busKey(id string) (string, error) {
	if id == "" {
		return "", nil
	}
	k := c.region.findKey(id)
	if k == nil {
		return "", apiError("ValidationException", "Key %s does not exist.", id)
	}
	return k.arn, nil
}

type eventBusName struct {
	Name string `json:"Name,omitempty" length:"1-1600"`
}

type describeEventBusOutput struct {
	Name             string `json:"Name"`
	Arn              string `json:"Arn"`
	KmsKeyIdentifier string `json:"KmsKeyIdentifier,omitempty"`
	Policy           string `json:"Policy,omitempty"`
}

func describeEventBus(c *call, in *eventBusName) (*describeEventBusOutput, error) {
	b, err := c.findBus(in.Name)
	if err != nil {
		return nil, err
	}
	return &describeEventBusOutput{b.name, c.region.busARN(b.name), b.key, b.policy}, nil
}

type listEventBusesInput struct {
	NamePrefix string `json:"NamePrefix,omitempty" length:"1-256"`
	NextToken  string `json:"NextToken,omitempty" length:"1-2048"`
	Limit      int32  `json:"Limit,omitempty" range:"1-100"`
}

type listedBus struct {
	Name   string `json:"Name"`
	Arn    string `json:"Arn"`
	Policy string `json:"Policy,omitempty"`
}

type listEventBusesOutput struct {
	EventBuses []listedBus `json:"EventBuses"`
	NextToken  string      `json:"NextToken,omitempty"`
}

func listEventBuses(c *call, in *listEventBusesInput) (*listEventBusesOutput, error) {
	names := slices.Collect(maps.Keys(c.region.buses))
	if !slices.Contains(names, defaultBus) {
		names = append(names, defaultBus)
	}
	slices.Sort(names)
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, in.NamePrefix) })
	after, ok := readToken("ListEventBuses", in.NextToken)
	if !ok {
		return nil, apiError("ValidationException", "Provided token is invalid")
	}
	cut, next := page(c.Cloud, names, func(n string) string { return n }, after, cmp.Or(int(in.Limit), 100))
	out := &listEventBusesOutput{EventBuses: []listedBus{}, NextToken: newToken("ListEventBuses", next)}
	for _, n := range cut {
		out.EventBuses = append(out.EventBuses, listedBus{n, c.region.busARN(n), c.region.bus(n).policy})
	}
	return out, nil
}

func deleteEventBus(c *call, in *eventBusName) (*none, error) {
	if in.Name == defaultBus {
		return nil, apiError("ValidationException", "Cannot delete event bus default.")
	}
	for _, r := range c.region.rules {
		if r.bus == in.Name {
			return nil, apiError("ValidationException", "Event bus %s contains rules.", in.Name)
		}
	}
	delete(c.region.buses, in.Name)
	return &none{}, nil
}

// UpdateEventBusInput is the input of events:UpdateEventBus.
type UpdateEventBusInput struct {
	Name             string `json:"Name,omitempty" length:"1-256"`
	KmsKeyIdentifier string `json:"KmsKeyIdentifier,omitempty" length:"0-2048"`
	Description      string `json:"Description,omitempty" length:"0-512"`
}

// UpdateEventBus sets the key of a bus.
func (r *Region) UpdateEventBus(in UpdateEventBusInput) error {
	return seedOnly[describeEventBusOutput](r, eventsService, "UpdateEventBus", &in)
}

func updateEventBus(c *call, in *UpdateEventBusInput) (*describeEventBusOutput, error) {
	old, err := c.findBus(in.Name)
	if err != nil {
		return nil, err
	}
	b := *old
	if b.key, err = c.busKey(in.KmsKeyIdentifier); err != nil {
		return nil, err
	}
	c.region.buses[b.name] = &b
	return &describeEventBusOutput{b.name, c.region.busARN(b.name), b.key, b.policy}, nil
}
