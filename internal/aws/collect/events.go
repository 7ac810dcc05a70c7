package collect

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// RulesAPI is the part of EventBridge that this package calls.
type RulesAPI interface {
	ListRules(context.Context, *eventbridge.ListRulesInput, ...func(*eventbridge.Options)) (*eventbridge.ListRulesOutput, error)
	ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error)
	ListEventBuses(context.Context, *eventbridge.ListEventBusesInput, ...func(*eventbridge.Options)) (*eventbridge.ListEventBusesOutput, error)
	DescribeEventBus(context.Context, *eventbridge.DescribeEventBusInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeEventBusOutput, error)
	DescribeApiDestination(context.Context, *eventbridge.DescribeApiDestinationInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeApiDestinationOutput, error)
	ListTagsForResource(context.Context, *eventbridge.ListTagsForResourceInput, ...func(*eventbridge.Options)) (*eventbridge.ListTagsForResourceOutput, error)
	DescribeConnection(context.Context, *eventbridge.DescribeConnectionInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeConnectionOutput, error)
	ListApiDestinations(context.Context, *eventbridge.ListApiDestinationsInput, ...func(*eventbridge.Options)) (*eventbridge.ListApiDestinationsOutput, error)
	ListConnections(context.Context, *eventbridge.ListConnectionsInput, ...func(*eventbridge.Options)) (*eventbridge.ListConnectionsOutput, error)
}

var _ RulesAPI = (*eventbridge.Client)(nil)

// asksForRules reports whether a control is about events, which rules may tell of.
func (r *run) asksForRules() bool {
	return !r.o.NoRules && slices.ContainsFunc(r.o.Controls, func(c catalog.Control) bool { return c.Type != catalog.State })
}

// readRules lists the rules of the default buses: one call for each region in
// which some trail may record, as nothing arrives elsewhere. Regions of alarms are
// among them or are asked too.
func (r *run) readRules(ctx context.Context, regions map[string]*account.Region, groups map[string][]string) {
	if !r.asksForRules() {
		return
	}
	var asked []*account.Region
	for _, name := range slices.Sorted(maps.Keys(regions)) {
		shown, ok := regions[name].Trails.Got()
		if len(shown) > 0 || regions[name].Trails != nil && !ok || len(groups[name]) > 0 {
			asked = append(asked, regions[name])
		}
	}
	each(ctx, len(asked), func(i int) { asked[i].Rules = rules(ctx, r.s.in(asked[i].Name).rules, account.DefaultBus) })
}

// rules lists the rules of a bus, all pages, sorted by name.
func rules(ctx context.Context, api RulesAPI, bus string) *account.Read[[]account.Rule] {
	list, err := Rules(ctx, api, bus)
	return answer("events:ListRules", some(list), err)
}

// Rules lists the rules of a bus, all pages, sorted by name, without their targets.
// The error is the SDK's.
func Rules(ctx context.Context, api interface {
	ListRules(context.Context, *eventbridge.ListRulesInput, ...func(*eventbridge.Options)) (*eventbridge.ListRulesOutput, error)
}, bus string) ([]account.Rule, error) {
	var list []account.Rule
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := api.ListRules(ctx, &eventbridge.ListRulesInput{EventBusName: aws.String(bus), NextToken: token})
		if err != nil {
			return nil, false, err
		}
		for _, r := range page.Rules {
			list = append(list, ruleFrom(&r))
		}
		return page.NextToken, false, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b account.Rule) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

func ruleFrom(r *types.Rule) account.Rule {
	return account.Rule{
		Name: aws.ToString(r.Name), ARN: aws.ToString(r.Arn), Pattern: aws.ToString(r.EventPattern),
		Schedule: aws.ToString(r.ScheduleExpression), State: string(r.State), ManagedBy: aws.ToString(r.ManagedBy),
		Description: aws.ToString(r.Description), RoleARN: aws.ToString(r.RoleArn),
	}
}

// targets lists the targets of a rule, all pages, sorted by id; with digests of
// their texts for a rule that has one of our names.
func targets(ctx context.Context, api RulesAPI, bus, rule string, digests bool) *account.Read[[]account.Target] {
	whole, err := Targets(ctx, api, bus, rule)
	var list []account.Target
	for i := range whole {
		t := whole[i].Target()
		if !digests {
			t.Message.Digest = ""
		}
		list = append(list, t)
	}
	return answer("events:ListTargetsByRule", some(list), err)
}

// Targets lists the targets of a rule, all pages, sorted by id. The error is the
// SDK's.
func Targets(ctx context.Context, api interface {
	ListTargetsByRule(context.Context, *eventbridge.ListTargetsByRuleInput, ...func(*eventbridge.Options)) (*eventbridge.ListTargetsByRuleOutput, error)
}, bus, rule string) ([]account.WholeTarget, error) {
	var list []account.WholeTarget
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := api.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{EventBusName: aws.String(bus), Rule: aws.String(rule), NextToken: token})
		if err != nil {
			return nil, false, err
		}
		for i := range page.Targets {
			list = append(list, targetFrom(&page.Targets[i]))
		}
		return page.NextToken, false, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b account.WholeTarget) int { return cmp.Compare(a.ID, b.ID) })
	return list, nil
}

