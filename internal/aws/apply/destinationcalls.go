package apply

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	events "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

// Destination calls events:DescribeApiDestination.
func (c calls) Destination(ctx context.Context, region, name, salt string) (*account.APIDestination, error) {
	d, err := collect.Destination(ctx, c.clients.rules(region), name, salt)
	return d, failedRead("events:DescribeApiDestination", err)
}

// Connection calls events:DescribeConnection.
func (c calls) Connection(ctx context.Context, region, name string) (*account.Connection, error) {
	x, err := collect.Connection(ctx, c.clients.rules(region), name)
	return x, failedRead("events:DescribeConnection", err)
}

// CreateConnection calls events:CreateConnection. A receiver that asks for no credentials
// gets a header without meaning: EventBridge demands some.
func (c calls) CreateConnection(ctx context.Context, region string, d desired.Destination) (string, error) {
	in := &eventbridge.CreateConnectionInput{
		Name: aws.String(d.Name), Description: aws.String(desired.ManagedDescription),
		AuthorizationType: events.ConnectionAuthorizationType(d.Authorization()), AuthParameters: &events.CreateConnectionAuthRequestParameters{},
	}
	if d.Call.User != "" {
		in.AuthParameters.BasicAuthParameters = &events.CreateConnectionBasicAuthRequestParameters{Username: aws.String(d.Call.User), Password: aws.String(d.Call.Password)}
	} else {
		in.AuthParameters.ApiKeyAuthParameters = &events.CreateConnectionApiKeyAuthRequestParameters{ApiKeyName: aws.String(desired.NoKeyHeader), ApiKeyValue: aws.String(desired.NoKey)}
	}
	if d.Call.RoutingKey != "" {
		in.AuthParameters.InvocationHttpParameters = &events.ConnectionHttpParameters{BodyParameters: []events.ConnectionBodyParameter{
			{Key: aws.String(desired.RoutingKeyParameter), Value: aws.String(d.Call.RoutingKey), IsValueSecret: true},
		}}
	}
	out, err := c.clients.rules(region).CreateConnection(ctx, in)
	if err != nil {
		return "", failedWrite("events:CreateConnection", err)
	}
	return aws.ToString(out.ConnectionArn), nil
}

// CreateDestination calls events:CreateApiDestination.
func (c calls) CreateDestination(ctx context.Context, region string, d desired.Destination, connection string) (string, error) {
	out, err := c.clients.rules(region).CreateApiDestination(ctx, &eventbridge.CreateApiDestinationInput{
		Name: aws.String(d.Name), Description: aws.String(desired.ManagedDescription), ConnectionArn: aws.String(connection),
		InvocationEndpoint: aws.String(d.Call.URL), HttpMethod: events.ApiDestinationHttpMethodPost,
	})
	if err != nil {
		return "", failedWrite("events:CreateApiDestination", err)
	}
	return aws.ToString(out.ApiDestinationArn), nil
}

// DeleteConnection calls events:DeleteConnection.
func (c calls) DeleteConnection(ctx context.Context, region, name string) error {
	_, err := c.clients.rules(region).DeleteConnection(ctx, &eventbridge.DeleteConnectionInput{Name: aws.String(name)})
	return failedWrite("events:DeleteConnection", err)
}

// DeleteDestination calls events:DeleteApiDestination.
func (c calls) DeleteDestination(ctx context.Context, region, name string) error {
	_, err := c.clients.rules(region).DeleteApiDestination(ctx, &eventbridge.DeleteApiDestinationInput{Name: aws.String(name)})
	return failedWrite("events:DeleteApiDestination", err)
}
