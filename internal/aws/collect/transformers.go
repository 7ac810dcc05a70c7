package collect

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// readTransformers asks for the transformers of those log groups on which a
// filter reads transformed logs.
func (r *run) readTransformers(ctx context.Context, region *account.Region, groups []string) {
	filters, _ := region.MetricFilters.Got()
	var names []string
	for _, f := range filters {
		if f.OnTransformed && slices.Contains(groups, f.LogGroup) {
			names = append(names, f.LogGroup)
		}
	}
	names = distinct(names)
	api := r.s.in(region.Name).logs
	reads := make([]*account.Read[*account.Transformer], len(names))
	each(ctx, len(names), func(i int) { reads[i] = transformer(ctx, api, names[i]) })
	for i, name := range names {
		if region.Transformers == nil {
			region.Transformers = map[string]*account.Read[*account.Transformer]{}
		}
		region.Transformers[name] = reads[i]
	}
}

// transformer looks for the transformer of a log group: its own, or one that the
// account gives to its log groups. Which groups a policy of the account selects
// is not looked at, so that too much counts as transformed rather than too
// little.
func transformer(ctx context.Context, api LogsAPI, group string) *account.Read[*account.Transformer] {
	found := &account.Read[*account.Transformer]{Value: &account.Transformer{LogGroup: group}}
	out, err := api.GetTransformer(ctx, &cloudwatchlogs.GetTransformerInput{LogGroupIdentifier: aws.String(group)})
	switch {
	case err == nil && len(out.TransformerConfig) > 0:
		return found
	case err != nil && !NotFound(err):
		return answer[*account.Transformer]("logs:GetTransformer", nil, err)
	}
	policies, err := api.DescribeAccountPolicies(ctx, &cloudwatchlogs.DescribeAccountPoliciesInput{PolicyType: types.PolicyTypeTransformerPolicy})
	if err != nil && !NotFound(err) {
		return answer[*account.Transformer]("logs:DescribeAccountPolicies", nil, err)
	}
	if err == nil && cmp.Or(len(policies.AccountPolicies), len(aws.ToString(policies.NextToken))) > 0 {
		return found
	}
	return &account.Read[*account.Transformer]{}
}
