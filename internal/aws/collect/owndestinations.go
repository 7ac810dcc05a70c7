package collect

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// readOwnDestinations reads the API destinations and connections of a region whose names
// begin as ours do.
func (r *run) readOwnDestinations(ctx context.Context, region *account.Region) {
	prefix := r.o.Own.Destinations
	if prefix == "" {
		return
	}
	api := r.s.in(region.Name).rules
	names, arns, err := ownDestinations(ctx, api, prefix)
	region.OwnDestinations = answer("events:ListApiDestinations", some(sorted(arns)), err)
	if err == nil && len(names) > 0 && region.APIDestinations == nil {
		region.APIDestinations = map[string]*account.Read[*account.APIDestination]{}
	}
	for i, name := range names {
		if err == nil && region.APIDestinations[arns[i]] == nil {
			region.APIDestinations[arns[i]] = apiDestination(ctx, api, name, r.o.Salt)
		}
	}
	arns, err = ownConnections(ctx, api, prefix)
	region.OwnConnections = answer("events:ListConnections", some(sorted(arns)), err)
	for _, arn := range arns {
		if err == nil {
			r.readConnection(ctx, region, arn)
		}
	}
}

// ownDestinations lists API destinations by the beginning of their names, all pages.
func ownDestinations(ctx context.Context, api RulesAPI, prefix string) (names, arns []string, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := api.ListApiDestinations(ctx, &eventbridge.ListApiDestinationsInput{NamePrefix: aws.String(prefix), NextToken: token})
		if err != nil {
			return nil, false, err
		}
		for _, d := range page.ApiDestinations {
			names, arns = append(names, aws.ToString(d.Name)), append(arns, aws.ToString(d.ApiDestinationArn))
		}
		return page.NextToken, false, nil
	})
	return names, arns, err
}

// ownConnections does so for connections.
func ownConnections(ctx context.Context, api RulesAPI, prefix string) (arns []string, err error) {
	err = pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := api.ListConnections(ctx, &eventbridge.ListConnectionsInput{NamePrefix: aws.String(prefix), NextToken: token})
		if err != nil {
			return nil, false, err
		}
		for _, c := range page.Connections {
			arns = append(arns, aws.ToString(c.ConnectionArn))
		}
		return page.NextToken, false, nil
	})
	return arns, err
}
