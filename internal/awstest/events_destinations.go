package awstest

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// A connection is what API destinations sign in with.
type connection struct {
	name, arn, auth, state, description string
	body                                map[string]string // that goes into what is sent
}

// An apiDestination is an HTTP endpoint that rules call.
type apiDestination struct {
	name, arn, connection, endpoint, method, description string
	active                                               bool
}

// CreateConnectionInput is the input of events:CreateConnection. The parameters
// of the sign-in are taken and not kept.
type CreateConnectionInput struct {
	Name              string         `json:"Name,omitempty" required:"" length:"1-64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	Description       string         `json:"Description,omitempty" length:"0-512"`
	AuthorizationType string         `json:"AuthorizationType,omitempty" required:"" enum:"BASIC|OAUTH_CLIENT_CREDENTIALS|API_KEY"`
	AuthParameters    AuthParameters `json:"AuthParameters,omitempty"`
}

// AuthParameters are how a connection signs in, and what it adds to each call.
type AuthParameters struct {
	BasicAuthParameters      map[string]any        `json:"BasicAuthParameters,omitempty"`
	APIKeyAuthParameters     map[string]any        `json:"ApiKeyAuthParameters,omitempty"`
	OAuthParameters          map[string]any        `json:"OAuthParameters,omitempty"`
	InvocationHTTPParameters *InvocationParameters `json:"InvocationHttpParameters,omitempty"`
}

// InvocationParameters are what a connection adds to the body of each call; headers and
// query strings are taken and not kept.
type InvocationParameters struct {
	BodyParameters        []BodyParameter  `json:"BodyParameters,omitempty"`
	HeaderParameters      []map[string]any `json:"HeaderParameters,omitempty"`
	QueryStringParameters []map[string]any `json:"QueryStringParameters,omitempty"`
}

// A BodyParameter is a member that a connection adds to a body.
type BodyParameter struct {
	Key           string `json:"Key"`
	Value         string `json:"Value"`
	IsValueSecret bool   `json:"IsValueSecret,omitempty"`
}

type connectionOutput struct {
	ConnectionArn   string `json:"ConnectionArn"`
	ConnectionState string `json:"ConnectionState"`
}

// CreateConnection creates a connection, which is authorized, and returns its
// ARN. Without parameters it signs in with some that say nothing.
func (r *Region) CreateConnection(in CreateConnectionInput) (string, error) {
	if p := &in.AuthParameters; p.BasicAuthParameters == nil && p.APIKeyAuthParameters == nil && p.OAuthParameters == nil {
		some := map[string]any{"ApiKeyName": "x", "ApiKeyValue": "x"}
		p.BasicAuthParameters, p.APIKeyAuthParameters, p.OAuthParameters = some, some, some
	}
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
	given := map[string]map[string]any{"BASIC": in.AuthParameters.BasicAuthParameters, "API_KEY": in.AuthParameters.APIKeyAuthParameters, "OAUTH_CLIENT_CREDENTIALS": in.AuthParameters.OAuthParameters}
	if given[in.AuthorizationType] == nil {
		return nil, apiError("ValidationException", "AuthParameters must have the parameters of %s.", in.AuthorizationType)
	}
	x := &connection{name: in.Name, arn: c.region.arn("events", "connection/"+in.Name+"/"+c.uuid()), auth: in.AuthorizationType, state: "AUTHORIZED", description: in.Description, body: map[string]string{}}
	if p := in.AuthParameters.InvocationHTTPParameters; p != nil {
		for _, b := range p.BodyParameters {
			x.body[b.Key] = b.Value
		}
	}
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
	Description       string `json:"Description,omitempty"`
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
	return &describedConnection{x.arn, x.name, x.state, x.auth, x.description}, nil
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
	d := &apiDestination{in.Name, c.region.arn("events", "api-destination/"+in.Name+"/"+c.uuid()), in.ConnectionArn, in.InvocationEndpoint, in.HTTPMethod, in.Description, true}
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
	Description                  string `json:"Description,omitempty"`
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
	return &describedDestination{d.arn, d.name, d.state(), d.connection, d.endpoint, d.method, 300, d.description}, nil
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

// add puts the connection's members into a body that is a JSON object; any other stays as
// it is.
func (x *connection) add(body string) string {
	if len(x.body) == 0 {
		return body
	}
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(body), &object) != nil || object == nil {
		return body
	}
	for k, v := range x.body {
		object[k], _ = json.Marshal(v) // a string: it cannot fail
	}
	out, _ := json.Marshal(object) // likewise
	return string(out)
}

type prefixInput struct {
	NamePrefix string `json:"NamePrefix,omitempty" length:"1-64"`
	Limit      int    `json:"Limit,omitempty" range:"1-100"`
	NextToken  string `json:"NextToken,omitempty"`
}

type listedConnections struct {
	Connections []describedConnection `json:"Connections"`
	NextToken   string                `json:"NextToken,omitempty"`
}

// listConnections lists connections without their descriptions, as AWS does.
func listConnections(c *call, in *prefixInput) (*listedConnections, error) {
	after, ok := readToken("ListConnections", in.NextToken)
	if !ok {
		return nil, apiError("ValidationException", "Invalid token.")
	}
	var all []describedConnection
	for _, name := range slices.Sorted(maps.Keys(c.region.connections)) {
		if x := c.region.connections[name]; strings.HasPrefix(name, in.NamePrefix) {
			all = append(all, describedConnection{x.arn, x.name, x.state, x.auth, ""})
		}
	}
	cut, next := page(c.Cloud, all, func(x describedConnection) string { return x.Name }, after, cmp.Or(in.Limit, 100))
	return &listedConnections{append([]describedConnection{}, cut...), newToken("ListConnections", next)}, nil
}

// deleteConnection takes an API destination's connection away too: its calls fail then.
func deleteConnection(c *call, in *nameOnly) (*connectionOutput, error) {
	x, err := c.findConnection(in.Name)
	if err != nil {
		return nil, err
	}
	delete(c.region.connections, in.Name)
	return &connectionOutput{x.arn, "DELETING"}, nil
}

type listedDestinations struct {
	APIDestinations []describedDestination `json:"ApiDestinations"`
	NextToken       string                 `json:"NextToken,omitempty"`
}

// listAPIDestinations lists API destinations without their descriptions, as AWS does.
func listAPIDestinations(c *call, in *prefixInput) (*listedDestinations, error) {
	after, ok := readToken("ListApiDestinations", in.NextToken)
	if !ok {
		return nil, apiError("ValidationException", "Invalid token.")
	}
	var all []describedDestination
	for _, name := range slices.Sorted(maps.Keys(c.region.destinations)) {
		if d := c.region.destinations[name]; strings.HasPrefix(name, in.NamePrefix) {
			all = append(all, describedDestination{d.arn, d.name, d.state(), d.connection, d.endpoint, d.method, 300, ""})
		}
	}
	cut, next := page(c.Cloud, all, func(x describedDestination) string { return x.Name }, after, cmp.Or(in.Limit, 100))
	return &listedDestinations{append([]describedDestination{}, cut...), newToken("ListApiDestinations", next)}, nil
}

func deleteAPIDestination(c *call, in *nameOnly) (*struct{}, error) {
	if _, err := c.findDestination(in.Name); err != nil {
		return nil, err
	}
	delete(c.region.destinations, in.Name)
	return &struct{}{}, nil
}