func targetFrom(t *types.Target) account.WholeTarget {
	out := account.WholeTarget{
		ID: aws.ToString(t.Id), ARN: aws.ToString(t.Arn), RoleARN: aws.ToString(t.RoleArn), Input: aws.ToString(t.Input), InputPath: aws.ToString(t.InputPath),
	}
	if x := t.InputTransformer; x != nil {
		out.Transformer = &account.Transformed{Paths: x.InputPathsMap, Template: aws.ToString(x.InputTemplate)}
	}
	if t.DeadLetterConfig != nil {
		out.DeadLetterARN = aws.ToString(t.DeadLetterConfig.Arn)
	}
	if t.RetryPolicy != nil {
		out.RetryAttempts, out.RetryAge = t.RetryPolicy.MaximumRetryAttempts, t.RetryPolicy.MaximumEventAgeInSeconds
	}
	for name, set := range map[string]bool{
		"AppSyncParameters": t.AppSyncParameters != nil, "BatchParameters": t.BatchParameters != nil, "EcsParameters": t.EcsParameters != nil,
		"HttpParameters": t.HttpParameters != nil, "KinesisParameters": t.KinesisParameters != nil, "RedshiftDataParameters": t.RedshiftDataParameters != nil,
		"RunCommandParameters": t.RunCommandParameters != nil, "SageMakerPipelineParameters": t.SageMakerPipelineParameters != nil, "SqsParameters": t.SqsParameters != nil,
	} {
		if set {
			out.Unknown = append(out.Unknown, name)
		}
	}
	slices.Sort(out.Unknown)
	return out
}

// RuleTags returns the tags of a rule, never nil without an error, which is the
// SDK's.
func RuleTags(ctx context.Context, api interface {
	ListTagsForResource(context.Context, *eventbridge.ListTagsForResourceInput, ...func(*eventbridge.Options)) (*eventbridge.ListTagsForResourceOutput, error)
}, arn string) (map[string]string, error) {
	out, err := api.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: aws.String(arn)})
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}

// buses lists the ARNs of a region's buses, all pages, sorted.
func buses(ctx context.Context, api RulesAPI) *account.Read[[]string] {
	var list []string
	err := pages(ctx, func(ctx context.Context, token *string) (*string, bool, error) {
		page, err := api.ListEventBuses(ctx, &eventbridge.ListEventBusesInput{NextToken: token})
		if err != nil {
			return nil, false, err
		}
		for _, b := range page.EventBuses {
			list = append(list, aws.ToString(b.Arn))
		}
		return page.NextToken, false, nil
	})
	if err != nil {
		list = nil
	}
	return answer("events:ListEventBuses", sorted(list), err)
}

func describeBus(ctx context.Context, api RulesAPI, name string) *account.Read[*account.BusDescription] {
	const operation = "events:DescribeEventBus"
	out, err := api.DescribeEventBus(ctx, &eventbridge.DescribeEventBusInput{Name: aws.String(name)})
	if err != nil {
		return found[account.BusDescription](operation, nil, err)
	}
	return found(operation, &account.BusDescription{Policy: aws.ToString(out.Policy), KeyID: aws.ToString(out.KmsKeyIdentifier)}, nil)
}

func apiDestination(ctx context.Context, api RulesAPI, name, salt string) *account.Read[*account.APIDestination] {
	d, err := Destination(ctx, api, name, salt)
	return found("events:DescribeApiDestination", d, err)
}

// Destination reads an API destination by name, its URL masked and hashed with salt. The
// error is the SDK's.
func Destination(ctx context.Context, api interface {
	DescribeApiDestination(context.Context, *eventbridge.DescribeApiDestinationInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeApiDestinationOutput, error)
}, name, salt string) (*account.APIDestination, error) {
	out, err := api.DescribeApiDestination(ctx, &eventbridge.DescribeApiDestinationInput{Name: aws.String(name)})
	if err != nil {
		return nil, err
	}
	endpoint := aws.ToString(out.InvocationEndpoint)
	return &account.APIDestination{
		ARN: aws.ToString(out.ApiDestinationArn), Name: aws.ToString(out.Name), State: string(out.ApiDestinationState),
		Endpoint: account.MaskEndpoint("https", endpoint), EndpointHash: account.HashEndpoint(salt, "https", endpoint),
		ConnectionARN: aws.ToString(out.ConnectionArn), Description: aws.ToString(out.Description),
	}, nil
}

func describeConnection(ctx context.Context, api RulesAPI, name string) *account.Read[*account.Connection] {
	c, err := Connection(ctx, api, name)
	return found("events:DescribeConnection", c, err)
}

// Connection reads a connection by name, without its secrets. The error is the SDK's.
func Connection(ctx context.Context, api interface {
	DescribeConnection(context.Context, *eventbridge.DescribeConnectionInput, ...func(*eventbridge.Options)) (*eventbridge.DescribeConnectionOutput, error)
}, name string) (*account.Connection, error) {
	out, err := api.DescribeConnection(ctx, &eventbridge.DescribeConnectionInput{Name: aws.String(name)})
	if err != nil {
		return nil, err
	}
	return &account.Connection{
		ARN: aws.ToString(out.ConnectionArn), Name: aws.ToString(out.Name), State: string(out.ConnectionState),
		Auth: string(out.AuthorizationType), Description: aws.ToString(out.Description),
	}, nil
}

// nameIn returns the name in an ARN's resource such as "event-bus/NAME",
// "api-destination/NAME/ID"; false for other resources.
func nameIn(arn account.ARN, kind string) (string, bool) {
	rest, ok := strings.CutPrefix(arn.Resource, kind+"/")
	if kind != "event-bus" {
		rest, _, _ = strings.Cut(rest, "/")
	}
	return rest, ok && rest != "" && arn.Service == "events"
}
