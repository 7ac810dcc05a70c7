//go:build bare

// Command bare links the same SDK clients as monitorctl and does nothing: what size and
// start-up of monitorctl are compared with.
package main

import (
	"context"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	if len(os.Args) < 2 {
		return
	}
	// Reached by the linker, and by nobody else: one call of each client.
	ctx := context.Background()
	c, _ := config.LoadDefaultConfig(ctx)
	_, _ = account.NewFromConfig(c).ListRegions(ctx, nil)
	_, _ = athena.NewFromConfig(c).GetQueryExecution(ctx, nil)
	_, _ = cloudtrail.NewFromConfig(c).DescribeTrails(ctx, nil)
	_, _ = cloudwatch.NewFromConfig(c).DescribeAlarms(ctx, nil)
	_, _ = cloudwatchlogs.NewFromConfig(c).DescribeMetricFilters(ctx, nil)
	_, _ = eventbridge.NewFromConfig(c).ListRules(ctx, nil)
	_, _ = kms.NewFromConfig(c).DescribeKey(ctx, nil)
	_, _ = organizations.NewFromConfig(c).DescribeOrganization(ctx, nil)
	_, _ = s3.NewFromConfig(c).GetObject(ctx, nil)
	_, _ = sns.NewFromConfig(c).GetTopicAttributes(ctx, nil)
	_, _ = sts.NewFromConfig(c).GetCallerIdentity(ctx, nil)
	credential, _ := azidentity.NewDefaultAzureCredential(nil)
	_ = runtime.NewBearerTokenPolicy(credential, nil, nil)
}
