package awstest

import (
	"cmp"
	"strings"
	"time"
)

// A connection is what API destinations sign in with.
type connection struct {
	name, arn, auth, state string
}

// An apiDestination is an HTTP endpoint that rules call.
type apiDestination struct {
	name, arn, connection, endpoint, method string
	active                                  bool
}

// CreateConnectionInput is the input of events:CreateConnection. The parameters
// of the sign-in are taken and not kept.
type CreateConnectionInput struct {
	Name              string         `json:"Name,omitempty" required:"" length:"1-64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	Description       string         `json:"Description,omitempty" length:"0-512"`
	AuthorizationType string         `json:"AuthorizationType,omitempty" required:"" enum:"BASIC|OAUTH_CLIENT_CREDENTIALS|API_KEY"`
	AuthParameters    map[string]any `json:"AuthParameters,omitempty"`
}

type connectionOutput struct {
	ConnectionArn   string `json:"ConnectionArn"`
	ConnectionState string `json:"ConnectionState"`
}

// CreateConnection creates a connection, which is authorized, and returns its
// ARN.
func (r *Region) CreateConnection(in CreateConnectionInput) (string, error) {
	out, err := seed[connectionOutput](r, eventsService, "CreateConnection", &in)
	return out.ConnectionArn, err
}

// SetConnectionState puts a connection into a state: AUTHORIZED, DEAUTHORIZED, ...
func (r *Region) SetConnectionState(name, state string) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	changed := *r.connections[name]
	changed.state = state
	r.connections[name] = &changed
}

func createConnection(c *call, in *CreateConnectionInput) (*connectionOutput, error) {
	if c.region.connections[in.Name] != nil {
		return nil, apiError("ResourceAlreadyExistsException", "Connection %s already exists.", in.Name)
	}
	x := &connection{in.Name, c.region.arn("events", "connection/"+in.Name+"/"+c.uuid()), in.AuthorizationType, "AUTHORIZED"}
	c.region.connections[in.Name] = x
	return &connectionOutput{x.arn, x.state}, nil
}

type nameOnly struct {
	Name string `json:"Name,omitempty" required:"" length:"1-64"`
}

type describedConnection struct {
	ConnectionArn     string `json:"ConnectionArn"`
	Name              string `json:"Name"`
	ConnectionState   string `json:"ConnectionState"`
	AuthorizationType string `json:"AuthorizationType"`
}

func (c *call) findConnection(name string) (*connection, error) {
	if x := c.region.connections[name]; x != nil {
		return x, nil
	}
	return nil, apiError("ResourceNotFoundException", "Failed to describe the connection(s). Connection '%s' does not exist.", name)
}

func describeConnection(c *call, in *nameOnly) (*describedConnection, error) {
	x, err := c.findConnection(in.Name)
	if err != nil {
		return nil, err
	}
	return &describedConnection{x.arn, x.name, x.state, x.auth}, nil
}

func deauthorizeConnection(c *call, in *nameOnly) (*connectionOutput, error) {
	old, err := c.findConnection(in.Name)
	if err != nil {
		return nil, err
	}
	x := *old
	x.state = "DEAUTHORIZED"
	c.region.connections[in.Name] = &x
	return &connectionOutput{x.arn, x.state}, nil
}

// CreateAPIDestinationInput is the input of events:CreateApiDestination.
type CreateAPIDestinationInput struct {
	Name                         string `json:"Name,omitempty" required:"" length:"1-64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	Description                  string `json:"Description,omitempty" length:"0-512"`
	ConnectionArn                string `json:"ConnectionArn,omitempty" required:"" length:"1-1600"`
	InvocationEndpoint           string `json:"InvocationEndpoint,omitempty" required:"" length:"1-2048"`
	HTTPMethod                   string `json:"HttpMethod,omitempty" required:"" enum:"POST|GET|HEAD|OPTIONS|PUT|PATCH|DELETE"`
	InvocationRateLimitPerSecond int32  `json:"InvocationRateLimitPerSecond,omitempty" range:"1-300"`
}

type apiDestinationOutput struct {
	APIDestinationArn   string `json:"ApiDestinationArn"`
	APIDestinationState string `json:"ApiDestinationState"`
}

