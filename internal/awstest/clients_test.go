package awstest_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// start is when the virtual clock of the tests begins.
var start = time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)

const (
	home   = "eu-central-1"
	acctID = "111122223333"
)

// A lab is a cloud with one account, served over HTTP.
type lab struct {
	t     *testing.T
	cloud *awstest.Cloud
	acct  *awstest.Account
	home  *awstest.Region
	url   string
}

func newLab(t *testing.T, opts awstest.Options) *lab {
	t.Helper()
	if opts.Start.IsZero() {
		opts.Start = start
	}
	cloud := awstest.New(opts)
	url, stop, err := cloud.Server()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	acct := cloud.Account(acctID, awstest.AccountOptions{Alias: "acme", Regions: []string{"eu-central-1", "eu-west-1", "us-east-1"}})
	return &lab{t, cloud, acct, acct.Region(home), url}
}

// config is an SDK configuration for an account, without retries: but for a
// connection that was closed on this side, which is no answer of the account.
func (l *lab) config(a *awstest.Account, region string) aws.Config {
	id, secret := a.Credentials()
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(l.url), Retryer: closedHere,
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
	}
}

func closedHere() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			return aws.BoolTernary(errors.Is(err, net.ErrClosed))
		})}
	})
}

func (l *lab) logs() *cloudwatchlogs.Client {
	return cloudwatchlogs.NewFromConfig(l.config(l.acct, home))
}
func (l *lab) trails(region string) *cloudtrail.Client {
	return cloudtrail.NewFromConfig(l.config(l.acct, region))
}
func (l *lab) sns() *sns.Client { return sns.NewFromConfig(l.config(l.acct, home)) }
func (l *lab) kms() *kms.Client { return kms.NewFromConfig(l.config(l.acct, home)) }
func (l *lab) cloudwatch() *cloudwatch.Client {
	return cloudwatch.NewFromConfig(l.config(l.acct, home))
}

var ctx = context.Background()

// must fails the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get fails the test on an error and returns the value.
func get[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// wantCode fails the test unless err is an API error with that code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got error %v, want the API error %s", err, code)
	}
	if api.ErrorCode() != code {
		t.Fatalf("got error code %s (%s), want %s", api.ErrorCode(), api.ErrorMessage(), code)
	}
}