// CreateAPIDestination creates an API destination and returns its ARN.
func (r *Region) CreateAPIDestination(in CreateAPIDestinationInput) (string, error) {
	out, err := seed[apiDestinationOutput](r, eventsService, "CreateApiDestination", &in)
	return out.APIDestinationArn, err
}

func createAPIDestination(c *call, in *CreateAPIDestinationInput) (*apiDestinationOutput, error) {
	if c.region.destinations[in.Name] != nil {
		return nil, apiError("ResourceAlreadyExistsException", "An api-destination '%s' already exists.", in.Name)
	}
	if err := c.checkDestination(in.InvocationEndpoint, in.ConnectionArn); err != nil {
		return nil, err
	}
	d := &apiDestination{in.Name, c.region.arn("events", "api-destination/"+in.Name+"/"+c.uuid()), in.ConnectionArn, in.InvocationEndpoint, in.HTTPMethod, true}
	c.region.destinations[in.Name] = d
	return &apiDestinationOutput{d.arn, d.state()}, nil
}

func (c *call) checkDestination(endpoint, connection string) error {
	if !strings.HasPrefix(endpoint, "https://") {
		return apiError("ValidationException", "InvocationEndpoint must be an https URL.")
	}
	if c.region.connectionByARN(connection) == nil {
		return apiError("ResourceNotFoundException", "Connection '%s' does not exist.", connection)
	}
	return nil
}

func (r *Region) connectionByARN(arn string) *connection {
	for _, x := range r.connections {
		if x.arn == arn {
			return x
		}
	}
	return nil
}

func (d *apiDestination) state() string {
	if d.active {
		return "ACTIVE"
	}
	return "INACTIVE"
}

type describedDestination struct {
	APIDestinationArn            string `json:"ApiDestinationArn"`
	Name                         string `json:"Name"`
	APIDestinationState          string `json:"ApiDestinationState"`
	ConnectionArn                string `json:"ConnectionArn"`
	InvocationEndpoint           string `json:"InvocationEndpoint"`
	HTTPMethod                   string `json:"HttpMethod"`
	InvocationRateLimitPerSecond int32  `json:"InvocationRateLimitPerSecond"`
}

func (c *call) findDestination(name string) (*apiDestination, error) {
	if d := c.region.destinations[name]; d != nil {
		return d, nil
	}
	return nil, apiError("ResourceNotFoundException", "Failed to describe the api-destination(s). An api-destination '%s' does not exist.", name)
}

func describeAPIDestination(c *call, in *nameOnly) (*describedDestination, error) {
	d, err := c.findDestination(in.Name)
	if err != nil {
		return nil, err
	}
	return &describedDestination{d.arn, d.name, d.state(), d.connection, d.endpoint, d.method, 300}, nil
}

type updateDestinationInput struct {
	Name               string `json:"Name,omitempty" required:"" length:"1-64"`
	Description        string `json:"Description,omitempty" length:"0-512"`
	ConnectionArn      string `json:"ConnectionArn,omitempty" length:"1-1600"`
	InvocationEndpoint string `json:"InvocationEndpoint,omitempty" length:"1-2048"`
	HTTPMethod         string `json:"HttpMethod,omitempty" enum:"POST|GET|HEAD|OPTIONS|PUT|PATCH|DELETE"`
}

func updateAPIDestination(c *call, in *updateDestinationInput) (*apiDestinationOutput, error) {
	old, err := c.findDestination(in.Name)
	if err != nil {
		return nil, err
	}
	d := *old
	d.endpoint, d.connection, d.method = cmp.Or(in.InvocationEndpoint, d.endpoint), cmp.Or(in.ConnectionArn, d.connection), cmp.Or(in.HTTPMethod, d.method)
	if err := c.checkDestination(d.endpoint, d.connection); err != nil {
		return nil, err
	}
	c.region.destinations[in.Name] = &d
	return &apiDestinationOutput{d.arn, d.state()}, nil
}

// SetAPIDestinationActive puts an API destination into the state ACTIVE or
// INACTIVE, which EventBridge does when its connection goes.
func (r *Region) SetAPIDestinationActive(name string, active bool) {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	d := *r.destinations[name]
	d.active = active
	r.destinations[name] = &d
}

// Outage makes an HTTPS endpoint answer with errors for some virtual time from
// now on. EventBridge tries again.
func (c *Cloud) Outage(endpoint string, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outages[endpoint] = c.now.Add(d)
}
